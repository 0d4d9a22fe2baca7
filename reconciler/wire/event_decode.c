#include "reconciler/wire/event_decode.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "reconciler/wire/config_read.h"
#include "reconciler/wire/inventory.h"
#include "reconciler/wire/json.h"
#include "reconciler/wire/link_read.h"

#define TYPE_PREFIX "com.wasmcloud.lattice."
#define LINKS_KEY   "COMPONENT_"

/* The events we act on.  Of links and configs the buckets tell, and tell the truth. */
struct event_type {
    const char *name; /* after TYPE_PREFIX */
    enum event_kind kind;
    const char *id_key; /* the field of data that names the workload; NULL none */
    const char *image_key;
};

static const struct event_type event_types[] = {
    {"host_started", EVENT_HOST_STARTED, NULL, NULL},
    {"host_stopped", EVENT_HOST_STOPPED, NULL, NULL},
    {"host_heartbeat", EVENT_HEARTBEAT, NULL, NULL},
    {"labels_changed", EVENT_HOST_CHANGED, NULL, NULL},
    {"component_scaled", EVENT_HOST_CHANGED, NULL, NULL},
    {"component_scale_failed", EVENT_WORKLOAD_FAILED, "component_id", "image_ref"},
    {"provider_started", EVENT_HOST_CHANGED, NULL, NULL},
    {"provider_start_failed", EVENT_WORKLOAD_FAILED, "provider_id", "provider_ref"},
    {"provider_stopped", EVENT_HOST_CHANGED, NULL, NULL},
    {"health_check_passed", EVENT_WORKLOAD_HEALTHY, "provider_id", NULL},
    {"health_check_failed", EVENT_WORKLOAD_UNHEALTHY, "provider_id", NULL},
};

static const struct event_type *find_name(const char *name)
{
    for (size_t i = 0; i < sizeof event_types / sizeof *event_types; i++) {
        if (strcmp(name, event_types[i].name) == 0) {
            return &event_types[i];
        }
    }
    return NULL;
}

static const struct event_type *find_type(const char *type)
{
    const size_t prefix_length = strlen(TYPE_PREFIX);

    return strncmp(type, TYPE_PREFIX, prefix_length) == 0
               ? find_name(type + prefix_length)
               : NULL;
}

bool wire_is_event(const char *subject)
{
    const char *dot = strrchr(subject, '.');

    return dot != NULL && find_name(dot + 1) != NULL;
}

static struct event read_heartbeat(struct json_reader *reader, json_t *data,
                                   const char *host)
{
    struct inventory *inventory = arena_alloc(reader->arena, sizeof *inventory);

    *inventory = inventory_read(reader, data, host);
    return (struct event){.kind = EVENT_HEARTBEAT, .u.inventory = inventory};
}

static struct event read_workload(struct json_reader *reader, json_t *data,
                                  const char *host, const struct event_type *type)
{
    json_require(reader, data, type->id_key);
    return (struct event){
        .kind = type->kind,
        .u.workload = {.host = host,
                       .id = json_find_text(reader, data, type->id_key, ""),
                       .text = json_find_text(reader, data, "error", ""),
                       .image = type->image_key != NULL
                                    ? json_find_text(reader, data, type->image_key, "")
                                    : ""},
    };
}

static struct event read_event(struct json_reader *reader, json_t *root)
{
    const struct event_type *type = find_type(json_find_text(reader, root, "type", ""));
    const char *host;
    json_t *data;

    json_require(reader, root, "type");
    if (type == NULL) {
        return (struct event){.kind = EVENT_IGNORED};
    }
    json_require(reader, root, "source");
    host = json_find_token(reader, root, "source");
    if (type->kind != EVENT_HEARTBEAT && type->id_key == NULL) {
        return (struct event){.kind = type->kind, .u.host.id = host};
    }
    json_require(reader, root, "data");
    data = json_find_object(reader, root, "data");
    return type->kind == EVENT_HEARTBEAT ? read_heartbeat(reader, data, host)
                                         : read_workload(reader, data, host, type);
}

enum err_code wire_decode_event(const char *bytes, size_t length, struct arena *arena,
                                struct event *ret_event, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    const struct event event = read_event(&reader, root);

    if (reader.code == ERR_OK) {
        *ret_event = event;
    }
    return reader.code;
}

static struct event read_links(struct json_reader *reader, json_t *root,
                               const char *source_id)
{
    json_t *array = json_find_array(reader, root, "links");
    const size_t items_count = json_array_size(array);
    struct link *links = arena_array(reader->arena, items_count, sizeof *links);
    size_t count = 0;

    reader->list = "links";
    for (reader->index = 0; reader->index < items_count; reader->index++) {
        const struct link link = link_read(reader, json_array_get(array, reader->index));

        /* One filed under another source's key is no link of either: hosts look for it
         * under its own source, and no request can reach it. */
        if (strcmp(link.source_id, source_id) == 0) {
            links[count++] = link;
        }
    }
    reader->list = NULL;
    return (struct event){
        .kind = EVENT_LINKS,
        .u.links = {.source_id = arena_copy(reader->arena, source_id),
                    .links = links,
                    .count = count},
    };
}

// NOLINTNEXTLINE(readability-function-size): an entry, the arena, and both results
enum err_code wire_decode_links(const char *key, const char *bytes, size_t length,
                                uint64_t sequence, struct arena *arena,
                                struct event *ret_event, struct err *err)
{
    const size_t prefix_length = strlen(LINKS_KEY);
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = NULL;
    struct event event;

    if (strncmp(key, LINKS_KEY, prefix_length) != 0 || key[prefix_length] == '\0') {
        *ret_event = (struct event){.kind = EVENT_IGNORED};
        return ERR_OK;
    }
    if (bytes != NULL) {
        root = json_read_object(&reader, bytes, length);
    }
    event = read_links(&reader, root, key + prefix_length);
    event.u.links.bytes = length;
    event.u.links.sequence = sequence;
    event.u.links.is_deleted = bytes == NULL;
    if (reader.code == ERR_OK) {
        *ret_event = event;
    }
    return reader.code;
}

// NOLINTNEXTLINE(readability-function-size): an entry, the arena, and both results
enum err_code wire_decode_config(const char *key, const char *bytes, size_t length,
                                 struct arena *arena, struct event *ret_event,
                                 struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = NULL;
    const char *content;

    if (bytes != NULL) {
        root = json_read_object(&reader, bytes, length);
    }
    content = config_read(&reader, root, key);
    if (reader.code == ERR_OK) {
        *ret_event = (struct event){
            .kind = EVENT_CONFIG,
            .u.config = {.name = arena_copy(arena, key), .content = content},
        };
    }
    return reader.code;
}
