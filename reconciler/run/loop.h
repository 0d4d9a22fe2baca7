/*
 * loop.h - waiting for what comes first: a descriptor, a signal, or a deadline.
 *
 * One thread, one poll.  The program's own loop calls loop_wait, asks what came, deals
 * with it, and waits again; nothing calls back.
 */
#ifndef RECONCILER_RUN_LOOP_H
#define RECONCILER_RUN_LOOP_H

#include <stdbool.h>

#include "manifest/err.h"
#include "reconciler/core/event.h"

struct loop;

/*
 * Block SIGTERM, SIGINT and SIGHUP, to be read by the loop, and ignore SIGPIPE.  First
 * thing in main: a thread started before would still be killed by them.
 */
void loop_block_signals(void);

/* Call loop_block_signals first.  ERR_IO when the system has no descriptor left. */
enum err_code loop_open(struct loop **ret_loop, struct err *err)
    __attribute__((warn_unused_result));
void loop_close(struct loop *loop);

/* Wait for fd to be readable too, from now on; fd is the caller's, and -1 none.  At most
 * LOOP_FDS_MAX at a time, none twice. */
#define LOOP_FDS_MAX 160
void loop_watch(struct loop *loop, int fd);
void loop_unwatch(struct loop *loop, int fd);

/* Wait until a watched descriptor is readable, a signal came, or deadline. */
void loop_wait(struct loop *loop, struct instant deadline);

/* Did the last wait find fd readable, closed by its other end, or in error? */
bool loop_is_ready(const struct loop *loop, int fd);

/* The next signal that the last wait found: SIGTERM, SIGINT or SIGHUP; 0 when there is
 * no other.  SIGTERM and SIGINT come before SIGHUP. */
int loop_take_signal(struct loop *loop);

#endif
