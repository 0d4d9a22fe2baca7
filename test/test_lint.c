/* Warnings that are not wanted: by an option, and by comments. */
#include "manifest/lint_allow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/lint_rule.h"
#include "manifest/manifest.h"
#include "test/support_manifest.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#define HEAD                                                                             \
    "apiVersion: core.oam.dev/v1beta1\n"                                                 \
    "kind: Application\n"                                                                \
    "metadata: {name: a, annotations: {}}\n"
#define COMPONENTS                                                                       \
    "spec:\n"                                                                            \
    "  components:\n"
/* Lines 6 to 9 of a text, with image in its place. */
#define PROVIDER(image)                                                                  \
    "  - name: p\n"                                                                      \
    "    type: capability\n"                                                             \
    "    properties:\n"                                                                  \
    "      image: " image

static const struct support_case comments[] = {
    {"without a comment", HEAD COMPONENTS PROVIDER("web\n"), "9: floating-tag\n"},
    {"on the line", HEAD COMPONENTS PROVIDER("web # trellis: allow floating-tag\n"), ""},
    {"at the end of the text",
     HEAD COMPONENTS PROVIDER("web #trellis:allow floating-tag"), ""},
    {"on the line, with another rule before and a reason behind",
     HEAD COMPONENTS PROVIDER("web # trellis: allow no-scaler , floating-tag: a demo\n"),
     ""},
    {"after another comment",
     HEAD COMPONENTS PROVIDER("web # for now # trellis: allow floating-tag\n"), ""},
    {"of another rule", HEAD COMPONENTS PROVIDER("web # trellis: allow no-scaler\n"),
     "9: floating-tag\n"},
    {"alone on the line above",
     HEAD COMPONENTS PROVIDER("\n"
                              "       # trellis: allow floating-tag\r\n"
                              "       web\n"),
     ""},
    {"behind something on the line above",
     HEAD COMPONENTS PROVIDER("# trellis: allow floating-tag\n"
                              "       web\n"),
     "10: floating-tag\n"},
    {"two lines above",
     HEAD COMPONENTS PROVIDER("\n"
                              "       # trellis: allow floating-tag\n"
                              "\n"
                              "       web\n"),
     "12: floating-tag\n"},
    {"on the line below",
     HEAD COMPONENTS PROVIDER("web\n"
                              "      # trellis: allow floating-tag\n"),
     "9: floating-tag\n"},
    {"without a blank before it",
     HEAD COMPONENTS PROVIDER("web#trellis:allow image-reference\n"),
     "9: image-reference\n"},
    {"in a quoted string",
     HEAD COMPONENTS PROVIDER("'web # trellis: allow image-reference'\n"),
     "9: image-reference\n"},
    {"behind a quoted string",
     HEAD COMPONENTS PROVIDER("'we b' # trellis: allow image-reference\n"), ""},
    {"in a block",
     HEAD COMPONENTS PROVIDER("|-\n"
                              "        # trellis: allow image-reference\n"
                              "        web\n"),
     "9: image-reference\n"},
    {"behind the sign of a block",
     HEAD COMPONENTS PROVIDER("&web !!str >- # trellis: allow image-reference\n"
                              "        web # trellis: allow nothing\n"),
     ""},
    {"under a block",
     HEAD COMPONENTS PROVIDER("|\n"
                              "        web:1\n"
                              "\n"
                              "    # trellis: allow unknown-key\n"
                              "    more: 1\n"),
     "9: image-reference\n"},
    {"of a rule that nobody knows",
     HEAD COMPONENTS PROVIDER("web:1 # trellis: allow floating-tags, no-scaler\n"),
     "9: unknown-rule\n"},
    {"of no rule", HEAD COMPONENTS PROVIDER("web:1 # trellis: allow\n"),
     "9: unknown-rule\n"},
    {"of a rule nobody knows, where that is allowed",
     HEAD "# trellis: allow x\n" COMPONENTS PROVIDER("web:1\n"), "4: unknown-rule\n"},
    {"of an error",
     HEAD COMPONENTS PROVIDER("web:1 # trellis: allow unknown-key\n"
                              "      # trellis: allow unknown-key\n"
                              "      more: 1\n"),
     "11: unknown-key\n"},
    {"behind characters that are not ASCII",
     HEAD "# caf\xc3\xa9\xe2\x80\xa8" COMPONENTS PROVIDER(
         "web # \xe2\x82\xac # trellis: allow floating-tag\n"),
     ""},
    {"after a byte-order mark",
     "\xef\xbb\xbf" HEAD COMPONENTS PROVIDER("web # trellis: allow floating-tag\n"), ""},
    {"in the second document",
     HEAD "spec: {components: []}\n---\n"
          "apiVersion: core.oam.dev/v1beta1\n"
          "kind: Application\n"
          "metadata: {name: b, annotations: {}}\n" COMPONENTS PROVIDER(
              "web # trellis: allow floating-tag\n"),
     ""},
};

/* "line: rule" for each finding. */
static const char *read_findings(const char *text, struct diags *diags)
{
    struct arena *arena = diags->arena;
    struct manifest manifest;
    struct text lines;
    struct err err;

    text_init(&lines, arena, 4096);
    (void)!manifest_read(text, strlen(text), "a.yaml", arena, diags, &manifest, &err);
    for (size_t i = 0; i < diags->count; i++) {
        text_append(&lines, "%u: %s\n", diags->items[i].span.start.line,
                    diags->items[i].rule);
    }
    return lines.bytes;
}

static void test_comment(void **state)
{
    const struct support_case *it = &comments[*(const size_t *)*state];
    struct arena arena = {0};
    struct diags diags;

    diags_init(&diags, &arena, "");
    support_assert_text(it->name, it->expected, read_findings(it->input, &diags));
    arena_free(&arena);
}

static void test_option(void **state)
{
    static const char *const allowed[] = {"floating-tag"};
    struct arena arena = {0};
    struct diags diags;

    (void)state;
    diags_init(&diags, &arena, "");
    diags.allowed = allowed;
    diags.allowed_count = COUNT_OF(allowed);
    assert_string_equal(read_findings(HEAD COMPONENTS PROVIDER("web\n"), &diags), "");
    assert_int_equal(diags.dropped_count, 0);
    assert_string_equal(read_findings(HEAD COMPONENTS PROVIDER("'we b'\n"), &diags),
                        "9: image-reference\n");
    arena_free(&arena);
}

static void test_other_text(void **state)
{
    struct arena arena = {0};
    struct diags diags;

    (void)state;
    diags_init(&diags, &arena, "");
    (void)read_findings(HEAD COMPONENTS PROVIDER("web # trellis: allow floating-tag\n"),
                        &diags);
    assert_string_equal(read_findings(HEAD COMPONENTS PROVIDER("web\n"), &diags),
                        "9: floating-tag\n");
    arena_free(&arena);
}

/* head, and count times piece. */
static const char *repeat(const char *head, const char *piece, size_t count,
                          struct arena *arena)
{
    struct text text;

    text_init(&text, arena, (size_t)8 * 1024 * 1024);
    text_append(&text, "%s", head);
    for (size_t i = 0; i < count; i++) {
        text_append(&text, "%s", piece);
    }
    return text.bytes;
}

static void test_many(void **state)
{
    static const struct {
        const char *piece;
        size_t count;
        const char *expected;
    } cases[] = {
        {" # trellis: allow no-scaler", 100000, "9: floating-tag\n"},
        {" # trellis: allow no-scaler", 100001, "9: floating-tag\n9: unknown-rule\n"},
        {", no-scaler", 99999, "9: floating-tag\n"},
        {", no-scaler", 100000, "9: floating-tag\n9: unknown-rule\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const bool is_list = cases[i].piece[0] == ',';
        struct arena arena = {0};
        struct diags diags;
        const char *text =
            repeat(is_list ? HEAD COMPONENTS PROVIDER("web # trellis: allow no-scaler")
                           : HEAD COMPONENTS PROVIDER("web"),
                   cases[i].piece, cases[i].count, &arena);

        diags_init(&diags, &arena, "");
        support_assert_text(cases[i].piece, cases[i].expected,
                            read_findings(text, &diags));
        arena_free(&arena);
    }
}

static void test_list(void **state)
{
    size_t count;
    const char *const *ids = lint_rule_list(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || strcmp(ids[i - 1], ids[i]) < 0);
        assert_ptr_equal(lint_rule_find(ids[i], strlen(ids[i])), ids[i]);
    }
    assert_null(lint_rule_find("", 0));
    assert_null(lint_rule_find("no-scale", 8));
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(comments) + 4] = {
        {"what an option allows is no finding, and is not counted", test_option, NULL,
         NULL, NULL},
        {"a comment of one text is none of the next", test_other_text, NULL, NULL, NULL},
        {"of very many comments the last are not read, which is said", test_many, NULL,
         NULL, NULL},
        {"the rules that warn are sorted, and found", test_list, NULL, NULL, NULL},
    };
    size_t indexes[COUNT_OF(comments)];
    struct arena arena = {0};
    int failed;

    for (size_t i = 0; i < COUNT_OF(comments); i++) {
        indexes[i] = i;
        tests[4 + i] = (struct CMUnitTest){
            .name = arena_print(&arena, "a comment %s", comments[i].name),
            .test_func = test_comment,
            .initial_state = &indexes[i],
        };
    }
    failed = cmocka_run_group_tests_name("lint", tests, NULL, NULL);
    arena_free(&arena);
    return failed;
}
