#include "reconciler/run/clock.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define MS_PER_SECOND 1000
#define US_PER_SECOND 1000000
#define NS_PER_MS     1000000
#define NS_PER_US     1000

/* The clocks are read one after the other, and a busy machine may pause in between. */
#define EPOCH_DRIFT_MS_MAX 100

static struct timespec read_clock(clockid_t clock)
{
    struct timespec time;
    const int rc = clock_gettime(clock, &time);

    assert(rc == 0);
    (void)rc;
    return time;
}

static int64_t read_ms(clockid_t clock)
{
    const struct timespec time = read_clock(clock);

    return (int64_t)time.tv_sec * MS_PER_SECOND + time.tv_nsec / NS_PER_MS;
}

int64_t clock_us(void)
{
    const struct timespec time = read_clock(CLOCK_MONOTONIC);

    return (int64_t)time.tv_sec * US_PER_SECOND + time.tv_nsec / NS_PER_US;
}

struct instant clock_now(void)
{
    return (struct instant){read_ms(CLOCK_MONOTONIC)};
}

int64_t clock_unix_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t clock_epoch_ms(void)
{
    static atomic_int_least64_t epoch_ms;
    const int64_t kept_ms = atomic_load(&epoch_ms);
    const int64_t now_ms = clock_unix_ms() - clock_now().ms;

    if (llabs(now_ms - kept_ms) <= EPOCH_DRIFT_MS_MAX) {
        return kept_ms;
    }
    atomic_store(&epoch_ms, now_ms);
    return now_ms;
}
