#include "reconciler/sim/prng.h"

#include <assert.h>

uint64_t sim_prng_next(struct sim_prng *prng)
{
    uint64_t mixed;

    prng->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = prng->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

uint64_t sim_prng_below(struct sim_prng *prng, uint64_t limit)
{
    assert(limit > 0);

    /* The bias of the remainder is far below what a simulation could show. */
    return sim_prng_next(prng) % limit;
}

uint64_t sim_prng_derive(uint64_t seed, const char *text, uint64_t number)
{
    struct sim_prng prng = {.state = seed};

    for (const char *at = text; *at != '\0'; at++) {
        prng.state ^= (unsigned char)*at;
        (void)sim_prng_next(&prng);
        prng.state = sim_prng_next(&prng);
    }
    prng.state ^= number;
    return sim_prng_next(&prng);
}
