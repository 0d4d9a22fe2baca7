#include "linkstore/expand_settle.h"

#include <stdlib.h>
#include <string.h>

static int compare_origins(const struct origin *a, const struct origin *b)
{
    if (a->place.line != b->place.line) {
        return a->place.line < b->place.line ? -1 : 1;
    }
    return (a->place.column > b->place.column) - (a->place.column < b->place.column);
}

static int compare_configs(const void *a, const void *b)
{
    const struct config_row *left = a;
    const struct config_row *right = b;
    const int order = strcmp(left->name, right->name);

    return order != 0 ? order : compare_origins(&left->origin, &right->origin);
}

static int compare_links(const void *a, const void *b)
{
    const struct link_row *left = a;
    const struct link_row *right = b;
    const int order = link_compare(&left->link, &right->link);

    return order != 0 ? order : compare_origins(&left->origin, &right->origin);
}

static int compare_workloads(const void *a, const void *b)
{
    const struct workload_row *left = a;
    const struct workload_row *right = b;
    const int order = strcmp(left->id, right->id);

    return order != 0 ? order : compare_origins(&left->origin, &right->origin);
}

size_t settle_configs(struct config_row *rows, size_t count)
{
    size_t kept = 0;

    qsort(rows, count, sizeof *rows, compare_configs);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(rows[kept - 1].name, rows[i].name) != 0) {
            rows[kept++] = rows[i];
        }
    }
    return kept;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The interfaces of count links as a set: sorted, none twice. */
static struct names collect_interfaces(const struct link_row *rows, size_t count,
                                       struct arena *arena)
{
    size_t total = 0;
    size_t kept = 0;
    const char **items;

    for (size_t i = 0; i < count; i++) {
        total += rows[i].link.interfaces.count;
    }
    items = arena_array(arena, total, sizeof *items);
    total = 0;
    for (size_t i = 0; i < count; i++) {
        const struct names *interfaces = &rows[i].link.interfaces;

        for (size_t k = 0; k < interfaces->count; k++) {
            items[total++] = interfaces->items[k];
        }
    }
    qsort(items, total, sizeof *items, compare_texts);
    for (size_t i = 0; i < total; i++) {
        if (kept == 0 || strcmp(items[kept - 1], items[i]) != 0) {
            items[kept++] = items[i];
        }
    }
    return (struct names){.items = items, .count = kept};
}

/* How many rows there are from the first on with its key; count is over 0. */
static size_t count_of_key(const struct link_row *rows, size_t count)
{
    size_t same = 1;

    while (same < count && link_compare(&rows[same].link, &rows[0].link) == 0) {
        same++;
    }
    return same;
}

size_t settle_links(struct link_row *rows, size_t count, struct arena *arena)
{
    size_t kept = 0;
    size_t same;

    qsort(rows, count, sizeof *rows, compare_links);
    for (size_t i = 0; i < count; i += same) {
        struct link_row row = rows[i];

        same = count_of_key(&rows[i], count - i);
        row.link.interfaces = collect_interfaces(&rows[i], same, arena);
        rows[kept++] = row;
    }
    return kept;
}

size_t settle_workloads(struct workload_row *rows, size_t count)
{
    size_t kept = 0;

    qsort(rows, count, sizeof *rows, compare_workloads);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(rows[kept - 1].id, rows[i].id) != 0) {
            rows[kept++] = rows[i];
        }
    }
    return kept;
}
