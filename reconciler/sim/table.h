/*
 * table.h - things found by name: an array of pointers sorted by key.
 *
 * Neither keys nor things are the table's: a key lives as long as its thing.
 */
#ifndef RECONCILER_SIM_TABLE_H
#define RECONCILER_SIM_TABLE_H

#include <stddef.h>

#include "manifest/arena.h"

struct sim_table_row {
    const char *key; /* borrowed */
    void *item;      /* borrowed, never NULL */
};

/* All zero is an empty table. */
struct sim_table {
    struct sim_table_row *rows; /* sorted by key as bytes */
    size_t count;
    size_t capacity;
};

/* The index of the first row whose key is not before key; count when all are. */
size_t sim_table_seek(const struct sim_table *table, const char *key);

/* NULL when absent. */
void *sim_table_find(const struct sim_table *table, const char *key);

/*
 * Put item under key, instead of what was there, which is returned (NULL: nothing).
 * arena must be the same in every call: the table grows in it, and never shrinks.
 */
void *sim_table_put(struct sim_table *table, struct arena *arena, const char *key,
                    void *item);

/* Take out what is under key; NULL when absent. */
void *sim_table_remove(struct sim_table *table, const char *key);

#endif
