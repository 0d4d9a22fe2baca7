#include <assert.h>

#include "reconciler/sim/host.h"
#include "reconciler/sim/host_state.h"
#include "reconciler/sim/host_steps.h"

/* The two annotations of which an inventory tells, sorted. */
static struct properties annotations(const struct host_workload *workload,
                                     struct arena *arena)
{
    struct property *items = arena_array(arena, 2, sizeof *items);
    size_t count = 0;

    if (workload->application[0] != '\0') {
        items[count++] =
            (struct property){"wasmcloud.dev/appspec", workload->application};
    }
    if (workload->manager[0] != '\0') {
        items[count++] = (struct property){"wasmcloud.dev/managed-by", workload->manager};
    }
    return (struct properties){.items = items, .count = count};
}

static void restore_component(struct sim_host *host, const struct host_workload *workload)
{
    struct arena arena = {0};
    const struct sim_component component = {
        .id = workload->id,
        .image = workload->image,
        .code = workload->image,
        .secrets = "",
        .annotations = annotations(workload, &arena),
        .count = workload->count > 0 ? workload->count : 1, /* listed, so it runs */
        .is_subscribed = true,
    };

    sim_host_put_component(host, &component);
    arena_free(&arena);
}

static void restore_provider(struct sim_host *host, const struct host_workload *workload)
{
    struct arena arena = {0};
    const struct sim_start start = {
        .provider_id = workload->id,
        .provider_ref = workload->image,
        .host_id = host->id,
        .annotations = annotations(workload, &arena),
    };
    struct sim_provider *provider = sim_start_new(host, &start);

    /* Of a built-in the inventory keeps the name only, without its scheme. */
    provider->is_builtin = sim_start_is_builtin(workload->image);
    provider->is_old &= !provider->is_builtin;
    if (sim_table_find(&host->providers, provider->id) == NULL) {
        sim_provider_run(host, provider, true);
    } else {
        sim_provider_free(provider); /* listed twice, it runs once */
    }
    arena_free(&arena);
}

void sim_host_restore(struct sim_host *host, const struct inventory *inventory)
{
    assert(host->is_running && host->components.count == 0 && host->providers.count == 0);
    assert(inventory->uptime_seconds >= 0);

    host->started.ms = host->now.ms - inventory->uptime_seconds * 1000;
    for (size_t i = 0; i < inventory->workloads_count; i++) {
        const struct host_workload *workload = &inventory->workloads[i];

        switch (workload->kind) {
        case WORKLOAD_COMPONENT:
            restore_component(host, workload);
            break;
        case WORKLOAD_PROVIDER:
            restore_provider(host, workload);
            break;
        }
    }
}
