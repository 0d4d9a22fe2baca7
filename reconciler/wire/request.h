/*
 * request.h - a command as the subject and the bytes a host understands; and one that
 * JetStream does.
 *
 * Works with every host from 1.0 to 1.9: host_id in every host-addressed body, count
 * and never max_instances, no null anywhere, allow_update never sent.
 *
 * Source: wasmCloud ctl v1; reference lattice-protocol-v1 sections 2 and 10.2.
 */
#ifndef RECONCILER_WIRE_REQUEST_H
#define RECONCILER_WIRE_REQUEST_H

#include <stddef.h>

#include "manifest/arena.h"
#include "reconciler/core/command.h"

struct wire_request {
    const char *subject;
    const char *bytes; /* JSON, or "" */
    size_t length;
};

/* Encode command for lattice, into arena.  Cannot fail. */
void wire_encode_command(const struct command *command, const char *lattice,
                         struct arena *arena, struct wire_request *ret_request);

#endif
