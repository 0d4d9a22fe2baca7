#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/text.h"
#include "reconciler/core/place.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define SPOTS_MAX       8

struct place_case {
    const char *name;
    uint32_t current[SPOTS_MAX];
    size_t count;
    uint32_t total;
    uint32_t each_max; /* 0: no bound */
    const char *expected;
};

static const struct place_case cases[] = {
    {"no hosts: all are missing", {0}, 0, 3, 0, " missing 3"},
    {"one host gets all", {0}, 1, 5, 0, " 5"},
    {"even, the first get the rest", {0}, 3, 7, 0, " 3 2 2"},
    {"fewer instances than hosts", {0}, 4, 2, 0, " 1 1 0 0"},
    {"none wanted", {0}, 2, 0, 0, " 0 0"},
    {"nothing moves when the sum is right", {5, 0, 1}, 3, 6, 0, " 5 0 1"},
    {"what is missing goes where there is least", {5, 0, 1}, 3, 8, 0, " 5 2 1"},
    {"the lowest are raised to one level first", {5, 0, 1}, 3, 9, 0, " 5 2 2"},
    {"all are raised in the end", {5, 0, 1}, 3, 17, 0, " 6 6 5"},
    {"what is too much leaves where there is most", {5, 0, 1}, 3, 4, 0, " 3 0 1"},
    {"the highest are lowered to one level first", {5, 4, 1}, 3, 5, 0, " 2 2 1"},
    {"of equals the last lose first", {2, 2, 2}, 3, 5, 0, " 2 2 1"},
    {"down to nothing", {2, 2, 2}, 3, 0, 0, " 0 0 0"},
    {"one each at the most, and what runs stays", {0, 1, 0}, 3, 2, 1, " 1 1 0"},
    {"one each at the most, too few hosts", {0, 1}, 2, 5, 1, " 1 1 missing 3"},
    {"one each at the most, the last goes", {1, 1, 1}, 3, 2, 1, " 1 1 0"},
    {"more than the bound is taken away", {3, 0}, 2, 2, 1, " 1 1"},
    {"the largest counts do not overflow",
     {UINT32_MAX, 0},
     2,
     UINT32_MAX,
     0,
     " 4294967295 0"},
    {"two hosts full to the brim", {UINT32_MAX, UINT32_MAX}, 2, 1, 0, " 1 0"},
};

static void test_place(void **state)
{
    const struct place_case *this = *state;
    struct place_spot spots[SPOTS_MAX];
    struct arena arena = {0};
    struct text text;
    uint32_t missing;

    for (size_t i = 0; i < this->count; i++) {
        spots[i] = (struct place_spot){
            .current = this->current[i],
            .max = this->each_max > 0 ? this->each_max : UINT32_MAX,
        };
    }
    missing = place_even(spots, this->count, this->total);
    text_init(&text, &arena, 256);
    for (size_t i = 0; i < this->count; i++) {
        text_append(&text, " %u", (unsigned int)spots[i].wanted);
    }
    if (missing > 0) {
        text_append(&text, " missing %u", (unsigned int)missing);
    }
    assert_string_equal(text.bytes, this->expected);
    arena_free(&arena);
}

/* Every world of up to 3 hosts, up to 4 instances on each, and up to 9 wanted. */
static void test_every_small_world(void **state)
{
    (void)state;
    for (uint32_t world = 0; world < 5 * 5 * 5 * 10; world++) {
        const uint32_t total = world % 10;
        const uint32_t current[3] = {world / 10 % 5, world / 50 % 5, world / 250 % 5};
        const uint32_t before = current[0] + current[1] + current[2];
        struct place_spot spots[3];
        uint32_t sum = 0;

        for (size_t i = 0; i < 3; i++) {
            spots[i] = (struct place_spot){.current = current[i], .max = UINT32_MAX};
        }
        assert_int_equal(place_even(spots, 3, total), 0);
        for (size_t i = 0; i < 3; i++) {
            sum += spots[i].wanted;
            /* Only in one direction: nothing moves for balance's sake. */
            assert_true(before <= total ? spots[i].wanted >= current[i]
                                        : spots[i].wanted <= current[i]);
        }
        assert_int_equal(sum, total);
    }
}

/* What is wanted in the end, and what of that is wanted next. */
struct step_case {
    const char *name;
    struct place_spot spots[3];
    bool is_levelling;
    uint32_t wanted[3];
};

static const struct step_case steps[] = {
    {"what moves stays until its replacement is seen",
     {{.current = 2, .max = 2, .seen = 2, .is_held = true},
      {.current = 2, .max = 9, .seen = 0, .wanted = 2}},
     false,
     {2, 2, 0}},
    {"and goes as far as that is seen",
     {{.current = 2, .max = 2, .seen = 2, .is_held = true},
      {.current = 2, .max = 9, .seen = 1, .wanted = 2}},
     false,
     {1, 2, 0}},
    {"what is not held goes at once",
     {{.current = 2, .max = 2, .seen = 2}, {.max = 9, .wanted = 2}},
     false,
     {0, 2, 0}},
    {"what is not seen itself replaces nothing",
     {{.current = 2, .max = 2, .is_held = true},
      {.current = 2, .max = 2, .seen = 2, .is_held = true},
      {.max = 9, .wanted = 2}},
     false,
     {0, 2, 2}},
    {"one spot gets its part, the others keep theirs",
     {{.current = 6, .max = 9, .seen = 6, .wanted = 2},
      {.max = 9, .wanted = 2},
      {.max = 9, .wanted = 2}},
     true,
     {6, 2, 0}},
    {"then as much goes elsewhere",
     {{.current = 6, .max = 9, .seen = 6, .wanted = 2},
      {.current = 2, .max = 9, .seen = 2, .wanted = 2},
      {.max = 9, .wanted = 2}},
     true,
     {4, 2, 0}},
    {"nothing more moves while something is not seen",
     {{.current = 4, .max = 9, .seen = 5, .wanted = 2},
      {.current = 2, .max = 9, .seen = 2, .wanted = 2},
      {.max = 9, .wanted = 2}},
     true,
     {4, 2, 0}},
    {"what is missing comes at once",
     {{.current = 2, .max = 9, .seen = 2, .wanted = 2},
      {.max = 9, .wanted = 2},
      {.max = 9, .wanted = 2}},
     true,
     {2, 2, 2}},
};

static void expect(const struct place_spot *spots, const struct step_case *step)
{
    for (size_t i = 0; i < 3; i++) {
        if (spots[i].wanted != step->wanted[i]) {
            (void)fprintf(stderr, "%s: spot %zu\n", step->name, i);
        }
        assert_int_equal(spots[i].wanted, step->wanted[i]);
    }
}

static void test_steps(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct place_spot spots[3];

        memcpy(spots, steps[i].spots, sizeof spots);
        if (steps[i].is_levelling) {
            place_next(spots, 3);
        } else {
            place_hold(spots, 3);
        }
        expect(spots, &steps[i]);
    }
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(cases) + 2];

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        tests[i] = (struct CMUnitTest){
            .name = cases[i].name,
            .test_func = test_place,
            // NOLINTNEXTLINE(performance-no-int-to-ptr): cmocka takes away the const
            .initial_state = (void *)(uintptr_t)&cases[i],
        };
    }
    tests[COUNT_OF(cases)] = (struct CMUnitTest){
        .name = "every small world: the sum is right and nothing moves needlessly",
        .test_func = test_every_small_world,
    };
    tests[COUNT_OF(cases) + 1] = (struct CMUnitTest){
        .name = "what is wanted next, on the way", .test_func = test_steps};
    return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
