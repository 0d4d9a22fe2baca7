/*
 * options_connection.h - the connection, with what no option said: from our environment,
 * wash's, and a context of wash's, in this order.
 */
#ifndef RECONCILER_RUN_OPTIONS_CONNECTION_H
#define RECONCILER_RUN_OPTIONS_CONNECTION_H

#include "reconciler/run/options.h"

/*
 * Complete the connection and the lattice of options.  Who connects is said in one place:
 * where an option names a way, the environment only adds what that is not whole without.
 *
 * ERR_USAGE a context that is not there or cannot be read, or a name that cannot be.
 */
enum err_code options_complete(struct options *options, bool is_connecting,
                               struct arena *arena, struct err *err)
    __attribute__((warn_unused_result));

#endif
