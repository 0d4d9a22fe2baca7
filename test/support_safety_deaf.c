#include "test/support_safety_deaf.h"

#include <string.h>

#include "test/support_safety_state.h"

/* Another bucket than before: who followed that one goes on after its last entry. */
static void note_bucket(struct safety *safety, const struct event *event)
{
    struct told_bucket *bucket = &safety->buckets[event->u.bucket.bucket];

    if (event->u.bucket.made == NULL) {
        return;
    }
    if (bucket->made != NULL && strcmp(bucket->made, event->u.bucket.made) != 0 &&
        bucket->reached > bucket->unheard) {
        bucket->unheard = bucket->reached;
    }
    bucket->made = arena_copy(&safety->arena, event->u.bucket.made);
    bucket->reached = event->u.bucket.sequence;
}

static void reach(struct safety *safety, enum bucket bucket, uint64_t sequence)
{
    if (safety->is_listed[bucket] && sequence > safety->buckets[bucket].reached) {
        safety->buckets[bucket].reached = sequence;
    }
}

void safety_note_entry(struct safety *safety, const struct event *event)
{
    struct told_config *config;
    struct told_source *source;

    switch ((int)event->kind) {
    case EVENT_BUCKET_LISTED:
        note_bucket(safety, event);
        break;
    case EVENT_CONFIG:
        config = safety_config(safety, event->u.config.name);
        config->sequence = event->u.config.sequence;
        reach(safety, BUCKET_CONFIGS, config->sequence);
        break;
    case EVENT_LINKS:
        source = safety_source(safety, event->u.links.source_id);
        source->sequence = event->u.links.sequence;
        reach(safety, BUCKET_LINKS, source->sequence);
        break;
    default:
        break;
    }
}

bool safety_is_unheard(const struct safety *safety, const struct command *command)
{
    const struct told_config *config;
    const struct told_source *source;

    if (command->kind == COMMAND_PUT_CONFIG) {
        config = safety_config(safety, command->u.config.name);
        return config != NULL &&
               config->sequence <= safety->buckets[BUCKET_CONFIGS].unheard;
    }
    source = safety_source(safety, command->u.link.source_id);
    return source != NULL && source->sequence <= safety->buckets[BUCKET_LINKS].unheard;
}
