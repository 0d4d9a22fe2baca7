/*
 * place.h - how many instances go to which host.
 *
 * Even, and stable: what runs stays where it is; what is missing goes where there is
 * least, what is too much leaves where there is most.  Pure, and of numbers only.
 */
#ifndef RECONCILER_CORE_PLACE_H
#define RECONCILER_CORE_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"

/* One host. */
struct place_spot {
    uint32_t current; /* instances it has, or is about to have */
    uint32_t max;     /* what it may have */
    uint32_t wanted;  /* the answer */
};

/*
 * Set the wanted of count spots, none above its max, so that they add up to total.
 *
 * Of equals the first spots get more.  When total equals what there is, nothing moves.
 * Returns how many instances found no place, which is more than 0 exactly when all of
 * the max together are less than total.
 */
uint32_t place_even(struct place_spot *spots, size_t count, uint32_t total);

/*
 * Divide total by weights, of which one at least is more than 0: by the largest
 * remainders, of equal ones the first.
 */
void place_divide(const uint32_t *weights, size_t count, uint32_t total,
                  uint32_t *ret_shares, struct arena *scratch);

/* A part of the instances, which only some hosts may have. */
struct place_part {
    uint32_t total;
    const bool *fits; /* which spots */
    uint32_t *shares; /* the answer: how many of it each spot has */
    uint32_t missing; /* the answer: how many found no place */
};

/*
 * Place all parts, which come with shares of as many numbers as there are spots: every
 * instance that runs is kept if any assignment of instances to parts can keep it; what
 * is missing then goes where its part has least.  Set the wanted of all spots to the sum
 * of their shares, none above its max.  As few as possible are missing.
 */
void place_parts(struct place_spot *spots, size_t count, struct place_part *parts,
                 size_t parts_count, struct arena *scratch);

#endif
