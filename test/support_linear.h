/*
 * support_linear.h - could these calls have been made one after the other?
 *
 * The model is one application with versions by number: which there are, in which order
 * they were put, and which is deployed.  A call takes effect at one moment between its
 * begin and its end.
 *
 * The search is Wing and Gong's with Lowe's memory: a point, which is the calls that are
 * in order and what they led to, is looked at once.  Fifty callers at once make more
 * points than can be looked at, so hints say where to begin.
 */
#ifndef TEST_SUPPORT_LINEAR_H
#define TEST_SUPPORT_LINEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINEAR_NONE       (-1)
#define LINEAR_CALLS_MAX  512
#define LINEAR_POINTS_MAX ((size_t)1 << 14)

enum linear_kind {
    LINEAR_PUT,    /* a version */
    LINEAR_DEPLOY, /* a version, or the newest */
    LINEAR_DELETE, /* a version, or all */
};

struct linear_call {
    enum linear_kind kind;
    int version; /* asked for; LINEAR_NONE the newest, or all */
    bool is_done;
    int told; /* of put: how many versions there are; of deploy: which; of delete: whether
                 it was undeployed by that; LINEAR_NONE when it is not done */
    int64_t begun;
    int64_t ended;
    size_t hint; /* the search tries smaller ones first: what is found does not depend on
                    it, but how soon */
};

/* Reorders calls, of which there are LINEAR_CALLS_MAX at most.  False, too, when no order
 * was found at LINEAR_POINTS_MAX points; where hints are right there is one for a call.
 */
bool linear_check(struct linear_call *calls, size_t count);

#endif
