/*
 * support_blast.h - requests by chance, none of which may change anything.
 *
 * Random bytes, random subjects, and valid requests with something wrong in them.  What
 * would change something if it were carried out is about an application that nobody has,
 * or has a body that cannot be valid.
 */
#ifndef TEST_SUPPORT_BLAST_H
#define TEST_SUPPORT_BLAST_H

#include <stdbool.h>
#include <stddef.h>

#include "reconciler/sim/prng.h"

#define BLAST_SUBJECT_BYTES ((size_t)512)
#define BLAST_BYTES_MAX     ((size_t)65536)

/* What must become of it. */
enum blast_fate {
    BLAST_ANSWERED, /* some JSON */
    BLAST_REFUSED,  /* JSON that says that nothing was done */
    BLAST_RAW,      /* any bytes, or none */
};

struct blast {
    enum blast_fate fate;
    char subject[BLAST_SUBJECT_BYTES];
    const char *content_type; /* NULL none */
    char bytes[BLAST_BYTES_MAX];
    size_t length;
};

/* The next request for the lattice "default", where all there is is "hello-world" in
 * version v0.0.1. */
void blast_make(struct sim_prng *prng, struct blast *ret_blast);

/* NULL, or what is wrong with a reply that a request of this fate got. */
const char *blast_judge(enum blast_fate fate, const char *bytes, size_t length);

#endif
