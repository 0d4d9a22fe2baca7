/*
 * keeper.h - one lattice that a daemon keeps: its reconciler, what it serves, its folder.
 *
 * A daemon has one of them for each lattice, all in one loop: none waits, so none delays
 * another.  One that cannot go on is down, and tried again, while the others go on.
 */
#ifndef RECONCILER_RUN_KEEPER_H
#define RECONCILER_RUN_KEEPER_H

#include "reconciler/run/manifests.h"
#include "reconciler/run/reconciler.h"
#include "reconciler/run/service.h"

struct keeper {
    struct options options; /* with its own lattice, store and folder */
    bool is_one_of_several;
    struct loop *loop;             /* borrowed */
    struct reconciler *reconciler; /* NULL: down */
    struct service *service;
    struct manifests *manifests; /* NULL: the API only */
    struct err why;              /* down */
    struct instant retry_at;
    bool is_retired;
};

/* Open all of it; down after an error.  As reconciler_open and manifests_open. */
enum err_code keeper_open(struct keeper *keeper, struct err *err)
    __attribute__((warn_unused_result));
void keeper_close(struct keeper *keeper);

bool keeper_is_up(const struct keeper *keeper);

/* Before a wait of the loop, until the deadline at the latest; and after it. */
void keeper_before_wait(struct keeper *keeper);
struct instant keeper_deadline(const struct keeper *keeper);
/* An error is ERR_CONFLICT, another writer; one of several is down then, and no error. */
enum err_code keeper_work(struct keeper *keeper, struct err *err)
    __attribute__((warn_unused_result));

/* Look at the folder at once. */
void keeper_look(struct keeper *keeper);

/* Has it looked at its lattice? */
bool keeper_has_looked(const struct keeper *keeper);

/* How the lattice is seen, or why it is down, in one sentence; in arena. */
const char *keeper_status(const struct keeper *keeper, struct arena *arena);

/* Begin nothing new; and is something under way still? */
void keeper_retire(struct keeper *keeper);
bool keeper_is_busy(const struct keeper *keeper);

#endif
