/*
 * loss.h - links of others that went amid a command of ours.
 *
 * Hosts read, modify and write all links of a source without comparing, and link.del
 * cannot name a target: who puts a link while a command of ours for its source is under
 * way may lose it to us, though nothing of theirs was in the way when we sent it.  That
 * cannot be prevented; it is told, with the command that brings the link back.
 */
#ifndef RECONCILER_CORE_LOSS_H
#define RECONCILER_CORE_LOSS_H

#include "linkstore/desired.h"
#include "manifest/arena.h"

struct loss {
    const char *application; /* on whose behalf our command was; "" when nobody's is */
    const char *text;        /* one sentence, which ends in restore */
    const char *restore;     /* "wash link put ...", quoted for a shell where need be */
};

/* The command that puts link as it is, in arena. */
const char *loss_restore(const struct link *link, struct arena *arena);

#endif
