/*
 * subject.h - NATS subjects: tokens with dots in between.
 *
 * A token of ours never holds a dot, a wildcard or a blank, so that nobody's name can
 * reach a subject it was not meant for.
 *
 * Source: wasmCloud ctl v1, reference lattice-protocol-v1 1.1; wadm-behaviour 1.1.
 */
#ifndef RECONCILER_WIRE_SUBJECT_H
#define RECONCILER_WIRE_SUBJECT_H

#include <stdbool.h>

#include "manifest/arena.h"
#include "manifest/model.h"

/* The roots we use; after each comes the lattice. */
#define SUBJECT_CONTROL     "wasmbus.ctl.v1" /* requests to hosts */
#define SUBJECT_EVENTS      "wasmbus.evt"    /* what hosts publish */
#define SUBJECT_WADM        "wadm.api"       /* wadm's API */
#define SUBJECT_WADM_STATUS "wadm.status"    /* wadm's status events */
#define SUBJECT_TRELLIS     "trellis.api"    /* our own API */
#define SUBJECT_EVENT       "trellis.event"  /* what we decide, and what changes */

/*
 * Can text be one token?  At most NAME_BYTES_MAX bytes, none of them '.', '*', '>', a
 * blank or a control character; not empty.
 */
bool subject_is_token(const char *text);

/* Can subject be sent to, or listened to?  nats.c writes it into the protocol as it is: a
 * blank or a line end in it would be read as something else.  Not empty. */
bool subject_is_sendable(const char *subject);

/*
 * Can text name a lattice?  It is a token, and the end of a bucket's name too: letters,
 * digits, '_' and '-'.
 */
bool subject_is_lattice(const char *text);

/*
 * The subject "root.lattice.verb.token", in arena; verb may be NULL, and is ours: it may
 * hold dots.  token may be NULL, and must be one (see subject_is_token).  Cannot fail.
 */
const char *subject_build(struct arena *arena, const char *root, const char *lattice,
                          const char *verb, const char *token)
    __attribute__((returns_nonnull));

/* All subjects below root for lattice: "root.lattice.>", in arena. */
const char *subject_below(struct arena *arena, const char *root, const char *lattice)
    __attribute__((returns_nonnull));

/* The tokens of subject, in arena; false, and nothing returned, when one is none. */
bool subject_split(const char *subject, struct arena *arena, struct names *ret_tokens);

#endif
