/*
 * What comes and goes leaves nothing behind: the memory of an engine and of its store is
 * the same after an hour of churn, in virtual time, as it was before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <sqlite3.h>

#include "reconciler/core/engine.h"
#include "test/support_world.h"

/* What ran on a host that never came back is remembered for a day; by then all that is
 * bounded is full. */
#define MINUTES_BEFORE (25 * 60)
#define MINUTES        60
/* Hosts leave the entry of a source behind, with no link in it. */
#define SOURCES       8
#define RESTART_EVERY 10
/* A command in the store's history, which keeps 10,000: more than are sent here. */
#define COMMAND_BYTES 256
/* How far two moments of a lattice that is never at rest may be apart. */
#define SPREAD_PERCENT 5

static const char *const versions[] = {"web", "web-image", "web-port", "web-settings",
                                       "web-more"};

#define VERSIONS (sizeof versions / sizeof *versions)

static void obey(struct world *world, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void obey(struct world *world, const char *format, ...)
{
    char line[160];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (!world_obey(world, line)) {
        fail_msg("not obeyed: %s", line);
    }
}

/* Another version, somebody's link and config, a lost link; and at times a host with a
 * new id. */
static void churn(struct world *world, unsigned int minute)
{
    const unsigned int source = minute % SOURCES;

    if (minute % RESTART_EVERY == 0) {
        obey(world, "restart h%u", 1 + minute / RESTART_EVERY % 3);
    }
    obey(world, "apply %s.yaml", versions[minute % VERSIONS]);
    obey(world, "put-link their-%u api wasi http incoming-handler", source);
    obey(world, "put-config their-%u {\"a\":\"%u\"}", minute, minute);
    obey(world, "run 30s");
    obey(world, "drop-link shop-web shop-api");
    obey(world, "del-link their-%u wasi http", source);
    obey(world, "drop-config their-%u", minute);
    if (minute % 7 == 6) {
        obey(world, "delete shop");
    }
    obey(world, "run 30s");
}

/* What is held, at the most: no two moments are alike. */
struct peak {
    size_t engine;
    size_t store;
};

static struct peak churn_an_hour(struct world *world, unsigned int *minute)
{
    struct peak peak = {0, 0};

    for (unsigned int i = 0; i < MINUTES; i++) {
        size_t engine;
        size_t store;

        churn(world, (*minute)++);
        engine = engine_counters(world->engine).bytes;
        store = (size_t)sqlite3_memory_used();
        peak.engine = engine > peak.engine ? engine : peak.engine;
        peak.store = store > peak.store ? store : peak.store;
    }
    return peak;
}

static void expect_flat(const char *what, size_t before, size_t after)
{
    print_message("%s: %zu bytes, %zu and a little expected\n", what, after, before);
    assert_true(before > 0);
    if (after > before + before * SPREAD_PERCENT / 100) {
        fail_msg("%s grows", what);
    }
}

static void an_hour_leaves_nothing_behind(void **state)
{
    struct text output;
    struct arena arena = {0};
    struct world world;
    struct peak before;
    struct peak after;
    uint64_t commands;
    unsigned int minute = 0;

    (void)state;
    text_init(&output, &arena, (size_t)16 * 1024 * 1024);
    world_init(&world, 1, &output);
    for (unsigned int i = 1; i <= 3; i++) {
        obey(&world, "start h%u", i);
    }
    obey(&world, "run 3s");
    for (; minute < MINUTES_BEFORE; minute += RESTART_EVERY) {
        churn(&world, minute);
        obey(&world, "run %dm", RESTART_EVERY - 1);
    }
    before = churn_an_hour(&world, &minute);
    commands = world.commands_count;
    after = churn_an_hour(&world, &minute);
    commands = world.commands_count - commands;
    expect_flat("the engine", before.engine, after.engine);
    expect_flat("the store", before.store + commands * COMMAND_BYTES, after.store);
    assert_int_equal(world.violations_count, 0);
    assert_true(world.commands_count > 0);
    world_clear(&world);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
