/*
 * answer.h - what came back for a command.  Internal to core/.
 *
 * Accepted is not done: a command ends when its effect is seen.  A refusal ends it at
 * once, but does not say how things are: a provider that runs already refuses to start.
 */
#ifndef RECONCILER_CORE_ANSWER_H
#define RECONCILER_CORE_ANSWER_H

#include "reconciler/core/state.h"

/* An answer to a command that is not in flight any more says nothing. */
void answer_take(struct engine *engine, const struct event *event);

#endif
