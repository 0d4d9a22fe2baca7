/*
 * support_stage.h - what an end-to-end test needs around it: a nats-server of its own, a
 * simulated lattice, a daemon, a folder of manifests, a store, and a reader.
 *
 * stage_free ends and removes all of it, from the test's teardown too.
 */
#ifndef TEST_SUPPORT_STAGE_H
#define TEST_SUPPORT_STAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "support_nats.h"
#include "support_process.h"
#include "support_reader.h"

/* How long anything may take at the most, under a sanitizer on a busy machine too: a dead
 * host whose heartbeats came so unevenly that nothing was learnt of them is told after
 * 39 s. */
#define STAGE_MS 90000
/* For what is so already: time for a second look, should a host be slow to answer. */
#define STAGE_NOW_MS 1000

#define STAGE_RUNS_MAX 64

struct stage {
    struct server *server;
    bool has_jetstream;
    struct reader *reader;
    struct process *simulator;            /* NULL before stage_simulate */
    struct process *daemon;               /* NULL before stage_daemon */
    struct process *runs[STAGE_RUNS_MAX]; /* one-shot verbs, the last one last */
    size_t runs_count;
    char directory[64];
    char store[96];
    char manifests[96]; /* the folder */
    char trellis[256];
};

/* A nats-server with JetStream and a reader, nothing else. */
struct stage *stage_start(void);
/* The same with another server. */
struct stage *stage_start_with(const struct server_options *options);
void stage_free(struct stage *stage); /* NULL is fine */

/* cmocka's setup and teardown with a stage as the state.  A test also fails when what it
 * started does not end well, or a sanitizer said a word. */
int stage_setup(void **state);
int stage_teardown(void **state);
#define STAGE_TEST(name)                                                                 \
    cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

/* Start three hosts with fast heartbeats, or what more says; ready when they have
 * buckets. */
void stage_simulate(struct stage *stage, const char *const *more);

/* Give the simulator an order and wait for its "ok"; what it said before that, until
 * the next call. */
const char *stage_order(struct stage *stage, const char *order);

#define STAGE_ID_BYTES 57 /* of a host, and the NUL */
/* The id that the simulator says the host of this name has. */
void stage_host_id(struct stage *stage, const char *name,
                   char ret_id[static STAGE_ID_BYTES]);

/* Start the daemon on the folder, and do not wait. */
void stage_daemon(struct stage *stage);
/* The same with more options, up to NULL. */
void stage_daemon_with(struct stage *stage, const char *const *more);
/* Wait until the daemon answers. */
void stage_expect_daemon(struct stage *stage);
/* Kill the daemon and start it again. */
void stage_crash_daemon(struct stage *stage);
/* SIGTERM, and expect exit 0. */
void stage_end_daemon(struct stage *stage);

/* Start a verb with the stage's server and store; arguments up to NULL. */
struct process *stage_start_verb(struct stage *stage, const char *verb, ...)
    __attribute__((sentinel));
/* The same, to its end: the exit status. */
int stage_run(struct stage *stage, const char *verb, ...) __attribute__((sentinel));
/* What the last one wrote. */
const char *stage_output(struct stage *stage);
const char *stage_errors(struct stage *stage);

/* Expect apply --wait of a file that cannot come about to time out with words, however
 * long it takes until they are known. */
void stage_expect_late(struct stage *stage, const char *path, const char *words);

/* Expect what the last one wrote to hold words, or not to. */
void stage_expect_output(struct stage *stage, const char *words);
void stage_expect_errors(struct stage *stage, const char *words);

/* Write a file of the folder, whole at once as editors do. */
void stage_write(struct stage *stage, const char *name, const char *text);
/* The same with the text of a file of fixtures/. */
void stage_copy(struct stage *stage, const char *name, const char *fixture);
/* The path of a file in the stage's folder. */
const char *stage_path(const struct stage *stage, const char *name, char *ret_path,
                       size_t size);

/* Wait until status --check says that nothing differs. */
void stage_expect_converged(struct stage *stage);

/* Wait until status shows words. */
void stage_expect_status(struct stage *stage, const char *words);

/* Wait until the simulator says words of what it serves. */
void stage_expect_serving(struct stage *stage, const char *words);

/* Simulate three hosts, and have a daemon bring the quickstart about on them. */
void stage_converge_quickstart(struct stage *stage);

/* The quickstart, converged on one host with so many instances, as the reader has it. */
#define STAGE_QUICKSTART(instances)                                                      \
    "component hello_world-http_component on 1 hosts, " #instances " instances of "      \
    "ghcr.io/wasmcloud/components/http-hello-world-rust:0.1.0\n"                         \
    "config hello_world-default_http {\"address\":\"127.0.0.1:8080\"}\n"                 \
    "config hello_world-redis_url {\"url\":\"redis://127.0.0.1:6379\"}\n"                \
    "link hello_world-http_component -[default wasi:keyvalue/atomics,store]-> "          \
    "hello_world-kvredis source [] target [hello_world-redis_url]\n"                     \
    "link hello_world-httpserver -[default wasi:http/incoming-handler]-> "               \
    "hello_world-http_component source [hello_world-default_http] target []\n"           \
    "provider hello_world-httpserver on 1 hosts of "                                     \
    "ghcr.io/wasmcloud/http-server:0.22.0\n"                                             \
    "provider hello_world-kvredis on 1 hosts of "                                        \
    "ghcr.io/wasmcloud/keyvalue-redis:0.27.0\n"
extern const char stage_quickstart[];
/* The same of what it serves. */
#define STAGE_SERVES                                                                     \
    "hello_world-httpserver -[default wasi:http]-> hello_world-http_component: ok"

#endif
