#include "linkstore/desired.h"

#include <string.h>

static struct origin origin_copy(const struct origin *origin, struct arena *arena)
{
    return (struct origin){arena_copy(arena, origin->source), origin->place};
}

static void copy_configs(const struct desired *from, struct arena *arena,
                         struct desired *to)
{
    struct config_row *rows = arena_array(arena, from->configs_count, sizeof *rows);

    for (size_t i = 0; i < from->configs_count; i++) {
        rows[i].name = arena_copy(arena, from->configs[i].name);
        rows[i].content = arena_copy(arena, from->configs[i].content);
        rows[i].origin = origin_copy(&from->configs[i].origin, arena);
    }
    to->configs = rows;
    to->configs_count = from->configs_count;
}

static void copy_shared(const struct desired *from, struct arena *arena,
                        struct desired *to)
{
    struct shared_row *rows = arena_array(arena, from->shared_count, sizeof *rows);

    for (size_t i = 0; i < from->shared_count; i++) {
        rows[i] = from->shared[i];
        rows[i].component = arena_copy(arena, from->shared[i].component);
        rows[i].application = arena_copy(arena, from->shared[i].application);
        rows[i].name = arena_copy(arena, from->shared[i].name);
        rows[i].id = arena_copy(arena, from->shared[i].id);
        rows[i].origin = origin_copy(&from->shared[i].origin, arena);
    }
    to->shared = rows;
    to->shared_count = from->shared_count;
}

/* The row of to that is the copy of shared, one of from. */
static const struct shared_row *copy_of(const struct shared_row *shared,
                                        const struct desired *from,
                                        const struct desired *to)
{
    return shared != NULL ? to->shared + (shared - from->shared) : NULL;
}

static void copy_links(const struct desired *from, struct arena *arena,
                       struct desired *to)
{
    struct link_row *rows = arena_array(arena, from->links_count, sizeof *rows);

    for (size_t i = 0; i < from->links_count; i++) {
        rows[i].link = link_copy(&from->links[i].link, arena);
        rows[i].scaler_id = arena_copy(arena, from->links[i].scaler_id);
        rows[i].origin = origin_copy(&from->links[i].origin, arena);
        rows[i].source_shared = copy_of(from->links[i].source_shared, from, to);
        rows[i].target_shared = copy_of(from->links[i].target_shared, from, to);
    }
    to->links = rows;
    to->links_count = from->links_count;
}

bool properties_are_equal(const struct properties *a, const struct properties *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        if (strcmp(a->items[i].key, b->items[i].key) != 0 ||
            strcmp(a->items[i].value, b->items[i].value) != 0) {
            return false;
        }
    }
    return a->count == b->count;
}

struct properties properties_copy(const struct properties *properties,
                                  struct arena *arena)
{
    struct property *items = arena_array(arena, properties->count, sizeof *items);

    for (size_t i = 0; i < properties->count; i++) {
        items[i].key = arena_copy(arena, properties->items[i].key);
        items[i].value = arena_copy(arena, properties->items[i].value);
    }
    return (struct properties){items, properties->count};
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

static void copy_workloads(const struct desired *from, struct arena *arena,
                           struct desired *to)
{
    struct workload_row *rows = arena_array(arena, from->workloads_count, sizeof *rows);

    for (size_t i = 0; i < from->workloads_count; i++) {
        const struct workload_row *row = &from->workloads[i];

        rows[i] = *row;
        rows[i].id = arena_copy(arena, row->id);
        rows[i].component = arena_copy(arena, row->component);
        rows[i].image = arena_copy(arena, row->image);
        rows[i].configs = names_copy(&row->configs, arena);
        rows[i].scaler_id = arena_copy(arena, row->scaler_id);
        rows[i].spreads = copy_spreads(row, arena);
        rows[i].origin = origin_copy(&row->origin, arena);
    }
    to->workloads = rows;
    to->workloads_count = from->workloads_count;
}

void desired_copy(const struct desired *desired, struct arena *arena,
                  struct desired *ret_desired)
{
    struct desired copy = {0};

    copy.application = arena_copy(arena, desired->application);
    copy.version = arena_copy(arena, desired->version);
    copy.redeliver = desired->redeliver;
    copy.is_shared = desired->is_shared;
    copy_configs(desired, arena, &copy);
    copy_shared(desired, arena, &copy);
    copy_links(desired, arena, &copy);
    copy_workloads(desired, arena, &copy);
    *ret_desired = copy;
}
