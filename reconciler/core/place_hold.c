#include "reconciler/core/place.h"

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

void place_hold(struct place_spot *spots, size_t count)
{
    uint64_t unseen = 0; /* wanted where they are not seen yet */

    for (size_t i = 0; i < count; i++) {
        const struct place_spot *spot = &spots[i];

        unseen += spot->wanted > spot->seen ? spot->wanted - spot->seen : 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct place_spot *spot = &spots[i];
        const uint32_t had = min_u32(spot->seen, min_u32(spot->current, spot->max));
        const uint32_t surplus = had > spot->wanted ? had - spot->wanted : 0;
        const uint32_t kept = surplus < unseen ? surplus : (uint32_t)unseen;

        if (spot->is_held) {
            spot->wanted += kept;
            unseen -= kept;
        }
    }
}
