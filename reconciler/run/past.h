/*
 * past.h - an application as it was looked at last, so that what has changed is told.
 */
#ifndef RECONCILER_RUN_PAST_H
#define RECONCILER_RUN_PAST_H

#include "linkstore/store.h"
#include "reconciler/run/news.h"

struct past {
    struct arena arena;  /* of what follows */
    bool is_kept;        /* it was in the store */
    const char *version; /* the newest; NULL there was none */
    const char *deployed;
    const char *word;                /* NULL: it was not looked at before */
    struct past_resource *resources; /* sorted */
    size_t resources_count;
};

/*
 * Tell news what is other than it was, and keep it as it is now.  known NULL: it is not
 * in the store (any more); news NULL: nobody is told, as when it is there at the start.
 */
void past_look(struct past *past, const struct store_application *known,
               const struct application_status *status, struct news *news);
void past_free(struct past *past);

#endif
