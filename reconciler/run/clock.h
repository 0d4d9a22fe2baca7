/*
 * clock.h - the two clocks: one that only differences of mean anything, one on the wall.
 *
 * The only place that reads them.  All else is told the time.
 */
#ifndef RECONCILER_RUN_CLOCK_H
#define RECONCILER_RUN_CLOCK_H

#include <stdint.h>

#include "reconciler/core/instant.h"

/* Before any moment: the monotonic clock counts up from the start of the machine. */
#define CLOCK_LONG_AGO ((struct instant){0})

/* Now, on the monotonic clock. */
struct instant clock_now(void);

/* The same in microseconds, to measure how long something took. */
int64_t clock_us(void);

/* Now, in milliseconds since 1970, UTC. */
int64_t clock_unix_ms(void);

#endif
