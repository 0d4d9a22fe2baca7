/*
 * author.h - who runs this process, as the store remembers who put a version.
 */
#ifndef RECONCILER_RUN_AUTHOR_H
#define RECONCILER_RUN_AUTHOR_H

#include "manifest/arena.h"

/* "user@host" in arena; numbers where there are no names.  Nobody vouches for it. */
const char *author(struct arena *arena);

#endif
