/*
 * asking.h - life without the right to follow the buckets: hosts are asked instead, for
 * all links by link.get and for each config that we want or own by config.get.  Internal
 * to core/.
 *
 * What a host answers of a config comes from the bucket, and is the truth.  What it says
 * of links comes from its memory, and the next answer from another's: that a link is
 * there is believed at once, that it is gone or another when three answers over 10 s
 * agree.  No answer, or one too large to be delivered, is blindness.
 */
#ifndef RECONCILER_CORE_ASKING_H
#define RECONCILER_CORE_ASKING_H

#include "reconciler/core/state.h"

/* Is bucket learnt of by asking? */
bool asking_is_on(const struct engine *engine, enum bucket bucket);

/* From now on bucket is; or we are connected again, and what was known is old. */
void asking_start(struct engine *engine, enum bucket bucket);
/* All of bucket is about to be told: no late answer is taken for newer than that. */
void asking_stop(struct engine *engine, enum bucket bucket);

/* The links that one host has in memory. */
void asking_heard(struct engine *engine, const struct event *event);
/* No host told what it has. */
void asking_silence(struct engine *engine);
/* Between two questions for links. */
int64_t asking_step_ms(const struct engine *engine);
/* Until a change of links must have been told, or was without effect. */
int64_t asking_expiry_ms(const struct engine *engine);

/* Ask for all configs again, if it is time to. */
void asking_plan(struct engine *engine);

/* Ask for config, if it must be; false while it is not known what it is. */
bool asking_knows(struct engine *engine, struct config_item *config);
/* Are configs learnt of by asking, and is each one that a link of source names known?
 * Hosts take longer to agree on the links than a provider to start, and what that is
 * given would not be known later.  source is planned again when one of them is told. */
bool asking_has_told(struct engine *engine, struct source_item *source);
/* A provider of workload is seen to run: look what it may have been given. */
void asking_look_at_start(struct engine *engine, const struct workload_item *workload);
void asking_answered(struct engine *engine, struct config_item *config,
                     const struct event *event);
/* What was told of config is from before the last put of it could come about no more: ask
 * once again.  False when that is so no more, or config is not learnt of by asking. */
bool asking_must_renew(struct engine *engine, struct config_item *config);
/* A command of ours for config was accepted: look what became of it. */
void asking_look(struct engine *engine, struct config_item *config);

#endif
