/*
 * What an event costs, in keys planned: it follows what the event changes, and neither
 * how much there is nor how many applications there are beside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/core/inventory_digest.h"
#include "reconciler/core/status.h"

#define HOSTS         4
#define LINKS         2
#define QUESTIONS_MAX 64

static const char *const packages[LINKS] = {"keyvalue", "messaging"};
static const char *const interfaces[1] = {"store"};

/* Applications that are deployed: so many of so many components, with two links each. */
struct world {
    struct arena arena;
    struct engine *engine;
    struct instant now;
    struct instant deadline;
    struct command questions[QUESTIONS_MAX]; /* not answered yet */
    size_t questions_count;
    size_t applications;
    size_t size;
    bool may_send;
    size_t sent_count;
};

static const char *application_name(struct world *world, size_t application)
{
    return arena_print(&world->arena, "shop%05zu", application);
}

static const char *component_id(struct world *world, size_t index)
{
    return arena_print(&world->arena, "%s-component%05zu",
                       application_name(world, index / world->size), index);
}

static const char *host_id(struct world *world, size_t host)
{
    return arena_print(&world->arena, "NHOST%zu", host);
}

static const char *image_of(struct world *world, size_t index)
{
    return arena_print(&world->arena, "ghcr.io/example/components/worker-%06zu:0.1.0",
                       index);
}

/* As long as wadm's are. */
static const char *scaler_id(struct world *world, size_t index)
{
    return arena_print(&world->arena, "%064zx", index);
}

static struct link link_of(struct world *world, size_t index, size_t which)
{
    const size_t first = index / world->size * world->size;

    return (struct link){
        .source_id = component_id(world, index),
        .target = component_id(world, first + (index - first + which + 1) % world->size),
        .name = "default",
        .wit_namespace = "wasi",
        .wit_package = packages[which],
        .interfaces = {interfaces, 1},
    };
}

/* Keys planned by a step; what it asks is to be answered, and nothing is to be sent
 * unless it may. */
static uint64_t step(struct world *world, const struct event *events, size_t count)
{
    const uint64_t before = engine_counters(world->engine).planned;
    struct engine_update update;

    engine_step(world->engine, world->now, events, count, &update);
    world->deadline = update.deadline;
    for (size_t i = 0; i < update.commands_count; i++) {
        struct command *question = &world->questions[world->questions_count];

        if (!command_is_question(update.commands[i].kind)) {
            assert_true(world->may_send);
            world->sent_count++;
            continue;
        }
        world->questions_count++;
        assert_true(world->questions_count < QUESTIONS_MAX);
        *question = update.commands[i];
        question->host = arena_copy(&world->arena, question->host);
    }
    return engine_counters(world->engine).planned - before;
}

/* Keys planned because of event, in its own step. */
static uint64_t planned_by(struct world *world, struct event event)
{
    world->now = instant_after(world->now, 1);
    return step(world, &event, 1);
}

static void tell(struct world *world, struct event event)
{
    (void)planned_by(world, event);
}

static void declare(struct world *world, size_t application, uint32_t instances)
{
    struct arena *arena = &world->arena;
    struct desired *desired = arena_alloc(arena, sizeof *desired);
    struct link_row *links = arena_array(arena, LINKS * world->size, sizeof *links);
    struct workload_row *workloads = arena_array(arena, world->size, sizeof *workloads);
    const struct origin origin = {.source = "shop.yaml"};

    for (size_t i = 0; i < world->size; i++) {
        const size_t index = application * world->size + i;

        for (size_t j = 0; j < LINKS; j++) {
            links[LINKS * i + j] =
                (struct link_row){.link = link_of(world, index, j),
                                  .scaler_id = scaler_id(world, LINKS * index + j),
                                  .origin = origin};
        }
        workloads[i] = (struct workload_row){
            .kind = WORKLOAD_COMPONENT,
            .id = component_id(world, index),
            .component = "component",
            .image = image_of(world, index),
            .instances = instances,
            .scaler_id = scaler_id(world, index),
            .spreads = &spread_default,
            .spreads_count = 1,
            .origin = origin,
        };
    }
    *desired = (struct desired){
        .application = application_name(world, application),
        .version = "v1",
        .links = links,
        .links_count = LINKS * world->size,
        .workloads = workloads,
        .workloads_count = world->size,
    };
    tell(world, (struct event){.kind = EVENT_DECLARED, .u.declared = desired});
}

/* Component N runs on host N modulo HOSTS. */
static struct event inventory_of(struct world *world, size_t host, enum event_kind kind)
{
    const size_t total = host < HOSTS ? world->applications * world->size : 0;
    struct inventory *inventory = arena_alloc(&world->arena, sizeof *inventory);
    struct host_workload *workloads =
        arena_array(&world->arena, total, sizeof *workloads);
    size_t count = 0;

    for (size_t i = host; i < total; i += HOSTS) {
        workloads[count] = (struct host_workload){
            .kind = WORKLOAD_COMPONENT,
            .id = component_id(world, i),
            .image = image_of(world, i),
            .count = 1,
            .application = application_name(world, i / world->size),
            .manager = "wadm",
        };
        workloads[count].digest = workload_digest(&workloads[count]);
        count++;
    }
    *inventory = (struct inventory){
        .host = host_id(world, host),
        .name = host_id(world, host),
        .version = "1.9.2",
        .uptime_seconds = 1000,
        .workloads = workloads,
        .workloads_count = count,
    };
    inventory->digest = inventory_digest(inventory);
    return (struct event){.kind = kind, .u.inventory = inventory};
}

/* The entry of a source with its first count links. */
static struct event entry_of(struct world *world, size_t index, size_t count)
{
    struct link *links = arena_array(&world->arena, LINKS, sizeof *links);

    for (size_t i = 0; i < LINKS; i++) {
        links[i] = link_of(world, index, i);
    }
    return (struct event){.kind = EVENT_LINKS,
                          .u.links = {.source_id = component_id(world, index),
                                      .links = links,
                                      .count = count}};
}

static void answer(struct world *world, const struct command *question)
{
    struct event answered = {.kind = EVENT_ANSWERED,
                             .u.answered = {question->id, ANSWER_ACCEPTED, ""}};

    if (question->kind == COMMAND_ASK_HOSTS) {
        for (size_t i = 0; i < HOSTS; i++) {
            tell(world, (struct event){.kind = EVENT_HOST_PINGED,
                                       .u.host.id = host_id(world, i)});
        }
    } else if (question->kind == COMMAND_ASK_HOST) {
        tell(world,
             inventory_of(world, (size_t)(question->host[5] - '0'), EVENT_INVENTORY));
    } else {
        answered.u.answered.answer = ANSWER_NONE; /* it is no knowledge */
    }
    tell(world, answered);
}

/* Let ms pass; questions are answered at once. */
static void wait_for(struct world *world, int64_t ms)
{
    const struct instant until = instant_after(world->now, ms);

    do {
        while (world->questions_count > 0) {
            const struct command question = world->questions[--world->questions_count];

            answer(world, &question);
        }
        world->now = instant_max(world->now, instant_min(world->deadline, until));
        (void)step(world, NULL, 0);
    } while (instant_is_before(world->now, until) || world->questions_count > 0);
}

static void list(struct world *world, enum bucket bucket)
{
    tell(world, (struct event){.kind = EVENT_BUCKET_LISTING, .u.bucket.bucket = bucket});
    for (size_t i = 0; bucket == BUCKET_LINKS && i < world->applications * world->size;
         i++) {
        tell(world, entry_of(world, i, LINKS));
    }
    tell(world, (struct event){.kind = EVENT_BUCKET_LISTED, .u.bucket.bucket = bucket});
}

/* Everything is there already, and has been found out. */
static void world_open(struct world *world, size_t applications, size_t size)
{
    const struct engine_options options = {.seed = 1};

    *world = (struct world){.applications = applications,
                            .size = size,
                            .now = {1},
                            .engine = engine_new(&options)};
    for (size_t i = 0; i < applications; i++) {
        declare(world, i, 1);
    }
    tell(world, (struct event){.kind = EVENT_CONNECTED});
    list(world, BUCKET_LINKS);
    list(world, BUCKET_CONFIGS);
    wait_for(world, 5000);
    assert_true(engine_is_converged(world->engine));
}

static void world_close(struct world *world)
{
    engine_free(world->engine);
    arena_free(&world->arena);
}

/* What an event costs with so many applications beside the one that it is about. */
struct costs {
    uint64_t heartbeat;
    uint64_t link; /* one of it was lost */
    uint64_t declared;
    uint64_t joined;
    uint64_t stopped;
};

static struct costs costs_with(size_t applications)
{
    struct world world;
    struct costs costs;

    world_open(&world, applications, HOSTS);
    costs.heartbeat = planned_by(&world, inventory_of(&world, 1, EVENT_HEARTBEAT));
    costs.declared = engine_counters(world.engine).planned;
    declare(&world, 0, 1);
    costs.declared = engine_counters(world.engine).planned - costs.declared;
    costs.joined = planned_by(&world, inventory_of(&world, HOSTS, EVENT_INVENTORY));
    wait_for(&world, 3000);
    costs.stopped =
        planned_by(&world, (struct event){.kind = EVENT_HOST_STOPPED,
                                          .u.host.id = host_id(&world, HOSTS)});
    costs.link = planned_by(&world, entry_of(&world, 0, 1));
    world_close(&world);
    return costs;
}

static void test_others_make_no_difference(void **state)
{
    const struct costs few = costs_with(10);
    const struct costs many = costs_with(1000);

    (void)state;
    assert_int_equal(many.heartbeat, few.heartbeat);
    assert_int_equal(many.link, few.link);
    assert_int_equal(many.declared, few.declared);
    assert_int_equal(many.joined, few.joined);
    assert_int_equal(many.stopped, few.stopped);
    assert_int_equal(few.heartbeat, 1); /* the host, for it is heard of */
    assert_int_equal(few.link, 1);
    assert_int_equal(few.declared, 0); /* again, and the same */
    assert_in_range(few.joined, 1, 3); /* the host and the lattice: nobody waits for it */
    assert_in_range(few.stopped, 1, 3);
}

/* One that says nothing new is not even read: its digest tells. */
static void test_heartbeat_without_change(void **state)
{
    struct world world;
    struct event beat;
    struct inventory inventory;

    (void)state;
    world_open(&world, 10, 100);
    beat = inventory_of(&world, 1, EVENT_HEARTBEAT);
    assert_int_equal(planned_by(&world, beat), 1); /* the host, for it is heard of */
    inventory = *beat.u.inventory;
    inventory.workloads = NULL; /* it would crash */
    beat.u.inventory = &inventory;
    assert_int_equal(planned_by(&world, beat), 1);
    world_close(&world);
}

/* A digest is of all that is said, in whatever order. */
static void test_digest_of_inventory(void **state)
{
    const struct host_workload workload = {.id = "a",
                                           .image = "registry/a:1",
                                           .count = 1,
                                           .application = "shop",
                                           .manager = "wadm"};
    const struct property label = {"zone", "a"};
    struct host_workload changed[6];
    struct host_workload both[2];
    struct inventory inventory = {.workloads = both, .workloads_count = 2};
    uint64_t digest;

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        changed[i] = workload;
    }
    changed[0].kind = WORKLOAD_PROVIDER;
    changed[1].id = "b";
    changed[2].image = "registry/a:2";
    changed[3].count = 2;
    changed[4].application = "other";
    changed[5].manager = "";
    for (size_t i = 0; i < 6; i++) {
        assert_true(workload_digest(&changed[i]) != workload_digest(&workload));
        for (size_t j = 0; j < i; j++) {
            assert_true(workload_digest(&changed[i]) != workload_digest(&changed[j]));
        }
    }
    both[0] = workload;
    both[1] = changed[1];
    both[0].digest = workload_digest(&both[0]);
    both[1].digest = workload_digest(&both[1]);
    digest = inventory_digest(&inventory);
    inventory.uptime_seconds = 30;
    both[1] = both[0];
    both[0] = changed[1];
    // cppcheck-suppress unreadVariable ; inventory points to it
    both[0].digest = workload_digest(&both[0]);
    assert_true(inventory_digest(&inventory) == digest);
    inventory.labels = (struct properties){&label, 1};
    assert_true(inventory_digest(&inventory) != digest);
}

/* Desired and observed, of 10,000 components and 20,000 links. */
#define ROW_BYTES_MAX 600

static void test_one_of_twenty_thousand_links(void **state)
{
    struct world world;

    (void)state;
    world_open(&world, 100, 100);
    assert_in_range(engine_counters(world.engine).bytes, 1,
                    ROW_BYTES_MAX * (1 + LINKS) * 100 * 100);
    assert_int_equal(planned_by(&world, entry_of(&world, 5000, LINKS)), 0);
    assert_int_equal(planned_by(&world, entry_of(&world, 5000, 1)), 1);
    world_close(&world);
}

/* Those that ran there, once when it goes and once more where there was no room. */
static void test_host_that_stops(void **state)
{
    struct world world;
    uint64_t planned;

    (void)state;
    world_open(&world, 100, 10);
    world.may_send = true;
    planned = planned_by(&world, (struct event){.kind = EVENT_HOST_STOPPED,
                                                .u.host.id = host_id(&world, 0)});
    assert_int_equal(world.sent_count, 192); /* as many as three hosts may have */
    assert_in_range(planned, 250, 2 * 250 + 4);
    world_close(&world);
}

/* An application that waits for a host of its zone. */
static void declare_waiting(struct world *world, size_t count)
{
    static const struct property zone = {"zone", "b"};
    static const struct spread_row spread = {
        .name = "b", .weight = 100, .requirements = {&zone, 1}};
    struct workload_row *workloads = arena_array(&world->arena, count, sizeof *workloads);
    struct desired *desired = arena_alloc(&world->arena, sizeof *desired);

    for (size_t i = 0; i < count; i++) {
        workloads[i] = (struct workload_row){
            .kind = WORKLOAD_COMPONENT,
            .id = arena_print(&world->arena, "waiting-%03zu", i),
            .component = "waiting",
            .image = "registry/waiting:1",
            .instances = 1,
            .scaler_id = "",
            .spreads = &spread,
            .spreads_count = 1,
            .origin = {.source = "waiting.yaml"},
        };
    }
    *desired = (struct desired){.application = "waiting",
                                .version = "v1",
                                .workloads = workloads,
                                .workloads_count = count};
    tell(world, (struct event){.kind = EVENT_DECLARED, .u.declared = desired});
}

/* Those that wait for it, and not those that run elsewhere. */
static void test_host_that_is_waited_for(void **state)
{
    enum { WAITING = 20 };
    static const struct property zone = {"zone", "b"};
    struct inventory inventory;
    struct world world;
    struct event joined;
    uint64_t planned;

    (void)state;
    world_open(&world, 100, 10);
    declare_waiting(&world, WAITING);
    joined = inventory_of(&world, HOSTS, EVENT_INVENTORY);
    inventory = *joined.u.inventory;
    inventory.labels = (struct properties){&zone, 1};
    inventory.digest = inventory_digest(&inventory);
    joined.u.inventory = &inventory;
    world.may_send = true;
    planned = planned_by(&world, joined);
    assert_int_equal(world.sent_count, WAITING);
    assert_in_range(planned, WAITING, WAITING + 4); /* the host, the lattice */
    world_close(&world);
}

/* What is worked out of each host for a workload is gone when the next is planned. */
#define WORKLOAD_BYTES_MAX 4000

static void test_memory_of_an_update(void **state)
{
    enum { MANY = 200 };
    struct world world;

    (void)state;
    world_open(&world, 1, HOSTS);
    for (size_t i = 0; i < MANY; i++) {
        tell(&world, inventory_of(&world, HOSTS + i, EVENT_INVENTORY));
    }
    declare_waiting(&world, MANY);
    assert_in_range(engine_counters(world.engine).update_bytes, 1,
                    MANY * WORKLOAD_BYTES_MAX);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_others_make_no_difference),
        cmocka_unit_test(test_heartbeat_without_change),
        cmocka_unit_test(test_digest_of_inventory),
        cmocka_unit_test(test_host_that_stops),
        cmocka_unit_test(test_host_that_is_waited_for),
        cmocka_unit_test(test_one_of_twenty_thousand_links),
        cmocka_unit_test(test_memory_of_an_update),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
