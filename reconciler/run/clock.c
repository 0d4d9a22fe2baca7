#include "reconciler/run/clock.h"

#include <assert.h>
#include <time.h>

#define MS_PER_SECOND 1000
#define US_PER_SECOND 1000000
#define NS_PER_MS     1000000
#define NS_PER_US     1000

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
