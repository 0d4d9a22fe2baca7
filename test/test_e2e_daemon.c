#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "support_stage.h"

static void the_quickstart_converges_with_one_command_for_each_thing(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    stage_expect_serving(stage, STAGE_SERVES);
    assert_int_equal(reader_count(stage->reader, "config.put."), 2);
    assert_int_equal(reader_count(stage->reader, "link.put"), 2);
    assert_int_equal(reader_count(stage->reader, "provider.start."), 2);
    assert_int_equal(reader_count(stage->reader, "component.scale."), 1);
    assert_int_equal(reader_count(stage->reader, ""), 7);
}

static void status_for_people_has_a_line_for_each_thing_with_its_place(void **state)
{
    static const char *const words[] = {
        "lattice default: 3 hosts",
        "hello-world v0.0.1 (revision 1): deployed",
        "1 instance",
        "quickstart.yaml:12",
        "hello_world-httpserver -(wasi:http)-> hello_world-http_component",
        "hello_world-redis_url",
    };
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    assert_int_equal(stage_run(stage, "status", "hello-world", NULL), 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        stage_expect_output(stage, words[i]);
    }
    assert_int_equal(stage_run(stage, "status", "unheard-of", NULL), 8);
    stage_expect_errors(stage, "unheard-of");
}

static void status_for_programs_is_json_with_a_schema(void **state)
{
    struct stage *stage = *state;
    const json_t *application;
    const json_t *resource;
    json_t *report;
    size_t index;

    stage_converge_quickstart(stage);
    assert_int_equal(stage_run(stage, "status", "--output", "json", NULL), 0);
    report = json_loads(stage_output(stage), 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(report, "schema")), 1);
    assert_int_equal(json_array_size(json_object_get(report, "applications")), 1);
    application = json_array_get(json_object_get(report, "applications"), 0);
    assert_string_equal(json_string_value(json_object_get(application, "status")),
                        "deployed");
    assert_int_equal(json_array_size(json_object_get(application, "resources")), 7);
    json_array_foreach(json_object_get(application, "resources"), index, resource)
    {
        assert_string_equal(json_string_value(json_object_get(resource, "status")),
                            "deployed");
        assert_true(json_integer_value(json_object_get(resource, "line")) > 0);
    }
    json_decref(report);
}

static void a_link_put_after_its_parties_run_is_served(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    stage_copy(stage, "late.yaml", "e2e/parties.yaml");
    stage_daemon(stage);
    reader_expect(stage->reader,
                  "component late-web on 1 hosts, 1 instances of ghcr.io/acme/web:1.0.0\n"
                  "provider late-server on 1 hosts of "
                  "ghcr.io/wasmcloud/http-server:0.22.0\n",
                  STAGE_MS);
    reader_forget(stage->reader);

    stage_copy(stage, "late.yaml", "e2e/parties-linked.yaml");
    stage_expect_serving(stage,
                         "late-server -[default wasi:http]-> late-web: ok ghcr.io/acme");
    stage_expect_converged(stage);
    assert_string_equal(reader_commands(stage->reader), "config.put.late-port\n"
                                                        "link.put\n");
}

static void drop(struct stage *stage, const char *source)
{
    const char *value = "{\"url\":\"\",\"links\":[]}";
    char subject[128];
    json_t *answer;

    (void)snprintf(subject, sizeof subject, "$KV.LATTICEDATA_default.COMPONENT_%s",
                   source);
    answer = reader_ask(stage->reader, subject, value);
    assert_non_null(json_object_get(answer, "seq"));
    json_decref(answer);
}

static void a_link_deleted_from_the_bucket_by_hand_comes_back(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    drop(stage, "hello_world-httpserver");
    stage_expect_converged(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_serving(stage, STAGE_SERVES);

    drop(stage, "hello_world-http_component");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
}

static void ask(struct stage *stage, const char *tail, const char *body)
{
    char subject[256];
    json_t *answer;

    (void)snprintf(subject, sizeof subject, "wasmbus.ctl.v1.default.%s", tail);
    answer = reader_ask(stage->reader, subject, body);
    assert_true(json_is_true(json_object_get(answer, "success")));
    json_decref(answer);
}

static void a_link_that_another_client_deletes_comes_back(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    ask(stage, "link.del",
        "{\"source_id\":\"hello_world-httpserver\",\"name\":\"default\","
        "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\"}");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_serving(stage, STAGE_SERVES);
}

static void a_config_that_another_client_deletes_or_changes_comes_back(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    reader_forget(stage->reader);
    ask(stage, "config.del.hello_world-redis_url", "");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    ask(stage, "config.put.hello_world-redis_url", "{\"url\":\"redis://elsewhere\"}");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    assert_int_equal(reader_count(stage->reader, "config.put.hello_world-redis_url"), 2);
}

static const char foreign[] =
    "component their-component on 1 hosts, 4 instances of ghcr.io/them/it:1.0.0\n"
    "config their-config {\"key\":\"value\"}\n"
    "link hello_world-http_component -[theirs wasi:logging/logging]-> their-component "
    "source [] target [their-config]\n"
    "link their-component -[default wasi:keyvalue/store]-> hello_world-kvredis "
    "source [] target []\n";

/* Links, one of them at a source of ours, a config, and a component. */
static void put_foreign(struct stage *stage)
{
    char id[STAGE_ID_BYTES];
    char tail[192];

    stage_host_id(stage, "host-1", id);
    ask(stage, "config.put.their-config", "{\"key\":\"value\"}");
    ask(stage, "link.put",
        "{\"source_id\":\"hello_world-http_component\",\"target\":\"their-component\","
        "\"name\":\"theirs\",\"wit_namespace\":\"wasi\",\"wit_package\":\"logging\","
        "\"interfaces\":[\"logging\"],\"source_config\":[],"
        "\"target_config\":[\"their-config\"]}");
    ask(stage, "link.put",
        "{\"source_id\":\"their-component\",\"target\":\"hello_world-kvredis\","
        "\"name\":\"default\",\"wit_namespace\":\"wasi\",\"wit_package\":\"keyvalue\","
        "\"interfaces\":[\"store\"],\"source_config\":[],\"target_config\":[]}");
    (void)snprintf(tail, sizeof tail, "component.scale.%s", id);
    ask(stage, tail,
        "{\"component_ref\":\"ghcr.io/them/it:1.0.0\",\"component_id\":"
        "\"their-component\",\"count\":4}");
}

/* What of the world is foreign, or the rest. */
static const char *part(const char *world, bool is_foreign, char *ret_text, size_t size)
{
    size_t length = 0;

    ret_text[0] = '\0';
    for (const char *line = world; *line != '\0'; line += strcspn(line, "\n") + 1) {
        const int line_length = (int)strcspn(line, "\n") + 1;
        char text[1024];

        (void)snprintf(text, sizeof text, "%.*s", line_length, line);
        if ((strstr(text, "their") != NULL) == is_foreign) {
            length += (size_t)snprintf(ret_text + length, size - length, "%s", text);
            assert_true(length < size);
        }
    }
    return ret_text;
}

static void what_others_run_is_never_touched(void **state)
{
    struct stage *stage = *state;
    char path[160];
    char text[4096];

    stage_simulate(stage, NULL);
    put_foreign(stage);
    reader_expect(stage->reader, foreign, STAGE_MS);

    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    stage_daemon(stage);
    reader_expect_line(stage->reader, "component hello_world-http_component", STAGE_MS);
    stage_expect_converged(stage);
    assert_string_equal(part(reader_world(stage->reader), true, text, sizeof text),
                        foreign);
    assert_string_equal(part(reader_world(stage->reader), false, text, sizeof text),
                        stage_quickstart);

    ask(stage, "link.del",
        "{\"source_id\":\"hello_world-http_component\",\"name\":\"default\","
        "\"wit_namespace\":\"wasi\",\"wit_package\":\"keyvalue\"}");
    reader_expect_line(stage->reader, "link hello_world-http_component -[default",
                       STAGE_MS);
    stage_expect_converged(stage);
    assert_string_equal(part(reader_world(stage->reader), true, text, sizeof text),
                        foreign);

    /* The file would bring it back. */
    assert_int_equal(stage_run(stage, "delete", "hello-world", NULL), 6);
    stage_expect_errors(stage, "/quickstart.yaml, a file of the daemon's folder, which "
                               "would bring it back: delete that file instead");
    stage_expect_converged(stage);
    assert_int_equal(unlink(stage_path(stage, "quickstart.yaml", path, sizeof path)), 0);
    assert_int_equal(stage_run(stage, "delete", "hello-world", "--wait", NULL), 0);
    reader_expect(stage->reader, foreign, STAGE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(the_quickstart_converges_with_one_command_for_each_thing),
        STAGE_TEST(status_for_people_has_a_line_for_each_thing_with_its_place),
        STAGE_TEST(status_for_programs_is_json_with_a_schema),
        STAGE_TEST(a_link_put_after_its_parties_run_is_served),
        STAGE_TEST(a_link_deleted_from_the_bucket_by_hand_comes_back),
        STAGE_TEST(a_link_that_another_client_deletes_comes_back),
        STAGE_TEST(a_config_that_another_client_deletes_or_changes_comes_back),
        STAGE_TEST(what_others_run_is_never_touched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
