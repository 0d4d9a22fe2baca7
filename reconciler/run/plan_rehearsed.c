#include "reconciler/run/plan_rehearsed.h"

#include <string.h>

#include "manifest/limits.h"
#include "reconciler/core/timing.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/rehearsal.h"
#include "reconciler/sim/links.h"

/* Virtual time: a start takes ten minutes at the most, and nothing is fetched here. */
#define REHEARSAL_MS   ((int64_t)15 * 60 * 1000)
#define SETTLE_MS      ((int64_t)1000)
#define REAL_BEAT_MS   30000
#define REAL_HEALTH_MS 5000

struct collection {
    struct arena *arena;
    struct api_planned *items;
    size_t count;
    size_t capacity;
};

static void collect(void *context, const struct command *command)
{
    struct collection *collection = context;
    struct text text;

    if (command_is_question(command->kind)) {
        return;
    }
    text_init(&text, collection->arena, MESSAGE_BYTES_MAX);
    command_print(command, &text);
    text.bytes[text.count - 1] = '\0'; /* the newline */
    collection->items =
        arena_grow(collection->arena, collection->items, collection->count,
                   &collection->capacity, sizeof *collection->items);
    collection->items[collection->count++] = (struct api_planned){
        .kind = command_kind_name(command->kind),
        .application = arena_copy(collection->arena, command->application),
        .text = text.bytes,
    };
}

static void put_entry(struct sim_lattice *copy, const char *name,
                      const struct event *event, struct arena *arena)
{
    const struct instant start = {0};
    struct text text;

    if (event->kind == EVENT_CONFIG) {
        sim_lattice_put(copy, start, arena_print(arena, "CONFIGDATA_%s", name),
                        event->u.config.name, event->u.config.content,
                        strlen(event->u.config.content));
        return;
    }
    text_init(&text, arena, MESSAGE_BYTES_MAX);
    sim_links_print(event->u.links.links, event->u.links.count, &text);
    sim_lattice_put(copy, start, arena_print(arena, "LATTICEDATA_%s", name),
                    arena_print(arena, "COMPONENT_%s", event->u.links.source_id),
                    text.bytes, text.count);
}

/*
 * A host says its age when it is first heard of, and is older by now: were it young in
 * the copy, nothing would be placed on it at first, and all on the others.
 */
static void put_host(struct sim_lattice *copy, const struct inventory *inventory)
{
    struct inventory settled = *inventory;

    if (settled.uptime_seconds < HOST_YOUNG_UPTIME_S) {
        settled.uptime_seconds = HOST_YOUNG_UPTIME_S;
    }
    (void)sim_lattice_restore_host(copy, (struct instant){0}, &settled);
}

/* Entries first: a host reads them when it starts. */
static struct sim_lattice *copy_lattice(const struct engine *engine, const char *name)
{
    struct sim_lattice *copy = sim_lattice_new(&(struct sim_lattice_options){
        .lattice = name,
        .seed = 1,
        .heartbeat_ms = REAL_BEAT_MS,
        .health_delay_ms = REAL_HEALTH_MS,
    });
    struct arena arena = {0};
    const struct event *events;
    size_t count;

    engine_export(engine, &arena, &events, &count);
    sim_lattice_make_buckets(copy, (struct instant){0});
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind != EVENT_INVENTORY) {
            put_entry(copy, name, &events[i], &arena);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind == EVENT_INVENTORY) {
            put_host(copy, events[i].u.inventory);
        }
    }
    arena_free(&arena);
    return copy;
}

static void add_obstacles(const struct engine *engine, const char *application,
                          struct arena *arena, struct api_plan_report *report)
{
    struct application_status status;
    struct api_obstacle *obstacles;
    size_t count = report->obstacles_count;

    engine_status(engine, application, arena, &status);
    obstacles = arena_array(arena, count + status.resources_count, sizeof *obstacles);
    if (count > 0) {
        memcpy(obstacles, report->obstacles, count * sizeof *obstacles);
    }
    for (size_t i = 0; i < status.resources_count; i++) {
        const struct resource_status *resource = &status.resources[i];

        if (resource->word != STATUS_DEPLOYED) {
            obstacles[count++] = (struct api_obstacle){
                .application = arena_copy(arena, application),
                .resource = arena_copy(arena, resource->name),
                .reason = arena_copy(arena, resource->reason),
            };
        }
    }
    report->obstacles = obstacles;
    report->obstacles_count = count;
}

static enum err_code rehearse(const struct plan_input *input,
                              const struct deployment *deployment, struct arena *arena,
                              struct api_plan_report *ret_report, struct err *err)
{
    const struct engine_options options = {.seed = 1};
    struct collection collection = {.arena = arena};
    struct engine *engine = engine_new(&options);
    struct sim_lattice *copy = copy_lattice(input->engine, input->lattice);
    struct rehearsal *rehearsal = rehearsal_new(&(struct rehearsal_options){
        .engine = engine,
        .lattice = copy,
        .name = input->lattice,
        .on_command = collect,
        .context = &collection,
    });
    struct driver *driver = rehearsal_driver(rehearsal);
    enum err_code code;

    driver->store = input->store; /* read it, and never write */
    code = driver_load(driver, (struct instant){0}, err);
    driver->store = NULL;
    if (code == ERR_OK) {
        sim_lattice_connect(copy, (struct instant){0});
        (void)rehearsal_converge(rehearsal, REHEARSAL_MS, SETTLE_MS);
        ret_report->items = collection.items;
        ret_report->count = collection.count;
        for (size_t i = 0; i < deployment->count; i++) {
            add_obstacles(engine, deployment->applications[i], arena, ret_report);
        }
    }
    rehearsal_free(rehearsal);
    sim_lattice_free(copy);
    engine_free(engine);
    return code;
}

enum err_code plan_rehearsed(const struct plan_input *input,
                             const struct api_manifests *manifests, struct arena *arena,
                             struct api_plan_report *ret_report, struct err *err)
{
    struct deployment deployment;
    enum err_code code;

    *ret_report = (struct api_plan_report){.findings = ""};
    if (engine_stranger(input->engine) != NULL) {
        return err_set(err, ERR_CONFLICT, "%s", engine_stranger(input->engine));
    }
    if (!engine_has_looked(input->engine)) {
        return err_set(err, ERR_UNREACHABLE, "the lattice cannot be seen: %s",
                       engine_lattice_status(input->engine, arena));
    }
    code = deploy_tentatively(input->store, manifests, arena, &deployment, err);
    ret_report->findings = deployment.report.findings;
    if (code == ERR_OK) {
        code = rehearse(input, &deployment, arena, ret_report, err);
    }
    store_rollback(input->store);
    return code;
}
