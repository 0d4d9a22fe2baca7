/*
 * options_context.h - the contexts of wash, where they are found.
 */
#ifndef RECONCILER_RUN_OPTIONS_CONTEXT_H
#define RECONCILER_RUN_OPTIONS_CONTEXT_H

#include "manifest/arena.h"
#include "manifest/err.h"
#include "reconciler/wire/context.h"

/*
 * Read the context called name, or with NULL wash's default one; all of it NULL when
 * there is no default.  In arena.
 *
 * ERR_USAGE there is none of that name, or it cannot be read: names the file.
 */
enum err_code options_context(const char *name, struct arena *arena,
                              struct wire_context *ret_context, struct err *err)
    __attribute__((warn_unused_result));

#endif
