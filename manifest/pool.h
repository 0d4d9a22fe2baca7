/*
 * pool.h - values that are kept once, however many hold them, and counted.
 *
 * Equal texts are one text and equal lists of names one list: what is wanted, what was
 * sent and what is seen is mostly the same three times over.  Whoever keeps a value drops
 * it again; the last one frees it.  Objects that come and go one by one are made here,
 * too, so that all memory of the pool's owner is counted in one place.
 *
 * Nothing depends on addresses or on hashes: values cannot be enumerated.  As with an
 * arena, running out of memory aborts.
 */
#ifndef MANIFEST_POOL_H
#define MANIFEST_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/model.h"

struct pool_value;
struct pool_block;
struct pool_piece;

#define POOL_WORDS_MAX 64 /* of 8 bytes; what has fewer is small */

/* All zero is an empty pool, ready for use. */
struct pool {
    struct pool_value **slots; /* by hash; NULL: free */
    size_t slots_count;        /* a power of two, or 0 */
    size_t count;              /* values kept */
    size_t bytes;              /* of values, slots and objects */
    struct pool_block *blocks; /* of what is small; kept until the end */
    size_t block_left;         /* bytes of the first, which are given out from its end */
    struct pool_piece *pieces[POOL_WORDS_MAX]; /* free ones, by words */
};

/* The one copy of text, kept once more; NULL stays NULL. */
const char *pool_keep(struct pool *pool, const char *text);
/* Keep text, which is kept, once less; NULL is fine. */
void pool_drop(struct pool *pool, const char *text);

/* The same of size bytes, without padding that could differ. */
const void *pool_keep_bytes(struct pool *pool, const void *bytes, size_t size);
/* Only if they are kept already; else NULL. */
const void *pool_keep_again(struct pool *pool, const void *bytes, size_t size);
/* Was it the last? */
bool pool_drop_bytes(struct pool *pool, const void *bytes);

/* The same of a list and of each name in it. */
struct names pool_keep_names(struct pool *pool, const struct names *names);
void pool_drop_names(struct pool *pool, const struct names *names);

/* An object of size bytes, zeroed; and back again, with the same size. */
void *pool_new(struct pool *pool, size_t size)
    __attribute__((malloc, returns_nonnull, alloc_size(2)));
void pool_delete(struct pool *pool, void *object, size_t size);

/* A zeroed array; count may be 0.  And back again, with the same numbers. */
void *pool_new_array(struct pool *pool, size_t count, size_t size)
    __attribute__((malloc, returns_nonnull));
void pool_delete_array(struct pool *pool, void *items, size_t count, size_t size);

/*
 * Room for one more item in an array that grows by doubling: the array, or a larger one
 * in its place when *capacity items are in use.
 */
void *pool_grow(struct pool *pool, void *items, size_t count, uint32_t *capacity,
                size_t size) __attribute__((returns_nonnull));

/* Frees what the pool needs for itself; all values have been dropped. */
void pool_free(struct pool *pool);

#endif
