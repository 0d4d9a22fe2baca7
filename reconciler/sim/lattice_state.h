/*
 * lattice_state.h - the inside of a simulated lattice, for lattice*.c and network.c.
 *
 * Everything that is on its way is a packet: an arena of its own, and what happens
 * when it arrives.
 */
#ifndef RECONCILER_SIM_LATTICE_STATE_H
#define RECONCILER_SIM_LATTICE_STATE_H

#include "reconciler/sim/agenda.h"
#include "reconciler/sim/bucket.h"
#include "reconciler/sim/lattice.h"
#include "reconciler/sim/prng.h"
#include "reconciler/sim/work.h"

#define SIM_BUCKETS 2 /* as many as enum sim_bucket_kind has */

/* A friendly name, and the host that was last started under it. */
struct sim_slot {
    const char *name;
    struct sim_host *host;
    uint64_t starts_count;
    struct arena labels_arena;
    struct properties labels; /* it was started with */
    bool is_cut_in;           /* nothing reaches it */
    bool is_cut_out;          /* nothing leaves it */
    /* By enum sim_bucket_kind: its watch hears of what has this number or a higher. */
    uint64_t watch_next[SIM_BUCKETS];
};

struct sim_packet;
typedef void (*sim_arrival)(struct sim_lattice *lattice, struct sim_packet *packet);

struct sim_packet {
    struct arena arena; /* holds the packet itself, and all it points to */
    sim_arrival arrive; /* what happens then; the packet is that function's from then */
    struct sim_packet *next; /* in the client's inbox */

    struct sim_message message; /* to the client; to a host its fields are used alike */
    uint64_t connection;        /* of the client it is meant for */
    const char *reply;          /* of a request */
    bool is_doubled;            /* there is another one like it */

    struct sim_slot *slot; /* the host it is meant for, or comes from */
    uint64_t start;        /* and which of the starts under that name */
    enum sim_effect_kind effect;
    enum sim_bucket_kind bucket;
    uint64_t token;
};

struct sim_lattice {
    struct arena arena; /* holds the lattice itself */
    const char *name;
    struct sim_lattice_options options; /* without pointers of the caller's */
    struct sim_prng prng;
    struct sim_hits hits;
    struct instant now;
    struct sim_agenda agenda; /* of packets */

    struct sim_table slots;   /* by friendly name: struct sim_slot */
    struct sim_table refused; /* by image: struct sim_refusal */
    struct sim_bucket buckets[SIM_BUCKETS];

    bool is_connected;
    uint64_t connection;      /* which of the client's */
    struct instant lane_out;  /* the last request of the client arrives */
    struct instant lane_in;   /* the last reply or event arrives at the client */
    struct instant lane_kept; /* the last notice of a bucket arrives at the client */
    struct sim_packet *inbox; /* of the client: arrived, not taken; oldest first */
    struct sim_packet *inbox_last;
    struct sim_packet *taken; /* by the client last */
};

/* An image that no host can fetch. */
struct sim_refusal {
    struct arena arena; /* holds the refusal itself */
    const char *image;
    const char *text;
};

/* Network.c: */

struct sim_packet *sim_packet_new(sim_arrival arrive);
void sim_packet_free(struct sim_packet *packet);

/* Let packet arrive after ms. */
void sim_packet_send(struct sim_lattice *lattice, struct sim_packet *packet, int64_t ms);

/* Address packet to the host that runs in slot now. */
void sim_packet_address(struct sim_packet *packet, struct sim_slot *slot);

/* The host packet is meant for; NULL when that has ended. */
struct sim_host *sim_packet_host(const struct sim_packet *packet);

/* Does a fault of so many per mille hit?  It is counted, then. */
bool sim_network_happens(struct sim_lattice *lattice, uint32_t per_mille,
                         uint64_t *counter);

/* Packets of the client that asked, and to it, suffer what options.faults say. */
void sim_network_ask(struct sim_lattice *lattice, struct sim_packet *packet);
void sim_network_tell(struct sim_lattice *lattice, struct sim_packet *packet);

/* To the client in order and without loss, as from a bucket that it follows. */
void sim_network_notify(struct sim_lattice *lattice, struct sim_packet *packet);

/* message comes to the client now. */
void sim_network_arrive(struct sim_lattice *lattice, enum sim_message_kind kind);

/* Forget everything that is on its way, and what the client has not taken. */
void sim_network_clear(struct sim_lattice *lattice);

/* Lattice_store.c: */

/* Change an entry, and tell the hosts whose watch hears it, and the client. */
void sim_store_put(struct sim_lattice *lattice, enum sim_bucket_kind bucket,
                   const char *key, const char *bytes, size_t length);

/* A host asks or changes a bucket; it is answered when packet arrives. */
void sim_store_serve(struct sim_lattice *lattice, struct sim_slot *slot,
                     const struct sim_effect *effect);

/* Tell the client all of the buckets that are there. */
void sim_store_list(struct sim_lattice *lattice);

/* Make the buckets that are missing, empty. */
void sim_store_make(struct sim_lattice *lattice);
/* Make the one with this name, if it is a bucket of the lattice and missing. */
void sim_store_create(struct sim_lattice *lattice, const char *name, const char *bytes,
                      size_t length);

/* Tell a host all that its watch has missed. */
void sim_store_catch_up(struct sim_lattice *lattice, struct sim_slot *slot);

/* Tell a host that has just started what its scan finds. */
void sim_store_scan(struct sim_lattice *lattice, struct sim_slot *slot);

/* Lattice.c: */

/* Carry out what the host in slot wants to be done. */
void sim_lattice_pump(struct sim_lattice *lattice, struct sim_slot *slot);

/* What comes to hosts. */
struct sim_letter {
    const char *subject;
    const char *reply;
    const char *bytes;
    size_t length;
    bool is_doubled;
};

/* Hand letter to those who listen; false when nobody does. */
bool sim_lattice_route(struct sim_lattice *lattice, const struct sim_letter *letter);

#endif
