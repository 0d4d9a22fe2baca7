/*
 * replace.h - a file gets another content, whole or not at all.
 */
#ifndef RECONCILER_RUN_REPLACE_H
#define RECONCILER_RUN_REPLACE_H

#include <stddef.h>

#include "manifest/err.h"

/*
 * Give the file at path, which is no link, length bytes at text as its content.  Its mode
 * stays.  ERR_IO with what the system says, and the file as it was.
 */
enum err_code replace_file(const char *path, const char *text, size_t length,
                           struct err *err) __attribute__((warn_unused_result));

#endif
