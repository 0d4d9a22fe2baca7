/*
 * known_state.h - which lattice this is, and how its hosts stand.  Internal to core/.
 */
#ifndef RECONCILER_CORE_KNOWN_STATE_H
#define RECONCILER_CORE_KNOWN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkstore/memory.h"
#include "manifest/arena.h"

enum host_state {
    HOST_UNKNOWN, /* only the ledger or a ping names it */
    HOST_UP,
    HOST_SUSPECT, /* nobody listens there; asked once more */
    HOST_GONE,
} __attribute__((packed));

struct known {    /* see known.h */
    bool is_on;   /* there was a memory, if an empty one */
    bool is_same; /* as far as this connection has shown */
    struct arena arena;
    const struct memory_host *hosts; /* remembered, sorted by id */
    size_t hosts_count;
    const char *made; /* which bucket of links is the lattice's; NULL: not known */
    struct arena text_arena;
    const char *text;  /* why it is another; NULL: nothing says so */
    uint32_t revision; /* grows with what is learnt */
};

#endif
