#include "linkstore/across.h"

#include <assert.h>
#include <string.h>

#include "linkstore/across_shared.h"
#include "linkstore/expand.h"
#include "manifest/lint_port.h"
#include "manifest/validate_keyed.h"

/* An application, and what it wants. */
struct claimant {
    const struct across_application *given;
    struct desired desired;
};

/* Something that an application wants: a row of one kind, or none for its name. */
struct claim {
    const struct claimant *by;
    union {
        const struct config_row *config;
        const struct link_row *link;
        const struct workload_row *workload;
    } row;
};

struct across {
    struct claimant *claimants;
    size_t count;
    struct arena *scratch;
    struct diags *diags;
};

/* Claims that will be held against each other. */
struct claims {
    struct validate_keyed *items;
    struct claim *claims;
    size_t count;
    size_t capacity;
};

static struct claims make_claims(const struct across *across, size_t capacity)
{
    return (struct claims){
        .items = arena_array(across->scratch, capacity, sizeof(struct validate_keyed)),
        .claims = arena_array(across->scratch, capacity, sizeof(struct claim)),
        .capacity = capacity,
    };
}

/* Add claim, and return the item whose keys say what is claimed. */
static struct validate_keyed *add_claim(struct claims *claims, struct claim claim)
{
    struct validate_keyed *item = &claims->items[claims->count];

    assert(claims->count < claims->capacity);

    claims->claims[claims->count] = claim;
    *item = (struct validate_keyed){.item = &claims->claims[claims->count],
                                    .index = claims->count};
    claims->count++;
    return item;
}

static const struct oam_application *application_of(const struct claim *claim)
{
    return claim->by->given->application;
}

/*
 * Are these claims of two applications?  Two of one name are reported for that.  Goes to
 * the source of the later claim; what cannot be kept is counted, and not worked out.
 */
static bool begin_report(struct diags *diags, const struct claim *first,
                         const struct claim *again)
{
    assert(first != again);

    if (strcmp(application_of(first)->name, application_of(again)->name) == 0 ||
        diags_drop(diags, DIAG_ERROR)) {
        return false;
    }
    diags->source = again->by->given->manifest->source;
    diags->allowances = again->by->given->manifest->allowances;
    return true;
}

static void relate(struct diags *diags, const struct claim *first, struct span span)
{
    diags_relate(diags, first->by->given->manifest->source, &span,
                 "it is claimed here, too");
}

static void report_name(struct diags *diags, const struct validate_keyed *first,
                        const struct validate_keyed *again)
{
    const struct claim *earlier = first->item;
    const struct claim *claim = again->item;
    const struct oam_application *application = application_of(claim);

    diags->source = claim->by->given->manifest->source;
    diags->allowances = claim->by->given->manifest->allowances;
    diags_add(diags, DIAG_ERROR, "duplicate-application", &application->name_span,
              "an application is named %s already: expected another name",
              diag_quoted(application->name, diags->arena));
    diags_relate(diags, earlier->by->given->manifest->source,
                 &application_of(earlier)->name_span, "it has the name first");
}

static void check_application_names(const struct across *across)
{
    struct claims claims = make_claims(across, across->count);

    for (size_t i = 0; i < across->count; i++) {
        const struct claim claim = {.by = &across->claimants[i]};

        add_claim(&claims, claim)->keys[0] = application_of(&claim)->name;
    }
    validate_keyed_repeats(claims.items, claims.count, report_name, across->diags);
}

/* Where the component of a row says which id it has. */
static struct span span_of_workload(const struct claim *claim)
{
    const struct oam_application *application = application_of(claim);
    size_t i = 0;

    while (strcmp(application->components[i].name, claim->row.workload->component) != 0) {
        i++;
        assert(i < application->components_count);
    }
    return application->components[i].id != NULL ? application->components[i].id_span
                                                 : application->components[i].name_span;
}

static bool is_same_workload(const struct workload_row *a, const struct workload_row *b)
{
    return a->kind == b->kind && strcmp(a->image, b->image) == 0 &&
           a->instances == b->instances && a->is_daemon == b->is_daemon &&
           names_compare(&a->configs, &b->configs) == 0 &&
           desired_spreads_are_equal(a, b);
}

static void report_workload(struct diags *diags, const struct validate_keyed *first,
                            const struct validate_keyed *again)
{
    const struct claim *earlier = first->item;
    const struct claim *claim = again->item;
    struct span span;

    if (is_same_workload(earlier->row.workload, claim->row.workload) ||
        !begin_report(diags, earlier, claim)) {
        return;
    }
    span = span_of_workload(claim);
    diags_add(diags, DIAG_ERROR, "duplicate-id", &span,
              "application %s runs something else with the id %s: expected another 'id'",
              diag_quoted(application_of(earlier)->name, diags->arena),
              diag_quoted(again->keys[0], diags->arena));
    relate(diags, earlier, span_of_workload(earlier));
}

static void check_workloads(const struct across *across)
{
    struct claims claims;
    size_t capacity = 0;

    for (size_t i = 0; i < across->count; i++) {
        capacity += across->claimants[i].desired.workloads_count;
    }
    claims = make_claims(across, capacity);
    for (size_t i = 0; i < across->count; i++) {
        const struct claimant *by = &across->claimants[i];

        for (size_t j = 0; j < by->desired.workloads_count; j++) {
            const struct workload_row *row = &by->desired.workloads[j];

            add_claim(&claims, (struct claim){by, {.workload = row}})->keys[0] = row->id;
        }
    }
    validate_keyed_repeats(claims.items, claims.count, report_workload, across->diags);
}

static bool starts_at(const struct span *span, const struct origin *origin)
{
    return span->start.line == origin->place.line &&
           span->start.column == origin->place.column;
}

static const struct span *find_config(const struct oam_configs *configs,
                                      const struct origin *origin)
{
    for (size_t i = 0; i < configs->count; i++) {
        if (starts_at(&configs->items[i].span, origin)) {
            return &configs->items[i].span;
        }
    }
    return NULL;
}

/* All of what a row was made of, where the row itself knows the beginning, which is what
 * is left for secrets. */
static struct span span_of_config(const struct claim *claim)
{
    const struct oam_application *application = application_of(claim);
    const struct origin *origin = &claim->row.config->origin;
    const struct span *found = NULL;

    for (size_t i = 0; i < application->components_count && found == NULL; i++) {
        const struct oam_component *component = &application->components[i];

        found = find_config(&component->configs, origin);
        for (size_t j = 0; j < component->links_count && found == NULL; j++) {
            found = find_config(&component->links[j].source_config, origin);
            if (found == NULL) {
                found = find_config(&component->links[j].target_config, origin);
            }
        }
    }
    return found != NULL ? *found : (struct span){origin->place, origin->place};
}

static void report_config(struct diags *diags, const struct validate_keyed *first,
                          const struct validate_keyed *again)
{
    const struct claim *earlier = first->item;
    const struct claim *claim = again->item;
    struct span span;

    if (strcmp(earlier->row.config->content, claim->row.config->content) == 0 ||
        !begin_report(diags, earlier, claim)) {
        return;
    }
    span = span_of_config(claim);
    diags_add(diags, DIAG_ERROR, "config-conflict", &span,
              "application %s has other properties in the config %s: expected the same, "
              "or another name",
              diag_quoted(application_of(earlier)->name, diags->arena),
              diag_quoted(again->keys[0], diags->arena));
    relate(diags, earlier, span_of_config(earlier));
}

static void check_configs(const struct across *across)
{
    struct claims claims;
    size_t capacity = 0;

    for (size_t i = 0; i < across->count; i++) {
        capacity += across->claimants[i].desired.configs_count;
    }
    claims = make_claims(across, capacity);
    for (size_t i = 0; i < across->count; i++) {
        const struct claimant *by = &across->claimants[i];

        for (size_t j = 0; j < by->desired.configs_count; j++) {
            const struct config_row *row = &by->desired.configs[j];

            add_claim(&claims, (struct claim){by, {.config = row}})->keys[0] = row->name;
        }
    }
    validate_keyed_repeats(claims.items, claims.count, report_config, across->diags);
}

static struct span span_of_link(const struct claim *claim)
{
    const struct oam_application *application = application_of(claim);
    const struct origin *origin = &claim->row.link->origin;

    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        for (size_t j = 0; j < component->links_count; j++) {
            if (starts_at(&component->links[j].span, origin)) {
                return component->links[j].span;
            }
        }
    }
    return (struct span){origin->place, origin->place};
}

static void report_link(struct diags *diags, const struct claim *first,
                        const struct claim *again, const char *difference)
{
    const struct link *link = &again->row.link->link;
    struct span span;

    if (!begin_report(diags, first, again)) {
        return;
    }
    span = span_of_link(again);
    diags_add(diags, DIAG_ERROR, "link-slot", &span,
              "application %s links %s with %s:%s under the name %s %s: expected "
              "another 'name'",
              diag_quoted(application_of(first)->name, diags->arena),
              diag_quoted(link->source_id, diags->arena), link->wit_namespace,
              link->wit_package, diag_quoted(link->name, diags->arena), difference);
    relate(diags, first, span_of_link(first));
}

static void report_key(struct diags *diags, const struct validate_keyed *first,
                       const struct validate_keyed *again)
{
    const struct claim *earlier = first->item;
    const struct claim *claim = again->item;

    if (!link_is_equal(&earlier->row.link->link, &claim->row.link->link)) {
        report_link(diags, earlier, claim, "otherwise");
    }
}

static void report_interface(struct diags *diags, const struct validate_keyed *first,
                             const struct validate_keyed *again)
{
    const struct claim *earlier = first->item;
    const struct claim *claim = again->item;

    if (strcmp(earlier->row.link->link.target, claim->row.link->link.target) != 0) {
        report_link(diags, earlier, claim, "to something else");
    }
}

static void set_slot(struct validate_keyed *item, const struct link *link,
                     const char *last)
{
    item->keys[0] = link->source_id;
    item->keys[1] = link->wit_namespace;
    item->keys[2] = link->wit_package;
    item->keys[3] = link->name;
    item->keys[4] = last;
}

/* Add what row claims: its key, and each interface in its slot. */
static void add_link(struct claims *keys, struct claims *interfaces, struct claim claim)
{
    const struct link *link = &claim.row.link->link;

    set_slot(add_claim(keys, claim), link, link->target);
    for (size_t i = 0; i < link->interfaces.count; i++) {
        set_slot(add_claim(interfaces, claim), link, link->interfaces.items[i]);
    }
}

/* Of one key a host keeps one link, and in a slot an interface has one target. */
static void check_links(const struct across *across)
{
    struct claims keys;
    struct claims interfaces;
    size_t keys_capacity = 0;
    size_t interfaces_capacity = 0;

    for (size_t i = 0; i < across->count; i++) {
        const struct desired *desired = &across->claimants[i].desired;

        keys_capacity += desired->links_count;
        for (size_t j = 0; j < desired->links_count; j++) {
            interfaces_capacity += desired->links[j].link.interfaces.count;
        }
    }
    keys = make_claims(across, keys_capacity);
    interfaces = make_claims(across, interfaces_capacity);
    for (size_t i = 0; i < across->count; i++) {
        const struct claimant *by = &across->claimants[i];

        for (size_t j = 0; j < by->desired.links_count; j++) {
            const struct claim claim = {by, {.link = &by->desired.links[j]}};

            add_link(&keys, &interfaces, claim);
        }
    }
    validate_keyed_repeats(keys.items, keys.count, report_key, across->diags);
    validate_keyed_repeats(interfaces.items, interfaces.count, report_interface,
                           across->diags);
}

static void collect(struct across *across, const struct across_application *applications)
{
    struct desired *desired =
        arena_array(across->scratch, across->count, sizeof *desired);

    across->claimants =
        arena_array(across->scratch, across->count, sizeof *across->claimants);
    for (size_t i = 0; i < across->count; i++) {
        expand_application(applications[i].application, applications[i].manifest->source,
                           NULL, across->scratch, &desired[i]);
    }
    across_resolve_shared(applications, desired, across->count, across->scratch);
    for (size_t i = 0; i < across->count; i++) {
        across->claimants[i] = (struct claimant){&applications[i], desired[i]};
    }
}

static struct across_application *list(const struct manifest *manifests, size_t count,
                                       struct arena *arena, size_t *ret_count)
{
    struct across_application *applications;
    size_t applications_count = 0;

    for (size_t i = 0; i < count; i++) {
        applications_count += manifests[i].applications_count;
    }
    applications = arena_array(arena, applications_count, sizeof *applications);
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < manifests[i].applications_count; j++) {
            applications[(*ret_count)++] =
                (struct across_application){&manifests[i].applications[j], &manifests[i]};
        }
    }
    return applications;
}

void across_check(const struct manifest *manifests, size_t count, bool is_complete,
                  struct diags *diags)
{
    struct arena scratch = {0};
    struct across across = {.scratch = &scratch, .diags = diags};
    const struct across_application *applications =
        list(manifests, count, &scratch, &across.count);

    across_check_shared(applications, across.count, is_complete && count > 1, diags);
    if (across.count > 1) {
        collect(&across, applications);
        check_application_names(&across);
        check_workloads(&across);
        check_configs(&across);
        check_links(&across);
    }
    lint_ports(manifests, count, diags);
    diags_sort(diags);
    arena_free(&scratch);
}
