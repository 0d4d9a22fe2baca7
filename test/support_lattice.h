/*
 * support_lattice.h - a client of one simulated lattice that records what it is told.
 */
#ifndef TEST_SUPPORT_LATTICE_H
#define TEST_SUPPORT_LATTICE_H

#include "reconciler/sim/lattice.h"

struct sim_client {
    struct sim_lattice *lattice;
    struct instant now;
    struct arena arena; /* holds the texts below */
    struct text log;    /* a line a message, since last taken */
    uint64_t tag;
    uint64_t digest; /* of all messages ever taken, their times and order */
    size_t messages_count;
};

/* A lattice with hosts h0 and h1, scanned, with the client connected and all it was
 * told thrown away. */
void sim_client_open(struct sim_client *client, uint64_t seed);

/* The same with these options and this many hosts, h0 and so on. */
void sim_client_open_with(struct sim_client *client,
                          const struct sim_lattice_options *options, size_t hosts);
void sim_client_close(struct sim_client *client);

/* For tests of cmocka: *state is a client with seed 1. */
int sim_client_setup(void **state);
int sim_client_teardown(void **state);

/* Let ms pass, and record what comes. */
void sim_client_wait(struct sim_client *client, int64_t ms);

/* Send a request; "{name}" in verb stands for the id of that host. */
void sim_client_send(struct sim_client *client, const char *verb, const char *body);

/* Send a request and wait 20 ms; the lines of the replies alone. */
const char *sim_client_ask(struct sim_client *client, const char *verb, const char *body);

/* What was recorded, and begin a new record:
 *   reply TAG BYTES | no-responders TAG | event NAME DATA
 *   listing BUCKET | entry BUCKET KEY BYTES | listed BUCKET | lost BUCKET
 *   connected | disconnected */
const char *sim_client_take(struct sim_client *client);

/* Obey an order; it must be accepted. */
void sim_client_obey(struct sim_client *client, const char *line);

const char *sim_client_serves(struct sim_client *client);
const char *sim_client_prints(struct sim_client *client);

/* The value of an entry; "" when there is none. */
const char *sim_client_get(const struct sim_client *client, const char *bucket,
                           const char *key);

/* How often part is in what was taken. */
size_t sim_client_count(const char *text, const char *part);

#endif
