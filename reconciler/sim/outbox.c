#include "reconciler/sim/outbox.h"

#include <assert.h>

static const char *copy_text(struct sim_outbox *outbox, const char *text)
{
    return text != NULL ? arena_copy(&outbox->arena, text) : NULL;
}

void sim_outbox_push(struct sim_outbox *outbox, const struct sim_effect *effect)
{
    struct sim_effect *copy;

    assert(effect->length == 0 || effect->bytes != NULL);
    assert((effect->kind == SIM_PUBLISH) == (effect->subject != NULL));
    assert((effect->bucket != NULL) == (effect->key != NULL));
    if (sim_outbox_is_empty(outbox)) {
        sim_outbox_clear(outbox);
    }
    outbox->effects = arena_grow(&outbox->arena, outbox->effects, outbox->count,
                                 &outbox->capacity, sizeof *outbox->effects);
    copy = &outbox->effects[outbox->count++];
    *copy = *effect;
    copy->subject = copy_text(outbox, effect->subject);
    copy->bucket = copy_text(outbox, effect->bucket);
    copy->key = copy_text(outbox, effect->key);
    copy->bytes = effect->bytes != NULL
                      ? arena_text(&outbox->arena, effect->bytes, effect->length)
                      : NULL;
}

bool sim_outbox_take(struct sim_outbox *outbox, struct sim_effect *ret_effect)
{
    if (sim_outbox_is_empty(outbox)) {
        return false;
    }
    *ret_effect = outbox->effects[outbox->first++];
    assert(outbox->first <= outbox->count);
    return true;
}

bool sim_outbox_is_empty(const struct sim_outbox *outbox)
{
    assert(outbox->first <= outbox->count);
    return outbox->first == outbox->count;
}

void sim_outbox_clear(struct sim_outbox *outbox)
{
    struct arena arena = outbox->arena;

    arena_free(&arena);
    *outbox = (struct sim_outbox){.arena = arena};
}
