#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "reconciler/run/keys.h"

static void add_range(struct keys *keys, unsigned first, unsigned end)
{
    for (unsigned i = first; i < end; i++) {
        char key[32];

        (void)snprintf(key, sizeof key, "COMPONENT_%u", i);
        keys_add(keys, key);
    }
}

static void test_count(void **state)
{
    struct keys keys = {0};

    (void)state;
    assert_int_equal(keys_count(&keys), 0);
    keys_add(&keys, "a");
    keys_add(&keys, "b");
    keys_add(&keys, "a");
    keys_add(&keys, "");
    assert_int_equal(keys_count(&keys), 3);
    keys_add(&keys, "b");
    keys_add(&keys, "c");
    assert_int_equal(keys_count(&keys), 4);
    keys_clear(&keys);
    assert_int_equal(keys_count(&keys), 0);
    keys_add(&keys, "a");
    assert_int_equal(keys_count(&keys), 1);
    keys_clear(&keys);
}

static void test_many(void **state)
{
    struct keys keys = {0};

    (void)state;
    add_range(&keys, 0, 50000);
    add_range(&keys, 25000, 75000);
    assert_int_equal(keys_count(&keys), 75000);
    add_range(&keys, 0, 75001);
    assert_int_equal(keys_count(&keys), 75001);
    keys_clear(&keys);
}

static void test_repeated(void **state)
{
    struct keys keys = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        add_range(&keys, 0, 100);
    }
    assert_int_equal(keys_count(&keys), 100);
    assert_in_range(keys.capacity, 100, 2048); /* what is there twice takes no room */
    keys_clear(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"each key counts once", test_count, 0, 0, 0},
        {"75,001 keys are counted", test_many, 0, 0, 0},
        {"keys that come again and again take no more room", test_repeated, 0, 0, 0},
    };

    (void)alarm(60);
    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}
