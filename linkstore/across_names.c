#include "linkstore/across_names.h"

#include <assert.h>
#include <string.h>

#include "linkstore/desired.h"
#include "linkstore/expand.h"
#include "linkstore/expand_secret.h"
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

/* A config with properties, or a secret, and the entry of the bucket that it becomes. */
struct entry {
    const char *word; /* "config" or "secret" */
    const char *declared;
    const char *name;
    const char *content;
    const struct span *span;
};

struct collection {
    const struct oam_application *application;
    struct arena *scratch;
    struct entry *entries;
    size_t count;
};

static void collect_configs(struct collection *collection,
                            const struct oam_configs *configs)
{
    const struct oam_application *application = collection->application;

    for (size_t i = 0; i < configs->count; i++) {
        const struct oam_config *config = &configs->items[i];

        if (config->has_properties) {
            collection->entries[collection->count++] = (struct entry){
                .word = "config",
                .declared = config->name,
                .name = expand_config(application, config, collection->scratch),
                .content = desired_content(&config->properties, collection->scratch),
                .span = &config->span,
            };
        }
    }
}

static void collect_secrets(struct collection *collection,
                            const struct oam_secrets *secrets)
{
    const struct oam_application *application = collection->application;

    for (size_t i = 0; i < secrets->count; i++) {
        const struct oam_secret *secret = &secrets->items[i];

        collection->entries[collection->count++] = (struct entry){
            .word = "secret",
            .declared = secret->name,
            .name = expand_secret(application, secret, collection->scratch),
            .content = expand_secret_content(application, secret, collection->scratch),
            .span = &secret->span,
        };
    }
}

static bool is_config(const struct entry *entry)
{
    return strcmp(entry->word, "config") == 0;
}

static void report_entry(struct diags *diags, const struct validate_keyed *first,
                         const struct validate_keyed *again)
{
    const struct entry *earlier = first->item;
    const struct entry *entry = again->item;

    if (strcmp(earlier->content, entry->content) == 0) {
        return;
    }
    if (is_config(entry) && strcmp(earlier->declared, entry->declared) == 0) {
        return; /* reported when the manifest was validated */
    }
    diags_add(diags, DIAG_ERROR, "config-conflict", entry->span,
              "the %s %s gets the name %s, as one with other properties does: "
              "expected another name",
              entry->word, diag_quoted(entry->declared, diags->arena),
              diag_quoted(again->keys[0], diags->arena));
    diags_relate(diags, NULL, earlier->span, "it is this one");
}

/* The most entries that application can have. */
static size_t count_entries(const struct oam_application *application)
{
    size_t count = 0;

    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        count += component->configs.count + component->secrets.count;
        for (size_t j = 0; j < component->links_count; j++) {
            const struct oam_link *link = &component->links[j];

            count += link->source_config.count + link->target_config.count +
                     link->source_secrets.count + link->target_secrets.count;
        }
    }
    return count;
}

static void collect(struct collection *collection, const struct oam_component *component)
{
    collect_configs(collection, &component->configs);
    collect_secrets(collection, &component->secrets);
    for (size_t i = 0; i < component->links_count; i++) {
        const struct oam_link *link = &component->links[i];

        collect_configs(collection, &link->target_config);
        collect_configs(collection, &link->source_config);
        collect_secrets(collection, &link->target_secrets);
        collect_secrets(collection, &link->source_secrets);
    }
}

static void check_entries(const struct oam_application *application,
                          struct arena *scratch, struct diags *diags)
{
    struct collection collection = {.application = application, .scratch = scratch};
    const size_t capacity = count_entries(application);
    struct validate_keyed *items = arena_array(scratch, capacity, sizeof *items);

    collection.entries = arena_array(scratch, capacity, sizeof *collection.entries);
    for (size_t i = 0; i < application->components_count; i++) {
        collect(&collection, &application->components[i]);
    }
    assert(collection.count <= capacity);
    for (size_t i = 0; i < collection.count; i++) {
        items[i] = (struct validate_keyed){
            .keys = {collection.entries[i].name},
            .item = &collection.entries[i],
            .index = i,
        };
    }
    validate_keyed_repeats(items, collection.count, report_entry, diags);
}

void across_check_names(const struct oam_application *application, struct diags *diags)
{
    struct arena scratch = {0};

    check_ids(application, &scratch, diags);
    check_entries(application, &scratch, diags);
    arena_free(&scratch);
}
