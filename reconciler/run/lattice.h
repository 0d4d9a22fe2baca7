/*
 * lattice.h - the port through which commands leave.
 *
 * lattice_nats.h speaks to a real lattice, rehearsal.h to a simulated one; the driver
 * cannot tell them apart.  What comes back comes as events, from whoever runs the port.
 */
#ifndef RECONCILER_RUN_LATTICE_H
#define RECONCILER_RUN_LATTICE_H

#include "manifest/err.h"
#include "reconciler/core/command.h"
#include "reconciler/core/event.h"

struct lattice {
    void *context; /* borrowed; the implementation's own */

    /*
     * Send command and return at once.  After ERR_OK exactly one EVENT_ANSWERED
     * follows; otherwise it was not sent.
     */
    enum err_code (*send)(void *context, const struct command *command,
                          struct instant now, struct err *err);
};

#endif
