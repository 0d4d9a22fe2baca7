/*
 * lease.h - the right to write to a lattice, which one process has at a time.
 *
 * An entry in a bucket of our own, TRELLIS_{lattice}, key writer: taken by
 * compare-and-set, renewed every five seconds, gone by itself fifteen after its holder
 * died.  Advisory: the lattice's control interface cannot be fenced.  Never blocks.
 */
#ifndef RECONCILER_RUN_LEASE_H
#define RECONCILER_RUN_LEASE_H

#include "reconciler/core/event.h"
#include "reconciler/run/bus.h"

struct lease;

enum lease_state {
    LEASE_TRYING,    /* not known yet, or not any more: send nothing */
    LEASE_HELD,      /* ours */
    LEASE_TAKEN,     /* another's; tried again until that is gone */
    LEASE_UNGUARDED, /* cannot be had at all: go on, with a warning */
};

/*
 * The lease of lattice for the store with identity.  Mail bears tags of owner.  Starts
 * with the first call of lease_take or lease_at_deadline.
 *
 * An entry of the same identity is taken over at once when the process that wrote it is
 * dead, for it is of this store's last one.  One of another machine is waited for until
 * it expires; one that is renewed, or comes while we hold the lease, is of a copy of the
 * store, and is left alone.
 */
struct lease *lease_new(struct bus *bus, const char *lattice, const char *identity,
                        uint32_t owner);

/* Before it starts: take over no entry, not even of the same identity, but wait until it
 * has expired. */
void lease_stand_by(struct lease *lease);

/* Give the lease back, if it is ours, so that the next need not wait.  Sent, not
 * confirmed; bus_close sees it off. */
void lease_release(struct lease *lease);
void lease_free(struct lease *lease);

enum lease_state lease_state(const struct lease *lease);

/* LEASE_TAKEN: "process 123 on host x, since 2026-..."; LEASE_UNGUARDED and
 * LEASE_TRYING: why.  Until the next call. */
const char *lease_text(const struct lease *lease);

/* Is mail for this lease?  MAIL_CONNECTED and MAIL_DISCONNECTED are for all. */
bool lease_owns(const struct lease *lease, const struct mail *mail);

/* Take in mail that lease_owns; afterwards lease_state may be another. */
void lease_take(struct lease *lease, const struct mail *mail, struct instant now);

/* Call when the deadline has come, after all mail was taken. */
void lease_at_deadline(struct lease *lease, struct instant now);
struct instant lease_deadline(const struct lease *lease);

#endif
