#include "manifest/validate_config.h"

#include <string.h>

#include "manifest/validate_keyed.h"

/* Configs that have properties. */
struct collection {
    struct validate_keyed *items;
    size_t count;
};

static bool is_equal(const struct properties *a, const struct properties *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i].key, b->items[i].key) != 0 ||
            strcmp(a->items[i].value, b->items[i].value) != 0) {
            return false;
        }
    }
    return true;
}

bool validate_configs_are_equal(const struct oam_configs *a, const struct oam_configs *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        const struct oam_config *x = &a->items[i];
        const struct oam_config *y = &b->items[i];

        if (x->name == NULL || y->name == NULL || strcmp(x->name, y->name) != 0 ||
            x->has_properties != y->has_properties ||
            !is_equal(&x->properties, &y->properties)) {
            return false;
        }
    }
    return true;
}

static size_t count_configs(const struct oam_application *application)
{
    size_t count = 0;

    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        count += component->configs.count;
        for (size_t j = 0; j < component->links_count; j++) {
            count += component->links[j].target_config.count;
            count += component->links[j].source_config.count;
        }
    }
    return count;
}

static void collect(struct collection *collection, const struct oam_configs *configs)
{
    for (size_t i = 0; i < configs->count; i++) {
        const struct oam_config *config = &configs->items[i];

        if (config->name != NULL && config->has_properties) {
            collection->items[collection->count] = (struct validate_keyed){
                .keys = {config->name},
                .item = config,
                .index = collection->count,
            };
            collection->count++;
        }
    }
}

static void collect_from_components(struct collection *collection,
                                    const struct oam_application *application)
{
    for (size_t i = 0; i < application->components_count; i++) {
        collect(collection, &application->components[i].configs);
    }
}

static void collect_from_links(struct collection *collection,
                               const struct oam_application *application)
{
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        for (size_t j = 0; j < component->links_count; j++) {
            collect(collection, &component->links[j].target_config);
            collect(collection, &component->links[j].source_config);
        }
    }
}

/* wadm refuses this for links, and only for them, even when the properties agree. */
static void report_duplicate(struct diags *diags, const struct validate_keyed *first,
                             const struct validate_keyed *again)
{
    const struct oam_config *earlier = first->item;
    const struct oam_config *config = again->item;

    if (diags_drop(diags, DIAG_ERROR)) {
        return;
    }
    diags_add(diags, DIAG_ERROR, "duplicate-config", &config->span,
              "a link has properties for the config %s already: expected another name",
              diag_quoted(config->name, diags->arena));
    diags_relate(diags, NULL, &earlier->span, "it has them first");
}

/* One name is one entry of the lattice, which can have only one content. */
static void report_conflict(struct diags *diags, const struct validate_keyed *first,
                            const struct validate_keyed *again)
{
    const struct oam_config *earlier = first->item;
    const struct oam_config *config = again->item;

    if (is_equal(&earlier->properties, &config->properties) ||
        diags_drop(diags, DIAG_ERROR)) {
        return;
    }
    diags_add(diags, DIAG_ERROR, "config-conflict", &config->span,
              "the config %s has other properties elsewhere: expected the same, or "
              "another name",
              diag_quoted(config->name, diags->arena));
    diags_relate(diags, NULL, &earlier->span, "it has other ones here");
}

void validate_configs(const struct oam_application *application, struct arena *scratch,
                      struct diags *diags)
{
    const size_t count = count_configs(application);
    struct collection configs = {.items =
                                     arena_array(scratch, count, sizeof *configs.items)};

    collect_from_links(&configs, application);
    validate_keyed_repeats(configs.items, configs.count, report_duplicate, diags);

    configs.count = 0;
    collect_from_components(&configs, application);
    if (configs.count > 0) {
        collect_from_links(&configs, application);
        validate_keyed_repeats(configs.items, configs.count, report_conflict, diags);
    }
}
