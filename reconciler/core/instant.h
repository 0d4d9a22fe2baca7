/*
 * instant.h - a moment on the monotonic clock; only differences of two mean anything.
 */
#ifndef RECONCILER_CORE_INSTANT_H
#define RECONCILER_CORE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

struct instant {
    int64_t ms;
};

/* Later than any moment: the deadline of what waits for nothing. */
#define INSTANT_NEVER ((struct instant){INT64_MAX})

/* NEVER when it would be later than that. */
static inline struct instant instant_after(struct instant instant, int64_t span_ms)
{
    int64_t ms;

    return __builtin_add_overflow(instant.ms, span_ms, &ms) ? INSTANT_NEVER
                                                            : (struct instant){ms};
}

static inline bool instant_is_before(struct instant a, struct instant b)
{
    return a.ms < b.ms;
}

static inline bool instant_is_due(struct instant deadline, struct instant now)
{
    return deadline.ms <= now.ms;
}

static inline struct instant instant_min(struct instant a, struct instant b)
{
    return a.ms < b.ms ? a : b;
}

static inline struct instant instant_max(struct instant a, struct instant b)
{
    return a.ms > b.ms ? a : b;
}

/* From now to deadline; 0 once it is past. */
static inline int64_t instant_left(struct instant now, struct instant deadline)
{
    return deadline.ms > now.ms ? deadline.ms - now.ms : 0;
}

#endif
