#include "manifest/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_zeroed_and_aligned(void **state)
{
    struct arena arena = {0};

    (void)state;
    for (size_t size = 1; size < 3000; size += 7) {
        char *bytes = arena_alloc(&arena, size);

        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(bytes[i], 0);
        }
        memset(bytes, 0xff, size);
    }
    arena_free(&arena);
}

static void test_objects_do_not_overlap(void **state)
{
    struct arena arena = {0};
    unsigned char *objects[500];

    (void)state;
    for (size_t i = 0; i < 500; i++) {
        objects[i] = arena_alloc(&arena, 1 + i * 3);
        memset(objects[i], (int)(i & 0xff), 1 + i * 3);
    }
    for (size_t i = 0; i < 500; i++) {
        assert_int_equal(objects[i][0], i & 0xff);
        assert_int_equal(objects[i][i * 3], i & 0xff);
    }
    arena_free(&arena);
}

static void test_large_beside_small(void **state)
{
    struct arena arena = {0};
    char *small = arena_alloc(&arena, 8);
    char *large = arena_alloc(&arena, (size_t)1024 * 1024);

    (void)state;
    memset(small, 1, 8);
    memset(large, 2, (size_t)1024 * 1024);
    small = arena_alloc(&arena, 8);
    assert_int_equal(small[7], 0);
    assert_int_equal(large[1024 * 1024 - 1], 2);
    arena_free(&arena);
    assert_null(arena.blocks);
}

static void test_empty_array(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_non_null(arena_array(&arena, 0, 8));
    arena_free(&arena);
}

static void test_grow(void **state)
{
    struct arena arena = {0};
    uint32_t *items = NULL;
    size_t capacity = 0;

    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        items = arena_grow(&arena, items, i, &capacity, sizeof *items);
        assert_true(capacity > i);
        items[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++) {
        assert_int_equal(items[i], i);
    }
    arena_free(&arena);
}

static void test_texts(void **state)
{
    struct arena arena = {0};
    char long_text[5000];

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_string_equal(arena_text(&arena, "abc", 2), "ab");
    assert_string_equal(arena_text(&arena, NULL, 0), "");
    assert_string_equal(arena_copy(&arena, long_text), long_text);
    assert_string_equal(arena_print(&arena, "%d-%s", 7, "x"), "7-x");
    assert_string_equal(arena_print(&arena, "%s", long_text), long_text);
    arena_free(&arena);
}

static void test_free_twice(void **state)
{
    struct arena arena = {0};

    (void)state;
    arena_free(&arena);
    memset(arena_alloc(&arena, 10), 1, 10);
    arena_free(&arena);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"memory is zeroed and aligned", test_zeroed_and_aligned, NULL, NULL, NULL},
        {"objects do not overlap", test_objects_do_not_overlap, NULL, NULL, NULL},
        {"a large object fits beside small ones", test_large_beside_small, NULL, NULL,
         NULL},
        {"an array may be empty", test_empty_array, NULL, NULL, NULL},
        {"an array keeps its items while it grows", test_grow, NULL, NULL, NULL},
        {"texts are copied whole", test_texts, NULL, NULL, NULL},
        {"an arena can be freed and used again", test_free_twice, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
