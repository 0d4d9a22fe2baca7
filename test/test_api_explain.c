#include "reconciler/wire/api_sheet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_samples.h"

#define EPOCH_MS INT64_C(1795386000000)

static const struct explained_key keys[] = {
    {EXPLAINED_COMPONENT, "hello-web"},
    {EXPLAINED_LINK, "a -[default wasi:http]-> hello-web"},
};
static const struct explained_part parts[] = {
    {"host-1", 2, 1, "registry/web:1", "1 of 2 \"run\""},
    {"host-2", 1, 0, "", ""},
};
static const struct explained_command past[] = {
    {"scale-component hello-web on NAAA to 2  # 0 of 2 running",
     {61000},
     {62000},
     "done"},
    {"scale-component hello-web on NAAA to 2", {63000}, {INT64_MAX}, "under way"},
};
static const struct api_explain_report explain_report = {
    .server = "daemon",
    .lattice = "default",
    .sight = "3 hosts",
    .matches = keys,
    .count = 1,
    .explanation =
        {
            .key = {EXPLAINED_COMPONENT, "hello-web"},
            .desired = "2 of registry/web:1, for hello (hello.yaml:9)",
            .observed = "1 running",
            .ledger = "confirmed for hello on host-1: registry/web:1",
            .word = "reconciling",
            .since = {61000},
            .decision = "wait",
            .reason = "1 of 2 run",
            .waits_for = {"links", "hello-web"},
            .parts = parts,
            .parts_count = 2,
            .commands = past,
            .commands_count = 2,
        },
    .now = {70000},
    .epoch_ms = EPOCH_MS,
};

static void every_message_has_its_bytes(void **state)
{
    struct api_explain_report several = explain_report;
    struct arena arena = {0};
    struct text text;

    (void)state;
    several.count = 2;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    text_append(&text, "key: ");
    api_encode_key("shop/web", &text);
    text_append(&text, "\nexplain: ");
    api_encode_explain(&explain_report, &text);
    text_append(&text, "\nexplain of several: ");
    api_encode_explain(&several, &text);
    text_append(&text, "\n");
    samples_assert_golden("fixtures/wire/explain.txt", &text);
    arena_free(&arena);
}

static void an_explanation_comes_back(void **state)
{
    const struct explanation *item = &explain_report.explanation;
    struct arena arena = {0};
    struct api_explain_report back;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_explain(&explain_report, &text);
    assert_int_equal(api_decode_explain(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_string_equal(back.server, "daemon");
    assert_string_equal(back.lattice, "default");
    assert_string_equal(back.sight, "3 hosts");
    assert_int_equal(back.now.ms, EPOCH_MS + 70000);
    assert_int_equal(back.count, 1);
    assert_int_equal(back.explanation.key.kind, EXPLAINED_COMPONENT);
    assert_string_equal(back.explanation.key.name, "hello-web");
    assert_string_equal(back.explanation.desired, item->desired);
    assert_string_equal(back.explanation.observed, item->observed);
    assert_string_equal(back.explanation.ledger, item->ledger);
    assert_string_equal(back.explanation.word, item->word);
    assert_int_equal(back.explanation.since.ms, EPOCH_MS + 61000);
    assert_string_equal(back.explanation.decision, item->decision);
    assert_string_equal(back.explanation.reason, item->reason);
    assert_string_equal(back.explanation.waits_for.kind, "links");
    assert_string_equal(back.explanation.waits_for.name, "hello-web");
    assert_int_equal(back.explanation.parts_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(back.explanation.parts[i].name, parts[i].name);
        assert_int_equal(back.explanation.parts[i].wanted, parts[i].wanted);
        assert_int_equal(back.explanation.parts[i].running, parts[i].running);
        assert_string_equal(back.explanation.parts[i].image, parts[i].image);
        assert_string_equal(back.explanation.parts[i].reason, parts[i].reason);
    }
    assert_int_equal(back.explanation.commands_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(back.explanation.commands[i].text, past[i].text);
        assert_string_equal(back.explanation.commands[i].outcome, past[i].outcome);
        assert_int_equal(back.explanation.commands[i].sent.ms,
                         EPOCH_MS + past[i].sent.ms);
    }
    assert_int_equal(back.explanation.commands[0].ended.ms, EPOCH_MS + 62000);
    assert_int_equal(back.explanation.commands[1].ended.ms, INT64_MAX);
    arena_free(&arena);
}

static void what_a_key_may_mean_comes_back(void **state)
{
    struct api_explain_report several = explain_report;
    struct arena arena = {0};
    struct api_explain_report back;
    struct text text;
    struct err err;

    (void)state;
    several.count = 2;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_explain(&several, &text);
    assert_int_equal(api_decode_explain(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_int_equal(back.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(back.matches[i].kind, keys[i].kind);
        assert_string_equal(back.matches[i].name, keys[i].name);
    }
    arena_free(&arena);
}

static void a_key_comes_back(void **state)
{
    static const char none[] = "{\"schema\":1}";
    struct arena arena = {0};
    const char *key = NULL;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_key("a -> \"b\"", &text);
    assert_int_equal(api_decode_key(text.bytes, text.count, &arena, &key, &err), ERR_OK);
    assert_string_equal(key, "a -> \"b\"");
    assert_int_equal(api_decode_key(none, strlen(none), &arena, &key, &err), ERR_INVALID);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_has_its_bytes),
        cmocka_unit_test(an_explanation_comes_back),
        cmocka_unit_test(what_a_key_may_mean_comes_back),
        cmocka_unit_test(a_key_comes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
