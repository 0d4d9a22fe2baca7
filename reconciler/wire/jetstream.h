/*
 * jetstream.h - what JetStream answers and how it marks what it delivers.
 *
 * Source: nats-server 2.9.10 and 2.11.10, as seen; reference library-facts section 1.
 */
#ifndef RECONCILER_WIRE_JETSTREAM_H
#define RECONCILER_WIRE_JETSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"

/* Errors of JetStream that mean something to us; there are hundreds more. */
#define WIRE_JETSTREAM_WRONG_SEQUENCE 10071
#define WIRE_JETSTREAM_NO_STREAM      10059
#define WIRE_JETSTREAM_NAME_IN_USE    10058 /* by a stream with other settings */
#define WIRE_JETSTREAM_NOT_ENABLED    10039 /* for this account */

/*
 * An answer of $JS.API, or to something published to a stream.  Which fields there are
 * follows from what was asked; 0 and "" where they are not.
 */
struct wire_jetstream {
    uint64_t error_code; /* err_code of the error; its code where it has none; 0 none */
    const char *error_text;  /* the server's own words */
    const char *created;     /* a stream's: another one is another stream */
    uint64_t subjects_count; /* with a message in the stream, markers included;
                              * messages, from a server that does not count subjects */
    uint64_t last_sequence;  /* of the stream, ever */
    uint64_t pending_count;  /* of a consumer: what it will still deliver */
    uint64_t sequence;       /* of what was published */
};

/* ERR_SYNTAX, ERR_INVALID or ERR_LIMIT when it is no such answer, as in reply.h.  Points
 * into arena. */
enum err_code wire_decode_jetstream(const char *bytes, size_t length, struct arena *arena,
                                    struct wire_jetstream *ret_answer, struct err *err)
    __attribute__((warn_unused_result));

/*
 * The body of $JS.API.STREAM.CREATE.KV_{bucket}: a key-value bucket as a host makes it,
 * of history 1.  Entries end after max_age_ms; 0: never.  The first is numbered first; 0:
 * as usual, as it is by servers before 2.10, which do not know of that.  In arena.
 */
const char *wire_encode_bucket(const char *bucket, int64_t max_age_ms, uint64_t first,
                               struct arena *arena);

/* Where a message stands in its stream and in what its consumer delivers. */
struct wire_delivery {
    uint64_t stream_sequence;
    uint64_t consumer_sequence;
    uint64_t pending_count; /* still to come, when it was sent */
};

/* Read the reply subject of a delivered message, in the form with a domain or in the
 * one without.  False when it is none. */
bool wire_decode_delivery(const char *reply, struct wire_delivery *ret_delivery);

/* Read a decimal number that fills text; false when it is none. */
bool wire_decode_number(const char *text, uint64_t *ret_number);

#endif
