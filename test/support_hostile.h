/*
 * support_hostile.h - texts made to do harm, and where they are refused.
 */
#ifndef TEST_SUPPORT_HOSTILE_H
#define TEST_SUPPORT_HOSTILE_H

#include <stddef.h>

#include "manifest/err.h"

/* A text that is being made; it never grows beyond what it is made with. */
struct draft {
    char *bytes;
    size_t length;
    size_t size;
};

struct hostile {
    const char *name;
    void (*make)(struct draft *draft);
    const char *rule; /* of the first error */
    struct place place;
};

#define SUPPORT_HOSTILE_MAX ((size_t)64)

/* Fill cases with all there are, *ret_count of them. */
void support_hostile_cases(struct hostile cases[static SUPPORT_HOSTILE_MAX],
                           size_t *ret_count);

#endif
