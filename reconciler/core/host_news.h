/*
 * host_news.h - hosts that were heard first, or are gone.
 */
#ifndef RECONCILER_CORE_HOST_NEWS_H
#define RECONCILER_CORE_HOST_NEWS_H

#include <stdbool.h>
#include <stddef.h>

struct host_news {
    const char *id;
    const char *name; /* as people call it */
    bool is_gone;
    const char *why;     /* it is gone; "" otherwise */
    size_t labels_count; /* of one that was heard */
};

/* Those of one step. */
struct host_news_list {
    struct host_news *items; /* in the engine's scratch */
    size_t count;
    size_t capacity;
};

#endif
