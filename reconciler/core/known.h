/*
 * known.h - which lattice this is, and what was known of it before this process began.
 * Internal to core/.
 *
 * A lattice has no name that another one could not have.  It is known again when its
 * bucket of links was made when the one was that is remembered, or when one of its hosts
 * was seen before; where neither is so it is somebody else's, or one that was made anew
 * with all its hosts, and nobody but the user can tell which: nothing is sent to it.
 * That is judged on each connection.  Where it is not known which bucket there was, hosts
 * alone cannot tell, for they come and go, and every lattice is known.  A host that is
 * gone was seen all the same, in this process as in one before: it may come back.
 *
 * Without EVENT_RECALLED there is nothing to be known again.
 *
 * Source: reference design section 5.
 */
#ifndef RECONCILER_CORE_KNOWN_H
#define RECONCILER_CORE_KNOWN_H

#include "reconciler/core/state.h"

/* The memory of the process before; once, before anything else. */
void known_recall(struct engine *engine, const struct memory *memory);
/* host was just made: what is remembered of it. */
void known_host(const struct engine *engine, struct host_item *host);
/* host is dropped, for it is gone and nothing is left of it: what is to be remembered of
 * it, should it come back. */
void known_keep_host(struct engine *engine, const struct host_item *host);

/* We are connected again, and that may be to another one. */
void known_connected(struct engine *engine);
/* Is this the lattice? */
void known_plan(struct engine *engine);
bool known_is_same(const struct engine *engine);
/* Why it is not; NULL: it is, or that cannot be told yet. */
const char *known_text(const struct engine *engine);

void known_free(struct engine *engine);

#endif
