/*
 * outbox.h - effects that wait to be taken, oldest first.
 *
 * Its memory is given back whenever everything was taken.
 */
#ifndef RECONCILER_SIM_OUTBOX_H
#define RECONCILER_SIM_OUTBOX_H

#include "reconciler/sim/host.h"

/* All zero is an empty outbox. */
struct sim_outbox {
    struct arena arena; /* holds effects and all they point to */
    struct sim_effect *effects;
    size_t first; /* those before were taken */
    size_t count;
    size_t capacity;
};

/* A copy of effect goes in; what was taken before may not be looked at any more. */
void sim_outbox_push(struct sim_outbox *outbox, const struct sim_effect *effect);

/* False when it is empty.  What *ret_effect points to stays until the next push. */
bool sim_outbox_take(struct sim_outbox *outbox, struct sim_effect *ret_effect);

bool sim_outbox_is_empty(const struct sim_outbox *outbox);

/* Forget what waits, and give all memory back. */
void sim_outbox_clear(struct sim_outbox *outbox);

#endif
