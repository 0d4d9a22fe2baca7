#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

/* One link on its way to one provider of the host. */
struct delivering {
    struct link link;
    const char *provider;
    uint64_t serial; /* of the start that it is meant for */
    size_t configs;  /* the first answer about source_config, then target_config */
    bool is_initial; /* part of what the process is started with: never lost */
};

static const char *delivery_key(const struct link *link, struct arena *arena)
{
    return arena_print(arena, "%s\n%s\n%s\n%s\n%s", link->source_id, link->target,
                       link->wit_namespace, link->wit_package, link->name);
}

/* What a provider unlinks by: its two ends. */
static const char *ends_key(const struct link *link, struct arena *arena)
{
    return arena_print(arena, "%s\n%s\n", link->source_id, link->target);
}

void sim_watch_publish_link(struct sim_host *host, const char *id, const char *verb,
                            const struct sim_delivery *delivery)
{
    const struct link *link = &delivery->link;
    struct arena arena = {0};
    struct text text;

    assert(delivery->source_config[0] == '{' && delivery->target_config[0] == '{');
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    sim_json_print_field("{", "source_id", link->source_id, &text);
    sim_json_print_field(",", "target", link->target, &text);
    sim_json_print_field(",", "name", link->name, &text);
    sim_json_print_field(",", "wit_namespace", link->wit_namespace, &text);
    sim_json_print_field(",", "wit_package", link->wit_package, &text);
    text_append(&text, ",\"interfaces\":");
    sim_json_print_names(&link->interfaces, &text);
    text_append(&text, ",\"source_config\":%s,\"target_config\":%s",
                delivery->source_config, delivery->target_config);
    text_append(&text, ",\"source_secrets\":null,\"target_secrets\":null}");
    sim_out_publish(
        host,
        arena_print(&arena, "wasmbus.rpc.%s.%s.linkdefs.%s", host->lattice, id, verb),
        text.bytes, text.count);
    arena_free(&arena);
}

/* A provider knows one link a key: what comes later under it is a duplicate to it. */
static void take(struct sim_provider *provider, const struct sim_delivery *delivery)
{
    struct arena arena = {0};
    struct sim_delivery *copy = arena_alloc(&arena, sizeof *copy);

    assert(!provider->is_broken && provider->serial > 0);
    copy->key = delivery_key(&delivery->link, &arena);
    if (sim_table_find(&provider->deliveries, copy->key) != NULL ||
        sim_table_find(&provider->lost, ends_key(&delivery->link, &arena)) != NULL) {
        arena_free(&arena);
        return;
    }
    copy->link = sim_link_copy(&delivery->link, &arena);
    copy->source_config = arena_copy(&arena, delivery->source_config);
    copy->target_config = arena_copy(&arena, delivery->target_config);
    copy->arena = arena;
    (void)sim_table_put(&provider->deliveries, &provider->arena, copy->key, copy);
}

static void deliver_resolved(struct sim_host *host, struct sim_work *work)
{
    const struct delivering *delivering = work->detail;
    const struct link *link = &delivering->link;
    const size_t targets = delivering->configs + link->source_config.count;
    struct sim_provider *provider =
        sim_table_find(&host->providers, delivering->provider);
    struct sim_delivery delivery = {.link = *link};

    /* A link whose configs are not there is left out; only the host's log says so. */
    if (provider == NULL || provider->serial != delivering->serial ||
        sim_config_use(host, work, &link->source_config, delivering->configs) != NULL ||
        sim_config_use(host, work, &link->target_config, targets) != NULL) {
        sim_work_end(host, work);
        return;
    }
    delivery.source_config =
        sim_config_merge(work, &link->source_config, delivering->configs);
    delivery.target_config = sim_config_merge(work, &link->target_config, targets);
    if (!delivering->is_initial) {
        sim_watch_publish_link(host, provider->curve, "put", &delivery);
    }
    if (sim_provider_listens(host, provider) ||
        (delivering->is_initial && !provider->is_broken)) {
        take(provider, &delivery);
    }
    sim_work_end(host, work);
}

static void deliver(struct sim_host *host, const struct sim_provider *provider,
                    const struct link *link, bool is_initial)
{
    struct sim_work *work = sim_work_new(host);
    struct delivering *delivering = arena_alloc(&work->arena, sizeof *delivering);

    *delivering = (struct delivering){
        .link = sim_link_copy(link, &work->arena),
        .provider = arena_copy(&work->arena, provider->id),
        .serial = provider->serial,
        .is_initial = is_initial,
    };
    assert(delivering->serial > 0);
    work->detail = delivering;
    delivering->configs = sim_config_ask(host, work, &delivering->link.source_config);
    (void)sim_config_ask(host, work, &delivering->link.target_config);
    sim_work_then(host, work, deliver_resolved);
}

/* What provider is started with of one source's links. */
static void deliver_source(struct sim_host *host, const struct sim_provider *provider,
                           const struct sim_spec *spec)
{
    for (size_t i = 0; i < spec->links_count; i++) {
        const struct link *link = &spec->links[i];

        if (strcmp(link->source_id, provider->id) == 0 ||
            strcmp(link->target, provider->id) == 0) {
            deliver(host, provider, link, true);
        }
    }
}

void sim_watch_deliver_all(struct sim_host *host, const struct sim_provider *provider)
{
    for (size_t i = 0; i < host->mirror.count; i++) {
        const struct sim_source *source = host->mirror.rows[i].item;

        deliver_source(host, provider, &source->spec);
    }
}

/* Tell the providers of the host what is new in source. */
static void deliver_new(struct sim_host *host, const struct sim_spec *before,
                        const struct sim_spec *spec)
{
    for (size_t i = 0; i < spec->links_count; i++) {
        const struct link *link = &spec->links[i];
        const struct sim_provider *source =
            sim_table_find(&host->providers, link->source_id);
        const struct sim_provider *target =
            sim_table_find(&host->providers, link->target);

        if (before != NULL && sim_spec_has(before, link, i)) {
            continue;
        }
        if (source != NULL) {
            deliver(host, source, link, false);
        }
        if (target != NULL && target != source) {
            deliver(host, target, link, false);
        }
    }
}

/* Does bytes end as an entry does that has no links, whatever else is in it? */
static bool is_bare(const char *bytes, size_t length)
{
    static const char end[] = "\"links\":[]}";
    const size_t end_length = sizeof end - 1;

    return length > end_length &&
           memcmp(bytes + length - end_length, end, end_length) == 0;
}

/* A copy of spec's links, which is all of an entry that matters to a host; NULL where
 * there are none. */
static struct sim_source *keep(const char *source, const struct sim_spec *spec)
{
    struct arena arena = {0};
    struct sim_source *entry;

    if (spec->links_count == 0) {
        return NULL;
    }
    entry = arena_alloc(&arena, sizeof *entry);
    entry->id = arena_copy(&arena, source);
    entry->spec.url = "";
    entry->spec.links = arena_array(&arena, spec->links_count, sizeof(struct link));
    for (size_t i = 0; i < spec->links_count; i++) {
        entry->spec.links[i] = sim_link_copy(&spec->links[i], &arena);
    }
    entry->spec.links_count = spec->links_count;
    entry->spec.links_capacity = spec->links_count;
    entry->arena = arena;
    return entry;
}

/* Every host hears of every start of a component: most entries have no links, and what
 * is kept of them would be so much for each of both. */
void sim_watch_source(struct sim_host *host, const char *source, const char *bytes,
                      size_t length)
{
    struct sim_source *before = sim_table_find(&host->mirror, source);
    struct sim_source *entry;
    struct arena arena = {0};
    struct sim_spec spec;

    if (before == NULL && is_bare(bytes, length)) {
        return;
    }
    if (sim_spec_read(bytes, length, &arena, &spec)) {
        entry = keep(source, &spec);
        if (before != NULL) {
            (void)sim_table_remove(&host->mirror, source);
        }
        if (entry != NULL) {
            (void)sim_table_put(&host->mirror, &host->arena, entry->id, entry);
            deliver_new(host, before != NULL ? &before->spec : NULL, &entry->spec);
        }
        sim_source_free(before);
    }
    arena_free(&arena);
}

void sim_source_free(struct sim_source *source)
{
    struct arena arena;

    if (source != NULL) {
        arena = source->arena;
        arena_free(&arena);
    }
}

struct ends {
    const char *source_id;
    const char *target;
};

/*
 * A provider drops all links between the two at once, whatever package they are for.  An
 * old one notes that under a key that it does not look for when one is put again.
 */
void sim_watch_unlink(struct sim_host *host, struct sim_work *work)
{
    static const struct sim_field fields[] = {
        {"source_id", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct ends, source_id)},
        {"target", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct ends, target)},
    };
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);
    struct sim_provider *provider = sim_table_find(&host->providers, work->argument);
    struct ends ends;
    const char *prefix;
    size_t i;

    if (provider == NULL || !sim_provider_listens(host, provider) || root == NULL ||
        !sim_json_decode(root, fields, 2, &work->arena, &ends)) {
        sim_work_end(host, work);
        return;
    }
    prefix = arena_print(&work->arena, "%s\n%s\n", ends.source_id, ends.target);
    i = sim_table_seek(&provider->deliveries, prefix);
    while (i < provider->deliveries.count &&
           strncmp(provider->deliveries.rows[i].key, prefix, strlen(prefix)) == 0) {
        struct sim_delivery *delivery = provider->deliveries.rows[i].item;
        struct arena arena = delivery->arena;

        assert(strcmp(delivery->link.target, ends.target) == 0);
        (void)sim_table_remove(&provider->deliveries, delivery->key);
        arena_free(&arena);
        if (provider->is_old) {
            (void)sim_table_put(&provider->lost, &provider->arena,
                                arena_copy(&provider->arena, prefix), provider);
        }
    }
    sim_work_end(host, work);
}
