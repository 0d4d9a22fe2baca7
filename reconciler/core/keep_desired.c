#include <string.h>

#include "reconciler/core/keep.h"

/*
 * Texts that are likely to be held by others, too, are kept in the pool; the rest, such
 * as digests, goes into the arena with the rows.
 */
struct keeping {
    struct pool *pool;
    struct arena *arena;
    const char *source; /* the last one copied: most rows have one source */
};

static struct origin keep_origin(struct keeping *keeping, const struct origin *origin)
{
    if (keeping->source == NULL || strcmp(keeping->source, origin->source) != 0) {
        keeping->source = arena_copy(keeping->arena, origin->source);
    }
    return (struct origin){keeping->source, origin->place};
}

static void keep_configs(struct keeping *keeping, const struct desired *from,
                         struct desired *to)
{
    struct config_row *rows =
        arena_array(keeping->arena, from->configs_count, sizeof *rows);

    for (size_t i = 0; i < from->configs_count; i++) {
        rows[i] = from->configs[i];
        rows[i].name = pool_keep(keeping->pool, from->configs[i].name);
        rows[i].content = pool_keep(keeping->pool, from->configs[i].content);
        rows[i].origin = keep_origin(keeping, &from->configs[i].origin);
    }
    to->configs = rows;
}

static void keep_shared(struct keeping *keeping, const struct desired *from,
                        struct desired *to)
{
    struct arena *arena = keeping->arena;
    struct shared_row *rows = arena_array(arena, from->shared_count, sizeof *rows);

    for (size_t i = 0; i < from->shared_count; i++) {
        rows[i] = from->shared[i];
        rows[i].component = arena_copy(arena, from->shared[i].component);
        rows[i].application = arena_copy(arena, from->shared[i].application);
        rows[i].name = arena_copy(arena, from->shared[i].name);
        rows[i].id = arena_copy(arena, from->shared[i].id);
        rows[i].origin = keep_origin(keeping, &from->shared[i].origin);
    }
    to->shared = rows;
}

/* The row of to that is the copy of shared, one of from. */
static const struct shared_row *copy_of(const struct shared_row *shared,
                                        const struct desired *from,
                                        const struct desired *to)
{
    return shared != NULL ? to->shared + (shared - from->shared) : NULL;
}

static void keep_links(struct keeping *keeping, const struct desired *from,
                       struct desired *to)
{
    struct link_row *rows = arena_array(keeping->arena, from->links_count, sizeof *rows);

    for (size_t i = 0; i < from->links_count; i++) {
        rows[i] = from->links[i];
        rows[i].link = *keep_link(keeping->pool, &from->links[i].link);
        rows[i].scaler_id = arena_copy(keeping->arena, from->links[i].scaler_id);
        rows[i].origin = keep_origin(keeping, &from->links[i].origin);
        rows[i].source_shared = copy_of(from->links[i].source_shared, from, to);
        rows[i].target_shared = copy_of(from->links[i].target_shared, from, to);
    }
    to->links = rows;
}

static const struct spread_row *copy_spreads(const struct workload_row *row,
                                             struct arena *arena)
{
    struct spread_row *spreads;

    if (row->spreads == &spread_default) {
        return row->spreads;
    }
    spreads = arena_array(arena, row->spreads_count, sizeof *spreads);
    for (size_t i = 0; i < row->spreads_count; i++) {
        spreads[i] = row->spreads[i];
        spreads[i].name = arena_copy(arena, row->spreads[i].name);
        spreads[i].requirements = properties_copy(&row->spreads[i].requirements, arena);
    }
    return spreads;
}

static void keep_workloads(struct keeping *keeping, const struct desired *from,
                           struct desired *to)
{
    struct arena *arena = keeping->arena;
    struct workload_row *rows = arena_array(arena, from->workloads_count, sizeof *rows);

    for (size_t i = 0; i < from->workloads_count; i++) {
        const struct workload_row *row = &from->workloads[i];

        rows[i] = *row;
        rows[i].id = pool_keep(keeping->pool, row->id);
        rows[i].component = arena_copy(arena, row->component);
        rows[i].image = pool_keep(keeping->pool, row->image);
        rows[i].configs = pool_keep_names(keeping->pool, &row->configs);
        rows[i].scaler_id = arena_copy(arena, row->scaler_id);
        rows[i].spreads = copy_spreads(row, arena);
        rows[i].origin = keep_origin(keeping, &row->origin);
    }
    to->workloads = rows;
}

void keep_desired(struct pool *pool, const struct desired *desired, struct arena *arena,
                  struct desired *ret_desired)
{
    struct keeping keeping = {.pool = pool, .arena = arena};
    struct desired kept = *desired;

    kept.application = pool_keep(pool, desired->application);
    kept.version = pool_keep(pool, desired->version);
    keep_configs(&keeping, desired, &kept);
    keep_shared(&keeping, desired, &kept);
    keep_links(&keeping, desired, &kept);
    keep_workloads(&keeping, desired, &kept);
    *ret_desired = kept;
}

void forget_desired(struct pool *pool, const struct desired *desired)
{
    pool_drop(pool, desired->application);
    pool_drop(pool, desired->version);
    for (size_t i = 0; i < desired->configs_count; i++) {
        pool_drop(pool, desired->configs[i].name);
        pool_drop(pool, desired->configs[i].content);
    }
    for (size_t i = 0; i < desired->links_count; i++) {
        forget_link(pool, &desired->links[i].link);
    }
    for (size_t i = 0; i < desired->workloads_count; i++) {
        pool_drop(pool, desired->workloads[i].id);
        pool_drop(pool, desired->workloads[i].image);
        pool_drop_names(pool, &desired->workloads[i].configs);
    }
}
