/*
 * session.h - the one connection of a bus, kept.
 *
 * nats.c reconnects by itself after most losses; it gives up for good after others
 * (twice the same refusal of the user, an error that it does not know).  Then, and at
 * the start, a thread of ours makes a new connection: nats.c 3.4.1 waits for ever for a
 * server that greets and then says nothing, and nobody is to wait with it.
 *
 * The state is one number, the turn: it counts the changes between disconnected (even)
 * and connected (odd), so that whoever has seen one turn can tell that the connection
 * was lost since, even when it is back.
 *
 * Source: reference library-facts sections 4 and 5.
 */
#ifndef RECONCILER_RUN_SESSION_H
#define RECONCILER_RUN_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nats/nats.h>

#include "reconciler/run/bus.h"

struct session;

/*
 * Check options and get ready; session_step connects.  Refusals and losses go to
 * mailbox, which is woken at each change.  Errors: ERR_USAGE, ERR_IO.
 */
enum err_code session_open(const struct bus_options *options, struct mailbox *mailbox,
                           struct session **ret_session, struct err *err)
    __attribute__((warn_unused_result));

/* Connect now, or be ERR_UNREACHABLE after some seconds at most. */
enum err_code session_connect(struct session *session, struct err *err)
    __attribute__((warn_unused_result));

/*
 * Cut the connection; what was published leaves first.  False when another thread is
 * busy with it still, after some seconds: then session and mailbox must stay.
 */
bool session_close(struct session *session);
void session_free(struct session *session);

/* Move on: take over a connection that was made, or have one made when that is due. */
void session_step(struct session *session, struct instant now);
struct instant session_deadline(const struct session *session);

/* Odd while connected. */
unsigned session_turn(const struct session *session);

/* The connection, which may be away at the moment; NULL while there is none at all. */
natsConnection *session_connection(const struct session *session);

/* Has nats.c given the connection up?  Then end what was made on it, and drop it. */
bool session_is_closed(const struct session *session);
void session_drop(struct session *session, struct instant now);

/* The server's address without user and password. */
const char *session_server(const struct session *session);

/* What was last wrong, and how many things have been so far: tells a new from an old. */
unsigned session_trouble(struct session *session, char *ret_text, size_t size);

/* The largest message the server takes, in bytes. */
size_t session_payload_max(const struct session *session);

#endif
