#include "linkstore/expand.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "linkstore/expand_image.h"
#include "linkstore/expand_secret.h"
#include "linkstore/expand_settle.h"
#include "manifest/digest.h"

struct component_id {
    const char *name;
    const char *id;
    const struct shared_row *shared; /* NULL: the application runs it itself */
};

/* The rows made so far.  Counted before they are made, so that the arrays never grow. */
struct expansion {
    const struct oam_application *application;
    const char *source;
    struct arena *arena;
    struct component_id *ids; /* of all components, sorted by name */
    struct shared_row *shared;
    size_t shared_count;
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

static const char *expanded_name(const char *application, const char *name,
                                 struct arena *arena)
{
    const size_t room = strlen(application) + strlen(name) + sizeof "-";
    char *expanded = arena_alloc(arena, room);
    char *end = sanitise(expanded, application);

    *end++ = '-';
    end = sanitise(end, name);
    assert((size_t)(end - expanded) < room);
    *end = '\0';
    return expanded;
}

const char *expand_id(const struct oam_application *application,
                      const struct oam_component *component, struct arena *arena)
{
    const struct oam_shared *shared = &component->shared;

    if (component->id != NULL) {
        return component->id;
    }
    return shared->application != NULL
               ? expanded_name(shared->application, shared->component, arena)
               : expanded_name(application->name, component->name, arena);
}

const char *expand_config(const struct oam_application *application,
                          const struct oam_config *config, struct arena *arena)
{
    return config->has_properties ? expanded_name(application->name, config->name, arena)
                                  : config->name;
}

const char *expand_secret(const struct oam_application *application,
                          const struct oam_secret *secret, struct arena *arena)
{
    return arena_print(arena, EXPAND_SECRET_PREFIX "%s",
                       expanded_name(application->name, secret->name, arena));
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(((const struct component_id *)a)->name,
                  ((const struct component_id *)b)->name);
}

static const struct component_id *get_id(const struct expansion *expansion,
                                         const char *component)
{
    const struct component_id key = {.name = component};
    const struct component_id *found =
        bsearch(&key, expansion->ids, expansion->application->components_count,
                sizeof key, compare_ids);

    assert(found != NULL); /* validated: a link names a component of its application */
    return found;
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

/*
 * Interfaces go into the digest as the manifest lists them, and the application is the
 * one that runs the source.
 *
 * Source: wadm link.rs and convert.rs.
 */
static const char *link_scaler_id(struct expansion *expansion, const struct link *link,
                                  const struct shared_row *source)
{
    hash_part(expansion, "LinkScaler");
    hash_part(expansion,
              source != NULL ? source->application : expansion->application->name);
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
    const struct component_id *from = get_id(expansion, source->name);
    const struct component_id *to = get_id(expansion, declared->target);
    const struct link link = {
        .source_id = from->id,
        .target = to->id,
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
        .scaler_id = link_scaler_id(expansion, &link, from->shared),
        .origin = origin_of(expansion, &declared->span),
        .source_shared = from->shared,
        .target_shared = to->shared,
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

static enum workload_kind kind_of(const struct oam_component *component)
{
    return component->kind == OAM_COMPONENT ? WORKLOAD_COMPONENT : WORKLOAD_PROVIDER;
}

static void add_workload(struct expansion *expansion,
                         const struct oam_component *component)
{
    const struct oam_scaler *scaler = &component->scaler;
    struct workload_row *row = &expansion->workloads[expansion->workloads_count];

    if (component->shared.application != NULL ||
        (scaler->kind == OAM_SCALER_NONE && component->kind == OAM_COMPONENT)) {
        return; /* wadm never starts one that does not say how often */
    }
    *row = (struct workload_row){
        .kind = kind_of(component),
        .id = get_id(expansion, component->name)->id,
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

static void add_shared(struct expansion *expansion, const struct oam_component *component)
{
    const struct oam_shared *shared = &component->shared;

    if (shared->application != NULL) {
        expansion->shared[expansion->shared_count++] = (struct shared_row){
            .component = component->name,
            .kind = kind_of(component),
            .application = shared->application,
            .name = shared->component,
            .id = expand_id(expansion->application, component, expansion->arena),
            .state = SHARED_ABSENT,
            .origin = origin_of(expansion, &component->span),
        };
    }
}

static int compare_shared(const void *a, const void *b)
{
    return strcmp(((const struct shared_row *)a)->component,
                  ((const struct shared_row *)b)->component);
}

/* Know the ids of all components, before links name them. */
static void prepare_ids(struct expansion *expansion)
{
    const struct oam_application *application = expansion->application;
    const size_t count = application->components_count;

    expansion->shared = arena_array(expansion->arena, count, sizeof *expansion->shared);
    for (size_t i = 0; i < count; i++) {
        add_shared(expansion, &application->components[i]);
    }
    qsort(expansion->shared, expansion->shared_count, sizeof *expansion->shared,
          compare_shared);
    expansion->ids = arena_array(expansion->arena, count, sizeof *expansion->ids);
    for (size_t i = 0; i < count; i++) {
        const struct oam_component *component = &application->components[i];

        expansion->ids[i] = (struct component_id){
            .name = component->name,
            .id = expand_id(application, component, expansion->arena),
            .shared =
                shared_find(expansion->shared, expansion->shared_count, component->name),
        };
    }
    qsort(expansion->ids, count, sizeof *expansion->ids, compare_ids);
}

/* Make room for as many rows as the manifest can ask for. */
static void prepare_rows(struct expansion *expansion)
{
    const struct oam_application *application = expansion->application;
    struct arena *arena = expansion->arena;
    size_t configs_count = 0;
    size_t links_count = 0;

    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        configs_count += component->configs.count + component->secrets.count;
        links_count += component->links_count;
        for (size_t k = 0; k < component->links_count; k++) {
            const struct oam_link *link = &component->links[k];

            configs_count += link->source_config.count + link->target_config.count +
                             link->source_secrets.count + link->target_secrets.count;
        }
    }
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
    prepare_ids(&expansion);
    prepare_rows(&expansion);
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        add_workload(&expansion, component);
        add_configs(&expansion, &component->configs);
        add_secrets(&expansion, &component->secrets);
        for (size_t k = 0; k < component->links_count; k++) {
            add_link(&expansion, component, &component->links[k]);
        }
    }
    arena_free(&scratch);

    *ret_desired = (struct desired){
        .application = application->name,
        .version = version,
        .redeliver = application->redeliver,
        .is_rebalancing = application->is_rebalancing,
        .configs = expansion.configs,
        .configs_count = settle_configs(expansion.configs, expansion.configs_count),
        .links = expansion.links,
        .links_count = settle_links(expansion.links, expansion.links_count, arena),
        .workloads = expansion.workloads,
        .workloads_count =
            settle_workloads(expansion.workloads, expansion.workloads_count),
        .shared = expansion.shared,
        .shared_count = expansion.shared_count,
        .is_shared = application->is_shared,
    };
}
