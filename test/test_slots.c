#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/slots.h"

static struct instant at(int64_t ms)
{
    return (struct instant){ms};
}

static void test_name(void **state)
{
    static const char *const strangers[] = {"",
                                            "-",
                                            "0",
                                            "0-",
                                            "-1",
                                            "0-2",
                                            "0-1x",
                                            "0-1-",
                                            "+0-1",
                                            "256-0",
                                            "1-0",
                                            "4096-1",
                                            " 0-1",
                                            "a-b",
                                            "0-99999999999999999999",
                                            "4294967296-1"};
    struct slots slots;
    char name[SLOT_NAME_BYTES];
    struct slot *slot;

    (void)state;
    slots_init(&slots);
    slot = slots_open(&slots, "a", 1, at(10));
    slots_print_name(&slots, slot, name);
    assert_string_equal(name, "0-1");
    assert_ptr_equal(slots_find(&slots, name), slot);
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        assert_null(slots_find(&slots, strangers[i]));
    }
    slots_clear(&slots);
}

static void test_earlier_use(void **state)
{
    struct slots slots;
    struct slot *slot;

    (void)state;
    slots_init(&slots);
    slot = slots_open(&slots, "a", 1, at(10));
    slots_close(&slots, slot);
    assert_null(slots_find(&slots, "0-1"));
    assert_ptr_equal(slots_open(&slots, "a", 2, at(10)), slot);
    assert_null(slots_find(&slots, "0-1"));
    assert_int_equal(slots_find(&slots, "0-2")->tag, 2);
    slots_clear(&slots);
}

static void test_growth(void **state)
{
    struct slots slots;

    (void)state;
    slots_init(&slots);
    for (uint64_t i = 0; i < SLOTS_COUNT_MAX; i++) {
        assert_non_null(slots_open(&slots, "a", i, at(100)));
    }
    assert_null(slots_open(&slots, "a", 0, at(100)));
    assert_int_equal(slots_find(&slots, "255-1")->tag, 255);
    assert_int_equal(slots_find(&slots, "4095-1")->tag, 4095);
    slots_close(&slots, slots_find(&slots, "17-1"));
    assert_non_null(slots_open(&slots, "a", 5000, at(100)));
    assert_int_equal(slots_find(&slots, "17-2")->tag, 5000);
    slots_clear(&slots);
}

static void test_late(void **state)
{
    struct slots slots;
    struct slot *slot;

    (void)state;
    slots_init(&slots);
    assert_int_equal(slots_deadline(&slots).ms, INSTANT_NEVER.ms);
    (void)slots_open(&slots, "a", 1, at(30));
    (void)slots_open(&slots, "b", 2, at(10));
    (void)slots_open(&slots, "c", 3, at(20));
    assert_int_equal(slots_deadline(&slots).ms, 10);
    assert_null(slots_find_late(&slots, at(9)));

    slot = slots_find_late(&slots, at(10));
    assert_int_equal(slot->tag, 2);
    assert_ptr_equal(slots_find_late(&slots, at(10)), slot);
    slots_close(&slots, slot);
    assert_null(slots_find_late(&slots, at(10)));
    assert_int_equal(slots_deadline(&slots).ms, 20);

    slots_close(&slots, slots_find_late(&slots, at(99)));
    slots_close(&slots, slots_find_late(&slots, at(99)));
    assert_null(slots_find_late(&slots, at(99)));
    assert_int_equal(slots_deadline(&slots).ms, INSTANT_NEVER.ms);
    slots_clear(&slots);
}

static void test_give_up(void **state)
{
    struct slots slots;
    size_t late_count = 0;
    struct slot *slot;

    (void)state;
    slots_init(&slots);
    slots_give_up(&slots);
    assert_int_equal(slots_deadline(&slots).ms, INSTANT_NEVER.ms);
    for (uint64_t i = 0; i < 1000; i++) {
        (void)slots_open(&slots, "a", i, at(1000));
    }
    slots_give_up(&slots);
    while ((slot = slots_find_late(&slots, at(1))) != NULL) {
        slots_close(&slots, slot);
        late_count++;
    }
    assert_int_equal(late_count, 1000);
    slots_clear(&slots);
}

static void test_subject(void **state)
{
    char longer[400];
    struct slots slots;
    struct slot *first;

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    slots_init(&slots);
    slots_close(&slots, slots_open(&slots, "a.b", 1, at(10)));
    (void)slots_open(&slots, "a", 2, at(10));
    first = slots_open(&slots, "a.b", 3, at(10));
    (void)slots_open(&slots, "a.b", 4, at(5));
    (void)slots_open(&slots, longer, 5, at(10));

    assert_ptr_equal(slots_find_subject(&slots, "a.b"), first);
    slots_close(&slots, first);
    assert_int_equal(slots_find_subject(&slots, "a.b")->tag, 4);
    assert_null(slots_find_subject(&slots, "a."));
    longer[217] = '\0'; /* as the server's text cuts it */
    assert_int_equal(slots_find_subject(&slots, longer)->tag, 5);
    slots_clear(&slots);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a slot is found by its name and by nothing like it", test_name, 0, 0, 0},
        {"the name of an earlier use finds nothing", test_earlier_use, 0, 0, 0},
        {"the table grows to its bound and no further", test_growth, 0, 0, 0},
        {"late slots are found, and the earliest deadline kept", test_late, 0, 0, 0},
        {"all that was given up is late", test_give_up, 0, 0, 0},
        {"a refused subject finds the oldest request to it", test_subject, 0, 0, 0},
    };

    (void)alarm(60);
    return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
