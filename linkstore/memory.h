/*
 * memory.h - what is remembered of a lattice from one process to the next: which one it
 * is, and what it cannot be asked for again.
 */
#ifndef LINKSTORE_MEMORY_H
#define LINKSTORE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

/* Of one of its two buckets; all zero: nothing. */
struct memory_bucket {
    const char *made;  /* which it is of all of its name; NULL: not known */
    uint64_t sequence; /* of the last entry that was told */
    uint64_t deaf_to;  /* hosts that have outlived one hear from the next entry on */
};

struct memory_host {
    const char *id;
    const char *name;    /* friendly name */
    int64_t age_ms;      /* since anything was heard of it */
    int64_t interval_ms; /* between its heartbeats; 0: not known */
};

struct memory {
    struct memory_bucket links;
    struct memory_bucket configs;
    const struct memory_host *hosts; /* sorted by id */
    size_t hosts_count;
};

#endif
