#include "linkstore/across_names.h"

#include <assert.h>
#include <string.h>

#include "linkstore/desired.h"
#include "linkstore/expand.h"
#include "manifest/validate_keyed.h"

static struct span span_of(const struct oam_component *component)
{
    return component->id != NULL ? component->id_span : component->name_span;
}

static void report_id(struct diags *diags, const struct validate_keyed *first,
                      const struct validate_keyed *again)
{
    const struct oam_component *component = again->item;
    const struct span span = span_of(component);
    const struct span earlier = span_of(first->item);

    diags_add(diags, DIAG_ERROR, "duplicate-id", &span,
              "component %s gets the id %s, as another one does: expected an 'id' of its "
              "own",
              diag_quoted(component->name, diags->arena),
              diag_quoted(again->keys[0], diags->arena));
    diags_relate(diags, NULL, &earlier, "it has the id first");
}

static void check_ids(const struct oam_application *application, struct arena *scratch,
                      struct diags *diags)
{
    struct validate_keyed *items =
        arena_array(scratch, application->components_count, sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        if (component->shared.application == NULL) {
            items[count++] = (struct validate_keyed){
                .keys = {expand_id(application, component, scratch)},
                .item = component,
                .index = i,
            };
        }
    }
    validate_keyed_repeats(items, count, report_id, diags);
}

/* Configs with properties, by the names they get. */
struct collection {
    const struct oam_application *application;
    struct arena *scratch;
    struct validate_keyed *items; /* of a config its name, and what it has in it */
    size_t count;
};

static void collect(struct collection *collection, const struct oam_configs *configs)
{
    for (size_t i = 0; i < configs->count; i++) {
        const struct oam_config *config = &configs->items[i];

        if (config->has_properties) {
            collection->items[collection->count] = (struct validate_keyed){
                .keys = {expand_config(collection->application, config,
                                       collection->scratch)},
                .item = config,
                .index = collection->count,
            };
            collection->count++;
        }
    }
}

static void report_config(struct diags *diags, const struct validate_keyed *first,
                          const struct validate_keyed *again)
{
    const struct oam_config *earlier = first->item;
    const struct oam_config *config = again->item;

    if (strcmp(earlier->name, config->name) == 0 ||
        strcmp(desired_content(&earlier->properties, diags->arena),
               desired_content(&config->properties, diags->arena)) == 0) {
        return;
    }
    diags_add(diags, DIAG_ERROR, "config-conflict", &config->span,
              "the config %s gets the name %s, as one with other properties does: "
              "expected another name",
              diag_quoted(config->name, diags->arena),
              diag_quoted(again->keys[0], diags->arena));
    diags_relate(diags, NULL, &earlier->span, "it is this one");
}

static void check_configs(const struct oam_application *application,
                          struct arena *scratch, struct diags *diags)
{
    struct collection collection = {.application = application, .scratch = scratch};
    size_t capacity = 0;

    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        capacity += component->configs.count;
        for (size_t j = 0; j < component->links_count; j++) {
            capacity += component->links[j].source_config.count +
                        component->links[j].target_config.count;
        }
    }
    collection.items = arena_array(scratch, capacity, sizeof *collection.items);
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        collect(&collection, &component->configs);
        for (size_t j = 0; j < component->links_count; j++) {
            collect(&collection, &component->links[j].target_config);
            collect(&collection, &component->links[j].source_config);
        }
    }
    assert(collection.count <= capacity);
    validate_keyed_repeats(collection.items, collection.count, report_config, diags);
}

void across_check_names(const struct oam_application *application, struct diags *diags)
{
    struct arena scratch = {0};

    check_ids(application, &scratch, diags);
    check_configs(application, &scratch, diags);
    arena_free(&scratch);
}
