/*
 * candidate.h - the hosts that are there, as one workload sees them.  Internal to core/.
 */
#ifndef RECONCILER_CORE_CANDIDATE_H
#define RECONCILER_CORE_CANDIDATE_H

#include "reconciler/core/place.h"
#include "reconciler/core/state.h"

/* A host where something else runs than is wanted comes after those without it ... */
#define TIER_OUTGOING ((uint32_t)1 << 30)
/* ... and a host that is to be emptied after all others. */
#define TIER_DRAIN ((uint32_t)1 << 31)

struct candidate {
    struct host_item *host;
    const struct placement *placement; /* of the workload; NULL: nothing is there */
    struct place_spot spot;
    size_t load;
    bool was_goal;      /* the workload was to be there, as of the last planning */
    size_t company;     /* the more, the better for whom it is to run beside */
    enum reason reason; /* why it cannot have more; NONE: it can */
    bool is_draining;
    bool is_outgoing; /* what runs there is to be replaced, elsewhere if it can be */
    bool must_stay;   /* what runs there stays while something that needs it does */
};

struct candidates {
    struct candidate *items;
    size_t count;
};

/* All hosts that are there, in no order yet; in arena. */
void candidates_find(struct engine *engine, struct workload_item *workload,
                     struct arena *arena, struct candidates *ret_candidates);

/* Those first that fit best, have most company and least to do; of equals by id. */
void candidates_sort(const struct candidates *candidates);

/* By its labels host gets nothing new; or is to be emptied, too. */
bool candidate_is_cordoned(const struct host_item *host);
bool candidate_is_draining(const struct host_item *host);

/* Does host have all labels that spread requires? */
bool candidate_fits(const struct spread_row *spread, const struct host_item *host);

/* Does it fit one of the spreads of row? */
bool candidate_fits_any(const struct workload_row *row, const struct host_item *host);

#endif
