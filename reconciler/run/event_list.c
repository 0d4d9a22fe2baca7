#include "reconciler/run/event_list.h"

void event_list_add(struct event_list *list, const struct event *event)
{
    list->items = arena_grow(&list->arena, list->items, list->count, &list->capacity,
                             sizeof *list->items);
    list->items[list->count++] = *event;
}

void event_list_clear(struct event_list *list)
{
    arena_free(&list->arena);
    *list = (struct event_list){0};
}
