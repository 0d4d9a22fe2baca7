#include "reconciler/sim/table.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

size_t sim_table_seek(const struct sim_table *table, const char *key)
{
    size_t low = 0;
    size_t high = table->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(table->rows[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_at(const struct sim_table *table, size_t i, const char *key)
{
    return i < table->count && strcmp(table->rows[i].key, key) == 0;
}

void *sim_table_find(const struct sim_table *table, const char *key)
{
    const size_t i = sim_table_seek(table, key);

    return is_at(table, i, key) ? table->rows[i].item : NULL;
}

void *sim_table_put(struct sim_table *table, struct arena *arena, const char *key,
                    void *item)
{
    const size_t i = sim_table_seek(table, key);
    const bool is_present = is_at(table, i, key);
    void *before = is_present ? table->rows[i].item : NULL;

    assert(item != NULL);
    if (!is_present) {
        table->rows = arena_grow(arena, table->rows, table->count, &table->capacity,
                                 sizeof *table->rows);
        memmove(&table->rows[i + 1], &table->rows[i],
                (table->count - i) * sizeof *table->rows);
        table->count++;
    }
    table->rows[i] = (struct sim_table_row){.key = key, .item = item};
    assert(i == 0 || strcmp(table->rows[i - 1].key, key) < 0);
    assert(i + 1 == table->count || strcmp(key, table->rows[i + 1].key) < 0);
    return before;
}

void *sim_table_remove(struct sim_table *table, const char *key)
{
    const size_t i = sim_table_seek(table, key);
    void *item;

    if (!is_at(table, i, key)) {
        return NULL;
    }
    item = table->rows[i].item;
    table->count--;
    memmove(&table->rows[i], &table->rows[i + 1],
            (table->count - i) * sizeof *table->rows);
    assert(item != NULL);
    return item;
}
