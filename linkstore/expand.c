#include "linkstore/expand.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "linkstore/expand_image.h"
#include "linkstore/expand_secret.h"
#include "manifest/digest.h"

struct component_id {
    const char *name;
    const char *id;
};

/* The rows made so far.  Counted before they are made, so that the arrays never grow. */
struct expansion {
    const struct oam_application *application;
    const char *source;
    struct arena *arena;
    struct component_id *ids; /* of all components, sorted by name */
    struct config_row *configs;
    size_t configs_count;
    struct link_row *links;
    size_t links_count;
    struct workload_row *workloads;
    size_t workloads_count;
    struct text scratch; /* what a scaler id is the digest of */
};

/*
 * Write name at at, lower-cased, with one underscore for each character that is not an
 * ASCII letter or digit, and return where it ends.  Cuts nothing: the result is never
 * longer than name.
 */
static char *sanitise(char *at, const char *name)
{
    for (; *name != '\0'; name++) {
        const unsigned char byte = (unsigned char)*name;

        if (byte >= 'A' && byte <= 'Z') {
            *at++ = (char)(byte - 'A' + 'a');
        } else if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) {
            *at++ = *name;
        } else if ((byte & 0xc0) != 0x80) {
            *at++ = '_'; /* the first byte of a UTF-8 character stands for all of it */
        }
    }
    return at;
}

static const char *expanded_name(const struct oam_application *application,
                                 const char *name, struct arena *arena)
{
    const size_t room = strlen(application->name) + strlen(name) + sizeof "-";
    char *expanded = arena_alloc(arena, room);
    char *end = sanitise(expanded, application->name);

    *end++ = '-';
    end = sanitise(end, name);
    assert((size_t)(end - expanded) < room);
    *end = '\0';
    return expanded;
}

const char *expand_id(const struct oam_application *application,
                      const struct oam_component *component, struct arena *arena)
{
    if (component->id != NULL) {
        return component->id;
    }
    return expanded_name(application, component->name, arena);
}

const char *expand_config(const struct oam_application *application,
                          const struct oam_config *config, struct arena *arena)
{
    return config->has_properties ? expanded_name(application, config->name, arena)
                                  : config->name;
}

const char *expand_secret(const struct oam_application *application,
                          const struct oam_secret *secret, struct arena *arena)
{
    return arena_print(arena, EXPAND_SECRET_PREFIX "%s",
                       expanded_name(application, secret->name, arena));
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(((const struct component_id *)a)->name,
                  ((const struct component_id *)b)->name);
}

static const char *get_id(const struct expansion *expansion, const char *component)
{
    const struct component_id key = {.name = component};
    const struct component_id *found =
        bsearch(&key, expansion->ids, expansion->application->components_count,
                sizeof key, compare_ids);

    assert(found != NULL); /* validated: a link names a component of its application */
    return found->id;
}

static struct origin origin_of(const struct expansion *expansion, const struct span *span)
{
    return (struct origin){.source = expansion->source, .place = span->start};
}

/* What hosts are told to read: the configs, and after them the secrets. */
static struct names config_names(const struct expansion *expansion,
                                 const struct oam_configs *configs,
                                 const struct oam_secrets *secrets)
{
    const size_t total = configs->count + secrets->count;
    const char **items = arena_array(expansion->arena, total, sizeof *items);

    for (size_t i = 0; i < configs->count; i++) {
        items[i] =
            expand_config(expansion->application, &configs->items[i], expansion->arena);
    }
    for (size_t i = 0; i < secrets->count; i++) {
        items[configs->count + i] =
            expand_secret(expansion->application, &secrets->items[i], expansion->arena);
    }
    return (struct names){.items = items, .count = total};
}

static void add_configs(struct expansion *expansion, const struct oam_configs *configs)
{
    for (size_t i = 0; i < configs->count; i++) {
        const struct oam_config *config = &configs->items[i];

        if (config->has_properties) {
            expansion->configs[expansion->configs_count++] = (struct config_row){
                .name = expand_config(expansion->application, config, expansion->arena),
                .content = desired_content(&config->properties, expansion->arena),
                .origin = origin_of(expansion, &config->span),
            };
        }
    }
}

static void add_secrets(struct expansion *expansion, const struct oam_secrets *secrets)
{
    const struct oam_application *application = expansion->application;

    for (size_t i = 0; i < secrets->count; i++) {
        const struct oam_secret *secret = &secrets->items[i];

        expansion->configs[expansion->configs_count++] = (struct config_row){
            .name = expand_secret(application, secret, expansion->arena),
            .content = expand_secret_content(application, secret, expansion->arena),
            .origin = origin_of(expansion, &secret->span),
        };
    }
}

static void hash_part(struct expansion *expansion, const char *part)
{
    text_append_bytes(&expansion->scratch, part, strlen(part));
}

static void hash_names(struct expansion *expansion, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        hash_part(expansion, names->items[i]);
    }
}

/* The digest of all parts since the last call. */
static const char *take_hash(struct expansion *expansion)
{
    struct text *scratch = &expansion->scratch;
    char digest[DIGEST_HEX_BYTES];

    digest_bytes(scratch->bytes, scratch->count, digest);
    scratch->count = 0;
    return arena_copy(expansion->arena, digest);
}

/* Source: wadm link.rs; interfaces go into the digest as the manifest lists them. */
static const char *link_scaler_id(struct expansion *expansion, const struct link *link)
{
    hash_part(expansion, "LinkScaler");
    hash_part(expansion, expansion->application->name);
    hash_part(expansion, link->name);
    hash_part(expansion, link->source_id);
    hash_part(expansion, link->target);
    hash_part(expansion, link->wit_namespace);
    hash_part(expansion, link->wit_package);
    hash_names(expansion, &link->interfaces);
    hash_names(expansion, &link->source_config);
    hash_names(expansion, &link->target_config);
    return take_hash(expansion);
}

/* The interfaces become a set later, in settle_links. */
static void add_link(struct expansion *expansion, const struct oam_component *source,
                     const struct oam_link *declared)
{
    const struct link link = {
        .source_id = get_id(expansion, source->name),
        .target = get_id(expansion, declared->target),
        .name = declared->name,
        .wit_namespace = declared->wit_namespace,
        .wit_package = declared->wit_package,
        .interfaces = declared->interfaces,
        .source_config =
            config_names(expansion, &declared->source_config, &declared->source_secrets),
        .target_config =
            config_names(expansion, &declared->target_config, &declared->target_secrets),
    };

    expansion->links[expansion->links_count++] = (struct link_row){
        .link = link,
        .scaler_id = link_scaler_id(expansion, &link),
        .origin = origin_of(expansion, &declared->span),
    };
    add_configs(expansion, &declared->source_config);
    add_configs(expansion, &declared->target_config);
    add_secrets(expansion, &declared->source_secrets);
    add_secrets(expansion, &declared->target_secrets);
}

/* Source: wadm spreadscaler/mod.rs, provider.rs; neither instances nor spread count. */
static const char *workload_scaler_id(struct expansion *expansion,
                                      const struct workload_row *row)
{
    hash_part(expansion, row->is_daemon ? "DaemonScaler" : "SpreadScaler");
    hash_part(expansion, expansion->application->name);
    hash_part(expansion, row->component);
    hash_part(expansion, row->id);
    hash_part(expansion, row->image);
    hash_names(expansion, &row->configs);
    return take_hash(expansion);
}

/* Weights beyond 32 bits are all taken for the same. */
static void set_spreads(struct expansion *expansion, const struct oam_scaler *scaler,
                        struct workload_row *row)
{
    struct spread_row *spreads =
        arena_array(expansion->arena, scaler->spreads_count, sizeof *spreads);

    for (size_t i = 0; i < scaler->spreads_count; i++) {
        const struct oam_spread *spread = &scaler->spreads[i];

        spreads[i] = (struct spread_row){
            .name = spread->name,
            .weight = spread->weight < UINT32_MAX ? (uint32_t)spread->weight : UINT32_MAX,
            .requirements = spread->requirements,
        };
    }
    row->spreads = scaler->spreads_count > 0 ? spreads : &spread_default;
    row->spreads_count = scaler->spreads_count > 0 ? scaler->spreads_count : 1;
}

static void add_workload(struct expansion *expansion,
                         const struct oam_component *component)
{
    const struct oam_scaler *scaler = &component->scaler;
    struct workload_row *row = &expansion->workloads[expansion->workloads_count];

    if (scaler->kind == OAM_SCALER_NONE && component->kind == OAM_COMPONENT) {
        return; /* wadm never starts one that does not say how often */
    }
    *row = (struct workload_row){
        .kind = component->kind == OAM_COMPONENT ? WORKLOAD_COMPONENT : WORKLOAD_PROVIDER,
        .id = get_id(expansion, component->name),
        .component = component->name,
        .image = expand_image(component->image, expansion->source, expansion->arena),
        .instances = scaler->kind == OAM_SCALER_NONE ? 1 : scaler->instances,
        .is_daemon = scaler->kind == OAM_SCALER_DAEMON,
        .configs = config_names(expansion, &component->configs, &component->secrets),
        .origin = origin_of(expansion, &component->span),
    };
    set_spreads(expansion, scaler, row);
    row->scaler_id = workload_scaler_id(expansion, row);
    expansion->workloads_count++;
}

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

/* Sort, and of the rows of one name keep the first of the manifest. */
static void settle_configs(struct expansion *expansion)
{
    struct config_row *rows = expansion->configs;
    size_t count = 0;

    qsort(rows, expansion->configs_count, sizeof *rows, compare_configs);
    for (size_t i = 0; i < expansion->configs_count; i++) {
        if (count == 0 || strcmp(rows[count - 1].name, rows[i].name) != 0) {
            rows[count++] = rows[i];
        }
    }
    expansion->configs_count = count;
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

/* Sort, and make of the links of one key the first of them with the interfaces of all. */
static void settle_links(struct expansion *expansion)
{
    struct link_row *rows = expansion->links;
    size_t count = 0;
    size_t same;

    qsort(rows, expansion->links_count, sizeof *rows, compare_links);
    for (size_t i = 0; i < expansion->links_count; i += same) {
        struct link_row row = rows[i];

        same = count_of_key(&rows[i], expansion->links_count - i);
        row.link.interfaces = collect_interfaces(&rows[i], same, expansion->arena);
        rows[count++] = row;
    }
    expansion->links_count = count;
}

static void settle_workloads(struct expansion *expansion)
{
    struct workload_row *rows = expansion->workloads;
    size_t count = 0;

    qsort(rows, expansion->workloads_count, sizeof *rows, compare_workloads);
    for (size_t i = 0; i < expansion->workloads_count; i++) {
        if (count == 0 || strcmp(rows[count - 1].id, rows[i].id) != 0) {
            rows[count++] = rows[i];
        }
    }
    expansion->workloads_count = count;
}

/* Make the ids, and room for as many rows as the manifest can ask for. */
static void prepare(struct expansion *expansion)
{
    const struct oam_application *application = expansion->application;
    struct arena *arena = expansion->arena;
    size_t configs_count = 0;
    size_t links_count = 0;

    expansion->ids =
        arena_array(arena, application->components_count, sizeof *expansion->ids);
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        expansion->ids[i].name = component->name;
        expansion->ids[i].id = expand_id(application, component, arena);
        configs_count += component->configs.count + component->secrets.count;
        links_count += component->links_count;
        for (size_t k = 0; k < component->links_count; k++) {
            const struct oam_link *link = &component->links[k];

            configs_count += link->source_config.count + link->target_config.count +
                             link->source_secrets.count + link->target_secrets.count;
        }
    }
    qsort(expansion->ids, application->components_count, sizeof *expansion->ids,
          compare_ids);
    expansion->configs = arena_array(arena, configs_count, sizeof *expansion->configs);
    expansion->links = arena_array(arena, links_count, sizeof *expansion->links);
    expansion->workloads =
        arena_array(arena, application->components_count, sizeof *expansion->workloads);
}

void expand_application(const struct oam_application *application, const char *source,
                        const char *version, struct arena *arena,
                        struct desired *ret_desired)
{
    struct arena scratch = {0};
    struct expansion expansion = {
        .application = application,
        .source = source,
        .arena = arena,
    };

    text_init(&expansion.scratch, &scratch, SIZE_MAX / 2);
    prepare(&expansion);
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        add_workload(&expansion, component);
        add_configs(&expansion, &component->configs);
        add_secrets(&expansion, &component->secrets);
        for (size_t k = 0; k < component->links_count; k++) {
            add_link(&expansion, component, &component->links[k]);
        }
    }
    settle_configs(&expansion);
    settle_links(&expansion);
    settle_workloads(&expansion);
    arena_free(&scratch);

    *ret_desired = (struct desired){
        .application = application->name,
        .version = version,
        .redeliver = application->redeliver,
        .configs = expansion.configs,
        .configs_count = expansion.configs_count,
        .links = expansion.links,
        .links_count = expansion.links_count,
        .workloads = expansion.workloads,
        .workloads_count = expansion.workloads_count,
    };
}
