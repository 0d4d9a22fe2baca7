#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "reconciler/wire/reply.h"
#include "test/support_samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Around the fields of an inventory. */
#define INVENTORY(fields) "{\"success\":true,\"message\":\"\",\"response\":{" fields "}}"

struct bytes_case {
    const char *bytes;
    const char *expected; /* what is read, printed, or the message */
    enum err_code code;
};

static void assert_reply(const struct bytes_case *t)
{
    struct wire_reply reply = {.message = "untouched"};
    struct arena arena = {0};
    struct err err = {0};

    assert_int_equal(wire_decode_reply(t->bytes, strlen(t->bytes), &arena, &reply, &err),
                     t->code);
    assert_int_equal(err.code, t->code);
    if (t->code == ERR_OK) {
        struct text text;

        text_init(&text, &arena, 4096);
        text_append(&text, "%s %s", reply.is_success ? "yes" : "no", reply.message);
        assert_string_equal(text.bytes, t->expected);
    } else {
        assert_string_equal(err.message, t->expected);
        assert_string_equal(reply.message, "untouched");
    }
    arena_free(&arena);
}

static void a_reply_is_yes_or_no_and_the_words_of_the_host(void **state)
{
    static const struct bytes_case cases[] = {
        {"{\"success\":true,\"message\":\"\"}", "yes ", ERR_OK},
        {"{\"success\":true,\"message\":\"successfully set link\"}",
         "yes successfully set link", ERR_OK},
        {"{\"success\":false,\"message\":\"no \\\"x\\\"\"}", "no no \"x\"", ERR_OK},
        {"{\"success\":true}", "yes ", ERR_OK},
        {"{\"success\":true,\"message\":null,\"response\":null}", "yes ", ERR_OK},
        {"{\"response\":[1],\"x\":{\"y\":null},\"success\":true}", "yes ", ERR_OK},
        {"{\"success\":true,\"success\":false}", "no ", ERR_OK},
        {" {\"success\" : true } ", "yes ", ERR_OK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_reply(&cases[i]);
    }
}

static void what_is_no_reply_is_refused_with_its_fault(void **state)
{
    static const struct bytes_case cases[] = {
        {"", "not JSON at byte 0 of 0", ERR_SYNTAX},
        {"{\"success\":", "not JSON at byte 11 of 11", ERR_SYNTAX},
        {"{\"success\":true} x", "not JSON at byte 18 of 18", ERR_SYNTAX},
        {"\"\\ud800\"", "not JSON at byte 8 of 8", ERR_SYNTAX},
        {"shutting down", "not JSON at byte 8 of 13", ERR_SYNTAX},
        {"[]", "the message is an array, expected an object", ERR_INVALID},
        {"{}", "field 'success' is missing", ERR_INVALID},
        {"{\"success\":null}", "field 'success' is missing", ERR_INVALID},
        {"{\"success\":1}", "field 'success' is an integer, expected true or false",
         ERR_INVALID},
        {"{\"success\":true,\"message\":{}}",
         "field 'message' is an object, expected a string", ERR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_reply(&cases[i]);
    }
}

static void a_reply_that_is_too_long_is_not_even_read(void **state)
{
    struct arena arena = {0};
    struct err err = {0};
    struct wire_reply reply;

    (void)state;
    assert_int_equal(wire_decode_reply("", MESSAGE_BYTES_MAX + 1, &arena, &reply, &err),
                     ERR_LIMIT);
    assert_string_equal(err.message, "67108865 bytes of JSON, expected at most 67108864");
    arena_free(&arena);
}

static void a_reply_that_is_too_deep_is_refused(void **state)
{
    struct arena arena = {0};
    struct err err = {0};
    struct wire_reply reply;
    char *deep = arena_alloc(&arena, 100001);

    (void)state;
    memset(deep, '[', 100000);
    assert_int_equal(wire_decode_reply(deep, 100000, &arena, &reply, &err), ERR_SYNTAX);
    arena_free(&arena);
}

static void nobody_has_to_take_the_message(void **state)
{
    struct arena arena = {0};
    struct wire_reply reply;

    (void)state;
    assert_int_equal(wire_decode_reply("{}", 2, &arena, &reply, NULL), ERR_INVALID);
    arena_free(&arena);
}

static void assert_inventory(const struct bytes_case *t)
{
    struct inventory inventory = {.host = "untouched"};
    struct arena arena = {0};
    struct err err = {0};
    struct text text;

    text_init(&text, &arena, 4096);
    assert_int_equal(
        wire_decode_inventory(t->bytes, strlen(t->bytes), &arena, &inventory, &err),
        t->code);
    if (t->code == ERR_OK) {
        samples_print_inventory(&inventory, &text);
        assert_string_equal(text.bytes, t->expected);
    } else {
        assert_string_equal(err.message, t->expected);
        assert_string_equal(inventory.host, "untouched");
    }
    arena_free(&arena);
}

static void what_an_inventory_may_leave_out_is_empty(void **state)
{
    static const struct bytes_case cases[] = {
        {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[]"),
         "host N1 name  version  uptime 0 s\n", ERR_OK},
        {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[],"
                   "\"friendly_name\":null,\"labels\":null,\"uptime_seconds\":null,"
                   "\"version\":null,\"uptime_human\":7,\"unknown\":{}"),
         "host N1 name  version  uptime 0 s\n", ERR_OK},
        {INVENTORY(
             "\"host_id\":\"N1\",\"components\":[{\"id\":\"a\",\"max_instances\":1}],"
             "\"providers\":[{\"id\":\"p\"}]"),
         "host N1 name  version  uptime 0 s\n"
         "  component a image  count 1 of '' by ''\n"
         "  provider p image  count 1 of '' by ''\n",
         ERR_OK},
        {INVENTORY("\"host_id\":\"N1\",\"providers\":[],\"components\":[{\"id\":\"a\","
                   "\"image_ref\":\"i\",\"max_instances\":4294967295,\"limits\":null,"
                   "\"annotations\":null,\"name\":null,\"revision\":0}]"),
         "host N1 name  version  uptime 0 s\n"
         "  component a image i count 4294967295 of '' by ''\n",
         ERR_OK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_inventory(&cases[i]);
    }
}

static void workloads_and_labels_come_sorted(void **state)
{
    static const struct bytes_case t = {
        INVENTORY(
            "\"providers\":[{\"id\":\"m\",\"image_ref\":\"p1\",\"annotations\":{"
            "\"wasmcloud.dev/appspec\":\"shop\",\"x\":5,"
            "\"wasmcloud.dev/managed-by\":\"wadm\"}},{\"id\":\"a\"}],"
            "\"components\":[{\"id\":\"z\",\"max_instances\":2},"
            "{\"id\":\"m\",\"max_instances\":3},{\"id\":\"b\",\"max_instances\":4}],"
            "\"labels\":{\"zone\":\"a\",\"arch\":\"x\",\"os\":\"linux\"},"
            "\"host_id\":\"N1\",\"friendly_name\":\"f\",\"version\":\"1.9.2\","
            "\"uptime_seconds\":61"),
        "host N1 name f version 1.9.2 uptime 61 s\n"
        "  label arch=x\n"
        "  label os=linux\n"
        "  label zone=a\n"
        "  provider a image  count 1 of '' by ''\n"
        "  component b image  count 4 of '' by ''\n"
        "  component m image  count 3 of '' by ''\n"
        "  provider m image p1 count 1 of 'shop' by 'wadm'\n"
        "  component z image  count 2 of '' by ''\n",
        ERR_OK,
    };

    (void)state;
    assert_inventory(&t);
}

static void components_may_be_called_actors(void **state)
{
    static const struct bytes_case cases[] = {
        {INVENTORY("\"host_id\":\"N1\",\"actors\":[{\"id\":\"a\",\"max_instances\":1}],"
                   "\"providers\":[]"),
         "host N1 name  version  uptime 0 s\n  component a image  count 1 of '' by ''\n",
         ERR_OK},
        {INVENTORY("\"host_id\":\"N1\",\"actors\":[{}],\"components\":[],"
                   "\"providers\":[]"),
         "host N1 name  version  uptime 0 s\n", ERR_OK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_inventory(&cases[i]);
    }
}

static const struct bytes_case misunderstood[] = {
    {INVENTORY("\"host_id\":\"N1\",\"providers\":[]"), "field 'components' is missing",
     ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[]"), "field 'providers' is missing",
     ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":{},\"providers\":[]"),
     "field 'components' is an object, expected an array", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":\"\""),
     "field 'providers' is a string, expected an array", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[{\"max_instances\":1}],"
               "\"providers\":[]"),
     "field 'id' of components[0] is missing", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[{\"id\":\"a\"}],\"providers\":[]"),
     "field 'max_instances' of components[0] is missing", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"providers\":[],\"components\":["
               "{\"id\":\"a\",\"max_instances\":1},"
               "{\"id\":\"b\",\"max_instances\":4294967296}]"),
     "field 'max_instances' of components[1] is 4294967296,"
     " expected 0 to 4294967295",
     ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"providers\":[],\"components\":["
               "{\"id\":\"b\",\"max_instances\":-1}]"),
     "field 'max_instances' of components[0] is -1, expected 0 to 4294967295",
     ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"providers\":[],\"components\":["
               "{\"id\":\"b\",\"max_instances\":1.0}]"),
     "field 'max_instances' of components[0] is a fraction, expected an integer",
     ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[7]"),
     "field 'id' of providers[0] is missing", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[{\"id\":\"p\","
               "\"image_ref\":false}]"),
     "field 'image_ref' of providers[0] is false, expected a string", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[{\"id\":\"p\","
               "\"annotations\":[]}]"),
     "field 'annotations' of providers[0] is an array, expected an object", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[{\"id\":\"p\","
               "\"annotations\":{\"wasmcloud.dev/appspec\":true}}]"),
     "field 'wasmcloud.dev/appspec' of providers[0] is true, expected a string",
     ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[{\"id\":\"p\"},"
               "{\"id\":\"q\"},{\"id\":\"p\"}]"),
     "the host lists one provider twice", ERR_INVALID},
    {INVENTORY("\"components\":[],\"providers\":[]"), "field 'host_id' is missing",
     ERR_INVALID},
    {INVENTORY("\"host_id\":\"\",\"components\":[],\"providers\":[]"),
     "field 'host_id' cannot be part of a subject", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1.>\",\"components\":[],\"providers\":[]"),
     "field 'host_id' cannot be part of a subject", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[],"
               "\"labels\":{\"b\":\"x\",\"a\\n\":1}"),
     "labels holds an integer under 'a\\x0a', expected strings", ERR_INVALID},
    {INVENTORY("\"host_id\":\"N1\",\"components\":[],\"providers\":[],"
               "\"uptime_seconds\":9223372036854775807"),
     "field 'uptime_seconds' is 9223372036854775807,"
     " expected 0 to 9223372036854775",
     ERR_INVALID},
    {"{\"success\":true,\"message\":\"\"}", "field 'response' is missing", ERR_INVALID},
    {"{\"success\":true,\"response\":[]}",
     "field 'response' is an array, expected an object", ERR_INVALID},
    {"{\"success\":false,\"message\":\"unsupported subject\"}",
     "the host refused: unsupported subject", ERR_INVALID},
};

static void a_host_not_understood_whole_does_not_look_empty(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(misunderstood); i++) {
        assert_inventory(&misunderstood[i]);
    }
}

static void a_ping_names_the_host(void **state)
{
    static const struct bytes_case cases[] = {
        {INVENTORY("\"id\":\"N1\",\"lattice\":\"default\""), "N1", ERR_OK},
        {INVENTORY("\"host_id\":\"N1\""), "field 'id' is missing", ERR_INVALID},
        {INVENTORY("\"id\":\"N 1\""), "field 'id' cannot be part of a subject",
         ERR_INVALID},
        {INVENTORY("\"id\":[]"), "field 'id' is an array, expected a string",
         ERR_INVALID},
        {"{\"success\":false,\"message\":\"busy\"}", "the host refused: busy",
         ERR_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct bytes_case *t = &cases[i];
        const char *host = "untouched";
        struct arena arena = {0};
        struct err err = {0};

        assert_int_equal(
            wire_decode_ping(t->bytes, strlen(t->bytes), &arena, &host, &err), t->code);
        assert_string_equal(t->code == ERR_OK ? host : err.message, t->expected);
        assert_true(t->code == ERR_OK || strcmp(host, "untouched") == 0);
        arena_free(&arena);
    }
}

/* Append one captured reply as we understand it. */
static void print_sample(const struct sample *sample, struct text *text)
{
    const size_t length = strlen(sample->payload);
    struct arena arena = {0};
    struct inventory inventory;
    struct wire_reply reply;
    const char *host;
    struct err err;

    assert_int_equal(wire_decode_reply(sample->payload, length, &arena, &reply, &err),
                     ERR_OK);
    text_append(text, "%s\n  %s '%s'\n", sample->subject, reply.is_success ? "yes" : "no",
                reply.message);
    if (strstr(sample->subject, ".host.get.") != NULL) {
        assert_int_equal(
            wire_decode_inventory(sample->payload, length, &arena, &inventory, &err),
            ERR_OK);
        samples_print_inventory(&inventory, text);
    }
    if (strstr(sample->subject, ".host.ping") != NULL) {
        assert_int_equal(wire_decode_ping(sample->payload, length, &arena, &host, &err),
                         ERR_OK);
        text_append(text, "host %s\n", host);
    }
    arena_free(&arena);
}

static void every_captured_reply_of_a_host_is_understood(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);
    struct text text;

    (void)state;
    text_init(&text, &arena, (size_t)1024 * 1024);
    for (size_t i = 0; i < samples.count; i++) {
        if (sample_is(&samples.items[i], "reply", "wasmbus.ctl.")) {
            print_sample(&samples.items[i], &text);
        }
    }
    samples_assert_golden("fixtures/wire/replies.txt", &text);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reply_is_yes_or_no_and_the_words_of_the_host),
        cmocka_unit_test(what_is_no_reply_is_refused_with_its_fault),
        cmocka_unit_test(a_reply_that_is_too_long_is_not_even_read),
        cmocka_unit_test(a_reply_that_is_too_deep_is_refused),
        cmocka_unit_test(nobody_has_to_take_the_message),
        cmocka_unit_test(what_an_inventory_may_leave_out_is_empty),
        cmocka_unit_test(workloads_and_labels_come_sorted),
        cmocka_unit_test(components_may_be_called_actors),
        cmocka_unit_test(a_host_not_understood_whole_does_not_look_empty),
        cmocka_unit_test(a_ping_names_the_host),
        cmocka_unit_test(every_captured_reply_of_a_host_is_understood),
    };

    return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
