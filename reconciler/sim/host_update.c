#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "reconciler/sim/host_out.h"
#include "reconciler/sim/host_steps.h"

static const struct sim_field update_fields[] = {
    {"component_id", SIM_FIELD_TEXT, SIM_OPTIONAL,
     offsetof(struct sim_update, component_id)},
    {"new_component_ref", SIM_FIELD_TEXT, SIM_OPTIONAL,
     offsetof(struct sim_update, image)},
    {"host_id", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct sim_update, host_id)},
    {"annotations", SIM_FIELD_MAP, SIM_NULLABLE,
     offsetof(struct sim_update, annotations)},
};

static void publish(struct sim_host *host, const struct sim_update *update,
                    uint32_t count)
{
    const struct sim_scaled scaled = {
        .id = update->component_id,
        .image = update->image,
        .annotations = &update->annotations,
        .count = count,
        .host_id = update->host_id,
    };

    sim_out_scaled(host, &scaled, NULL);
}

/*
 * What a real host means to do is swap the two and stop the old one.  What it stops is
 * the subscription of the new one: the old answers on NATS for ever, and only callers
 * inside the host reach the new one.
 */
static void swap(struct sim_host *host, struct sim_work *work)
{
    const struct sim_update *update = work->detail;
    const struct sim_component *running =
        sim_table_find(&host->components, update->component_id);
    struct sim_component component;

    if (running == NULL || strcmp(running->image, update->image) == 0 ||
        sim_host_refusal(host, update->image) != NULL) {
        sim_work_end(host, work);
        return;
    }
    assert(running->count > 0);
    publish(host, update, running->count);
    publish(host, update, 0);
    if (running->is_subscribed) {
        sim_serving_haunt(host, running->id, running->code);
    }
    component = *running;
    component.image = update->image;
    component.code = update->image;
    component.annotations = update->annotations;
    component.is_subscribed = false;
    sim_host_put_component(host, &component);
    sim_work_end(host, work);
}

void sim_update_begin(struct sim_host *host, struct sim_work *work,
                      const struct sim_update *update)
{
    struct sim_update *kept = arena_alloc(&work->arena, sizeof *kept);

    assert(update->component_id != NULL && update->host_id != NULL);
    *kept = *update;
    work->detail = kept;
    sim_work_wait(host, work, sim_host_fetch_ms(host, update->image), swap);
}

void sim_component_update(struct sim_host *host, struct sim_work *work)
{
    const struct tree_node *root = sim_json_read(work->bytes, work->length, &work->arena);
    struct sim_update update = {.component_id = "", .image = "", .host_id = ""};
    const struct sim_component *running;

    if (root == NULL || !sim_json_decode(root, update_fields,
                                         sizeof update_fields / sizeof *update_fields,
                                         &work->arena, &update)) {
        sim_out_refuse(host, work, "failed to deserialize component update command");
        sim_work_end(host, work);
        return;
    }
    running = sim_table_find(&host->components, update.component_id);
    if (running == NULL) {
        sim_out_refuse(
            host, work,
            arena_print(&work->arena, "component %s not found", update.component_id));
        sim_work_end(host, work);
        return;
    }
    if (strcmp(running->image, update.image) == 0) {
        sim_out_accept(host, work,
                       arena_print(&work->arena, "component %s already updated to %s",
                                   update.component_id, update.image));
        sim_work_end(host, work);
        return;
    }
    sim_out_accept(host, work,
                   arena_print(&work->arena, "component %s updating from %s to %s",
                               update.component_id, running->image, update.image));
    sim_update_begin(host, work, &update);
}
