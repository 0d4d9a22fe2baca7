/*
 * manifest_bucket.h - wadm's bucket of manifests at the server, read and written by key.
 */
#ifndef RECONCILER_RUN_MANIFEST_BUCKET_H
#define RECONCILER_RUN_MANIFEST_BUCKET_H

#include "reconciler/run/client.h"

/* ERR_NOTFOUND: there is no such bucket. */
enum err_code manifest_bucket_find(struct client *client, struct arena *arena,
                                   struct err *err) __attribute__((warn_unused_result));

/* Make it as wadm does. */
enum err_code manifest_bucket_make(struct client *client, struct arena *arena,
                                   struct err *err) __attribute__((warn_unused_result));

struct manifest_entry {
    const char *bytes; /* NULL: there is none, or it was deleted */
    size_t length;
    uint64_t sequence; /* of the last word on the key; 0: there never was one */
};

/* What is under key. */
enum err_code manifest_bucket_read(struct client *client, const char *key,
                                   struct arena *arena, struct manifest_entry *ret_entry,
                                   struct err *err) __attribute__((warn_unused_result));

/*
 * Put entry.bytes under key, or remove it when they are NULL, if the last word on it is
 * the one with entry.sequence still: ERR_CONFLICT when it is not.
 */
enum err_code manifest_bucket_write(struct client *client, const char *key,
                                    const struct manifest_entry *entry,
                                    struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));

#endif
