/*
 * standby.h - a daemon that waits for the one that writes to its lattice to be gone.
 *
 * It reads the lease, and takes nothing over that lives.  Nothing else is opened, so that
 * it costs next to nothing for as long as it takes.
 */
#ifndef RECONCILER_RUN_STANDBY_H
#define RECONCILER_RUN_STANDBY_H

#include <stdbool.h>

#include "reconciler/run/notify.h"
#include "reconciler/run/options.h"

/*
 * Wait until the lattice's lease and the store are free; the lease is kept under the
 * store's name then, for the daemon that is opened next.  *ret_is_ended: a signal came
 * first.  ERR_CONFLICT: the lease cannot be had at all.
 */
enum err_code standby_wait(const struct options *options, struct notify *notify,
                           bool *ret_is_ended, struct err *err)
    __attribute__((warn_unused_result));

#endif
