#include "manifest/tree_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_manifest.h"

#define TEXT_BYTES ((size_t)16 * 1024)

/* The findings of reading text, which is a mapping. */
static void check(const char *name, const char *text, const char *expected)
{
    struct arena arena = {0};
    struct tree_documents documents;
    struct diags diags;
    struct text findings;

    diags_init(&diags, &arena, "t");
    text_init(&findings, &arena, TEXT_BYTES);
    assert_int_equal(tree_read(text, strlen(text), &arena, &diags, &documents),
                     *expected == '\0');
    diags_print(&diags, &findings);
    support_assert_text(name, expected, findings.bytes);
    arena_free(&arena);
}

static void test_one_line(void **state)
{
    (void)state;
    check("one line",
          "{a: 1, b: 1, c: 1, d: 1, b: 2, e: 1, f: 1, g: 1, [x]: 1, [y]: 1, b: 3}",
          "t:1:26: error: key 'b' is given twice: expected it once [duplicate-key]\n"
          "t:1:8: note: it is given first here\n"
          "t:1:66: error: key 'b' is given twice: expected it once [duplicate-key]\n"
          "t:1:8: note: it is given first here\n");
}

static void test_many(void **state)
{
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, TEXT_BYTES);
    for (int i = 0; i < 40; i++) {
        text_append(&text, "k%d: v\n", i % 38);
    }
    text_append(&text, "[x]: v\n[x]: v\n");
    check("many keys", text.bytes,
          "t:39:1: error: key 'k0' is given twice: expected it once [duplicate-key]\n"
          "t:1:1: note: it is given first here\n"
          "t:40:1: error: key 'k1' is given twice: expected it once [duplicate-key]\n"
          "t:2:1: note: it is given first here\n");
    arena_free(&arena);
}

static void test_different(void **state)
{
    (void)state;
    check("few", "{a: 1, A: 1, aa: 1, '': 1}", "");
    check("many", "{a: 1, A: 1, aa: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1}", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"of keys in one line the later ones are reported", test_one_line, NULL, NULL,
         NULL},
        {"of many keys the later ones are reported", test_many, NULL, NULL, NULL},
        {"different keys are fine", test_different, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("tree_keys", tests, NULL, NULL);
}
