/*
 * rival.h - is there a wadm that keeps the same lattice, or another trellis that no lease
 * keeps away?
 *
 * Two that keep one lattice undo each other.  Before anything is sent wadm's API is asked
 * for its list: whoever answers is a rival, and a trellis says that it is one.  One that
 * comes later shows by what wadms tell each other, on wadm.cmd.{lattice} and
 * wadm.notify.{lattice}.  It is asked for again until nobody listens any more.
 *
 * While we serve that API ourselves we would answer our own question; so it is asked only
 * after rival_state has been RIVAL_ASKED or RIVAL_THERE, when the API must not be served.
 */
#ifndef RECONCILER_RUN_RIVAL_H
#define RECONCILER_RUN_RIVAL_H

#include "reconciler/core/event.h"
#include "reconciler/run/bus.h"

struct rival;

enum rival_state {
    RIVAL_ASKED, /* not known yet: serve nothing, send nothing */
    RIVAL_NONE,
    RIVAL_THERE,
};

/* prefix is that of wadm's API; lattice and it are borrowed.  Mail bears tags of
 * OWNER_RIVAL. */
struct rival *rival_new(struct bus *bus, const char *prefix, const char *lattice);
void rival_free(struct rival *rival);

enum rival_state rival_state(const struct rival *rival);

/* Why nothing may be sent, one sentence; "" when nothing is in the way. */
const char *rival_text(const struct rival *rival);

/* Take in mail, of which there is some for all; afterwards rival_state may be another. */
void rival_take(struct rival *rival, const struct mail *mail, struct instant now);

/* Call when the deadline has come, and this process may write to the lattice: before that
 * another of our own may answer. */
void rival_at_deadline(struct rival *rival, struct instant now);
struct instant rival_deadline(const struct rival *rival);

#endif
