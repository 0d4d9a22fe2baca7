#include "manifest/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/arena.h"
#include "manifest/hash.h"

#define SLOTS_FIRST ((size_t)64)

/* What is small is cut from blocks, in multiples of a word, and given out again to the
 * next of its size; under AddressSanitizer it is a block of its own. */
#define WORD_BYTES  ((size_t)8)
#define BLOCK_BYTES ((size_t)32 * 1024)

struct pool_value {
    uint32_t holders;
    uint32_t size;
    char bytes[]; /* aligned for pointers */
};

struct pool_block {
    struct pool_block *next;
    char bytes[BLOCK_BYTES]; /* aligned for pointers */
};

/* A piece that nobody has. */
struct pool_piece {
    struct pool_piece *next;
};

static size_t words_of(size_t bytes)
{
    return bytes > 0 ? (bytes + WORD_BYTES - 1) / WORD_BYTES : 1;
}

static bool is_small(size_t bytes)
{
#ifdef ARENA_IS_CHECKED
    (void)bytes;
    return false;
#else
    return words_of(bytes) < POOL_WORDS_MAX;
#endif
}

/* So many words of the newest block; what was left of the one before is given up. */
static void *cut(struct pool *pool, size_t words)
{
    struct pool_block *block = pool->blocks;

    if (pool->block_left < words * WORD_BYTES) {
        block = malloc(sizeof *block);
        if (block == NULL) {
            abort();
        }
        block->next = pool->blocks;
        pool->blocks = block;
        pool->block_left = BLOCK_BYTES;
    }
    pool->block_left -= words * WORD_BYTES;
    return block->bytes + pool->block_left;
}

static void *small_new(struct pool *pool, size_t words)
{
    struct pool_piece *piece = pool->pieces[words];

    if (piece == NULL) {
        piece = cut(pool, words);
    } else {
        pool->pieces[words] = piece->next;
    }
    return memset(piece, 0, words * WORD_BYTES);
}

static void small_delete(struct pool *pool, void *object, size_t words)
{
    struct pool_piece *piece = object;

    piece->next = pool->pieces[words];
    pool->pieces[words] = piece;
}

static size_t hash_of(const void *bytes, size_t size)
{
    return (size_t)hash_bytes(bytes, size, 0);
}

static void *zeroed(struct pool *pool, size_t count, size_t size)
{
    void *object;
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        abort();
    }
    object = is_small(bytes) ? small_new(pool, words_of(bytes))
                             : calloc(1, bytes > 0 ? bytes : 1);
    if (object == NULL) {
        abort();
    }
    pool->bytes += bytes;
    return object;
}

/* Where the value with these bytes is, or the free slot where it would be. */
static size_t slot_of(const struct pool *pool, const void *bytes, size_t size)
{
    const size_t mask = pool->slots_count - 1;
    size_t slot = hash_of(bytes, size) & mask;

    while (pool->slots[slot] != NULL &&
           (pool->slots[slot]->size != size ||
            memcmp(pool->slots[slot]->bytes, bytes, size) != 0)) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

/* At most three quarters of the slots are in use. */
static void make_room(struct pool *pool)
{
    struct pool_value **old = pool->slots;
    const size_t old_count = pool->slots_count;

    if (pool->count < old_count / 4 * 3) {
        return;
    }
    pool->slots_count = old_count > 0 ? 2 * old_count : SLOTS_FIRST;
    pool->slots = zeroed(pool, pool->slots_count, sizeof(struct pool_value *));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != NULL) {
            pool->slots[slot_of(pool, old[i]->bytes, old[i]->size)] = old[i];
        }
    }
    pool_delete(pool, old, old_count * sizeof(struct pool_value *));
}

const void *pool_keep_bytes(struct pool *pool, const void *bytes, size_t size)
{
    struct pool_value *value;
    size_t slot;

    assert(size < UINT32_MAX);

    make_room(pool);
    slot = slot_of(pool, bytes, size);
    value = pool->slots[slot];
    if (value == NULL) {
        value = zeroed(pool, 1, sizeof *value + size);
        value->size = (uint32_t)size;
        memcpy(value->bytes, bytes, size);
        pool->slots[slot] = value;
        pool->count++;
    }
    value->holders++;
    return value->bytes;
}

const void *pool_keep_again(struct pool *pool, const void *bytes, size_t size)
{
    struct pool_value *value =
        pool->count > 0 ? pool->slots[slot_of(pool, bytes, size)] : NULL;

    if (value == NULL) {
        return NULL;
    }
    value->holders++;
    return value->bytes;
}

/* Close the gap at slot: what was put further on only because of it moves up. */
static void close_gap(struct pool *pool, size_t gap)
{
    const size_t mask = pool->slots_count - 1;

    for (size_t i = (gap + 1) & mask; pool->slots[i] != NULL; i = (i + 1) & mask) {
        const size_t home = hash_of(pool->slots[i]->bytes, pool->slots[i]->size) & mask;

        if (((i - home) & mask) >= ((i - gap) & mask)) {
            pool->slots[gap] = pool->slots[i];
            gap = i;
        }
    }
    pool->slots[gap] = NULL;
}

/* bytes are those of a value, whose head goes before them. */
static struct pool_value *value_of(const void *bytes)
{
    const char *start = (const char *)bytes - offsetof(struct pool_value, bytes);
    struct pool_value *value;

    memcpy(&value, &start, sizeof start); /* the caller's view of it is constant */
    return value;
}

/* Most have other holders, and then nothing is looked up. */
static bool drop(struct pool *pool, struct pool_value *value)
{
    const size_t mask = pool->slots_count - 1;
    size_t slot;

    assert(value->holders > 0);

    value->holders--;
    if (value->holders > 0) {
        return false;
    }
    slot = hash_of(value->bytes, value->size) & mask;
    while (pool->slots[slot] != value) {
        assert(pool->slots[slot] != NULL);
        slot = (slot + 1) & mask;
    }
    close_gap(pool, slot);
    pool->count--;
    pool_delete(pool, value, sizeof *value + value->size);
    return true;
}

bool pool_drop_bytes(struct pool *pool, const void *bytes)
{
    return drop(pool, value_of(bytes));
}

const char *pool_keep(struct pool *pool, const char *text)
{
    return text != NULL ? pool_keep_bytes(pool, text, strlen(text) + 1) : NULL;
}

void pool_drop(struct pool *pool, const char *text)
{
    if (text != NULL) {
        (void)drop(pool, value_of(text));
    }
}

struct names pool_keep_names(struct pool *pool, const struct names *names)
{
    const size_t size = names->count * sizeof *names->items;
    struct names kept = {.count = names->count};
    const char **items;

    if (names->count == 0) {
        return kept;
    }
    items = zeroed(pool, names->count, sizeof *items);
    for (size_t i = 0; i < names->count; i++) {
        items[i] = pool_keep(pool, names->items[i]);
    }
    kept.items = pool_keep_bytes(pool, items, size);
    pool_delete(pool, items, size);
    return kept;
}

void pool_drop_names(struct pool *pool, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        pool_drop(pool, names->items[i]);
    }
    if (names->count > 0) {
        (void)drop(pool, value_of(names->items));
    }
}

void *pool_new(struct pool *pool, size_t size)
{
    assert(size > 0);

    return zeroed(pool, 1, size);
}

void pool_delete(struct pool *pool, void *object, size_t size)
{
    if (object == NULL) {
        return;
    }
    if (is_small(size)) {
        small_delete(pool, object, words_of(size));
    } else {
        free(object);
    }
    pool->bytes -= size;
}

void *pool_new_array(struct pool *pool, size_t count, size_t size)
{
    return zeroed(pool, count, size);
}

void pool_delete_array(struct pool *pool, void *items, size_t count, size_t size)
{
    pool_delete(pool, items, count * size);
}

void *pool_grow(struct pool *pool, void *items, size_t count, uint32_t *capacity,
                size_t size)
{
    const uint32_t before = *capacity;
    void *larger;

    assert(count <= before);

    if (count < before) {
        return items;
    }
    if (__builtin_mul_overflow(before, (uint32_t)2, capacity)) {
        abort();
    }
    *capacity += before == 0;
    larger = zeroed(pool, *capacity, size);
    if (count > 0) {
        memcpy(larger, items, count * size);
    }
    pool_delete_array(pool, items, before, size);
    return larger;
}

void pool_free(struct pool *pool)
{
    assert(pool->count == 0);

    pool_delete(pool, pool->slots, pool->slots_count * sizeof(struct pool_value *));
    while (pool->blocks != NULL) {
        struct pool_block *block = pool->blocks;

        pool->blocks = block->next;
        free(block);
    }
    *pool = (struct pool){0};
}
