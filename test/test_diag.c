#include "manifest/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_manifest.h"

static struct span at(uint32_t line, uint32_t column)
{
    return (struct span){{line, column}, {line, column + 1}};
}

static const char *print(const struct diags *diags)
{
    struct text text;

    text_init(&text, diags->arena, (size_t)64 * 1024);
    diags_print(diags, &text);
    return text.bytes;
}

static void test_order(void **state)
{
    struct arena arena = {0};
    struct diags diags;

    (void)state;
    diags_init(&diags, &arena, "b.yaml");
    diags_add(&diags, DIAG_WARNING, "z", &(struct span){{2, 3}, {2, 4}}, "later");
    diags_add(&diags, DIAG_ERROR, "z", &(struct span){{2, 3}, {2, 4}}, "%s", "error");
    diags_add(&diags, DIAG_WARNING, "a", &(struct span){{2, 3}, {2, 4}}, "sooner");
    diags_add(&diags, DIAG_ERROR, "z", &(struct span){{2, 1}, {2, 9}}, "column");
    diags_add(&diags, DIAG_ERROR, "z", &(struct span){{1, 9}, {9, 9}}, "line");
    diags.source = "a.yaml";
    diags_add(&diags, DIAG_WARNING, "z", &(struct span){{7, 7}, {7, 8}}, "source");
    diags_sort(&diags);
    support_assert_text("order",
                        "a.yaml:7:7: warning: source [z]\n"
                        "b.yaml:1:9: error: line [z]\n"
                        "b.yaml:2:1: error: column [z]\n"
                        "b.yaml:2:3: error: error [z]\n"
                        "b.yaml:2:3: warning: sooner [a]\n"
                        "b.yaml:2:3: warning: later [z]\n",
                        print(&diags));
    assert_int_equal(diags.errors_count, 3);
    arena_free(&arena);
}

static void test_repeated(void **state)
{
    struct arena arena = {0};
    struct span span = at(1, 1);
    struct diags diags;

    (void)state;
    diags_init(&diags, &arena, "t");
    diags_add(&diags, DIAG_ERROR, "r", &span, "same");
    diags_add(&diags, DIAG_ERROR, "r", &span, "other");
    diags_add(&diags, DIAG_ERROR, "r", &span, "same");
    diags_sort(&diags);
    support_assert_text("repeated",
                        "t:1:1: error: other [r]\n"
                        "t:1:1: error: same [r]\n",
                        print(&diags));
    assert_int_equal(diags.errors_count, 2);
    arena_free(&arena);
}

static void test_cap(void **state)
{
    struct arena arena = {0};
    struct diags diags;

    (void)state;
    diags_init(&diags, &arena, "t");
    for (uint32_t i = 0; i < DIAGS_MAX + 2; i++) {
        struct span span = at(i, 1);

        diags_add(&diags, DIAG_WARNING, "w", &span, "warning %u", i);
    }
    assert_true(diags_drop(&diags, DIAG_WARNING));
    assert_false(diags_drop(&diags, DIAG_ERROR));
    for (uint32_t i = 0; i < DIAGS_MAX + 3; i++) {
        struct span span = at(i, 1);

        diags_add(&diags, DIAG_ERROR, "e", &span, "error %u", i);
    }
    assert_int_equal(diags.count, 2 * DIAGS_MAX);
    assert_int_equal(diags.errors_count, DIAGS_MAX + 3);
    assert_int_equal(diags.dropped_count, 6);
    assert_true(diags_drop(&diags, DIAG_ERROR));
    assert_int_equal(diags.errors_count, DIAGS_MAX + 4);
    assert_non_null(strstr(print(&diags), "\n7 more findings are not shown\n"));
    arena_free(&arena);
}

static void test_room_after_sorting(void **state)
{
    struct arena arena = {0};
    struct span span = at(1, 1);
    struct diags diags;

    (void)state;
    diags_init(&diags, &arena, "t");
    for (uint32_t i = 0; i < DIAGS_MAX + 3; i++) {
        diags_add(&diags, DIAG_ERROR, "e", &span, "same");
    }
    diags_sort(&diags);
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.errors_count, 4);
    assert_false(diags_drop(&diags, DIAG_ERROR));
    assert_false(diags_drop(&diags, DIAG_WARNING));
    arena_free(&arena);
}

static void test_quoted(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_string_equal(diag_quoted("a\033b", &arena), "'a\\x1bb'");
    arena_free(&arena);
}

static void test_near(void **state)
{
    static const char *const words[] = {"name",       "namespace", "package",
                                        "interfaces", "target",    "source"};
    static const struct {
        const char *word;
        const char *nearest;
    } cases[] = {
        {"nmae", "name"},
        {"Name", "name"},
        {"names", "name"},
        {"interface", "interfaces"},
        {"traget", "target"},
        {"sauce", NULL},
        {"sorce", "source"},
        {"xyz", NULL},
        {"", NULL},
        {"na", NULL},
        {"pakcgae", "package"},
        {"zzzzzzzz", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest =
            diag_near(cases[i].word, words, sizeof words / sizeof *words);

        if (cases[i].nearest == NULL) {
            assert_null(nearest);
        } else {
            assert_non_null(nearest);
            assert_string_equal(nearest, cases[i].nearest);
        }
    }
}

static void test_near_prefers_the_first(void **state)
{
    static const char *const words[] = {"cart-1", "cart-2", "cart-3"};

    (void)state;
    assert_string_equal(diag_near("cart-4", words, 3), "cart-1");
    assert_string_equal(diag_near("cart-3", words, 3), "cart-3");
}

static void test_near_long_words(void **state)
{
    char word[101] = {0};
    char other[101] = {0};
    const char *const words[] = {other};

    (void)state;
    memset(word, 'a', sizeof word - 1);
    memset(other, 'a', sizeof other - 1);
    assert_null(diag_near(word, words, 1));
    other[60] = '\0';
    assert_null(diag_near(word, words, 1));
    word[62] = '\0';
    assert_string_equal(diag_near(word, words, 1), other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"findings are in source order", test_order, NULL, NULL, NULL},
        {"what stands there twice is said once", test_repeated, NULL, NULL, NULL},
        {"findings are capped and counted", test_cap, NULL, NULL, NULL},
        {"what sorting drops makes room", test_room_after_sorting, NULL, NULL, NULL},
        {"user text is quoted and escaped", test_quoted, NULL, NULL, NULL},
        {"a misspelt word finds its neighbour", test_near, NULL, NULL, NULL},
        {"of equally near words the first is taken", test_near_prefers_the_first, NULL,
         NULL, NULL},
        {"long words are not compared", test_near_long_words, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
