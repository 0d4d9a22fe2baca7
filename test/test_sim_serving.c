/* What really serves, apart from what the inventory says: real-host section 2, each
 * row for an external and for a built-in provider. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/host_faults.h"
#include "test/support_sim.h"

#define OLD "old:1"
#define NEW "new:1"

#define ROUTE "spring-shape-1449 web -[default wasi:http]-> app: "
#define RESET ROUTE "reset (not on this host)\n"
#define HANGS ROUTE "hangs (runs nowhere)\n"

#define DELETE                                                                           \
    "{\"source_id\":\"web\",\"wit_namespace\":\"wasi\",\"wit_package\":\"http\"}"
#define UPDATE "{\"component_id\":\"app\",\"new_component_ref\":\"" NEW "\"}"

static void scale(struct bench *bench, uint32_t count, const char *image)
{
    (void)bench_ask(bench, "component.scale.{H}",
                    bench_scale(bench, "app", count, image));
    bench_wait(bench, 2000);
}

static void start(struct bench *bench, const char *image)
{
    (void)bench_ask(bench, "provider.start.{H}", bench_start(bench, "web", image));
    bench_wait(bench, 1100);
}

static void stop(struct bench *bench)
{
    (void)bench_ask(bench, "provider.stop.{H}",
                    "{\"provider_id\":\"web\",\"host_id\":\"" BENCH_HOST "\"}");
}

static void put_link(struct bench *bench, const char *source_config)
{
    assert_string_equal(bench_ask(bench, "link.put",
                                  bench_link(bench, "web", "app", "in", source_config)),
                        "{\"success\":true,\"message\":\"successfully set link\"}");
}

/* The source config in force at the provider. */
static const char *in_force(struct bench *bench)
{
    struct sim_route route;

    return sim_host_route(bench->host, 0, &route)
               ? arena_copy(&bench->arena, route.source_config)
               : "none";
}

/* With component app from OLD and a provider running, and configs c1 and c2. */
static int setup_with(void **state, const char *provider)
{
    struct bench *bench;

    (void)bench_setup(state);
    bench = *state;
    bench_put(bench, CONFIGS, "c1", "{\"v\":\"1\"}");
    bench_put(bench, CONFIGS, "c2", "{\"v\":\"2\"}");
    scale(bench, 1, OLD);
    start(bench, provider);
    bench_wait(bench, 1000);
    return 0;
}

static int setup_external(void **state)
{
    return setup_with(state, "http-server:1");
}

static int setup_builtin(void **state)
{
    return setup_with(state, "wasmcloud+builtin://http-server");
}

static void test_no_link(void **state)
{
    assert_string_equal(bench_serves(*state), "");
}

static void test_link(void **state)
{
    put_link(*state, "");
    assert_string_equal(bench_serves(*state), ROUTE "ok " OLD "\n");
}

static void test_link_before_all(void **state)
{
    struct bench *bench = *state;

    stop(bench);
    scale(bench, 0, OLD);
    put_link(bench, "");
    start(bench, "wasmcloud+builtin://http-server");
    scale(bench, 1, OLD);
    assert_string_equal(bench_serves(bench), ROUTE "ok " OLD "\n");
    stop(bench);
    start(bench, "http-server:1");
    assert_string_equal(bench_serves(bench), ROUTE "ok " OLD "\n");
}

static void test_replaced_through_zero(void **state)
{
    put_link(*state, "");
    scale(*state, 0, OLD);
    scale(*state, 1, NEW);
    assert_string_equal(bench_serves(*state), ROUTE "ok " NEW "\n");
}

static void test_healed_through_zero(void **state)
{
    put_link(*state, "");
    scale(*state, 2, NEW);
    assert_string_equal(bench_serves(*state), ROUTE "ok " OLD "\n");
    scale(*state, 0, NEW);
    scale(*state, 2, NEW);
    assert_string_equal(bench_serves(*state), ROUTE "ok " NEW "\n");
}

static void test_other_config_name(void **state)
{
    put_link(*state, "\"c1\"");
    put_link(*state, "\"c2\"");
    assert_string_equal(in_force(*state), "{\"v\":\"1\"}");
}

static void test_deleted_and_put(void **state)
{
    struct bench *bench = *state;

    put_link(bench, "\"c1\"");
    (void)bench_ask(bench, "link.del", DELETE);
    assert_string_equal(bench_serves(bench), "");
    put_link(bench, "\"c2\"");
    assert_string_equal(in_force(bench), "{\"v\":\"2\"}");
}

static void test_other_content(void **state)
{
    struct bench *bench = *state;

    put_link(bench, "\"c1\"");
    (void)bench_ask(bench, "config.put.c1", "{\"v\":\"9\"}");
    assert_string_equal(in_force(bench), "{\"v\":\"1\"}");
    put_link(bench, "\"c1\"");
    assert_string_equal(in_force(bench), "{\"v\":\"1\"}");
}

static void test_config_deleted(void **state)
{
    struct bench *bench = *state;

    put_link(bench, "\"c1\"");
    (void)bench_ask(bench, "config.del.c1", "");
    assert_string_equal(in_force(bench), "{\"v\":\"1\"}");
    assert_string_equal(bench_serves(bench), ROUTE "ok " OLD "\n");
}

static void restart_with_other_content(struct bench *bench, const char *image)
{
    put_link(bench, "\"c1\"");
    (void)bench_ask(bench, "config.put.c1", "{\"v\":\"9\"}");
    stop(bench);
    assert_string_equal(bench_serves(bench), "");
    start(bench, image);
    assert_string_equal(in_force(bench), "{\"v\":\"9\"}");
    assert_string_equal(bench_serves(bench), ROUTE "ok " OLD "\n");
}

static void test_restarted_external(void **state)
{
    restart_with_other_content(*state, "http-server:1");
}

static void test_restarted_builtin(void **state)
{
    restart_with_other_content(*state, "wasmcloud+builtin://http-server");
}

static void test_crashed(void **state)
{
    struct bench *bench = *state;

    put_link(bench, "\"c1\"");
    (void)bench_ask(bench, "config.put.c1", "{\"v\":\"9\"}");
    (void)bench_take(bench, &bench->events);
    assert_true(sim_host_crash(bench->host, "web"));
    bench_pump(bench);
    assert_string_equal(in_force(bench), "{\"v\":\"9\"}");
    assert_string_equal(bench_take(bench, &bench->events), "");
}

static void test_other_package_shares_the_slot(void **state)
{
    struct bench *bench = *state;

    put_link(bench, "");
    (void)bench_ask(
        bench, "link.put",
        "{\"source_id\":\"web\",\"target\":\"app\",\"wit_namespace\":\"wasi\","
        "\"wit_package\":\"other\",\"interfaces\":[\"x\"]}");
    assert_string_equal(bench_serves(bench),
                        ROUTE "ok " OLD "\n"
                              "spring-shape-1449 web -[default wasi:other]-> app: ok " OLD
                              "\n");
    (void)bench_ask(bench, "link.del", DELETE);
    assert_string_equal(bench_serves(bench), "");
}

static void test_zero_external(void **state)
{
    put_link(*state, "");
    scale(*state, 0, OLD);
    assert_string_equal(bench_serves(*state), HANGS);
}

static void test_zero_builtin(void **state)
{
    put_link(*state, "");
    scale(*state, 0, OLD);
    assert_string_equal(bench_serves(*state), RESET);
}

static void test_update_external(void **state)
{
    struct bench *bench = *state;

    put_link(bench, "");
    (void)bench_ask(bench, "component.update.{H}", UPDATE);
    bench_wait(bench, 2000);
    assert_string_equal(bench_serves(bench), ROUTE "ok " OLD "\n");
    assert_string_equal(bench_runs(bench),
                        "component app count 1 image " NEW " serving " OLD "\n"
                        "provider web image http-server:1 links 1\n");
    scale(bench, 0, NEW);
    assert_string_equal(bench_serves(bench), ROUTE "ok " OLD "\n");
    assert_string_equal(bench_runs(bench),
                        "component app count 0 image - serving " OLD "\n"
                        "provider web image http-server:1 links 1\n");
    scale(bench, 1, NEW);
    assert_string_equal(bench_serves(bench), ROUTE "ok " NEW "," OLD "\n");
    scale(bench, 0, NEW);
    scale(bench, 3, NEW);
    assert_string_equal(bench_serves(bench), ROUTE "ok " NEW "," OLD "\n");
}

static void test_update_builtin(void **state)
{
    struct bench *bench = *state;

    put_link(bench, "");
    (void)bench_ask(bench, "component.update.{H}", UPDATE);
    bench_wait(bench, 2000);
    assert_string_equal(bench_serves(bench), ROUTE "ok " NEW "\n");
    scale(bench, 0, NEW);
    assert_string_equal(bench_serves(bench), RESET);
    scale(bench, 1, NEW);
    assert_string_equal(bench_serves(bench), ROUTE "ok " NEW "\n");
}

static void test_elsewhere(void **state)
{
    struct bench *bench = *state;
    const struct host_workload app = {.kind = WORKLOAD_COMPONENT,
                                      .id = "app",
                                      .image = OLD,
                                      .count = 1,
                                      .application = "",
                                      .manager = ""};
    const struct inventory inventory = {.workloads = &app, .workloads_count = 1};
    const struct sim_host_options options = {.lattice = "default", .name = "other"};
    struct sim_host *hosts[] = {bench->host, sim_host_new(&options)};
    struct text text;

    sim_host_start(hosts[1], bench->now);
    sim_host_restore(hosts[1], &inventory);
    scale(bench, 0, OLD);
    put_link(bench, "");
    text_init(&text, &bench->arena, 1000);
    sim_print_serving(hosts, 2, &text);
    assert_string_equal(text.bytes, strstr(bench_runs(bench), "http-server:1") != NULL
                                        ? ROUTE "ok " OLD "\n"
                                        : RESET);
    sim_host_free(hosts[1]);
}

/* A link put delay_ms after the start of a provider was acknowledged: did it arrive? */
static bool is_delivered(struct bench *bench, const char *image, int64_t delay_ms)
{
    bool is_there;

    stop(bench);
    (void)bench_ask(bench, "link.del", DELETE);
    (void)bench_ask(bench, "provider.start.{H}", bench_start(bench, "web", image));
    bench_wait(bench, delay_ms);
    put_link(bench, "");
    bench_wait(bench, 3000);
    is_there = bench_serves(bench)[0] != '\0';
    return is_there;
}

static void test_window_external(void **state)
{
    static const struct {
        int64_t delay_ms;
        bool is_delivered;
    } cases[] = {{0, true},     {500, true},  {1099, true}, {1100, false},
                 {1149, false}, {1150, true}, {1500, true}, {3000, true}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(is_delivered(*state, "http-server:1", cases[i].delay_ms),
                         cases[i].is_delivered);
    }
}

static void test_window_builtin(void **state)
{
    for (int64_t delay_ms = 0; delay_ms < 100; delay_ms += 5) {
        assert_true(is_delivered(*state, "wasmcloud+builtin://http-server", delay_ms));
    }
}

static void test_lost_never_healed(void **state)
{
    struct bench *bench = *state;

    assert_false(is_delivered(bench, "http-server:1", 1110));
    put_link(bench, "");
    bench_wait(bench, 60000);
    assert_string_equal(bench_serves(bench), "");
    (void)bench_ask(bench, "link.del", DELETE);
    put_link(bench, "");
    assert_string_equal(bench_serves(bench), ROUTE "ok " OLD "\n");
}

#define BOTH(sentence, function)                                                         \
    {sentence ", external", function, setup_external, bench_teardown, NULL},             \
    {                                                                                    \
        sentence ", built-in", function, setup_builtin, bench_teardown, NULL             \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH("without a link nothing is routed", test_no_link),
        BOTH("a link put while all run serves", test_link),
        BOTH("links before all else serve", test_link_before_all),
        BOTH("only the new image serves after zero", test_replaced_through_zero),
        BOTH("a lying image is healed through zero", test_healed_through_zero),
        BOTH("a put with another config changes nothing", test_other_config_name),
        BOTH("deleted and put takes the other config", test_deleted_and_put),
        BOTH("other content of a config is not taken over", test_other_content),
        BOTH("a deleted config goes on in force", test_config_deleted),
        BOTH("a crash takes the present config without a word", test_crashed),
        BOTH("deleting a link takes all between the two",
             test_other_package_shares_the_slot),
        BOTH("a component on the other host is reached from outside only",
             test_elsewhere),
        {"an external provider restarted serves with the present config",
         test_restarted_external, setup_external, bench_teardown, NULL},
        {"a built-in provider restarted serves with the present config",
         test_restarted_builtin, setup_builtin, bench_teardown, NULL},
        {"scaled to zero an external provider's requests hang", test_zero_external,
         setup_external, bench_teardown, NULL},
        {"scaled to zero a built-in provider's requests are reset", test_zero_builtin,
         setup_builtin, bench_teardown, NULL},
        {"after an update the old image serves an external provider for ever",
         test_update_external, setup_external, bench_teardown, NULL},
        {"after an update the new image serves a built-in provider", test_update_builtin,
         setup_builtin, bench_teardown, NULL},
        {"a link put on the start of an external provider is lost", test_window_external,
         setup_external, bench_teardown, NULL},
        {"no link put is lost to a built-in provider", test_window_builtin, setup_builtin,
         bench_teardown, NULL},
        {"a link lost to a provider comes by delete and put only", test_lost_never_healed,
         setup_external, bench_teardown, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
