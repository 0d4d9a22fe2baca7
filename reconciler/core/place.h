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

    /* These are for place_parts, and what follows it: */
    uint32_t min;  /* what it gets before any spot gets more; not above max */
    uint32_t tier; /* who has a higher one gets only what fits in no lower one */
    bool is_fixed; /* place_level neither takes from it nor gives to it */

    uint32_t seen; /* instances that are seen to serve: the last to be taken away */
    uint32_t late; /* may come about late, as wanted: the last but those that are seen */

    /* And this for place_hold: */
    bool is_held; /* what is to go stays until its replacement is seen */
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
 * Place all parts, which come with shares of as many numbers as there are spots: each
 * spot gets its min first; then, tier by tier, every instance that is seen, then every
 * one that may come about late, and then every one that is about to run, is kept if any
 * assignment of instances to parts can keep it, and what is missing goes where its part
 * may be and all parts together have least.  Set the wanted of all spots to the sum of
 * their shares, none above its max.  As few as possible are missing.
 */
void place_parts(struct place_spot *spots, size_t count, struct place_part *parts,
                 size_t parts_count, struct arena *scratch);

/*
 * Even out what place_parts has placed, as far as the parts allow it and no spot is left
 * with less than its min: with as few instances as possible elsewhere than they run.
 */
void place_level(struct place_spot *spots, size_t count, struct place_part *parts,
                 size_t parts_count, struct arena *scratch);

/*
 * Of what is wanted leave only what comes next: what is missing; else, what is too much
 * goes; else, when all that is there is seen, one spot gets its part of what moves, which
 * then is too much elsewhere.
 */
void place_next(struct place_spot *spots, size_t count);

/*
 * What moves is replaced first: raise the wanted of held spots up to what they have and
 * is seen, by as many as are wanted elsewhere and not seen yet.
 */
void place_hold(struct place_spot *spots, size_t count);

#endif
