/* The state machines of a host as the protocol tells them: lattice-protocol-v1 sections
 * 3.1 to 3.4, where real-host has no row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/host_faults.h"
#include "test/support_sim.h"

#define OLD "old:1"
#define NEW "new:1"

#define ACK "{\"success\":true,\"message\":\"\"}"

/* A scale of component app with more fields. */
#define SCALE(image, count, more)                                                        \
    "{\"component_id\":\"app\",\"component_ref\":\"" image "\",\"count\":" count         \
    ",\"host_id\":\"H\"" more "}"

#define EVENT(annotations, image, host, count)                                           \
    "component_scaled {\"annotations\":" annotations                                     \
    ",\"component_id\":\"app\",\"host_id\":\"" host "\",\"image_ref\":\"" image          \
    "\",\"max_instances\":" count "}\n"

#define BY(who) ",\"annotations\":{\"by\":\"" who "\"}"

static void scale(struct bench *bench, const char *body)
{
    (void)bench_ask(bench, "component.scale.{H}", body);
    bench_wait(bench, 2000);
}

/* With component app running once from OLD, by me, and config c1. */
static int setup_running(void **state)
{
    struct bench *bench;

    (void)bench_setup(state);
    bench = *state;
    bench_put(bench, CONFIGS, "c1", "{}");
    bench_put(bench, CONFIGS, "c2", "{}");
    scale(bench, SCALE(OLD, "1", BY("me")));
    (void)bench_take(bench, &bench->events);
    (void)bench_take(bench, &bench->writes);
    return 0;
}

/* What the inventory says of its only component. */
static const char *component(struct bench *bench)
{
    const char *reply = bench_ask(bench, "host.get.{H}", "");
    const char *start = strstr(reply, "\"components\":[");

    assert_non_null(start);
    start += strlen("\"components\":[");
    return arena_text(&bench->arena, start, strcspn(start, "]"));
}

#define COMPONENT(image, annotations, count, limits)                                     \
    "{\"id\":\"app\",\"image_ref\":\"" image "\",\"annotations\":" annotations           \
    ",\"revision\":0,\"max_instances\":" count ",\"limits\":" limits "}"

static void test_zero_is_independent_of_the_image(void **state)
{
    struct bench *bench = *state;

    sim_host_refuse(bench->host, NEW, "");
    scale(bench, SCALE(NEW, "0", ""));
    assert_string_equal(bench_take(bench, &bench->events),
                        EVENT("{\"by\":\"me\"}", OLD, "H", "0"));
    assert_string_equal(bench_runs(bench), "");
}

static void test_count_takes_annotations_and_limits(void **state)
{
    struct bench *bench = *state;

    scale(bench, SCALE(OLD, "2",
                       BY("you") ",\"component_limits\":{\"max_memory_limit\":\"100\"}"));
    assert_string_equal(bench_take(bench, &bench->events),
                        EVENT("{\"by\":\"me\"}", OLD, "H", "2"));
    assert_string_equal(component(bench), COMPONENT(OLD, "{\"by\":\"you\"}", "2",
                                                    "{\"max_memory_limit\":\"100\"}"));
}

static void test_same_count_takes_nothing(void **state)
{
    struct bench *bench = *state;

    scale(bench, SCALE(NEW, "1", BY("you") ",\"component_limits\":{}"));
    assert_string_equal(component(bench), COMPONENT(OLD, "{\"by\":\"me\"}", "1", "null"));
}

static void test_other_configs_are_a_change(void **state)
{
    struct bench *bench = *state;

    scale(bench, SCALE(OLD, "1", BY("you") ",\"config\":[\"c1\",\"c2\"]"));
    assert_string_equal(component(bench),
                        COMPONENT(OLD, "{\"by\":\"you\"}", "1", "null"));
    scale(bench, SCALE(OLD, "1", BY("them") ",\"config\":[\"c1\",\"c2\"]"));
    assert_string_equal(component(bench),
                        COMPONENT(OLD, "{\"by\":\"you\"}", "1", "null"));
    scale(bench, SCALE(OLD, "1", BY("them") ",\"config\":[\"c2\",\"c1\"]"));
    assert_string_equal(component(bench),
                        COMPONENT(OLD, "{\"by\":\"them\"}", "1", "null"));
}

static void test_missing_config_keeps_what_runs(void **state)
{
    struct bench *bench = *state;

    scale(bench, SCALE(OLD, "7", BY("you") ",\"config\":[\"nope\"]"));
    assert_string_equal(
        bench_take(bench, &bench->events),
        "component_scale_failed {\"annotations\":{\"by\":\"you\"},\"component_id\":"
        "\"app\",\"error\":\"Unable to fetch requested config: Config nope does not "
        "exist\",\"host_id\":\"H\",\"image_ref\":\"" OLD "\",\"max_instances\":7}\n");
    assert_string_equal(component(bench), COMPONENT(OLD, "{\"by\":\"me\"}", "1", "null"));
}

static void test_secrets_look_like_a_change(void **state)
{
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "SECRET_x", "{}");
    scale(bench, SCALE(OLD, "1", BY("you") ",\"config\":[\"SECRET_x\"]"));
    scale(bench, SCALE(OLD, "1", BY("them") ",\"config\":[\"SECRET_x\"]"));
    assert_string_equal(component(bench),
                        COMPONENT(OLD, "{\"by\":\"them\"}", "1", "null"));
}

static void test_unfetchable_image_is_recorded_all_the_same(void **state)
{
    struct bench *bench = *state;

    sim_host_refuse(bench->host, NEW, "");
    scale(bench, SCALE(NEW, "2", ""));
    assert_string_equal(bench_runs(bench),
                        "component app count 2 image " NEW " serving " OLD "\n");
}

static void test_update_after_a_rescale_does_nothing(void **state)
{
    struct bench *bench = *state;

    scale(bench, SCALE(NEW, "2", ",\"allow_update\":true"));
    assert_string_equal(bench_take(bench, &bench->events),
                        EVENT("{\"by\":\"me\"}", OLD, "H", "2"));
    assert_string_equal(bench_runs(bench),
                        "component app count 2 image " NEW " serving " OLD "\n");
}

static void test_missing_config_before_missing_image(void **state)
{
    struct bench *bench = *state;

    sim_host_refuse(bench->host, OLD, "");
    scale(bench, SCALE(OLD, "1", ",\"config\":[\"nope\"]"));
    assert_non_null(strstr(bench_take(bench, &bench->events), "Config nope"));
}

static void test_start_keeps_the_entry(void **state)
{
    static const char entry[] =
        "{\"url\":\"\",\"links\":[{\"source_id\":\"app\",\"target\":\"t\",\"name\":\"n\","
        "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\",\"interfaces\":[],"
        "\"source_config\":[],\"target_config\":[]}]}";
    struct bench *bench = *state;

    bench_put(bench, LINKS, "COMPONENT_app", entry);
    scale(bench, SCALE(OLD, "1", ""));
    assert_string_equal(bench_take(bench, &bench->writes),
                        arena_print(&bench->arena, "COMPONENT_app %s\n", entry));
}

/* Two starts of one component in flight: the second finds the first one's. */
static void test_turns(void **state)
{
    struct bench *bench = *state;

    bench_send(bench, "component.scale.{H}", SCALE(OLD, "1", BY("me")));
    bench_send(bench, "component.scale.{H}", SCALE(NEW, "4", BY("you")));
    bench_send(bench, "component.scale.{H}", SCALE(OLD, "0", ""));
    bench_wait(bench, 2000);
    assert_string_equal(bench_take(bench, &bench->events),
                        EVENT("{}", OLD, "H", "0")
                            EVENT("{\"by\":\"me\"}", OLD, BENCH_HOST, "1")
                                EVENT("{\"by\":\"me\"}", OLD, "H", "1")
                                    EVENT("{\"by\":\"me\"}", OLD, "H", "4"));
    assert_string_equal(bench_runs(bench),
                        "component app count 4 image " NEW " serving " OLD "\n");
}

static void test_update_wipes_annotations(void **state)
{
    struct bench *bench = *state;

    (void)bench_ask(bench, "component.update.{H}",
                    "{\"component_id\":\"app\",\"new_component_ref\":\"" NEW "\"}");
    bench_wait(bench, 1100);
    assert_string_equal(bench_take(bench, &bench->events),
                        EVENT("{}", NEW, "", "1") EVENT("{}", NEW, "", "0"));
    assert_string_equal(component(bench), COMPONENT(NEW, "{}", "1", "null"));
}

static void test_update_keeps_configs(void **state)
{
    struct bench *bench = *state;

    scale(bench, SCALE(OLD, "1", ",\"config\":[\"c1\"]"));
    (void)bench_ask(bench, "component.update.{H}",
                    "{\"component_id\":\"app\",\"new_component_ref\":\"" NEW "\"}");
    bench_wait(bench, 1100);
    /* Were the configs gone this would be a change, and take the annotations. */
    scale(bench, SCALE(NEW, "1", BY("you") ",\"config\":[\"c1\"]"));
    assert_string_equal(component(bench), COMPONENT(NEW, "{}", "1", "null"));
}

static void test_repeats(void **state)
{
    static const struct {
        const char *verb;
        const char *body;
        const char *reply;
        const char *events;
    } cases[] = {
        {"component.scale.{H}", SCALE(OLD, "1", BY("me")), ACK,
         EVENT("{\"by\":\"me\"}", OLD, "H", "1")},
        {"component.scale.{H}",
         "{\"component_id\":\"other\",\"component_ref\":\"" OLD "\",\"host_id\":\"H\"}",
         ACK,
         "component_scaled {\"annotations\":{},\"component_id\":\"other\",\"host_id\":"
         "\"H\",\"image_ref\":\"" OLD "\",\"max_instances\":0}\n"},
        {"component.update.{H}",
         "{\"component_id\":\"app\",\"new_component_ref\":\"" OLD "\"}",
         "{\"success\":true,\"message\":\"component app already updated to " OLD "\"}",
         ""},
        {"provider.stop.{H}", "{\"provider_id\":\"web\"}",
         "{\"success\":false,\"message\":\"provider with that ID is not running\"}", ""},
        {"config.del.nope", "",
         "{\"success\":true,\"message\":\"successfully deleted config\"}",
         "config_deleted {\"config_name\":\"nope\"}\n"},
        {"label.del.{H}", "{\"key\":\"nope\"}",
         "{\"success\":true,\"message\":\"successfully deleted label (no such label)\"}",
         ""},
        {"label.put.{H}", "{\"key\":\"zone\",\"value\":\"z2\"}",
         "{\"success\":true,\"message\":\"successfully put label\"}",
         "labels_changed {\"host_id\":\"" BENCH_HOST
         "\",\"labels\":{\"hostcore.arch\":\"x86_64\",\"hostcore.os\":\"linux\","
         "\"hostcore.osfamily\":\"unix\",\"zone\":\"z2\"}}\n"},
    };
    struct bench *bench = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_string_equal(bench_ask(bench, cases[i].verb, cases[i].body),
                            cases[i].reply);
        bench_wait(bench, 2000);
        assert_string_equal(bench_take(bench, &bench->events), cases[i].events);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a scale to zero does not ask for its image",
         test_zero_is_independent_of_the_image, setup_running, bench_teardown, NULL},
        {"another count takes annotations and limits with it",
         test_count_takes_annotations_and_limits, setup_running, bench_teardown, NULL},
        {"the same count and configs take nothing", test_same_count_takes_nothing,
         setup_running, bench_teardown, NULL},
        {"other names of configs, or another order, are a change",
         test_other_configs_are_a_change, setup_running, bench_teardown, NULL},
        {"a missing config leaves what runs as it is",
         test_missing_config_keeps_what_runs, setup_running, bench_teardown, NULL},
        {"with a secret every scale is a change", test_secrets_look_like_a_change,
         setup_running, bench_teardown, NULL},
        {"an image that cannot be fetched is recorded by a rescale",
         test_unfetchable_image_is_recorded_all_the_same, setup_running, bench_teardown,
         NULL},
        {"allow_update after a change of count never loads the image",
         test_update_after_a_rescale_does_nothing, setup_running, bench_teardown, NULL},
        {"a missing config is told before a missing image",
         test_missing_config_before_missing_image, bench_setup, bench_teardown, NULL},
        {"a start writes the entry back as it was", test_start_keeps_the_entry,
         bench_setup, bench_teardown, NULL},
        {"changes of one component take turns", test_turns, bench_setup, bench_teardown,
         NULL},
        {"an update replaces annotations by none", test_update_wipes_annotations,
         setup_running, bench_teardown, NULL},
        {"an update keeps configs", test_update_keeps_configs, setup_running,
         bench_teardown, NULL},
        {"what may be repeated is answered as the protocol says", test_repeats,
         setup_running, bench_teardown, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
