/* What a simulated host answers and publishes about components: real-host section 1,
 * the rows on component.scale, component.update and component.auction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/host_faults.h"
#include "test/support_sim.h"

#define OLD  "file:///srv/old.wasm"
#define NEW  "file:///srv/new.wasm"
#define ACK  "{\"success\":true,\"message\":\"\"}"
#define MINE "{\"by\":\"test\"}"

/* The line of a component_scaled. */
#define SCALED(annotations, image, count)                                                \
    "component_scaled {\"annotations\":" annotations                                     \
    ",\"component_id\":\"app\",\"host_id\":\"" BENCH_HOST "\",\"image_ref\":\"" image    \
    "\",\"max_instances\":" count "}\n"

/* With component app running twice from OLD, and nothing recorded. */
static int setup_running(void **state)
{
    struct bench *bench;

    (void)bench_setup(state);
    bench = *state;
    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 2, OLD));
    bench_wait(bench, 2000);
    (void)bench_take(bench, &bench->events);
    (void)bench_take(bench, &bench->writes);
    return 0;
}

static void test_start(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, OLD)), ACK);
    assert_string_equal(bench_take(bench, &bench->events), "");
    assert_string_equal(bench_runs(bench), "");

    bench_wait(bench, 1100);
    assert_string_equal(bench_take(bench, &bench->writes),
                        "COMPONENT_app {\"url\":\"" OLD "\",\"links\":[]}\n");
    bench_wait(bench, 69);
    assert_string_equal(bench_take(bench, &bench->events), "");
    bench_wait(bench, 1);
    assert_string_equal(bench_take(bench, &bench->events),
                        SCALED(MINE, OLD, "1") SCALED(MINE, OLD, "1"));
    assert_string_equal(bench_runs(bench),
                        "component app count 1 image " OLD " serving " OLD "\n");
}

static void test_start_host_id(void **state)
{
    struct bench *bench = *state;

    (void)bench_ask(bench, "component.scale.{H}",
                    "{\"component_id\":\"app\",\"component_ref\":\"" OLD
                    "\",\"count\":1}");
    bench_wait(bench, 2000);
    assert_string_equal(
        bench_take(bench, &bench->events),
        SCALED("{}", OLD,
               "1") "component_scaled {\"annotations\":{},\"component_id\":\"app\","
                    "\"host_id\":\"\",\"image_ref\":\"" OLD "\",\"max_instances\":1}\n");
}

static void test_same_scale(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 2, OLD)), ACK);
    assert_string_equal(bench_take(bench, &bench->events), SCALED(MINE, OLD, "2"));
    assert_string_equal(bench_take(bench, &bench->writes), "");
    bench_wait(bench, 5000);
    assert_string_equal(bench_take(bench, &bench->events), "");
}

static void test_other_count(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 5, OLD)), ACK);
    assert_string_equal(bench_take(bench, &bench->events), SCALED(MINE, OLD, "5"));
    assert_string_equal(bench_runs(bench),
                        "component app count 5 image " OLD " serving " OLD "\n");
}

static void test_other_annotations(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(bench_ask(bench, "component.scale.{H}",
                                  "{\"component_id\":\"app\",\"component_ref\":\"" OLD
                                  "\",\"count\":2,\"host_id\":\"" BENCH_HOST
                                  "\",\"annotations\":{\"by\":\"other\"}}"),
                        ACK);
    assert_string_equal(bench_take(bench, &bench->events), SCALED(MINE, OLD, "2"));
    assert_non_null(
        strstr(bench_ask(bench, "host.get.{H}", ""), "\"annotations\":" MINE));
}

#define DIFFERS                                                                          \
    "{\"success\":true,\"message\":\"Requested to scale existing component to a "        \
    "different image reference: " OLD " != " NEW                                         \
    ". The component will be scaled but the image reference will not be updated. If "    \
    "you meant to update this component to a new image ref, use the update "             \
    "command.\"}"

static void test_other_image_and_count(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 3, NEW)),
        DIFFERS);
    assert_string_equal(bench_take(bench, &bench->events), SCALED(MINE, OLD, "3"));
    assert_string_equal(bench_runs(bench),
                        "component app count 3 image " NEW " serving " OLD "\n");
}

static void test_other_image(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 2, NEW)),
        DIFFERS);
    assert_string_equal(bench_runs(bench),
                        "component app count 2 image " OLD " serving " OLD "\n");
}

static void test_allow_update(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}",
                  "{\"component_id\":\"app\",\"component_ref\":\"" NEW
                  "\",\"count\":2,\"host_id\":\"" BENCH_HOST
                  "\",\"annotations\":{\"by\":\"test\"},\"allow_update\":true}"),
        "{\"success\":true,\"message\":\"Requested to scale existing component, "
        "with a changed image reference: " OLD " != " NEW
        ". The component will be scaled, and the image reference will be "
        "updated afterwards.\"}");
    bench_wait(bench, 1100);
    assert_string_equal(bench_take(bench, &bench->events),
                        SCALED(MINE, OLD, "2") SCALED("{}", NEW, "2")
                            SCALED("{}", NEW, "0"));
    assert_string_equal(bench_runs(bench),
                        "component app count 2 image " NEW " serving " OLD "\n");
}

static void test_update(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(bench_ask(bench, "component.update.{H}",
                                  "{\"component_id\":\"app\",\"new_component_ref\":\"" NEW
                                  "\",\"host_id\":\"" BENCH_HOST
                                  "\",\"annotations\":{\"by\":\"me\"}}"),
                        "{\"success\":true,\"message\":\"component app updating from " OLD
                        " to " NEW "\"}");
    bench_wait(bench, 1100);
    assert_string_equal(bench_take(bench, &bench->events),
                        SCALED("{\"by\":\"me\"}", NEW, "2")
                            SCALED("{\"by\":\"me\"}", NEW, "0"));
    assert_non_null(strstr(bench_ask(bench, "host.get.{H}", ""),
                           "{\"id\":\"app\",\"image_ref\":\"" NEW
                           "\",\"annotations\":{\"by\":\"me\"},\"revision\":0,"
                           "\"max_instances\":2,\"limits\":null}"));
}

static void test_update_missing_image(void **state)
{
    struct bench *bench = *state;

    sim_host_refuse(bench->host, NEW, "");
    assert_string_equal(bench_ask(bench, "component.update.{H}",
                                  "{\"component_id\":\"app\",\"new_component_ref\":\"" NEW
                                  "\"}"),
                        "{\"success\":true,\"message\":\"component app updating from " OLD
                        " to " NEW "\"}");
    bench_wait(bench, 10000);
    assert_string_equal(bench_take(bench, &bench->events), "");
    assert_string_equal(bench_runs(bench),
                        "component app count 2 image " OLD " serving " OLD "\n");
}

static void test_update_same_image(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.update.{H}",
                  "{\"component_id\":\"app\",\"new_component_ref\":\"" OLD "\"}"),
        "{\"success\":true,\"message\":\"component app already updated to " OLD "\"}");
    bench_wait(bench, 10000);
    assert_string_equal(bench_take(bench, &bench->events), "");
}

static void test_update_absent(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.update.{H}", "{\"component_id\":\"nobody\"}"),
        "{\"success\":false,\"message\":\"component nobody not found\"}");
}

static void test_zero(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 0, NEW)),
        DIFFERS);
    assert_string_equal(bench_take(bench, &bench->events), SCALED(MINE, OLD, "0"));
    assert_string_equal(bench_runs(bench), "");
    assert_non_null(strstr(bench_ask(bench, "host.get.{H}", ""), "\"components\":[],"));
}

static void test_zero_absent(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 0, NEW)), ACK);
    assert_string_equal(bench_take(bench, &bench->events), SCALED(MINE, NEW, "0"));
}

static void test_missing_image(void **state)
{
    struct bench *bench = *state;

    sim_host_refuse(bench->host, OLD, "");
    assert_string_equal(
        bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, OLD)), ACK);
    bench_wait(bench, 4);
    assert_string_equal(
        bench_take(bench, &bench->events),
        "component_scale_failed {\"annotations\":" MINE
        ",\"component_id\":\"app\",\"error\":\"failed to fetch component: failed "
        "to read component: No such file or directory (os error 2)\","
        "\"host_id\":\"" BENCH_HOST "\",\"image_ref\":\"" OLD
        "\",\"max_instances\":1}\n");
    bench_wait(bench, 10000);
    assert_string_equal(bench_runs(bench), "");
    assert_string_equal(bench_take(bench, &bench->writes), "");

    sim_host_refuse(bench->host, OLD, NULL);
    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, OLD));
    bench_wait(bench, 2000);
    assert_string_not_equal(bench_runs(bench), "");
}

static void test_refusal_text(void **state)
{
    struct bench *bench = *state;

    sim_host_refuse(bench->host, OLD, "no route to registry");
    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, OLD));
    bench_wait(bench, 4);
    assert_non_null(strstr(bench_take(bench, &bench->events),
                           "\"error\":\"failed to fetch component: no route to "
                           "registry\""));
}

static void test_missing_config(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(bench_ask(bench, "component.scale.{H}",
                                  "{\"component_id\":\"app\",\"component_ref\":\"" OLD
                                  "\",\"count\":1,\"host_id\":\"" BENCH_HOST
                                  "\",\"config\":[\"nope\"]}"),
                        ACK);
    bench_wait(bench, 2000);
    assert_string_equal(
        bench_take(bench, &bench->events),
        "component_scale_failed {\"annotations\":{},\"component_id\":\"app\","
        "\"error\":\"Unable to fetch requested config: Config nope does not "
        "exist\",\"host_id\":\"" BENCH_HOST "\",\"image_ref\":\"" OLD
        "\",\"max_instances\":1}\n");
    assert_string_equal(bench_runs(bench), "");
}

static void test_used_secret(void **state)
{
    static const char body[] = "{\"component_id\":\"app\",\"component_ref\":\"" OLD
                               "\",\"count\":1,\"config\":[\"SECRET_s\"]}";
    struct bench *bench = *state;

    bench_put(bench, CONFIGS, "SECRET_s", "{\"name\":\"s\"}");
    (void)bench_ask(bench, "component.scale.{H}", body);
    bench_wait(bench, 2000);
    assert_string_equal(bench_runs(bench), "component app count 1 image " OLD
                                           " serving " OLD " secrets {\"name\":\"s\"}\n");
    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 0, OLD));
    bench_put(bench, CONFIGS, "SECRET_s", NULL);
    (void)bench_take(bench, &bench->events);
    (void)bench_ask(bench, "component.scale.{H}", body);
    bench_wait(bench, 2000);
    assert_non_null(strstr(bench_take(bench, &bench->events),
                           "\"error\":\"Unable to fetch requested secrets: SECRET_s "
                           "does not exist\""));
    assert_string_equal(bench_runs(bench), "");
}

static void test_auction(void **state)
{
    struct bench *bench = *state;
    const char *bid =
        "{\"success\":true,\"message\":\"\",\"response\":{"
        "\"component_ref\":\"" OLD "\",\"component_id\":\"" OLD
        "\",\"host_id\":\"" BENCH_HOST "\",\"constraints\":{\"zone\":\"z2\"}}}";
    const char *offer = "{\"component_ref\":\"" OLD
                        "\",\"component_id\":\"app\",\"constraints\":{\"zone\":\"z2\"}}";

    assert_string_equal(bench_ask(bench, "component.auction", offer), bid);
    /* Even where it runs already: the host looks for the image among its ids. */
    (void)bench_ask(bench, "component.scale.{H}", bench_scale(bench, "app", 1, OLD));
    bench_wait(bench, 2000);
    assert_string_equal(bench_ask(bench, "component.auction", offer), bid);
}

static void test_auction_labels(void **state)
{
    struct bench *bench = *state;

    assert_string_equal(
        bench_ask(bench, "component.auction",
                  "{\"component_ref\":\"" OLD
                  "\",\"component_id\":\"app\",\"constraints\":{\"zone\":\"z1\"}}"),
        "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a start is acknowledged before anything is done", test_start, bench_setup,
         bench_teardown, NULL},
        {"the second event of a start repeats the host id of the request",
         test_start_host_id, bench_setup, bench_teardown, NULL},
        {"the same scale again sends one event and changes nothing", test_same_scale,
         setup_running, bench_teardown, NULL},
        {"another count sends one event at once", test_other_count, setup_running,
         bench_teardown, NULL},
        {"other annotations at the same count are not taken over", test_other_annotations,
         setup_running, bench_teardown, NULL},
        {"another image and count renames what goes on serving",
         test_other_image_and_count, setup_running, bench_teardown, NULL},
        {"another image at the same count changes nothing", test_other_image,
         setup_running, bench_teardown, NULL},
        {"allow_update ends with a zero of what goes on running", test_allow_update,
         setup_running, bench_teardown, NULL},
        {"an update to a good image sends its count and then zero", test_update,
         setup_running, bench_teardown, NULL},
        {"an update to a missing image says success and does nothing",
         test_update_missing_image, setup_running, bench_teardown, NULL},
        {"an update to the same image does nothing", test_update_same_image,
         setup_running, bench_teardown, NULL},
        {"an update of what does not run is refused", test_update_absent, bench_setup,
         bench_teardown, NULL},
        {"a scale to zero sends one event and empties the inventory", test_zero,
         setup_running, bench_teardown, NULL},
        {"a scale to zero of what is absent sends an event", test_zero_absent,
         bench_setup, bench_teardown, NULL},
        {"a missing image fails within 4 ms", test_missing_image, bench_setup,
         bench_teardown, NULL},
        {"a refusal in given words is repeated", test_refusal_text, bench_setup,
         bench_teardown, NULL},
        {"a missing config fails", test_missing_config, bench_setup, bench_teardown,
         NULL},
        {"a secret is read at every start", test_used_secret, bench_setup, bench_teardown,
         NULL},
        {"an auction is answered with the image for an id", test_auction, bench_setup,
         bench_teardown, NULL},
        {"an auction is passed over by a host without the labels", test_auction_labels,
         bench_setup, bench_teardown, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
