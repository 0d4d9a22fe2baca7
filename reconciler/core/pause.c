#include "reconciler/core/pause.h"

#include <string.h>

#include "reconciler/core/claim.h"

/* Where application is among those that are paused, or would be. */
static size_t find(const struct engine *engine, const char *application,
                   bool *ret_is_there)
{
    size_t low = 0;
    size_t high = engine->paused_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(engine->paused[middle], application) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_is_there =
        low < engine->paused_count && strcmp(engine->paused[low], application) == 0;
    return low;
}

void pause_set(struct engine *engine, const char *application, bool is_paused)
{
    bool is_there;
    const size_t index = find(engine, application, &is_there);
    const char **at;

    if (is_there == is_paused) {
        return;
    }
    if (is_paused) {
        engine->paused = arena_grow(&engine->arena, engine->paused, engine->paused_count,
                                    &engine->paused_capacity, sizeof *engine->paused);
        at = &engine->paused[index];
        memmove(at + 1, at, (engine->paused_count - index) * sizeof *at);
        *at = pool_keep(&engine->pool, application);
        engine->paused_count++;
    } else {
        at = &engine->paused[index];
        pool_drop(&engine->pool, *at);
        engine->paused_count--;
        memmove(at, at + 1, (engine->paused_count - index) * sizeof *at);
    }
    state_changed(engine, &engine->pauses);
}

void pause_suspend(struct engine *engine, const char *why)
{
    const char *before = engine->suspended;

    if (strcmp(before != NULL ? before : "", why) == 0) {
        return;
    }
    engine->suspended = why[0] != '\0' ? pool_keep(&engine->pool, why) : NULL;
    if (before != NULL) {
        pool_drop(&engine->pool, before);
    }
    state_changed(engine, &engine->pauses);
    state_changed(engine, &engine->sight); /* buckets are not made either */
}

void pause_free(struct engine *engine)
{
    if (engine->suspended != NULL) {
        pool_drop(&engine->pool, engine->suspended);
    }
    while (engine->paused_count > 0) {
        pool_drop(&engine->pool, engine->paused[--engine->paused_count]);
    }
}

static bool is_paused(const struct engine *engine, const char *application)
{
    bool is_there;

    (void)find(engine, application, &is_there);
    return is_there;
}

const char *pause_of(const struct engine *engine, const struct claim *claims,
                     const struct record *ledger)
{
    if (engine->paused_count == 0) {
        return NULL;
    }
    if (claims == NULL) {
        return ledger != NULL && is_paused(engine, ledger->application)
                   ? ledger->application
                   : NULL;
    }
    for (const struct claim *claim = claims; claim != NULL; claim = claim->next) {
        if (is_paused(engine, claim->application->name)) {
            return claim->application->name;
        }
    }
    return NULL;
}

bool pause_must_wait(struct engine *engine, struct item *item, const struct claim *claims,
                     const struct record *ledger, struct verdict *ret_verdict)
{
    if (engine->suspended == NULL && pause_of(engine, claims, ledger) == NULL) {
        return false;
    }
    state_wait(item, &engine->pauses);
    *ret_verdict = (struct verdict){REASON_PAUSED, NULL};
    return true;
}
