#include <assert.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

/* What a request about a link keeps until it is done. */
struct mutation {
    struct link link;
    struct sim_spec spec; /* as read from the bucket, then as it is to be */
    size_t configs;       /* the first answer about source_config, then target_config */
    bool is_removed;
};

static void refuse_put(struct sim_host *host, struct sim_work *work, const char *message)
{
    const struct mutation *mutation = work->detail;

    assert(!mutation->is_removed);
    sim_out_link_set(host, &mutation->link, message);
    sim_out_refuse(host, work, message);
    sim_work_end(host, work);
}

/* A sentence for every name that the bucket does not have, and one before them. */
static void add_missing(const struct sim_work *work, const struct names *names,
                        size_t first, struct text *text)
{
    assert(first + names->count <= work->answers_count);
    for (size_t i = 0; i < names->count; i++) {
        if (work->answers[first + i].bytes == NULL) {
            text_append(text, "%s %s not found in config store. ",
                        sim_config_is_secret(names->items[i]) ? "Secret reference"
                                                              : "Configuration",
                        names->items[i]);
        }
    }
}

static bool has_secret(const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        if (sim_config_is_secret(names->items[i])) {
            return true;
        }
    }
    return false;
}

/* For providers before 1.1, which listen on their id: the handling host tells them. */
static void publish_compatible(struct sim_host *host, struct sim_work *work)
{
    const struct mutation *mutation = work->detail;
    const struct link *link = &mutation->link;
    const struct sim_delivery delivery = {
        .link = *link,
        .source_config = sim_config_merge(work, &link->source_config, mutation->configs),
        .target_config = sim_config_merge(work, &link->target_config,
                                          mutation->configs + link->source_config.count),
    };

    if (has_secret(&link->source_config) || has_secret(&link->target_config)) {
        return;
    }
    sim_watch_publish_link(host, link->source_id, "put", &delivery);
    sim_watch_publish_link(host, link->target, "put", &delivery);
}

static void end_put(struct sim_host *host, struct sim_work *work)
{
    const struct mutation *mutation = work->detail;
    const struct link *link = &mutation->link;

    if (!sim_work_last(work)->is_done) {
        refuse_put(host, work, "failed to put component spec");
        return;
    }
    (void)sim_config_use(host, work, &link->source_config, mutation->configs);
    (void)sim_config_use(host, work, &link->target_config,
                         mutation->configs + link->source_config.count);
    publish_compatible(host, work);
    sim_out_link_set(host, &mutation->link, NULL);
    sim_out_accept(host, work, "successfully set link");
    sim_work_end(host, work);
}

/* The entry is read: change it and write it back, whoever wrote it in the meantime. */
static void change_spec(struct sim_host *host, struct sim_work *work)
{
    const struct sim_answer *answer = sim_work_last(work);
    struct mutation *mutation = work->detail;
    const struct link *link = &mutation->link;

    mutation->spec = (struct sim_spec){.url = ""};
    if (answer->is_bucket_missing ||
        (answer->bytes != NULL &&
         !sim_spec_read(answer->bytes, answer->length, &work->arena, &mutation->spec))) {
        refuse_put(host, work, "failed to get component spec");
        return;
    }
    for (size_t i = 0; i < mutation->spec.links_count; i++) {
        if (sim_link_is_conflict(&mutation->spec.links[i], link)) {
            refuse_put(host, work,
                       "link already exists with different target, consider deleting "
                       "the existing link or using a different link name");
            return;
        }
    }
    sim_spec_put(&mutation->spec, link, &work->arena);
    assert(mutation->spec.links_count > 0);
    (void)sim_work_write(host, work, SIM_BUCKET_LINKS,
                         sim_spec_key(link->source_id, &work->arena),
                         sim_spec_print(&mutation->spec, &work->arena));
    sim_work_then(host, work, end_put);
}

static void check_configs(struct sim_host *host, struct sim_work *work)
{
    const struct mutation *mutation = work->detail;
    const struct link *link = &mutation->link;
    struct text text;

    assert(link->source_id != NULL && link->target != NULL);
    text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
    add_missing(work, &link->source_config, mutation->configs, &text);
    add_missing(work, &link->target_config, mutation->configs + link->source_config.count,
                &text);
    if (text.count > 0) {
        refuse_put(host, work,
                   arena_print(&work->arena,
                               "Failed to validate configuration and secrets. %s",
                               text.bytes));
        return;
    }
    (void)sim_work_read(host, work, SIM_BUCKET_LINKS,
                        sim_spec_key(link->source_id, &work->arena));
    sim_work_then(host, work, change_spec);
}

void sim_link_put(struct sim_host *host, struct sim_work *work)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);
    struct mutation *mutation = arena_alloc(&work->arena, sizeof *mutation);

    work->detail = mutation;
    if (root == NULL || !sim_link_decode(root, &work->arena, &mutation->link)) {
        sim_out_refuse(host, work, "failed to deserialize wrpc link definition");
        sim_work_end(host, work);
        return;
    }
    mutation->configs = sim_config_ask(host, work, &mutation->link.source_config);
    (void)sim_config_ask(host, work, &mutation->link.target_config);
    sim_work_then(host, work, check_configs);
}

static void finish_delete(struct sim_host *host, struct sim_work *work)
{
    const struct mutation *mutation = work->detail;
    const struct sim_delivery delivery = {
        .link = mutation->link, .source_config = "{}", .target_config = "{}"};

    if (mutation->is_removed) {
        sim_watch_publish_link(host, mutation->link.source_id, "del", &delivery);
        sim_watch_publish_link(host, mutation->link.target, "del", &delivery);
    }
    sim_out_link_deleted(host, &mutation->link, mutation->is_removed);
    sim_out_accept(host, work, "successfully deleted link");
    sim_work_end(host, work);
}

static void end_delete(struct sim_host *host, struct sim_work *work)
{
    assert(((const struct mutation *)work->detail)->is_removed);
    if (!sim_work_last(work)->is_done) {
        sim_out_refuse(host, work, "failed to put component spec");
        sim_work_end(host, work);
        return;
    }
    finish_delete(host, work);
}

/* Take the first link of the slot out of the entry that was read. */
static void remove_link(struct mutation *mutation)
{
    for (size_t i = 0; i < mutation->spec.links_count; i++) {
        if (sim_link_is_same_slot(&mutation->spec.links[i], &mutation->link)) {
            mutation->link = mutation->spec.links[i];
            mutation->is_removed = true;
            sim_spec_remove(&mutation->spec, i);
            return;
        }
    }
}

static void delete_from_spec(struct sim_host *host, struct sim_work *work)
{
    const struct sim_answer *answer = sim_work_last(work);
    struct mutation *mutation = work->detail;

    if (!answer->is_bucket_missing && answer->bytes == NULL) {
        sim_out_accept(host, work, "successfully deleted link (spec doesn't exist)");
        sim_work_end(host, work);
        return;
    }
    if (answer->is_bucket_missing ||
        !sim_spec_read(answer->bytes, answer->length, &work->arena, &mutation->spec)) {
        sim_out_refuse(host, work, "failed to get component spec");
        sim_work_end(host, work);
        return;
    }
    remove_link(mutation);
    if (!mutation->is_removed) {
        finish_delete(host, work);
        return;
    }
    (void)sim_work_write(host, work, SIM_BUCKET_LINKS,
                         sim_spec_key(mutation->link.source_id, &work->arena),
                         sim_spec_print(&mutation->spec, &work->arena));
    sim_work_then(host, work, end_delete);
}

void sim_link_delete(struct sim_host *host, struct sim_work *work)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);
    struct mutation *mutation = arena_alloc(&work->arena, sizeof *mutation);

    work->detail = mutation;
    if (root == NULL || !sim_link_decode_slot(root, &work->arena, &mutation->link)) {
        sim_out_refuse(host, work, "failed to deserialize wrpc link definition");
        sim_work_end(host, work);
        return;
    }
    (void)sim_work_read(host, work, SIM_BUCKET_LINKS,
                        sim_spec_key(mutation->link.source_id, &work->arena));
    sim_work_then(host, work, delete_from_spec);
}

/* The host's memory, which may lag the bucket or be empty; the bucket is not asked. */
void sim_link_get(struct sim_host *host, struct sim_work *work)
{
    const char *comma = "";
    struct text text;

    text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
    text_append(&text, "[");
    for (size_t i = 0; i < host->mirror.count; i++) {
        const struct sim_source *source = host->mirror.rows[i].item;

        for (size_t j = 0; j < source->spec.links_count; j++) {
            text_append(&text, "%s", comma);
            sim_link_print(&source->spec.links[j], &text);
            comma = ",";
        }
    }
    text_append(&text, "]");
    sim_out_respond(host, work, text.bytes);
    sim_work_end(host, work);
}

bool sim_host_remembers(const struct sim_host *host, const struct link *link)
{
    const struct sim_source *source = sim_table_find(&host->mirror, link->source_id);

    return source != NULL && sim_spec_has(&source->spec, link, 0);
}
