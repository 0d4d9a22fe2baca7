/*
 * support_chaos_state.h - the inside of support_chaos.h, for support_chaos*.c.
 */
#ifndef TEST_SUPPORT_CHAOS_STATE_H
#define TEST_SUPPORT_CHAOS_STATE_H

#include "reconciler/sim/prng.h"
#include "test/support_chaos_manifest.h"

struct chaos {
    struct sim_prng prng;
    struct text *script;
    struct chaos_manifests manifests;
};

/* Something that a seed may do: a line or more, and how often among others. */
struct chaos_action {
    void (*act)(struct chaos *chaos);
    unsigned int weight;
};

struct chaos_actions {
    const struct chaos_action *items;
    size_t count;
};

/* What is done to hosts; and what others do in the lattice. */
extern const struct chaos_actions chaos_host_actions;
extern const struct chaos_actions chaos_other_actions;

#define CHAOS_SAY(...) text_append(chaos->script, __VA_ARGS__)

/* One of bound numbers from 0. */
unsigned int chaos_below(struct chaos *chaos, unsigned int bound);
/* The number of a host, from 1; of an application; of a part of one. */
unsigned int chaos_host(struct chaos *chaos);
unsigned int chaos_application(struct chaos *chaos);
unsigned int chaos_part(struct chaos *chaos);

/* Append the line that starts host number, in the zone of hosts of that number. */
void chaos_start(struct chaos *chaos, unsigned int number);

#endif
