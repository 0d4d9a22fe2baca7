/*
 * behind.h - hosts that may not have heard yet of a link that is in its bucket.  Internal
 * to core/.
 *
 * The providers of a host are given a link when that host hears of it, with what its
 * configs hold then.  One that is cut off, or paused, hears of it when it is back,
 * perhaps in the very moment in which a config of it has other content.  So what its
 * providers were given is as good as known only once it has answered what was sent after
 * the link was seen.  A heartbeat is no answer: who cannot hear may still be heard.
 *
 * Nothing keeps who has answered before this engine began.  What was put before that is
 * taken as heard of by hosts that are there; not so by one that has not answered this
 * engine yet, where a config is not as wanted until it does.
 */
#ifndef RECONCILER_CORE_BEHIND_H
#define RECONCILER_CORE_BEHIND_H

#include "reconciler/core/state.h"

/* host has answered what was sent to it at moment. */
void behind_answered(struct host_item *host, struct instant moment);
/* The same of a host that answered the survey. */
void behind_pinged(struct engine *engine, const char *id);

/* link has just come into its bucket. */
void behind_note_link(struct engine *engine, struct link_item *link);

/* A provider of link runs on a host that may hear of it only now. */
bool behind_may_take(const struct link_item *link);
/* A config of link is not as wanted: a provider of it on a host that is not there may
 * come back with that, or with what it holds by then. */
void behind_note_doubt(struct link_item *link);
/* host was not there, and is again: what its providers may have been given is doubted. */
void behind_returned(struct engine *engine, const struct host_item *host);

#endif
