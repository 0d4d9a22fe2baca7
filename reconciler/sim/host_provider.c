#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "reconciler/sim/host_faults.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

/* How often a provider is asked whether it is well. */
#define HEALTH_MS ((int64_t)30000)

/* How long a host waits for a provider that does not shut down by itself. */
#define SHUTDOWN_MS ((int64_t)300)

/* From the start of a process until its subscriptions exist, measured on the http
 * server: a link put that falls in between never reaches it. */
#define DEAF_MS ((int64_t)50)

bool sim_provider_listens(const struct sim_host *host,
                          const struct sim_provider *provider)
{
    return !provider->is_broken && host->now.ms >= provider->listens_at.ms;
}

static void forget_deliveries(struct sim_provider *provider)
{
    for (size_t i = 0; i < provider->deliveries.count; i++) {
        struct sim_delivery *delivery = provider->deliveries.rows[i].item;
        struct arena arena = delivery->arena;

        arena_free(&arena);
    }
    provider->deliveries.count = 0;
    provider->lost.count = 0; /* a new process has lost nothing yet */
}

void sim_provider_free(struct sim_provider *provider)
{
    struct arena arena;

    forget_deliveries(provider);
    arena_free(&provider->config_arena);
    arena = provider->arena;
    arena_free(&arena);
}

/* A new process of provider: all it knows is what it is started with. */
static void spawn(struct sim_host *host, struct sim_provider *provider)
{
    assert(!provider->is_broken);
    forget_deliveries(provider);
    provider->listens_at.ms = host->now.ms + (provider->is_builtin ? 0 : DEAF_MS);
    sim_watch_deliver_all(host, provider);
}

struct health {
    const char *provider;
    uint64_t serial;
    bool was_healthy;
};

/* The event that follows from an answer; no event says that it is still not well. */
static const char *health_event(bool was_healthy, bool is_healthy)
{
    if (was_healthy == is_healthy) {
        return "health_check_status";
    }
    return is_healthy ? "health_check_passed" : "health_check_failed";
}

/* Ask once, and again later, as long as that process of the provider is there. */
static void check_health(struct sim_host *host, struct sim_work *work)
{
    struct health *health = work->detail;
    const struct sim_provider *provider =
        sim_table_find(&host->providers, health->provider);

    if (provider == NULL || provider->serial != health->serial) {
        sim_work_end(host, work);
        return;
    }
    assert(!provider->is_builtin);
    if (!provider->is_broken) {
        sim_out_health(host, health_event(health->was_healthy, !provider->is_sick),
                       provider->id);
        health->was_healthy = !provider->is_sick;
    }
    sim_work_wait(host, work, HEALTH_MS, check_health);
}

/* Built-in providers are never asked. */
static void watch_health(struct sim_host *host, const struct sim_provider *provider,
                         bool was_healthy)
{
    struct sim_work *work;
    struct health *health;

    if (provider->is_builtin) {
        return;
    }
    work = sim_work_new(host);
    health = arena_alloc(&work->arena, sizeof *health);
    *health = (struct health){
        .provider = arena_copy(&work->arena, provider->id),
        .serial = provider->serial,
        .was_healthy = was_healthy,
    };
    work->detail = health;
    sim_work_wait(host, work, was_healthy ? HEALTH_MS : host->health_delay_ms,
                  check_health);
}

void sim_provider_run(struct sim_host *host, struct sim_provider *provider,
                      bool was_running)
{
    assert(sim_table_find(&host->providers, provider->id) == NULL);
    assert(provider->serial == 0 && provider->deliveries.count == 0);

    provider->serial = ++host->serial_last;
    (void)sim_table_put(&host->providers, &host->arena, provider->id, provider);
    spawn(host, provider);
    if (was_running) {
        provider->listens_at = host->now;
    }
    watch_health(host, provider, was_running);
}

struct stopping {
    const char *host_id;
    const char *provider_id;
    struct properties annotations; /* of the provider, which is gone already */
};

static const struct sim_field stopping_fields[] = {
    {"host_id", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct stopping, host_id)},
    {"provider_id", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct stopping, provider_id)},
    {"provider_ref", SIM_FIELD_TEXT, SIM_OPTIONAL,
     offsetof(struct stopping, provider_id)},
};

static void end_stop(struct sim_host *host, struct sim_work *work)
{
    const struct stopping *stopping = work->detail;
    const struct sim_provider provider = {
        .id = stopping->provider_id,
        .annotations = stopping->annotations,
    };

    sim_out_provider_stopped(host, &provider, stopping->host_id);
    sim_out_accept(host, work, "successfully stopped provider");
    sim_work_end(host, work);
}

void sim_provider_stop(struct sim_host *host, struct sim_work *work)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);
    struct stopping *stopping = arena_alloc(&work->arena, sizeof *stopping);
    struct sim_provider *provider;
    bool is_heeded;

    *stopping = (struct stopping){.host_id = "", .provider_id = ""};
    work->detail = stopping;
    if (root == NULL ||
        !sim_json_decode(root, stopping_fields, 3, &work->arena, stopping)) {
        sim_out_refuse(host, work, "failed to deserialize provider stop command");
        sim_work_end(host, work);
        return;
    }
    provider = sim_table_remove(&host->providers, stopping->provider_id);
    if (provider == NULL) {
        sim_out_refuse(host, work, "provider with that ID is not running");
        sim_work_end(host, work);
        return;
    }
    /* A process heeds a shutdown in its own host's name only. */
    is_heeded = provider->is_builtin || strcmp(stopping->host_id, host->id) == 0;
    stopping->annotations = sim_json_copy_map(&provider->annotations, &work->arena);
    sim_provider_free(provider);
    if (is_heeded) {
        end_stop(host, work);
    } else {
        sim_work_wait(host, work, SHUTDOWN_MS, end_stop);
    }
}

bool sim_host_crash(struct sim_host *host, const char *provider_id)
{
    struct sim_provider *provider = sim_table_find(&host->providers, provider_id);

    if (provider == NULL || provider->is_broken) {
        return false;
    }
    spawn(host, provider);
    sim_start_renew_config(host, provider);
    return true;
}

bool sim_host_break(struct sim_host *host, const char *provider_id)
{
    struct sim_provider *provider = sim_table_find(&host->providers, provider_id);

    if (provider == NULL || provider->is_broken) {
        return false;
    }
    forget_deliveries(provider);
    provider->is_broken = true;
    return true;
}

bool sim_host_set_health(struct sim_host *host, const char *provider_id, bool is_healthy)
{
    struct sim_provider *provider = sim_table_find(&host->providers, provider_id);

    if (provider == NULL) {
        return false;
    }
    provider->is_sick = !is_healthy;
    return true;
}
