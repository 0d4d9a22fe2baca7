/*
 * micro.h - discovery of services over NATS: what $SRV.PING, INFO and STATS are answered.
 *
 * Each may be asked of all, of a service by its name, or of one instance by its id behind
 * that.  Source: the NATS service protocol, nats-architecture-and-design ADR-32.
 */
#ifndef RECONCILER_WIRE_MICRO_H
#define RECONCILER_WIRE_MICRO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/text.h"

#define MICRO_SUBJECT "$SRV"
#define MICRO_NAME    "trellis"

/* A group of subjects, and what was asked there. */
struct micro_endpoint {
    const char *name;
    const char *subject;
    const char *queue; /* "" none */
    uint64_t requests;
    uint64_t errors; /* requests that were refused */
    int64_t spent_us;
};

struct micro_service {
    const char *id;
    const char *version;
    const char *lattice;
    int64_t started_unix_ms;
    const struct micro_endpoint *endpoints;
    size_t count;
};

/* Append the answer to a request on subject; false: it is not for service. */
bool micro_answer(const struct micro_service *service, const char *subject,
                  struct text *text);

#endif
