#include "reconciler/run/kept_events.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"

struct kept_events {
    char *texts[EVENTS_KEPT_MAX]; /* of event n at n modulo that */
    size_t bytes;                 /* of all */
    uint64_t newest;
    uint64_t count;
};

struct kept_events *kept_events_new(void)
{
    struct kept_events *kept = calloc(1, sizeof *kept);

    if (kept == NULL) {
        abort();
    }
    return kept;
}

static char **place(struct kept_events *kept, uint64_t number)
{
    return &kept->texts[number % EVENTS_KEPT_MAX];
}

static void drop_oldest(struct kept_events *kept)
{
    char **oldest = place(kept, kept_events_oldest(kept));

    kept->bytes -= *oldest != NULL ? strlen(*oldest) : 0;
    kept->count--;
    free(*oldest);
    *oldest = NULL;
}

void kept_events_free(struct kept_events *kept)
{
    for (size_t i = 0; kept != NULL && i < EVENTS_KEPT_MAX; i++) {
        free(kept->texts[i]);
    }
    free(kept);
}

void kept_events_add(struct kept_events *kept, const char *bytes, size_t length)
{
    char *text = strndup(bytes, length);

    if (text == NULL) {
        abort();
    }
    if (kept->count == EVENTS_KEPT_MAX) {
        drop_oldest(kept);
    }
    kept->newest++;
    kept->count++;
    kept->bytes += strlen(text);
    *place(kept, kept->newest) = text;
    while (kept->bytes > EVENTS_KEPT_BYTES_MAX) {
        drop_oldest(kept);
    }
}

uint64_t kept_events_newest(const struct kept_events *kept)
{
    return kept->newest;
}

uint64_t kept_events_oldest(const struct kept_events *kept)
{
    return kept->newest + 1 - kept->count;
}

struct names kept_events_after(const struct kept_events *kept, uint64_t since,
                               uint64_t limit, struct arena *arena)
{
    const uint64_t oldest = kept_events_oldest(kept);
    const uint64_t first = since >= oldest ? since + 1 : oldest;
    const uint64_t there = since < kept->newest ? kept->newest + 1 - first : 0;
    const size_t count = (size_t)(there < limit ? there : limit);
    const char **items = arena_array(arena, count, sizeof *items);

    for (size_t i = 0; i < count; i++) {
        items[i] = arena_copy(arena, kept->texts[(first + i) % EVENTS_KEPT_MAX]);
    }
    return (struct names){items, count};
}
