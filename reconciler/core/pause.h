/*
 * pause.h - applications on whose behalf nothing is sent.  Internal to core/.
 *
 * What is in flight is followed to its end, and what is seen is noted; what differs stays
 * as it is until the application goes on.
 */
#ifndef RECONCILER_CORE_PAUSE_H
#define RECONCILER_CORE_PAUSE_H

#include "reconciler/core/state.h"

/* From now on nothing is sent for application, or all that there is to send. */
void pause_set(struct engine *engine, const char *application, bool is_paused);

/* The same for all of them, whether they are paused or not: why, in one sentence; "":
 * they go on, but for those that are paused. */
void pause_suspend(struct engine *engine, const char *why);

/*
 * Which paused application wants a row with claims, or did when nobody does and ledger is
 * what is left of it; NULL when none.  One of those who share it is enough.
 */
const char *pause_of(const struct engine *engine, const struct claim *claims,
                     const struct record *ledger);

/* The same as a question, or is all suspended?  Then item waits until that changes, and
 * *ret_verdict says so.
 */
bool pause_must_wait(struct engine *engine, struct item *item, const struct claim *claims,
                     const struct record *ledger, struct verdict *ret_verdict);

/* Forget all that are paused. */
void pause_free(struct engine *engine);

#endif
