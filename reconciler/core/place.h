/*
 * place.h - how many instances go to which host.
 *
 * Even, and stable: what runs stays where it is; what is missing goes where there is
 * least, what is too much leaves where there is most.  Pure, and of numbers only.
 */
#ifndef RECONCILER_CORE_PLACE_H
#define RECONCILER_CORE_PLACE_H

#include <stddef.h>
#include <stdint.h>

/* One eligible host. */
struct place_spot {
    uint32_t current; /* instances it has, or is about to have */
    uint32_t wanted;  /* the answer */
};

/*
 * Set the wanted of count spots, none above each_max, so that they add up to total.
 *
 * Of equals the first spots get more.  When total equals what there is, nothing moves.
 * Returns how many instances found no place, which is more than 0 exactly when
 * count * each_max < total.
 */
uint32_t place_even(struct place_spot *spots, size_t count, uint32_t total,
                    uint32_t each_max);

#endif
