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

/*
 * When the monotonic clock was at 0, in milliseconds since 1970: a moment is told as so
 * many after that.  It is the same each time, so that the moment is, too, until the clock
 * on the wall is set or has drifted.
 */
int64_t clock_epoch_ms(void);

#endif
