#include "reconciler/sim/json.h"

#include <assert.h>
#include <string.h>

void sim_json_print_names(const struct names *names, struct text *text)
{
    assert(names->count == 0 || names->items != NULL);
    text_append(text, "[");
    for (size_t i = 0; i < names->count; i++) {
        text_append(text, i > 0 ? "," : "");
        text_append_json(text, names->items[i]);
    }
    text_append(text, "]");
}

void sim_json_print_map(const struct properties *map, struct text *text)
{
    text_append(text, "{");
    for (size_t i = 0; i < map->count; i++) {
        assert(i == 0 || strcmp(map->items[i - 1].key, map->items[i].key) < 0);
        sim_json_print_field(i > 0 ? "," : "", map->items[i].key, map->items[i].value,
                             text);
    }
    text_append(text, "}");
}

void sim_json_print_field(const char *before, const char *key, const char *value,
                          struct text *text)
{
    assert(key != NULL && value != NULL);
    text_append(text, "%s", before);
    text_append_json(text, key);
    text_append(text, ":");
    text_append_json(text, value);
}

struct names sim_json_copy_names(const struct names *names, struct arena *arena)
{
    const char **items = arena_array(arena, names->count, sizeof *items);

    for (size_t i = 0; i < names->count; i++) {
        items[i] = arena_copy(arena, names->items[i]);
    }
    return (struct names){.items = items, .count = names->count};
}

struct properties sim_json_copy_map(const struct properties *map, struct arena *arena)
{
    struct property *items;

    if (map->items == NULL) {
        assert(map->count == 0);
        return *map;
    }
    items = arena_array(arena, map->count, sizeof *items);
    for (size_t i = 0; i < map->count; i++) {
        items[i].key = arena_copy(arena, map->items[i].key);
        items[i].value = arena_copy(arena, map->items[i].value);
    }
    return (struct properties){.items = items, .count = map->count};
}

const char *sim_json_find(const struct properties *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->items[i].key, key) == 0) {
            return map->items[i].value;
        }
    }
    return NULL;
}
