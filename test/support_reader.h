/*
 * support_reader.h - a second opinion: what is in a lattice, and what was asked of it.
 *
 * Reads the two buckets and the hosts' inventories, and hears every request on the
 * control interface, with nats.c and jansson and nothing of ours in between.
 */
#ifndef TEST_SUPPORT_READER_H
#define TEST_SUPPORT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct reader;

struct reader *reader_start(const char *url, const char *lattice);
void reader_stop(struct reader *reader); /* NULL is fine */

/* Hear no requests any more: while somebody does, nobody is told that a host that has
 * died has no ears. */
void reader_turn_deaf(struct reader *reader);

/*
 * The lattice as it is, a sorted line for each thing:
 *
 *   component ID on N hosts, M instances of IMAGE
 *   config NAME {"KEY":"VALUE"}
 *   link SOURCE -[NAME NAMESPACE:PACKAGE/INTERFACE]-> TARGET source [NAME] target [NAME]
 *   provider ID on N hosts of IMAGE
 *
 * Until the next call; "" when there is nothing, or no server.
 */
const char *reader_world(struct reader *reader);

/* Wait until the world is expected, which is sorted. */
void reader_expect(struct reader *reader, const char *expected, int ms);

/* Wait until a line of the world starts with start. */
void reader_expect_line(struct reader *reader, const char *start, int ms);

/* Wait until the lattice has both its buckets. */
void reader_expect_buckets(struct reader *reader, int ms);

/* The friendly names of the hosts that run id, sorted, with blanks in between. */
void reader_where(struct reader *reader, const char *id, char *ret_names, size_t size);

/*
 * What was asked of hosts since the last reader_forget, without the questions: a line
 * for each, its subject after the lattice's name.
 */
const char *reader_commands(struct reader *reader);
size_t reader_count(struct reader *reader, const char *start); /* of such lines */
void reader_forget(struct reader *reader);

/* Ask something of a host or a server of an API; the caller's.  NULL: no answer in time,
 * or no JSON. */
json_t *reader_ask(struct reader *reader, const char *subject, const char *body);
/* The same with a header of wash's, Content-Type: application/json. */
json_t *reader_ask_json(struct reader *reader, const char *subject, const char *body);

#endif
