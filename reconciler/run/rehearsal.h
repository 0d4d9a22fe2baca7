/*
 * rehearsal.h - the real engine against a simulated lattice, in virtual time.
 *
 * Every command goes through the bytes of the wire and comes back through them.  The
 * plan verb rehearses on a copy of the lattice as it is; the scenarios and the seeded
 * simulation of the tests rehearse on lattices that fail.
 */
#ifndef RECONCILER_RUN_REHEARSAL_H
#define RECONCILER_RUN_REHEARSAL_H

#include "reconciler/run/driver.h"
#include "reconciler/sim/lattice.h"

struct rehearsal;

struct rehearsal_options {
    struct engine *engine;       /* borrowed */
    struct store *store;         /* borrowed; NULL: the ledger is not kept */
    struct sim_lattice *lattice; /* borrowed */
    const char *name;            /* of the lattice */
    struct instant now;

    int64_t unix_ms; /* the wall clock at instant 0 */

    /* Told of every command as it is sent, questions too; may be NULL. */
    void (*on_command)(void *context, const struct command *command);
    /* As in driver.h; may be NULL. */
    void (*on_update)(void *context, const struct event *events, size_t count,
                      const struct engine_update *update);
    /* Told of every command that is stored and about to be sent; may be NULL. */
    void (*before_command)(void *context, const struct command *command);
    void *context;
};

struct rehearsal *rehearsal_new(const struct rehearsal_options *options);
void rehearsal_free(struct rehearsal *rehearsal);

/* The driver inside, to declare, retract and load with. */
struct driver *rehearsal_driver(struct rehearsal *rehearsal);
struct instant rehearsal_now(const struct rehearsal *rehearsal);

/* The process of the engine ends where it is, even amid the commands of one step: from
 * now on time passes for the lattice alone. */
void rehearsal_kill(struct rehearsal *rehearsal);

/* From the next connection on the engine may not follow the buckets, or may again. */
void rehearsal_deny(struct rehearsal *rehearsal, bool is_denied);

/* Let everything happen that happens in the next ms milliseconds. */
void rehearsal_run(struct rehearsal *rehearsal, int64_t ms);

/*
 * Run until the engine has converged, for ms at the most; whether it has.  At least
 * quiet_ms go by after that, to see that it stays so.
 */
bool rehearsal_converge(struct rehearsal *rehearsal, int64_t ms, int64_t quiet_ms);

/* Messages that could not be decoded so far: none, unless the lattice is broken. */
size_t rehearsal_errors_count(const struct rehearsal *rehearsal);

#endif
