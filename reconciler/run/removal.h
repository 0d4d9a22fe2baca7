/*
 * removal.h - an application is wanted no more.
 */
#ifndef RECONCILER_RUN_REMOVAL_H
#define RECONCILER_RUN_REMOVAL_H

#include "reconciler/run/reconciler.h"
#include "reconciler/wire/api.h"

/*
 * Forget all versions of application and begin to remove what it left in the lattice.
 * The wish is kept, durably, whether or not the lattice can be seen; *ret_removal is in
 * arena.  ERR_NOTFOUND when there is no such application
 * and nothing left of it.
 */
enum err_code remove_application(struct reconciler *reconciler, const char *application,
                                 struct arena *arena, struct api_removal *ret_removal,
                                 struct err *err) __attribute__((warn_unused_result));

#endif
