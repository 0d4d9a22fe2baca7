#include <assert.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

static void end_put(struct sim_host *host, struct sim_work *work)
{
    assert(work->answers_count == 1);
    /* Without the bucket a real host waits for ever, and does not answer. */
    if (sim_work_last(work)->is_done) {
        sim_out_config(host, "config_set", work->argument);
        sim_out_accept(host, work, "successfully put config");
    }
    sim_work_end(host, work);
}

void sim_config_put(struct sim_host *host, struct sim_work *work)
{
    struct properties map;

    if (!sim_json_read_map(work->bytes, work->length, &work->arena, &map)) {
        sim_out_refuse(host, work, "config data should be a map of string -> string");
        sim_work_end(host, work);
        return;
    }
    if (!sim_work_is_key(work->argument)) {
        sim_out_refuse(host, work, "unable to store config data");
        sim_work_end(host, work);
        return;
    }
    (void)sim_work_write(host, work, SIM_BUCKET_CONFIGS, work->argument, work->bytes);
    sim_work_then(host, work, end_put);
}

static void end_delete(struct sim_host *host, struct sim_work *work)
{
    assert(work->answers_count == 1);
    if (sim_work_last(work)->is_done) {
        sim_out_config(host, "config_deleted", work->argument);
        sim_out_accept(host, work, "successfully deleted config");
    }
    sim_work_end(host, work);
}

void sim_config_delete(struct sim_host *host, struct sim_work *work)
{
    if (!sim_work_is_key(work->argument)) {
        sim_out_refuse(host, work, "Unable to delete config data");
        sim_work_end(host, work);
        return;
    }
    (void)sim_work_purge(host, work, SIM_BUCKET_CONFIGS, work->argument);
    sim_work_then(host, work, end_delete);
}

static void end_get(struct sim_host *host, struct sim_work *work)
{
    const struct sim_answer *answer = sim_work_last(work);
    struct properties map;
    struct text text;

    if (answer->is_bucket_missing) {
        sim_out_refuse(host, work, "failed getting entry: error getting message");
    } else if (answer->bytes == NULL) {
        sim_out_accept(host, work, "Configuration not found");
    } else if (!sim_json_read_map(answer->bytes, answer->length, &work->arena, &map)) {
        sim_out_refuse(host, work, "config data should be a map of string -> string");
    } else {
        text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
        sim_json_print_map(&map, &text);
        sim_out_respond(host, work, text.bytes);
    }
    sim_work_end(host, work);
}

void sim_config_get(struct sim_host *host, struct sim_work *work)
{
    (void)sim_work_read(host, work, SIM_BUCKET_CONFIGS, work->argument);
    sim_work_then(host, work, end_get);
}

bool sim_config_is_secret(const char *name)
{
    return strncmp(name, "SECRET", 6) == 0;
}

size_t sim_config_ask(struct sim_host *host, struct sim_work *work,
                      const struct names *names)
{
    const size_t first = work->answers_count;

    for (size_t i = 0; i < names->count; i++) {
        (void)sim_work_read(host, work, SIM_BUCKET_CONFIGS, names->items[i]);
    }
    return first;
}

/* Names of configs are kept, with what they hold; secrets are fetched each time. */
static void keep_used(struct sim_host *host, const char *name)
{
    if (!sim_config_is_secret(name)) {
        /* The table asks for an item; that the name is there is all we want. */
        (void)sim_table_put(&host->used, &host->arena, sim_host_keep(host, name), host);
    }
}

const char *sim_config_use(struct sim_host *host, const struct sim_work *work,
                           const struct names *names, size_t first)
{
    assert(first + names->count <= work->answers_count);
    for (size_t i = 0; i < names->count; i++) {
        if (work->answers[first + i].bytes == NULL &&
            sim_table_find(&host->used, names->items[i]) == NULL) {
            return names->items[i];
        }
    }
    for (size_t i = 0; i < names->count; i++) {
        keep_used(host, names->items[i]);
    }
    return NULL;
}

const char *sim_config_complaint(const char *missing, struct arena *arena)
{
    return arena_print(arena,
                       sim_config_is_secret(missing)
                           ? "Unable to fetch requested secrets: %s does not exist"
                           : "Unable to fetch requested config: Config %s does not exist",
                       missing);
}

/* Put what map holds into merged, which has room for it and stays sorted. */
static size_t merge(struct property *merged, size_t count, const struct properties *map)
{
    for (size_t i = 0; i < map->count; i++) {
        size_t at = 0;

        while (at < count && strcmp(merged[at].key, map->items[i].key) < 0) {
            at++;
        }
        if (at == count || strcmp(merged[at].key, map->items[i].key) != 0) {
            memmove(&merged[at + 1], &merged[at], (count - at) * sizeof *merged);
            count++;
        }
        merged[at] = map->items[i];
        assert(at + 1 == count || strcmp(merged[at].key, merged[at + 1].key) < 0);
    }
    return count;
}

const char *sim_config_merge(struct sim_work *work, const struct names *names,
                             size_t first)
{
    struct properties *maps = arena_array(&work->arena, names->count, sizeof *maps);
    struct property *merged;
    size_t capacity = 0;
    size_t count = 0;
    struct text text;

    assert(first + names->count <= work->answers_count);
    for (size_t i = 0; i < names->count; i++) {
        const struct sim_answer *answer = &work->answers[first + i];

        /* One that is gone, or was written by hand and is no map, counts as empty; what
         * a secret refers to travels by itself. */
        if (answer->bytes != NULL && !sim_config_is_secret(names->items[i])) {
            (void)sim_json_read_map(answer->bytes, answer->length, &work->arena,
                                    &maps[i]);
        }
        capacity += maps[i].count;
    }
    merged = arena_array(&work->arena, capacity, sizeof *merged);
    for (size_t i = 0; i < names->count; i++) {
        count = merge(merged, count, &maps[i]);
    }
    assert(count <= capacity);
    text_init(&text, &work->arena, MESSAGE_BYTES_MAX);
    sim_json_print_map(&(struct properties){.items = merged, .count = count}, &text);
    return text.bytes;
}
