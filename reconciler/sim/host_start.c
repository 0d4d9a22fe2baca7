#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"
#include "reconciler/sim/id.h"

/* A built-in provider is there this soon; nothing is fetched for it. */
#define BUILTIN_MS ((int64_t)20)

#define BUILTIN_SCHEME "wasmcloud+builtin://"

static const char *const builtins[] = {"http-client", "http-server", "messaging-nats"};

/* The one that says so when it is switched off. */
#define BUILTIN_CLIENT "http-client"

static const struct sim_field start_fields[] = {
    {"provider_id", SIM_FIELD_TEXT, SIM_REQUIRED,
     offsetof(struct sim_start, provider_id)},
    {"provider_ref", SIM_FIELD_TEXT, SIM_OPTIONAL,
     offsetof(struct sim_start, provider_ref)},
    {"host_id", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct sim_start, host_id)},
    {"config", SIM_FIELD_NAMES, SIM_OPTIONAL, offsetof(struct sim_start, configs)},
    {"annotations", SIM_FIELD_MAP, SIM_NULLABLE, offsetof(struct sim_start, annotations)},
};

/* An image reference as hosts repeat it: without its scheme. */
static const char *strip_scheme(const char *image)
{
    const char *separator = strstr(image, "://");

    assert(separator == NULL || separator[2] == '/');
    return separator != NULL ? separator + 3 : image;
}

bool sim_start_is_builtin(const char *image)
{
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        if (strcmp(image, builtins[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool asks_builtin(const struct sim_start *start)
{
    return strncmp(start->provider_ref, BUILTIN_SCHEME, strlen(BUILTIN_SCHEME)) == 0;
}

static void fail(struct sim_host *host, struct sim_work *work, const char *error)
{
    sim_out_start_failed(host, work->detail, error);
    sim_work_end(host, work);
}

static bool is_running(const struct sim_host *host, const struct sim_start *start)
{
    return sim_table_find(&host->providers, start->provider_id) != NULL;
}

/* The merged config that a provider was started with, or has now. */
static void publish_config(struct sim_host *host, struct sim_work *work,
                           const struct sim_provider *provider, size_t first)
{
    const char *content = sim_config_merge(work, &provider->configs, first);

    assert(!provider->is_builtin);
    sim_out_publish(host,
                    arena_print(&work->arena, "wasmbus.rpc.%s.%s.config.update",
                                host->lattice, provider->id),
                    content, strlen(content));
}

/* That is what the process of provider is started with. */
static void set_config(struct sim_work *work, struct sim_provider *provider, size_t first)
{
    arena_free(&provider->config_arena);
    provider->config = arena_copy(&provider->config_arena,
                                  sim_config_merge(work, &provider->configs, first));
}

struct sim_provider *sim_start_new(struct sim_host *host, const struct sim_start *start)
{
    struct arena arena = {0};
    struct sim_provider *provider = arena_alloc(&arena, sizeof *provider);

    *provider = (struct sim_provider){
        .id = arena_copy(&arena, start->provider_id),
        .image = arena_copy(&arena, strip_scheme(start->provider_ref)),
        .annotations = sim_json_copy_map(&start->annotations, &arena),
        .configs = sim_json_copy_names(&start->configs, &arena),
        .curve = sim_id_key(&host->prng, SIM_KEY_CURVE, &arena),
        .is_builtin = asks_builtin(start),
        .is_old = !asks_builtin(start) && sim_sdk_is_old(start->provider_ref),
        .config = "{}",
    };
    provider->arena = arena;
    assert(provider->serial == 0);
    return provider;
}

/* Its configs are here: nothing stands between the provider and its process. */
static void run(struct sim_host *host, struct sim_work *work)
{
    const struct sim_start *start = work->detail;
    const char *missing = sim_config_use(host, work, &start->configs, start->answers);
    struct sim_provider *provider;

    if (missing != NULL) {
        fail(host, work, sim_config_complaint(missing, &work->arena));
        return;
    }
    if (is_running(host, start)) {
        fail(host, work, "provider is already running with that ID");
        return;
    }
    provider = sim_start_new(host, start);
    set_config(work, provider, start->answers);
    sim_provider_run(host, provider, false);
    sim_out_provider_started(host, provider, start->host_id);
    if (!provider->is_builtin) {
        publish_config(host, work, provider, start->answers);
    }
    sim_work_end(host, work);
}

static void load_configs(struct sim_host *host, struct sim_work *work)
{
    struct sim_start *start = work->detail;

    assert(work->answers_count == 2);
    if (!sim_work_last(work)->is_done) {
        fail(host, work, "failed to put component spec");
        return;
    }
    if (is_running(host, start)) {
        fail(host, work, "provider is already running with that ID");
        return;
    }
    start->answers = sim_config_ask(host, work, &start->configs);
    sim_work_then(host, work, run);
}

/* The entry of the provider is read: write it back, which is a race with every put. */
static void renew_spec(struct sim_host *host, struct sim_work *work)
{
    const struct sim_answer *answer = sim_work_last(work);
    const struct sim_start *start = work->detail;
    const char *value = sim_spec_renew(answer->bytes, answer->length,
                                       strip_scheme(start->provider_ref), &work->arena);

    if (answer->is_bucket_missing || value == NULL) {
        fail(host, work, "failed to get component spec");
        return;
    }
    (void)sim_work_write(host, work, SIM_BUCKET_LINKS,
                         sim_spec_key(start->provider_id, &work->arena), value);
    sim_work_then(host, work, load_configs);
}

static void fetched(struct sim_host *host, struct sim_work *work)
{
    const struct sim_start *start = work->detail;
    const char *refusal = sim_host_refusal(host, start->provider_ref);
    const char *path = strip_scheme(start->provider_ref);

    assert(start->provider_id != NULL && work->answers_count == 0);
    if (refusal != NULL) {
        if (refusal[0] == '\0') {
            refusal = arena_print(&work->arena,
                                  "failed to read provider: failed to load provider "
                                  "archive: failed to load target [x86_64-linux] from "
                                  "PAR from file [%s]: No such file or directory "
                                  "(os error 2)",
                                  path);
        }
        fail(host, work,
             arena_print(&work->arena, "failed to fetch provider: %s", refusal));
        return;
    }
    if (asks_builtin(start) && sim_host_is_disabled(host, path)) {
        fail(host, work, "feature `builtin-http-client` is not enabled, denying start");
        return;
    }
    if (asks_builtin(start) && !sim_start_is_builtin(path)) {
        fail(host, work, arena_print(&work->arena, "unknown builtin name: %s", path));
        return;
    }
    (void)sim_work_read(host, work, SIM_BUCKET_LINKS,
                        sim_spec_key(start->provider_id, &work->arena));
    sim_work_then(host, work, renew_spec);
}

/* A built-in that is switched off: there is not even an answer. */
static bool is_silent(const struct sim_host *host, const struct sim_start *start)
{
    const char *path = strip_scheme(start->provider_ref);

    return asks_builtin(start) && strcmp(path, BUILTIN_CLIENT) != 0 &&
           sim_host_is_disabled(host, path);
}

void sim_provider_start(struct sim_host *host, struct sim_work *work)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);
    struct sim_start *start = arena_alloc(&work->arena, sizeof *start);

    *start = (struct sim_start){.provider_ref = "", .host_id = ""};
    work->detail = start;
    if (root == NULL ||
        !sim_json_decode(root, start_fields, sizeof start_fields / sizeof *start_fields,
                         &work->arena, start)) {
        sim_out_refuse(host, work, "failed to deserialize provider start command");
        sim_work_end(host, work);
        return;
    }
    if (is_running(host, start)) {
        sim_out_refuse(host, work, "provider with that ID is already running");
        sim_work_end(host, work);
        return;
    }
    if (is_silent(host, start)) {
        sim_work_end(host, work);
        return;
    }
    sim_out_accept(host, work, "successfully started provider");
    sim_work_wait(host, work,
                  asks_builtin(start) ? BUILTIN_MS
                                      : sim_host_fetch_ms(host, start->provider_ref),
                  fetched);
}

struct notice {
    struct names configs;
    const char *provider;
    uint64_t serial;
};

static void publish_notice(struct sim_host *host, struct sim_work *work)
{
    const struct notice *notice = work->detail;
    const struct sim_provider *provider =
        sim_table_find(&host->providers, notice->provider);

    if (provider != NULL && provider->serial == notice->serial) {
        publish_config(host, work, provider, 0);
    }
    sim_work_end(host, work);
}

static void renew_config(struct sim_host *host, struct sim_work *work)
{
    const struct notice *notice = work->detail;
    struct sim_provider *provider = sim_table_find(&host->providers, notice->provider);

    if (provider != NULL && provider->serial == notice->serial) {
        set_config(work, provider, 0);
    }
    sim_work_end(host, work);
}

/* Read the configs of provider, and take step then. */
static void read_configs(struct sim_host *host, const struct sim_provider *provider,
                         sim_step step)
{
    struct sim_work *work = sim_work_new(host);
    struct notice *notice = arena_alloc(&work->arena, sizeof *notice);

    *notice = (struct notice){
        .configs = sim_json_copy_names(&provider->configs, &work->arena),
        .provider = arena_copy(&work->arena, provider->id),
        .serial = provider->serial,
    };
    work->detail = notice;
    (void)sim_config_ask(host, work, &notice->configs);
    sim_work_then(host, work, step);
}

void sim_start_renew_config(struct sim_host *host, const struct sim_provider *provider)
{
    read_configs(host, provider, renew_config);
}

static bool names_config(const struct sim_provider *provider, const char *name)
{
    for (size_t i = 0; i < provider->configs.count; i++) {
        if (strcmp(provider->configs.items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

void sim_start_config_changed(struct sim_host *host, const char *name)
{
    for (size_t i = 0; i < host->providers.count; i++) {
        const struct sim_provider *provider = host->providers.rows[i].item;

        if (!provider->is_builtin && names_config(provider, name)) {
            read_configs(host, provider, publish_notice);
        }
    }
}
