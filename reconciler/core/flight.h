/*
 * flight.h - commands under way: issued, answered, expired, and tried again later.
 * Internal to core/.
 *
 * A key has at most one command in flight.  It ends when its effect is seen, when it is
 * refused, when its host is gone, or when it expires; after the last three the key
 * backs off.
 */
#ifndef RECONCILER_CORE_FLIGHT_H
#define RECONCILER_CORE_FLIGHT_H

#include "reconciler/core/retry.h"
#include "reconciler/core/state.h"

/*
 * May a command for item go out now, to host unless it is NULL?  If not, item waits for
 * room and *ret_verdict says so.
 */
bool flight_has_room(struct engine *engine, struct item *item, struct host_item *host,
                     struct verdict *ret_verdict);

/*
 * Put a command of kind for item into the update and into flight.  Application, reason
 * and content are the caller's to fill in, at once: the command moves when the next one
 * is issued.  placement is that of a workload, or NULL.
 */
struct command *flight_issue(struct engine *engine, struct item *item,
                             struct placement *placement, struct flight *flight,
                             enum command_kind kind);

/* Give flight ms from now, instead of what is usual for its kind. */
void flight_limit(struct engine *engine, struct item *item, struct flight *flight,
                  int64_t ms);

/* The host of flight has said that it obeys: until that is done it counts for that host
 * alone. */
void flight_accepted_there(struct engine *engine, struct flight *flight);

/* flight is over, whatever became of it; harmless when there is none. */
void flight_end(struct engine *engine, struct flight *flight);

/* Is its time up?  item is planned again when it will be. */
bool flight_has_expired(struct engine *engine, struct item *item,
                        const struct flight *flight);

/* For how long it has been under way. */
int64_t flight_ms(const struct engine *engine, const struct flight *flight);

/* That its time passed without effect, in the engine's scratch: why to try again. */
const char *flight_in_vain(struct engine *engine, const struct flight *flight);

/* Whose command that is; NULL when it is not in flight any more. */
const struct flight_owner *flight_owner(const struct engine *engine, uint64_t command);

#endif
