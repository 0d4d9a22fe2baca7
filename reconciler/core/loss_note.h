/*
 * loss_note.h - finding out which links of others went amid a command of ours.  Internal
 * to core/.
 */
#ifndef RECONCILER_CORE_LOSS_NOTE_H
#define RECONCILER_CORE_LOSS_NOTE_H

#include "reconciler/core/instant.h"
#include "reconciler/core/loss.h"
#include "reconciler/core/timing.h"

struct engine;
struct link_item;
struct source_item;

/* A link of others that went amid a command of ours. */
struct lost_link {
    struct arena arena; /* of what follows */
    struct instant at;  /* NEVER: there is none */
    struct link link;
    struct loss loss;
};

struct losses {
    struct lost_link kept[LOST_LINKS_MAX]; /* a ring */
    size_t next;
    struct loss *items; /* of this step, in the engine's scratch */
    size_t count;
    size_t capacity;
};

/* link is about to be observed as told (NULL: it is not there), which is_same as it is
 * observed, or not. */
void loss_note_link(struct engine *engine, struct link_item *link,
                    const struct link *told, bool is_same);

/* Nothing of ours is under way for source any more: what was put meanwhile is safe. */
void loss_note_rest(struct engine *engine, struct source_item *source);

/* The last loss amid commands of application that was not made good; NULL: none. */
const struct loss *loss_of(const struct engine *engine, const char *application);

/* The losses of the step before are not told again. */
void loss_begin_step(struct engine *engine);

void loss_free(struct engine *engine);

#endif
