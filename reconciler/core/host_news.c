#include "reconciler/core/host_news.h"

#include "reconciler/core/hosts.h"

static void note(struct engine *engine, const struct host_news *news)
{
    struct host_news_list *list = &engine->host_news;
    struct arena *arena = &engine->scratch;
    struct host_news *copy;

    list->items =
        arena_grow(arena, list->items, list->count, &list->capacity, sizeof *list->items);
    copy = &list->items[list->count++];
    *copy = *news;
    copy->id = arena_copy(arena, news->id);
    copy->name = arena_copy(arena, news->name);
}

void host_note_heard(struct engine *engine, const struct inventory *inventory)
{
    const bool has_name = inventory->name[0] != '\0';
    const struct host_news news = {
        .id = inventory->host,
        .name = has_name ? inventory->name : inventory->host,
        .why = "",
        .labels_count = inventory->labels.count,
    };

    note(engine, &news);
}

void host_note_gone(struct engine *engine, const struct host_item *host, const char *why)
{
    const struct host_news news = {
        .id = host->item.name,
        .name = host_name(host),
        .is_gone = true,
        .why = why,
    };

    note(engine, &news);
}
