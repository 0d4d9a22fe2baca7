/* What a simulated host answers and publishes about providers: real-host section 1,
 * the rows on provider.start and provider.stop; and the health of providers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/host_faults.h"
#include "test/support_sim.h"

#define BUILTIN "wasmcloud+builtin://http-server"
#define ARCHIVE "file:///srv/providers/x.par.gz"

#define FAILURE(message) "{\"success\":false,\"message\":\"" message "\"}"
#define SUCCESS(message) "{\"success\":true,\"message\":\"" message "\"}"
#define STARTED          SUCCESS("successfully started provider")
#define STOPPED          SUCCESS("successfully stopped provider")

#define STARTED_EVENT(image)                                                             \
    "provider_started {\"annotations\":{},\"host_id\":\"" BENCH_HOST                     \
    "\",\"image_ref\":\"" image "\",\"provider_id\":\"web\"}\n"
#define HEALTH_EVENT(name)                                                               \
    name " {\"host_id\":\"" BENCH_HOST "\",\"provider_id\":\"web\"}\n"

#define STOP "{\"host_id\":\"" BENCH_HOST "\",\"provider_id\":\"web\"}"

static void start(struct bench *bench, const char *image)
{
    assert_string_equal(
        bench_ask(bench, "provider.start.{H}", bench_start(bench, "web", image)),
        STARTED);
}

static void test_external(void **state)
{
    struct bench *bench = *state;

    start(bench, ARCHIVE);
    assert_string_equal(bench_take(bench, &bench->writes), "");
    bench_wait(bench, 1099);
    assert_string_equal(bench_take(bench, &bench->events), "");
    bench_wait(bench, 1);
    assert_string_equal(bench_take(bench, &bench->writes),
                        "COMPONENT_web {\"url\":\"/srv/providers/x.par.gz\","
                        "\"links\":[]}\n");
    assert_string_equal(bench_take(bench, &bench->events),
                        STARTED_EVENT("/srv/providers/x.par.gz"));
    bench_wait(bench, 4999);
    assert_string_equal(bench_take(bench, &bench->events), "");
    bench_wait(bench, 1);
    assert_string_equal(bench_take(bench, &bench->events),
                        HEALTH_EVENT("health_check_passed"));
}

static void test_health_again(void **state)
{
    struct bench *bench = *state;

    bench_close(bench);
    bench_open_with(bench, (struct sim_host_options){.heartbeat_ms = 1000000});
    start(bench, ARCHIVE);
    bench_wait(bench, 5000 + 29999);
    (void)bench_take(bench, &bench->events);
    for (int i = 0; i < 3; i++) {
        bench_wait(bench, i == 0 ? 1 : 30000);
        assert_string_equal(bench_take(bench, &bench->events),
                            HEALTH_EVENT("health_check_status"));
    }
}

/* Only a change is told as such; what does not change says nothing of health. */
static void test_sick(void **state)
{
    struct bench *bench = *state;

    bench_close(bench);
    bench_open_with(bench, (struct sim_host_options){.heartbeat_ms = 1000000});
    start(bench, ARCHIVE);
    bench_wait(bench, 1100 + 5000);
    (void)bench_take(bench, &bench->events);
    assert_true(sim_host_set_health(bench->host, "web", false));
    bench_wait(bench, 30000);
    assert_string_equal(bench_take(bench, &bench->events),
                        HEALTH_EVENT("health_check_failed"));
    bench_wait(bench, 30000);
    assert_string_equal(bench_take(bench, &bench->events),
                        HEALTH_EVENT("health_check_status"));
    assert_true(sim_host_set_health(bench->host, "web", true));
    bench_wait(bench, 30000);
    assert_string_equal(bench_take(bench, &bench->events),
                        HEALTH_EVENT("health_check_passed"));
    assert_false(sim_host_set_health(bench->host, "nobody", true));
}

/* No answer to the start of one that is switched off; http-client alone says so. */
static void test_disabled(void **state)
{
    struct bench *bench = *state;

    sim_host_disable(bench->host, "http-server", true);
    sim_host_disable(bench->host, "http-client", true);
    assert_string_equal(
        bench_ask(bench, "provider.start.{H}", bench_start(bench, "web", BUILTIN)), "");
    bench_wait(bench, 3000);
    assert_string_equal(bench_take(bench, &bench->replies), "");
    assert_string_equal(bench_take(bench, &bench->events), "");
    start(bench, "wasmcloud+builtin://http-client");
    bench_wait(bench, 20);
    assert_non_null(strstr(bench_take(bench, &bench->events),
                           "feature `builtin-http-client` is not enabled"));
    sim_host_disable(bench->host, "http-server", false);
    start(bench, BUILTIN);
    bench_wait(bench, 20);
    assert_string_equal(bench_take(bench, &bench->events), STARTED_EVENT("http-server"));
}

static void test_builtin(void **state)
{
    struct bench *bench = *state;

    start(bench, BUILTIN);
    bench_wait(bench, 19);
    assert_string_equal(bench_take(bench, &bench->events), "");
    bench_wait(bench, 1);
    assert_string_equal(bench_take(bench, &bench->events), STARTED_EVENT("http-server"));
    assert_string_equal(bench_take(bench, &bench->writes),
                        "COMPONENT_web {\"url\":\"http-server\",\"links\":[]}\n");
    bench_wait(bench, 9000);
    assert_string_equal(bench_take(bench, &bench->events), "");
}

static void test_start_again(void **state)
{
    struct bench *bench = *state;

    start(bench, ARCHIVE);
    bench_wait(bench, 1100);
    (void)bench_take(bench, &bench->events);
    assert_string_equal(
        bench_ask(bench, "provider.start.{H}", bench_start(bench, "web", "other:1")),
        FAILURE("provider with that ID is already running"));
    bench_wait(bench, 2000);
    assert_string_equal(bench_take(bench, &bench->events), "");
    assert_string_equal(bench_runs(bench),
                        "provider web image /srv/providers/x.par.gz links 0\n");
}

static void test_start_race(void **state)
{
    struct bench *bench = *state;

    start(bench, ARCHIVE);
    bench_wait(bench, 1);
    start(bench, ARCHIVE);
    bench_wait(bench, 1100);
    assert_string_equal(
        bench_take(bench, &bench->events),
        STARTED_EVENT(
            "/srv/providers/x.par.gz") "provider_start_failed {\"error\":\"provider is "
                                       "already running with that "
                                       "ID\",\"host_id\":\"" BENCH_HOST
                                       "\",\"link_name\":\"default\",\"provider_id\":"
                                       "\"web\",\"provider_ref\":\"" ARCHIVE "\"}\n");
}

static void test_missing_archive(void **state)
{
    struct bench *bench = *state;

    sim_host_refuse(bench->host, ARCHIVE, "");
    start(bench, ARCHIVE);
    bench_wait(bench, 4);
    assert_string_equal(
        bench_take(bench, &bench->events),
        "provider_start_failed {\"error\":\"failed to fetch provider: failed to read "
        "provider: failed to load provider archive: failed to load target "
        "[x86_64-linux] from PAR from file [/srv/providers/x.par.gz]: No such file or "
        "directory (os error 2)\",\"host_id\":\"" BENCH_HOST
        "\",\"link_name\":\"default\",\"provider_id\":\"web\",\"provider_ref\":\"" ARCHIVE
        "\"}\n");
    assert_string_equal(bench_runs(bench), "");
}

static void test_unknown_builtin(void **state)
{
    struct bench *bench = *state;

    start(bench, "wasmcloud+builtin://nonsense");
    bench_wait(bench, 20);
    assert_non_null(strstr(bench_take(bench, &bench->events),
                           "\"error\":\"unknown builtin name: nonsense\""));
}

static void test_missing_config(void **state)
{
    struct bench *bench = *state;

    (void)bench_ask(bench, "provider.start.{H}",
                    "{\"provider_id\":\"web\",\"provider_ref\":\"" ARCHIVE
                    "\",\"config\":[\"nope\"]}");
    bench_wait(bench, 1100);
    assert_non_null(strstr(bench_take(bench, &bench->events),
                           "\"error\":\"Unable to fetch requested config: Config nope "
                           "does not exist\",\"host_id\":\"\""));
    assert_string_equal(bench_take(bench, &bench->writes),
                        "COMPONENT_web {\"url\":\"/srv/providers/x.par.gz\","
                        "\"links\":[]}\n");
}

static void test_used_config(void **state)
{
    static const char body[] =
        "{\"provider_id\":\"web\",\"provider_ref\":\"" ARCHIVE "\",\"config\":[\"c1\"]}";
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "c1", "{\"k\":\"v\"}");
    (void)bench_ask(bench, "provider.start.{H}", body);
    bench_wait(bench, 1100);
    assert_string_equal(bench_take(bench, &bench->messages),
                        "wasmbus.rpc.default.web.config.update {\"k\":\"v\"}\n");
    (void)bench_ask(bench, "provider.stop.{H}", STOP);
    bench_put(bench, CONFIGS, "c1", NULL);
    (void)bench_take(bench, &bench->events);
    (void)bench_ask(bench, "provider.start.{H}", body);
    bench_wait(bench, 1100);
    assert_non_null(strstr(bench_take(bench, &bench->events), "provider_started"));
    assert_string_equal(bench_take(bench, &bench->messages),
                        "wasmbus.rpc.default.web.config.update {}\n");
}

static void test_used_secret(void **state)
{
    static const char body[] = "{\"provider_id\":\"web\",\"provider_ref\":\"" ARCHIVE
                               "\",\"config\":[\"SECRET_s\"]}";
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "SECRET_s", "{\"name\":\"s\"}");
    (void)bench_ask(bench, "provider.start.{H}", body);
    bench_wait(bench, 1100);
    assert_non_null(strstr(bench_take(bench, &bench->events), "provider_started"));
    (void)bench_ask(bench, "provider.stop.{H}", STOP);
    bench_put(bench, CONFIGS, "SECRET_s", NULL);
    (void)bench_take(bench, &bench->events);
    (void)bench_ask(bench, "provider.start.{H}", body);
    bench_wait(bench, 1100);
    assert_non_null(strstr(bench_take(bench, &bench->events),
                           "\"error\":\"Unable to fetch requested secrets: SECRET_s "
                           "does not exist\""));
}

static void test_config_changed(void **state)
{
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "c1", "{\"a\":\"1\",\"b\":\"1\"}");
    bench_put(bench, CONFIGS, "c2", "{\"b\":\"2\"}");
    (void)bench_ask(bench, "provider.start.{H}",
                    "{\"provider_id\":\"web\",\"provider_ref\":\"" ARCHIVE
                    "\",\"config\":[\"c1\",\"c2\"]}");
    bench_wait(bench, 1100);
    assert_string_equal(bench_take(bench, &bench->messages),
                        "wasmbus.rpc.default.web.config.update "
                        "{\"a\":\"1\",\"b\":\"2\"}\n");
    bench_put(bench, CONFIGS, "c3", "{}");
    assert_string_equal(bench_take(bench, &bench->messages), "");
    bench_put(bench, CONFIGS, "c2", "{\"c\":\"3\"}");
    assert_string_equal(bench_take(bench, &bench->messages),
                        "wasmbus.rpc.default.web.config.update "
                        "{\"a\":\"1\",\"b\":\"1\",\"c\":\"3\"}\n");
}

static void test_stop(void **state)
{
    struct bench *bench = *state;

    start(bench, ARCHIVE);
    bench_wait(bench, 1100);
    (void)bench_take(bench, &bench->events);
    assert_string_equal(bench_ask(bench, "provider.stop.{H}", STOP), STOPPED);
    assert_string_equal(bench_take(bench, &bench->events),
                        "provider_stopped {\"annotations\":{},\"host_id\":\"" BENCH_HOST
                        "\",\"instance_id\":\"web\",\"link_name\":\"default\","
                        "\"provider_id\":\"web\",\"public_key\":\"web\","
                        "\"reason\":\"stop\"}\n");
    assert_string_equal(bench_ask(bench, "provider.stop.{H}", STOP),
                        FAILURE("provider with that ID is not running"));
    bench_wait(bench, 28000);
    assert_null(strstr(bench_take(bench, &bench->events), "health_check"));
    assert_non_null(bench_get(bench, LINKS, "COMPONENT_web"));
}

static void test_forced_stop(void **state)
{
    struct bench *bench = *state;

    start(bench, ARCHIVE);
    bench_wait(bench, 1100);
    assert_string_equal(
        bench_ask(bench, "provider.stop.{H}", "{\"provider_ref\":\"web\"}"), "");
    assert_string_equal(bench_runs(bench), "");
    bench_wait(bench, 300);
    assert_string_equal(bench_take(bench, &bench->replies), STOPPED "\n");
}

/* Killed while it waits for a provider, a host leaves nothing behind. */
static void test_killed_in_stop(void **state)
{
    struct bench *bench = *state;

    start(bench, ARCHIVE);
    bench_wait(bench, 1100);
    bench_send(bench, "provider.stop.{H}", "{\"provider_id\":\"web\"}");
    sim_host_kill(bench->host);
    bench_wait(bench, 1000);
    assert_null(strstr(bench_take(bench, &bench->events), "provider_stopped"));
}

static void test_restart_health(void **state)
{
    struct bench *bench = *state;

    start(bench, ARCHIVE);
    bench_wait(bench, 1100);
    (void)bench_ask(bench, "provider.stop.{H}", STOP);
    start(bench, ARCHIVE);
    (void)bench_take(bench, &bench->events);
    /* The check of the first start falls due, and is nobody's any more. */
    bench_wait(bench, 5000);
    assert_string_equal(bench_take(bench, &bench->events),
                        STARTED_EVENT("/srv/providers/x.par.gz"));
    bench_wait(bench, 1100);
    assert_string_equal(bench_take(bench, &bench->events),
                        HEALTH_EVENT("health_check_passed"));
}

static void test_broken(void **state)
{
    struct bench *bench = *state;

    start(bench, ARCHIVE);
    bench_wait(bench, 1100);
    assert_true(sim_host_break(bench->host, "web"));
    assert_false(sim_host_break(bench->host, "web"));
    assert_false(sim_host_crash(bench->host, "web"));
    (void)bench_take(bench, &bench->events);
    bench_wait(bench, 20000);
    assert_string_equal(bench_take(bench, &bench->events), "");
    assert_non_null(
        strstr(bench_ask(bench, "host.get.{H}", ""),
               "\"providers\":[{\"id\":\"web\",\"image_ref\":\"/srv/providers/x.par.gz\","
               "\"revision\":0,\"annotations\":{}}]"));
}

static void test_auction(void **state)
{
    static const char offer[] =
        "{\"provider_ref\":\"" ARCHIVE "\",\"provider_id\":\"web\",\"constraints\":{}}";
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "provider.auction", offer),
        "{\"success\":true,\"message\":\"\",\"response\":{\"host_id\":\"" BENCH_HOST
        "\",\"provider_ref\":\"" ARCHIVE
        "\",\"provider_id\":\"web\",\"constraints\":{}}}");
    start(bench, ARCHIVE);
    bench_wait(bench, 1100);
    assert_string_equal(bench_ask(bench, "provider.auction", offer), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"an external provider starts late and passes its check 5 s later", test_external,
         bench_setup, bench_teardown, NULL},
        {"a healthy provider is told of every 30 s", test_health_again, bench_setup,
         bench_teardown, NULL},
        {"a provider that falls ill is told of once", test_sick, bench_setup,
         bench_teardown, NULL},
        {"a built-in that is switched off does not answer", test_disabled, bench_setup,
         bench_teardown, NULL},
        {"a built-in provider starts after 20 ms and is never checked", test_builtin,
         bench_setup, bench_teardown, NULL},
        {"starting what runs is refused whatever the image", test_start_again,
         bench_setup, bench_teardown, NULL},
        {"of two starts at once both are acknowledged and one fails", test_start_race,
         bench_setup, bench_teardown, NULL},
        {"a missing archive fails by event", test_missing_archive, bench_setup,
         bench_teardown, NULL},
        {"an unknown built-in fails by event", test_unknown_builtin, bench_setup,
         bench_teardown, NULL},
        {"a missing config fails by event, the entry being made", test_missing_config,
         bench_setup, bench_teardown, NULL},
        {"a config once used counts as empty when it is gone", test_used_config,
         bench_setup, bench_teardown, NULL},
        {"a secret is read at every start", test_used_secret, bench_setup, bench_teardown,
         NULL},
        {"a provider is told when a config it started with changes", test_config_changed,
         bench_setup, bench_teardown, NULL},
        {"a stop is told before it is answered; the next is refused", test_stop,
         bench_setup, bench_teardown, NULL},
        {"a stop in no host's name takes 300 ms", test_forced_stop, bench_setup,
         bench_teardown, NULL},
        {"a host killed in a stop says nothing of it", test_killed_in_stop, bench_setup,
         bench_teardown, NULL},
        {"the health of a stopped provider is nobody's", test_restart_health, bench_setup,
         bench_teardown, NULL},
        {"a broken provider stays listed and says nothing", test_broken, bench_setup,
         bench_teardown, NULL},
        {"a provider auction is passed over where it runs", test_auction, bench_setup,
         bench_teardown, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
