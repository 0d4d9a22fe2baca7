/*
 * address.h - the address of a NATS server, as users write it and as it may be shown.
 */
#ifndef RECONCILER_RUN_ADDRESS_H
#define RECONCILER_RUN_ADDRESS_H

#include <stdbool.h>

#include "manifest/arena.h"
#include "manifest/err.h"

#define ADDRESS_PARTS_MAX ((size_t)64)

struct address {
    const char *shown; /* without user, password and token */
    bool is_secure;    /* tls:// was asked for; nats.c itself does not insist on it */
    const char **urls; /* each address by itself, as it was written */
    size_t urls_count;
};

/*
 * Read url, which is [nats://|tls://][user[:password]@]host[:port], or several of these
 * with commas between them.  What is returned lives in arena.
 *
 * ERR_LIMIT over ADDRESS_PARTS_MAX; ERR_USAGE, with nothing secret in the message, when a
 * part has another scheme, no host, or a port that is no number up to 65535.
 */
enum err_code address_read(const char *url, struct arena *arena,
                           struct address *ret_address, struct err *err)
    __attribute__((warn_unused_result));

#endif
