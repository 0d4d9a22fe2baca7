#include "reconciler/core/wish.h"

#include <stddef.h>
#include <string.h>

#include "reconciler/core/keep.h"

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
                         struct wishes *to)
{
    to->configs_count = from->configs_count;
    to->configs = pool_new_array(keeping->pool, from->configs_count, sizeof *to->configs);
    for (size_t i = 0; i < from->configs_count; i++) {
        to->configs[i] = from->configs[i];
        to->configs[i].name = pool_keep(keeping->pool, from->configs[i].name);
        to->configs[i].content = pool_keep(keeping->pool, from->configs[i].content);
        to->configs[i].origin = keep_origin(keeping, &from->configs[i].origin);
    }
}

static void keep_shared(struct keeping *keeping, const struct desired *from,
                        struct wishes *to)
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
    to->shared_count = from->shared_count;
}

static void keep_links(struct keeping *keeping, const struct desired *from,
                       struct wishes *to)
{
    to->links_count = from->links_count;
    to->links = pool_new_array(keeping->pool, from->links_count, sizeof *to->links);
    for (size_t i = 0; i < from->links_count; i++) {
        const struct link_row *row = &from->links[i];
        const struct shared_row *missing = shared_missing(row);

        to->links[i] = (struct link_wish){
            .link = keep_link(keeping->pool, &row->link),
            .origin = keep_origin(keeping, &row->origin),
            .missing = missing != NULL ? to->shared + (missing - from->shared) : NULL,
            .scaler = scaler_keep(keeping->pool, row->scaler_id),
        };
    }
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

/* The name of a component mostly ends the id that was made of it: that is kept already.
 */
static const char *keep_component(const struct keeping *keeping, const char *id,
                                  const char *component)
{
    const size_t id_length = strlen(id);
    const size_t length = strlen(component);

    if (length <= id_length && strcmp(id + (id_length - length), component) == 0) {
        return id + (id_length - length);
    }
    return arena_copy(keeping->arena, component);
}

static void keep_workloads(struct keeping *keeping, const struct desired *from,
                           struct wishes *to)
{
    to->workloads_count = from->workloads_count;
    to->workloads =
        pool_new_array(keeping->pool, from->workloads_count, sizeof *to->workloads);
    for (size_t i = 0; i < from->workloads_count; i++) {
        const struct workload_row *from_row = &from->workloads[i];
        struct workload_row *row = &to->workloads[i].row;

        *row = *from_row;
        row->id = pool_keep(keeping->pool, from_row->id);
        row->component = keep_component(keeping, row->id, from_row->component);
        row->image = pool_keep(keeping->pool, from_row->image);
        row->configs = pool_keep_names(keeping->pool, &from_row->configs);
        row->scaler_id = NULL;
        row->spreads = copy_spreads(from_row, keeping->arena);
        row->origin = keep_origin(keeping, &from_row->origin);
        to->workloads[i].scaler = scaler_keep(keeping->pool, from_row->scaler_id);
    }
}

struct wishes wishes_keep(struct pool *pool, const struct desired *desired,
                          struct arena *arena)
{
    struct keeping keeping = {.pool = pool, .arena = arena};
    struct wishes wishes = {
        .redeliver = desired->redeliver,
        .is_rebalancing = desired->is_rebalancing,
    };

    keep_configs(&keeping, desired, &wishes);
    keep_shared(&keeping, desired, &wishes);
    keep_links(&keeping, desired, &wishes);
    keep_workloads(&keeping, desired, &wishes);
    return wishes;
}

void wishes_forget(struct pool *pool, const struct wishes *wishes)
{
    for (size_t i = 0; i < wishes->configs_count; i++) {
        pool_drop(pool, wishes->configs[i].name);
        pool_drop(pool, wishes->configs[i].content);
    }
    for (size_t i = 0; i < wishes->links_count; i++) {
        forget_link(pool, wishes->links[i].link);
        scaler_forget(pool, &wishes->links[i].scaler);
    }
    for (size_t i = 0; i < wishes->workloads_count; i++) {
        pool_drop(pool, wishes->workloads[i].row.id);
        pool_drop(pool, wishes->workloads[i].row.image);
        pool_drop_names(pool, &wishes->workloads[i].row.configs);
        scaler_forget(pool, &wishes->workloads[i].scaler);
    }
    pool_delete_array(pool, wishes->configs, wishes->configs_count,
                      sizeof *wishes->configs);
    pool_delete_array(pool, wishes->links, wishes->links_count, sizeof *wishes->links);
    pool_delete_array(pool, wishes->workloads, wishes->workloads_count,
                      sizeof *wishes->workloads);
}

const char *wish_scaler(const struct workload_row *row, struct arena *arena)
{
    return scaler_text(&((const struct workload_wish *)row)->scaler, arena);
}
