/*
 * context.h - how to reach a lattice, as wash keeps it in a file.
 *
 * Source: wash 0.43, reference wash-client section 2.1.
 */
#ifndef RECONCILER_WIRE_CONTEXT_H
#define RECONCILER_WIRE_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"

/* What is absent, null or empty is NULL, false, or 0. */
struct wire_context {
    const char *name;
    const char *host;
    uint32_t port;
    const char *jwt;
    const char *seed;
    const char *credentials; /* a file */
    const char *authority;   /* a file */
    bool is_tls_first;
    const char *lattice;
    const char *domain; /* JetStream's */
};

/* ERR_SYNTAX or ERR_INVALID; other fields are fine.  Points into arena. */
enum err_code wire_decode_context(const char *bytes, size_t length, struct arena *arena,
                                  struct wire_context *ret_context, struct err *err)
    __attribute__((warn_unused_result));

#endif
