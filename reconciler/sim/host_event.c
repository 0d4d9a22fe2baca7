#include <assert.h>

#include "manifest/limits.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

/* Data of an event while it is written. */
struct data {
    struct arena arena;
    struct text text;
};

static void begin(struct data *data)
{
    data->arena = (struct arena){0};
    text_init(&data->text, &data->arena, MESSAGE_BYTES_MAX);
    text_append(&data->text, "{");
}

static void add(struct data *data, const char *key, const char *value)
{
    sim_json_print_field(data->text.count > 1 ? "," : "", key, value, &data->text);
}

static void add_key(struct data *data, const char *key)
{
    assert(data->text.count >= 1);
    text_append(&data->text, "%s\"%s\":", data->text.count > 1 ? "," : "", key);
}

static void add_number(struct data *data, const char *key, uint32_t number)
{
    add_key(data, key);
    text_append(&data->text, "%u", (unsigned int)number);
}

static void add_map(struct data *data, const char *key, const struct properties *map)
{
    add_key(data, key);
    sim_json_print_map(map, &data->text);
}

static void add_names(struct data *data, const char *key, const struct names *names)
{
    add_key(data, key);
    sim_json_print_names(names, &data->text);
}

/* Publish what was written, and give its memory back. */
static void end(struct sim_host *host, const char *event, struct data *data)
{
    text_append(&data->text, "}");
    assert(!data->text.is_cut && data->text.bytes[0] == '{');
    sim_out_event(host, event, data->text.bytes);
    arena_free(&data->arena);
}

void sim_out_scaled(struct sim_host *host, const struct sim_scaled *scaled,
                    const char *error)
{
    struct data data;

    assert(scaled->id != NULL && scaled->host_id != NULL);
    begin(&data);
    add_map(&data, "annotations", scaled->annotations);
    add(&data, "component_id", scaled->id);
    if (error != NULL) {
        add(&data, "error", error);
    }
    add(&data, "host_id", scaled->host_id);
    add(&data, "image_ref", scaled->image);
    add_number(&data, "max_instances", scaled->count);
    end(host, error != NULL ? "component_scale_failed" : "component_scaled", &data);
}

void sim_out_provider_started(struct sim_host *host, const struct sim_provider *provider,
                              const char *host_id)
{
    struct data data;

    begin(&data);
    add_map(&data, "annotations", &provider->annotations);
    add(&data, "host_id", host_id);
    add(&data, "image_ref", provider->image);
    add(&data, "provider_id", provider->id);
    end(host, "provider_started", &data);
}

void sim_out_provider_stopped(struct sim_host *host, const struct sim_provider *provider,
                              const char *host_id)
{
    struct data data;

    begin(&data);
    add_map(&data, "annotations", &provider->annotations);
    add(&data, "host_id", host_id);
    add(&data, "instance_id", provider->id);
    add(&data, "link_name", "default");
    add(&data, "provider_id", provider->id);
    add(&data, "public_key", provider->id);
    add(&data, "reason", "stop");
    end(host, "provider_stopped", &data);
}

void sim_out_start_failed(struct sim_host *host, const struct sim_start *start,
                          const char *error)
{
    struct data data;

    begin(&data);
    add(&data, "error", error);
    add(&data, "host_id", start->host_id);
    add(&data, "link_name", "default");
    add(&data, "provider_id", start->provider_id);
    add(&data, "provider_ref", start->provider_ref);
    end(host, "provider_start_failed", &data);
}

void sim_out_health(struct sim_host *host, const char *event, const char *provider)
{
    struct data data;

    begin(&data);
    add(&data, "host_id", host->id);
    add(&data, "provider_id", provider);
    end(host, event, &data);
}

void sim_out_link_set(struct sim_host *host, const struct link *link, const char *error)
{
    struct data data;

    begin(&data);
    if (error != NULL) {
        add(&data, "error", error);
    }
    add_names(&data, "interfaces", &link->interfaces);
    add(&data, "name", link->name);
    add_names(&data, "source_config", &link->source_config);
    add(&data, "source_id", link->source_id);
    add(&data, "target", link->target);
    add_names(&data, "target_config", &link->target_config);
    add(&data, "wit_namespace", link->wit_namespace);
    add(&data, "wit_package", link->wit_package);
    end(host, error != NULL ? "linkdef_set_failed" : "linkdef_set", &data);
}

void sim_out_link_deleted(struct sim_host *host, const struct link *link, bool is_removed)
{
    struct data data;

    begin(&data);
    if (is_removed) {
        add_names(&data, "interfaces", &link->interfaces);
    }
    add(&data, "name", link->name);
    add(&data, "source_id", link->source_id);
    if (is_removed) {
        add(&data, "target", link->target);
    }
    add(&data, "wit_namespace", link->wit_namespace);
    add(&data, "wit_package", link->wit_package);
    end(host, "linkdef_deleted", &data);
}

void sim_out_config(struct sim_host *host, const char *event, const char *name)
{
    struct data data;

    begin(&data);
    add(&data, "config_name", name);
    end(host, event, &data);
}

void sim_out_host_started(struct sim_host *host)
{
    struct data data;

    begin(&data);
    add(&data, "friendly_name", host->name);
    add_map(&data, "labels", &host->labels);
    add_number(&data, "uptime_seconds", 0);
    add(&data, "version", host->version);
    end(host, "host_started", &data);
}

void sim_out_host_stopped(struct sim_host *host)
{
    struct data data;

    begin(&data);
    add_map(&data, "labels", &host->labels);
    end(host, "host_stopped", &data);
}

void sim_out_labels_changed(struct sim_host *host)
{
    struct data data;

    begin(&data);
    add(&data, "host_id", host->id);
    add_map(&data, "labels", &host->labels);
    end(host, "labels_changed", &data);
}
