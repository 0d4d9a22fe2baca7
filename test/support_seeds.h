/*
 * support_seeds.h - scripts of the simulation run and judged, and what has hit them.
 */
#ifndef TEST_SUPPORT_SEEDS_H
#define TEST_SUPPORT_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "manifest/digest.h"
#include "manifest/text.h"
#include "reconciler/sim/lattice.h"

#define TALLY_MAX      64
#define TALLY_VERB_MAX 20
#define PROBLEM_BYTES  160
#define SEEDS_APPS_MAX 16

/* How often lines of one verb were obeyed. */
struct tally {
    char verb[TALLY_VERB_MAX];
    uint64_t count;
};

/* Of one script, or the sum of many: plain numbers, so that processes can pass it on. */
struct seeds_total {
    uint64_t scripts;
    uint64_t steps; /* times that the script let time pass, until the faults ended */
    uint64_t commands;
    uint64_t hosts;
    uint64_t applications;
    uint64_t deaths; /* of daemons amid their commands */
    uint64_t races;
    uint64_t digest; /* of all that was printed, in whatever order the scripts ran */
    struct sim_hits hits;
    struct tally tallies[TALLY_MAX];
    size_t tallies_count;
};

struct seeds_outcome {
    char problem[PROBLEM_BYTES]; /* the first one; "" when all is well */
    char digest[DIGEST_HEX_BYTES];
    struct seeds_total total;
};

/* Run script, or, is_brief, no more of it than shows the first problem; what it prints is
 * appended to output. */
void seeds_run(const char *script, bool is_brief, struct text *output,
               struct seeds_outcome *ret_outcome);

void seeds_add(struct seeds_total *sum, const struct seeds_total *more);

/* Append the averages, and how often each fault hit. */
void seeds_print(const struct seeds_total *total, struct text *text);

/* The first kind of fault that never hit; NULL when each did. */
const char *seeds_missing(const struct seeds_total *total);

/* Are two problems of one kind, by the word before their first colon? */
bool seeds_is_alike(const char *a, const char *b);

#endif
