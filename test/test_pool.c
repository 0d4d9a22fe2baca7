#include "manifest/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_equal_texts_are_one(void **state)
{
    struct pool pool = {0};
    char same[] = "web";
    const char *first = pool_keep(&pool, "web");
    const char *second = pool_keep(&pool, same);

    (void)state;
    assert_ptr_equal(first, second);
    assert_ptr_not_equal(first, same);
    assert_string_equal(first, "web");
    assert_int_equal(pool.count, 1);
    pool_drop(&pool, first);
    assert_string_equal(second, "web");
    pool_drop(&pool, second);
    pool_free(&pool);
    assert_int_equal(pool.bytes, 0);
}

static void test_no_text_is_none(void **state)
{
    struct pool pool = {0};

    (void)state;
    assert_null(pool_keep(&pool, NULL));
    pool_drop(&pool, NULL);
    assert_int_equal(pool.count, 0);
    pool_free(&pool);
}

/* A list is not the list of its first names alone. */
static void test_what_differs_is_kept_apart(void **state)
{
    static const char *const two[] = {"a", ""};
    struct pool pool = {0};
    const struct names both = {two, 2};
    const struct names one = {two, 1};
    const struct names none = {two, 0};
    const struct names kept_both = pool_keep_names(&pool, &both);
    const struct names kept_one = pool_keep_names(&pool, &one);
    const struct names kept_again = pool_keep_names(&pool, &both);
    const struct names kept_none = pool_keep_names(&pool, &none);

    (void)state;
    assert_ptr_equal(kept_both.items, kept_again.items);
    assert_ptr_not_equal(kept_both.items, kept_one.items);
    assert_ptr_equal(kept_both.items[0], kept_one.items[0]);
    assert_string_equal(kept_both.items[1], "");
    assert_int_equal(kept_one.count, 1);
    assert_int_equal(kept_none.count, 0);
    assert_null(kept_none.items);
    pool_drop_names(&pool, &kept_both);
    pool_drop_names(&pool, &kept_again);
    pool_drop_names(&pool, &kept_one);
    pool_drop_names(&pool, &kept_none);
    assert_int_equal(pool.count, 0);
    pool_free(&pool);
    assert_int_equal(pool.bytes, 0);
}

/* Values come and go in another order than they came in, and none is lost. */
static void test_many_come_and_go(void **state)
{
    enum { COUNT = 3000 };
    static const char *kept[COUNT];
    struct pool pool = {0};
    char text[32];

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(text, sizeof text, "value %d", i);
        kept[i] = pool_keep(&pool, text);
    }
    for (int i = 0; i < COUNT; i += 3) {
        pool_drop(&pool, kept[i]);
    }
    assert_int_equal(pool.count, COUNT - COUNT / 3);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(text, sizeof text, "value %d", i);
        if (i % 3 == 0) {
            kept[i] = pool_keep(&pool, text);
        } else {
            assert_ptr_equal(pool_keep(&pool, text), kept[i]);
            pool_drop(&pool, kept[i]);
        }
        assert_string_equal(kept[i], text);
    }
    for (int i = COUNT - 1; i >= 0; i--) {
        pool_drop(&pool, kept[i]);
    }
    pool_free(&pool);
    assert_int_equal(pool.bytes, 0);
}

static void test_arrays_grow_by_doubling(void **state)
{
    struct pool pool = {0};
    uint32_t capacity = 0;
    int *numbers = NULL;

    (void)state;
    for (int i = 0; i < 100; i++) {
        numbers = pool_grow(&pool, numbers, (size_t)i, &capacity, sizeof *numbers);
        assert_int_equal(numbers[i], 0);
        numbers[i] = i;
    }
    assert_int_equal(capacity, 128);
    assert_int_equal(numbers[99], 99);
    assert_int_equal(pool.bytes, 128 * sizeof *numbers);
    pool_delete_array(&pool, numbers, capacity, sizeof *numbers);
    assert_int_equal(pool.bytes, 0);
    pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_texts_are_one),
        cmocka_unit_test(test_no_text_is_none),
        cmocka_unit_test(test_what_differs_is_kept_apart),
        cmocka_unit_test(test_many_come_and_go),
        cmocka_unit_test(test_arrays_grow_by_doubling),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
