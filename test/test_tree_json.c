#include "manifest/tree_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "manifest/tree.h"
#include "test/support_manifest.h"

#define TEXT_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* The scalars of the root with their spans, then the findings. */
static const char *dump(const char *input, struct arena *arena)
{
    struct tree_documents documents;
    struct diags diags;
    struct text text;

    diags_init(&diags, arena, "t");
    text_init(&text, arena, TEXT_BYTES_MAX);
    (void)tree_read(input, strlen(input), arena, &diags, &documents);
    for (size_t i = 0; documents.count > 0 && i < documents.roots[0]->count; i++) {
        const struct tree_node *node = documents.roots[0]->items[i];

        text_append(&text, "%u:%u-%u:%u ", node->span.start.line, node->span.start.column,
                    node->span.end.line, node->span.end.column);
        text_append_quoted(&text, node->text, node->length);
        text_append(&text, "\n");
    }
    diags_print(&diags, &text);
    return text.bytes;
}

static void check_cases(const struct support_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = {0};

        support_assert_text(cases[i].name, cases[i].expected,
                            dump(cases[i].input, &arena));
        arena_free(&arena);
    }
}

#define CHECK_CASES(cases) check_cases(cases, sizeof(cases) / sizeof *(cases))

static void json_is_read_as_json(void **state)
{
    static const struct support_case cases[] = {
        {"U+2028 is no end of a line", "[\" \xe2\x80\xa8 \"]",
         "1:2-2:3 ' \xe2\x80\xa8 '\n"},
        {"U+0085, U+FEFF, U+007F and U+FFFF are taken",
         "[\"\xef\xbb\xbf\x7f\",\"\xef\xbf\xbf\",\"\xc2\x85\"]",
         "1:2-1:8 '\xef\xbb\xbf\\x7f'\n"
         "1:9-1:14 '\xef\xbf\xbf'\n"
         "1:15-2:2 '\\xc2\\x85'\n"},
        {"two escapes are one character", "[\"\\ud83d\\uDE00\", \"\\u00e9\\/\\\"\"]",
         "1:2-1:16 '\xf0\x9f\x98\x80'\n"
         "1:18-1:30 '\xc3\xa9/\"'\n"},
        {"all that JSON has",
         "{\"\x7f\": true,\n\t\"b\": -1.5e3,\r\n \"c\": null, \"d\": false}",
         "1:2-1:5 '\\x7f'\n"
         "1:7-1:11 'true'\n"
         "2:2-2:5 'b'\n"
         "2:7-2:13 '-1.5e3'\n"
         "3:2-3:5 'c'\n"
         "3:7-3:11 'null'\n"
         "3:13-3:16 'd'\n"
         "3:18-3:23 'false'\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void what_is_no_json_is_read_as_yaml(void **state)
{
    static const char refusal[] =
        "t:1:3: error: control characters are not allowed (0x7f): expected UTF-8 without "
        "control characters [encoding]\n";
    static const struct support_case cases[] = {
        {"a plain key", "{a: \" \xc2\x85 \"}",
         "1:2-1:3 'a'\n"
         "1:5-2:3 ' '\n"},
        {"a comma at the end", "[\"\x7f\",]", refusal},
        {"nothing behind a comma", "[\"\x7f\" \"\"]", refusal},
        {"something behind it", "[\"\x7f\"] x", refusal},
        {"another bracket", "[\"\x7f\"}", refusal},
        {"no end", "[\"\x7f\"", refusal},
        {"a line end in a string", "[\"\x7f\n\"]", refusal},
        {"an escape of YAML", "[\"\x7f\\e\"]", refusal},
        {"another word", "[\"\x7f\", yes]", refusal},
        {"half a character", "[\"\\ud83d\"]",
         "t:1:5: error: not YAML: found invalid Unicode character escape code while "
         "parsing a quoted scalar that begins in line 1 [syntax]\n"},
        {"two halves in the wrong order", "[\"\\ude00\\ud83d\"]",
         "t:1:5: error: not YAML: found invalid Unicode character escape code while "
         "parsing a quoted scalar that begins in line 1 [syntax]\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void an_error_behind_such_a_character_has_its_place(void **state)
{
    static const struct support_case cases[] = {
        {"in its line", "{\"a\": \"\x7f\", \"a\": \"1\"}",
         "1:2-1:5 'a'\n"
         "1:7-1:10 '\\x7f'\n"
         "1:12-1:15 'a'\n"
         "1:17-1:20 '1'\n"
         "t:1:12: error: key 'a' is given twice: expected it once [duplicate-key]\n"
         "t:1:2: note: it is given first here\n"},
        {"not UTF-8", "[\"\x7f\", \"\xff\"]",
         "t:1:8: error: invalid leading UTF-8 octet (0xff): expected UTF-8 without "
         "control characters [encoding]\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

/* A list of a string of count characters that YAML does not take: how many errors. */
static size_t count_errors(size_t count)
{
    struct arena arena = {0};
    struct tree_documents documents;
    struct diags diags;
    struct text text;

    text_init(&text, &arena, TEXT_BYTES_MAX);
    text_append(&text, "[\"");
    for (size_t i = 0; i < count; i++) {
        text_append(&text, "\x7f");
    }
    text_append(&text, "\"]");
    diags_init(&diags, &arena, "t");
    (void)tree_read(text.bytes, text.count, &arena, &diags, &documents);
    count = diags.errors_count;
    arena_free(&arena);
    return count;
}

static void too_much_of_it_is_read_as_yaml(void **state)
{
    (void)state;
    assert_int_equal(count_errors(TREE_JSON_EDITS_MAX), 0);
    assert_int_equal(count_errors(TREE_JSON_EDITS_MAX + 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_read_as_json),
        cmocka_unit_test(what_is_no_json_is_read_as_yaml),
        cmocka_unit_test(an_error_behind_such_a_character_has_its_place),
        cmocka_unit_test(too_much_of_it_is_read_as_yaml),
    };

    return cmocka_run_group_tests_name("tree_json", tests, NULL, NULL);
}
