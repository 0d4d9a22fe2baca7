/*
 * publish.h - a message handed to nats.c.
 */
#ifndef RECONCILER_RUN_PUBLISH_H
#define RECONCILER_RUN_PUBLISH_H

#include <nats/nats.h>

#include "reconciler/run/bus.h"

/* Publish message on connection, with reply unless it is NULL. */
natsStatus publish_message(natsConnection *connection, const struct bus_message *message,
                           const char *reply);

#endif
