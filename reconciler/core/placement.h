/*
 * placement.h - one workload on one host: whose it is, and what became of its command.
 * Internal to core/.
 */
#ifndef RECONCILER_CORE_PLACEMENT_H
#define RECONCILER_CORE_PLACEMENT_H

#include "reconciler/core/state.h"

/* The host answers, or did until a moment ago. */
bool host_is_present(const struct host_item *host);

/*
 * Do two references name one image?  Hosts since 1.5 give a provider's back without its
 * scheme; a component's is kept to the letter.
 */
bool image_is_same(enum workload_kind kind, const char *a, const char *b);

/* What runs there is ours: by the ledger, or because it runs for row's application. */
bool placement_is_ours(const struct placement *placement,
                       const struct workload_item *workload);

/*
 * The instances there, or about to be: what was asked for while that is under way,
 * failing, or may come about late, else what is observed; 0 when it is not ours.
 */
uint32_t placement_instances(const struct engine *engine,
                             const struct placement *placement,
                             const struct workload_item *workload);

/* How many of them are on their way and cannot be called back. */
uint32_t placement_coming(const struct placement *placement);

/* Does it matter to somebody who asks how workload is? */
bool placement_counts(const struct placement *placement,
                      const struct workload_item *workload);

/* A start there is under way: the host will rewrite the links of its id. */
bool placement_is_starting(const struct placement *placement);

/* The last command for it was to stop it. */
bool placement_is_stopping(const struct placement *placement);

/* A start there that nobody waits for may come about at any moment. */
bool placement_may_appear(const struct engine *engine, const struct placement *placement);

/* Until when what was to be started there may come about, though nobody waits for it. */
struct instant placement_unsure_until(const struct placement *placement);

/* Does the ledger say that it runs as it was started last, for application?  Not so where
 * we died between the start and the sight of it. */
bool placement_is_confirmed(const struct placement *placement, const char *application);

/* What the ledger has of it, to be changed and put: the key is filled in then. */
struct ledger_row placement_row(const struct placement *placement);

/* Note in the ledger that image is (to be) started there with configs. */
void placement_put_ledger(struct engine *engine, struct workload_item *workload,
                          struct placement *placement, const struct ledger_row *row);
/* The same once it was seen running there, as the ledger says it was started. */
void placement_confirm(struct engine *engine, struct workload_item *workload,
                       struct placement *placement, const char *application);
/* Another image may serve there, though what was started is all that its host tells of;
 * or not any more. */
void placement_doubt(struct engine *engine, struct workload_item *workload,
                     struct placement *placement, bool is_doubtful);
void placement_drop_ledger(struct engine *engine, const struct workload_item *workload,
                           struct placement *placement);

/* Count the configs of what was started on host as used, or (-1) no longer. */
void placement_use(struct engine *engine, const struct host_item *host, int change);

/*
 * The command in flight at placement has failed, in the host's own words: back off, or
 * halt the rollout.  That something runs already, or runs no more, is no failure:
 * what its host says it runs decides.
 */
void placement_fail(struct engine *engine, struct workload_item *workload,
                    struct placement *placement, const char *text);

/* The built-in provider that was to be started at placement is switched off in its host:
 * it may as well run elsewhere, and is tried there again as seldom as anything is. */
void placement_switched_off(struct engine *engine, struct placement *placement,
                            const char *text);

/* The host of the command in flight at placement is gone; but for one that has stopped it
 * may come back, and what was to be started there come about. */
void placement_lose(struct engine *engine, struct placement *placement, bool is_stopped);

/* End the command of placement if its effect is seen, or its time is up. */
void placement_settle(struct engine *engine, struct workload_item *workload,
                      struct placement *placement);

#endif
