#include "reconciler/wire/api_sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_schema.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#define AT "2026-11-22T22:21:02.345Z"

/* One sheet of each form, with what JSON has to escape, and null where that may be. */
static const struct {
    const char *name; /* of its schema */
    const struct api_form *form;
    const char *head[API_COLUMNS_MAX];
    const char *rows[2][API_COLUMNS_MAX];
} samples[] = {
    {"pause",
     &api_pauses,
     {NULL},
     {{"shop", AT, "waiting", "app: \"x\"\n"}, {"other", NULL, "deployed", ""}}},
    {"rollback",
     &api_rollback,
     {NULL},
     {{"shop", "v1", "v2", "7"}, {"b", "v1", NULL, "0"}}},
    {"history",
     &api_history,
     {NULL},
     {{AT, "shop", "put", "v1", "from a.yaml"},
      {AT, "", "put-config", "", "put-config caf\xc3\xa9  # missing"}}},
    {"doctor",
     &api_doctor,
     {"store", "1", "0"},
     {{"server", "ok", "connected", NULL}, {"hosts", "error", "none", "start one"}}},
    {"drift",
     &api_drift,
     {"daemon", "3 hosts", "9223372036854775807"},
     {{"shop", "link", "a -> b", "waiting", AT, "missing"},
      {"shop", "config", "c", "failed", NULL, "refused"}}},
};

static struct api_sheet make(size_t sample, struct arena *arena)
{
    struct api_sheet sheet = api_sheet_new(samples[sample].form, arena);

    for (size_t i = 0; i < API_COLUMNS_MAX; i++) {
        sheet.head[i] = samples[sample].head[i];
    }
    for (size_t i = 0; i < 2; i++) {
        const char **row = api_sheet_add(&sheet, arena);

        for (size_t j = 0;
             j < API_COLUMNS_MAX && samples[sample].form->columns[j].name != NULL; j++) {
            row[j] = samples[sample].rows[i][j];
        }
    }
    return sheet;
}

static const char *encode(const struct api_sheet *sheet, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    api_encode_sheet(sheet, &text);
    return text.bytes;
}

static void a_sheet_satisfies_its_schema_and_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        struct arena arena = {0};
        const struct api_sheet sheet = make(i, &arena);
        const char *text = encode(&sheet, &arena);
        const char *path =
            arena_print(&arena, "schemas/api-%s.schema.json", samples[i].name);
        struct api_sheet back = api_sheet_new(samples[i].form, &arena);
        struct err err;

        assert_null(schema_check(path, text, &arena));
        assert_int_equal(api_decode_sheet(text, strlen(text), &arena, &back, &err),
                         ERR_OK);
        assert_string_equal(encode(&back, &arena), text);
        arena_free(&arena);
    }
}

static void the_bytes_of_a_sheet_are_these(void **state)
{
    struct arena arena = {0};
    const struct api_sheet sheet = make(1, &arena);
    const struct api_sheet empty = api_sheet_new(&api_drift, &arena);

    (void)state;
    assert_string_equal(
        encode(&sheet, &arena),
        "{\"schema\":1,\"result\":\"ok\",\"applications\":[{\"name\":\"shop\","
        "\"version\":"
        "\"v1\",\"before\":\"v2\",\"revision\":7},{\"name\":\"b\",\"version\":\"v1\","
        "\"before\":null,\"revision\":0}]}");
    assert_string_equal(encode(&empty, &arena),
                        "{\"schema\":1,\"result\":\"ok\",\"server\":null,\"sight\":null,"
                        "\"found\":null,\"differences\":[]}");
    arena_free(&arena);
}

static void a_sheet_hands_on_the_error_it_carries(void **state)
{
    static const struct err conflict = {.code = ERR_CONFLICT, .message = "no"};
    struct arena arena = {0};
    struct api_sheet back = api_sheet_new(&api_history, &arena);
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_error(&conflict, "", &text);
    assert_int_equal(api_decode_sheet(text.bytes, text.count, &arena, &back, &err),
                     ERR_CONFLICT);
    assert_string_equal(err.message, "no");
    assert_int_equal(back.rows_count, 0);
    arena_free(&arena);
}

static void fields_of_another_type_are_named(void **state)
{
    static const struct {
        const char *bytes;
        const char *message;
    } cases[] = {
        {"{\"schema\":1,\"result\":\"ok\",\"found\":\"1\"}",
         "field 'found' is a string, expected an integer"},
        {"{\"schema\":1,\"result\":\"ok\",\"found\":-1}",
         "field 'found' is -1, expected 0 to 9223372036854775807"},
        {"{\"schema\":1,\"result\":\"ok\",\"differences\":{}}",
         "field 'differences' is an object, expected an array"},
        {"{\"schema\":1,\"result\":\"ok\",\"differences\":[{\"kind\":[]}]}",
         "field 'kind' is an array, expected a string"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};
        struct api_sheet back = api_sheet_new(&api_drift, &arena);
        struct err err;

        assert_int_equal(
            api_decode_sheet(cases[i].bytes, strlen(cases[i].bytes), &arena, &back, &err),
            ERR_INVALID);
        assert_string_equal(err.message, cases[i].message);
        arena_free(&arena);
    }
}

static void params_come_back(void **state)
{
    static const char *const words[] = {"failed", "stuck"};
    const struct api_params params = {{words, 2}, true, "v1", 7, 9, "01J"};
    struct arena arena = {0};
    struct api_params back = {0};
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_params(&params, &text);
    assert_string_equal(text.bytes,
                        "{\"schema\":1,\"states\":[\"failed\",\"stuck\"],\"brief\":true,"
                        "\"version\":\"v1\",\"limit\":7,\"since\":9,"
                        "\"run\":\"01J\"}");
    assert_null(schema_check("schemas/api-params.schema.json", text.bytes, &arena));
    assert_int_equal(api_decode_params(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_int_equal(back.states.count, 2);
    assert_string_equal(back.states.items[1], "stuck");
    assert_true(back.is_brief);
    assert_string_equal(back.version, "v1");
    assert_int_equal(back.limit, 7);
    assert_int_equal(back.since, 9);
    assert_string_equal(back.run, "01J");
    arena_free(&arena);
}

static void a_body_is_nothing_at_all_or_what_the_schema_says(void **state)
{
    static const struct {
        const char *bytes;
        enum err_code code;
        const char *message;
    } cases[] = {
        {"", ERR_OK, NULL},
        {"brief", ERR_OK, NULL},
        {"{\"schema\":1}", ERR_OK, NULL},
        {"{\"schema\":1,\"later\":{}}", ERR_OK, NULL},
        {"briefly", ERR_SYNTAX, "not JSON at byte 7 of 7"},
        {"{}", ERR_INVALID, "field 'schema' is missing"},
        {"{\"schema\":2}", ERR_INVALID,
         "the message is of a newer schema than 1: update this trellis"},
        {"{\"schema\":1,\"states\":[\"fine\"]}", ERR_INVALID,
         "'fine' is no state: it is a word of a status"},
        {"{\"schema\":1,\"states\":\"failed\"}", ERR_INVALID,
         "field 'states' is a string, expected an array"},
        {"{\"schema\":1,\"limit\":-1}", ERR_INVALID,
         "field 'limit' is -1, expected 0 to 9223372036854775807"},
        {"{\"schema\":1,\"brief\":1}", ERR_INVALID,
         "field 'brief' is an integer, expected true or false"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};
        struct api_params params = {.limit = 3};
        struct err err = {.code = ERR_OK};

        assert_int_equal(api_decode_params(cases[i].bytes, strlen(cases[i].bytes), &arena,
                                           &params, &err),
                         cases[i].code);
        if (cases[i].code != ERR_OK) {
            assert_string_equal(err.message, cases[i].message);
            assert_int_equal(params.limit, 3);
        } else {
            assert_int_equal(params.is_brief, strcmp(cases[i].bytes, "brief") == 0);
        }
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sheet_satisfies_its_schema_and_comes_back),
        cmocka_unit_test(the_bytes_of_a_sheet_are_these),
        cmocka_unit_test(a_sheet_hands_on_the_error_it_carries),
        cmocka_unit_test(fields_of_another_type_are_named),
        cmocka_unit_test(params_come_back),
        cmocka_unit_test(a_body_is_nothing_at_all_or_what_the_schema_says),
    };

    return cmocka_run_group_tests_name("api_sheet", tests, NULL, NULL);
}
