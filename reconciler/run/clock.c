#include "reconciler/run/clock.h"

#include <assert.h>
#include <stdio.h>
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

void clock_print(int64_t unix_ms, char ret_text[static CLOCK_TEXT_BYTES])
{
    const time_t seconds = (time_t)(unix_ms / MS_PER_SECOND);
    char date[CLOCK_TEXT_BYTES];
    struct tm parts;

    assert(unix_ms >= 0);

    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts) == 0) {
        date[0] = '\0'; /* a year beyond 32 bits */
    }
    (void)snprintf(ret_text, CLOCK_TEXT_BYTES, "%.23s.%03dZ", date,
                   (int)(unix_ms % MS_PER_SECOND));
}
