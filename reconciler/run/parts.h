/*
 * parts.h - messages larger than the NATS server takes, sent in pieces.
 *
 * A manifest of a thousand components is larger than a megabyte, which is what a server
 * takes by default.  The client sends the pieces of a request first, each acknowledged,
 * and then a request that names them; a large reply is kept and fetched in pieces.
 *
 *   trellis.api.{lattice}.part.{id}.{index}.{count}   a piece of a request
 *   trellis.api.{lattice}.fetch.{id}.{index}          a piece of a reply
 */
#ifndef RECONCILER_RUN_PARTS_H
#define RECONCILER_RUN_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/err.h"
#include "reconciler/core/event.h"

/* How many messages are kept in pieces at a time, for how long after the last piece. */
#define PARTS_MESSAGES_MAX 8
#define PARTS_KEPT_MS      ((int64_t)60 * 1000)

struct parts;

struct parts *parts_new(void);
void parts_free(struct parts *parts);

/* The piece of a message. */
struct part {
    const char *id;
    uint32_t index; /* from 0 */
    uint32_t count;
    const char *bytes;
    size_t length;
};

/*
 * Keep part until its message is whole.  A new message takes the place of the one that
 * was touched longest ago.  ERR_LIMIT over MESSAGE_BYTES_MAX in all; ERR_INVALID when
 * it does not come next.
 */
enum err_code parts_put(struct parts *parts, const struct part *part, struct instant now,
                        struct err *err) __attribute__((warn_unused_result));

/* Keep a whole message to be fetched; returns its id. */
const char *parts_keep(struct parts *parts, const char *bytes, size_t length,
                       struct instant now);

/* The whole message of id, or NULL; the parts' own, until the next call. */
const char *parts_find(struct parts *parts, const char *id, struct instant now,
                       size_t *ret_length);

/* How many pieces of size bytes make length bytes. */
uint32_t parts_count(size_t length, size_t size);

#endif
