#include "manifest/validate.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "manifest/validate_config.h"
#include "manifest/validate_keyed.h"
#include "manifest/validate_link.h"
#include "manifest/validate_secret.h"

/* What every rule looks at. */
struct scope {
    const struct oam_application *application;
    struct arena *scratch; /* freed after each rule */
    struct diags *diags;
};

static void report_name(struct diags *diags, const struct validate_keyed *first,
                        const struct validate_keyed *again)
{
    const struct oam_component *earlier = first->item;
    const struct oam_component *component = again->item;

    if (diags_drop(diags, DIAG_ERROR)) {
        return;
    }
    diags_add(diags, DIAG_ERROR, "duplicate-component", &component->name_span,
              "a component is named %s already: expected another name",
              diag_quoted(component->name, diags->arena));
    diags_relate(diags, NULL, &earlier->name_span, "it has the name first");
}

static void report_id(struct diags *diags, const struct validate_keyed *first,
                      const struct validate_keyed *again)
{
    const struct oam_component *earlier = first->item;
    const struct oam_component *component = again->item;

    if (diags_drop(diags, DIAG_ERROR)) {
        return;
    }
    diags_add(diags, DIAG_ERROR, "duplicate-id", &component->id_span,
              "a component has the id %s already: expected another id",
              diag_quoted(component->id, diags->arena));
    diags_relate(diags, NULL, &earlier->id_span, "it has the id first");
}

static const char *name_of(const struct oam_component *component)
{
    return component->name;
}

static const char *id_of(const struct oam_component *component)
{
    return component->id;
}

/* Report the components whose key, if they have one, another has before them. */
static void check_unique(const struct scope *scope,
                         const char *key_of(const struct oam_component *),
                         validate_repeat *report)
{
    const struct oam_application *application = scope->application;
    struct validate_keyed *items =
        arena_array(scope->scratch, application->components_count, sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        if (key_of(component) != NULL) {
            items[count++] = (struct validate_keyed){
                .keys = {key_of(component)}, .item = component, .index = i};
        }
    }
    validate_keyed_repeats(items, count, report, scope->diags);
}

static void check_names(const struct scope *scope)
{
    check_unique(scope, name_of, report_name);
}

static void check_ids(const struct scope *scope)
{
    check_unique(scope, id_of, report_id);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The names of all components, sorted; NULL when one has none. */
static const char *const *sorted_names(const struct oam_application *application,
                                       struct arena *scratch)
{
    const size_t count = application->components_count;
    const char **names = arena_array(scratch, count, sizeof(char *));

    for (size_t i = 0; i < count; i++) {
        names[i] = application->components[i].name;
        if (names[i] == NULL) {
            return NULL;
        }
    }
    if (count > 0) {
        qsort(names, count, sizeof(char *), compare_names);
    }
    return names;
}

/* As diag_near, while there is work left for it. */
static const char *find_near(const char *word, const char *const *names, size_t count,
                             size_t *work)
{
    const size_t length = strlen(word);

    if (length >= NAME_BYTES_MAX || count * length * length > *work) {
        return NULL;
    }
    *work -= count * length * length;
    return diag_near(word, names, count);
}

/* Report a target that is none of the count sorted names. */
static void check_target(const struct oam_link *link, const char *const *names,
                         size_t count, size_t *work, struct diags *diags)
{
    const char *near;

    if (link->target == NULL ||
        bsearch(&link->target, names, count, sizeof(char *), compare_names) != NULL ||
        diags_drop(diags, DIAG_ERROR)) {
        return;
    }
    near = find_near(link->target, names, count, work);
    diags_add(diags, DIAG_ERROR, "unknown-target", &link->target_span,
              "no component is named %s: %s%s%s", diag_quoted(link->target, diags->arena),
              near == NULL ? "expected one of this application" : "did you mean ",
              near == NULL ? "" : diag_quoted(near, diags->arena),
              near == NULL ? "" : "?");
}

static void check_targets(const struct scope *scope)
{
    const size_t count = scope->application->components_count;
    const char *const *names = sorted_names(scope->application, scope->scratch);
    size_t work = SUGGESTIONS_WORK_MAX;

    for (size_t i = 0; names != NULL && i < count; i++) {
        const struct oam_component *component = &scope->application->components[i];

        for (size_t j = 0; j < component->links_count; j++) {
            check_target(&component->links[j], names, count, &work, scope->diags);
        }
    }
}

/* wadm never runs a component without a scaler; a provider runs once without one. */
static void check_scalers(const struct scope *scope)
{
    for (size_t i = 0; i < scope->application->components_count; i++) {
        const struct oam_component *component = &scope->application->components[i];

        if (component->kind == OAM_COMPONENT &&
            component->scaler.kind == OAM_SCALER_NONE && component->name != NULL &&
            component->image != NULL && !diags_drop(scope->diags, DIAG_WARNING)) {
            diags_add(scope->diags, DIAG_WARNING, "no-scaler", &component->name_span,
                      "component %s has no scaler and never runs: expected a trait "
                      "'spreadscaler' or 'daemonscaler'",
                      diag_quoted(component->name, scope->diags->arena));
        }
    }
}

static void check_links(const struct scope *scope)
{
    for (size_t i = 0; i < scope->application->components_count; i++) {
        validate_links(&scope->application->components[i], scope->scratch, scope->diags);
    }
}

static void check_secrets(const struct scope *scope)
{
    validate_secrets(scope->application, scope->diags);
}

static void report_own(const struct scope *scope, const struct span *span,
                       const char *what)
{
    diags_add(scope->diags, DIAG_ERROR, "shared-component", span,
              "a component of another application has %s here: expected it in the "
              "manifest of that application",
              what);
}

/* Who runs a component says how; wadm reports the first of these only. */
static void check_shared(const struct scope *scope)
{
    for (size_t i = 0; i < scope->application->components_count; i++) {
        const struct oam_component *component = &scope->application->components[i];

        if (component->shared.application == NULL) {
            continue;
        }
        if (component->configs.count > 0) {
            report_own(scope, &component->configs.items[0].span, "'config'");
        }
        if (component->secrets.count > 0) {
            report_own(scope, &component->secrets.items[0].span, "'secrets'");
        }
        if (component->scaler.kind != OAM_SCALER_NONE) {
            report_own(scope, &component->scaler.span, "a scaler");
        }
    }
}

static void check_configs(const struct scope *scope)
{
    validate_configs(scope->application, scope->scratch, scope->diags);
}

/* A name that stands alone, or behind that of the application and a '-'. */
static void check_length(const struct scope *scope, const char *name, bool has_prefix,
                         const struct span *span)
{
    const char *application = scope->application->name;
    size_t length = name == NULL ? 0 : strlen(name);

    if (has_prefix && application != NULL) {
        length += strlen(application) + 1;
    }
    if (length > NAME_BYTES_MAX) {
        diags_add(scope->diags, DIAG_ERROR, "limit", span,
                  "a name of %zu bytes%s: expected at most %d", length,
                  has_prefix ? ", made of this one and the application's" : "",
                  NAME_BYTES_MAX);
    }
}

static void check_config_lengths(const struct scope *scope,
                                 const struct oam_configs *configs)
{
    for (size_t i = 0; i < configs->count; i++) {
        const struct oam_config *config = &configs->items[i];

        check_length(scope, config->name, config->has_properties, &config->span);
    }
}

static void check_link_lengths(const struct scope *scope, const struct oam_link *link)
{
    check_length(scope, link->name, false, &link->span);
    check_config_lengths(scope, &link->target_config);
    check_config_lengths(scope, &link->source_config);
}

static void check_lengths(const struct scope *scope)
{
    const struct oam_application *application = scope->application;

    check_length(scope, application->name, false, &application->name_span);
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        if (component->id != NULL) {
            check_length(scope, component->id, false, &component->id_span);
        } else {
            check_length(scope, component->name, true, &component->name_span);
        }
        check_config_lengths(scope, &component->configs);
        for (size_t j = 0; j < component->links_count; j++) {
            check_link_lengths(scope, &component->links[j]);
        }
    }
}

void validate_application(const struct oam_application *application, struct diags *diags)
{
    static void (*const rules[])(const struct scope *scope) = {
        check_names, check_ids,     check_targets, check_scalers, check_shared,
        check_links, check_configs, check_secrets, check_lengths,
    };

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct arena scratch = {0};
        const struct scope scope = {
            .application = application, .scratch = &scratch, .diags = diags};

        rules[i](&scope);
        arena_free(&scratch);
    }
}
