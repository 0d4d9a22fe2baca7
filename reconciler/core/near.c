#include <string.h>

#include "manifest/diag.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/explain.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/state.h"

/* Shorter ones are part of everything. */
#define PART_BYTES_MIN 3

/* What there is, by all its names. */
struct names_found {
    struct arena *arena;
    const char **items;
    size_t count;
    size_t capacity;
};

static void add(struct names_found *names, const char *name)
{
    names->items = arena_grow(names->arena, names->items, names->count, &names->capacity,
                              sizeof *names->items);
    names->items[names->count++] = name;
}

static void add_all(const struct engine *engine, struct names_found *names)
{
    const struct application *application;

    TAILQ_FOREACH(application, &engine->applications, others)
    {
        const struct wishes *desired = &application->desired;

        add(names, application->name);
        for (size_t i = 0; i < desired->workloads_count; i++) {
            add(names, desired->workloads[i].row.component);
            add(names, arena_print(names->arena, "%s/%s", application->name,
                                   desired->workloads[i].row.component));
        }
        for (size_t i = 0; i < desired->links_count; i++) {
            add(names, link_name(desired->links[i].link, names->arena));
        }
    }
    for (size_t i = 0; i < engine->tables[ITEM_WORKLOAD].count; i++) {
        add(names, engine->tables[ITEM_WORKLOAD].items[i]->name);
    }
    for (size_t i = 0; i < engine->tables[ITEM_CONFIG].count; i++) {
        add(names, engine->tables[ITEM_CONFIG].items[i]->name);
    }
    for (size_t i = 0; i < engine->tables[ITEM_HOST].count; i++) {
        add(names,
            host_name((const struct host_item *)engine->tables[ITEM_HOST].items[i]));
    }
}

static bool has(const struct names_found *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* What word is a misspelling of, and what it is a part of. */
static void find(const struct names_found *all, const char *word,
                 struct names_found *near)
{
    const char *nearest = diag_near(word, all->items, all->count);

    if (nearest != NULL && near->count < EXPLAIN_NEAR_MAX && !has(near, nearest)) {
        add(near, nearest);
    }
    for (size_t i = 0; i < all->count && strlen(word) >= PART_BYTES_MIN &&
                       near->count < EXPLAIN_NEAR_MAX;
         i++) {
        if (strstr(all->items[i], word) != NULL && !has(near, all->items[i])) {
            add(near, all->items[i]);
        }
    }
}

struct names explain_near(const struct engine *engine, const char *typed,
                          struct arena *arena)
{
    struct names_found all = {.arena = arena};
    struct names_found near = {.arena = arena};
    const char *arrow = strstr(typed, "->");

    add_all(engine, &all);
    find(&all, typed, &near);
    if (arrow != NULL) { /* an end of the link, and not the link */
        find(&all, arena_text(arena, typed, strcspn(typed, " -")), &near);
        find(&all, arrow + 2 + strspn(arrow + 2, " "), &near);
    }
    return (struct names){near.items, near.count};
}
