#include "reconciler/wire/inventory.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "reconciler/core/inventory_digest.h"

/* So that an uptime can be told in milliseconds. */
#define UPTIME_SECONDS_MAX (INT64_MAX / 1000)

static struct host_workload read_workload(struct json_reader *reader, json_t *item,
                                          enum workload_kind kind)
{
    json_t *annotations = json_find_object(reader, item, "annotations");

    json_require(reader, item, "id");
    return (struct host_workload){
        .kind = kind,
        .id = json_find_text(reader, item, "id", ""),
        .image = json_find_text(reader, item, "image_ref", ""),
        .count = 1,
        .application = json_find_text(reader, annotations, "wasmcloud.dev/appspec", ""),
        .manager = json_find_text(reader, annotations, "wasmcloud.dev/managed-by", ""),
    };
}

static void read_components(struct json_reader *reader, json_t *array,
                            struct host_workload *workloads)
{
    const size_t count = json_array_size(array);

    reader->list = "components";
    for (reader->index = 0; reader->index < count; reader->index++) {
        json_t *item = json_array_get(array, reader->index);
        struct host_workload *workload = &workloads[reader->index];

        *workload = read_workload(reader, item, WORKLOAD_COMPONENT);
        json_require(reader, item, "max_instances");
        workload->count =
            (uint32_t)json_find_integer(reader, item, "max_instances", UINT32_MAX);
    }
    reader->list = NULL;
}

static void read_providers(struct json_reader *reader, json_t *array,
                           struct host_workload *workloads)
{
    const size_t count = json_array_size(array);

    reader->list = "providers";
    for (reader->index = 0; reader->index < count; reader->index++) {
        workloads[reader->index] = read_workload(
            reader, json_array_get(array, reader->index), WORKLOAD_PROVIDER);
    }
    reader->list = NULL;
}

static int compare_workloads(const void *a, const void *b)
{
    const struct host_workload *first = a;
    const struct host_workload *second = b;
    const int by_id = strcmp(first->id, second->id);

    return by_id != 0 ? by_id
                      : (first->kind > second->kind) - (first->kind < second->kind);
}

static void sort_workloads(struct json_reader *reader, struct host_workload *workloads,
                           size_t count)
{
    qsort(workloads, count, sizeof *workloads, compare_workloads);
    for (size_t i = 1; i < count; i++) {
        if (compare_workloads(&workloads[i - 1], &workloads[i]) == 0) {
            json_fail(reader, ERR_INVALID, "the host lists one %s twice",
                      workloads[i].kind == WORKLOAD_PROVIDER ? "provider" : "component");
        }
    }
}

struct inventory inventory_read(struct json_reader *reader, struct json_t *object,
                                const char *host)
{
    json_t *components = json_find_array(reader, object, "components");
    json_t *providers = json_find_array(reader, object, "providers");
    struct host_workload *workloads;
    struct inventory inventory;
    size_t count;

    if (components == NULL) {
        components = json_find_array(reader, object, "actors");
    }
    if (components == NULL) {
        json_require(reader, object, "components");
    }
    json_require(reader, object, "providers");

    count = json_array_size(components) + json_array_size(providers);
    workloads = arena_array(reader->arena, count, sizeof *workloads);
    read_components(reader, components, workloads);
    read_providers(reader, providers, workloads + json_array_size(components));
    sort_workloads(reader, workloads, count);
    for (size_t i = 0; i < count; i++) {
        workloads[i].digest = workload_digest(&workloads[i]);
    }

    inventory = (struct inventory){
        .host = host,
        .name = json_find_text(reader, object, "friendly_name", ""),
        .version = json_find_text(reader, object, "version", ""),
        .labels = json_find_properties(reader, object, "labels"),
        .uptime_seconds =
            json_find_integer(reader, object, "uptime_seconds", UPTIME_SECONDS_MAX),
        .workloads = workloads,
        .workloads_count = count,
    };
    inventory.digest = inventory_digest(&inventory);
    return inventory;
}
