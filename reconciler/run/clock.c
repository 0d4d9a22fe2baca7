#include "reconciler/run/clock.h"

#include <assert.h>
#include <time.h>

#define MS_PER_SECOND 1000
#define NS_PER_MS     1000000

static int64_t read_ms(clockid_t clock)
{
    struct timespec time;
    const int rc = clock_gettime(clock, &time);

    assert(rc == 0);
    (void)rc;
    return (int64_t)time.tv_sec * MS_PER_SECOND + time.tv_nsec / NS_PER_MS;
}

struct instant clock_now(void)
{
    return (struct instant){read_ms(CLOCK_MONOTONIC)};
}

int64_t clock_unix_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}
