#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct stop {
    const char *host_id;
    uint64_t timeout_ms; // cppcheck-suppress unusedStructMember ; read for its type
};

static const struct sim_field stop_fields[] = {
    {"host_id", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct stop, host_id)},
    {"timeout", SIM_FIELD_U64, SIM_NULLABLE, offsetof(struct stop, timeout_ms)},
};

void sim_manage_stop(struct sim_host *host, struct sim_work *work)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);
    struct stop stop = {.host_id = ""};

    if (work->length > 0 &&
        (root == NULL || !sim_json_decode(root, stop_fields, COUNT_OF(stop_fields),
                                          &work->arena, &stop))) {
        sim_out_refuse(host, work, "failed to deserialize stop command");
        sim_work_end(host, work);
        return;
    }
    if (stop.host_id[0] != '\0' && strcmp(stop.host_id, host->id) != 0) {
        sim_out_refuse(host, work,
                       arena_print(&work->arena, "invalid host_id [%s]", stop.host_id));
        sim_work_end(host, work);
        return;
    }
    /* The timeout bounds how long an orderly end may take; ours takes no time. */
    sim_out_accept(host, work, "successfully handled stop host");
    sim_out_host_stopped(host);
    sim_outbox_push(&host->outbox, &(struct sim_effect){.kind = SIM_LEAVE});
    sim_host_end(host);
    assert(!host->is_running && host->works.head == NULL);
}

struct label {
    const char *key;
    const char *value;
};

static const struct sim_field label_fields[] = {
    {"key", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct label, key)},
    {"value", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct label, value)},
};

/* The first count fields of a label request. */
static bool read_label(struct sim_work *work, size_t count, struct label *ret_label)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);

    assert(count <= COUNT_OF(label_fields));
    return root != NULL &&
           sim_json_decode(root, label_fields, count, &work->arena, ret_label);
}

/* Keys of the host's own begin so, in letters of any case. */
static bool is_hostcore(const char *key)
{
    static const char prefix[] = "hostcore.";

    for (size_t i = 0; i < sizeof prefix - 1; i++) {
        /* Of the letters and the point only letters differ in this bit by their case. */
        const int bit = prefix[i] != '.' ? 0x20 : 0;

        if ((key[i] | bit) != prefix[i]) {
            return false;
        }
    }
    return true;
}

void sim_manage_put_label(struct sim_host *host, struct sim_work *work)
{
    struct label label;

    if (!read_label(work, 2, &label)) {
        sim_out_refuse(host, work, "failed to deserialize put label request");
    } else if (is_hostcore(label.key)) {
        sim_out_refuse(host, work, "hostcore.* labels cannot be set dynamically");
    } else {
        sim_host_set_label(host, label.key, label.value);
        sim_out_labels_changed(host);
        sim_out_accept(host, work, "successfully put label");
    }
    sim_work_end(host, work);
}

void sim_manage_delete_label(struct sim_host *host, struct sim_work *work)
{
    struct label label;

    if (!read_label(work, 1, &label)) {
        sim_out_refuse(host, work, "failed to deserialize delete label request");
    } else if (sim_json_find(&host->labels, label.key) == NULL) {
        sim_out_accept(host, work, "successfully deleted label (no such label)");
    } else {
        sim_host_set_label(host, label.key, NULL);
        sim_out_labels_changed(host);
        sim_out_accept(host, work, "successfully deleted label");
    }
    sim_work_end(host, work);
}

/* Nothing here ever fetches, so credentials are looked at, and not kept. */
static bool is_credentials(const struct tree_node *object, struct arena *arena)
{
    static const struct sim_field fields[] = {
        {"username", SIM_FIELD_TEXT, SIM_NULLABLE, 0},
        {"password", SIM_FIELD_TEXT, SIM_NULLABLE, sizeof(const char *)},
        {"token", SIM_FIELD_TEXT, SIM_NULLABLE, 2 * sizeof(const char *)},
        {"registryType", SIM_FIELD_TEXT, SIM_OPTIONAL, 3 * sizeof(const char *)},
    };
    const char *ignored[COUNT_OF(fields)];

    return sim_json_decode(object, fields, COUNT_OF(fields), arena, ignored);
}

/* Registries by name. */
static bool is_registries(struct sim_work *work)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);

    if (root == NULL || root->kind != TREE_MAPPING) {
        return false;
    }
    for (size_t i = 1; i < root->count; i += 2) {
        if (!is_credentials(root->items[i], &work->arena)) {
            return false;
        }
    }
    return true;
}

void sim_manage_put_registries(struct sim_host *host, struct sim_work *work)
{
    if (is_registries(work)) {
        sim_out_accept(host, work, "successfully put registries");
    } else {
        sim_out_refuse(host, work, "failed to deserialize registries put command");
    }
    sim_work_end(host, work);
}

/* Only signed artifacts have claims, and no image here is signed. */
void sim_query_claims(struct sim_host *host, struct sim_work *work)
{
    sim_out_respond(host, work, "[]");
    sim_work_end(host, work);
}
