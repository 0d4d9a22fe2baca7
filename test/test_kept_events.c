#include "reconciler/run/kept_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"

static void add(struct kept_events *kept, const char *text)
{
    kept_events_add(kept, text, strlen(text));
}

/* What is kept after a number, with spaces between. */
static const char *after(const struct kept_events *kept, uint64_t since, uint64_t limit,
                         struct arena *arena)
{
    const struct names events = kept_events_after(kept, since, limit, arena);
    const char *all = "";

    for (size_t i = 0; i < events.count; i++) {
        all = arena_print(arena, "%s%s ", all, events.items[i]);
    }
    return all;
}

static void at_first_none_is_kept(void **state)
{
    struct kept_events *kept = kept_events_new();
    struct arena arena = {0};

    (void)state;
    assert_int_equal(kept_events_newest(kept), 0);
    assert_int_equal(kept_events_oldest(kept), 1);
    assert_string_equal(after(kept, 0, UINT64_MAX, &arena), "");
    assert_string_equal(after(kept, INT64_MAX, UINT64_MAX, &arena), "");
    arena_free(&arena);
    kept_events_free(kept);
}

static void what_comes_after_a_number_is_given(void **state)
{
    struct kept_events *kept = kept_events_new();
    struct arena arena = {0};

    (void)state;
    add(kept, "one");
    add(kept, "two");
    kept_events_add(kept, "three and more", strlen("three"));
    assert_string_equal(after(kept, 0, UINT64_MAX, &arena), "one two three ");
    assert_string_equal(after(kept, 1, UINT64_MAX, &arena), "two three ");
    assert_string_equal(after(kept, 1, 1, &arena), "two ");
    assert_string_equal(after(kept, 3, UINT64_MAX, &arena), "");
    assert_string_equal(after(kept, UINT64_MAX, UINT64_MAX, &arena), "");
    arena_free(&arena);
    kept_events_free(kept);
}

static void the_oldest_go_when_there_are_too_many(void **state)
{
    struct kept_events *kept = kept_events_new();
    struct arena arena = {0};

    (void)state;
    for (size_t i = 1; i <= EVENTS_KEPT_MAX + 2; i++) {
        add(kept, arena_print(&arena, "%zu", i));
    }
    assert_int_equal(kept_events_newest(kept), EVENTS_KEPT_MAX + 2);
    assert_int_equal(kept_events_oldest(kept), 3);
    assert_string_equal(after(kept, 0, 2, &arena), "3 4 ");
    assert_string_equal(after(kept, EVENTS_KEPT_MAX + 1, 2, &arena),
                        arena_print(&arena, "%zu ", EVENTS_KEPT_MAX + 2));
    arena_free(&arena);
    kept_events_free(kept);
}

static void the_oldest_go_when_they_are_too_large(void **state)
{
    const size_t length = EVENTS_KEPT_BYTES_MAX / 3;
    struct kept_events *kept = kept_events_new();
    struct arena arena = {0};
    char *text = malloc(length);

    (void)state;
    assert_non_null(text);
    memset(text, 'x', length);
    for (int i = 0; i < 4; i++) {
        kept_events_add(kept, text, length);
    }
    assert_int_equal(kept_events_oldest(kept), 2); /* three thirds are no more than all */
    add(kept, "small");
    assert_int_equal(kept_events_oldest(kept), 3);
    assert_string_equal(after(kept, 4, 9, &arena), "small ");
    free(text);
    arena_free(&arena);
    kept_events_free(kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_first_none_is_kept),
        cmocka_unit_test(what_comes_after_a_number_is_given),
        cmocka_unit_test(the_oldest_go_when_there_are_too_many),
        cmocka_unit_test(the_oldest_go_when_they_are_too_large),
    };

    return cmocka_run_group_tests_name("kept events", tests, NULL, NULL);
}
