/*
 * driver.h - the engine's hands: stores what must be stored, then sends what may be
 * sent.
 *
 * The same driver runs the daemon, a direct apply, and every simulation.
 */
#ifndef RECONCILER_RUN_DRIVER_H
#define RECONCILER_RUN_DRIVER_H

#include "linkstore/store.h"
#include "reconciler/core/engine.h"
#include "reconciler/run/event_list.h"
#include "reconciler/run/lattice.h"

struct driver {
    struct engine *engine; /* borrowed */
    struct store *store;   /* borrowed; NULL: the ledger is not kept */
    struct lattice lattice;
    int64_t unix_ms; /* wall clock at instant 0, which stamps the ledger */
    /* What is known of the lattice is in the store, too: driver_load reads it, and each
     * step keeps what is new.  Set before the first. */
    bool is_remembering;

    /* Told of every command as it is sent, questions too; may be NULL. */
    void (*on_command)(void *context, const struct command *command);
    /* Told of every step: what the engine was told, and what it wants; may be NULL. */
    void (*on_update)(void *context, const struct event *events, size_t count,
                      const struct engine_update *update);
    /* Told how long it took to store the ledger's changes; may be NULL. */
    void (*on_stored)(void *context, int64_t span_us);
    /* Told what others lost to a command of ours; may be NULL. */
    void (*on_loss)(void *context, const struct loss *loss);
    /* Told what went wrong, once each time; may be NULL. */
    void (*on_error)(void *context, const struct err *err);
    void *context;

    struct instant deadline;    /* step again no later than this */
    size_t commands_count;      /* sent so far, without questions */
    bool is_store_failing;      /* reported already */
    struct instant remember_at; /* memory is kept again, though nothing is new */
    uint32_t memory_revision;   /* that was kept last */
    struct event_list carried;  /* for the next step: what could not be done in this */
};

/*
 * Feed count events to the engine and do all that follows, in the order the engine asks
 * for.  Nothing is sent while the ledger cannot be stored.
 */
void driver_step(struct driver *driver, struct instant now, const struct event *events,
                 size_t count);

/*
 * Tell the engine what the store knows: of the lattice, the ledger, then every deployed
 * application. Once, before the first step.
 */
enum err_code driver_load(struct driver *driver, struct instant now, struct err *err)
    __attribute__((warn_unused_result));

/* Tell the engine what applications want now, by the store, and those that use what they
 * run: what these want may be another thing, too. */
enum err_code driver_reload(struct driver *driver, struct instant now,
                            const char *const *applications, size_t count,
                            struct err *err) __attribute__((warn_unused_result));

/* The same for applications that are not in the store any more because their file went:
 * nobody asked for that, so what foreign links name of them stays. */
enum err_code driver_prune(struct driver *driver, struct instant now,
                           const char *const *applications, size_t count, struct err *err)
    __attribute__((warn_unused_result));

/* Keep what is known of the lattice now, as a process does that ends. */
void driver_remember(struct driver *driver, struct instant now);

/* Free what driver holds of its own. */
void driver_clear(struct driver *driver);

#endif
