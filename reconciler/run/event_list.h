/*
 * event_list.h - events gathered for one step of the engine, and what they point to.
 */
#ifndef RECONCILER_RUN_EVENT_LIST_H
#define RECONCILER_RUN_EVENT_LIST_H

#include "reconciler/core/event.h"

/* All zero is an empty list. */
struct event_list {
    struct arena arena; /* holds the events and all they point to */
    struct event *items;
    size_t count;
    size_t capacity;
};

/* Add a copy of event; what it points to must live in list->arena, or longer. */
void event_list_add(struct event_list *list, const struct event *event);

/* Forget all events, and free what they pointed to. */
void event_list_clear(struct event_list *list);

#endif
