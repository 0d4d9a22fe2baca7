/*
 * simulator.h - a simulated lattice on a real NATS server, in real time.
 *
 * Hosts that answer the whole control interface, keep links and configs in the two
 * buckets, and publish their events; and orders of what is to happen to them.
 */
#ifndef RECONCILER_RUN_SIMULATOR_H
#define RECONCILER_RUN_SIMULATOR_H

#include "manifest/text.h"
#include "reconciler/run/bus.h"
#include "reconciler/run/options.h"

struct simulator;

/* A lattice without hosts on bus; both are borrowed, and options, too. */
struct simulator *simulator_new(struct bus *bus, const struct options *options);

/* No host says good-bye. */
void simulator_free(struct simulator *simulator);

/* Start a host with this friendly name.  Errors as in host_nats.h. */
enum err_code simulator_start(struct simulator *simulator, struct instant now,
                              const char *name, struct err *err)
    __attribute__((warn_unused_result));

/* Mail of the connection, and of hosts. */
void simulator_take(struct simulator *simulator, const struct mail *mail,
                    struct instant now);
/* After all mail was taken. */
void simulator_at_deadline(struct simulator *simulator, struct instant now);
struct instant simulator_deadline(const struct simulator *simulator);

/*
 * Obey a line of the language of reconciler/sim/order.h, or one of
 *
 *   hosts       a line for each host: NAME ID, and "ended" when it has
 *   inventory   what every host runs, as sim_host_print has it after its name
 *   serving     what a request would meet, as sim_print_serving has it
 *
 * and append what is asked for to answer.  ERR_INVALID with the reason when it cannot
 * be obeyed.
 */
enum err_code simulator_obey(struct simulator *simulator, struct instant now,
                             const char *line, struct text *answer, struct err *err)
    __attribute__((warn_unused_result));

#endif
