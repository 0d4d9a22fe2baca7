#include "reconciler/run/parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"

static const struct instant start = {5000};

static enum err_code put(struct parts *parts, const char *id, uint32_t index,
                         uint32_t count, const char *bytes)
{
    const struct part part = {id, index, count, bytes, strlen(bytes)};

    return parts_put(parts, &part, start, NULL);
}

/* The whole message of id; "-" when there is none. */
static const char *find_at(struct parts *parts, const char *id, int64_t ms)
{
    size_t length;
    const char *bytes = parts_find(parts, id, instant_after(start, ms), &length);

    if (bytes == NULL) {
        return "-";
    }
    assert_int_equal(length, strlen(bytes));
    return bytes;
}

static const char *find(struct parts *parts, const char *id)
{
    return find_at(parts, id, 0);
}

static void a_message_is_there_with_its_last_part(void **state)
{
    struct parts *parts = parts_new();

    (void)state;
    assert_string_equal(find(parts, "a"), "-");
    assert_int_equal(put(parts, "a", 0, 3, "one "), ERR_OK);
    assert_string_equal(find(parts, "a"), "-");
    assert_int_equal(put(parts, "a", 1, 3, ""), ERR_OK);
    assert_string_equal(find(parts, "a"), "-");
    assert_int_equal(put(parts, "a", 2, 3, "two"), ERR_OK);
    assert_string_equal(find(parts, "a"), "one two");
    assert_string_equal(find(parts, "a"), "one two");
    assert_string_equal(find(parts, "b"), "-");
    parts_free(parts);
}

static void messages_of_several_clients_do_not_mix(void **state)
{
    struct parts *parts = parts_new();

    (void)state;
    assert_int_equal(put(parts, "a", 0, 2, "a"), ERR_OK);
    assert_int_equal(put(parts, "b", 0, 2, "b"), ERR_OK);
    assert_int_equal(put(parts, "b", 1, 2, "B"), ERR_OK);
    assert_int_equal(put(parts, "a", 1, 2, "A"), ERR_OK);
    assert_string_equal(find(parts, "a"), "aA");
    assert_string_equal(find(parts, "b"), "bB");
    parts_free(parts);
}

static void a_part_out_of_turn_ends_its_message(void **state)
{
    static const struct {
        uint32_t index;
        uint32_t count;
    } cases[] = {{0, 3}, {2, 3}, {1, 4}, {1, 2}, {UINT32_MAX, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct part part = {"a", cases[i].index, cases[i].count, "x", 1};
        struct parts *parts = parts_new();
        struct err err;

        assert_int_equal(put(parts, "a", 0, 3, "one"), ERR_OK);
        assert_int_equal(parts_put(parts, &part, start, &err), ERR_INVALID);
        assert_non_null(strstr(err.message, "of message a does not come next: send it "
                                            "again from the start"));
        assert_int_equal(put(parts, "a", 1, 3, "two"), ERR_INVALID);
        assert_int_equal(put(parts, "a", 0, 1, "again"), ERR_OK);
        assert_string_equal(find(parts, "a"), "again");
        parts_free(parts);
    }
}

static void a_part_that_begins_nothing_costs_nobody_their_message(void **state)
{
    struct parts *parts = parts_new();
    char id[16];

    (void)state;
    for (int i = 0; i < PARTS_MESSAGES_MAX; i++) {
        (void)snprintf(id, sizeof id, "m%d", i);
        assert_int_equal(put(parts, id, 0, 1, id), ERR_OK);
    }
    assert_int_equal(put(parts, "stray", 1, 2, "x"), ERR_INVALID);
    for (int i = 0; i < PARTS_MESSAGES_MAX; i++) {
        (void)snprintf(id, sizeof id, "m%d", i);
        assert_string_equal(find(parts, id), id);
    }
    parts_free(parts);
}

static void ids_that_are_none_are_refused(void **state)
{
    char longest[65];
    const char *const ids[] = {"", longest};
    struct parts *parts = parts_new();

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[64] = '\0';
    for (size_t i = 0; i < 2; i++) {
        const struct part part = {ids[i], 0, 1, "x", 1};
        struct err err;

        assert_int_equal(parts_put(parts, &part, start, &err), ERR_INVALID);
        assert_string_equal(err.message, "part of a message without a proper id");
        assert_string_equal(find(parts, ids[i]), "-");
    }
    longest[63] = '\0';
    assert_int_equal(put(parts, longest, 0, 1, "x"), ERR_OK);
    assert_string_equal(find(parts, longest), "x");
    parts_free(parts);
}

static void the_message_touched_longest_ago_makes_room(void **state)
{
    struct parts *parts = parts_new();

    (void)state;
    for (int64_t i = 0; i < PARTS_MESSAGES_MAX; i++) {
        char id[] = {(char)('a' + i), '\0'};
        const struct part part = {id, 0, 1, id, 1};

        assert_int_equal(parts_put(parts, &part, instant_after(start, i), NULL), ERR_OK);
    }
    assert_string_equal(find_at(parts, "a", 100), "a");
    (void)parts_keep(parts, "new", 3, instant_after(start, 101));
    assert_string_equal(find_at(parts, "a", 101), "a");
    assert_string_equal(find_at(parts, "b", 101), "-");
    assert_string_equal(find_at(parts, "c", 101), "c");
    parts_free(parts);
}

static void a_message_is_kept_for_a_minute_after_it_was_touched(void **state)
{
    struct parts *parts = parts_new();

    (void)state;
    assert_int_equal(put(parts, "a", 0, 1, "A"), ERR_OK);
    assert_string_equal(find_at(parts, "a", PARTS_KEPT_MS - 1), "A");
    assert_string_equal(find_at(parts, "a", 2 * PARTS_KEPT_MS - 2), "A");
    assert_string_equal(find_at(parts, "a", 3 * PARTS_KEPT_MS), "-");
    parts_free(parts);
}

static void a_kept_message_is_found_under_its_id(void **state)
{
    struct parts *parts = parts_new();
    char first[64];
    char second[64];

    (void)state;
    (void)snprintf(first, sizeof first, "%s", parts_keep(parts, "one", 3, start));
    (void)snprintf(second, sizeof second, "%s", parts_keep(parts, "", 0, start));
    assert_string_not_equal(first, second);
    assert_string_equal(find(parts, first), "one");
    assert_string_equal(find(parts, second), "");
    parts_free(parts);
}

static void a_kept_message_cannot_be_added_to(void **state)
{
    struct parts *parts = parts_new();
    char id[64];

    (void)state;
    (void)snprintf(id, sizeof id, "%s", parts_keep(parts, "one", 3, start));
    assert_int_equal(put(parts, id, 0, 0, "two"), ERR_INVALID);
    assert_int_equal(put(parts, id, 0, 1, "two"), ERR_INVALID);
    assert_string_equal(find(parts, id), "one");
    parts_free(parts);
}

static void a_message_over_the_limit_is_refused(void **state)
{
    const size_t half = MESSAGE_BYTES_MAX / 2;
    char *bytes = calloc(1, half + 1);
    struct parts *parts = parts_new();
    struct part part = {"a", 0, 3, bytes, half};
    struct err err;
    size_t length;

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(parts_put(parts, &part, start, &err), ERR_OK);
    part.index = 1;
    part.length = half + 1;
    assert_int_equal(parts_put(parts, &part, start, &err), ERR_LIMIT);
    assert_string_equal(err.message, "the message is larger than 64 MB");
    assert_null(parts_find(parts, "a", start, &length));
    part = (struct part){"b", 0, 2, bytes, half};
    assert_int_equal(parts_put(parts, &part, start, &err), ERR_OK);
    part.index = 1;
    assert_int_equal(parts_put(parts, &part, start, &err), ERR_OK);
    assert_non_null(parts_find(parts, "b", start, &length));
    assert_int_equal(length, MESSAGE_BYTES_MAX);
    parts_free(parts);
    free(bytes);
}

static void pieces_are_counted_up(void **state)
{
    (void)state;
    assert_int_equal(parts_count(0, 4), 0);
    assert_int_equal(parts_count(1, 4), 1);
    assert_int_equal(parts_count(4, 4), 1);
    assert_int_equal(parts_count(5, 4), 2);
    assert_int_equal(parts_count(8, 1), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_there_with_its_last_part),
        cmocka_unit_test(messages_of_several_clients_do_not_mix),
        cmocka_unit_test(a_part_out_of_turn_ends_its_message),
        cmocka_unit_test(a_part_that_begins_nothing_costs_nobody_their_message),
        cmocka_unit_test(ids_that_are_none_are_refused),
        cmocka_unit_test(the_message_touched_longest_ago_makes_room),
        cmocka_unit_test(a_message_is_kept_for_a_minute_after_it_was_touched),
        cmocka_unit_test(a_kept_message_is_found_under_its_id),
        cmocka_unit_test(a_kept_message_cannot_be_added_to),
        cmocka_unit_test(a_message_over_the_limit_is_refused),
        cmocka_unit_test(pieces_are_counted_up),
    };

    return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
