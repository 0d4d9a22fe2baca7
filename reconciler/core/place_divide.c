#include <assert.h>

#include "reconciler/core/place.h"

/* The greatest of rests, which is then spent. */
static size_t take_greatest(uint64_t *rests, size_t count)
{
    size_t greatest = 0;

    for (size_t i = 1; i < count; i++) {
        if (rests[i] > rests[greatest]) {
            greatest = i;
        }
    }
    assert(rests[greatest] > 0);

    rests[greatest] = 0;
    return greatest;
}

void place_divide(const uint32_t *weights, size_t count, uint32_t total,
                  uint32_t *ret_shares, struct arena *scratch)
{
    uint64_t *rests = arena_array(scratch, count, sizeof *rests);
    uint64_t sum = 0;
    uint32_t left = total;

    for (size_t i = 0; i < count; i++) {
        sum += weights[i];
    }
    assert(sum > 0);

    for (size_t i = 0; i < count; i++) {
        const uint64_t product = (uint64_t)total * weights[i];

        ret_shares[i] = (uint32_t)(product / sum);
        rests[i] = product % sum;
        left -= ret_shares[i];
    }
    for (; left > 0; left--) {
        ret_shares[take_greatest(rests, count)]++;
    }
}
