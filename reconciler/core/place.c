#include "reconciler/core/place.h"

#include <assert.h>
#include <stdlib.h>

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* What it takes to raise every spot below level up to it, or to its max. */
static uint64_t filled_to(const struct place_spot *spots, size_t count, uint32_t level)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        const uint32_t top = min_u32(level, spots[i].max);

        sum += spots[i].wanted < top ? top - spots[i].wanted : 0;
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

/* The most that any spot gets. */
static uint32_t highest(const struct place_spot *spots, size_t count)
{
    uint32_t most = 0;

    for (size_t i = 0; i < count; i++) {
        most = spots[i].wanted > most ? spots[i].wanted : most;
    }
    return most;
}

/* Add missing instances, lowest spots first; of equals the first ones. */
static void fill(struct place_spot *spots, size_t count, uint64_t missing)
{
    const uint32_t top = highest(spots, count);
    uint32_t low = 0;
    uint32_t high = missing < UINT32_MAX - top ? top + (uint32_t)missing : UINT32_MAX;

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
        struct place_spot *spot = &spots[i];

        if (spot->wanted <= low) {
            spot->wanted = min_u32(low, spot->max);
            if (missing > 0 && low < spot->max) {
                spot->wanted++;
                missing--;
            }
        }
    }
}

/* Take surplus instances away, highest spots first; of equals the last ones. */
static void drain(struct place_spot *spots, size_t count, uint64_t surplus)
{
    uint32_t low = 0;
    uint32_t high = highest(spots, count);

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

uint32_t place_even(struct place_spot *spots, size_t count, uint32_t total)
{
    uint64_t room = 0;
    uint64_t sum = 0;
    uint32_t placed;

    for (size_t i = 0; i < count; i++) {
        spots[i].wanted = min_u32(spots[i].current, spots[i].max);
        sum += spots[i].wanted;
        room += spots[i].max;
    }
    placed = room < total ? (uint32_t)room : total;
    if (sum < placed) {
        fill(spots, count, placed - sum);
    } else if (sum > placed) {
        drain(spots, count, sum - placed);
    }
    return total - placed;
}
