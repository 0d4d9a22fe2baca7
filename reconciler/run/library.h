/*
 * library.h - a shared library that only some verbs need, loaded when one does.
 *
 * libcurl and libmicrohttpd bring so much with them that every start of the program
 * would take several milliseconds longer (reference library-facts section 11).
 */
#ifndef RECONCILER_RUN_LIBRARY_H
#define RECONCILER_RUN_LIBRARY_H

#include <stddef.h>

#include "manifest/err.h"

struct library_function {
    const char *name;
    void *ret_function; /* where the pointer to it goes */
};

struct library {
    const char *const *files; /* names it may have, up to NULL */
    const char *purpose;      /* what cannot be done without: "URLs are read" */
    const char *package;      /* Debian's, that brings it */
};

/* Load library, which stays, and find functions in it.  ERR_IO, with what to install. */
enum err_code library_load(const struct library *library,
                           const struct library_function *functions, size_t count,
                           struct err *err) __attribute__((warn_unused_result));

#endif
