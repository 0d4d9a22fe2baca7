/*
 * host_nats.h - a simulated host on a real NATS server: the bytes of the one moved to
 * the other.
 *
 * All that reaches the host comes as mail with one of its owners; the content of
 * LATTICEDATA is told by whoever follows the bucket.
 */
#ifndef RECONCILER_RUN_HOST_NATS_H
#define RECONCILER_RUN_HOST_NATS_H

#include "reconciler/run/bus.h"
#include "reconciler/sim/host.h"

struct host_nats;

/* Owners of mail tags that a host needs for itself, from the one it is given. */
#define HOST_NATS_OWNERS 3

/* A host on bus as options say, not started; owner is the first of its own. */
struct host_nats *host_nats_new(struct bus *bus, const struct sim_host_options *options,
                                uint32_t owner);
void host_nats_free(struct host_nats *host);

/* Listen, and start.  ERR_INVALID when the lattice makes no subject. */
enum err_code host_nats_start(struct host_nats *host, struct instant now, struct err *err)
    __attribute__((warn_unused_result));

/* The host itself; after every call of a sim_host function call host_nats_pump. */
struct sim_host *host_nats_host(struct host_nats *host);

/* Do to the world what the host wants done, as far as the bus has room: the rest waits
 * for the next call.  Ended, the host listens no more. */
void host_nats_pump(struct host_nats *host, struct instant now);

/* Take in mail, if it is the host's.  Every mail may have made room for what waits. */
void host_nats_take(struct host_nats *host, const struct mail *mail, struct instant now);

/* Do what is due. */
void host_nats_at_deadline(struct host_nats *host, struct instant now);
struct instant host_nats_deadline(const struct host_nats *host);

#endif
