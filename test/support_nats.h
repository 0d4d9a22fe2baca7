/*
 * support_nats.h - a nats-server of the test's own: on a free loopback port, with a
 * store of its own, ended by its process id, and at the latest with the test.
 *
 * Everything fails the test where it cannot be done.
 */
#ifndef TEST_SUPPORT_NATS_H
#define TEST_SUPPORT_NATS_H

#include <stdbool.h>

struct server;

struct server_options {
    bool has_jetstream;
    const char *domain; /* JetStream's; NULL none */
    const char *config; /* lines of nats-server's configuration; NULL none */
};

/* A port of the loopback that is the test program's own until it ends. */
unsigned int server_free_port(void);

/* Ready when this returns. */
struct server *server_start(const struct server_options *options);
/* End it and remove its files; NULL is fine. */
void server_stop(struct server *server);

/* nats://127.0.0.1:PORT, the same through every restart */
const char *server_url(const struct server *server);
const char *server_host_port(const struct server *server);

void server_kill(struct server *server);    /* SIGKILL */
void server_end(struct server *server);     /* SIGTERM, as an operator does */
void server_wipe(struct server *server);    /* its JetStream store; while it is down */
void server_restart(struct server *server); /* after kill or end */
void server_freeze(struct server *server);
void server_thaw(struct server *server);

/* New configuration lines, read at once when it runs. */
void server_configure(struct server *server, const char *config);

#endif
