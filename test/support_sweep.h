/*
 * support_sweep.h - many seeds, each in a process of its own, several at a time.
 *
 * A seed that crashes or never ends fails like any other, and the rest go on.
 */
#ifndef TEST_SUPPORT_SWEEP_H
#define TEST_SUPPORT_SWEEP_H

#include <stdint.h>

#include "test/support_seeds.h"

#define SWEEP_PROCESSES_MAX 64

struct sweep {
    uint64_t first;
    uint64_t last;
    uint32_t steps;
    uint32_t processes;   /* 1 to SWEEP_PROCESSES_MAX */
    uint32_t cpu_seconds; /* for one seed; 0: it takes as long as it takes */
    const char *program;  /* that shrinks a seed, to be told to the reader */
    void (*judge)(uint64_t seed, uint32_t steps, struct seeds_outcome *ret_outcome);
    void (*shrink)(uint64_t seed, uint32_t steps); /* and print what is left */
};

/*
 * Judge the seeds.  Those that fail are appended to text, in order: how many of each
 * kind, and for each seed what was violated first and the command that shrinks it;
 * before them what all seeds came to.  The first of each kind is shrunk.  Returns how
 * many failed.
 */
uint64_t sweep_run(const struct sweep *sweep, struct text *text);

#endif
