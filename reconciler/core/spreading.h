/*
 * spreading.h - where the instances of one workload go, while that is found out, and why
 * some of them go nowhere.  Internal to core/.
 */
#ifndef RECONCILER_CORE_SPREADING_H
#define RECONCILER_CORE_SPREADING_H

#include "reconciler/core/beside.h"

struct spreading {
    struct arena arena; /* of the arrays, which have an item for each host */
    struct engine *engine;
    struct workload_item *workload;
    const struct workload_row *row;
    struct partners partners;
    struct candidates candidates;
    size_t count;             /* of the candidates */
    struct place_spot *spots; /* of each */
    bool *fits;               /* spread by spread: which candidates */
    uint32_t *shares;         /* and how many of it each has */
    bool is_draining;         /* some leave a host that is to be emptied */
    bool is_rolling;          /* what one host runs is replaced, elsewhere if it can be */
    bool is_raised;           /* all are there: what still comes replaces others */
};

/* count instances of a spread found no place. */
void spreading_miss(struct spreading *spreading, size_t spread, uint32_t count);

/*
 * Note in the workload's verdict what is not as it should be, now that all goals are
 * known: what has no host, what had to stay on a host to be emptied, and what is not
 * where its partners are.
 */
void spreading_judge(struct spreading *spreading);

#endif
