/*
 * simulator_state.h - the inside of a simulator, for simulator*.c.
 */
#ifndef RECONCILER_RUN_SIMULATOR_STATE_H
#define RECONCILER_RUN_SIMULATOR_STATE_H

#include "reconciler/run/follower.h"
#include "reconciler/run/host_nats.h"
#include "reconciler/run/simulator.h"
#include "reconciler/sim/bucket.h"
#include "reconciler/sim/table.h"

/* Where hosts of one friendly name run, one after the other. */
struct site {
    const char *name;
    struct host_nats *host;
    struct arena labels_arena;
    struct properties labels;
    uint32_t starts_count;
    bool is_scanned;  /* it was told the links of its start */
    uint64_t reached; /* the last number of LATTICEDATA it was told */
};

struct simulator {
    struct arena arena;
    struct bus *bus;               /* borrowed */
    const struct options *options; /* borrowed */
    struct sim_table sites;        /* by name: struct site */
    uint32_t starts_count;
    struct sim_table refused; /* by image: in which words, text */

    const char *configs;     /* CONFIGDATA_{lattice} */
    struct sim_bucket links; /* LATTICEDATA_{lattice}, as it is followed */
    bool is_listed;          /* links is complete */
    bool is_made;            /* the buckets were asked for, and may be followed */
    struct follower *follower;
};

/* A new host takes the place of the one of that name, if there was one; labels are
 * copied. */
enum err_code simulator_settle(struct simulator *simulator, struct instant now,
                               const char *name, const struct properties *labels,
                               struct err *err) __attribute__((warn_unused_result));

/* Make both buckets, as a host that starts does, or delete them. */
void simulator_make_buckets(struct simulator *simulator, struct instant now);
void simulator_lose_buckets(struct simulator *simulator, struct instant now);

#endif
