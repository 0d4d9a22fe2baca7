/*
 * identity.h - who connects: a way of a connection, its secrets found and ready to show.
 */
#ifndef RECONCILER_RUN_IDENTITY_H
#define RECONCILER_RUN_IDENTITY_H

#include <stdbool.h>

#include <nats/nats.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "reconciler/run/connection.h"

struct identity {
    struct connection connection; /* its texts are in the arena of identity_read */
    const char *shown; /* "user 'ops'", "the token": nothing secret; NULL: nobody */
};

/*
 * Find the one way of connection and look whether its secrets are there.  ERR_USAGE
 * says which option, variable or file is wrong, and shows nothing secret.
 */
enum err_code identity_read(const struct connection *connection, struct arena *arena,
                            struct identity *ret_identity, struct err *err)
    __attribute__((warn_unused_result));

/* Have nats.c use it; identity must stay as long as options.  Errors as above. */
enum err_code identity_set(struct identity *identity, natsOptions *options,
                           struct err *err) __attribute__((warn_unused_result));

/*
 * Look into its files again before another connection is made with options: what nats.c
 * does not ask for at each connect, as a password or the public key of an nkey, may be
 * another one now.
 */
void identity_renew(struct identity *identity, natsOptions *options);

#endif
