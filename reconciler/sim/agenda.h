/*
 * agenda.h - what is to happen when: the earliest first, and of one moment in the
 * order it was put in.
 */
#ifndef RECONCILER_SIM_AGENDA_H
#define RECONCILER_SIM_AGENDA_H

#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "reconciler/core/instant.h"

struct sim_appointment {
    struct instant due;
    uint64_t order; /* among those of one moment */
    void *item;     /* the caller's */
};

/* All zero is an empty agenda. */
struct sim_agenda {
    struct sim_appointment *heap; /* a binary heap, the earliest at its root */
    size_t count;
    size_t capacity;
    uint64_t order_next;
};

/* arena must be the same in every call: the agenda grows in it, and never shrinks. */
void sim_agenda_put(struct sim_agenda *agenda, struct arena *arena, struct instant due,
                    void *item);

/* When the next one is due; INSTANT_NEVER when there is none. */
struct instant sim_agenda_due(const struct sim_agenda *agenda);

/* Take out the next item that is due by now; NULL when there is none. */
void *sim_agenda_take(struct sim_agenda *agenda, struct instant now);

#endif
