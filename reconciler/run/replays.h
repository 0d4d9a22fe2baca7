/*
 * replays.h - replies to requests that bear an id, for the same request again.
 *
 * A client that got no answer does not know whether its request was carried out.  When it
 * asks again with the same Nats-Msg-Id it gets the reply of the first time, and nothing
 * is done twice.  Kept for two minutes, as JetStream does, as long as there is room.
 */
#ifndef RECONCILER_RUN_REPLAYS_H
#define RECONCILER_RUN_REPLAYS_H

#include <stddef.h>

#include "reconciler/core/instant.h"

struct replays;

struct replays *replays_new(void);
void replays_free(struct replays *replays);

/* The reply that was kept for id on subject, of *ret_length bytes, until the next call;
 * NULL there is none. */
const char *replays_find(struct replays *replays, const char *subject, const char *id,
                         struct instant now, size_t *ret_length);

/* Keep length bytes as the reply to it; what is too long is not kept. */
struct replay {
    const char *subject;
    const char *id;
    const char *bytes;
    size_t length;
};
void replays_keep(struct replays *replays, const struct replay *replay,
                  struct instant now);

#endif
