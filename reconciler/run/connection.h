/*
 * connection.h - how NATS is reached: where the server is, who asks, and what subjects
 * are called there.
 *
 * A NULL is what was not said.  Secrets are values or files that hold one; a file is read
 * anew at every connect, so that it may be replaced while a daemon runs.
 */
#ifndef RECONCILER_RUN_CONNECTION_H
#define RECONCILER_RUN_CONNECTION_H

#include <stdbool.h>

struct connection {
    const char *url; /* [nats://|tls://][user:password@]host[:port], or several of these
                      * with commas between them */

    /* who asks: one way of these */
    const char *credentials; /* a .creds file: a JWT and its seed */
    const char *jwt;         /* of a user, with the seed ... */
    const char *jwt_file;
    const char *seed; /* ... which is a way of its own: an nkey */
    const char *seed_file;
    const char *user;
    const char *password;
    const char *password_file;
    const char *token;
    const char *token_file;
    const char *who_from; /* where that was said, for messages; NULL: by an option */

    /* TLS, in PEM */
    const char *authority; /* certificates of those whom we trust */
    const char *certificate;
    const char *key;
    bool is_tls_first; /* before the server has greeted, which nats.c 3.4.1 cannot do */

    /* subjects, see renaming.h */
    const char *domain;  /* JetStream's */
    const char *control; /* wasmbus.ctl */
    const char *inbox;   /* _INBOX */
};

#endif
