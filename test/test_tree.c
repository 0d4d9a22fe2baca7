#include "manifest/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_manifest.h"

#define DUMP_BYTES_MAX ((size_t)64 * 1024)

static const char *const type_names[] = {
    [TREE_STRING] = "string", [TREE_INTEGER] = "integer", [TREE_FLOAT] = "float",
    [TREE_BOOL] = "bool",     [TREE_NULL] = "null",
};

/* One line a node: its span, and what it is; children are indented. */
// NOLINTNEXTLINE(misc-no-recursion): the depth is capped by TREE_DEPTH_MAX
static void dump_node(const struct tree_node *node, int indent, struct text *text)
{
    text_append(text, "%*s%u:%u-%u:%u ", indent, "", node->span.start.line,
                node->span.start.column, node->span.end.line, node->span.end.column);
    if (node->tag != TREE_TAG_NONE) {
        text_append(text, "tag %d ", (int)node->tag);
    }
    if (node->kind == TREE_SCALAR) {
        text_append(text, "%s ", type_names[tree_scalar_type(node)]);
        text_append_quoted(text, node->text, node->length);
        text_append(text, "\n");
        return;
    }
    text_append(text, "%s\n", node->kind == TREE_MAPPING ? "mapping" : "sequence");
    for (size_t i = 0; i < node->count; i++) {
        dump_node(node->items[i], indent + 2, text);
    }
}

/* The documents of a text, "---" between them, then its findings. */
static const char *dump(const char *input, size_t length, struct arena *arena)
{
    struct tree_documents documents;
    struct diags diags;
    struct text text;
    bool is_read;

    diags_init(&diags, arena, "t");
    text_init(&text, arena, DUMP_BYTES_MAX);
    is_read = tree_read(input, length, arena, &diags, &documents);
    assert_int_equal(is_read, diags.errors_count == 0);
    for (size_t i = 0; i < documents.count; i++) {
        text_append(&text, i > 0 ? "---\n" : "");
        dump_node(documents.roots[i], 0, &text);
    }
    diags_print(&diags, &text);
    return text.bytes;
}

static void check_cases(const struct support_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = {0};

        support_assert_text(cases[i].name, cases[i].expected,
                            dump(cases[i].input, strlen(cases[i].input), &arena));
        arena_free(&arena);
    }
}

#define CHECK_CASES(cases) check_cases(cases, sizeof(cases) / sizeof *(cases))

static void test_places(void **state)
{
    static const struct support_case cases[] = {
        {"block mapping", "a: b\n\n# comment\nc:\n  d: e\n\n# more\n",
         "1:1-5:7 mapping\n"
         "  1:1-1:2 string 'a'\n"
         "  1:4-1:5 string 'b'\n"
         "  4:1-4:2 string 'c'\n"
         "  5:3-5:7 mapping\n"
         "    5:3-5:4 string 'd'\n"
         "    5:6-5:7 string 'e'\n"},
        {"block sequence in a mapping", "a:\n- 1\n- x\n",
         "1:1-3:4 mapping\n"
         "  1:1-1:2 string 'a'\n"
         "  2:1-3:4 sequence\n"
         "    2:3-2:4 integer '1'\n"
         "    3:3-3:4 string 'x'\n"},
        {"flow, as JSON has it", "{\"a\": [1, \"2\"],\n \"b\": {}}",
         "1:1-2:10 mapping\n"
         "  1:2-1:5 string 'a'\n"
         "  1:7-1:15 sequence\n"
         "    1:8-1:9 integer '1'\n"
         "    1:11-1:14 string '2'\n"
         "  2:2-2:5 string 'b'\n"
         "  2:7-2:9 mapping\n"},
        {"a value that is not there", "a:\nb:\n",
         "1:1-2:3 mapping\n"
         "  1:1-1:2 string 'a'\n"
         "  1:3-1:3 null ''\n"
         "  2:1-2:2 string 'b'\n"
         "  2:3-2:3 null ''\n"},
        {"CRLF", "a: b\r\nc: d\r\n",
         "1:1-2:5 mapping\n"
         "  1:1-1:2 string 'a'\n"
         "  1:4-1:5 string 'b'\n"
         "  2:1-2:2 string 'c'\n"
         "  2:4-2:5 string 'd'\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void test_columns_are_bytes(void **state)
{
    static const struct support_case cases[] = {
        {"two bytes", "\xc3\xa9: [\xc3\xa9, x]\nb: \xe2\x82\xac # y\nc: z",
         "1:1-3:5 mapping\n"
         "  1:1-1:3 string '\xc3\xa9'\n"
         "  1:5-1:12 sequence\n"
         "    1:6-1:8 string '\xc3\xa9'\n"
         "    1:10-1:11 string 'x'\n"
         "  2:1-2:2 string 'b'\n"
         "  2:4-2:7 string '\xe2\x82\xac'\n"
         "  3:1-3:2 string 'c'\n"
         "  3:4-3:5 string 'z'\n"},
        {"behind a byte-order mark",
         "\xef\xbb\xbf"
         "a: \xc3\xa9",
         "1:1-1:6 mapping\n"
         "  1:1-1:2 string 'a'\n"
         "  1:4-1:6 string '\xc3\xa9'\n"},
        {"libyaml's other line breaks",
         "a: \xc3\xa9\xc2\x85"
         "b: c",
         "1:1-2:5 mapping\n"
         "  1:1-1:2 string 'a'\n"
         "  1:4-1:6 string '\xc3\xa9'\n"
         "  2:1-2:2 string 'b'\n"
         "  2:4-2:5 string 'c'\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void test_documents(void **state)
{
    static const struct support_case cases[] = {
        {"nothing", "", ""},
        {"only a comment", "# nothing\n", ""},
        {"empty documents do not count", "---\n---\na\n---\n...\n---\nb\n",
         "3:1-3:2 string 'a'\n"
         "---\n"
         "7:1-7:2 string 'b'\n"},
        {"what stands before an error is kept", "a\n---\n[b\n",
         "1:1-1:2 string 'a'\n"
         "t:4:1: error: not YAML: did not find expected ',' or ']' while parsing a flow "
         "sequence that begins in line 3 [syntax]\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void test_aliases(void **state)
{
    static const struct support_case cases[] = {
        {"an alias is what it stands for", "a: &x [1]\nb: *x\n",
         "1:1-2:6 mapping\n"
         "  1:1-1:2 string 'a'\n"
         "  1:4-1:10 sequence\n"
         "    1:8-1:9 integer '1'\n"
         "  2:1-2:2 string 'b'\n"
         "  1:4-1:10 sequence\n"
         "    1:8-1:9 integer '1'\n"},
        {"the later anchor of a name counts", "[&x 1, &x 2, *x]",
         "1:1-1:17 sequence\n"
         "  1:2-1:6 integer '1'\n"
         "  1:8-1:12 integer '2'\n"
         "  1:8-1:12 integer '2'\n"},
        {"also inside of what it names", "&x [&x 1, *x]",
         "1:1-1:14 sequence\n"
         "  1:5-1:9 integer '1'\n"
         "  1:5-1:9 integer '1'\n"},
        {"merge keys are keys", "{<<: a}",
         "1:1-1:8 mapping\n"
         "  1:2-1:4 string '<<'\n"
         "  1:6-1:7 string 'a'\n"},
        {"tags are kept where they matter", "[!!str 1, !own x, !!map {}]",
         "1:1-1:28 sequence\n"
         "  1:2-1:9 tag 1 string '1'\n"
         "  1:11-1:17 tag 6 string 'x'\n"
         "  1:19-1:27 mapping\n"},
        {"no anchor", "a: *x\n",
         "t:1:4: error: alias to 'x', which is no anchor: expected one before it "
         "[alias]\n"},
        {"an anchor of another document", "&x a\n---\n*x\n",
         "1:1-1:5 string 'a'\n"
         "t:3:1: error: alias to 'x', which is no anchor: expected one before it "
         "[alias]\n"},
        {"inside itself", "a: &x\n  - b\n  - *x\n",
         "t:3:5: error: a value contains itself: expected an end to it [alias]\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void test_duplicate_keys(void **state)
{
    static const struct support_case cases[] = {
        {"every one but the first", "a: 1\nb: 2\n'a': 3\na: 4\n",
         "1:1-4:5 mapping\n"
         "  1:1-1:2 string 'a'\n"
         "  1:4-1:5 integer '1'\n"
         "  2:1-2:2 string 'b'\n"
         "  2:4-2:5 integer '2'\n"
         "  3:1-3:4 string 'a'\n"
         "  3:6-3:7 integer '3'\n"
         "  4:1-4:2 string 'a'\n"
         "  4:4-4:5 integer '4'\n"
         "t:3:1: error: key 'a' is given twice: expected it once [duplicate-key]\n"
         "t:1:1: note: it is given first here\n"
         "t:4:1: error: key 'a' is given twice: expected it once [duplicate-key]\n"
         "t:1:1: note: it is given first here\n"},
        {"keys that are no text are not compared", "{[a]: 1, [a]: 2}",
         "1:1-1:17 mapping\n"
         "  1:2-1:5 sequence\n"
         "    1:3-1:4 string 'a'\n"
         "  1:7-1:8 integer '1'\n"
         "  1:10-1:13 sequence\n"
         "    1:11-1:12 string 'a'\n"
         "  1:15-1:16 integer '2'\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void test_syntax(void **state)
{
    static const struct support_case cases[] = {
        {"tab", "a:\n  b: c\n\td: e\n",
         "t:3:1: error: not YAML: found a tab character that violates indentation while "
         "scanning a plain scalar that begins in line 2: expected spaces, not a tab "
         "[syntax]\n"},
        {"tab behind what is not ASCII", "\xc3\xa9:\n\t- x\n",
         "t:2:1: error: not YAML: found character that cannot start any token while "
         "scanning for the next token that begins in line 2: expected spaces, not a tab "
         "[syntax]\n"},
        {"reserved character", "a: @b\n",
         "t:1:4: error: not YAML: found character that cannot start any token while "
         "scanning for the next token that begins in line 1: expected it in quotes "
         "[syntax]\n"},
        {"bad indentation", "a:\n  b: c\n d: e\n",
         "t:3:2: error: not YAML: did not find expected key while parsing a block "
         "mapping that begins in line 1 [syntax]\n"},
    };

    (void)state;
    CHECK_CASES(cases);
}

static void test_encoding(void **state)
{
    static const struct support_case cases[] = {
        {"an escaped NUL", "a: \"x\\0y\"\n",
         "t:1:4: error: text with a NUL character in it: expected none [encoding]\n"},
        {"a control character", "a: b\nc: \x01\n",
         "t:2:4: error: control characters are not allowed (0x01): expected UTF-8 "
         "without control characters [encoding]\n"},
        {"a bad first byte", "a: \xc3\xa9\xff\n",
         "t:1:6: error: invalid leading UTF-8 octet (0xff): expected UTF-8 without "
         "control characters [encoding]\n"},
        {"a bad second byte", "a: b\n\n \xc3z\n",
         "t:3:3: error: invalid trailing UTF-8 octet (0x7a): expected UTF-8 without "
         "control characters [encoding]\n"},
    };
    struct arena arena = {0};

    (void)state;
    CHECK_CASES(cases);
    support_assert_text("a NUL byte",
                        "t:2:1: error: control characters are not allowed (0x00): "
                        "expected UTF-8 without control characters [encoding]\n",
                        dump("a: b\n\0c", 7, &arena));
    arena_free(&arena);
}

/* levels times open, then as many times close. */
static const char *nested(char open, char close, size_t levels, struct arena *arena)
{
    char *text = arena_alloc(arena, 2 * levels + 1);

    memset(text, open, levels);
    memset(text + levels, close, levels);
    return text;
}

/* An alias to two levels, inside of levels more and a mapping. */
static const char *dump_beside_alias(int levels, struct arena *arena)
{
    const char *open = nested('[', '[', (size_t)levels, arena);
    const char *close = nested(']', ']', (size_t)levels, arena);
    const char *text =
        arena_print(arena, "a: &x [[]]\nb:\n %.*s*x%.*s\n", levels, open, levels, close);

    return dump(text, strlen(text), arena);
}

static void test_depth(void **state)
{
    struct arena arena = {0};
    const char *deep = nested('[', ']', TREE_DEPTH_MAX, &arena);
    const char *too_deep = nested('[', ']', TREE_DEPTH_MAX + 1, &arena);

    (void)state;
    assert_null(strstr(dump(deep, strlen(deep), &arena), "error"));
    support_assert_text(
        "too deep",
        "t:1:65: error: nested too deep: expected at most 64 levels [limit]\n",
        dump(too_deep, strlen(too_deep), &arena));
    assert_null(strstr(dump_beside_alias(TREE_DEPTH_MAX - 3, &arena), "error"));
    support_assert_text(
        "too deep by an alias",
        "t:3:64: error: nested too deep: expected at most 64 levels [limit]\n",
        dump_beside_alias(TREE_DEPTH_MAX - 2, &arena));
    arena_free(&arena);
}

/* The name of a deep value is given again, inside of it, to one that is not. */
static void test_depth_of_a_name_given_again(void **state)
{
    struct arena arena = {0};
    const char *deep = nested('[', ']', 60, &arena);
    const char *text = arena_print(&arena, "- &x [&x a, %s]\n- [[[[[[*x]]]]]]\n", deep);

    (void)state;
    assert_null(strstr(dump(text, strlen(text), &arena), "error"));
    arena_free(&arena);
}

static void test_much_flow_nesting_is_quick(void **state)
{
    struct arena arena = {0};
    const char *deep = nested('[', ']', (size_t)1000 * 1000, &arena);

    (void)state;
    support_assert_text(
        "a million levels",
        "t:1:65: error: nested too deep: expected at most 64 levels [limit]\n",
        dump(deep, strlen(deep), &arena));
    arena_free(&arena);
}

static void test_alias_bomb(void **state)
{
    struct arena arena = {0};
    struct text bomb;

    (void)state;
    text_init(&bomb, &arena, DUMP_BYTES_MAX);
    text_append(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
        text_append(&bomb, "a%d: &a%d [", i, i);
        for (int j = 0; j < 9; j++) {
            text_append(&bomb, "%s*a%d", j > 0 ? ", " : "", i - 1);
        }
        text_append(&bomb, "]\n");
    }
    support_assert_text("alias bomb",
                        "t:7:10: error: more than 1200000 values, aliases counted as "
                        "what they stand for: expected fewer [limit]\n",
                        dump(bomb.bytes, bomb.count, &arena));
    arena_free(&arena);
}

static void test_too_many_anchors(void **state)
{
    struct arena arena = {0};
    struct text anchors;

    (void)state;
    text_init(&anchors, &arena, (size_t)1024 * 1024);
    for (int i = 0; i <= TREE_ANCHORS_MAX; i++) {
        text_append(&anchors, "- &a%d x\n", i);
    }
    support_assert_text("anchors",
                        "t:10001:3: error: more than 10000 anchors: expected fewer "
                        "[limit]\n",
                        dump(anchors.bytes, anchors.count, &arena));
    arena_free(&arena);
}

static void test_too_many_bytes(void **state)
{
    struct arena arena = {0};
    const size_t length = MANIFEST_BYTES_MAX + 1;
    const char *text = arena_alloc(&arena, length);

    (void)state;
    support_assert_text(
        "bytes", "t:1:1: error: 67108865 bytes: expected at most 67108864 [limit]\n",
        dump(text, length, &arena));
    arena_free(&arena);
}

static void test_quoting_is_kept(void **state)
{
    struct arena arena = {0};
    struct tree_documents documents;
    struct diags diags;
    static const char input[] = "[a, 'b', \"c\"]";

    (void)state;
    diags_init(&diags, &arena, "t");
    assert_true(tree_read(input, sizeof input - 1, &arena, &diags, &documents));
    assert_true(documents.roots[0]->items[0]->is_plain);
    assert_false(documents.roots[0]->items[1]->is_plain);
    assert_false(documents.roots[0]->items[1]->is_double_quoted);
    assert_true(documents.roots[0]->items[2]->is_double_quoted);
    arena_free(&arena);
}

static void test_find(void **state)
{
    struct arena arena = {0};
    struct tree_documents documents;
    struct diags diags;
    static const char input[] = "{[b]: 1, a: 2, b: 3}";

    (void)state;
    diags_init(&diags, &arena, "t");
    assert_true(tree_read(input, sizeof input - 1, &arena, &diags, &documents));
    assert_string_equal(tree_find(documents.roots[0], "b")->text, "3");
    assert_null(tree_find(documents.roots[0], "c"));
    assert_null(tree_find(documents.roots[0]->items[0], "b"));
    assert_null(tree_find(documents.roots[0]->items[1], "b"));
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"every node knows where it starts and ends", test_places, NULL, NULL, NULL},
        {"columns count bytes", test_columns_are_bytes, NULL, NULL, NULL},
        {"each document that is not empty is a root", test_documents, NULL, NULL, NULL},
        {"an alias is the node it names", test_aliases, NULL, NULL, NULL},
        {"a key given twice is a finding", test_duplicate_keys, NULL, NULL, NULL},
        {"what is not YAML is a finding at its place", test_syntax, NULL, NULL, NULL},
        {"what is not text is a finding at its place", test_encoding, NULL, NULL, NULL},
        {"nesting ends at a limit, aliases included", test_depth, NULL, NULL, NULL},
        {"a name given again has its own depth", test_depth_of_a_name_given_again, NULL,
         NULL, NULL},
        {"a million brackets are refused at once", test_much_flow_nesting_is_quick, NULL,
         NULL, NULL},
        {"an alias bomb is refused at the node too many", test_alias_bomb, NULL, NULL,
         NULL},
        {"anchors end at a limit", test_too_many_anchors, NULL, NULL, NULL},
        {"a text over the limit is not read", test_too_many_bytes, NULL, NULL, NULL},
        {"the tree tells how a scalar was quoted", test_quoting_is_kept, NULL, NULL,
         NULL},
        {"a value is found by its key", test_find, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
