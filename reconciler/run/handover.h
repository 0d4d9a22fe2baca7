/*
 * handover.h - the store's applications into wadm's bucket, all of them or none.
 */
#ifndef RECONCILER_RUN_HANDOVER_H
#define RECONCILER_RUN_HANDOVER_H

#include "linkstore/store.h"
#include "reconciler/run/manifest_bucket.h"

/* A key of the bucket. */
struct handover_item {
    const char *key;
    const char *application; /* NULL: it is the list of them */
    size_t versions_count;
    const char *deployed;         /* NULL: none is */
    struct manifest_entry before; /* what is there */
    struct manifest_entry after;
};

struct handover {
    struct handover_item
        *items; /* the list is the last one: from then on wadm sees them */
    size_t count;
    bool has_bucket;
};

/* Is anything to be written of item? */
bool handover_is_due(const struct handover_item *item);

/*
 * See what is to be written.  ERR_CONFLICT: the bucket has applications that store does
 * not have, or keys of others; they are named.
 */
enum err_code handover_plan(struct client *client, struct store *store,
                            struct arena *arena, struct handover *ret_handover,
                            struct err *err) __attribute__((warn_unused_result));

/* Write it.  When that fails what was there before is put back, or err says that it could
 * not be. */
enum err_code handover_write(struct client *client, const struct handover *handover,
                             struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));

#endif
