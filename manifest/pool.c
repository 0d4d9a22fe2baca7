#include "manifest/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST ((size_t)64)

struct pool_value {
    uint32_t holders;
    uint32_t size;
    char bytes[]; /* aligned for pointers */
};

/* FNV-1a, and its high bits stirred into the low ones, which choose the slot. */
static size_t hash_of(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    }
    return (size_t)(hash ^ (hash >> 32));
}

static void *zeroed(struct pool *pool, size_t count, size_t size)
{
    void *object = calloc(count > 0 ? count : 1, size);

    if (object == NULL) {
        abort();
    }
    pool->bytes += count * size;
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

void pool_drop_bytes(struct pool *pool, const void *bytes, size_t size)
{
    const size_t slot = slot_of(pool, bytes, size);
    struct pool_value *value = pool->slots[slot];

    assert(value != NULL);

    value->holders--;
    if (value->holders == 0) {
        close_gap(pool, slot);
        pool->count--;
        pool_delete(pool, value, sizeof *value + size);
    }
}

const char *pool_keep(struct pool *pool, const char *text)
{
    return text != NULL ? pool_keep_bytes(pool, text, strlen(text) + 1) : NULL;
}

void pool_drop(struct pool *pool, const char *text)
{
    if (text != NULL) {
        pool_drop_bytes(pool, text, strlen(text) + 1);
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
        pool_drop_bytes(pool, names->items, names->count * sizeof *names->items);
    }
}

void *pool_new(struct pool *pool, size_t size)
{
    assert(size > 0);

    return zeroed(pool, 1, size);
}

void pool_delete(struct pool *pool, void *object, size_t size)
{
    free(object);
    pool->bytes -= object != NULL ? size : 0;
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
    *pool = (struct pool){0};
}
