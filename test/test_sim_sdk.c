/* Providers of old and new SDKs that lose a link, and what configs a provider has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/host_faults.h"
#include "test/support_sim.h"

#define SERVES "spring-shape-1449 web -[default wasi:http]-> app: ok app:1\n"

#define DELETE                                                                           \
    "{\"source_id\":\"web\",\"wit_namespace\":\"wasi\",\"wit_package\":\"http\"}"
#define STOP "{\"provider_id\":\"web\",\"host_id\":\"" BENCH_HOST "\"}"

static void start(struct bench *bench, const char *image)
{
    (void)bench_ask(bench, "provider.start.{H}", bench_start(bench, "web", image));
    bench_wait(bench, 1200);
}

static void put_link(struct bench *bench)
{
    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", ""));
}

/* Does image serve again over a link that was deleted and put again? */
static bool takes_back(struct bench *bench, const char *image)
{
    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, "app:1"));
    bench_wait(bench, 500);
    put_link(bench);
    start(bench, image);
    assert_string_equal(bench_serves(bench), SERVES);
    (void)bench_ask(bench, "link.del", DELETE);
    assert_string_equal(bench_serves(bench), "");
    put_link(bench);
    return strcmp(bench_serves(bench), SERVES) == 0;
}

static void test_old(void **state)
{
    static const char *const images[] = {
        "ghcr.io/wasmcloud/http-server:0.25.0", "ghcr.io/wasmcloud/http-server:0.9.12",
        "ghcr.io/acme/unknown:9.0.0",           "ghcr.io/wasmcloud/http-server:latest",
        "file:///srv/http-server.par.gz",
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        assert_false(takes_back(bench, images[i]));
        put_link(bench); /* no number of times helps */
        assert_string_equal(bench_serves(bench), "");
        (void)bench_ask(bench, "provider.stop.{H}", STOP);
        start(bench, images[i]);
        assert_string_equal(bench_serves(bench), SERVES);
        (void)bench_ask(bench, "link.del", DELETE);
        put_link(bench);
        assert_string_equal(bench_serves(bench), "");
        assert_true(sim_host_crash(bench->host, "web"));
        bench_pump(bench);
        assert_string_equal(bench_serves(bench), SERVES);
        (void)bench_ask(bench, "provider.stop.{H}", STOP);
    }
}

static void test_new(void **state)
{
    static const char *const images[] = {
        "ghcr.io/wasmcloud/http-server:0.25.1",
        "ghcr.io/wasmcloud/http-server:0.26.0",
        "http-server:1",
        "wasmcloud+builtin://http-server",
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        assert_true(takes_back(bench, images[i]));
        (void)bench_ask(bench, "provider.stop.{H}", STOP);
    }
}

/* It may be put as often as one likes, as long as it was never lost. */
static void test_never_had(void **state)
{
    struct bench *bench = *state;

    start(bench, "old:1");
    (void)bench_ask(bench, "link.del", DELETE);
    put_link(bench);
    assert_string_equal(bench_runs(bench), "provider web image old:1 links 1\n");
}

/* Its configs are those of its start, whatever is published to it. */
static void test_config(void **state)
{
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "c", "{\"v\":\"1\"}");
    (void)bench_ask(bench, "provider.start.{H}",
                    "{\"provider_id\":\"web\",\"provider_ref\":\"x:1\",\"host_id\":"
                    "\"" BENCH_HOST "\",\"config\":[\"c\"]}");
    bench_wait(bench, 1200);
    (void)bench_take(bench, &bench->messages);
    bench_put(bench, CONFIGS, "c", "{\"v\":\"2\"}");
    bench_pump(bench);
    assert_string_equal(bench_take(bench, &bench->messages),
                        "wasmbus.rpc.default.web.config.update {\"v\":\"2\"}\n");
    assert_string_equal(bench_runs(bench),
                        "provider web image x:1 links 0 config {\"v\":\"1\"}\n");
    assert_true(sim_host_crash(bench->host, "web"));
    bench_pump(bench);
    assert_string_equal(bench_runs(bench),
                        "provider web image x:1 links 0 config {\"v\":\"2\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"an old provider never takes a link back until its process is another", test_old,
         bench_setup, bench_teardown, NULL},
        {"later releases and built-in providers do", test_new, bench_setup,
         bench_teardown, NULL},
        {"a link that was never there can be taken", test_never_had, bench_setup,
         bench_teardown, NULL},
        {"a provider keeps the configs of its start", test_config, bench_setup,
         bench_teardown, NULL},
    };

    return cmocka_run_group_tests_name("sim_sdk", tests, NULL, NULL);
}
