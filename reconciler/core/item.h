/*
 * item.h - what the engine knows, joined by key.  Internal to core/.
 *
 * Every key has one item that holds all sides of it: what is desired (claims), what is
 * observed, what the ledger says, what is in flight.  An event changes one side and
 * marks the item dirty; planning looks at all sides of the dirty items and at nothing
 * else.  An item that cannot go on waits for the item in its way and is dirty again
 * when that one changes: so the cost of a step follows the change.
 *
 * Texts, links and lists of names are kept in the engine's pool, so that what is wanted,
 * sent and seen alike is there once.  What is marked "borrowed" lives with the
 * application or inventory it came with, which outlives it here.
 */
#ifndef RECONCILER_CORE_ITEM_H
#define RECONCILER_CORE_ITEM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "reconciler/core/attempt.h"
#include "reconciler/core/event.h"
#include "reconciler/core/known_state.h"
#include "reconciler/core/reason.h"
#include "reconciler/core/record.h"
#include "reconciler/core/sighting.h"

enum item_kind {
    ITEM_HOST,
    ITEM_CONFIG,
    ITEM_SOURCE,   /* all links of one source id */
    ITEM_WORKLOAD, /* a component or provider id */
    ITEM_SIGHT,    /* whether we see the lattice; one of it */
    ITEM_ROOM,     /* for one more command in flight; one of it */
    ITEM_HOSTS,    /* which hosts there are; one of it */
    ITEM_PAUSES,   /* which applications are paused; one of it */
} __attribute__((packed));
#define ITEM_TABLES_COUNT 4 /* the first four kinds are kept by name */

/* An application's wish for one row. */
struct claim {
    struct claim *next; /* by name of application */
    const struct application *application;
    const void *row; /* struct config_row, link_wish or workload_row */
};

/* waiter is dirty when about changes. */
struct wait {
    TAILQ_ENTRY(wait) others; /* in about->waiters, oldest first */
    struct wait *next;        /* in waiter->waits */
    struct item *waiter;
    struct item *about;
};

struct item {
    enum item_kind kind;
    bool is_dirty;
    uint32_t wake_index; /* in the heap, from 1; 0: not in it */
    const char *name;    /* its key */
    struct instant wake; /* dirty again at that moment */
    struct arena waits_arena;
    struct wait *waits; /* what it waits for */
    TAILQ_HEAD(, wait) waiters;
};

struct config_item {
    struct item item;
    struct claim *claims;             /* struct config_row */
    const char *observed;             /* canonical content; NULL: not there */
    char digest[CONFIG_DIGEST_BYTES]; /* of the last content observed; "": never */
    uint32_t listing;                 /* the last listing of the bucket that had it */
    uint32_t known_on; /* the connection it was last told on: see asking.h */
    struct flight ask;
    struct instant ask_at;
    uint32_t uses;         /* claims, links (there, and sent) and starts that name it */
    struct record *ledger; /* NULL: none */
    struct flight flight;
    struct retry retry;
    struct instant unsure_until; /* a put that was not answered may come about */
    struct number number;        /* of the entry */
    struct verdict verdict;
    struct standing standing;
};

/* One link, by the store key of hosts. */
struct link_item {
    const struct link *key; /* of its content only the key means something */
    struct source_item *source;
    struct workload_item *target;
    LIST_ENTRY(link_item) inbound; /* of target */
    struct claim *claims;          /* struct link_wish */
    const struct link *observed;   /* in source->observed; NULL: not there */
    struct record *ledger;         /* NULL: none */
    struct retry retry;
    struct deafness *deafness; /* NULL: hosts have it, or were not asked */
    struct instant lost_at;    /* by its providers, last; 0: not since we look */
    struct instant given_at;   /* it came into the bucket, last; likewise */
    struct verdict verdict;
    struct standing standing;
    uint32_t heard_in; /* the last of hosts' answers that had it */
    struct sighting sighting;
};

struct source_item {
    struct item item;
    struct workload_item *workload; /* of the same id; NULL: none */
    struct link_item **links;       /* sorted by link_compare */
    const struct link **observed;   /* in the order of the bucket's entry */
    uint32_t links_count;
    uint32_t links_capacity;
    uint32_t observed_count;
    uint32_t entry_bytes;    /* 0: only its links were told */
    uint32_t listing;        /* the last listing of the bucket that had it */
    uint32_t revision;       /* counts what was told of it, changed or not */
    uint32_t flown_revision; /* of when flight began */
    bool is_observed;        /* there is an entry */
    bool is_mover;           /* put again to move the bucket on: see deaf.h */
    uint64_t number;         /* of the entry, in its bucket; 0: not known */
    struct instant told_at;  /* the entry, last */
    struct instant quiet_until;
    /* A mutation that was not answered may come about; hosts write all links of a source
     * at once, so it may undo any other of them. */
    struct instant unsure_until;
    struct flight flight;     /* one mutation of the source at a time */
    struct link_item *flying; /* the link of flight */
};

/* A workload on one host. */
struct placement {
    struct host_item *host;
    const struct host_workload *observed; /* borrowed from host; NULL: not there */
    struct record *ledger;                /* NULL: none */
    struct moments *moments;              /* NULL: see moment.h */
    struct flight flight;
    struct retry retry;
    const char *spread;          /* which they are part of; borrowed from the claim */
    const char *cause;           /* of wanted, beyond the count; static, or NULL */
    struct instant unsure_until; /* a start that nobody waits for may come about */
    struct verdict verdict;
    uint32_t wanted; /* instances, as of the last planning */
    uint32_t goal;   /* the same, when all that moves has moved */
    uint32_t asked;  /* instances it is meant to have by what was sent last */
    enum workload_kind kind;
    unsigned char told; /* of wanted and goal, as those that run beside it know it */
    bool is_replacing;  /* taken down to come up again as wanted */
    bool is_outgoing;   /* next to be replaced, by instances elsewhere if it can */
    bool is_alone;      /* what was sent last is all that may still come about */
    bool is_unseen;     /* what was there before what is observed was not seen */
};

struct workload_item {
    struct item item;
    struct source_item *source;    /* of the same id; NULL: none */
    struct claim *claims;          /* struct workload_row */
    struct placement **placements; /* sorted by host id, then kind */
    uint32_t placements_count;
    uint32_t placements_capacity;
    LIST_HEAD(, link_item) inbound; /* the links that have it as their target */
    const struct placement *halted; /* where a rollout stands; NULL: nowhere */
    uint32_t missing;               /* instances without a host */
    struct verdict verdict;         /* of the missing ones */
    struct standing standing;
    const char *missing_text; /* REASON_HOSTS to REASON_DRAIN in words; kept, or NULL */
};

struct host_item {
    struct item item;
    enum host_state state;
    struct arena inventory_arena;
    const struct inventory *inventory; /* NULL: not told */
    struct placement **placements;     /* one for each of its workloads, in their order */
    uint32_t connection;               /* the connection it was last told on */
    struct instant heard;              /* anything of it */
    struct instant answered;           /* of what was sent to it by then; see behind.h */
    struct instant silent_from;        /* it did not answer what was sent then ... */
    struct instant silent_to; /* ... until it did again; NEVER: not yet, or not so */
    struct instant told;      /* what it runs, asked by then; 0: not asked yet */
    struct instant beat;      /* its last heartbeat; NEVER: none yet */
    int64_t interval_ms;      /* between heartbeats, learnt: see beat.h */
    int64_t gaps_ms[2];       /* the last two, the newest first */
    int64_t uptime_s;         /* as it was told last */
    struct instant began;     /* by that */
    struct instant young_until;
    struct instant ask_at; /* NEVER: no need to */
    int64_t ask_step_ms;   /* to the next look while something is in flight there */
    struct flight ask;
    struct instant untold_at;  /* asked in vain since; NEVER: it has told what it runs */
    struct instant gone_at;    /* or, HOST_SUSPECT, suspected since */
    struct instant doubted_at; /* heard of again, nobody listened; NEVER: not so */
    uint32_t flights_count;    /* commands in flight to it */
    uint32_t placements_count; /* that refer to it */
    bool is_known;             /* it is one of this lattice's: see known.h */
};

#endif
