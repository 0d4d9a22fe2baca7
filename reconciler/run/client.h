/*
 * client.h - asking the daemon of a lattice.
 */
#ifndef RECONCILER_RUN_CLIENT_H
#define RECONCILER_RUN_CLIENT_H

#include "manifest/arena.h"
#include "manifest/err.h"
#include "reconciler/run/bus.h"
#include "reconciler/run/options.h"

struct client;

/* Connect as options say.  ERR_UNREACHABLE names the server and what to check. */
enum err_code client_open(const struct options *options, struct client **ret_client,
                          struct err *err) __attribute__((warn_unused_result));
void client_close(struct client *client);

/* Is there a daemon on the lattice that answers?  ERR_UNREACHABLE when nothing could be
 * asked, or no answer let through. */
enum err_code client_find_daemon(struct client *client, bool *ret_is_there,
                                 struct err *err) __attribute__((warn_unused_result));

/* Does the daemon say that all that is wanted is there, and nothing under way?  Cheap to
 * ask, and false where it does not answer. */
bool client_finds_converged(struct client *client);

/* One request; what it points to is borrowed. */
struct client_request {
    const char *verb;        /* of trellis.api.{lattice}.{verb} */
    const char *application; /* what follows it; NULL nothing */
    const char *bytes;
    size_t length;
};

struct client_reply {
    const char *bytes;
    size_t length;
};

/* The daemon's reply, whole, in arena; it is asked again while it is busy.
 * ERR_UNREACHABLE no daemon; ERR_TIMEOUT. */
enum err_code client_ask(struct client *client, const struct client_request *request,
                         struct arena *arena, struct client_reply *ret_reply,
                         struct err *err) __attribute__((warn_unused_result));

/* Have what is published on subject told from now on, through every loss of the
 * connection. */
enum err_code client_follow(struct client *client, const char *subject, struct err *err)
    __attribute__((warn_unused_result));

/* The next of it, in arena, however long that takes; its bytes NULL: SIGINT or SIGTERM
 * came first.  ERR_UNREACHABLE the server refuses to deliver it. */
enum err_code client_next(struct client *client, struct arena *arena,
                          struct client_reply *ret_message, struct err *err)
    __attribute__((warn_unused_result));

/* An answer of somebody else, such as JetStream. */
struct client_answer {
    const char *bytes;
    size_t length;
    const char *status; /* this and more are headers; "" none */
    const char *operation;
    const char *sequence;
};

/* Ask with message, whose reply is not used.  Errors as client_fetch. */
enum err_code client_send(struct client *client, const struct bus_message *message,
                          struct arena *arena, struct client_answer *ret_answer,
                          struct err *err) __attribute__((warn_unused_result));

/* Ask subject, without a body.  ERR_NOTFOUND nobody listens there; else as client_ask. */
enum err_code client_fetch(struct client *client, const char *subject,
                           struct arena *arena, struct client_answer *ret_answer,
                           struct err *err) __attribute__((warn_unused_result));

#endif
