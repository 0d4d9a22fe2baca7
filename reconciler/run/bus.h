/*
 * bus.h - the NATS connection: subscriptions, publishing, many requests in flight.
 *
 * One thread, the loop's, calls these; nothing here blocks longer than half a second,
 * whatever the server does.  What arrives is put into the mailbox by nats.c's threads.
 * While disconnected nothing is queued: publishing fails at once, so that no stale
 * command leaves after a reconnect.  A connection that nats.c gave up is made anew,
 * with all subscriptions, for ever.
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
#include "reconciler/run/mailbox.h"

struct bus;

struct bus_options {
    const char *url;         /* nats://, tls://, or host:port */
    const char *credentials; /* a .creds file; NULL none */
    const char *name;        /* shown by the server for this connection */
    bool is_patient;         /* a daemon: no server yet is no error, keep trying */
};

/*
 * Connect.  Without is_patient an unreachable server is ERR_UNREACHABLE, a refused
 * user too; the message names the server, what it said, and what to check.  Call
 * before any other thread is started, with signals blocked.
 */
enum err_code bus_open(const struct bus_options *options, struct mailbox *mailbox,
                       struct bus **ret_bus, struct err *err)
    __attribute__((warn_unused_result));
void bus_close(struct bus *bus);

bool bus_is_connected(const struct bus *bus);

/* The largest message the server takes, in bytes; 1 MiB while not connected. */
size_t bus_payload_max(const struct bus *bus);

/*
 * Subscribe to subject, in queue unless it is NULL, for as long as the bus lives or
 * until bus_unsubscribe.  Messages arrive as MAIL_MESSAGE with tag.
 */
enum err_code bus_subscribe(struct bus *bus, const char *subject, const char *queue,
                            uint64_t tag, struct err *err)
    __attribute__((warn_unused_result));
void bus_unsubscribe(struct bus *bus, uint64_t tag);

struct bus_message {
    const char *subject;
    const char *reply; /* NULL none */
    const char *bytes;
    size_t length;
    bool has_expected_sequence; /* JetStream: Nats-Expected-Last-Subject-Sequence */
    uint64_t expected_sequence;
};

/* Publish without waiting.  ERR_UNREACHABLE while disconnected, ERR_LIMIT too large. */
enum err_code bus_publish(struct bus *bus, const struct bus_message *message,
                          struct err *err) __attribute__((warn_unused_result));

/*
 * Publish with a reply inbox.  Exactly one of MAIL_ANSWER, MAIL_NO_RESPONDERS and
 * MAIL_TIMEOUT with tag follows, unless a disconnect comes first: then MAIL_TIMEOUT
 * follows at once.  message.reply is not used.
 */
enum err_code bus_request(struct bus *bus, const struct bus_message *message,
                          uint64_t tag, struct instant deadline, struct err *err)
    __attribute__((warn_unused_result));

/*
 * Publish with a reply inbox and take every answer that comes until deadline: each is
 * a MAIL_ANSWER with tag, the end is MAIL_TIMEOUT; MAIL_NO_RESPONDERS ends it early.
 */
enum err_code bus_gather(struct bus *bus, const struct bus_message *message, uint64_t tag,
                         struct instant deadline, struct err *err)
    __attribute__((warn_unused_result));

/* Call when the deadline has come, and after every wake-up: gives up what is late and
 * makes a lost connection anew. */
void bus_at_deadline(struct bus *bus, struct instant now);
struct instant bus_deadline(const struct bus *bus);

#endif
