#include "reconciler/sim/bucket.h"

#include <assert.h>

static void free_entry(struct sim_entry *entry)
{
    struct arena arena;

    if (entry != NULL) {
        arena = entry->arena;
        arena_free(&arena);
    }
}

const struct sim_entry *sim_bucket_put(struct sim_bucket *bucket, struct arena *arena,
                                       const char *key, const char *bytes, size_t length)
{
    struct arena own = {0};
    struct sim_entry *entry = arena_alloc(&own, sizeof *entry);

    assert(!bucket->is_missing);
    assert(key[0] != '\0' && (bytes != NULL || length == 0));
    entry->key = arena_copy(&own, key);
    if (bytes != NULL) {
        entry->bytes = arena_text(&own, bytes, length);
        entry->length = length;
    }
    entry->sequence = ++bucket->sequence;
    entry->arena = own;
    free_entry(sim_table_put(&bucket->entries, arena, entry->key, entry));
    return entry;
}

const struct sim_entry *sim_bucket_find(const struct sim_bucket *bucket, const char *key)
{
    const struct sim_entry *entry = sim_table_find(&bucket->entries, key);

    assert(entry == NULL || !bucket->is_missing);
    return entry != NULL && entry->bytes != NULL ? entry : NULL;
}

void sim_bucket_lose(struct sim_bucket *bucket)
{
    for (size_t i = 0; i < bucket->entries.count; i++) {
        free_entry(bucket->entries.rows[i].item);
    }
    assert(bucket->entries.count <= bucket->sequence || bucket->is_missing);
    bucket->entries.count = 0;
    bucket->sequence = 0;
    bucket->is_missing = true;
}
