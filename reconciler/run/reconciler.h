/*
 * reconciler.h - one reconciler at work: store, engine and lattice joined by a loop.
 *
 * The daemon, a direct apply or delete, and whoever only looks on, differ in how long
 * they turn it.  It sends nothing before it holds the lattice's lease (an observer
 * or a claimant needs none, for it sends only questions).
 */
#ifndef RECONCILER_RUN_RECONCILER_H
#define RECONCILER_RUN_RECONCILER_H

#include "linkstore/store.h"
#include "reconciler/core/engine.h"
#include "reconciler/run/bus.h"
#include "reconciler/run/driver.h"
#include "reconciler/run/loop.h"
#include "reconciler/run/metrics.h"
#include "reconciler/run/options.h"

struct news;
struct reconciler;

enum reconciler_role {
    RECONCILER_DAEMON,   /* waits for NATS and for the lattice, for ever */
    RECONCILER_ONE_SHOT, /* wants NATS at once */
    RECONCILER_OBSERVER, /* the same, and sends no command; nothing is kept */
    RECONCILER_CLAIMANT, /* the same, and keeps what it finds to be as it is wanted */
};

/*
 * Open the store, connect, and load what is wanted.  ERR_UNREACHABLE no NATS;
 * ERR_CONFLICT the store is in use, or belongs to another lattice; otherwise as
 * store.h and bus.h.
 */
enum err_code reconciler_open(const struct options *options, enum reconciler_role role,
                              struct reconciler **ret_reconciler, struct err *err)
    __attribute__((warn_unused_result));

/* The same in a loop of somebody else's, who waits: after each wait, and when
 * reconciler_deadline has come, reconciler_work deals with what there is. */
enum err_code reconciler_join(struct loop *loop, const struct options *options,
                              enum reconciler_role role,
                              struct reconciler **ret_reconciler, struct err *err)
    __attribute__((warn_unused_result));
struct instant reconciler_deadline(const struct reconciler *reconciler);
/* ERR_CONFLICT as reconciler_turn. */
enum err_code reconciler_work(struct reconciler *reconciler, struct err *err)
    __attribute__((warn_unused_result));

/* Start nothing more; the commands in flight are still followed. */
void reconciler_retire(struct reconciler *reconciler);

/* Give the lease back and close all. */
void reconciler_close(struct reconciler *reconciler);

/* What has been counted of its work so far. */
const struct metrics *reconciler_metrics(const struct reconciler *reconciler);

/* May this process write to the lattice? */
bool reconciler_is_writer(const struct reconciler *reconciler);

/* Why nothing keeps a second writer away; NULL: something does, or it is not known. */
const char *reconciler_unguarded(const struct reconciler *reconciler);

struct store *reconciler_store(struct reconciler *reconciler);
const struct engine *reconciler_engine(const struct reconciler *reconciler);
struct driver *reconciler_driver(struct reconciler *reconciler);
struct bus *reconciler_bus(struct reconciler *reconciler);
/* NULL: it is no daemon. */
struct news *reconciler_news(struct reconciler *reconciler);
struct loop *reconciler_loop(struct reconciler *reconciler);

/* All mail but requests is handed to on_mail, after the lattice and the lease have taken
 * theirs; but no message before this process may write to the lattice.  Where there is
 * much of it on_pause is called every few milliseconds, too, unless it is NULL: it may do
 * all that on_mail may. */
void reconciler_serve(struct reconciler *reconciler,
                      void (*on_mail)(void *context, const struct mail *mail,
                                      struct instant now),
                      void (*on_pause)(void *context), void *context);

/*
 * Wait for what comes first, until deadline at the latest, and deal with it.
 * ERR_CONFLICT when another writer has the lattice, with who it is; and, but for a
 * daemon, when this is another lattice than the store's.
 */
enum err_code reconciler_turn(struct reconciler *reconciler, struct instant deadline,
                              struct err *err) __attribute__((warn_unused_result));

/*
 * Turn until is_done says so, which is asked after every turn.  ERR_TIMEOUT after
 * timeout_ms, or at a signal, with how the lattice is seen.
 */
enum err_code reconciler_until(struct reconciler *reconciler, int64_t timeout_ms,
                               bool (*is_done)(void *context,
                                               struct reconciler *reconciler),
                               void *context, struct err *err)
    __attribute__((warn_unused_result));

/* Turn until this process may write to the lattice; ERR_CONFLICT when another does. */
enum err_code reconciler_admit(struct reconciler *reconciler, int64_t timeout_ms,
                               struct err *err) __attribute__((warn_unused_result));

/* Turn until the engine has seen the lattice, or knows that it has no hosts. */
enum err_code reconciler_see(struct reconciler *reconciler, int64_t timeout_ms,
                             struct err *err) __attribute__((warn_unused_result));

/* Ask for all of the lattice anew. */
void reconciler_survey(struct reconciler *reconciler);

/* Tell it that applications went with their files. */
enum err_code reconciler_prune(struct reconciler *reconciler,
                               const char *const *applications, size_t count,
                               struct err *err) __attribute__((warn_unused_result));

/*
 * Send nothing from now on, whatever differs, and say why in every status; or, why being
 * "", go on.
 */
void reconciler_suspend(struct reconciler *reconciler, const char *why);
/* Why nothing is sent; "" when that is not so. */
const char *reconciler_suspension(const struct reconciler *reconciler);

/* Tell the engine what applications want now, by the store. */
enum err_code reconciler_reload(struct reconciler *reconciler,
                                const char *const *applications, size_t count,
                                struct err *err) __attribute__((warn_unused_result));

#endif
