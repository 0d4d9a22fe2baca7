/*
 * wish.h - all that an application wants, as the engine keeps it.  Internal to core/.
 *
 * Texts, lists and links are in the pool, where what was sent and what is seen is the
 * same; so are the rows, for there are as many as there is to do.
 */
#ifndef RECONCILER_CORE_WISH_H
#define RECONCILER_CORE_WISH_H

#include "linkstore/desired.h"
#include "manifest/pool.h"
#include "reconciler/core/scaler.h"

struct link_wish {
    const struct link *link;
    struct origin origin;
    const struct shared_row *missing; /* what it waits for: see shared_missing */
    struct scaler scaler;
};

struct workload_wish {
    struct workload_row row; /* without its scaler_id */
    struct scaler scaler;
};

struct wishes {
    enum oam_redeliver redeliver;
    bool is_rebalancing;
    struct config_row *configs; /* sorted by name */
    size_t configs_count;
    struct link_wish *links; /* sorted by link_compare */
    size_t links_count;
    struct workload_wish *workloads; /* sorted by id */
    size_t workloads_count;
    const struct shared_row *shared; /* sorted by component */
    size_t shared_count;
};

/* What few rows have is in arena, and goes with it. */
struct wishes wishes_keep(struct pool *pool, const struct desired *desired,
                          struct arena *arena);
void wishes_forget(struct pool *pool, const struct wishes *wishes);

/* The scaler id of row, which is that of a wish, in arena. */
const char *wish_scaler(const struct workload_row *row, struct arena *arena);

#endif
