/*
 * known_state.h - which lattice this is, and how its hosts stand.  Internal to core/.
 */
#ifndef RECONCILER_CORE_KNOWN_STATE_H
#define RECONCILER_CORE_KNOWN_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "reconciler/core/instant.h"

enum host_state {
    HOST_UNKNOWN, /* only the ledger or a ping names it */
    HOST_UP,
    HOST_SUSPECT, /* nobody listens there; asked once more */
    HOST_GONE,
} __attribute__((packed));

/* A host of the lattice that has no item, or had none. */
struct known_host {
    const char *id;
    struct instant heard; /* anything of it, when it had none last */
    int64_t interval_ms;  /* between its heartbeats; 0: not known */
};

struct known {                /* see known.h */
    bool is_on;               /* there was a memory, if an empty one */
    bool is_same;             /* as far as this connection has shown */
    struct known_host *hosts; /* remembered, sorted by id */
    size_t hosts_count;
    uint32_t hosts_capacity;
    const char *made; /* which bucket of links is the lattice's; NULL: not known */
    struct arena text_arena;
    const char *text;  /* why it is another; NULL: nothing says so */
    uint32_t revision; /* grows with what is learnt */
};

#endif
