/*
 * window.h - the time in which a component or provider starts: its links are rewritten
 * then, and what is published to it may be lost.  Internal to core/.
 *
 * It begins with the start command, and ends when the provider has passed its first
 * health check, or some time after it was first seen.
 */
#ifndef RECONCILER_CORE_WINDOW_H
#define RECONCILER_CORE_WINDOW_H

#include "reconciler/core/state.h"

/*
 * A mutation of the links of source may be lost to workload (NULL: nobody), which starts,
 * or lose its update to ours.  Then source waits, and *ret_verdict says so.
 */
bool window_must_wait(struct engine *engine, struct source_item *source,
                      struct workload_item *workload, struct verdict *ret_verdict);

/*
 * A link that is in place is given to a provider that starts.  One that may start at any
 * moment, for its start was not answered, is waited for likewise before it is deleted and
 * put again, or it would miss it once more.
 */
bool window_must_let_appear(struct engine *engine, struct source_item *source,
                            struct workload_item *workload, struct verdict *ret_verdict);

/* What is published to a provider of link now may be lost, by all we know. */
bool window_is_open_to(const struct engine *engine, const struct link_item *link);
/* The same of what has been published a while ago, by the ledger alone: no host may have
 * told yet. */
bool window_was_open_to(const struct engine *engine, const struct link_item *link);

#endif
