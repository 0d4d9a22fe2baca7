/*
 * look.h - looking at a lattice without a daemon: at the store and at what hosts tell,
 * and changing neither.
 */
#ifndef RECONCILER_RUN_LOOK_H
#define RECONCILER_RUN_LOOK_H

#include "reconciler/run/reconciler.h"

/*
 * Open an observer that has seen what there is to see, for reconciler_close; as
 * reconciler_open.  That the lattice cannot be seen is no failure: the engine says so.
 */
enum err_code look_open(const struct options *options, struct reconciler **ret_reconciler,
                        struct err *err) __attribute__((warn_unused_result));

#endif
