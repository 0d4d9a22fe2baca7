/*
 * silent.h - hosts that may have missed that a link was given.  Internal to core/.
 *
 * A link is given again by a delete and a put, milliseconds apart.  A host that is cut
 * off meanwhile gets neither the message of the delete nor, for the bucket keeps only the
 * last of an entry, what was in between: it has the link in memory as before, so its
 * providers are given nothing.  The bucket and all answers of link.get are as they should
 * be.
 *
 * One that hears and is not heard cannot read a config that it has not used before, and
 * leaves out a link that names one; nor does it come back to it.
 *
 * So hosts that run a provider of a link are asked something when they are to drop it.
 * Who did not answer what was asked about then, and answers again, is given it once more.
 * A heartbeat is no answer: who cannot hear may still be heard.
 *
 * What went before this engine began is taken as heard of: nothing keeps who has answered
 * since.
 */
#ifndef RECONCILER_CORE_SILENT_H
#define RECONCILER_CORE_SILENT_H

#include "reconciler/core/state.h"

/* Providers of link have just dropped it: ask their hosts whether they hear. */
void silent_ask(struct engine *engine, const struct link_item *link);

/* host did not answer what it was asked at moment. */
void silent_unanswered(struct engine *engine, struct host_item *host,
                       struct instant moment);
/* host has answered something, see behind_answered. */
void silent_answered(struct engine *engine, struct host_item *host);
/* host was not there, and is again, with all it ran. */
void silent_returned(struct engine *engine, struct host_item *host);

/* One may have missed link, and it is not known yet whether it hears again. */
bool silent_must_wait(struct engine *engine, const struct link_item *link);
/* That host; NULL: there is none. */
const struct host_item *silent_find(const struct link_item *link);

#endif
