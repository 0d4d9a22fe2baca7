/*
 * prng.h - the one source of chance in the simulation: splitmix64.
 *
 * The same seed gives the same numbers on every machine.
 */
#ifndef RECONCILER_SIM_PRNG_H
#define RECONCILER_SIM_PRNG_H

#include <stdint.h>

struct sim_prng {
    uint64_t state; /* any value is a seed */
};

uint64_t sim_prng_next(struct sim_prng *prng);

/* A number from 0 up to, and without, limit; limit must be over 0. */
uint64_t sim_prng_below(struct sim_prng *prng, uint64_t limit);

/* A seed that follows from seed, text and number, and from nothing else. */
uint64_t sim_prng_derive(uint64_t seed, const char *text, uint64_t number);

#endif
