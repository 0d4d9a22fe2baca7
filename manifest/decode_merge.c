#include "manifest/decode_merge.h"

#include <assert.h>
#include <string.h>

#include "manifest/validate_keyed.h"

/* The links of component by what makes them one, sorted. */
static struct validate_keyed *sort_links(const struct oam_component *component,
                                         struct arena *scratch)
{
    struct validate_keyed *items =
        arena_array(scratch, component->links_count, sizeof *items);

    for (size_t i = 0; i < component->links_count; i++) {
        const struct oam_link *link = &component->links[i];

        items[i] = (struct validate_keyed){
            .keys = {link->wit_namespace, link->wit_package, link->name, link->target},
            .item = link,
            .index = i,
        };
    }
    validate_keyed_sort(items, component->links_count);
    return items;
}

/* The interfaces of all links in items, which have none in common. */
static struct names join_interfaces(const struct validate_keyed *items, size_t count,
                                    struct arena *arena)
{
    const char **joined;
    size_t joined_count = 0;

    for (size_t i = 0; i < count; i++) {
        joined_count += ((const struct oam_link *)items[i].item)->interfaces.count;
    }
    joined = arena_array(arena, joined_count, sizeof(char *));
    joined_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct names *names = &((const struct oam_link *)items[i].item)->interfaces;

        for (size_t j = 0; j < names->count; j++) {
            joined[joined_count++] = names->items[j];
        }
    }
    return (struct names){.items = joined, .count = joined_count};
}

/* Fill links with one for each run of items; those that go have no target then. */
static void merge_runs(const struct validate_keyed *items, size_t count,
                       struct oam_link *links, struct arena *arena)
{
    size_t run;

    for (size_t first = 0; first < count; first += run) {
        struct oam_link *link = &links[items[first].index];

        run = validate_keyed_run(&items[first], count - first);
        *link = *(const struct oam_link *)items[first].item;
        if (run > 1) {
            link->interfaces = join_interfaces(&items[first], run, arena);
        }
    }
}

static bool has_runs(const struct validate_keyed *items, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++) {
        if (validate_keyed_run(&items[i], 2) == 2) {
            return true;
        }
    }
    return false;
}

/* Close the gaps between the links that have a target; how many they are. */
static size_t compact(struct oam_link *links, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (links[i].target != NULL) {
            links[kept++] = links[i];
        }
    }
    return kept;
}

/* Whether component has links to merge; if so, *component gets merged ones. */
static bool merge_component(struct oam_component *component, struct arena *arena)
{
    const size_t count = component->links_count;
    struct arena scratch = {0};
    const struct validate_keyed *items;
    bool is_merged;

    if (count < 2) {
        return false;
    }
    items = sort_links(component, &scratch);
    is_merged = has_runs(items, count);
    if (is_merged) {
        struct oam_link *links = arena_array(arena, count, sizeof *links);

        merge_runs(items, count, links, arena);
        component->links = links;
        component->links_count = compact(links, count);
        assert(component->links_count < count);
    }
    arena_free(&scratch);
    return is_merged;
}

void decode_merge_links(struct oam_application *application, struct arena *arena)
{
    const size_t count = application->components_count;
    struct oam_component *merged = NULL;

    for (size_t i = 0; i < count; i++) {
        struct oam_component component = application->components[i];

        if (!merge_component(&component, arena)) {
            continue;
        }
        if (merged == NULL) {
            merged = arena_array(arena, count, sizeof *merged);
            memcpy(merged, application->components, count * sizeof *merged);
        }
        merged[i] = component;
    }
    if (merged != NULL) {
        application->components = merged;
    }
}
