#include "reconciler/sim/host_state.h"
#include "reconciler/sim/host_faults.h"

#include <assert.h>
#include <string.h>

/* A file that is not there is noticed this soon. */
#define REFUSE_MS ((int64_t)4)

char *sim_host_keep(struct sim_host *host, const char *text)
{
    char *kept = sim_table_find(&host->kept, text);

    if (kept == NULL) {
        kept = arena_copy(&host->arena, text);
        (void)sim_table_put(&host->kept, &host->arena, kept, kept);
    }
    return kept;
}

void sim_host_refuse(struct sim_host *host, const char *image, const char *text)
{
    if (text == NULL) {
        (void)sim_table_remove(&host->refused, image);
    } else {
        (void)sim_table_put(&host->refused, &host->arena, sim_host_keep(host, image),
                            sim_host_keep(host, text));
    }
}

const char *sim_host_refusal(const struct sim_host *host, const char *image)
{
    return sim_table_find(&host->refused, image);
}

void sim_host_disable(struct sim_host *host, const char *builtin, bool is_disabled)
{
    char *name = sim_host_keep(host, builtin);

    if (is_disabled) {
        (void)sim_table_put(&host->disabled, &host->arena, name, name);
    } else {
        (void)sim_table_remove(&host->disabled, name);
    }
}

bool sim_host_is_disabled(const struct sim_host *host, const char *builtin)
{
    return sim_table_find(&host->disabled, builtin) != NULL;
}

int64_t sim_host_fetch_ms(const struct sim_host *host, const char *image)
{
    assert(host->fetch_ms >= 0);
    return sim_host_refusal(host, image) != NULL ? REFUSE_MS : host->fetch_ms;
}

void sim_host_set_label(struct sim_host *host, const char *key, const char *value)
{
    struct arena before = host->labels_arena;
    struct arena arena = {0};
    const struct properties labels = host->labels;
    struct property *items = arena_array(&arena, labels.count + 1, sizeof *items);
    size_t count = 0;
    size_t i = 0;

    for (; i < labels.count && strcmp(labels.items[i].key, key) < 0; i++) {
        items[count++] = labels.items[i];
    }
    if (value != NULL) {
        items[count++] = (struct property){.key = key, .value = value};
    }
    for (; i < labels.count; i++) {
        if (strcmp(labels.items[i].key, key) != 0) {
            items[count++] = labels.items[i];
        }
    }
    assert(count <= labels.count + 1);
    host->labels_arena = (struct arena){0};
    host->labels = sim_json_copy_map(&(struct properties){.items = items, .count = count},
                                     &host->labels_arena);
    arena_free(&before);
    arena_free(&arena);
}

void sim_host_put_component(struct sim_host *host, const struct sim_component *component)
{
    struct arena arena = {0};
    struct sim_component *copy = arena_alloc(&arena, sizeof *copy);
    struct sim_component *before;

    assert(component->count > 0);
    assert(component->id != NULL && component->code != NULL);
    *copy = (struct sim_component){
        .id = arena_copy(&arena, component->id),
        .image = arena_copy(&arena, component->image),
        .code = arena_copy(&arena, component->code),
        .annotations = sim_json_copy_map(&component->annotations, &arena),
        .count = component->count,
        .configs = sim_json_copy_names(&component->configs, &arena),
        .secrets = arena_copy(&arena, component->secrets),
        .limits = sim_json_copy_map(&component->limits, &arena),
        .is_subscribed = component->is_subscribed,
    };
    copy->arena = arena;
    before = sim_table_put(&host->components, &host->arena, copy->id, copy);
    if (before != NULL) {
        arena = before->arena;
        arena_free(&arena);
    }
}

void sim_host_remove_component(struct sim_host *host, const char *id)
{
    struct sim_component *component = sim_table_remove(&host->components, id);
    struct arena arena;

    assert(component != NULL);
    arena = component->arena;
    arena_free(&arena);
}
