/* How a host reads requests and what it is as a process: lattice-protocol-v1 sections
 * 1, 2 and 9, and the rows of real-host section 1 on bad bodies and unknown verbs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/host_faults.h"
#include "test/support_sim.h"

#define FAILURE(message) "{\"success\":false,\"message\":\"" message "\"}"
#define SUCCESS(message) "{\"success\":true,\"message\":\"" message "\"}"

#define LABELS                                                                           \
    "\"hostcore.arch\":\"x86_64\",\"hostcore.os\":\"linux\",\"hostcore.osfamily\":"      \
    "\"unix\""

static void test_not_json(void **state)
{
    static const struct {
        const char *verb;
        const char *words;
    } cases[] = {
        {"component.scale.{H}", "failed to deserialize component scale command"},
        {"component.update.{H}", "failed to deserialize component update command"},
        {"component.auction", "failed to deserialize component auction command"},
        {"provider.start.{H}", "failed to deserialize provider start command"},
        {"provider.stop.{H}", "failed to deserialize provider stop command"},
        {"provider.auction", "failed to deserialize provider auction command"},
        {"link.put", "failed to deserialize wrpc link definition"},
        {"link.del", "failed to deserialize wrpc link definition"},
        {"config.put.x", "config data should be a map of string -> string"},
        {"label.put.{H}", "failed to deserialize put label request"},
        {"label.del.{H}", "failed to deserialize delete label request"},
        {"registry.put", "failed to deserialize registries put command"},
        {"host.stop.{H}", "failed to deserialize stop command"},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(bench_ask(bench, cases[i].verb, "not json"),
                            arena_print(&bench->arena, FAILURE("%s"), cases[i].words));
    }
    assert_string_equal(bench_take(bench, &bench->events), "");
}

/* Bodies of component.scale that serde refuses. */
static void test_strict(void **state)
{
    static const char *const bodies[] = {
        "",
        "[]",
        "null",
        "{}",
        "{\"component_id\":7}",
        "{\"component_id\":null}",
        "{component_id:\"x\"}",
        "{\"component_id\":'x'}",
        "{\"component_id\":\"x\",\"component_id\":\"x\"}",
        "{\"component_id\":\"x\",\"count\":\"1\"}",
        "{\"component_id\":\"x\",\"count\":1.0}",
        "{\"component_id\":\"x\",\"count\":-1}",
        "{\"component_id\":\"x\",\"count\":+1}",
        "{\"component_id\":\"x\",\"count\":01}",
        "{\"component_id\":\"x\",\"count\":4294967296}",
        "{\"component_id\":\"x\",\"count\":null}",
        "{\"component_id\":\"x\",\"config\":null}",
        "{\"component_id\":\"x\",\"config\":[1]}",
        "{\"component_id\":\"x\",\"allow_update\":null}",
        "{\"component_id\":\"x\",\"allow_update\":\"true\"}",
        "{\"component_id\":\"x\",\"allow_update\":yes}",
        "{\"component_id\":\"x\",\"annotations\":{\"k\":1}}",
        "{\"component_id\":\"x\",\"unknown\":nonsense}",
        "{\"component_id\":\"x\",\"unknown\":.5}",
        "{\"component_id\":\"x\",\"unknown\":01}",
        "{\"component_id\":\"x\",\"unknown\":1e}",
        "{\"component_id\":\"x\",\"unknown\":!!str x}",
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const char *reply = bench_ask(bench, "component.scale.{H}", bodies[i]);

        assert_string_equal(
            arena_print(&bench->arena, "%s: %s", bodies[i], reply),
            arena_print(&bench->arena, "%s: %s", bodies[i],
                        FAILURE("failed to deserialize component scale command")));
    }
}

static void test_lenient(void **state)
{
    static const char *const bodies[] = {
        "{\"component_id\":\"x\"}",
        "{\"component_id\":\"x\",\"annotations\":null,\"component_limits\":null}",
        "{\"component_id\":\"x\",\"unknown\":{\"a\":[1,-2.5e+3,null,true,{}]}}",
        " {\n\t\"component_id\" : \"x\" ,\"count\":0 }\n",
        "{\"component_id\":\"caf\\u00e9 \\\"\\\\\\/\\n\"}",
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_string_equal(bench_ask(bench, "component.scale.{H}", bodies[i]),
                            SUCCESS(""));
    }
}

static void test_max_instances(void **state)
{
    struct bench *bench = *state;

    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, "a:1"));
    bench_wait(bench, 2000);
    (void)bench_ask(bench, "component.scale.{H}",
                    "{\"component_id\":\"app\",\"component_ref\":\"a:1\","
                    "\"max_instances\":5}");
    assert_string_equal(bench_runs(bench), "");
}

static void test_alias_twice(void **state)
{
    assert_string_equal(bench_ask(*state, "provider.stop.{H}",
                                  "{\"provider_id\":\"web\",\"provider_ref\":\"web\"}"),
                        FAILURE("failed to deserialize provider stop command"));
}

static void test_unknown_verbs(void **state)
{
    static const struct {
        const char *verb;
        const char *reply;
    } cases[] = {
        {"config.foo.x", FAILURE("unsupported subject")},
        {"config.put", FAILURE("unsupported subject")},
        {"config.put.a.b", FAILURE("unsupported subject")},
        {"link.foo", FAILURE("unsupported subject")},
        {"component.foo.{H}", ""},
        {"provider.foo.{H}", ""},
        {"host.foo.{H}", ""},
        {"host.ping.{H}", ""},
        {"label.foo.{H}", ""},
        {"nonsense.verb", ""},
        {"host.get.NSOMEBODYELSE", ""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(bench_ask(*state, cases[i].verb, ""), cases[i].reply);
    }
}

static void test_without_reply(void **state)
{
    static const char subject[] = "wasmbus.ctl.v1.default.config.put.c1";
    struct bench *bench = *state;

    sim_host_request(bench->host, bench->now, subject, "", "{}", 2);
    bench_pump(bench);
    assert_string_equal(bench_take(bench, &bench->writes), "c1 {}\n");
    assert_string_equal(bench_take(bench, &bench->replies), "");
    assert_string_equal(bench_take(bench, &bench->messages), "");
}

static void test_labels(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "label.put.{H}", "{\"key\":\"a\",\"value\":\"b\"}"),
        SUCCESS("successfully put label"));
    assert_string_equal(bench_take(bench, &bench->events),
                        "labels_changed {\"host_id\":\"" BENCH_HOST
                        "\",\"labels\":{\"a\":\"b\"," LABELS ",\"zone\":\"z2\"}}\n");
    assert_string_equal(bench_ask(bench, "label.del.{H}", "{\"key\":\"zone\"}"),
                        SUCCESS("successfully deleted label"));
    assert_string_equal(bench_take(bench, &bench->events),
                        "labels_changed {\"host_id\":\"" BENCH_HOST
                        "\",\"labels\":{\"a\":\"b\"," LABELS "}}\n");
    assert_string_equal(
        bench_ask(bench, "label.put.{H}", "{\"key\":\"HostCore.x\",\"value\":\"b\"}"),
        FAILURE("hostcore.* labels cannot be set dynamically"));
    assert_string_equal(
        bench_ask(bench, "label.del.{H}", "{\"key\":\"hostcore.os\",\"value\":\"\"}"),
        SUCCESS("successfully deleted label"));
}

static void test_registries(void **state)
{
    assert_string_equal(
        bench_ask(*state, "registry.put",
                  "{\"ghcr.io\":{\"username\":\"u\",\"password\":\"p\",\"registryType\":"
                  "\"oci\"},\"my.reg\":{\"token\":null}}"),
        SUCCESS("successfully put registries"));
    assert_string_equal(bench_ask(*state, "registry.put", "{\"ghcr.io\":\"u\"}"),
                        FAILURE("failed to deserialize registries put command"));
}

static void test_claims(void **state)
{
    assert_string_equal(bench_ask(*state, "claims.get", ""),
                        "{\"success\":true,\"message\":\"\",\"response\":[]}");
}

static void test_stop(void **state)
{
    struct bench *bench = *state;

    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, "a:1"));
    bench_wait(bench, 2000);
    (void)bench_take(bench, &bench->events);
    assert_string_equal(
        bench_ask(bench, "host.stop.{H}", "{\"host_id\":\"NOTME\",\"timeout\":5}"),
        FAILURE("invalid host_id [NOTME]"));
    assert_string_equal(bench_ask(bench, "host.stop.{H}", "{\"timeout\":\"5\"}"),
                        FAILURE("failed to deserialize stop command"));
    assert_string_equal(bench_ask(bench, "host.stop.{H}",
                                  "{\"host_id\":\"" BENCH_HOST "\",\"timeout\":null}"),
                        SUCCESS("successfully handled stop host"));
    assert_string_equal(bench_take(bench, &bench->events),
                        "host_stopped {\"labels\":{" LABELS ",\"zone\":\"z2\"}}\n");
    assert_true(bench->has_left);
    assert_false(sim_host_is_running(bench->host));
    assert_string_equal(bench_ask(bench, "host.ping", ""), "");
    bench_wait(bench, 100000);
    assert_string_equal(bench_take(bench, &bench->events), "");
}

static void test_stop_without_body(void **state)
{
    assert_string_equal(bench_ask(*state, "host.stop.{H}", ""),
                        SUCCESS("successfully handled stop host"));
}

static void test_heartbeats(void **state)
{
    struct bench *bench = *state;

    bench_wait(bench, 29999);
    assert_string_equal(bench_take(bench, &bench->events), "");
    bench_wait(bench, 1);
    assert_string_equal(bench_take(bench, &bench->events),
                        "host_heartbeat {\"components\":[],\"friendly_name\":"
                        "\"spring-shape-1449\",\"host_id\":\"" BENCH_HOST
                        "\",\"labels\":{" LABELS ",\"zone\":\"z2\"},\"providers\":[],"
                        "\"uptime_human\":\"30s\",\"uptime_seconds\":30,\"version\":"
                        "\"1.9.2\"}\n");
    bench_wait(bench, 30000);
    assert_non_null(strstr(bench_take(bench, &bench->events), "\"1m\""));
}

static void test_pause(void **state)
{
    struct bench *bench = *state;
    const char *events;

    sim_host_pause(bench->host, (struct instant){bench->now.ms + 100000});
    assert_string_equal(bench_ask(bench, "host.get.{H}", ""), "");
    bench_wait(bench, 99999);
    assert_string_equal(bench_take(bench, &bench->replies), "");
    assert_string_equal(bench_take(bench, &bench->events), "");
    bench_wait(bench, 1);
    assert_string_not_equal(bench_take(bench, &bench->replies), "");
    events = bench_take(bench, &bench->events);
    for (int i = 0; i < 3; i++) {
        assert_non_null(strstr(events, "host_heartbeat "));
        events = strstr(events, "host_heartbeat ") + 1;
    }
    assert_null(strstr(events, "host_heartbeat "));
}

static void test_mute(void **state)
{
    struct bench *bench = *state;

    sim_host_mute(bench->host, true);
    assert_string_equal(bench_ask(bench, "config.put.c1", "{}"),
                        SUCCESS("successfully put config"));
    bench_wait(bench, 30000);
    assert_string_equal(bench_take(bench, &bench->events), "");
    sim_host_mute(bench->host, false);
    bench_wait(bench, 30000);
    assert_string_not_equal(bench_take(bench, &bench->events), "");
}

static void test_delay(void **state)
{
    struct bench *bench = *state;

    sim_host_set_delay(bench->host, 500);
    assert_string_equal(bench_ask(bench, "host.ping", ""), "");
    bench_wait(bench, 499);
    assert_string_equal(bench_take(bench, &bench->replies), "");
    bench_wait(bench, 1);
    assert_string_not_equal(bench_take(bench, &bench->replies), "");
}

static void test_kill(void **state)
{
    struct bench *bench = *state;

    bench_send(bench, "component.scale.{H}", bench_scale(bench, "app", 1, "a:1"));
    (void)bench_take(bench, &bench->replies);
    sim_host_kill(bench->host);
    bench_wait(bench, 100000);
    assert_string_equal(bench_take(bench, &bench->events), "");
    assert_string_equal(bench_ask(bench, "host.ping", ""), "");
    assert_string_equal(bench_runs(bench), "");
}

/* An answer of a bucket to a host that has died in the meantime is nobody's. */
static void test_late_answer(void **state)
{
    static const char subject[] = "wasmbus.ctl.v1.default.config.get.c1";
    struct bench *bench = *state;
    struct sim_effect effect;

    sim_host_request(bench->host, bench->now, subject, "_INBOX.1", "", 0);
    assert_true(sim_host_take(bench->host, &effect));
    assert_int_equal(effect.kind, SIM_READ);
    sim_host_kill(bench->host);
    sim_host_read(bench->host, bench->now, effect.token, "{}", 2, false);
    assert_false(sim_host_take(bench->host, &effect));
}

static void test_silent_auction(void **state)
{
    struct bench *bench = *state;
    const struct sim_subscription *all;
    size_t count;

    bench_close(bench);
    bench_open_with(bench, (struct sim_host_options){.is_auction_silent = true});
    all = sim_host_subscriptions(bench->host, &count);
    assert_int_equal(count, 10);
    for (size_t i = 0; i < count; i++) {
        assert_null(strstr(all[i].subject, "auction"));
    }
}

static void test_restore(void **state)
{
    static const struct host_workload workloads[] = {
        {WORKLOAD_COMPONENT, "app", "a:1", 3, "shop", "wadm"},
        {WORKLOAD_PROVIDER, "kv", "kv:1", 1, "", ""},
        {WORKLOAD_PROVIDER, "web", "http-server", 1, "", ""},
    };
    const struct inventory inventory = {
        .workloads = workloads, .workloads_count = 3, .uptime_seconds = 3600};
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "c1", "{}");
    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", "\"c1\""));
    (void)bench_take(bench, &bench->events);
    sim_host_restore(bench->host, &inventory);
    bench_pump(bench);
    assert_string_equal(bench_runs(bench), "component app count 3 image a:1 serving a:1\n"
                                           "provider kv image kv:1 links 0\n"
                                           "provider web image http-server links 1\n");
    assert_string_equal(bench_serves(bench),
                        "spring-shape-1449 web -[default wasi:http]->"
                        " app: ok a:1\n");
    assert_string_equal(bench_take(bench, &bench->events), "");
    assert_non_null(strstr(bench_ask(bench, "host.get.{H}", ""),
                           "\"annotations\":{\"wasmcloud.dev/appspec\":\"shop\","
                           "\"wasmcloud.dev/managed-by\":\"wadm\"}"));
    assert_non_null(strstr(bench_ask(bench, "host.ping", ""), "\"uptime_human\":\"1h\""));
    bench_wait(bench, 29000);
    assert_string_equal(bench_take(bench, &bench->events), "");
}

/* What cannot be is taken as well as it can: listed without instances, or twice. */
static void test_restore_oddities(void **state)
{
    static const struct host_workload workloads[] = {
        {WORKLOAD_COMPONENT, "app", "a:1", 0, "", ""},
        {WORKLOAD_PROVIDER, "web", "http-server", 1, "", ""},
        {WORKLOAD_PROVIDER, "web", "http-server", 1, "", ""},
    };
    const struct inventory inventory = {.workloads = workloads, .workloads_count = 3};
    struct bench *bench = *state;

    sim_host_restore(bench->host, &inventory);
    assert_string_equal(bench_runs(bench), "component app count 1 image a:1 serving a:1\n"
                                           "provider web image http-server links 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a body that is not JSON has one sentence a verb", test_not_json, bench_setup,
         bench_teardown, NULL},
        {"bodies are read as strictly as serde reads them", test_strict, bench_setup,
         bench_teardown, NULL},
        {"what serde accepts is accepted", test_lenient, bench_setup, bench_teardown,
         NULL},
        {"max_instances in a scale means zero", test_max_instances, bench_setup,
         bench_teardown, NULL},
        {"a field and its alias are a duplicate", test_alias_twice, bench_setup,
         bench_teardown, NULL},
        {"unknown verbs are answered under config and link only", test_unknown_verbs,
         bench_setup, bench_teardown, NULL},
        {"a request without reply subject is done in silence", test_without_reply,
         bench_setup, bench_teardown, NULL},
        {"labels are put, deleted and protected", test_labels, bench_setup,
         bench_teardown, NULL},
        {"registries are accepted", test_registries, bench_setup, bench_teardown, NULL},
        {"there are no claims of unsigned images", test_claims, bench_setup,
         bench_teardown, NULL},
        {"a stop is answered, told, and the end", test_stop, bench_setup, bench_teardown,
         NULL},
        {"a stop needs no body", test_stop_without_body, bench_setup, bench_teardown,
         NULL},
        {"a heartbeat is the inventory, every 30 s", test_heartbeats, bench_setup,
         bench_teardown, NULL},
        {"a paused host is silent, and then does all at once", test_pause, bench_setup,
         bench_teardown, NULL},
        {"a mute host answers and publishes no events", test_mute, bench_setup,
         bench_teardown, NULL},
        {"a slow host answers late", test_delay, bench_setup, bench_teardown, NULL},
        {"a killed host says nothing", test_kill, bench_setup, bench_teardown, NULL},
        {"an answer that comes after the death is ignored", test_late_answer, bench_setup,
         bench_teardown, NULL},
        {"a host may take part in no auction", test_silent_auction, bench_setup,
         bench_teardown, NULL},
        {"an inventory that cannot be is restored as well as it can",
         test_restore_oddities, bench_setup, bench_teardown, NULL},
        {"a restored host runs what an inventory says", test_restore, bench_setup,
         bench_teardown, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
