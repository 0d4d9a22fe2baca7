/*
 * support_roll.h - which hosts there are, of a lattice that a test reads.
 *
 * A host that is slow is waited for: none is missing because the machine is busy.
 */
#ifndef TEST_SUPPORT_ROLL_H
#define TEST_SUPPORT_ROLL_H

#include <stddef.h>

#include <nats/nats.h>

#define ROLL_HOSTS_MAX 16
#define ROLL_ID_BYTES  64

/* The ids of all hosts that answer to prefix and "host.ping".  *retired is the caller's,
 * NULL at first, to be destroyed at the end. */
size_t roll_call(natsConnection *connection, const char *prefix,
                 natsSubscription **retired, char (*ret_ids)[ROLL_ID_BYTES]);

#endif
