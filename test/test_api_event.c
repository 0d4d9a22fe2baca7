#include "reconciler/wire/api_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_schema.h"

#define SCHEMA "schemas/api-event.schema.json"
#define AT     "2026-11-22T22:21:02.345Z"

static const char *encode(const struct api_event *event, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    api_encode_event(event, &text);
    return text.bytes;
}

static const struct api_event sample = {
    .run = "01J",
    .sequence = 7,
    .at = AT,
    .kind = "status",
    .application = "shop",
    .resource = "component",
    .key = "shop-web",
    .event = "waiting",
    .before = "deployed",
    .text = "component web is waiting: for \"x\"\n",
};

static void an_event_satisfies_its_schema_and_comes_back(void **state)
{
    struct arena arena = {0};
    const char *text = encode(&sample, &arena);
    struct api_event back = {0};
    struct err err;

    (void)state;
    assert_string_equal(
        text, "{\"schema\":1,\"run\":\"01J\",\"sequence\":7,\"at\":\"" AT
              "\",\"kind\":\"status\",\"application\":\"shop\",\"resource\":"
              "\"component\",\"key\":\"shop-web\",\"event\":\"waiting\",\"before\":"
              "\"deployed\",\"text\":\"component web is waiting: for \\\"x\\\"\\n\"}");
    assert_null(schema_check(SCHEMA, text, &arena));
    assert_int_equal(api_decode_event(text, strlen(text), &arena, &back, &err), ERR_OK);
    assert_string_equal(encode(&back, &arena), text);
    arena_free(&arena);
}

static void what_is_no_event_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "[]",
        "{\"schema\":1}",
        "{\"schema\":1,\"run\":\"a\"}",
        "{\"schema\":1,\"run\":\"a\",\"sequence\":-1}",
        "{\"schema\":2,\"run\":\"a\",\"sequence\":1}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct api_event back;
        struct err err;

        assert_int_not_equal(
            api_decode_event(cases[i], strlen(cases[i]), &arena, &back, &err), ERR_OK);
        arena_free(&arena);
    }
}

static void kept_events_satisfy_their_schema_and_come_back(void **state)
{
    struct arena arena = {0};
    const char *items[] = {encode(&sample, &arena), encode(&sample, &arena)};
    const struct api_events events = {"01J", 3, 8, {items, 2}};
    const struct api_events none = {"", 1, 0, {NULL, 0}};
    struct api_events back = {0};
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_events(&none, &text);
    assert_string_equal(text.bytes, "{\"schema\":1,\"result\":\"ok\",\"run\":\"\","
                                    "\"oldest\":1,\"newest\":0,\"events\":[]}");
    assert_null(schema_check("schemas/api-events.schema.json", text.bytes, &arena));
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_events(&events, &text);
    assert_null(schema_check("schemas/api-events.schema.json", text.bytes, &arena));
    assert_int_equal(api_decode_events(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_string_equal(back.run, "01J");
    assert_int_equal(back.oldest, 3);
    assert_int_equal(back.newest, 8);
    assert_int_equal(back.events.count, 2);
    assert_string_equal(back.events.items[1], items[1]);
    arena_free(&arena);
}

static void kept_events_hand_on_the_error_there_is(void **state)
{
    static const struct err refused = {.code = ERR_USAGE, .message = "no"};
    struct arena arena = {0};
    struct api_events back;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_error(&refused, "", &text);
    assert_int_equal(api_decode_events(text.bytes, text.count, &arena, &back, &err),
                     ERR_USAGE);
    assert_string_equal(err.message, "no");
    assert_int_equal(api_decode_events("[]", 2, &arena, &back, &err), ERR_INVALID);
    arena_free(&arena);
}

static struct command command_of(enum command_kind kind)
{
    struct command command = {
        .id = 1, .kind = kind, .application = "shop", .reason = "missing", .host = "N1"};

    if (kind == COMMAND_PUT_CONFIG || kind == COMMAND_DELETE_CONFIG) {
        command.u.config.name = "shop-cfg";
        command.u.config.content = "{\"password\":\"s3cret\"}";
    } else if (kind == COMMAND_PUT_LINK || kind == COMMAND_DELETE_LINK) {
        command.u.link = (struct link){.source_id = "web",
                                       .name = "default",
                                       .target = "kv",
                                       .wit_namespace = "wasi",
                                       .wit_package = "keyvalue"};
    } else if (kind == COMMAND_MAKE_BUCKET) {
        command.u.bucket.which = BUCKET_LINKS;
    } else {
        command.u.workload.id = "shop-web";
        command.u.workload.image = "acme/web:1";
        command.u.workload.count = 1;
    }
    return command;
}

static void every_command_is_an_event_without_secrets(void **state)
{
    static const char *const expected[] = {
        [COMMAND_PUT_CONFIG] = "config shop-cfg",
        [COMMAND_DELETE_CONFIG] = "config shop-cfg",
        [COMMAND_PUT_LINK] = "link web -[default wasi:keyvalue]-> kv",
        [COMMAND_DELETE_LINK] = "link web -[default wasi:keyvalue]-> kv",
        [COMMAND_START_PROVIDER] = "provider shop-web",
        [COMMAND_STOP_PROVIDER] = "provider shop-web",
        [COMMAND_SCALE_COMPONENT] = "component shop-web",
        [COMMAND_MAKE_BUCKET] = "bucket LATTICEDATA",
    };

    (void)state;
    for (enum command_kind kind = 0; !command_is_question(kind); kind++) {
        const struct command command = command_of(kind);
        struct arena arena = {0};
        struct api_event event = api_event_of_command(&command, &arena);
        const char *text;

        event.run = "r";
        event.sequence = 1;
        event.at = AT;
        text = encode(&event, &arena);
        assert_null(schema_check(SCHEMA, text, &arena));
        assert_null(strstr(text, "s3cret"));
        assert_string_equal(arena_print(&arena, "%s %s", event.resource, event.key),
                            expected[kind]);
        assert_string_equal(event.event, command_kind_name(kind));
        assert_non_null(strstr(event.text, "  # missing"));
        assert_null(strchr(event.text, '\n'));
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_satisfies_its_schema_and_comes_back),
        cmocka_unit_test(what_is_no_event_is_refused),
        cmocka_unit_test(kept_events_satisfy_their_schema_and_come_back),
        cmocka_unit_test(kept_events_hand_on_the_error_there_is),
        cmocka_unit_test(every_command_is_an_event_without_secrets),
    };

    return cmocka_run_group_tests_name("api event", tests, NULL, NULL);
}
