#include "reconciler/core/beat.h"

#include "reconciler/core/timing.h"

/* The middle one of three. */
static int64_t middle(int64_t a, int64_t b, int64_t c)
{
    if (a > b) {
        const int64_t swap = a;

        a = b;
        b = swap;
    }
    return c < a ? a : c > b ? b : c;
}

/* The heartbeat before came late, and this one, after ms, when it was due: as far as can
 * be told, for a lost one makes a gap of two intervals by itself.  Of the first that was
 * heard it cannot: the gap before it is the interval that is taken for granted. */
static bool was_late(const struct host_item *host, int64_t ms)
{
    const int64_t both_ms = host->gaps_ms[0] + ms;

    return host->gaps_ms[0] > host->interval_ms && ms < host->gaps_ms[0] &&
           2 * both_ms > 3 * host->interval_ms && 2 * both_ms < 5 * host->interval_ms;
}

void beat_learn(struct engine *engine, struct host_item *host)
{
    int64_t ms = engine->now.ms - host->beat.ms;

    if (host->beat.ms != INSTANT_NEVER.ms && ms >= HOST_INTERVAL_MS_MIN) {
        if (was_late(host, ms)) {
            ms = (host->gaps_ms[0] + ms) / 2;
            host->gaps_ms[0] = ms;
        }
        host->interval_ms = middle(ms, host->gaps_ms[0], host->gaps_ms[1]);
        host->gaps_ms[1] = host->gaps_ms[0];
        host->gaps_ms[0] = ms;
    }
    host->beat = engine->now;
}
