/* What a simulated host answers and publishes about configs and links: real-host
 * section 1, and section 6 where it is about one host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_sim.h"

#define FAILURE(message) "{\"success\":false,\"message\":\"" message "\"}"
#define SUCCESS(message) "{\"success\":true,\"message\":\"" message "\"}"

/* A link as in the entry and in link.get. */
#define LINK(target, interface, source_config)                                           \
    "{\"source_id\":\"web\",\"target\":\"" target "\",\"name\":\"default\","             \
    "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\","                               \
    "\"interfaces\":[\"" interface "\"],"                                                \
    "\"source_config\":[" source_config "],\"target_config\":[]}"

/* The data of an event about it. */
#define LINK_DATA(target, interface, source_config)                                      \
    "\"interfaces\":[\"" interface "\"],\"name\":\"default\",\"source_config\":"         \
    "[" source_config "],\"source_id\":\"web\",\"target\":\"" target                     \
    "\",\"target_config\":[],\"wit_namespace\":\"wasi\",\"wit_package\":\"http\"}\n"

#define DELETE                                                                           \
    "{\"source_id\":\"web\",\"name\":\"default\",\"wit_namespace\":\"wasi\","            \
    "\"wit_package\":\"http\"}"

#define CONFLICT                                                                         \
    "link already exists with different target, consider deleting the existing link or " \
    "using a different link name"

static void test_config_twice(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 2; i++) {
        assert_string_equal(bench_ask(bench, "config.put.c1", "{ \"k\":\"v\"}"),
                            SUCCESS("successfully put config"));
        assert_string_equal(bench_take(bench, &bench->writes), "c1 { \"k\":\"v\"}\n");
        assert_string_equal(bench_take(bench, &bench->events),
                            "config_set {\"config_name\":\"c1\"}\n");
    }
}

static void test_config_get(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(bench_ask(bench, "config.get.c1", ""),
                        SUCCESS("Configuration not found"));
    bench_put(bench, CONFIGS, "c1", "{\"k\":\"v\",\"address\":\"1.2.3.4\"}");
    assert_string_equal(bench_ask(bench, "config.get.c1", ""),
                        "{\"success\":true,\"message\":\"\",\"response\":{"
                        "\"address\":\"1.2.3.4\",\"k\":\"v\"}}");
}

static void test_config_not_strings(void **state)
{
    static const char *const bodies[] = {"{\"k\":1}", "{\"k\":null}", "[]",
                                         "",          "k: v",         "not json"};
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_string_equal(bench_ask(bench, "config.put.c1", bodies[i]),
                            FAILURE("config data should be a map of string -> string"));
    }
    assert_string_equal(bench_take(bench, &bench->writes), "");
    assert_string_equal(bench_take(bench, &bench->events), "");
}

static void test_config_delete(void **state)
{
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "c1", "{}");
    for (int i = 0; i < 2; i++) {
        assert_string_equal(bench_ask(bench, "config.del.c1", ""),
                            SUCCESS("successfully deleted config"));
        assert_string_equal(bench_take(bench, &bench->writes), "c1 (purged)\n");
        assert_string_equal(bench_take(bench, &bench->events),
                            "config_deleted {\"config_name\":\"c1\"}\n");
    }
}

static void test_put_twice(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 2; i++) {
        assert_string_equal(
            bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", "")),
            SUCCESS("successfully set link"));
        assert_string_equal(
            bench_take(bench, &bench->writes),
            "COMPONENT_web {\"url\":\"\",\"links\":[" LINK("app", "in", "") "]}\n");
        assert_string_equal(bench_take(bench, &bench->events),
                            "linkdef_set {" LINK_DATA("app", "in", ""));
    }
    assert_string_equal(
        bench_ask(bench, "link.get", ""),
        "{\"success\":true,\"message\":\"\",\"response\":[" LINK("app", "in", "") "]}");
}

/* Take effects, answering those that ask, up to one on a subject that holds part. */
static void take_up_to(struct bench *bench, const char *part)
{
    struct sim_effect effect;

    while (sim_host_take(bench->host, &effect)) {
        if (effect.kind == SIM_READ) {
            sim_host_read(bench->host, bench->now, effect.token, NULL, 0, false);
        } else if (effect.kind == SIM_WRITE) {
            sim_host_written(bench->host, bench->now, effect.token, true);
        } else if (strstr(effect.subject, part) != NULL) {
            return;
        }
    }
    fail_msg("nothing on %s", part);
}

static void test_event_before_reply(void **state)
{
    static const char subject[] = "wasmbus.ctl.v1.default.link.put";
    struct bench *bench = *state;
    const char *body = bench_link(bench, "web", "app", "in", "");

    sim_host_request(bench->host, bench->now, subject, "_INBOX.1", body, strlen(body));
    take_up_to(bench, "linkdef_set");
    take_up_to(bench, "_INBOX.1");
}

static void test_put_missing_config(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", "\"nope\"")),
        FAILURE("Failed to validate configuration and secrets. Configuration nope not "
                "found in config store. "));
    assert_string_equal(
        bench_take(bench, &bench->events),
        "linkdef_set_failed {\"error\":\"Failed to validate configuration and secrets. "
        "Configuration nope not found in config store. \"," LINK_DATA("app", "in",
                                                                      "\"nope\""));
    assert_string_equal(bench_take(bench, &bench->writes), "");
}

static void test_put_missing_configs(void **state)
{
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "here", "{}");
    assert_string_equal(
        bench_ask(bench, "link.put",
                  bench_link(bench, "web", "app", "in", "\"a\",\"here\",\"SECRET_b\"")),
        FAILURE("Failed to validate configuration and secrets. Configuration a not found "
                "in config store. Secret reference SECRET_b not found in config "
                "store. "));
}

static void test_put_conflict(void **state)
{
    struct bench *bench = *state;

    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", ""));
    (void)bench_take(bench, &bench->events);
    (void)bench_take(bench, &bench->writes);
    assert_string_equal(
        bench_ask(bench, "link.put", bench_link(bench, "web", "other", "in", "")),
        FAILURE(CONFLICT));
    assert_string_equal(bench_take(bench, &bench->events),
                        "linkdef_set_failed {\"error\":\"" CONFLICT
                        "\"," LINK_DATA("other", "in", ""));
    assert_string_equal(bench_take(bench, &bench->writes), "");
}

static void test_put_other_interface(void **state)
{
    struct bench *bench = *state;

    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", ""));
    assert_string_equal(
        bench_ask(bench, "link.put", bench_link(bench, "web", "other", "out", "")),
        SUCCESS("successfully set link"));
    assert_string_equal(bench_get(bench, LINKS, "COMPONENT_web"),
                        "{\"url\":\"\",\"links\":[" LINK("app", "in", "") "," LINK(
                            "other", "out", "") "]}");
    assert_string_equal(
        bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in\",\"out", "")),
        FAILURE(CONFLICT));
}

static void test_put_replaces_whole(void **state)
{
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "c1", "{}");
    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", ""));
    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "out", "\"c1\""));
    assert_string_equal(bench_get(bench, LINKS, "COMPONENT_web"),
                        "{\"url\":\"\",\"links\":[" LINK("app", "out", "\"c1\"") "]}");
}

static void test_lost_puts(void **state)
{
    static const char subject[] = "wasmbus.ctl.v1.default.link.put";
    struct bench *bench = *state;
    const char *replies;
    size_t acknowledged = 0;

    for (int i = 0; i < 40; i++) {
        const char *body = arena_print(
            &bench->arena,
            "{\"source_id\":\"web\",\"target\":\"app%d\",\"name\":\"n%d\","
            "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\",\"interfaces\":[]}",
            i, i);

        sim_host_request(bench->host, bench->now, subject, "_INBOX.1", body,
                         strlen(body));
    }
    bench_pump(bench);
    replies = bench_take(bench, &bench->replies);
    while ((replies = strstr(replies, "successfully set link")) != NULL) {
        acknowledged++;
        replies++;
    }
    assert_int_equal(acknowledged, 40);
    assert_string_equal(bench_get(bench, LINKS, "COMPONENT_web"),
                        "{\"url\":\"\",\"links\":[{\"source_id\":\"web\",\"target\":"
                        "\"app39\",\"name\":\"n39\",\"wit_namespace\":\"wasi\","
                        "\"wit_package\":\"http\",\"interfaces\":[],\"source_config\":[],"
                        "\"target_config\":[]}]}");
}

static void test_put_compatible(void **state)
{
    static const char resolved[] =
        "{\"source_id\":\"web\",\"target\":\"app\",\"name\":\"default\","
        "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\",\"interfaces\":[\"in\"],"
        "\"source_config\":{\"k\":\"v\"},\"target_config\":{},\"source_secrets\":null,"
        "\"target_secrets\":null}";
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "c1", "{\"k\":\"v\"}");
    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", "\"c1\""));
    assert_string_equal(bench_take(bench, &bench->messages),
                        arena_print(&bench->arena,
                                    "wasmbus.rpc.default.web.linkdefs.put %s\n"
                                    "wasmbus.rpc.default.app.linkdefs.put %s\n",
                                    resolved, resolved));
}

/* Ids that no bucket has a key for: a host finds out when it looks. */
static void test_illegal_ids(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "link.put", bench_link(bench, "web server", "app", "in", "")),
        FAILURE("failed to get component spec"));
    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "a*", 1, "a:1"));
    bench_wait(bench, 5000);
    assert_string_equal(bench_runs(bench), "");
    assert_string_equal(bench_ask(bench, "config.put.a$b", "{}"),
                        FAILURE("unable to store config data"));
    assert_string_equal(
        bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", "\"\"")),
        FAILURE("Failed to validate configuration and secrets. Configuration  not found "
                "in config store. "));
    assert_string_equal(bench_take(bench, &bench->writes), "");
}

static void test_delete_first(void **state)
{
    struct bench *bench = *state;

    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", ""));
    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "other", "out", ""));
    (void)bench_take(bench, &bench->events);
    assert_string_equal(bench_ask(bench, "link.del", DELETE),
                        SUCCESS("successfully deleted link"));
    assert_string_equal(bench_take(bench, &bench->events),
                        "linkdef_deleted {\"interfaces\":[\"in\"],\"name\":\"default\","
                        "\"source_id\":\"web\",\"target\":\"app\",\"wit_namespace\":"
                        "\"wasi\",\"wit_package\":\"http\"}\n");
    assert_string_equal(bench_get(bench, LINKS, "COMPONENT_web"),
                        "{\"url\":\"\",\"links\":[" LINK("other", "out", "") "]}");
}

static void test_delete_nothing(void **state)
{
    struct bench *bench = *state;

    bench_put(bench, LINKS, "COMPONENT_web", "{\"url\":\"\",\"links\":[]}");
    assert_string_equal(bench_ask(bench, "link.del", DELETE),
                        SUCCESS("successfully deleted link"));
    assert_string_equal(bench_take(bench, &bench->events),
                        "linkdef_deleted {\"name\":\"default\",\"source_id\":\"web\","
                        "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\"}\n");
    assert_string_equal(bench_take(bench, &bench->writes), "");
    assert_string_equal(bench_take(bench, &bench->messages), "");
}

static void test_delete_unknown_source(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(bench_ask(bench, "link.del", DELETE),
                        SUCCESS("successfully deleted link (spec doesn't exist)"));
    assert_string_equal(bench_take(bench, &bench->events), "");
}

/* With a link and component app running, then without buckets. */
static int setup_lost(void **state)
{
    struct bench *bench;

    (void)bench_setup(state);
    bench = *state;
    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", ""));
    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, "a:1"));
    bench_wait(bench, 2000);
    bench->are_buckets_missing = true;
    bench->entries_count = 0;
    (void)bench_take(bench, &bench->events);
    return 0;
}

static void test_lost_runs_on(void **state)
{
    struct bench *bench = *state;

    bench_wait(bench, 28000);
    assert_non_null(strstr(bench_take(bench, &bench->events), "host_heartbeat "));
    assert_string_equal(bench_runs(bench),
                        "component app count 1 image a:1 serving a:1\n");
    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 3, "a:1")),
        SUCCESS(""));
    assert_string_equal(bench_runs(bench),
                        "component app count 3 image a:1 serving a:1\n");
}

static void test_lost_link_get(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "link.get", ""),
        "{\"success\":true,\"message\":\"\",\"response\":[" LINK("app", "in", "") "]}");
}

static void test_lost_link_put(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "link.put", bench_link(bench, "web", "app", "in", "")),
        FAILURE("failed to get component spec"));
}

static void test_lost_config(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(bench_ask(bench, "config.put.c1", "{}"), "");
    assert_string_equal(bench_ask(bench, "config.del.c1", ""), "");
    assert_string_equal(bench_ask(bench, "config.get.c1", ""),
                        FAILURE("failed getting entry: error getting message"));
    assert_string_equal(bench_take(bench, &bench->events), "");
}

static void test_lost_scale(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "new", 1, "b:1")),
        SUCCESS(""));
    bench_wait(bench, 20000);
    assert_string_equal(bench_take(bench, &bench->events), "");
    assert_null(strstr(bench_runs(bench), "new"));
}

static void test_made_again(void **state)
{
    struct bench *bench = *state;

    bench->are_buckets_missing = false;
    bench->is_deaf = true;
    assert_string_equal(
        bench_ask(bench, "link.put", bench_link(bench, "web", "other", "out", "")),
        SUCCESS("successfully set link"));
    assert_string_equal(bench_get(bench, LINKS, "COMPONENT_web"),
                        "{\"url\":\"\",\"links\":[" LINK("other", "out", "") "]}");
    assert_null(strstr(bench_ask(bench, "link.get", ""), "other"));

    bench->is_deaf = false;
    (void)bench_ask(bench, "link.put", bench_link(bench, "web", "other", "out", ""));
    assert_non_null(strstr(bench_ask(bench, "link.get", ""), "other"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a config put twice is written and told twice", test_config_twice, bench_setup,
         bench_teardown, NULL},
        {"an absent config is success without a response", test_config_get, bench_setup,
         bench_teardown, NULL},
        {"a config whose values are no strings is refused", test_config_not_strings,
         bench_setup, bench_teardown, NULL},
        {"deleting a config always succeeds", test_config_delete, bench_setup,
         bench_teardown, NULL},
        {"the same link again is written and told again", test_put_twice, bench_setup,
         bench_teardown, NULL},
        {"the event of a link put comes before the reply", test_event_before_reply,
         bench_setup, bench_teardown, NULL},
        {"a link that names a missing config is refused", test_put_missing_config,
         bench_setup, bench_teardown, NULL},
        {"all missing configs and secrets are named", test_put_missing_configs,
         bench_setup, bench_teardown, NULL},
        {"a slot with another target is refused", test_put_conflict, bench_setup,
         bench_teardown, NULL},
        {"a slot with another interface may have another target",
         test_put_other_interface, bench_setup, bench_teardown, NULL},
        {"a put replaces the link of its key whole", test_put_replaces_whole, bench_setup,
         bench_teardown, NULL},
        {"of 40 puts at once all are acknowledged and one is left", test_lost_puts,
         bench_setup, bench_teardown, NULL},
        {"a put is also published resolved to source and target", test_put_compatible,
         bench_setup, bench_teardown, NULL},
        {"an id that can be no key is refused", test_illegal_ids, bench_setup,
         bench_teardown, NULL},
        {"deleting takes the first of two that match", test_delete_first, bench_setup,
         bench_teardown, NULL},
        {"deleting nothing is told without target and interfaces", test_delete_nothing,
         bench_setup, bench_teardown, NULL},
        {"deleting from a source never seen is no event", test_delete_unknown_source,
         bench_setup, bench_teardown, NULL},
        {"without buckets what runs goes on", test_lost_runs_on, setup_lost,
         bench_teardown, NULL},
        {"without buckets link.get answers from memory", test_lost_link_get, setup_lost,
         bench_teardown, NULL},
        {"without buckets link.put is refused", test_lost_link_put, setup_lost,
         bench_teardown, NULL},
        {"without buckets config.put has no answer", test_lost_config, setup_lost,
         bench_teardown, NULL},
        {"without buckets a new component starts without a word", test_lost_scale,
         setup_lost, bench_teardown, NULL},
        {"in buckets made again a link is not heard of", test_made_again, setup_lost,
         bench_teardown, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
