#include "manifest/canon_order.h"

#include <stdlib.h>
#include <string.h>

/* Items copied to where they may be sorted; NULL stays NULL. */
static void *copy_items(const void *items, size_t count, size_t size, struct arena *arena)
{
    void *copy = arena_array(arena, count, size);

    if (count > 0) {
        memcpy(copy, items, count * size);
    }
    return copy;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static struct names order_names(const struct names *names, struct arena *arena)
{
    const char **items =
        copy_items(names->items, names->count, sizeof *names->items, arena);

    if (names->count > 0) {
        qsort(items, names->count, sizeof *items, compare_names);
    }
    return (struct names){.items = items, .count = names->count};
}

/* No two links of a component are the same by these. */
static int compare_links(const void *left, const void *right)
{
    const struct oam_link *a = left;
    const struct oam_link *b = right;
    const int orders[] = {
        strcmp(a->wit_namespace, b->wit_namespace),
        strcmp(a->wit_package, b->wit_package),
        strcmp(a->name, b->name),
        strcmp(a->target, b->target),
    };

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (orders[i] != 0) {
            return orders[i];
        }
    }
    return 0;
}

static void order_links(struct oam_component *component, struct arena *arena)
{
    const size_t count = component->links_count;
    struct oam_link *links = copy_items(component->links, count, sizeof *links, arena);

    for (size_t i = 0; i < count; i++) {
        links[i].interfaces = order_names(&links[i].interfaces, arena);
    }
    if (count > 0) {
        qsort(links, count, sizeof *links, compare_links);
    }
    component->links = links;
}

/* Whether a scaler would have this spread if it had none. */
static bool is_default(const struct oam_spread *spread)
{
    return strcmp(spread->name, "default") == 0 && spread->requirements.count == 0;
}

static void order_spreads(struct oam_scaler *scaler, struct arena *arena)
{
    struct oam_spread *spreads;

    if (scaler->spreads_count == 1 && is_default(&scaler->spreads[0])) {
        scaler->spreads_count = 0;
    }
    /* One spread gets all instances, and a daemon as many on each host. */
    if (scaler->spreads_count == 1 || scaler->kind == OAM_SCALER_DAEMON) {
        spreads =
            copy_items(scaler->spreads, scaler->spreads_count, sizeof *spreads, arena);
        for (size_t i = 0; i < scaler->spreads_count; i++) {
            spreads[i].weight = OAM_WEIGHT_DEFAULT;
        }
        scaler->spreads = spreads;
    }
}

static void order_component(struct oam_component *component, struct arena *arena)
{
    struct oam_scaler *scaler = &component->scaler;

    order_links(component, arena);
    order_spreads(scaler, arena);
    if (component->kind == OAM_CAPABILITY && scaler->kind == OAM_SCALER_SPREAD &&
        scaler->instances == 1 && scaler->spreads_count == 0) {
        scaler->kind = OAM_SCALER_NONE; /* which is the same for a provider */
    }
}

static int compare_components(const void *left, const void *right)
{
    const struct oam_component *a = left;
    const struct oam_component *b = right;

    return strcmp(a->name, b->name);
}

static void order_components(struct oam_application *application, struct arena *arena)
{
    const size_t count = application->components_count;
    struct oam_component *components =
        copy_items(application->components, count, sizeof *components, arena);

    for (size_t i = 0; i < count; i++) {
        order_component(&components[i], arena);
    }
    if (count > 0) {
        qsort(components, count, sizeof *components, compare_components);
    }
    application->components = components;
}

/* A policy, and where it stood: of several of one name the last comes first. */
struct ranked {
    struct oam_policy policy;
    size_t rank;
};

static int compare_policies(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    const int order = strcmp(a->policy.name, b->policy.name);

    return order != 0 ? order : (a->rank < b->rank) - (a->rank > b->rank);
}

static void order_policies(struct oam_application *application, struct arena *arena)
{
    const size_t count = application->policies_count;
    struct ranked *ranked = arena_array(arena, count, sizeof *ranked);
    struct oam_policy *policies = arena_array(arena, count, sizeof *policies);
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        ranked[i] = (struct ranked){application->policies[i], i};
    }
    if (count > 0) {
        qsort(ranked, count, sizeof *ranked, compare_policies);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || strcmp(policies[kept - 1].name, ranked[i].policy.name) != 0) {
            policies[kept++] = ranked[i].policy;
        }
    }
    application->policies = policies;
    application->policies_count = kept;
}

void canon_order(const struct oam_application *application, struct arena *arena,
                 struct oam_application *ret_application)
{
    struct oam_application ordered = *application;

    order_policies(&ordered, arena);
    order_components(&ordered, arena);
    *ret_application = ordered;
}
