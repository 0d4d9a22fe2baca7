#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/text.h"
#include "reconciler/core/place.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define SPOTS           3
#define PARTS           2

/* Two parts on three hosts. */
struct world {
    uint32_t current[SPOTS];
    uint32_t max;
    uint32_t totals[PARTS];
    unsigned int fits[PARTS]; /* a bit a host */
};

struct answer {
    struct place_spot spots[SPOTS];
    struct place_part parts[PARTS];
    bool fits[PARTS][SPOTS];
    uint32_t shares[PARTS][SPOTS];
};

static void place(const struct world *world, struct answer *answer)
{
    struct arena arena = {0};

    for (size_t i = 0; i < SPOTS; i++) {
        answer->spots[i] =
            (struct place_spot){.current = world->current[i], .max = world->max};
    }
    for (size_t i = 0; i < PARTS; i++) {
        for (size_t j = 0; j < SPOTS; j++) {
            answer->fits[i][j] = (world->fits[i] >> j & 1) != 0;
        }
        answer->parts[i] = (struct place_part){
            .total = world->totals[i],
            .fits = answer->fits[i],
            .shares = answer->shares[i],
        };
    }
    place_parts(answer->spots, SPOTS, answer->parts, PARTS, &arena);
    arena_free(&arena);
}

struct place_case {
    const char *name;
    struct world world;
    const char *expected; /* the shares of each part, and what is missing of it */
};

static const struct place_case cases[] = {
    {"each part on its own hosts, evenly",
     {{0}, UINT32_MAX, {4, 1}, {3, 4}},
     " 2 2 0 | 0 0 1"},
    {"a part that fits nowhere is missing, and the other is not",
     {{0}, UINT32_MAX, {2, 3}, {7, 0}},
     " 1 1 0 | 0 0 0 missing 3"},
    {"what runs is kept by the part that fits there",
     {{0, 0, 2}, UINT32_MAX, {2, 2}, {7, 4}},
     " 1 1 0 | 0 0 2"},
    {"what runs where no part fits goes",
     {{3, 0, 0}, UINT32_MAX, {1, 1}, {2, 4}},
     " 0 1 0 | 0 0 1"},
    {"one host each: the part that can, makes room",
     {{0}, 1, {2, 1}, {7, 1}},
     " 0 1 1 | 1 0 0"},
    {"one host each: too few hosts",
     {{0}, 1, {2, 2}, {7, 7}},
     " 1 1 0 | 0 0 1 missing 1"},
    {"nothing is wanted", {{1, 2, 3}, UINT32_MAX, {0, 0}, {7, 7}}, " 0 0 0 | 0 0 0"},
};

static void test_case(void **state)
{
    const struct place_case *this = *state;
    struct arena arena = {0};
    struct answer answer;
    struct text text;

    place(&this->world, &answer);
    text_init(&text, &arena, 256);
    for (size_t i = 0; i < PARTS; i++) {
        text_append(&text, i > 0 ? " |" : "");
        for (size_t j = 0; j < SPOTS; j++) {
            text_append(&text, " %u", (unsigned int)answer.shares[i][j]);
        }
        if (answer.parts[i].missing > 0) {
            text_append(&text, " missing %u", (unsigned int)answer.parts[i].missing);
        }
    }
    assert_string_equal(text.bytes, this->expected);
    arena_free(&arena);
}

/* What can flow at the most, by the least cut: room is what each spot has. */
static uint64_t greatest_flow(const struct world *world, const uint64_t *room)
{
    uint64_t least = UINT64_MAX;

    for (unsigned int cut = 0; cut < 1U << PARTS; cut++) {
        uint64_t sum = 0;
        unsigned int spots = 0;

        for (size_t i = 0; i < PARTS; i++) {
            sum += (cut >> i & 1) != 0 ? 0 : world->totals[i];
            spots |= (cut >> i & 1) != 0 ? world->fits[i] : 0;
        }
        for (size_t j = 0; j < SPOTS; j++) {
            sum += (spots >> j & 1) != 0 ? room[j] : 0;
        }
        least = sum < least ? sum : least;
    }
    return least;
}

static void check(const struct world *world)
{
    uint64_t kept_room[SPOTS];
    uint64_t all_room[SPOTS];
    uint64_t kept = 0;
    uint64_t placed = 0;
    struct answer answer;

    place(world, &answer);
    for (size_t j = 0; j < SPOTS; j++) {
        const struct place_spot *spot = &answer.spots[j];
        uint32_t sum = 0;

        for (size_t i = 0; i < PARTS; i++) {
            assert_true(answer.shares[i][j] == 0 || answer.fits[i][j]);
            sum += answer.shares[i][j];
        }
        assert_int_equal(spot->wanted, sum);
        assert_true(sum <= spot->max);
        kept += sum < spot->current ? sum : spot->current;
        placed += sum;
        kept_room[j] = spot->current < spot->max ? spot->current : spot->max;
        all_room[j] = spot->max;
    }
    for (size_t i = 0; i < PARTS; i++) {
        uint32_t sum = answer.parts[i].missing;

        for (size_t j = 0; j < SPOTS; j++) {
            sum += answer.shares[i][j];
        }
        assert_int_equal(sum, world->totals[i]);
    }
    assert_true(kept >= greatest_flow(world, kept_room));
    assert_int_equal(placed, greatest_flow(world, all_room));
}

static void test_every_small_world(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 27 * 2 * 16 * 64; code++) {
        const struct world world = {
            .current = {code % 3, code / 3 % 3, code / 9 % 3},
            .max = code / 27 % 2 == 0 ? 1 : UINT32_MAX,
            .totals = {code / 54 % 4, code / 216 % 4},
            .fits = {code / 864 % 8, code / 6912 % 8},
        };

        check(&world);
    }
}

/* One part that fits everywhere, and spots that are not all alike. */
struct spots_case {
    const char *name;
    struct place_spot spots[SPOTS];
    uint32_t total;
    uint32_t wanted[SPOTS];
};

static const struct spots_case spots_cases[] = {
    {"the min comes first, though others run",
     {{.current = 2, .max = 9}, {.max = 9, .min = 1}, {.max = 9}},
     2,
     {1, 1, 0}},
    {"of more min than there is, what runs stays",
     {{.max = 9, .min = 1}, {.current = 1, .max = 9, .min = 1}, {.max = 9, .min = 1}},
     2,
     {1, 1, 0}},
    {"a lower tier takes what a higher one has",
     {{.current = 2, .max = 9, .tier = 1}, {.max = 9}, {.max = 1}},
     3,
     {0, 2, 1}},
    {"a higher tier has what finds no other place",
     {{.current = 2, .max = 2, .tier = 5}, {.max = 1}, {.max = 1, .tier = 9}},
     4,
     {2, 1, 1}},
    {"a min in a high tier comes before a low tier",
     {{.max = 9, .min = 1, .tier = 3}, {.current = 1, .max = 9}, {.max = 9}},
     1,
     {1, 0, 0}},
    {"what may come about late stays before what only was asked for",
     {{.current = 1, .max = 9}, {.current = 2, .max = 9, .late = 2}, {.max = 9}},
     1,
     {0, 1, 0}},
    {"what is seen stays before that",
     {{.current = 2, .max = 9, .late = 2},
      {.max = 9},
      {.current = 1, .max = 9, .seen = 1}},
     1,
     {0, 0, 1}},
};

static void test_spots(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(spots_cases); i++) {
        const struct spots_case *this = &spots_cases[i];
        const bool fits[SPOTS] = {true, true, true};
        struct place_spot spots[SPOTS];
        uint32_t shares[SPOTS];
        struct place_part part = {.total = this->total, .fits = fits, .shares = shares};
        struct arena arena = {0};

        memcpy(spots, this->spots, sizeof spots);
        place_parts(spots, SPOTS, &part, 1, &arena);
        for (size_t j = 0; j < SPOTS; j++) {
            if (spots[j].wanted != this->wanted[j]) {
                (void)fprintf(stderr, "%s: spot %zu\n", this->name, j);
            }
            assert_int_equal(spots[j].wanted, this->wanted[j]);
        }
        assert_int_equal(part.missing, 0);
        arena_free(&arena);
    }
}

static void test_divide(void **state)
{
    static const struct {
        uint32_t weights[4];
        size_t count;
        uint32_t total;
        uint32_t shares[4];
    } divisions[] = {
        {{100}, 1, 7, {7}},
        {{80, 20}, 2, 4, {3, 1}},
        {{40, 40, 20}, 3, 5, {2, 2, 1}},
        {{1, 1, 1}, 3, 1, {1, 0, 0}},
        {{1, 2, 3}, 3, 10, {2, 3, 5}},
        {{50, 50, 0}, 3, 3, {2, 1, 0}},
        {{0, 100}, 2, 100, {0, 100}},
        {{42, 3, 37, 384}, 4, 103, {9, 1, 8, 85}},
        {{UINT32_MAX, UINT32_MAX}, 2, UINT32_MAX, {UINT32_MAX / 2 + 1, UINT32_MAX / 2}},
        {{5, 7}, 2, 0, {0, 0}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(divisions); i++) {
        struct arena arena = {0};
        uint32_t shares[4];

        place_divide(divisions[i].weights, divisions[i].count, divisions[i].total, shares,
                     &arena);
        assert_memory_equal(shares, divisions[i].shares,
                            divisions[i].count * sizeof *shares);
        arena_free(&arena);
    }
}

int main(void)
{
    struct CMUnitTest tests[COUNT_OF(cases) + 3];

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        tests[i] = (struct CMUnitTest){
            .name = cases[i].name,
            .test_func = test_case,
            // NOLINTNEXTLINE(performance-no-int-to-ptr): cmocka takes away the const
            .initial_state = (void *)(uintptr_t)&cases[i],
        };
    }
    tests[COUNT_OF(cases)] = (struct CMUnitTest){
        .name = "every small world: as much kept and as little missing as can be",
        .test_func = test_every_small_world,
    };
    tests[COUNT_OF(cases) + 1] = (struct CMUnitTest){
        .name = "weights divide by the largest remainders", .test_func = test_divide};
    tests[COUNT_OF(cases) + 2] = (struct CMUnitTest){
        .name = "a min comes first, tiers one after the other", .test_func = test_spots};
    return cmocka_run_group_tests_name("place_parts", tests, NULL, NULL);
}
