#include <assert.h>

#include "manifest/limits.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"
#include "reconciler/sim/id.h"

/* Where a real host says it is connected to. */
#define SERVER "nats://127.0.0.1:4222"

static int64_t uptime_seconds(const struct sim_host *host)
{
    assert(host->now.ms >= host->started.ms);
    return (host->now.ms - host->started.ms) / 1000;
}

/* ,"uptime_human":"3m","uptime_seconds":180 */
static void print_uptime(const struct sim_host *host, struct text *text)
{
    text_append(text, ",\"uptime_human\":\"");
    sim_id_print_uptime(uptime_seconds(host), text);
    text_append(text, "\",\"uptime_seconds\":%lld", (long long)uptime_seconds(host));
}

static void print_map_field(const char *key, const struct properties *map,
                            struct text *text)
{
    text_append(text, ",\"%s\":", key);
    sim_json_print_map(map, text);
}

void sim_query_ping(struct sim_host *host, struct sim_work *work)
{
    struct text text;

    text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
    text_append(&text, "{\"rpc_host\":\"" SERVER "\",\"ctl_host\":\"" SERVER "\"");
    sim_json_print_field(",", "friendly_name", host->name, &text);
    sim_json_print_field(",", "id", host->id, &text);
    print_map_field("labels", &host->labels, &text);
    sim_json_print_field(",", "lattice", host->lattice, &text);
    print_uptime(host, &text);
    sim_json_print_field(",", "version", host->version, &text);
    text_append(&text, "}");
    sim_out_respond(host, work, text.bytes);
    sim_work_end(host, work);
}

static void print_limits(const struct sim_component *component, struct text *text)
{
    text_append(text, ",\"limits\":");
    if (component->limits.items != NULL) {
        sim_json_print_map(&component->limits, text);
    } else {
        text_append(text, "null");
    }
}

/* In a reply the keys are in the order of the host's struct. */
static void print_component(const struct sim_component *component, struct text *text)
{
    assert(component->count > 0);
    sim_json_print_field("{", "id", component->id, text);
    sim_json_print_field(",", "image_ref", component->image, text);
    print_map_field("annotations", &component->annotations, text);
    text_append(text, ",\"revision\":0,\"max_instances\":%u",
                (unsigned int)component->count);
    print_limits(component, text);
    text_append(text, "}");
}

static void print_provider(const struct sim_provider *provider, struct text *text)
{
    assert(provider->serial > 0);
    sim_json_print_field("{", "id", provider->id, text);
    sim_json_print_field(",", "image_ref", provider->image, text);
    text_append(text, ",\"revision\":0");
    print_map_field("annotations", &provider->annotations, text);
    text_append(text, "}");
}

/* In an event they are in that of the alphabet. */
static void print_component_sorted(const struct sim_component *component,
                                   struct text *text)
{
    text_append(text, "{\"annotations\":");
    sim_json_print_map(&component->annotations, text);
    sim_json_print_field(",", "id", component->id, text);
    sim_json_print_field(",", "image_ref", component->image, text);
    print_limits(component, text);
    text_append(text, ",\"max_instances\":%u,\"revision\":0}",
                (unsigned int)component->count);
}

static void print_provider_sorted(const struct sim_provider *provider, struct text *text)
{
    text_append(text, "{\"annotations\":");
    sim_json_print_map(&provider->annotations, text);
    sim_json_print_field(",", "id", provider->id, text);
    sim_json_print_field(",", "image_ref", provider->image, text);
    text_append(text, ",\"revision\":0}");
}

void sim_query_inventory(struct sim_host *host, struct sim_work *work)
{
    struct text text;

    text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
    text_append(&text, "{\"components\":[");
    for (size_t i = 0; i < host->components.count; i++) {
        text_append(&text, i > 0 ? "," : "");
        print_component(host->components.rows[i].item, &text);
    }
    text_append(&text, "],\"providers\":[");
    for (size_t i = 0; i < host->providers.count; i++) {
        text_append(&text, i > 0 ? "," : "");
        print_provider(host->providers.rows[i].item, &text);
    }
    sim_json_print_field("],", "host_id", host->id, &text);
    sim_json_print_field(",", "friendly_name", host->name, &text);
    print_map_field("labels", &host->labels, &text);
    sim_json_print_field(",", "version", host->version, &text);
    print_uptime(host, &text);
    text_append(&text, "}");
    sim_out_respond(host, work, text.bytes);
    sim_work_end(host, work);
}

void sim_out_heartbeat(struct sim_host *host)
{
    struct arena arena = {0};
    struct text text;

    assert(host->is_running);
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    text_append(&text, "{\"components\":[");
    for (size_t i = 0; i < host->components.count; i++) {
        text_append(&text, i > 0 ? "," : "");
        print_component_sorted(host->components.rows[i].item, &text);
    }
    sim_json_print_field("],", "friendly_name", host->name, &text);
    sim_json_print_field(",", "host_id", host->id, &text);
    print_map_field("labels", &host->labels, &text);
    text_append(&text, ",\"providers\":[");
    for (size_t i = 0; i < host->providers.count; i++) {
        text_append(&text, i > 0 ? "," : "");
        print_provider_sorted(host->providers.rows[i].item, &text);
    }
    text_append(&text, "]");
    print_uptime(host, &text);
    sim_json_print_field(",", "version", host->version, &text);
    text_append(&text, "}");
    sim_out_event(host, "host_heartbeat", text.bytes);
    arena_free(&arena);
}
