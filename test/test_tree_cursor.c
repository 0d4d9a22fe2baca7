#include "manifest/tree_cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Lines that end in each way libyaml knows, and characters of one to four bytes. */
static const char text[] = "\xc3\xa9 a\n"                     /* line 1, at byte 0 */
                           "\xe2\x82\xac\xf0\x9f\x98\x80 b\r" /* 2, at 5 */
                           "c\r\n"                            /* 3, at 15 */
                           "\xc2\xa0 d\xc2\x85"               /* 4, at 18 */
                           "\xe2\x80\xa0 e\xe2\x80\xa8"       /* 5, at 24 */
                           "f\xe2\x80\xa9"                    /* 6, at 32 */
                           "\xe2\x82";                        /* 7, at 36: cut off */

struct position {
    size_t line; /* from 0, as column */
    size_t column;
    struct place place;
};

static void check(struct tree_cursor *cursor, const struct position *position)
{
    const struct place place =
        tree_cursor_place(cursor, position->line, position->column);

    assert_int_equal(place.line, position->place.line);
    assert_int_equal(place.column, position->place.column);
}

static const struct position positions[] = {
    {0, 0, {1, 1}}, {0, 1, {1, 3}}, {0, 2, {1, 4}}, {0, 3, {1, 5}}, {1, 0, {2, 1}},
    {1, 1, {2, 4}}, {1, 2, {2, 8}}, {1, 3, {2, 9}}, {2, 0, {3, 1}}, {2, 1, {3, 2}},
    {3, 0, {4, 1}}, {3, 1, {4, 3}}, {3, 2, {4, 4}}, {4, 0, {5, 1}}, {4, 1, {5, 4}},
    {4, 2, {5, 5}}, {5, 0, {6, 1}}, {6, 0, {7, 1}}, {6, 1, {7, 3}},
};

#define POSITIONS_COUNT (sizeof positions / sizeof *positions)

static void test_forward(void **state)
{
    struct tree_cursor cursor;

    (void)state;
    tree_cursor_init(&cursor, text, sizeof text - 1);
    for (size_t i = 0; i < POSITIONS_COUNT; i++) {
        check(&cursor, &positions[i]);
        check(&cursor, &positions[i]);
    }
}

static void test_backward(void **state)
{
    struct tree_cursor cursor;

    (void)state;
    tree_cursor_init(&cursor, text, sizeof text - 1);
    for (size_t i = POSITIONS_COUNT; i > 0; i--) {
        check(&cursor, &positions[i - 1]);
        check(&cursor, &positions[POSITIONS_COUNT - i]);
    }
}

static void test_behind_the_end(void **state)
{
    struct tree_cursor cursor;

    (void)state;
    tree_cursor_init(&cursor, text, sizeof text - 1);
    check(&cursor, &(struct position){6, 9, {7, 3}});
    tree_cursor_init(&cursor, "", 0);
    check(&cursor, &(struct position){0, 0, {1, 1}});
}

static void test_ascii(void **state)
{
    struct tree_cursor cursor;

    (void)state;
    tree_cursor_init(&cursor, "a\nbc", 4);
    check(&cursor, &(struct position){1, 1, {2, 2}});
    check(&cursor, &(struct position){0, 1, {1, 2}});
}

static void test_bytes(void **state)
{
    static const struct {
        size_t offset;
        struct place place;
    } cases[] = {
        {0, {1, 1}},  {2, {1, 3}},  {5, {2, 1}},  {8, {2, 4}},  {15, {3, 1}},
        {18, {4, 1}}, {24, {5, 1}}, {36, {7, 1}}, {38, {7, 3}}, {99, {7, 3}},
    };
    struct tree_cursor cursor;

    (void)state;
    tree_cursor_init(&cursor, text, sizeof text - 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct place place = tree_cursor_place_of_byte(&cursor, cases[i].offset);

        assert_int_equal(place.line, cases[i].place.line);
        assert_int_equal(place.column, cases[i].place.column);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"characters are found in bytes, one after the other", test_forward, NULL, NULL,
         NULL},
        {"and in any order", test_backward, NULL, NULL, NULL},
        {"nothing is behind the end", test_behind_the_end, NULL, NULL, NULL},
        {"in ASCII a character is a byte", test_ascii, NULL, NULL, NULL},
        {"bytes have a place, too", test_bytes, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("tree_cursor", tests, NULL, NULL);
}
