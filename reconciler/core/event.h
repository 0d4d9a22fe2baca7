/*
 * event.h - what the engine can be told: plain declarations.
 *
 * All that an event points to is the caller's until engine_step returns.
 */
#ifndef RECONCILER_CORE_EVENT_H
#define RECONCILER_CORE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkstore/desired.h"
#include "linkstore/ledger.h"
#include "linkstore/memory.h"
#include "reconciler/core/command.h"
#include "reconciler/core/instant.h"

/* A component or provider in a host's inventory. */
struct host_workload {
    enum workload_kind kind;
    const char *id;
    const char *image;       /* of a provider: without its scheme (hosts from 1.5) */
    uint32_t count;          /* max_instances of a component; 1 for a provider */
    const char *application; /* annotation wasmcloud.dev/appspec; "" when absent */
    const char *manager;     /* annotation wasmcloud.dev/managed-by; "" when absent */
    uint64_t digest;         /* workload_digest; 0: not made */
};

/*
 * All that a host says of itself: the answer to host.get, and the heartbeat.
 *
 * Source: wasmCloud 1.9.2 host inventory.
 */
struct inventory {
    const char *host;
    const char *name; /* friendly name */
    const char *version;
    struct properties labels;
    int64_t uptime_seconds;
    const struct host_workload *workloads; /* sorted by id, then kind */
    size_t workloads_count;
    uint64_t digest; /* inventory_digest; 0: not made, and all is compared */
};

/* Why a bucket is not known. */
enum bucket_loss {
    LOSS_PASSING, /* JetStream does not answer, or with what means nothing to us */
    LOSS_MISSING, /* there is no such bucket */
    LOSS_DENIED,  /* this user has no JetStream, or not the right to follow it */
};

enum answer {
    ANSWER_ACCEPTED,      /* success: true, which is not yet done */
    ANSWER_REFUSED,       /* success: false, in the host's own words */
    ANSWER_NO_RESPONDERS, /* nobody listens there: that host is gone, or all are */
    ANSWER_NONE,          /* no answer in time: it may or may not have been done */
    ANSWER_UNSENT,        /* it never left: not connected, or not stored */
};

enum event_kind {
    EVENT_IGNORED, /* nothing we act on */

    /* what is wanted, and what the ledger remembers */
    EVENT_DECLARED,   /* u.declared: all an application wants, instead of before */
    EVENT_RETRACTED,  /* u.retracted: it wants nothing any more */
    EVENT_RECALLED,   /* u.recalled: what was known of the lattice; once, before all */
    EVENT_REMEMBERED, /* u.remembered: the ledger, once, before anything else */
    EVENT_PAUSED,     /* u.paused: whether anything is sent for an application */
    EVENT_SUSPENDED,  /* u.suspended: whether anything is sent at all */

    /* the connection */
    EVENT_CONNECTED,    /* u.connected: whatever was known must be asked again */
    EVENT_DISCONNECTED, /* blind from here on */
    EVENT_OVERFLOWED,   /* we lost messages: survey again */

    /* hosts */
    EVENT_INVENTORY,    /* u.inventory */
    EVENT_HEARTBEAT,    /* u.inventory, of the host's own accord */
    EVENT_HOST_STARTED, /* u.host.id */
    EVENT_HOST_STOPPED, /* u.host.id */
    EVENT_HOST_PINGED,  /* u.host.id answered the survey */
    EVENT_HOST_CHANGED, /* u.host.id: something started, stopped or moved there: look */
    EVENT_WORKLOAD_FAILED,    /* u.workload: a scale or a start, with the host's words */
    EVENT_WORKLOAD_HEALTHY,   /* u.workload: a provider is well, and was not before */
    EVENT_WORKLOAD_UNHEALTHY, /* u.workload: it is not well, and was before */

    /* the two buckets */
    EVENT_BUCKET_LISTING, /* u.bucket: what follows is the whole of it ... */
    EVENT_BUCKET_LISTED,  /* ... up to here: what was not told is not there */
    EVENT_BUCKET_LOST,    /* u.bucket, with the reason: unknown, not empty */
    EVENT_LINKS,          /* u.links: one source's entry, whole */
    EVENT_CONFIG,         /* u.config: one entry */

    EVENT_HEARD, /* u.heard: all links that one host has in memory */

    /* our own commands */
    EVENT_ANSWERED, /* u.answered */
    EVENT_UNSAVED,  /* the ledger changes of the last update were not stored */
};

struct event {
    enum event_kind kind;
    union {
        const struct desired *declared;
        struct {
            const char *application;
            bool is_pruned; /* its manifest went away, and nobody asked for that */
        } retracted;
        const struct memory *recalled;
        struct {
            const char *application;
            bool is_paused; /* until told otherwise */
        } paused;
        struct {
            const char *why; /* nothing is, in one sentence; "": all that there is */
        } suspended;
        struct {
            const struct ledger_row *rows;
            size_t count;
        } remembered;
        struct {
            size_t payload_max; /* of the server; 0: not known */
        } connected;
        const struct inventory *inventory;
        struct {
            const char *id;
        } host;
        struct {
            const char *host;
            const char *id;
            const char *text;  /* the host's own words; "" when there are none */
            const char *image; /* that failed to start; "" when it is not told */
        } workload;
        struct {
            enum bucket bucket;
            enum bucket_loss loss; /* EVENT_BUCKET_LOST: why ... */
            const char *text;      /* ... and in words */
            /* EVENT_BUCKET_LISTED: which it is, of all of its name; NULL: not known */
            const char *made;
            int64_t age_ms;    /* since it was made, not below 0 */
            uint64_t sequence; /* of its last entry */
        } bucket;
        struct {
            const char *source_id;
            const struct link *links; /* in the order of the entry */
            size_t count;
            size_t bytes;      /* of the entry; 0: only its links are told */
            uint64_t sequence; /* of the bucket's stream */
            bool is_deleted;   /* the key itself is gone */
        } links;
        struct {
            const struct link *links; /* of one source in the order of its entry */
            size_t count;
        } heard;
        struct {
            const char *name;
            const char *content; /* canonical, see desired_content; "": it cannot be
                                    read; NULL: deleted */
            uint64_t sequence;   /* of the bucket's stream; 0: a host told */
        } config;
        struct {
            uint64_t command; /* struct command id */
            enum answer answer;
            /* The host's own words; "" when there are none.  Of a config that was asked
             * for its content, canonical; "" when it is not there. */
            const char *text;
        } answered;
    } u;
};

#endif
