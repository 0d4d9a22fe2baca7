/*
 * keys.h - how many different keys were seen.
 *
 * Adding is cheap, counting sorts what came since.  Keys are kept as 64-bit digests: two
 * of 100,000 share one once in four billion buckets, and then the bucket is listed once
 * more often than need be.
 */
#ifndef RECONCILER_RUN_KEYS_H
#define RECONCILER_RUN_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"

/* All zero is the empty set. */
struct keys {
    uint64_t *digests;
    size_t count;        /* some may be there twice */
    size_t sorted_count; /* so many at the start are sorted, and there once */
    size_t capacity;
    struct arena arena;
};

void keys_add(struct keys *keys, const char *key);
size_t keys_count(struct keys *keys);
void keys_clear(struct keys *keys);

#endif
