/*
 * kept_events.h - the newest events of a run of a daemon, as texts, for who reads late.
 *
 * Events have the numbers 1, 2, 3 and so on; the oldest go when there are more than
 * EVENTS_KEPT_MAX, or more bytes of them than EVENTS_KEPT_BYTES_MAX.
 */
#ifndef RECONCILER_RUN_KEPT_EVENTS_H
#define RECONCILER_RUN_KEPT_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "manifest/model.h"

struct kept_events;

struct kept_events *kept_events_new(void);
void kept_events_free(struct kept_events *kept); /* NULL is fine */

/* Keep a copy of the next event. */
void kept_events_add(struct kept_events *kept, const char *bytes, size_t length);

/* The number of the newest; 0 none. */
uint64_t kept_events_newest(const struct kept_events *kept);
/* That of the oldest which is kept; one more than the newest: none is. */
uint64_t kept_events_oldest(const struct kept_events *kept);

/* Those after number since, oldest first, limit at the most, in arena. */
struct names kept_events_after(const struct kept_events *kept, uint64_t since,
                               uint64_t limit, struct arena *arena);

#endif
