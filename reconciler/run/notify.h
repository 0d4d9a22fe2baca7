/*
 * notify.h - what the service manager is told: systemd's notify protocol.
 *
 * One datagram to the socket that NOTIFY_SOCKET names; without it, or when nobody takes
 * it, nothing happens.  By hand, for libsystemd is a large library for one datagram.
 *
 * Source: sd_notify(3).
 */
#ifndef RECONCILER_RUN_NOTIFY_H
#define RECONCILER_RUN_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "reconciler/core/instant.h"

struct notify {
    int fd;                    /* -1: nobody wants to know */
    int64_t watchdog_ms;       /* a sign of life is wanted in half of this; 0 none is */
    bool is_ready;             /* said */
    struct instant alive_next; /* sign of life */
    struct instant status_next;
    char status[256]; /* as last told */
};

void notify_open(struct notify *notify);
void notify_close(struct notify *notify);

/* After a turn of the loop: say once that the daemon is ready, when it is, and that it
 * is alive, when it is time. */
void notify_turn(struct notify *notify, struct instant now, bool is_ready);
/* When that must be said next; INSTANT_NEVER when nobody wants to know. */
struct instant notify_deadline(const struct notify *notify);

/* Is it time to tell people how it is?  Then do, in one sentence. */
bool notify_wants_status(const struct notify *notify, struct instant now);
void notify_status(struct notify *notify, struct instant now, const char *sentence);

/* It reads its folder again, on SIGHUP; notify_turn says when it is done. */
void notify_reloading(struct notify *notify, struct instant now);
void notify_stopping(struct notify *notify);

#endif
