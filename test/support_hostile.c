#include "test/support_hostile.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"

#define MB       ((size_t)1024 * 1024)
#define THOUSAND ((size_t)1000)
#define MILLION  (THOUSAND * THOUSAND)

static void draft_init(struct draft *draft, size_t size)
{
    *draft = (struct draft){.bytes = malloc(size + 1), .size = size};
    assert_non_null(draft->bytes);
}

static void put(struct draft *draft, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put(struct draft *draft, const char *format, ...)
{
    const size_t room = draft->size - draft->length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(draft->bytes + draft->length, room + 1, format, arguments);
    va_end(arguments);
    assert_true(length >= 0 && (size_t)length <= room);
    draft->length += (size_t)length;
}

/* count times text. */
static void repeat(struct draft *draft, const char *text, size_t count)
{
    const size_t length = strlen(text);

    assert_true(count * length <= draft->size - draft->length);
    if (length == 1) {
        memset(draft->bytes + draft->length, *text, count);
        draft->length += count;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(draft->bytes + draft->length, text, length);
        draft->length += length;
    }
}

static void put_head(struct draft *draft)
{
    put(draft, "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"
               "metadata: {name: a, annotations: {}}\nspec:\n  components:\n");
}

static void make_brackets(struct draft *draft)
{
    draft_init(draft, 100 * MB);
    repeat(draft, "[", draft->size);
}

static void make_brackets_within(struct draft *draft)
{
    draft_init(draft, MANIFEST_BYTES_MAX);
    repeat(draft, "[", draft->size);
}

static void make_braces(struct draft *draft)
{
    draft_init(draft, MANIFEST_BYTES_MAX);
    repeat(draft, "{a: ", draft->size / 4);
}

static void make_indents(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    repeat(draft, "- ", draft->size / 2);
}

static void make_bomb(struct draft *draft)
{
    draft_init(draft, MB);
    put(draft, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 30; i++) {
        put(draft, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++) {
            put(draft, "*a%d, ", i - 1);
        }
        put(draft, "]\n");
    }
}

/* The same component over and over, below the budget of values. */
static void make_aliases(struct draft *draft)
{
    draft_init(draft, MB);
    put_head(draft);
    put(draft, "  - &c {name: c, type: component, properties: {image: x}, traits: [");
    repeat(draft, "{type: link, properties: {}}, ", 100);
    put(draft, "]}\n");
    repeat(draft, "  - *c\n", 2000);
}

static void make_anchors(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    for (size_t i = 0; i < MILLION; i++) {
        put(draft, "- &a%zu x\n", (i * 7919) % (MILLION));
    }
}

static void make_line(struct draft *draft)
{
    draft_init(draft, 50 * MB);
    put(draft, "a: [");
    repeat(draft, "b, ", (draft->size - draft->length) / 3);
}

/* Its columns in bytes have to be counted. */
static void make_line_beyond_ascii(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put(draft, "a: [");
    repeat(draft, "\xc3\xa9, ", MILLION);
    put(draft, "b\x01]\n");
}

static void make_word(struct draft *draft)
{
    draft_init(draft, 50 * MB);
    put(draft, "a: ");
    repeat(draft, "b", draft->size - draft->length);
}

static void make_quoted(struct draft *draft)
{
    draft_init(draft, 50 * MB);
    put(draft, "a: \"");
    repeat(draft, "b", draft->size - draft->length);
}

static void make_key(struct draft *draft)
{
    draft_init(draft, 50 * MB);
    put(draft, "? ");
    repeat(draft, "b", draft->size - draft->length - 4);
    put(draft, "\n: a");
}

static void make_comment(struct draft *draft)
{
    draft_init(draft, 50 * MB);
    put(draft, "#");
    repeat(draft, "b", draft->size - draft->length);
}

static void make_empty_lines(struct draft *draft)
{
    draft_init(draft, 50 * MB);
    repeat(draft, "\n", draft->size);
}

static void make_documents(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    repeat(draft, "--- x\n", draft->size / 6);
}

static void make_nul(struct draft *draft)
{
    draft_init(draft, 50 * MB);
    put(draft, "a: b\nc: ");
    memset(draft->bytes + draft->length, '\0', draft->size - draft->length);
    draft->length = draft->size;
}

static void make_bad_utf8(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    for (size_t i = 0; i < 20000; i++) {
        put(draft, "- ");
        repeat(draft, "\xc3\xa9", 500);
        put(draft, "\n");
    }
    put(draft, "- \xff\xff");
}

static void make_duplicate_keys(struct draft *draft)
{
    draft_init(draft, 8 * MB);
    repeat(draft, "key: x\n", MILLION);
}

static void make_keys_twice(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    for (size_t i = 0; i < 500 * THOUSAND; i++) {
        put(draft, "key-%zu: x\n", (i * 7919) % (250 * THOUSAND));
    }
}

static void make_components(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    repeat(draft, "  -\n", MILLION);
}

static void make_traits(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    put(draft, "  - traits:\n");
    repeat(draft, "    - {}\n", 900 * THOUSAND);
}

/* Each of the components calls three that are not there, but nearly. */
static void make_dangling(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    for (size_t i = 0; i < 20 * THOUSAND; i++) {
        put(draft,
            "  - {name: component-%zu, type: component, properties: {image: x}, "
            "traits: [\n",
            i);
        for (size_t j = 0; j < 3; j++) {
            put(draft,
                "    {type: link, properties: {namespace: n, package: p, interfaces: [], "
                "target: compnent-%zux%zu}},\n",
                i, j);
        }
        put(draft, "  ]}\n");
    }
}

static void make_slots(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    put(draft, "  - {name: a, type: component, properties: {image: x}, traits: [\n");
    for (size_t i = 0; i < 50 * THOUSAND; i++) {
        put(draft,
            "{type: link, properties: {namespace: n, package: p, interfaces: [i%zu], "
            "target: {name: a, config: [{name: c%zu}]}}},\n",
            i, i);
    }
    put(draft, "]}\n");
}

/* Policies are looked for by each secret. */
static void make_policies(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    put(draft, "  - {name: a, type: component, properties: {image: x, secrets: [\n");
    for (size_t i = 0; i < 100 * THOUSAND; i++) {
        put(draft, "{name: s, properties: {policy: policy-%zu, key: k}},\n", i + 1000);
    }
    put(draft, "]}}\n  policies:\n");
    for (size_t i = 0; i < POLICIES_MAX; i++) {
        put(draft, "  - {name: policy-%zux, type: t, properties: {}}\n", i);
    }
}

static void make_too_many_policies(struct draft *draft)
{
    draft_init(draft, MB);
    put_head(draft);
    put(draft, "    []\n  policies:\n");
    repeat(draft, "  -\n", POLICIES_MAX + 1);
}

static void make_interfaces(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    put(draft, "  - {name: a, type: component, properties: {image: x}, traits: [\n"
               "    {type: link, properties: {namespace: wasi, package: http, "
               "target: a, interfaces: [\n");
    repeat(draft, "i, ", MILLION);
    put(draft, "]}}]}\n");
}

static void make_configs(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    put(draft, "  - {name: a, type: component, properties: {image: x, config: [\n");
    for (size_t i = 0; i < 250 * THOUSAND; i++) {
        put(draft, "{name: c%zu},\n", i);
    }
    put(draft, "]}}\n");
}

static void make_empty_things(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    put(draft, "  - {name: a, type: component, properties: {image: x, config: [\n");
    repeat(draft, "{}, ", 450 * THOUSAND);
    put(draft, "], secrets: [\n");
    repeat(draft, "{}, ", 450 * THOUSAND);
    put(draft, "]}}\n");
}

static void make_unknown_keys(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    for (size_t i = 0; i < 400 * THOUSAND; i++) {
        put(draft, "apiVersio%zu: x\n", i);
    }
}

static void make_links(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    put(draft, "  - {name: a, type: component, properties: {image: x}, traits: [\n");
    repeat(draft, "{type: link, properties: {}}, ", 60 * THOUSAND);
    put(draft, "]}\n");
}

static void make_spreads(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put_head(draft);
    put(draft, "  - {name: a, type: component, properties: {image: x}, traits: [\n"
               "{type: spreadscaler, properties: {instances: 1, spread: [\n");
    repeat(draft, "{}, ", MILLION);
    put(draft, "]}}]}\n");
}

static void make_labels(struct draft *draft)
{
    draft_init(draft, 20 * MB);
    put(draft, "metadata:\n  labels:\n");
    for (size_t i = 0; i < 500 * THOUSAND; i++) {
        put(draft, "    %zu/: x\n", i);
    }
}

static const struct hostile table[] = {
    {"100 MB of brackets", make_brackets, "limit", {1, 1}},
    {"brackets within the limit", make_brackets_within, "limit", {1, 65}},
    {"braces within the limit", make_braces, "limit", {1, 257}},
    {"a list in a list in a list", make_indents, "limit", {1, 129}},
    {"an alias bomb", make_bomb, "limit", {6, 55}},
    {"one component 2000 times by alias", make_aliases, "missing-key", {6, 93}},
    {"a million anchors", make_anchors, "limit", {10001, 3}},
    {"a line of 50 MB", make_line, "limit", {1, 3599996}},
    {"a line beyond ASCII", make_line_beyond_ascii, "encoding", {1, 4000006}},
    {"a word of 50 MB", make_word, "limit", {1, 1}},
    {"a quoted word of 50 MB", make_quoted, "limit", {1, 1}},
    {"a key of 50 MB", make_key, "limit", {1, 1}},
    {"a comment of 50 MB", make_comment, "limit", {1, 1}},
    {"50 MB of empty lines", make_empty_lines, "limit", {1, 1}},
    {"millions of documents", make_documents, "wrong-type", {1, 5}},
    {"50 MB of NUL bytes", make_nul, "encoding", {2, 4}},
    {"20 MB of UTF-8 with bad bytes at the end", make_bad_utf8, "encoding", {20001, 3}},
    {"a million keys that are one", make_duplicate_keys, "limit", {600000, 6}},
    {"half a million keys, each twice", make_keys_twice, "duplicate-key", {250001, 1}},
    {"a million components", make_components, "limit", {6, 3}},
    {"a million traits", make_traits, "missing-key", {6, 5}},
    {"60000 targets that are not there", make_dangling, "unknown-target", {7, 81}},
    {"50000 links that are one to a host", make_slots, "link-slot", {8, 1}},
    {"100000 secrets without a policy", make_policies, "unknown-policy", {7, 32}},
    {"too many policies", make_too_many_policies, "limit", {8, 3}},
    {"an interface a million times", make_interfaces, "limit", {7, 86}},
    {"250000 configs", make_configs, "limit", {6, 63}},
    {"900000 configs and secrets of nothing", make_empty_things, "limit", {6, 63}},
    {"400000 keys that are nearly one", make_unknown_keys, "unknown-key", {1, 1}},
    {"60000 links of nothing", make_links, "missing-key", {7, 26}},
    {"a million spreads", make_spreads, "limit", {7, 57}},
    {"half a million labels that are none", make_labels, "missing-key", {1, 1}},
};

void support_hostile_cases(struct hostile cases[static SUPPORT_HOSTILE_MAX],
                           size_t *ret_count)
{
    static_assert(sizeof table / sizeof *table <= SUPPORT_HOSTILE_MAX, "too many cases");

    memcpy(cases, table, sizeof table);
    *ret_count = sizeof table / sizeof *table;
}
