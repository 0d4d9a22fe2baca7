/*
 * store_memory.h - what the store remembers of its lattice, beside the ledger.
 */
#ifndef LINKSTORE_STORE_MEMORY_H
#define LINKSTORE_STORE_MEMORY_H

#include "linkstore/memory.h"
#include "linkstore/store.h"

/* All of it, with ages as of now; in arena. */
enum err_code store_read_memory(struct store *store, int64_t now_unix_ms,
                                struct arena *arena, struct memory *ret_memory,
                                struct err *err) __attribute__((warn_unused_result));

/* Keep both buckets as they are in memory, and its hosts; of others nothing changes. */
enum err_code store_write_memory(struct store *store, const struct memory *memory,
                                 int64_t now_unix_ms, struct err *err)
    __attribute__((warn_unused_result));

/* What was forgotten, and is the lattice's that was. */
struct store_forgotten {
    int64_t hosts;
    int64_t ledger_rows;
};

/*
 * Be the store of whichever lattice is seen next: forget which it was, and all that was
 * put into it.  What is wanted stays.
 */
enum err_code store_rebind(struct store *store, struct store_forgotten *ret_forgotten,
                           struct err *err) __attribute__((warn_unused_result));

#endif
