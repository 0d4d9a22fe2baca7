#include "manifest/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_manifest.h"

static void test_append(void **state)
{
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, 10000);
    assert_string_equal(text.bytes, "");
    for (int i = 0; i < 1000; i++) {
        text_append(&text, "%d,", i % 10);
        text_append_bytes(&text, "xyz", 1);
    }
    assert_int_equal(text.count, 3000);
    assert_int_equal(strlen(text.bytes), 3000);
    assert_memory_equal(text.bytes + 2997, "9,x", 4);
    assert_false(text.is_cut);
    arena_free(&arena);
}

static void test_cap(void **state)
{
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, 6);
    text_append(&text, "abc");
    text_append_bytes(&text, "de", 2);
    assert_string_equal(text.bytes, "abcde");
    assert_false(text.is_cut);
    text_append_bytes(&text, "f", 1);
    assert_string_equal(text.bytes, "abcde");
    assert_true(text.is_cut);

    text_init(&text, &arena, 100);
    text_append(&text, "%0200d", 7);
    assert_int_equal(text.count, 99);
    assert_true(text.is_cut);
    text_append(&text, "%s", "");
    assert_int_equal(strlen(text.bytes), 99);
    arena_free(&arena);
}

static void test_json(void **state)
{
    static const struct support_case cases[] = {
        {"plain", "abc", "\"abc\""},
        {"empty", "", "\"\""},
        {"quotes", "a\"b\\c", "\"a\\\"b\\\\c\""},
        {"control", "\n\t\r\x01", "\"\\n\\t\\u000d\\u0001\""},
        {"not ASCII", "\xc3\xa9", "\"\xc3\xa9\""},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text;

        text_init(&text, &arena, 100);
        text_append_json(&text, cases[i].input);
        support_assert_text(cases[i].name, cases[i].expected, text.bytes);
    }
    arena_free(&arena);
}

static void test_quoted(void **state)
{
    static const struct support_case cases[] = {
        {"plain", "abc", "'abc'"},
        {"empty", "", "''"},
        {"control", "a\033[2Jb\n\x7f", "'a\\x1b[2Jb\\x0a\\x7f'"},
        {"the other controls", "\xc2\x9b\xc2\xa0", "'\\xc2\\x9b\xc2\xa0'"},
        {"not ASCII", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
         "'\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'"},
        {"not UTF-8", "\xff\xc3z\xe2\x82", "'\\xff\\xc3z\\xe2\\x82'"},
        {"80 bytes",
         "1234567890123456789012345678901234567890123456789012345678901234567890123456789"
         "0",
         "'123456789012345678901234567890123456789012345678901234567890123456789012345678"
         "90"
         "'"},
        {"81 bytes",
         "1234567890123456789012345678901234567890123456789012345678901234567890123456789"
         "\xc3\xa9",
         "'123456789012345678901234567890123456789012345678901234567890123456789012345678"
         "9"
         "...'"},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text;

        text_init(&text, &arena, 400);
        text_append_quoted(&text, cases[i].input, strlen(cases[i].input));
        support_assert_text(cases[i].name, cases[i].expected, text.bytes);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"text grows as it is appended to", test_append, NULL, NULL, NULL},
        {"text is cut at its limit and says so", test_cap, NULL, NULL, NULL},
        {"a JSON string reads back as it was", test_json, NULL, NULL, NULL},
        {"quoted user text is short and harmless", test_quoted, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
