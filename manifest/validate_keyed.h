/*
 * validate_keyed.h - things side by side that have the same key.
 */
#ifndef MANIFEST_VALIDATE_KEYED_H
#define MANIFEST_VALIDATE_KEYED_H

#include "manifest/diag.h"

#define VALIDATE_KEYS_MAX ((size_t)5)

struct validate_keyed {
    const char *keys[VALIDATE_KEYS_MAX]; /* none NULL up to the last one used */
    const void *item;                    /* borrowed */
    size_t index;                        /* its place in the manifest */
};

/* Report, or not, that again has the keys of first, which stands before it. */
typedef void validate_repeat(struct diags *diags, const struct validate_keyed *first,
                             const struct validate_keyed *again);

/* Sort by keys, first to last, and by index among equals. */
void validate_keyed_sort(struct validate_keyed *items, size_t count);

/* How many of the count sorted items at items have the keys of the first. */
size_t validate_keyed_run(const struct validate_keyed *items, size_t count);

/* Sort, and call report for all that have the keys of an item before them. */
void validate_keyed_repeats(struct validate_keyed *items, size_t count,
                            validate_repeat *report, struct diags *diags);

#endif
