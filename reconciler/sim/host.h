/*
 * host.h - one simulated wasmCloud host: bytes in, bytes out, in the caller's time.
 *
 * Behaves as a real host 1.9.2 did when it was asked, its faults included.  Shares with
 * the rest of the program plain declarations and the YAML reader (every JSON text is
 * YAML), and nothing of core/ and wire/: it has its own decoder of requests and its own
 * encoder of replies and events, so that an error of ours cannot cancel itself.  Pure.
 *
 * The caller moves the bytes: in a test between this and an engine, in trellis simulate
 * between this and NATS.  The moments it gives never go back.
 *
 * Source: reference real-host sections 1, 2, 6 and 7; lattice-protocol-v1 sections 2 to 5
 * and 11.
 */
#ifndef RECONCILER_SIM_HOST_H
#define RECONCILER_SIM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/text.h"
#include "reconciler/core/event.h"

struct sim_host;

struct sim_host_options {
    const char *lattice;
    const char *id;           /* a host id; NULL: made from seed */
    const char *name;         /* friendly name; NULL: made from seed */
    const char *version;      /* NULL: "1.9.2" */
    struct properties labels; /* beside hostcore.* */
    uint64_t seed;
    int64_t heartbeat_ms;    /* 0: 30,000, as on a real host */
    int64_t health_delay_ms; /* from a provider's start to its first check; 0: 5,000 */
    int64_t fetch_ms;        /* what fetching an image takes */
    int64_t delay_ms;        /* before any request is looked at */
    int64_t epoch_unix_ms;   /* the time of day at instant 0; 0: the start of 2026 */
    bool is_auction_silent;  /* it takes part in no auction */
};

/* What a host does to the world. */
enum sim_effect_kind {
    SIM_PUBLISH, /* bytes on subject: a reply, an event or a message to a provider */
    SIM_READ,    /* ask bucket for key, and call sim_host_read with token */
    SIM_WRITE,   /* put bytes to key of bucket, and call sim_host_written with token */
    SIM_PURGE,   /* purge key of bucket, and call sim_host_written with token */
    SIM_LEAVE,   /* the process has ended: the host gets nothing any more */
};

struct sim_effect {
    enum sim_effect_kind kind;
    const char *subject; /* SIM_PUBLISH */
    const char *bucket;  /* LATTICEDATA_{lattice} or CONFIGDATA_{lattice} */
    const char *key;
    const char *bytes;
    size_t length;
    uint64_t token;
};

/* The subjects a host listens to. */
struct sim_subscription {
    const char *subject; /* may hold * and > */
    const char *queue;   /* NULL: every host gets a copy */
};

struct sim_host *sim_host_new(const struct sim_host_options *options);
void sim_host_free(struct sim_host *host);

const char *sim_host_id(const struct sim_host *host);
const char *sim_host_name(const struct sim_host *host);
/* As they are now, borrowed. */
const struct properties *sim_host_labels(const struct sim_host *host);
bool sim_host_is_running(const struct sim_host *host);

/* The subscriptions of host; borrowed. */
const struct sim_subscription *sim_host_subscriptions(const struct sim_host *host,
                                                      size_t *ret_count);

/*
 * Start, once.  The caller then tells every present entry of LATTICEDATA with
 * sim_host_watched and ends them with sim_host_scanned: only then is the mirror whole
 * and host_started published; requests are answered before that already.
 */
void sim_host_start(struct sim_host *host, struct instant now);
void sim_host_scanned(struct sim_host *host, struct instant now);

/* A request or message on one of the subscriptions; reply "" where none is asked. */
void sim_host_request(struct sim_host *host, struct instant now, const char *subject,
                      const char *reply, const char *bytes, size_t length);

/* The answer to SIM_READ: bytes NULL when there is no such entry, or no such bucket. */
void sim_host_read(struct sim_host *host, struct instant now, uint64_t token,
                   const char *bytes, size_t length, bool is_bucket_missing);

/*
 * Has host used config, which is no secret?  Then it follows the entry, and knows what is
 * in it whether the bucket answers or not.
 *
 * Source: reference lattice-protocol-v1 section 5.
 */
bool sim_host_follows(const struct sim_host *host, const char *config);

/* The answer to SIM_WRITE and SIM_PURGE. */
void sim_host_written(struct sim_host *host, struct instant now, uint64_t token,
                      bool is_done);

/* An entry of LATTICEDATA has bytes now; the watch heard of it.  NULL: deleted. */
void sim_host_watched(struct sim_host *host, struct instant now, const char *key,
                      const char *bytes, size_t length);

/*
 * The config name was put or deleted: providers started with it get a message, which
 * they ignore.  A caller to whom those messages do not matter need not call this.
 */
void sim_host_config_changed(struct sim_host *host, struct instant now, const char *name);

/* Do what is due: work that took time, heartbeats, health checks. */
void sim_host_advance(struct sim_host *host, struct instant now);
struct instant sim_host_deadline(const struct sim_host *host);

/* The next effect, oldest first; false when there is none.  What it points to stays
 * until the next call of any function on host. */
bool sim_host_take(struct sim_host *host, struct sim_effect *ret_effect);

/*
 * Make it so that a started host, of which nothing was asked yet, runs what inventory
 * says, for as long as that says: serving and mirror follow from what sim_host_watched
 * has told, and no event tells of it.
 */
void sim_host_restore(struct sim_host *host, const struct inventory *inventory);

/* The truth: */

/*
 * Append what host runs, a line each, apart from what it says it runs:
 *   component ID count N image IMAGE serving IMAGE[,IMAGE...][ secrets REFERENCES]
 *   provider ID image IMAGE links N[ config CONTENT]     what it was started with
 * A component that serves without being in the inventory has count 0 and image "-".
 */
void sim_host_print(const struct sim_host *host, struct text *text);

/* What a request would meet that comes in at a provider of host over one link. */
struct sim_route {
    const char *provider;
    const char *source; /* the provider itself, or it is the target */
    const char *target;
    const char *name;
    const char *wit_namespace;
    const char *wit_package;
    const char *source_config; /* in force there: a JSON object */
    const char *target_config;
    bool is_builtin; /* it reaches components on its own host only */
};

/* The links that the providers of host really have as their source, i from 0; false
 * past the last. */
bool sim_host_route(const struct sim_host *host, size_t i, struct sim_route *ret_route);

/* The links that the providers of host really have, at either end; likewise. */
bool sim_host_delivery(const struct sim_host *host, size_t i,
                       struct sim_route *ret_route);

/* Does host have link in memory, field for field, as link.get would tell? */
bool sim_host_remembers(const struct sim_host *host, const struct link *link);

/* The images of host that answer a call to component over NATS, sorted; 0 when it does
 * not serve there. */
size_t sim_host_serving(const struct sim_host *host, const char *component,
                        const char **ret_images, size_t images_max);

/* The image that answers a built-in provider of host; NULL: "linked component not
 * found". */
const char *sim_host_serving_inside(const struct sim_host *host, const char *component);

/* For every host a line NAME ID, and then those of sim_host_print after NAME. */
void sim_print_inventory(struct sim_host *const *hosts, size_t count, struct text *text);

/*
 * What a request would meet, for every route of every provider of hosts, sorted by line:
 *   HOST PROVIDER -[NAME NS:PKG]-> TARGET: ok IMAGE[,IMAGE...]
 * or, instead of ok, "reset (not on this host)" or "hangs (runs nowhere)".  HOST is the
 * friendly name.
 */
void sim_print_serving(struct sim_host *const *hosts, size_t count, struct text *text);

#endif
