/*
 * link_need.h - what one link needs, all else left aside.  Internal to core/.
 *
 * Whether and when it may be sent is decided for all links of a source: see
 * plan_source.c.
 */
#ifndef RECONCILER_CORE_LINK_NEED_H
#define RECONCILER_CORE_LINK_NEED_H

#include "reconciler/core/state.h"

enum need {
    NEED_NOTHING,
    NEED_CONFIRM, /* it is as desired, and the ledger does not know */
    NEED_FORGET,  /* nobody wants it and it is not there: drop it from the ledger */
    NEED_TELL,    /* the same, but hosts have it in memory: put it, and delete it */
    NEED_DELETE,  /* ours, and not as desired; to be put again, perhaps */
    NEED_PUT,
    NEED_REPEAT,  /* it is as desired in the bucket, and hosts have not heard of it */
    NEED_FOREIGN, /* its key is taken by somebody else's */
    NEED_SHARED,  /* one of its ends is not there: it stays as it is */
};

/* What link needs now; its source waits for the configs that this depends on. */
enum need link_need(struct engine *engine, struct link_item *link);

/* It is wanted, and there as wanted, but its providers must be given it again. */
bool link_is_redelivered(const struct link_item *link);

/* Why link, which is there and wanted, is to be deleted, in the engine's scratch. */
const char *link_difference(struct engine *engine, const struct link_item *link);

#endif
