#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "reconciler/wire/event_decode.h"
#include "test/support_samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* A CloudEvent of host N1, with what comes after its data's brace. */
#define EVENT(type, data)                                                                \
    "{\"type\":\"com.wasmcloud.lattice." type "\",\"source\":\"N1\",\"data\":{" data "}" \
    "}"

/* An entry of LATTICEDATA. */
#define LINKS(links) "{\"url\":\"\",\"links\":[" links "]}"

struct decode_case {
    const char *bytes;    /* NULL: the entry is deleted */
    const char *expected; /* the event, printed, or the message */
    enum err_code code;
};

/* What was decoded into event, or the message, must be as t says. */
static void assert_as_expected(const struct decode_case *t, enum err_code code,
                               const struct event *event, const struct err *err)
{
    struct arena arena = {0};
    struct text text;

    assert_int_equal(code, t->code);
    if (code == ERR_OK) {
        text_init(&text, &arena, 4096);
        samples_print_event(event, &text);
        assert_string_equal(text.bytes, t->expected);
    } else {
        assert_string_equal(err->message, t->expected);
        assert_int_equal(event->kind, EVENT_UNSAVED);
    }
    arena_free(&arena);
}

static void assert_events(const struct decode_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct event event = {.kind = EVENT_UNSAVED};
        struct arena arena = {0};
        struct err err = {0};

        assert_as_expected(&cases[i],
                           wire_decode_event(cases[i].bytes, strlen(cases[i].bytes),
                                             &arena, &event, &err),
                           &event, &err);
        arena_free(&arena);
    }
}

static void assert_links(const struct decode_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *bytes = cases[i].bytes;
        struct event event = {.kind = EVENT_UNSAVED};
        struct arena arena = {0};
        struct err err = {0};

        assert_as_expected(&cases[i],
                           wire_decode_links("COMPONENT_s", bytes,
                                             bytes != NULL ? strlen(bytes) : 0, 7, &arena,
                                             &event, &err),
                           &event, &err);
        arena_free(&arena);
    }
}

static void assert_entries(const char *key, const struct decode_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *bytes = cases[i].bytes;
        struct event event = {.kind = EVENT_UNSAVED};
        struct arena arena = {0};
        struct err err = {0};

        assert_as_expected(&cases[i],
                           wire_decode_config(key, bytes,
                                              bytes != NULL ? strlen(bytes) : 0, &arena,
                                              &event, &err),
                           &event, &err);
        arena_free(&arena);
    }
}

static void assert_configs(const struct decode_case *cases, size_t count)
{
    assert_entries("c", cases, count);
}

static void hosts_that_come_and_go_are_told_apart(void **state)
{
    static const struct decode_case cases[] = {
        {EVENT("host_started", "\"friendly_name\":\"f\""), "host-started N1\n", ERR_OK},
        {EVENT("host_stopped", "\"labels\":{}"), "host-stopped N1\n", ERR_OK},
    };

    (void)state;
    assert_events(cases, COUNT_OF(cases));
}

static void what_moves_on_a_host_says_only_where_to_look(void **state)
{
    static const struct decode_case cases[] = {
        {EVENT("labels_changed", "\"host_id\":\"N2\""), "host-changed N1\n", ERR_OK},
        {EVENT("component_scaled", "\"host_id\":\"\",\"component_id\":5"),
         "host-changed N1\n", ERR_OK},
        {EVENT("provider_started", ""), "host-changed N1\n", ERR_OK},
        {EVENT("provider_stopped", ""), "host-changed N1\n", ERR_OK},
        {"{\"type\":\"com.wasmcloud.lattice.provider_stopped\",\"source\":\"N1\"}",
         "host-changed N1\n", ERR_OK},
    };

    (void)state;
    assert_events(cases, COUNT_OF(cases));
}

static void a_failure_carries_the_words_of_the_host(void **state)
{
    static const struct decode_case cases[] = {
        {EVENT("component_scale_failed", "\"component_id\":\"app\",\"error\":\"no\","
                                         "\"host_id\":\"N2\",\"image_ref\":\"a:1\""),
         "workload-failed app on N1 of a:1: no\n", ERR_OK},
        {EVENT("provider_start_failed", "\"provider_id\":\"web\",\"error\":\"bad\","
                                        "\"provider_ref\":\"file:///p\""),
         "workload-failed web on N1 of file:///p: bad\n", ERR_OK},
        {EVENT("provider_start_failed", "\"provider_id\":\"web\""),
         "workload-failed web on N1 of : \n", ERR_OK},
        {EVENT("component_scale_failed", "\"provider_id\":\"app\""),
         "field 'component_id' is missing", ERR_INVALID},
        {EVENT("provider_start_failed", "\"provider_id\":[]"),
         "field 'provider_id' is an array, expected a string", ERR_INVALID},
        {EVENT("provider_start_failed", "\"provider_id\":\"web\",\"error\":7"),
         "field 'error' is an integer, expected a string", ERR_INVALID},
        {"{\"type\":\"com.wasmcloud.lattice.provider_start_failed\",\"source\":\"N1\"}",
         "field 'data' is missing", ERR_INVALID},
    };

    (void)state;
    assert_events(cases, COUNT_OF(cases));
}

static void only_a_change_of_health_is_told(void **state)
{
    static const struct decode_case cases[] = {
        {EVENT("health_check_passed", "\"provider_id\":\"web\",\"host_id\":\"N1\""),
         "workload-healthy web on N1\n", ERR_OK},
        {EVENT("health_check_passed", "\"provider_id\":\"web\",\"host_id\":\"\""),
         "workload-healthy web on N1\n", ERR_OK},
        {EVENT("health_check_passed", "\"provider_id\":\"web\",\"host_id\":\"N2\""),
         "workload-healthy web on N1\n", ERR_OK},
        {EVENT("health_check_status", "\"provider_id\":\"web\""), "ignored\n", ERR_OK},
        {EVENT("health_check_failed", "\"provider_id\":\"web\""),
         "workload-unhealthy web on N1\n", ERR_OK},
    };

    (void)state;
    assert_events(cases, COUNT_OF(cases));
}

static void what_we_do_not_act_on_is_ignored_however_it_looks(void **state)
{
    static const struct decode_case cases[] = {
        {EVENT("linkdef_set", ""), "ignored\n", ERR_OK},
        {EVENT("linkdef_set_failed", ""), "ignored\n", ERR_OK},
        {EVENT("linkdef_deleted", ""), "ignored\n", ERR_OK},
        {EVENT("config_set", ""), "ignored\n", ERR_OK},
        {EVENT("config_deleted", ""), "ignored\n", ERR_OK},
        {EVENT("host_heartbeat_2", ""), "ignored\n", ERR_OK},
        {EVENT("", ""), "ignored\n", ERR_OK},
        {"{\"type\":\"com.wadm.manifest_published\",\"data\":7}", "ignored\n", ERR_OK},
        {"{\"type\":\"\"}", "ignored\n", ERR_OK},
    };

    (void)state;
    assert_events(cases, COUNT_OF(cases));
}

static void the_host_of_a_heartbeat_is_its_source(void **state)
{
    static const struct decode_case cases[] = {
        {EVENT("host_heartbeat",
               "\"components\":[{\"id\":\"a\",\"max_instances\":2,\"image_ref\":\"i\"}],"
               "\"providers\":[],\"host_id\":\"N2\",\"labels\":{\"zone\":\"z\"},"
               "\"uptime_seconds\":30,\"version\":\"1.9.2\",\"friendly_name\":\"f\""),
         "heartbeat host N1 name f version 1.9.2 uptime 30 s\n"
         "  label zone=z\n"
         "  component a image i count 2 of '' by ''\n",
         ERR_OK},
        {EVENT("host_heartbeat", "\"actors\":[],\"providers\":[]"),
         "heartbeat host N1 name  version  uptime 0 s\n", ERR_OK},
    };

    (void)state;
    assert_events(cases, COUNT_OF(cases));
}

static void a_broken_heartbeat_is_an_error_not_an_empty_host(void **state)
{
    static const struct decode_case cases[] = {
        {EVENT("host_heartbeat", ""), "field 'components' is missing", ERR_INVALID},
        {EVENT("host_heartbeat", "\"components\":[]"), "field 'providers' is missing",
         ERR_INVALID},
        {EVENT("host_heartbeat", "\"components\":[null],\"providers\":[]"),
         "field 'id' of components[0] is missing", ERR_INVALID},
        {"{\"type\":\"com.wasmcloud.lattice.host_heartbeat\",\"source\":\"N1\"}",
         "field 'data' is missing", ERR_INVALID},
        {"{\"type\":\"com.wasmcloud.lattice.host_heartbeat\",\"source\":\"N1\","
         "\"data\":\"\"}",
         "field 'data' is a string, expected an object", ERR_INVALID},
    };

    (void)state;
    assert_events(cases, COUNT_OF(cases));
}

static void an_event_without_a_host_is_an_error(void **state)
{
    static const struct decode_case cases[] = {
        {"{\"type\":\"com.wasmcloud.lattice.host_started\"}", "field 'source' is missing",
         ERR_INVALID},
        {"{\"type\":\"com.wasmcloud.lattice.host_started\",\"source\":\"N1.x\"}",
         "field 'source' cannot be part of a subject", ERR_INVALID},
        {"{\"type\":\"com.wasmcloud.lattice.host_started\",\"source\":7}",
         "field 'source' is an integer, expected a string", ERR_INVALID},
        {"{\"source\":\"N1\"}", "field 'type' is missing", ERR_INVALID},
        {"{\"type\":[]}", "field 'type' is an array, expected a string", ERR_INVALID},
        {"[]", "the message is an array, expected an object", ERR_INVALID},
        {"", "not JSON at byte 0 of 0", ERR_SYNTAX},
    };

    (void)state;
    assert_events(cases, COUNT_OF(cases));
}

static void an_entry_of_links_is_told_whole_and_in_its_order(void **state)
{
    static const struct decode_case cases[] = {
        {LINKS("{\"source_id\":\"s\",\"target\":\"t2\",\"name\":\"n\","
               "\"wit_namespace\":\"wasi\",\"wit_package\":\"keyvalue\","
               "\"interfaces\":[\"store\",\"atomics\",\"store\"],"
               "\"source_config\":[\"b\",\"a\",\"b\"],\"target_config\":[\"c\"],\"x\":1},"
               "{\"source_id\":\"s\",\"target\":\"t1\",\"wit_namespace\":\"wasi\","
               "\"wit_package\":\"http\",\"interfaces\":[]}"),
         "links s at 7\n"
         "  s -[n wasi:keyvalue]-> t2 interfaces atomics,store source b,a,b target c\n"
         "  s -[default wasi:http]-> t1 interfaces source target\n",
         ERR_OK},
        {LINKS(""), "links s at 7\n", ERR_OK},
        {"{\"url\":\"x\"}", "links s at 7\n", ERR_OK},
        {"{\"links\":null}", "links s at 7\n", ERR_OK},
        {NULL, "links s at 7 deleted\n", ERR_OK},
    };

    (void)state;
    assert_links(cases, COUNT_OF(cases));
}

static void a_link_filed_under_another_source_is_left_out(void **state)
{
    static const struct decode_case cases[] = {
        {LINKS("{\"source_id\":\"other\",\"target\":\"t\",\"wit_namespace\":\"a\","
               "\"wit_package\":\"b\",\"interfaces\":[]},"
               "{\"source_id\":\"s\",\"target\":\"t\",\"wit_namespace\":\"a\","
               "\"wit_package\":\"b\",\"interfaces\":[\"i\"]}"),
         "links s at 7\n  s -[default a:b]-> t interfaces i source target\n", ERR_OK},
    };

    (void)state;
    assert_links(cases, COUNT_OF(cases));
}

static void a_broken_entry_of_links_names_its_fault(void **state)
{
    static const struct decode_case cases[] = {
        {"", "not JSON at byte 0 of 0", ERR_SYNTAX},
        {"[]", "the message is an array, expected an object", ERR_INVALID},
        {"{\"links\":{}}", "field 'links' is an object, expected an array", ERR_INVALID},
        {LINKS("7"), "field 'source_id' of links[0] is missing", ERR_INVALID},
        {LINKS("{\"source_id\":\"s\",\"target\":\"t\",\"wit_namespace\":\"a\","
               "\"wit_package\":\"b\",\"interfaces\":[]},{\"source_id\":\"s\"}"),
         "field 'target' of links[1] is missing", ERR_INVALID},
        {LINKS("{\"source_id\":\"s\",\"target\":\"t\",\"wit_namespace\":\"a\","
               "\"wit_package\":\"b\"}"),
         "field 'interfaces' of links[0] is missing", ERR_INVALID},
        {LINKS("{\"source_id\":\"s\",\"target\":\"t\",\"wit_namespace\":\"a\","
               "\"wit_package\":\"b\",\"interfaces\":[\"x\",1]}"),
         "field 'interfaces' of links[0] holds an integer, expected strings",
         ERR_INVALID},
        {LINKS("{\"source_id\":\"s\",\"target\":\"t\",\"wit_namespace\":\"a\","
               "\"wit_package\":\"b\",\"interfaces\":[],\"source_config\":\"x\"}"),
         "field 'source_config' of links[0] is a string, expected an array", ERR_INVALID},
        {LINKS("{\"source_id\":\"s\",\"target\":true,\"wit_namespace\":\"a\","
               "\"wit_package\":\"b\",\"interfaces\":[]}"),
         "field 'target' of links[0] is true, expected a string", ERR_INVALID},
    };

    (void)state;
    assert_links(cases, COUNT_OF(cases));
}

static void keys_that_hold_no_links_are_ignored(void **state)
{
    static const char *const keys[] = {"CLAIMS_MB",  "LINKDEF_x",   "COMPONENT",
                                       "COMPONENT_", "component_s", ""};
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct event event = {.kind = EVENT_UNSAVED};
        struct err err;

        assert_int_equal(wire_decode_links(keys[i], "x", 1, 7, &arena, &event, &err),
                         ERR_OK);
        assert_int_equal(event.kind, EVENT_IGNORED);
    }
    arena_free(&arena);
}

static void the_content_of_a_config_is_canonical(void **state)
{
    static const struct decode_case cases[] = {
        {"{\"k\":\"v\",\"address\":\"0.0.0.0:80\"}",
         "config c {\"address\":\"0.0.0.0:80\",\"k\":\"v\"}\n", ERR_OK},
        {" { \"b\" : \"\\u00e9\\/\" , \"a\" : \"\" } ",
         "config c {\"a\":\"\",\"b\":\"\xc3\xa9/\"}\n", ERR_OK},
        {"{\"a\":\"1\",\"a\":\"2\"}", "config c {\"a\":\"2\"}\n", ERR_OK},
        {"{}", "config c {}\n", ERR_OK},
        {NULL, "config c deleted\n", ERR_OK},
    };

    (void)state;
    assert_configs(cases, COUNT_OF(cases));
}

#define POLICY(text) "{\"key\":\"k\",\"policy\":\"" text "\"}"
#define SECRET(text) "config SECRET_a-b " POLICY(text) "\n"

/* wadm and wash write the properties of a policy in the order of a hash map. */
static void a_secret_is_the_same_however_its_policy_is_written(void **state)
{
    static const struct decode_case cases[] = {
        {POLICY("{\\\"type\\\":\\\"t\\\",\\\"properties\\\":{\\\"b\\\":\\\"2\\\","
                "\\\"a\\\":\\\"1\\\"}}"),
         SECRET("{\\\"type\\\":\\\"t\\\",\\\"properties\\\":{\\\"a\\\":\\\"1\\\","
                "\\\"b\\\":\\\"2\\\"}}"),
         ERR_OK},
        {POLICY(" {\\\"properties\\\": {}, \\\"type\\\": \\\"t\\\"}"),
         SECRET("{\\\"type\\\":\\\"t\\\",\\\"properties\\\":{}}"), ERR_OK},
        /* What we would never write stays as it is, and differs. */
        {POLICY("{\\\"type\\\":\\\"t\\\"}"), SECRET("{\\\"type\\\":\\\"t\\\"}"), ERR_OK},
        {POLICY("{\\\"type\\\":\\\"t\\\",\\\"properties\\\":{\\\"a\\\":1}}"),
         SECRET("{\\\"type\\\":\\\"t\\\",\\\"properties\\\":{\\\"a\\\":1}}"), ERR_OK},
        {POLICY("{ \\\"type\\\":\\\"t\\\",\\\"properties\\\":{},\\\"x\\\":{}}"),
         SECRET("{ \\\"type\\\":\\\"t\\\",\\\"properties\\\":{},\\\"x\\\":{}}"), ERR_OK},
        {POLICY("{"), SECRET("{"), ERR_OK},
        {"{\"key\":\"k\"}", "config SECRET_a-b {\"key\":\"k\"}\n", ERR_OK},
    };
    static const struct decode_case no_secret[] = {
        {POLICY("{ }"), "config c " POLICY("{ }") "\n", ERR_OK},
    };

    (void)state;
    assert_entries("SECRET_a-b", cases, COUNT_OF(cases));
    assert_configs(no_secret, COUNT_OF(no_secret));
}

static void a_broken_config_is_told_without_its_values(void **state)
{
    static const struct decode_case cases[] = {
        {"secret", "not JSON at byte 6 of 6", ERR_SYNTAX},
        {"[\"secret\"]", "the message is an array, expected an object", ERR_INVALID},
        {"{\"password\":{\"a\":\"secret\"}}",
         "the config holds an object under 'password', expected strings", ERR_INVALID},
        {"{\"a\":\"secret\",\"b\":null}",
         "the config holds null under 'b', expected strings", ERR_INVALID},
    };

    (void)state;
    assert_configs(cases, COUNT_OF(cases));
}

static void what_is_too_long_is_not_even_read(void **state)
{
    const size_t length = MESSAGE_BYTES_MAX + 1;
    struct arena arena = {0};
    struct event event;
    struct err err;

    (void)state;
    assert_int_equal(wire_decode_event("", length, &arena, &event, &err), ERR_LIMIT);
    assert_int_equal(wire_decode_config("c", "", length, &arena, &event, &err),
                     ERR_LIMIT);
    assert_int_equal(
        wire_decode_links("COMPONENT_s", "", length, 1, &arena, &event, &err), ERR_LIMIT);
    arena_free(&arena);
}

static void every_captured_event_is_understood(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);
    struct text text;

    (void)state;
    text_init(&text, &arena, (size_t)1024 * 1024);
    for (size_t i = 0; i < samples.count; i++) {
        const struct sample *sample = &samples.items[i];
        struct event event;
        struct err err;

        if (sample_is(sample, "event", "wasmbus.evt.")) {
            assert_int_equal(wire_decode_event(sample->payload, strlen(sample->payload),
                                               &arena, &event, &err),
                             ERR_OK);
            assert_true(wire_is_event(sample->subject) == (event.kind != EVENT_IGNORED));
            text_append(&text, "%s: ", strrchr(sample->subject, '.') + 1);
            samples_print_event(&event, &text);
        }
    }
    samples_assert_golden("fixtures/wire/events.txt", &text);
    arena_free(&arena);
}

/* The key of an entry of bucket; NULL when sample is none. */
static const char *entry_key(const struct sample *sample, const char *bucket)
{
    return sample_is(sample, "kv", bucket) ? sample->subject + strlen(bucket) : NULL;
}

static void every_captured_entry_of_a_bucket_is_understood(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);
    struct text text;

    (void)state;
    text_init(&text, &arena, (size_t)1024 * 1024);
    for (size_t i = 0; i < samples.count; i++) {
        const struct sample *sample = &samples.items[i];
        const char *links_key = entry_key(sample, "$KV.LATTICEDATA_default.");
        const char *config_key = entry_key(sample, "$KV.CONFIGDATA_default.");
        const bool is_purged = strstr(sample->headers, "KV-Operation: PURGE") != NULL;
        const char *bytes = is_purged ? NULL : sample->payload;
        const size_t length = strlen(sample->payload);
        struct event event = {.kind = EVENT_IGNORED};
        struct err err;

        if (links_key != NULL) {
            assert_int_equal(
                wire_decode_links(links_key, bytes, length, i, &arena, &event, &err),
                ERR_OK);
            samples_print_event(&event, &text);
        } else if (config_key != NULL) {
            assert_int_equal(
                wire_decode_config(config_key, bytes, length, &arena, &event, &err),
                ERR_OK);
            samples_print_event(&event, &text);
        }
    }
    samples_assert_golden("fixtures/wire/buckets.txt", &text);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_that_come_and_go_are_told_apart),
        cmocka_unit_test(what_moves_on_a_host_says_only_where_to_look),
        cmocka_unit_test(a_failure_carries_the_words_of_the_host),
        cmocka_unit_test(only_a_change_of_health_is_told),
        cmocka_unit_test(what_we_do_not_act_on_is_ignored_however_it_looks),
        cmocka_unit_test(the_host_of_a_heartbeat_is_its_source),
        cmocka_unit_test(a_broken_heartbeat_is_an_error_not_an_empty_host),
        cmocka_unit_test(an_event_without_a_host_is_an_error),
        cmocka_unit_test(an_entry_of_links_is_told_whole_and_in_its_order),
        cmocka_unit_test(a_link_filed_under_another_source_is_left_out),
        cmocka_unit_test(a_broken_entry_of_links_names_its_fault),
        cmocka_unit_test(keys_that_hold_no_links_are_ignored),
        cmocka_unit_test(the_content_of_a_config_is_canonical),
        cmocka_unit_test(a_secret_is_the_same_however_its_policy_is_written),
        cmocka_unit_test(a_broken_config_is_told_without_its_values),
        cmocka_unit_test(what_is_too_long_is_not_even_read),
        cmocka_unit_test(every_captured_event_is_understood),
        cmocka_unit_test(every_captured_entry_of_a_bucket_is_understood),
    };

    return cmocka_run_group_tests_name("event_decode", tests, NULL, NULL);
}
