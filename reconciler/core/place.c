#include "reconciler/core/place.h"

#include <assert.h>
#include <stdbool.h>

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* What it takes to raise every spot below level up to it. */
static uint64_t filled_to(const struct place_spot *spots, size_t count, uint32_t level)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += spots[i].wanted < level ? level - spots[i].wanted : 0;
    }
    return sum;
}

/* What there is above level. */
static uint64_t above(const struct place_spot *spots, size_t count, uint32_t level)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        sum += spots[i].wanted > level ? spots[i].wanted - level : 0;
    }
    return sum;
}

/* Add missing instances, lowest spots first; of equals the first ones. */
static void fill(struct place_spot *spots, size_t count, uint64_t missing,
                 uint32_t each_max)
{
    uint32_t low = 0;
    uint32_t high = each_max;

    while (low < high) { /* the highest level that missing can pay for */
        const uint32_t middle = low + (high - low) / 2 + 1;

        if (filled_to(spots, count, middle) <= missing) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    missing -= filled_to(spots, count, low);
    for (size_t i = 0; i < count; i++) {
        const bool is_level = spots[i].wanted <= low;

        spots[i].wanted = is_level ? low : spots[i].wanted;
        if (is_level && missing > 0 && low < each_max) {
            spots[i].wanted++;
            missing--;
        }
    }
}

/* Take surplus instances away, highest spots first; of equals the last ones. */
static void drain(struct place_spot *spots, size_t count, uint64_t surplus)
{
    uint32_t low = 0;
    uint32_t high = UINT32_MAX;

    while (low < high) { /* the lowest level that surplus can pay for */
        const uint32_t middle = low + (high - low) / 2;

        if (above(spots, count, middle) <= surplus) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    surplus -= above(spots, count, low);
    for (size_t i = count; i > 0; i--) {
        struct place_spot *spot = &spots[i - 1];

        if (spot->wanted >= low) {
            spot->wanted = low;
            if (surplus > 0 && low > 0) {
                spot->wanted--;
                surplus--;
            }
        }
    }
}

uint32_t place_even(struct place_spot *spots, size_t count, uint32_t total,
                    uint32_t each_max)
{
    const uint64_t room = (uint64_t)count * each_max;
    const uint32_t placed = room < total ? (uint32_t)room : total;
    uint64_t sum = 0;

    assert(each_max > 0);

    for (size_t i = 0; i < count; i++) {
        spots[i].wanted = min_u32(spots[i].current, each_max);
        sum += spots[i].wanted;
    }
    if (sum < placed) {
        fill(spots, count, placed - sum, each_max);
    } else if (sum > placed) {
        drain(spots, count, sum - placed);
    }
    return total - placed;
}
