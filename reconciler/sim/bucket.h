/*
 * bucket.h - a JetStream key-value bucket with history 1: the newest message of every
 * key, and the sequence number of its stream.
 *
 * A deleted key keeps a marker, which has a sequence number like any other message.
 *
 * Source: reference lattice-protocol-v1 section 5, library-facts section 1.
 */
#ifndef RECONCILER_SIM_BUCKET_H
#define RECONCILER_SIM_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "reconciler/sim/table.h"

struct sim_entry {
    struct arena arena; /* holds the entry itself */
    const char *key;
    const char *bytes; /* NULL: a marker */
    size_t length;
    uint64_t sequence;
};

/* All zero but the name is an empty bucket. */
struct sim_bucket {
    const char *name;
    bool is_missing;
    uint32_t made_count;      /* how often it was made again */
    int64_t made_ms;          /* the instant when it was made last */
    uint64_t sequence;        /* of the newest message; 0: none yet */
    struct sim_table entries; /* by key, markers too: struct sim_entry */
};

/*
 * Put a copy of bytes under key, or, bytes NULL, a marker.  Returns the entry, which
 * stays until the next put to its key.  arena as in sim_table_put; the bucket is there.
 */
const struct sim_entry *sim_bucket_put(struct sim_bucket *bucket, struct arena *arena,
                                       const char *key, const char *bytes, size_t length);

/* NULL when there is no such entry, or no such bucket. */
const struct sim_entry *sim_bucket_find(const struct sim_bucket *bucket, const char *key);

/* The bucket goes, with all in it; made again its stream begins at 1. */
void sim_bucket_lose(struct sim_bucket *bucket);

#endif
