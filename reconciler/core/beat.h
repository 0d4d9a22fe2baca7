/*
 * beat.h - how far apart the heartbeats of a host are.  Internal to core/.
 *
 * A host has an interval of its own, which it does not tell.  Heartbeats may be lost, and
 * a host that is blocked sends those that are due late and all at once, and the next one
 * when that is due: no single gap between two of them tells the interval, so it is the
 * middle one of three; and a long gap and the short one after it, which together are two
 * intervals, count as two of half their length each.
 */
#ifndef RECONCILER_CORE_BEAT_H
#define RECONCILER_CORE_BEAT_H

#include "reconciler/core/state.h"

/* A heartbeat of host has come now. */
void beat_learn(struct engine *engine, struct host_item *host);

#endif
