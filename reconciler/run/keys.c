#include "reconciler/run/keys.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 1024

/* FNV-1a. */
static uint64_t digest(const char *key)
{
    uint64_t number = 0xcbf29ce484222325U;

    for (const char *at = key; *at != '\0'; at++) {
        number = (number ^ (unsigned char)*at) * 0x100000001b3U;
    }
    return number;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;

    return (*left > *right) - (*left < *right);
}

/* Sort, and keep one of each. */
static void compact(struct keys *keys)
{
    size_t count = 0;

    if (keys->sorted_count == keys->count) {
        return;
    }
    qsort(keys->digests, keys->count, sizeof *keys->digests, compare);
    for (size_t i = 0; i < keys->count; i++) {
        if (count == 0 || keys->digests[i] != keys->digests[count - 1]) {
            keys->digests[count++] = keys->digests[i];
        }
    }
    keys->count = count;
    keys->sorted_count = count;
}

static void grow(struct keys *keys)
{
    const size_t capacity = keys->capacity > 0 ? keys->capacity * 2 : CAPACITY_FIRST;
    struct arena arena = {0};
    uint64_t *digests = arena_array(&arena, capacity, sizeof *digests);

    if (keys->count > 0) {
        memcpy(digests, keys->digests, keys->count * sizeof *digests);
    }
    arena_free(&keys->arena);
    keys->arena = arena;
    keys->digests = digests;
    keys->capacity = capacity;
}

void keys_add(struct keys *keys, const char *key)
{
    if (keys->count == keys->capacity) {
        compact(keys);
    }
    /* Half of it must be free, or a full set would be sorted for every key. */
    if (keys->count >= keys->capacity / 2 && keys->count == keys->sorted_count) {
        grow(keys);
    }
    keys->digests[keys->count++] = digest(key);
}

size_t keys_count(struct keys *keys)
{
    compact(keys);
    return keys->count;
}

void keys_clear(struct keys *keys)
{
    arena_free(&keys->arena);
    *keys = (struct keys){0};
}
