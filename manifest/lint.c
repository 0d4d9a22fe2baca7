#include "manifest/lint.h"

#include <string.h>

#include "manifest/lint_image.h"
#include "manifest/validate_config.h"
#include "manifest/validate_keyed.h"

/* What the rules look at, besides the component. */
struct scope {
    const struct validate_keyed *names; /* the components, by name */
    size_t names_count;
    struct arena *scratch; /* freed after each component */
    struct diags *diags;
};

static void check_image(const struct scope *scope, const struct oam_component *component)
{
    const char *image = component->image;

    if (image == NULL || *image == '\0') {
        return;
    }
    switch (lint_image_kind(image)) {
    case LINT_IMAGE_FIXED:
        break;
    case LINT_IMAGE_FLOATING:
        diags_add(scope->diags, DIAG_WARNING, "floating-tag", &component->image_span,
                  "%s may be another image tomorrow: expected a tag other than 'latest', "
                  "or a digest",
                  diag_quoted(image, scope->diags->arena));
        break;
    case LINT_IMAGE_IMPOSSIBLE:
        diags_add(scope->diags, DIAG_WARNING, "image-reference", &component->image_span,
                  "no host can fetch %s: expected a reference like "
                  "'ghcr.io/wasmcloud/http-server:0.27.0', or 'file://PATH'",
                  diag_quoted(image, scope->diags->arena));
        break;
    }
}

static const struct oam_component *find_component(const struct scope *scope,
                                                  const char *name)
{
    size_t low = 0;
    size_t high = scope->names_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(scope->names[middle].keys[0], name);

        if (order == 0) {
            return scope->names[middle].item;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

static void check_ends(const struct scope *scope, const struct oam_component *source,
                       const struct oam_link *link, const struct oam_component *target)
{
    struct arena *arena = scope->diags->arena;

    if (source == target) {
        diags_add(scope->diags, DIAG_WARNING, "self-link", &link->target_span,
                  "%s is linked to itself: expected another component",
                  diag_quoted(source->name, arena));
    } else if (source->kind == OAM_CAPABILITY && target->kind == OAM_CAPABILITY) {
        diags_add(scope->diags, DIAG_WARNING, "provider-link", &link->target_span,
                  "%s and %s are both providers, and wadm makes no link of this: "
                  "expected a component at one end",
                  diag_quoted(source->name, arena), diag_quoted(target->name, arena));
        diags_relate(scope->diags, NULL, &target->name_span, "this is a provider");
    }
}

/* The configs of an end of a link go to the provider there. */
static void check_reader(const struct scope *scope, const struct oam_component *end,
                         const struct oam_configs *configs)
{
    if (end->kind == OAM_COMPONENT && configs->count > 0) {
        diags_add(scope->diags, DIAG_WARNING, "unused-config", &configs->items[0].span,
                  "%s is no provider and reads no config of a link: expected it in the "
                  "'config' of the component",
                  diag_quoted(end->name, scope->diags->arena));
    }
}

static void check_links(const struct scope *scope, const struct oam_component *component)
{
    for (size_t i = 0; i < component->links_count; i++) {
        const struct oam_link *link = &component->links[i];
        const struct oam_component *target =
            link->target != NULL ? find_component(scope, link->target) : NULL;

        if (target != NULL && component->name != NULL) {
            check_ends(scope, component, link, target);
            check_reader(scope, component, &link->source_config);
            check_reader(scope, target, &link->target_config);
        }
    }
}

static bool are_equal_but_for_names(const struct oam_link *a, const struct oam_link *b)
{
    return strcmp(a->name, b->name) != 0 &&
           a->source_secrets.count + a->target_secrets.count == 0 &&
           b->source_secrets.count + b->target_secrets.count == 0 &&
           validate_configs_are_equal(&a->source_config, &b->source_config) &&
           validate_configs_are_equal(&a->target_config, &b->target_config);
}

static void report_same(struct diags *diags, const struct validate_keyed *first,
                        const struct validate_keyed *again)
{
    const struct oam_link *earlier = first->item;
    const struct oam_link *link = again->item;

    if (are_equal_but_for_names(earlier, link)) {
        diags_add(diags, DIAG_WARNING, "same-link", &link->name_span,
                  "the links %s and %s differ in nothing but their names: expected one "
                  "of them, or another config",
                  diag_quoted(link->name, diags->arena),
                  diag_quoted(earlier->name, diags->arena));
        diags_relate(diags, NULL, &earlier->span, "the other one");
    }
}

/* Links of one name cannot differ in it; the others are few. */
static bool has_names(const struct oam_component *component)
{
    for (size_t i = 1; i < component->links_count; i++) {
        const char *first = component->links[0].name;
        const char *name = component->links[i].name;

        if (first == NULL || (name != NULL && strcmp(first, name) != 0)) {
            return true;
        }
    }
    return false;
}

static void check_same(const struct scope *scope, const struct oam_component *component)
{
    struct validate_keyed *items;
    size_t capacity = 0;
    size_t count = 0;

    if (!has_names(component)) {
        return;
    }
    for (size_t i = 0; i < component->links_count; i++) {
        capacity += component->links[i].interfaces.count;
    }
    items = arena_array(scope->scratch, capacity, sizeof *items);
    for (size_t i = 0; i < component->links_count; i++) {
        const struct oam_link *link = &component->links[i];

        if (link->name == NULL || link->wit_namespace == NULL ||
            link->wit_package == NULL || link->target == NULL) {
            continue;
        }
        for (size_t j = 0; j < link->interfaces.count; j++) {
            items[count++] = (struct validate_keyed){
                .keys = {link->wit_namespace, link->wit_package, link->target,
                         link->interfaces.items[j]},
                .item = link,
                .index = i,
            };
        }
    }
    validate_keyed_repeats(items, count, report_same, scope->diags);
}

static void report_repeat(struct diags *diags, const struct validate_keyed *first,
                          const struct validate_keyed *again)
{
    const struct oam_config *earlier = first->item;
    const struct oam_config *config = again->item;
    const struct oam_configs one = {earlier, 1};
    const struct oam_configs other = {config, 1};

    if (!validate_configs_are_equal(&one, &other)) {
        return;
    }
    diags_add(diags, DIAG_WARNING, "unused-config", &config->span,
              "the config %s is in the list already: expected it once",
              diag_quoted(config->name, diags->arena));
    diags_relate(diags, NULL, &earlier->span, "it is here first");
}

/* Of a link those with properties are not looked at: validate_configs refuses them. */
static void check_repeats(const struct scope *scope, const struct oam_configs *configs,
                          bool is_of_link)
{
    struct validate_keyed *items;
    size_t count = 0;

    if (configs->count < 2) {
        return;
    }
    items = arena_array(scope->scratch, configs->count, sizeof *items);
    for (size_t i = 0; i < configs->count; i++) {
        if (configs->items[i].name != NULL &&
            !(is_of_link && configs->items[i].has_properties)) {
            items[count++] = (struct validate_keyed){
                .keys = {configs->items[i].name}, .item = &configs->items[i], .index = i};
        }
    }
    validate_keyed_repeats(items, count, report_repeat, scope->diags);
}

static void check_configs(const struct scope *scope,
                          const struct oam_component *component)
{
    check_repeats(scope, &component->configs, false);
    for (size_t i = 0; i < component->links_count; i++) {
        check_repeats(scope, &component->links[i].source_config, true);
        check_repeats(scope, &component->links[i].target_config, true);
    }
}

static void sort_names(const struct oam_application *application, struct arena *arena,
                       struct scope *scope)
{
    struct validate_keyed *names =
        arena_array(arena, application->components_count, sizeof *names);
    size_t count = 0;

    for (size_t i = 0; i < application->components_count; i++) {
        if (application->components[i].name != NULL) {
            names[count++] =
                (struct validate_keyed){.keys = {application->components[i].name},
                                        .item = &application->components[i],
                                        .index = i};
        }
    }
    validate_keyed_sort(names, count);
    scope->names = names;
    scope->names_count = count;
}

void lint_application(const struct oam_application *application, struct diags *diags)
{
    struct arena arena = {0};
    struct scope scope = {.diags = diags};

    sort_names(application, &arena, &scope);
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];
        struct arena scratch = {0};

        scope.scratch = &scratch;
        check_image(&scope, component);
        check_links(&scope, component);
        if (component->links_count > 1) {
            check_same(&scope, component);
        }
        check_configs(&scope, component);
        arena_free(&scratch);
    }
    arena_free(&arena);
}
