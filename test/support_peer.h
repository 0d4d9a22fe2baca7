/*
 * support_peer.h - somebody else on the bus, over nats.c itself and not over our code.
 */
#ifndef TEST_SUPPORT_PEER_H
#define TEST_SUPPORT_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <nats/nats.h>

struct peer;

struct peer *peer_start(const char *url);
void peer_stop(struct peer *peer); /* NULL is fine */

natsConnection *peer_connection(struct peer *peer);

/* Wait until it is connected, again, and hears what it listens to. */
void peer_expect_connected(struct peer *peer);

/* Answer whatever comes on subject with its own bytes, after delay_ms. */
void peer_echo(struct peer *peer, const char *subject, int64_t delay_ms);

/* Count what comes on subject, to be read with peer_count. */
void peer_listen(struct peer *peer, const char *subject);
unsigned peer_count(struct peer *peer);

void peer_publish(struct peer *peer, const char *subject, const char *text);

/* Ask, for the answer's text in ret_text; false when none comes within ten seconds. */
bool peer_request(struct peer *peer, const char *subject, const char *text,
                  char *ret_text, size_t size);

/* Buckets: */

/* As a wasmCloud host makes it, with history values a key. */
void peer_make_bucket(struct peer *peer, const char *bucket, int history);
void peer_delete_bucket(struct peer *peer, const char *bucket);
uint64_t peer_put(struct peer *peer, const char *bucket, const char *key,
                  const char *value);
void peer_delete(struct peer *peer, const char *bucket, const char *key);
void peer_purge(struct peer *peer, const char *bucket, const char *key);
/* Remove messages without a trace: all, or those of key unless it is NULL. */
void peer_purge_stream(struct peer *peer, const char *bucket, const char *key);
/* Put key-00000 up to key-(count-1), many at a time. */
void peer_put_many(struct peer *peer, const char *bucket, unsigned count);
/* The value of key; false when there is none. */
bool peer_get(struct peer *peer, const char *bucket, const char *key, char *ret_text,
              size_t size);

#endif
