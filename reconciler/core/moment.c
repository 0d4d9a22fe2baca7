#include "reconciler/core/moment.h"

static const struct moments unsaid = {
    .of =
        {
            [MOMENT_SUSPECT] = {INT64_MAX}, /* INSTANT_NEVER */
            [MOMENT_UNWELL] = {INT64_MAX},
            [MOMENT_TAINTED] = {INT64_MAX},
            [MOMENT_DENIED] = {INT64_MAX},
        },
};

struct instant moment_of(const struct placement *placement, enum moment moment)
{
    return (placement->moments != NULL ? placement->moments : &unsaid)->of[moment];
}

void moment_set(struct engine *engine, struct placement *placement, enum moment moment,
                struct instant instant)
{
    if (placement->moments == NULL) {
        if (instant.ms == unsaid.of[moment].ms) {
            return;
        }
        placement->moments = pool_new(&engine->pool, sizeof *placement->moments);
        *placement->moments = unsaid;
    }
    placement->moments->of[moment] = instant;
}

void moments_free(struct engine *engine, struct placement *placement)
{
    pool_delete(&engine->pool, placement->moments, sizeof *placement->moments);
    placement->moments = NULL;
}
