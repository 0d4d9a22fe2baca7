/*
 * renaming.h - subjects that are called otherwise at a server than in the code.
 *
 * Hosts may be given another prefix than wasmbus.ctl, and JetStream may be in a domain.
 * All of the code has the usual names; the bus has them renamed.
 *
 * Source: reference lattice-protocol-v1 section 1; nats-server 2.9.10, jetstream_api.go.
 */
#ifndef RECONCILER_RUN_RENAMING_H
#define RECONCILER_RUN_RENAMING_H

#include <stdbool.h>

#include "manifest/arena.h"
#include "manifest/err.h"

struct renaming {
    const char *control; /* in place of wasmbus.ctl; NULL: that */
    const char *domain;  /* NULL: none */
};

/* Can they be? ERR_USAGE names the option. */
enum err_code renaming_check(const struct renaming *renaming, struct err *err)
    __attribute__((warn_unused_result));

/* Is text one or more tokens with dots between them? */
bool renaming_is_prefix(const char *text);

/* What is published to subject goes there; itself, or in arena. */
const char *renaming_out(const struct renaming *renaming, const char *subject,
                         struct arena *arena);

/* What came in on subject is called so in the code; itself, or in arena. */
const char *renaming_in(const struct renaming *renaming, const char *subject,
                        struct arena *arena);

#endif
