#include "reconciler/core/ailment.h"

#include "reconciler/core/hosts.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/taint.h"

const char *ailment_text(const struct engine *engine, const struct placement *placement,
                         struct arena *arena)
{
    if (taint_is_on(placement)) {
        return arena_print(arena,
                           "restart host %s: somebody had it update this in place, and "
                           "the image before serves on",
                           host_name(placement->host));
    }
    if (host_is_mute(engine, placement->host)) {
        return host_mute_text(engine, placement->host, arena);
    }
    if (moment_of(placement, MOMENT_UNWELL).ms == INSTANT_NEVER.ms) {
        return NULL;
    }
    return arena_print(
        arena, "fails its health check on %s, for %lld s", host_name(placement->host),
        (long long)(engine->now.ms - moment_of(placement, MOMENT_UNWELL).ms) / 1000);
}
