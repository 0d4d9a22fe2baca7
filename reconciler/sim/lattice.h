/*
 * lattice.h - a simulated lattice: hosts, the two buckets, and a network between them
 * and one client, all in virtual time and from one seed.
 *
 * Pure.  The client is whoever is under test: it sends requests and takes messages.
 */
#ifndef RECONCILER_SIM_LATTICE_H
#define RECONCILER_SIM_LATTICE_H

#include "reconciler/sim/host.h"

struct sim_lattice;

/*
 * Faults of the network between client and lattice, each in 1/1000.
 *
 * Core NATS delivers a request at most once, so nobody has seen one come twice.  Here it
 * does, for links and configs perhaps to two hosts, but within moments: a host that is
 * paused or slow does not get one of the two, for it could carry it out long after the
 * other host did, at any time, and no client can wait for that.
 */
struct sim_faults {
    uint32_t drop_per_mille;
    uint32_t duplicate_per_mille;
    uint32_t reorder_per_mille;
    uint32_t late_per_mille; /* replies that come seconds later */
    uint32_t lie_per_mille;  /* acknowledgements that say the opposite of what is done */
    int64_t delay_ms_max;    /* each message takes 1 ms up to this */
};

/* How often each has hit so far. */
struct sim_hits {
    uint64_t dropped;
    uint64_t duplicated;
    uint64_t reordered;
    uint64_t late;
    uint64_t lied;
    uint64_t cut;  /* messages of hosts that are cut off */
    uint64_t deaf; /* changes that a host does not hear of: see sim_lattice_is_deaf */
};

/* The numbers of hosts are those of struct sim_host_options. */
struct sim_lattice_options {
    const char *lattice;
    uint64_t seed;
    int64_t heartbeat_ms;
    int64_t health_delay_ms;
    int64_t fetch_ms;
    int64_t epoch_unix_ms;
    struct sim_faults faults;
};

/* A lattice without hosts, and so without buckets: the first host makes them, or a
 * client that asks JetStream to. */
struct sim_lattice *sim_lattice_new(const struct sim_lattice_options *options);
void sim_lattice_free(struct sim_lattice *lattice);

void sim_lattice_set_faults(struct sim_lattice *lattice, const struct sim_faults *faults);
const struct sim_hits *sim_lattice_hits(const struct sim_lattice *lattice);

/* The client's side: */

enum sim_message_kind {
    SIM_REPLY,         /* bytes for the request with tag */
    SIM_NO_RESPONDERS, /* nobody listens to the subject of the request with tag */
    SIM_EVENT,         /* bytes on subject wasmbus.evt... */
    SIM_LISTING,       /* bucket: its whole content follows */
    SIM_ENTRY,         /* key of bucket has bytes; NULL: deleted */
    SIM_LISTED,        /* bucket: that was all of it */
    SIM_BUCKET_LOST,   /* bucket: it is not there; noticed 2 s after it has gone */
    SIM_CONNECTED,
    SIM_DISCONNECTED,
};

struct sim_message {
    enum sim_message_kind kind;
    uint64_t tag;
    const char *subject;
    const char *bucket;
    const char *key;
    const char *bytes;
    size_t length;
    uint64_t sequence; /* of the entry; of the last one (SIM_LISTED) */
    const char *made;  /* SIM_LISTED: which bucket it is, of all of its name ... */
    int64_t age_ms;    /* ... and for how long it has been there */
};

/* The client connects, or is cut off; connected it is told both buckets and follows
 * them.  While cut off what it sends is lost and nothing reaches it. */
void sim_lattice_connect(struct sim_lattice *lattice, struct instant now);
void sim_lattice_disconnect(struct sim_lattice *lattice, struct instant now);

/* Send a request, answered under tag; a lost one is never answered. */
void sim_lattice_request(struct sim_lattice *lattice, struct instant now,
                         const char *subject, const char *bytes, size_t length,
                         uint64_t tag);

/* Let everything happen that is due by now. */
void sim_lattice_advance(struct sim_lattice *lattice, struct instant now);
/* The moment something happens next, or a message comes to the client. */
struct instant sim_lattice_deadline(const struct sim_lattice *lattice);

/* The next message for the client that is due; false when there is none.  What it
 * points to stays until the next call. */
bool sim_lattice_take(struct sim_lattice *lattice, struct sim_message *ret_message);

/* What happens to it: */

/*
 * A host with this friendly name and these labels starts; its id follows from seed and
 * name, and from how often that name has started.  It takes the place of the one before
 * with that name, which is killed if it runs, and freed.
 */
struct sim_host *sim_lattice_start_host(struct sim_lattice *lattice, struct instant now,
                                        const char *name,
                                        const struct properties *labels);

/*
 * A host that has been there for long, and is as inventory says: id, version, labels
 * and all.  No event tells of it.
 */
struct sim_host *sim_lattice_restore_host(struct sim_lattice *lattice, struct instant now,
                                          const struct inventory *inventory);

/* By friendly name or id, running or not, the newest; NULL when there is none. */
struct sim_host *sim_lattice_find_host(const struct sim_lattice *lattice,
                                       const char *name);
size_t sim_lattice_hosts_count(const struct sim_lattice *lattice);
struct sim_host *sim_lattice_host_at(const struct sim_lattice *lattice, size_t i);

/*
 * Partitions: nothing reaches a running host that is cut off on its way in, and nothing
 * leaves it on its way out; what it asked of the buckets fails after 5 s, but for configs
 * that it follows.  Cut on both it has lost its connection, and nobody listens to its
 * subjects.  Mended, its watch takes up where it was.  A host that starts is whole.
 */
void sim_lattice_cut(struct sim_lattice *lattice, struct instant now,
                     struct sim_host *host, bool is_cut_in, bool is_cut_out);
void sim_lattice_mend(struct sim_lattice *lattice, struct instant now,
                      struct sim_host *host);
bool sim_lattice_is_cut(const struct sim_lattice *lattice, const struct sim_host *host);

/* Write to a bucket by hand, as somebody with the right to; bytes NULL: purge.  Nothing
 * happens while there are no buckets. */
void sim_lattice_put(struct sim_lattice *lattice, struct instant now, const char *bucket,
                     const char *key, const char *bytes, size_t length);
const char *sim_lattice_get(const struct sim_lattice *lattice, const char *bucket,
                            const char *key, size_t *ret_length);

/* Both buckets are lost with all in them, as with an emptied JetStream store; hosts go
 * on.  They are made again empty by sim_lattice_make_buckets, or by a host that starts.
 */
void sim_lattice_lose_buckets(struct sim_lattice *lattice, struct instant now);
void sim_lattice_make_buckets(struct sim_lattice *lattice, struct instant now);

/* The buckets were made again under host, which hears of no new link until theirs has
 * taken as many changes as the one before. */
bool sim_lattice_is_deaf(const struct sim_lattice *lattice, const struct sim_host *host);

/*
 * Obey one line of the language of order.h.  Returns false, with the reason in
 * *ret_reason (static text), for a line it does not understand or cannot obey.
 */
bool sim_lattice_obey(struct sim_lattice *lattice, struct instant now, const char *line,
                      const char **ret_reason);

/* The truth: */

/* Both buckets and what every host runs, sorted, one line each:
 *   BUCKET KEY BYTES
 *   HOST ID (running), then the lines of sim_host_print after HOST */
void sim_lattice_print(const struct sim_lattice *lattice, struct text *text);

/* sim_print_serving of all running hosts. */
void sim_lattice_print_serving(const struct sim_lattice *lattice, struct text *text);

#endif
