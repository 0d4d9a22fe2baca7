#include "reconciler/run/replays.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/arena.h"

#define KEPT_MAX        1024
#define REPLY_BYTES_MAX ((size_t)64 * 1024)
#define KEPT_MS         ((int64_t)120 * 1000)

struct kept {
    struct arena arena; /* holds what follows; empty: no reply */
    const char *subject;
    const char *id;
    const char *bytes;
    size_t length;
    struct instant until;
};

struct replays {
    struct kept kept[KEPT_MAX]; /* the oldest is at next */
    size_t next;
};

struct replays *replays_new(void)
{
    struct replays *replays = calloc(1, sizeof *replays);

    if (replays == NULL) {
        abort();
    }
    return replays;
}

static void forget(struct kept *kept)
{
    arena_free(&kept->arena);
    *kept = (struct kept){.subject = NULL};
}

void replays_free(struct replays *replays)
{
    if (replays != NULL) {
        for (size_t i = 0; i < KEPT_MAX; i++) {
            forget(&replays->kept[i]);
        }
        free(replays);
    }
}

const char *replays_find(struct replays *replays, const char *subject, const char *id,
                         struct instant now, size_t *ret_length)
{
    for (size_t i = 0; i < KEPT_MAX; i++) {
        struct kept *kept = &replays->kept[i];

        if (kept->subject != NULL && instant_is_due(kept->until, now)) {
            forget(kept);
        }
        if (kept->subject != NULL && strcmp(kept->id, id) == 0 &&
            strcmp(kept->subject, subject) == 0) {
            *ret_length = kept->length;
            return kept->bytes;
        }
    }
    return NULL;
}

void replays_keep(struct replays *replays, const struct replay *replay,
                  struct instant now)
{
    struct kept *kept = &replays->kept[replays->next];

    if (replay->length > REPLY_BYTES_MAX) {
        return;
    }
    forget(kept);
    kept->subject = arena_copy(&kept->arena, replay->subject);
    kept->id = arena_copy(&kept->arena, replay->id);
    kept->bytes = arena_text(&kept->arena, replay->bytes, replay->length);
    kept->length = replay->length;
    kept->until = instant_after(now, KEPT_MS);
    replays->next = (replays->next + 1) % KEPT_MAX;
}
