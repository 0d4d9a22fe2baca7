/*
 * Seeded worlds: applications come, change and go on a lattice that fails in every way
 * the simulator knows; when the faults end, the lattice must be as it is wanted, what
 * belongs to others untouched, and the same seed must lead to the same trace.
 *
 * Without arguments the first 200 seeds run, 100 with zones, and those that failed
 * once.
 *
 * usage: test_simulation [FIRST [COUNT]]   one seed prints its trace when it fails
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/digest.h"
#include "reconciler/core/status.h"
#include "reconciler/sim/prng.h"
#include "test/support_truth.h"
#include "test/support_world.h"

#define SEEDS_COUNT      200
#define ZONES_SEED       1000000 /* from here on seeds have zones ... */
#define ZONES_COUNT      100     /* ... and so many of them run */
#define FOUND_MAX        200
#define STEPS_COUNT      40
#define APPLICATIONS_MAX 3
#define HOSTS_MAX        4
#define TRACE_BYTES_MAX  ((size_t)8 * 1024 * 1024)
#define MINUTE_MS        ((int64_t)60 * 1000)
#define HEAL_MS          (15 * MINUTE_MS)

/* What a seed may do; each seed leaves some of it out. */
enum action {
    ACTION_APPLY,
    ACTION_DELETE,
    ACTION_KILL,
    ACTION_RESTART_HOST,
    ACTION_STOP,
    ACTION_DROP_LINK,
    ACTION_DROP_CONFIG,
    ACTION_SCALE,
    ACTION_PAUSE,
    ACTION_MUTE,
    ACTION_DISCONNECT,
    ACTION_RESTART_DAEMON,
    ACTION_FAULTS,
    ACTION_FOREIGN,
    ACTIONS_COUNT,
    ACTION_LABEL = ACTIONS_COUNT, /* only where there are zones */
};

struct simulation {
    struct world world;
    struct sim_prng prng;
    uint32_t versions[APPLICATIONS_MAX];
    bool has_zones;        /* hosts have labels, and spreads require them */
    const char *violation; /* of a safety rule; NULL none */
};

static uint64_t below(struct simulation *simulation, uint64_t bound)
{
    return sim_prng_below(&simulation->prng, bound);
}

/* No command may touch what belongs to others, whose names all begin with "theirs". */
static void check_command(void *context, const struct command *command)
{
    struct simulation *simulation = context;
    const char *name = NULL;

    switch (command->kind) {
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
        name = command->u.config.name;
        break;
    case COMMAND_PUT_LINK:
    case COMMAND_DELETE_LINK:
        name = command->u.link.target;
        break;
    case COMMAND_START_PROVIDER:
    case COMMAND_STOP_PROVIDER:
    case COMMAND_SCALE_COMPONENT:
        name = command->u.workload.id;
        break;
    case COMMAND_MAKE_BUCKET: /* is nobody's */
    case COMMAND_ASK_HOSTS:
    case COMMAND_ASK_HOST:
    case COMMAND_ASK_CONFIG:
    case COMMAND_ASK_LINKS:
        return;
    }
    if (strncmp(name, "theirs", 6) == 0) {
        simulation->violation = "a command touches what is not ours";
    }
}

static void obey(struct simulation *simulation, const char *line)
{
    text_append(simulation->world.output, "%s\n", line);
    (void)world_obey(&simulation->world, line);
}

static const char *host_name(struct simulation *simulation)
{
    return arena_print(&simulation->world.arena, "h%u",
                       (unsigned int)below(simulation, HOSTS_MAX) + 1);
}

/* The rest of a scaler: where its instances may run. */
static const char *make_spread(struct simulation *simulation)
{
    static const char *const spreads[] = {
        "",
        ", spread: [{name: a, requirements: {zone: a}}]",
        ", spread: [{name: a, requirements: {zone: a}}, {name: b, requirements: {zone: "
        "b}}]",
        ", spread: [{name: a, requirements: {zone: a}, weight: 30},"
        " {name: any, requirements: {}, weight: 70}]",
        ", spread: [{name: any, requirements: {}}, {name: b, requirements: {zone: b}}]",
    };

    return simulation->has_zones
               ? spreads[below(simulation, sizeof spreads / sizeof *spreads)]
               : "";
}

/* An application whose shape depends on its number, its size and images on chance. */
static const char *make_manifest(struct simulation *simulation, uint32_t number)
{
    struct text text;
    const unsigned int version = ++simulation->versions[number];
    const unsigned int components = (unsigned int)below(simulation, 3) + 1;

    text_init(&text, &simulation->world.arena, 65536);
    text_append(&text,
                "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n"
                "  name: app%u\n  annotations: {version: \"%u\"}\nspec:\n  components:\n",
                (unsigned int)number, version);
    for (unsigned int i = 0; i < components; i++) {
        const char *spread = make_spread(simulation);

        text_append(&text,
                    "    - name: c%u\n      type: component\n      properties:\n"
                    "        image: registry.example/c:%u\n"
                    "        config: [{name: k%u, properties: {v: \"%u\"}}]\n"
                    "      traits:\n        - type: %s\n"
                    "          properties: {instances: %u%s}\n"
                    "        - type: link\n          properties: {namespace: wasi, "
                    "package: keyvalue, interfaces: [store], target: {name: kv, config: "
                    "[{name: t%u, properties: {url: \"%u\"}}]}}\n",
                    i, (unsigned int)below(simulation, 2), i,
                    (unsigned int)below(simulation, 3),
                    below(simulation, 4) == 0 ? "daemonscaler" : "spreadscaler",
                    (unsigned int)below(simulation, 4), spread, i,
                    (unsigned int)below(simulation, 2));
    }
    text_append(&text,
                "    - name: kv\n      type: capability\n      properties: {image: "
                "\"registry.example/kv:%u\"}\n"
                "    - name: web\n      type: capability\n      properties: {image: "
                "\"wasmcloud+builtin://http-server\"}\n      traits:\n"
                "        - type: spreadscaler\n          properties: {instances: %u}\n",
                (unsigned int)below(simulation, 2), (unsigned int)below(simulation, 3));
    for (unsigned int i = 0; i < components; i++) {
        text_append(&text,
                    "        - type: link\n          properties: {namespace: wasi, "
                    "package: http, interfaces: [incoming-handler], name: l%u, target: "
                    "{name: c%u}}\n",
                    i, (unsigned int)below(simulation, components));
    }
    return text.bytes;
}

static void apply(struct simulation *simulation)
{
    const uint32_t number = (uint32_t)below(simulation, APPLICATIONS_MAX);
    const char *manifest = make_manifest(simulation, number);

    text_append(simulation->world.output, "apply app%u v%u\n", (unsigned int)number,
                (unsigned int)simulation->versions[number]);
    (void)world_apply(
        &simulation->world,
        arena_print(&simulation->world.arena, "/app%u.yaml", (unsigned int)number),
        manifest);
}

static void disturb_network(struct simulation *simulation)
{
    const struct sim_faults faults = {
        .drop_per_mille = (uint32_t)below(simulation, 100),
        .duplicate_per_mille = (uint32_t)below(simulation, 100),
        .reorder_per_mille = (uint32_t)below(simulation, 200),
        .delay_ms_max = (int64_t)below(simulation, 50) + 1,
    };

    text_append(simulation->world.output, "faults %u %u %u %lld\n",
                (unsigned int)faults.drop_per_mille,
                (unsigned int)faults.duplicate_per_mille,
                (unsigned int)faults.reorder_per_mille, (long long)faults.delay_ms_max);
    sim_lattice_set_faults(simulation->world.lattice, &faults);
}

static const char *make_line(struct simulation *simulation, enum action action)
{
    struct arena *arena = &simulation->world.arena;
    const unsigned int number = (unsigned int)below(simulation, APPLICATIONS_MAX);
    const unsigned int part = (unsigned int)below(simulation, 3);
    const char *host = host_name(simulation);

    switch (action) {
    case ACTION_DELETE:
        return arena_print(arena, "delete app%u", number);
    case ACTION_KILL:
        return arena_print(arena, "kill %s", host);
    case ACTION_RESTART_HOST:
        return arena_print(arena, "start %s", host);
    case ACTION_STOP:
        return arena_print(arena, "stop %s", host);
    case ACTION_DROP_LINK:
        return arena_print(arena, "drop-link app%u-c%u app%u-kv", number, part, number);
    case ACTION_DROP_CONFIG:
        return arena_print(arena, "drop-config app%u-k%u", number, part);
    case ACTION_SCALE:
        return arena_print(arena, "scale %s app%u-c%u 0 registry.example/c:0", host,
                           number, part);
    case ACTION_PAUSE:
        return arena_print(arena, "pause %s %u", host,
                           (unsigned int)below(simulation, 40000));
    case ACTION_MUTE:
        return arena_print(arena, "%s %s", part == 0 ? "mute" : "unmute", host);
    case ACTION_DISCONNECT:
        return part == 0 ? "disconnect" : "connect";
    case ACTION_RESTART_DAEMON:
        return "restart-daemon";
    case ACTION_FOREIGN:
        return part == 0 ? arena_print(arena, "put-config theirs%u {}", number)
               : part == 1
                   ? arena_print(arena, "put-link app%u-web theirs wasi logging l",
                                 number)
                   : arena_print(arena, "scale %s theirs%u 2 other:1", host, number);
    case ACTION_LABEL:
        return part == 0
                   ? arena_print(arena, "unlabel %s zone", host)
                   : arena_print(arena, "label %s zone=%s", host, part == 1 ? "a" : "b");
    case ACTION_APPLY:
    case ACTION_FAULTS:
        break;
    }
    abort();
}

static void act(struct simulation *simulation, enum action action)
{
    if (action == ACTION_APPLY) {
        apply(simulation);
    } else if (action == ACTION_FAULTS) {
        disturb_network(simulation);
    } else {
        obey(simulation, make_line(simulation, action));
    }
}

/* End all faults, and see to it that there are hosts. */
static void heal(struct simulation *simulation)
{
    const struct sim_faults none = {.delay_ms_max = 1};

    sim_lattice_set_faults(simulation->world.lattice, &none);
    obey(simulation, "connect");
    for (int i = 1; i <= HOSTS_MAX; i++) {
        obey(simulation, arena_print(&simulation->world.arena, "unmute h%d", i));
    }
    rehearsal_run(simulation->world.rehearsal, MINUTE_MS); /* pauses end */
    obey(simulation, "start h1");
    obey(simulation, "start h2"); /* no application wants more than two */
    if (simulation->has_zones) {
        obey(simulation, "label h1 zone=a");
        obey(simulation, "label h2 zone=b");
    }
    rehearsal_run(simulation->world.rehearsal, MINUTE_MS);
}

static void run_steps(struct simulation *simulation)
{
    uint64_t mask = sim_prng_next(&simulation->prng) | 1U << ACTION_APPLY;

    obey(simulation, "start h1");
    obey(simulation, "start h2");
    for (int i = 0; i < STEPS_COUNT; i++) {
        const enum action action = (enum action)below(
            simulation, ACTIONS_COUNT + (simulation->has_zones ? 1 : 0));
        const bool is_short = below(simulation, 2) == 0;

        if ((mask >> action & 1) != 0) {
            act(simulation, action);
        }
        rehearsal_run(simulation->world.rehearsal,
                      (int64_t)below(simulation, is_short ? 20 : 20000));
    }
}

/* All is at rest, and where something is missing nothing better can be done: what that is
 * truth_check knows. */
static bool is_as_good_as_can_be(const struct world *world)
{
    struct arena arena = {0};
    bool is_good = engine_is_idle(world->engine);

    for (int i = 0; i < APPLICATIONS_MAX; i++) {
        struct application_status status;

        engine_status(world->engine, arena_print(&arena, "app%d", i), &arena, &status);
        is_good &= status.word == STATUS_DEPLOYED || status.word == STATUS_DEGRADED ||
                   status.word == STATUS_UNDEPLOYED;
    }
    arena_free(&arena);
    return is_good;
}

/* Run seed; what is wrong in the end goes to problems. */
static void simulate(uint64_t seed, struct text *trace, struct text *problems)
{
    struct simulation simulation = {0};
    struct world *world = &simulation.world;

    world_init(world, seed, trace);
    world->on_command = check_command;
    world->context = &simulation;
    simulation.prng.state = seed;
    simulation.has_zones = seed >= ZONES_SEED;
    run_steps(&simulation);
    heal(&simulation);
    if (!rehearsal_converge(world->rehearsal, HEAL_MS, 0) &&
        !is_as_good_as_can_be(world)) {
        text_append(problems, "not converged %lld minutes after the faults ended\n",
                    (long long)(HEAL_MS / 60000));
        for (int i = 0; i < APPLICATIONS_MAX; i++) {
            (void)world_obey(world, arena_print(&world->arena, "status app%d", i));
        }
    }
    truth_check(world->lattice, world->store, problems);
    if (simulation.violation != NULL) {
        text_append(problems, "%s\n", simulation.violation);
    }
    if (rehearsal_errors_count(world->rehearsal) > 0) {
        text_append(problems, "messages could not be decoded\n");
    }
    world_clear(world);
}

static void test_seed(void **state)
{
    const uint64_t seed = *(const uint64_t *)*state;
    struct arena arena = {0};
    char digests[2][DIGEST_HEX_BYTES];

    for (int i = 0; i < 2; i++) {
        struct text trace;
        struct text problems;

        text_init(&trace, &arena, TRACE_BYTES_MAX);
        text_init(&problems, &arena, TRACE_BYTES_MAX);
        simulate(seed, &trace, &problems);
        if (problems.count > 0) {
            (void)fprintf(stderr, "seed %llu\n%s%s", (unsigned long long)seed,
                          trace.bytes, problems.bytes);
            arena_free(&arena);
            fail();
        }
        digest_bytes(trace.bytes, trace.count, digests[i]);
    }
    arena_free(&arena);
    assert_string_equal(digests[0], digests[1]);
}

/* Seeds that failed once, one a line; returns how many there are. */
static size_t read_found(uint64_t *seeds, size_t most)
{
    FILE *file = fopen("fixtures/sim-seeds.txt", "re");
    char line[64];
    size_t count = 0;

    assert(file != NULL);
    while (count < most && fgets(line, sizeof line, file) != NULL) {
        if (line[0] >= '0' && line[0] <= '9') {
            seeds[count++] = strtoull(line, NULL, 10);
        }
    }
    assert(count > 0);
    (void)fclose(file);
    return count;
}

static int run_seeds(uint64_t *seeds, size_t count)
{
    struct CMUnitTest *tests = calloc(count + 1, sizeof *tests);
    struct arena arena = {0};
    int failed_count;

    assert(tests != NULL);
    for (size_t i = 0; i < count; i++) {
        tests[i] = (struct CMUnitTest){
            .name = arena_print(&arena, "seed %llu ends as it is wanted",
                                (unsigned long long)seeds[i]),
            .test_func = test_seed,
            .initial_state = &seeds[i],
        };
    }
    failed_count = _cmocka_run_group_tests("simulation", tests, count, NULL, NULL);
    arena_free(&arena);
    free(tests);
    return failed_count;
}

int main(int argc, char **argv)
{
    const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    const size_t asked = argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 1;
    const size_t count = argc > 1 ? asked : SEEDS_COUNT + ZONES_COUNT;
    uint64_t *seeds = calloc(count + FOUND_MAX, sizeof *seeds);
    int failed_count;

    assert(seeds != NULL);
    for (size_t i = 0; i < count; i++) {
        seeds[i] = argc > 1 || i < SEEDS_COUNT ? first + i : ZONES_SEED + i - SEEDS_COUNT;
    }
    failed_count =
        run_seeds(seeds, count + (argc > 1 ? 0 : read_found(seeds + count, FOUND_MAX)));
    free(seeds);
    return failed_count;
}
