#include "reconciler/core/claim.h"
#include "reconciler/core/history.h"
#include "reconciler/core/state.h"

static size_t inventories_bytes(const struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    size_t bytes = 0;

    for (size_t i = 0; i < table->count; i++) {
        bytes +=
            arena_bytes(&((const struct host_item *)table->items[i])->inventory_arena);
    }
    return bytes;
}

size_t state_bytes(const struct engine *engine)
{
    const struct application *application;
    size_t bytes = engine->pool.bytes + arena_bytes(&engine->arena) +
                   arena_bytes(&engine->heap.arena) + arena_bytes(&engine->dirty.arena) +
                   arena_bytes(&engine->batch.arena) +
                   arena_bytes(&engine->changed_configs.arena) +
                   inventories_bytes(engine) + history_bytes(engine);

    for (size_t kind = 0; kind < ITEM_TABLES_COUNT; kind++) {
        bytes += arena_bytes(&engine->tables[kind].arena);
    }
    TAILQ_FOREACH(application, &engine->applications, others)
    {
        bytes += arena_bytes(&application->arena);
    }
    return bytes;
}
