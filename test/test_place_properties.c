/*
 * What holds of every placement, in worlds made by chance, the same ones every time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/text.h"
#include "reconciler/core/place.h"
#include "reconciler/sim/prng.h"
#include "test/support_script.h"

#define SPOTS_MAX 6
#define PARTS_MAX 3
#define WORLDS    20000

struct world {
    struct sim_prng prng;
    struct arena scratch;
    struct place_spot spots[SPOTS_MAX];
    size_t count;
    struct place_part parts[PARTS_MAX];
    bool fits[PARTS_MAX][SPOTS_MAX];
    uint32_t shares[PARTS_MAX][SPOTS_MAX];
    size_t parts_count;
};

static uint32_t below(struct world *world, uint32_t most)
{
    return (uint32_t)(sim_prng_next(&world->prng) % most);
}

/* A component, or (with a max of 1 each) a provider, and what runs of it. */
static void make(struct world *world, uint64_t seed)
{
    static const uint32_t mosts[] = {1, 3, UINT32_MAX};

    *world = (struct world){.prng = {seed}};
    world->count = below(world, SPOTS_MAX) + 1;
    world->parts_count = below(world, PARTS_MAX) + 1;
    for (size_t i = 0; i < world->count; i++) {
        struct place_spot *spot = &world->spots[i];

        spot->current = below(world, 5);
        spot->seen = below(world, 3) == 0 ? below(world, 5) : spot->current;
        spot->max = mosts[below(world, 3)];
        spot->max = below(world, 6) == 0 ? spot->current : spot->max;
        spot->min = spot->max > 0 && below(world, 5) == 0 ? 1 : 0;
        spot->tier = below(world, 4) == 0 ? below(world, 3) : 0;
        spot->is_fixed = spot->tier > 0 || spot->max <= spot->current;
        spot->is_held = true;
        spot->late = below(world, 4) == 0 ? below(world, 5) : 0;
    }
    for (size_t i = 0; i < world->parts_count; i++) {
        world->parts[i] = (struct place_part){
            .total = below(world, 8), .fits = world->fits[i], .shares = world->shares[i]};
        for (size_t j = 0; j < world->count; j++) {
            world->fits[i][j] = below(world, 3) > 0;
        }
    }
}

static void place(struct world *world)
{
    place_parts(world->spots, world->count, world->parts, world->parts_count,
                &world->scratch);
}

static void level(struct world *world)
{
    place_level(world->spots, world->count, world->parts, world->parts_count,
                &world->scratch);
}

static uint64_t total(const struct world *world)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < world->count; i++) {
        sum += world->spots[i].wanted;
    }
    return sum;
}

/* Every instance is somewhere it may be, or missing; no spot has more than it may. */
static void check_sums(const struct world *world)
{
    for (size_t j = 0; j < world->count; j++) {
        uint64_t sum = 0;

        for (size_t i = 0; i < world->parts_count; i++) {
            assert_true(world->fits[i][j] || world->shares[i][j] == 0);
            sum += world->shares[i][j];
        }
        assert_int_equal(sum, world->spots[j].wanted);
        assert_true(sum <= world->spots[j].max);
    }
    for (size_t i = 0; i < world->parts_count; i++) {
        uint64_t sum = world->parts[i].missing;

        for (size_t j = 0; j < world->count; j++) {
            sum += world->shares[i][j];
        }
        assert_int_equal(sum, world->parts[i].total);
    }
}

static void test_sums(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct world world;

        make(&world, seed);
        place(&world);
        check_sums(&world);
        level(&world);
        check_sums(&world);
        arena_free(&world.scratch);
    }
}

static void test_same(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct world worlds[2];

        for (size_t i = 0; i < 2; i++) {
            make(&worlds[i], seed);
            place(&worlds[i]);
            level(&worlds[i]);
            place_next(worlds[i].spots, worlds[i].count);
            place_hold(worlds[i].spots, worlds[i].count);
            arena_free(&worlds[i].scratch);
        }
        assert_memory_equal(worlds[0].spots, worlds[1].spots, sizeof worlds[0].spots);
        assert_memory_equal(worlds[0].shares, worlds[1].shares, sizeof worlds[0].shares);
    }
}

/* What is as it was placed, stays as it is. */
static void test_stays(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct world world;
        uint32_t before[SPOTS_MAX] = {0};

        make(&world, seed);
        place(&world);
        for (size_t i = 0; i < world.count; i++) {
            before[i] = world.spots[i].wanted;
            world.spots[i].current = before[i];
        }
        place(&world);
        for (size_t i = 0; i < world.count; i++) {
            assert_int_equal(world.spots[i].wanted, before[i]);
        }
        arena_free(&world.scratch);
    }
}

/* One part, no min and no tier: instances only come, or only go. */
static void test_moves(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct world world;
        uint64_t before = 0;

        make(&world, seed);
        world.parts_count = 1;
        for (size_t i = 0; i < world.count; i++) {
            struct place_spot *spot = &world.spots[i];

            world.fits[0][i] = true;
            spot->min = 0;
            spot->tier = 0;
            spot->current = spot->current < spot->max ? spot->current : spot->max;
            before += spot->current;
        }
        place(&world);
        for (size_t i = 0; i < world.count; i++) {
            const struct place_spot *spot = &world.spots[i];

            assert_true(before <= world.parts[0].total ? spot->wanted >= spot->current
                                                       : spot->wanted <= spot->current);
        }
        arena_free(&world.scratch);
    }
}

/* No spot has two more than another that could have them, and few moved for that. */
static void test_level(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct world world;
        uint32_t sorted[SPOTS_MAX] = {0};
        uint64_t moved = 0;
        uint64_t least = 0;
        uint32_t sum = 0;

        make(&world, seed);
        world.parts_count = 1;
        for (size_t i = 0; i < world.count; i++) {
            struct place_spot *spot = &world.spots[i];
            size_t at = i;

            world.fits[0][i] = true;
            *spot = (struct place_spot){.current = spot->current, .max = UINT32_MAX};
            sum += spot->current;
            for (; at > 0 && sorted[at - 1] < spot->current; at--) {
                sorted[at] = sorted[at - 1];
            }
            sorted[at] = spot->current;
        }
        world.parts[0].total = sum;
        place(&world);
        level(&world);
        for (size_t i = 0; i < world.count; i++) {
            const struct place_spot *spot = &world.spots[i];
            const uint32_t even =
                sum / (uint32_t)world.count + (i < sum % world.count ? 1 : 0);

            assert_true(spot->wanted == sum / world.count ||
                        spot->wanted == sum / world.count + 1);
            moved += spot->current > spot->wanted ? spot->current - spot->wanted : 0;
            least += sorted[i] > even ? sorted[i] - even : 0;
        }
        assert_int_equal(moved, least);
        arena_free(&world.scratch);
    }
}

/* With parts that overlap: no single instance could make it more even. */
static void test_level_parts(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct world world;

        make(&world, seed);
        place(&world);
        level(&world);
        for (size_t i = 0; i < world.parts_count * world.count * world.count; i++) {
            const size_t part = i / (world.count * world.count);
            const size_t from = i / world.count % world.count;
            const size_t to = i % world.count;
            const struct place_spot *source = &world.spots[from];
            const struct place_spot *target = &world.spots[to];

            assert_true(world.shares[part][from] == 0 || !world.fits[part][to] ||
                        source->is_fixed || target->is_fixed ||
                        source->wanted <= source->min || target->wanted >= target->max ||
                        source->wanted <= target->wanted + 1);
        }
        arena_free(&world.scratch);
    }
}

/* As many serve as are wanted, or as did, whatever goes; and nothing else stays. */
static void test_hold(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct world world;
        uint64_t before = 0;
        uint64_t after = 0;
        uint64_t goal;

        make(&world, seed);
        place(&world);
        goal = total(&world);
        for (size_t i = 0; i < world.count; i++) {
            struct place_spot *spot = &world.spots[i];

            spot->seen = spot->seen < spot->current ? spot->seen : spot->current;
            before += spot->seen < spot->max ? spot->seen : spot->max;
        }
        place_hold(world.spots, world.count);
        for (size_t i = 0; i < world.count; i++) {
            const struct place_spot *spot = &world.spots[i];

            after += spot->seen < spot->wanted ? spot->seen : spot->wanted;
        }
        assert_int_equal(after, before < goal ? before : goal);
        arena_free(&world.scratch);
    }
}

/* Let all that is wanted come about; returns how many spots got more. */
static size_t obey(struct world *world)
{
    size_t raised = 0;

    for (size_t i = 0; i < world->count; i++) {
        struct place_spot *spot = &world->spots[i];

        raised += spot->wanted > spot->current;
        spot->current = spot->wanted;
        spot->seen = spot->wanted;
    }
    return raised;
}

/* Nothing runs where no part fits; all spots are alike. */
static void simplify(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        struct place_spot *spot = &world->spots[i];
        bool fits_any = false;

        for (size_t j = 0; j < world->parts_count; j++) {
            fits_any |= world->fits[j][i];
        }
        *spot = (struct place_spot){
            .current = fits_any ? spot->current : 0,
            .max = fits_any ? UINT32_MAX : 0,
            .min = fits_any ? spot->min : 0,
            .is_held = true,
        };
    }
}

/* One step on the way to being even; false when there is nothing left to do. */
static bool advance(struct world *world, uint64_t goal)
{
    struct place_spot even[SPOTS_MAX];
    bool is_moving = false;

    place(world);
    level(world);
    memcpy(even, world->spots, sizeof even);
    place_next(world->spots, world->count);
    place_hold(world->spots, world->count);
    assert_true(total(world) >= goal);
    assert_true(obey(world) <= 1);
    for (size_t i = 0; i < world->count; i++) {
        is_moving |= world->spots[i].wanted != even[i].wanted;
    }
    return is_moving;
}

/* Step by step: one spot gets more at a time, enough serve all the while, and it ends. */
static void test_next(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS; seed++) {
        struct world world;
        size_t steps = 0;
        uint64_t goal;

        make(&world, seed);
        simplify(&world);
        place(&world);
        goal = total(&world);
        (void)obey(&world);
        while (advance(&world, goal)) {
            assert_true(++steps < (size_t)4 * SPOTS_MAX);
        }
        arena_free(&world.scratch);
    }
}

/* The engine's answer, when it is told of count hosts from first on. */
static const char *answer(const char *const *lines, size_t count, size_t first,
                          uint32_t instances, struct arena *arena)
{
    struct text script;
    struct text output;

    text_init(&script, arena, 4096);
    text_init(&output, arena, 65536);
    for (size_t i = 0; i < count; i++) {
        text_append(&script, "%s", lines[(first + i) % count]);
    }
    text_append(&script, "see\nwant a component app image %u\ndeclare a\n",
                (unsigned int)instances);
    script_run(script.bytes, &output);
    return output.bytes;
}

static void test_order(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < WORLDS / 20; seed++) {
        const char *lines[SPOTS_MAX] = {NULL};
        struct world world;
        const char *expected;
        uint32_t instances;

        make(&world, seed);
        for (size_t i = 0; i < world.count; i++) {
            struct text line;

            text_init(&line, &world.scratch, 256);
            text_append(&line, "host h%zu", i);
            if (world.spots[i].current > 0) {
                text_append(&line, " app=image*%u@a",
                            (unsigned int)world.spots[i].current);
            }
            for (uint32_t j = below(&world, 3); j > 0; j--) {
                text_append(&line, " x%u=other*1", (unsigned int)j);
            }
            text_append(&line, "\n");
            lines[i] = line.bytes;
        }
        instances = below(&world, 12);
        expected = answer(lines, world.count, 0, instances, &world.scratch);
        for (size_t first = 1; first < world.count; first++) {
            assert_string_equal(
                answer(lines, world.count, first, instances, &world.scratch), expected);
        }
        arena_free(&world.scratch);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"totals add up, where parts may be, and no spot is above its max", test_sums,
         NULL, NULL, NULL},
        {"the same input, the same output", test_same, NULL, NULL, NULL},
        {"what is as placed stays", test_stays, NULL, NULL, NULL},
        {"of one part instances only come, or only go", test_moves, NULL, NULL, NULL},
        {"levelling is even, and moves as few as can be", test_level, NULL, NULL, NULL},
        {"levelling parts leaves nothing to gain", test_level_parts, NULL, NULL, NULL},
        {"what goes is replaced first", test_hold, NULL, NULL, NULL},
        {"levelling goes spot by spot, with enough serving, and ends", test_next, NULL,
         NULL, NULL},
        {"hosts told in another order get the same", test_order, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("place_properties", tests, NULL, NULL);
}
