/*
 * support_shrink.h - a script that fails, without what it does not need for that.
 *
 * Source: delta debugging, as in A. Zeller and R. Hildebrandt, Simplifying and isolating
 * failure-inducing input (2002).
 */
#ifndef TEST_SUPPORT_SHRINK_H
#define TEST_SUPPORT_SHRINK_H

#include <stdbool.h>

#include "manifest/arena.h"

/*
 * Leave out lines of script, runs of them first, as long as still_fails; then make what
 * time passes shorter.  The first line and what begins at the line end stay.  In arena.
 */
const char *shrink_script(const char *script, const char *end,
                          bool (*still_fails)(void *context, const char *script),
                          void *context, struct arena *arena);

#endif
