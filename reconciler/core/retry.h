/*
 * retry.h - when a key is tried again.  Internal to core/.
 *
 * A command without effect makes its key back off, longer with each failure in a row;
 * so does what others undo again and again, which then is contested.
 */
#ifndef RECONCILER_CORE_RETRY_H
#define RECONCILER_CORE_RETRY_H

#include "reconciler/core/state.h"

/* What has gone wrong so far. */
const struct trouble *retry_look(const struct retry *retry);

/* One more command without effect, for the reason in text: back off. */
void retry_fail(struct engine *engine, struct retry *retry, const char *text);

/*
 * The host says in text that things are as the command would make them: no failure, for
 * its inventory decides, but as long as that says otherwise, back off all the same.
 */
void retry_moot(struct engine *engine, struct retry *retry, const char *text);

/* When what is tried at the cap only, is tried again. */
struct instant retry_seldom(struct engine *engine);

/* Not again for ms, without a failure. */
void retry_after(struct engine *engine, struct retry *retry, int64_t ms);

/*
 * What we had put, and had seen, is not so any more, and not by us.  When that happens
 * too often in too short a time, the key is contested and backs off.
 */
void retry_undone(struct engine *engine, struct retry *retry);

/* It is as desired: no failure counts any more, but that it was undone does. */
void retry_clear(struct engine *engine, struct retry *retry);

/* It begins anew: another content is wanted, or retry is about to be freed. */
void retry_reset(struct engine *engine, struct retry *retry);

/* Not yet: item is planned again when it may be tried. */
bool retry_must_wait(struct engine *engine, struct item *item, const struct retry *retry);

/* Others undo it again and again; NULL when they do not. */
const struct contest *retry_contest(const struct engine *engine,
                                    const struct retry *retry);

/* Will what a host says in text not heal until somebody does something about it? */
bool refusal_is_final(const char *text);

#endif
