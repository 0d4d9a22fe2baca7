/*
 * support_sim.h - a bench for one simulated host: two small buckets, a clock, and a
 * record of what the host said.
 */
#ifndef TEST_SUPPORT_SIM_H
#define TEST_SUPPORT_SIM_H

#include "reconciler/sim/host.h"

/* The host of the captured samples. */
#define BENCH_HOST "NDIKIVKPKC2NBS2ZLZ34M4U45KZBRWVZBFORYNVGJVOY4SHMFXW3CZFT"

#define BENCH_ENTRIES_MAX 64

struct bench_entry {
    const char *bucket;
    const char *key;
    const char *bytes; /* NULL: purged */
};

struct bench {
    struct sim_host *host;
    struct instant now;
    struct arena arena; /* holds all texts below */
    struct bench_entry entries[BENCH_ENTRIES_MAX];
    size_t entries_count;
    bool are_buckets_missing;
    bool is_deaf;          /* the host's watch hears of no write */
    struct text replies;   /* a line each, since last asked for */
    struct text events;    /* "NAME DATA", a line each, since last asked for */
    struct text messages;  /* "SUBJECT BYTES" of all else, since last asked for */
    struct text envelopes; /* whole events, a line each */
    struct text writes;    /* "KEY BYTES" of all that was written, since last asked for */
    bool has_left;
};

/* A running host with label zone=z2, with empty buckets; host_started is taken. */
void bench_open(struct bench *bench);

/* The same with these options; id, name and lattice are set here. */
void bench_open_with(struct bench *bench, struct sim_host_options options);
void bench_close(struct bench *bench);

/* For tests of cmocka: *state is a bench just opened. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* Send body to verb, where "{H}" at its end stands for the host; what comes is recorded.
 */
void bench_send(struct bench *bench, const char *verb, const char *body);

/* The same, and return the only line of reply that came at once; "" when none did. */
const char *bench_ask(struct bench *bench, const char *verb, const char *body);

/* Let ms pass. */
void bench_wait(struct bench *bench, int64_t ms);

/* Write to a bucket by hand; the host's watch hears of it. */
void bench_put(struct bench *bench, const char *bucket, const char *key,
               const char *bytes);
const char *bench_get(const struct bench *bench, const char *bucket, const char *key);

/* Deliver what the host publishes, and answer what it asks. */
void bench_pump(struct bench *bench);

/* What was recorded, and begin a new record; in the arena of the bench. */
const char *bench_take(struct bench *bench, struct text *record);

/* What the host runs, in the words of sim_host_print. */
const char *bench_runs(struct bench *bench);

/* What requests would meet, in the words of sim_print_serving. */
const char *bench_serves(struct bench *bench);

#define LINKS   "LATTICEDATA_default"
#define CONFIGS "CONFIGDATA_default"

/* Bodies of requests, made in the arena of the bench. */
const char *bench_scale(struct bench *bench, const char *id, uint32_t count,
                        const char *image);
const char *bench_start(struct bench *bench, const char *id, const char *image);
const char *bench_link(struct bench *bench, const char *source, const char *target,
                       const char *interface, const char *source_config);

#endif
