/*
 * bus.h - the NATS connection: subscriptions, publishing, many requests in flight.
 *
 * One thread, the loop's, calls these.  nats.c's own threads only copy what arrives
 * into the bus's mailbox; bus_take hands it out.  Nothing here waits for a server, but
 * for three cases that end by themselves: a write into the full socket of a server that
 * reads no more takes half a second, then the connection is cut; a call in the moment in
 * which a connection is lost waits for nats.c's try to make it anew, 1 s with is_patient
 * and 4 s without; and bus_open without is_patient, and bus_close, may take a few
 * seconds.
 *
 * Nothing stale is ever sent: without a connection publishing fails at once, and after
 * a loss it goes on failing until bus_take has told of it, so that what was decided
 * before the loss does not leave after it.
 *
 * Source: reference library-facts sections 3, 4 and 5.
 */
#ifndef RECONCILER_RUN_BUS_H
#define RECONCILER_RUN_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/err.h"
#include "reconciler/core/event.h"
#include "reconciler/run/connection.h"
#include "reconciler/run/mailbox.h"

struct bus;

struct bus_options {
    struct connection connection;
    const char *name; /* shown by the server for this connection */
    bool is_patient;  /* a daemon: no server yet is no error, keep trying */
    size_t mails_max; /* bounds of what waits for bus_take; 0: the usual */
    size_t mail_bytes_max;
};

/*
 * Connect.  Call with signals blocked (loop_block_signals).
 *
 * An address that is none, two ways to say who connects, or a missing file is ERR_USAGE.
 * An unreachable server, a refused user or bad TLS is ERR_UNREACHABLE, and the message
 * names the server, who connects and what to check; with is_patient they are not errors:
 * this returns at once, and MAIL_DISCONNECTED says the same.  No secret appears in it.
 */
enum err_code bus_open(const struct bus_options *options, struct bus **ret_bus,
                       struct err *err) __attribute__((warn_unused_result));

/* What was published is sent first; what was not taken is lost. */
void bus_close(struct bus *bus);

/* The server's address, without user and password. */
const char *bus_server(const struct bus *bus);

/* Can something be sent now? */
bool bus_is_connected(const struct bus *bus);

/* The largest message the server takes, in bytes; 1 MiB before the first connection. */
size_t bus_payload_max(const struct bus *bus);

/* A subject prefix of our own, for deliveries: append a dot and more tokens than one. */
const char *bus_inbox(const struct bus *bus);

/* In what follows subjects are as they usually are: see renaming.h. */

/* What arrives: */

/*
 * The next mail that is no request, the caller's to mail_free; NULL when there is none at
 * the moment.  Call until NULL whenever bus_fd is readable or bus_deadline has come.
 *
 * The subject of MAIL_DENIED is the one at the server.
 *
 * MAIL_CONNECTED and MAIL_DISCONNECTED alternate, but that MAIL_DISCONNECTED comes
 * again when its reason changes.  A server that refuses our inbox, and so lets no answer
 * through, counts as disconnected.  After MAIL_OVERFLOWED whatever was built from mail
 * must be asked for again.
 */
struct mail *bus_take(struct bus *bus, struct instant now);

/* The next request to bus_serve, likewise; as long as there is one, bus_fd is readable.
 */
struct mail *bus_take_request(struct bus *bus);

/* How many mails wait to be taken. */
size_t bus_mails_count(const struct bus *bus);
int bus_fd(const struct bus *bus);
struct instant bus_deadline(const struct bus *bus);

/*
 * Subscribe to subject, in queue unless it is NULL, until bus_unsubscribe: through
 * every loss of the connection.  Messages arrive as MAIL_MESSAGE with tag; MAIL_DENIED
 * with tag says that none will.  ERR_INVALID when subject is none.
 */
enum err_code bus_subscribe(struct bus *bus, const char *subject, const char *queue,
                            uint64_t tag, struct err *err)
    __attribute__((warn_unused_result));

/*
 * The same for requests, which wait apart: MAIL_REQUEST, by bus_take_request.  Where too
 * many wait already, MAIL_EXCESS by bus_take says who else has asked.
 */
enum err_code bus_serve(struct bus *bus, const char *subject, const char *queue,
                        uint64_t tag, struct err *err)
    __attribute__((warn_unused_result));

/* End all subscriptions with tag.  What is under way may still arrive. */
void bus_unsubscribe(struct bus *bus, uint64_t tag);

/* What is sent: */

struct bus_message {
    const char *subject;
    const char *reply; /* NULL none */
    const char *bytes;
    size_t length;

    /* JetStream: refuse it unless the subject's last message has this sequence, 0 for
     * none.  Nats-Expected-Last-Subject-Sequence. */
    bool has_expected_sequence;
    uint64_t expected_sequence;
    bool is_purge; /* of a bucket's key: KV-Operation PURGE, and roll up */
};

/*
 * Publish without waiting.  ERR_UNREACHABLE while not connected, ERR_LIMIT when it is
 * larger than bus_payload_max, ERR_INVALID when the subject is none.  Success means
 * that it is on its way, not that it arrived.  Should the server refuse the subject,
 * MAIL_DENIED with tag 0 follows.
 */
enum err_code bus_publish(struct bus *bus, const struct bus_message *message,
                          struct err *err) __attribute__((warn_unused_result));

/*
 * Publish with a reply inbox; message.reply is not used.  Exactly one of MAIL_ANSWER,
 * MAIL_NO_RESPONDERS, MAIL_DENIED and MAIL_TIMEOUT with tag follows; after a
 * disconnect MAIL_TIMEOUT comes at once, and behind MAIL_DISCONNECTED.  An answer that
 * is late, or to a request before the disconnect, is dropped.
 *
 * Errors as for bus_publish; ERR_LIMIT also without bus_has_room.
 */
enum err_code bus_request(struct bus *bus, const struct bus_message *message,
                          uint64_t tag, struct instant deadline, struct err *err)
    __attribute__((warn_unused_result));

/* May one more request be under way? */
bool bus_has_room(const struct bus *bus);

/*
 * The same, taking every answer that comes until deadline: each is a MAIL_ANSWER with
 * tag, and MAIL_TIMEOUT ends it; so does MAIL_NO_RESPONDERS or MAIL_DENIED.
 */
enum err_code bus_gather(struct bus *bus, const struct bus_message *message, uint64_t tag,
                         struct instant deadline, struct err *err)
    __attribute__((warn_unused_result));

#endif
