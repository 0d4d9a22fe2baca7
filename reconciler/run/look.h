/*
 * look.h - verbs that only look: they ask the daemon, or where none answers look at the
 * store and at what hosts tell, and change neither.
 */
#ifndef RECONCILER_RUN_LOOK_H
#define RECONCILER_RUN_LOOK_H

#include "reconciler/run/client.h"
#include "reconciler/run/reconciler.h"

/* Both show what they find, and say with which exit status. */
struct look_verb {
    enum err_code (*ask)(const struct options *options, struct client *client,
                         struct arena *arena, int *ret_status, struct err *err);
    /* reconciler has seen what there is to see; when that is nothing, its engine says
     * so. */
    enum err_code (*look)(const struct options *options, struct reconciler *reconciler,
                          struct arena *arena, int *ret_status, struct err *err);
};

/* Run verb, and say what went wrong; returns the exit status. */
int look_run(const struct options *options, const struct look_verb *verb);

#endif
