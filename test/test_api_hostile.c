#include "reconciler/wire/api_sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#define OK "{\"schema\":1,\"result\":\"ok\""

/* What the other side said. */
static const struct err located = {
    .code = ERR_CONFLICT,
    .source = "/srv/shop.yaml",
    .place = {7, 11},
    .message = "link 'a' is claimed twice",
};

enum body {
    BODY_MANIFESTS,
    BODY_KEY,
    BODY_UPLOAD,
    BODY_PIECES,
    BODY_APPLY,
    BODY_STATUS,
    BODY_EXPLAIN,
    BODY_PLAN,
    BODY_DELETE,
    BODY_DONE,
    BODIES_COUNT,
};

/* What a decoder gives back; each fills what is its own. */
struct decoded {
    struct arena arena;
    struct err err;
    struct api_manifests manifests;
    struct api_apply_report apply;
    struct api_status_report status;
    struct api_explain_report explain;
    struct api_plan_report plan;
    struct api_removal removal;
    const char *id;
    uint32_t count;
};

static enum err_code decode(enum body body, const char *bytes, size_t length,
                            struct decoded *decoded)
{
    struct arena *arena = &decoded->arena;
    struct err *err = &decoded->err;

    switch (body) {
    case BODY_MANIFESTS:
        return api_decode_manifests(bytes, length, arena, &decoded->manifests, err);
    case BODY_UPLOAD:
        return api_decode_upload(bytes, length, arena, &decoded->id, err);
    case BODY_PIECES:
        return api_decode_pieces(bytes, length, arena, &decoded->id, &decoded->count,
                                 err);
    case BODY_APPLY:
        return api_decode_apply(bytes, length, arena, &decoded->apply, err);
    case BODY_STATUS:
        return api_decode_status(bytes, length, arena, &decoded->status, err);
    case BODY_EXPLAIN:
        return api_decode_explain(bytes, length, arena, &decoded->explain, err);
    case BODY_KEY:
        return api_decode_key(bytes, length, arena, &decoded->id, err);
    case BODY_PLAN:
        return api_decode_plan(bytes, length, arena, &decoded->plan, err);
    case BODY_DELETE:
        return api_decode_delete(bytes, length, arena, &decoded->removal, err);
    case BODY_DONE:
        return api_decode_done(bytes, length, arena, err);
    case BODIES_COUNT:
        break;
    }
    abort();
}

static bool is_reply(enum body body)
{
    return body >= BODY_APPLY;
}

static void every_reply_hands_on_the_error_it_carries(void **state)
{
    (void)state;
    for (enum body body = BODY_APPLY; body < BODIES_COUNT; body++) {
        struct decoded decoded = {0};
        struct text text;

        text_init(&text, &decoded.arena, MESSAGE_BYTES_MAX);
        api_encode_error(&located, "one\n", &text);
        assert_int_equal(decode(body, text.bytes, text.count, &decoded), ERR_CONFLICT);
        assert_int_equal(decoded.err.code, ERR_CONFLICT);
        assert_string_equal(decoded.err.message, located.message);
        assert_string_equal(decoded.err.source, located.source);
        assert_int_equal(decoded.err.place.line, 7);
        assert_int_equal(decoded.err.place.column, 11);
        if (body == BODY_APPLY) {
            assert_string_equal(decoded.apply.findings, "one\n");
        }
        if (body == BODY_PLAN) {
            assert_string_equal(decoded.plan.findings, "one\n");
        }
        arena_free(&decoded.arena);
    }
}

/* What all decoders refuse alike. */
struct foreign_body {
    const char *bytes;
    enum err_code code;
    const char *message;
};

static const struct foreign_body foreign_bodies[] = {
    {"", ERR_SYNTAX, "not JSON at byte 0 of 0"},
    {"\xff\xfe", ERR_SYNTAX, "not JSON at byte 0 of 2"},
    {"{\"schema\":1,\"result\":\"\xc3(\"}", ERR_SYNTAX, NULL},
    {"{\"schema\":1", ERR_SYNTAX, "not JSON at byte 11 of 11"},
    {"{\"schema\":1}{}", ERR_SYNTAX, NULL},
    {"{\"schema\":1e999}", ERR_SYNTAX, NULL},
    {"{\"schema\":99999999999999999999}", ERR_SYNTAX, NULL},
    {"{\"schema\":1,\"x\":\"\\u0000\"}", ERR_SYNTAX, NULL},
    {"null", ERR_SYNTAX, NULL},
    {"[]", ERR_INVALID, "the message is an array, expected an object"},
    {"{}", ERR_INVALID, "field 'schema' is missing"},
    {"{\"schema\":null}", ERR_INVALID, "field 'schema' is missing"},
    {"{\"schema\":\"1\"}", ERR_INVALID,
     "field 'schema' is a string, expected an integer"},
    {"{\"schema\":1.0}", ERR_INVALID,
     "field 'schema' is a fraction, expected an integer"},
    {"{\"schema\":-1}", ERR_INVALID,
     "field 'schema' is -1, expected 0 to 9223372036854775807"},
    {"{\"schema\":2}", ERR_INVALID,
     "the message is of a newer schema than 1: update this trellis"},
};

static void assert_refused(enum body body, const struct foreign_body *t)
{
    struct decoded decoded = {0};

    assert_int_equal(decode(body, t->bytes, strlen(t->bytes), &decoded), t->code);
    assert_int_equal(decoded.err.code, t->code);
    if (t->message != NULL) {
        assert_string_equal(decoded.err.message, t->message);
    }
    assert_null(decoded.manifests.items);
    assert_null(decoded.id);
    assert_null(decoded.apply.items);
    assert_null(decoded.status.items);
    assert_null(decoded.plan.items);
    assert_null(decoded.removal.waits);
    arena_free(&decoded.arena);
}

static void no_body_is_taken_that_is_not_ours(void **state)
{
    (void)state;
    for (enum body body = 0; body < BODIES_COUNT; body++) {
        for (size_t i = 0; i < COUNT_OF(foreign_bodies); i++) {
            assert_refused(body, &foreign_bodies[i]);
        }
    }
}

/* What one decoder refuses in a body that is ours. */
static void a_field_of_another_type_is_named(void **state)
{
    static const struct {
        enum body body;
        const char *bytes;
        const char *message;
    } cases[] = {
        {BODY_MANIFESTS, "{\"schema\":1,\"manifests\":{}}",
         "field 'manifests' is an object, expected an array"},
        {BODY_MANIFESTS, "{\"schema\":1,\"manifests\":[{\"text\":\"\"}]}",
         "field 'source' is missing"},
        {BODY_MANIFESTS, "{\"schema\":1,\"manifests\":[{\"source\":\"\"}]}",
         "field 'text' is missing"},
        {BODY_MANIFESTS, "{\"schema\":1,\"manifests\":[7]}", "field 'source' is missing"},
        {BODY_MANIFESTS,
         "{\"schema\":1,\"manifests\":[{\"source\":\"s\",\"text\":[\"x\"]}]}",
         "field 'text' is an array, expected a string"},
        {BODY_UPLOAD, "{\"schema\":1,\"upload\":true}",
         "field 'upload' is true, expected a string"},
        {BODY_PIECES, "{\"schema\":1,\"result\":\"pieces\",\"id\":{},\"count\":1}",
         "field 'id' is an object, expected a string"},
        {BODY_PIECES, "{\"schema\":1,\"result\":\"pieces\",\"count\":4294967296}",
         "field 'count' is 4294967296, expected 0 to 4294967295"},
        {BODY_APPLY, OK ",\"applications\":\"\"}",
         "field 'applications' is a string, expected an array"},
        {BODY_APPLY, OK ",\"applications\":[{\"revision\":-5}]}",
         "field 'revision' is -5, expected 0 to 9223372036854775807"},
        {BODY_APPLY, OK ",\"commands\":0.5}",
         "field 'commands' is a fraction, expected an integer"},
        {BODY_APPLY, OK ",\"findings\":[]}",
         "field 'findings' is an array, expected a string"},
        {BODY_STATUS, OK ",\"applications\":[{}]}", "unknown status word"},
        {BODY_STATUS, OK ",\"applications\":[{\"status\":\"fine\"}]}",
         "unknown status word"},
        {BODY_STATUS,
         OK ",\"applications\":[{\"status\":\"failed\",\"conflict\":\"yes\"}]}",
         "field 'conflict' is a string, expected true or false"},
        {BODY_STATUS,
         OK ",\"applications\":[{\"status\":\"failed\",\"resources\":[{\"status\":"
            "\"failed\",\"kind\":\"host\"}]}]}",
         "unknown kind of resource"},
        {BODY_STATUS,
         OK ",\"applications\":[{\"status\":\"failed\",\"resources\":[{\"status\":"
            "\"failed\",\"kind\":\"link\",\"line\":4294967296}]}]}",
         "field 'line' is 4294967296, expected 0 to 4294967295"},
        {BODY_STATUS, OK ",\"sight\":3}",
         "field 'sight' is an integer, expected a string"},
        {BODY_PLAN, OK ",\"commands\":3}",
         "field 'commands' is an integer, expected an "
         "array"},
        {BODY_PLAN, OK ",\"commands\":[{\"text\":3}]}",
         "field 'text' is an integer, expected a string"},
        {BODY_PLAN, OK ",\"obstacles\":[{\"reason\":[]}]}",
         "field 'reason' is an array, expected a string"},
        {BODY_DELETE, OK ",\"waits\":false}",
         "field 'waits' is false, expected a string"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *bytes = cases[i].bytes;
        struct decoded decoded = {0};

        assert_int_equal(decode(cases[i].body, bytes, strlen(bytes), &decoded),
                         ERR_INVALID);
        assert_string_equal(decoded.err.message, cases[i].message);
        arena_free(&decoded.arena);
    }
}

/* A reply that is not ok is an error, however little it says. */
static void an_error_without_words_is_still_one(void **state)
{
    static const struct {
        const char *bytes;
        enum err_code code;
        const char *message;
    } cases[] = {
        {"{\"schema\":1}", ERR_IO, "no reason given"},
        {"{\"schema\":1,\"result\":\"error\"}", ERR_IO, "no reason given"},
        {"{\"schema\":1,\"result\":\"error\",\"code\":\"new\",\"message\":\"m\"}", ERR_IO,
         "m"},
        {"{\"schema\":1,\"result\":\"error\",\"code\":\"ok\",\"message\":\"m\"}", ERR_IO,
         "m"},
        {"{\"schema\":1,\"result\":\"error\",\"code\":3}", ERR_INVALID,
         "field 'code' is an integer, expected a string"},
        {"{\"schema\":1,\"result\":\"pieces\",\"id\":\"x\",\"count\":1}", ERR_IO,
         "no reason given"},
    };

    (void)state;
    for (enum body body = 0; body < BODIES_COUNT; body++) {
        for (size_t i = 0; is_reply(body) && i < COUNT_OF(cases); i++) {
            const char *bytes = cases[i].bytes;
            struct decoded decoded = {0};

            assert_int_equal(decode(body, bytes, strlen(bytes), &decoded), cases[i].code);
            assert_string_equal(decoded.err.message, cases[i].message);
            arena_free(&decoded.arena);
        }
    }
}

static void what_does_not_say_what_is_meant_is_refused(void **state)
{
    static const struct {
        enum body body;
        const char *bytes;
        const char *message;
    } cases[] = {
        {BODY_KEY, "{\"schema\":1}", "field 'key' is missing"},
        {BODY_EXPLAIN, OK ",\"matches\":[{\"key\":\"a\"}]}", "unknown kind of key"},
        {BODY_EXPLAIN, OK ",\"matches\":[{\"kind\":\"host\"}]}", "unknown kind of key"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct decoded decoded = {0};

        assert_int_equal(
            decode(cases[i].body, cases[i].bytes, strlen(cases[i].bytes), &decoded),
            ERR_INVALID);
        assert_string_equal(decoded.err.message, cases[i].message);
        arena_free(&decoded.arena);
    }
}

static void unknown_fields_of_a_later_trellis_are_ignored(void **state)
{
    static const char *const bodies[BODIES_COUNT] = {
        [BODY_MANIFESTS] = "{\"schema\":1,\"new\":[{}],\"manifests\":[]}",
        [BODY_KEY] = "{\"schema\":1,\"new\":1,\"key\":\"x\"}",
        [BODY_UPLOAD] = "{\"schema\":1,\"new\":1,\"upload\":\"x\"}",
        [BODY_PIECES] = "{\"schema\":1,\"new\":1,\"result\":\"pieces\"}",
        [BODY_APPLY] = OK ",\"new\":1,\"applications\":[{\"new\":1}]}",
        [BODY_STATUS] =
            OK ",\"new\":1,\"applications\":[{\"status\":\"blind\",\"new\":1}]}",
        [BODY_EXPLAIN] =
            OK ",\"new\":1,\"matches\":[{\"kind\":\"host\",\"key\":\"a\",\"new\":1}],"
               "\"explanation\":{\"kind\":\"host\",\"new\":1}}",
        [BODY_PLAN] = OK ",\"new\":1,\"commands\":[{\"new\":1}]}",
        [BODY_DELETE] = OK ",\"new\":1}",
        [BODY_DONE] = OK ",\"new\":1}",
    };

    (void)state;
    for (enum body body = 0; body < BODIES_COUNT; body++) {
        struct decoded decoded = {0};

        assert_int_equal(decode(body, bodies[body], strlen(bodies[body]), &decoded),
                         ERR_OK);
        assert_int_equal(decoded.err.code, ERR_OK);
        arena_free(&decoded.arena);
    }
}

static void deep_nesting_is_refused_and_not_followed(void **state)
{
    const size_t depth = 100000;
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    text_append(&text, "{\"schema\":1,\"x\":");
    for (size_t i = 0; i < depth; i++) {
        text_append_bytes(&text, "[", 1);
    }
    for (enum body body = 0; body < BODIES_COUNT; body++) {
        struct decoded decoded = {0};

        assert_int_equal(decode(body, text.bytes, text.count, &decoded), ERR_SYNTAX);
        arena_free(&decoded.arena);
    }
    arena_free(&arena);
}

static void a_body_over_the_limit_is_refused_unread(void **state)
{
    (void)state;
    for (enum body body = 0; body < BODIES_COUNT; body++) {
        struct decoded decoded = {0};

        /* Its length alone decides: the bytes are not there. */
        assert_int_equal(decode(body, "{", MESSAGE_BYTES_MAX + 1, &decoded), ERR_LIMIT);
        assert_string_equal(decoded.err.message,
                            "67108865 bytes of JSON, expected at most 67108864");
        arena_free(&decoded.arena);
    }
}

static void an_error_may_go_unread(void **state)
{
    static const char bytes[] = "{\"schema\":1,\"result\":\"error\",\"source\":\"s\"}";
    struct arena arena = {0};

    (void)state;
    assert_int_equal(api_decode_done(bytes, strlen(bytes), &arena, NULL), ERR_IO);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reply_hands_on_the_error_it_carries),
        cmocka_unit_test(no_body_is_taken_that_is_not_ours),
        cmocka_unit_test(a_field_of_another_type_is_named),
        cmocka_unit_test(an_error_without_words_is_still_one),
        cmocka_unit_test(what_does_not_say_what_is_meant_is_refused),
        cmocka_unit_test(unknown_fields_of_a_later_trellis_are_ignored),
        cmocka_unit_test(deep_nesting_is_refused_and_not_followed),
        cmocka_unit_test(a_body_over_the_limit_is_refused_unread),
        cmocka_unit_test(an_error_may_go_unread),
    };

    return cmocka_run_group_tests_name("api_hostile", tests, NULL, NULL);
}
