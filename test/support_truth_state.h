/*
 * support_truth_state.h - the inside of support_truth.h, shared by its files.
 */
#ifndef TEST_SUPPORT_TRUTH_STATE_H
#define TEST_SUPPORT_TRUTH_STATE_H

#include "linkstore/desired.h"
#include "reconciler/sim/lattice.h"

#define LINES_MAX 10000

/* All that is wanted, of all applications. */
struct wish {
    struct arena arena;
    const struct desired *items;
    size_t count;
};

/* What the lattice holds, as printed by the simulator, line by line, in words. */
struct truth {
    struct arena arena;
    struct names lines[LINES_MAX];
    size_t count;
};

/* NULL when nobody wants it. */
const struct workload_row *truth_find_workload(const struct wish *wish, const char *id);

/* Which spreads of row a host fits, a bit each. */
unsigned int truth_fits(const struct workload_row *row, const struct sim_host *host);

/* How often row runs on host. */
unsigned long long truth_count_on(const struct workload_row *row,
                                  const struct truth *truth, const char *host);

/*
 * Report what does not serve because a built-in provider and a component that a link
 * joins are not on one host, although one step would bring them together.
 */
void truth_check_beside(const struct sim_lattice *lattice, const struct wish *wish,
                        const struct truth *truth, struct text *problems);

#endif
