#include "reconciler/core/deaf.h"

#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/timing.h"

static enum item_kind kind_of(enum bucket bucket)
{
    return bucket == BUCKET_LINKS ? ITEM_SOURCE : ITEM_CONFIG;
}

static void mark_all(struct engine *engine, enum bucket bucket)
{
    const struct item_list *table = &engine->tables[kind_of(bucket)];

    for (size_t i = 0; i < table->count; i++) {
        state_mark(engine, table->items[i]);
    }
}

/* Hosts that ran before a bucket was made. */
static uint32_t count_before(const struct engine *engine, struct instant made_at)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    uint32_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct host_item *host = (const struct host_item *)table->items[i];

        count += host_is_present(host) &&
                 instant_is_before(instant_after(host->began, HOST_OUTLIVED_MS), made_at);
    }
    return count;
}

static uint32_t count_outlived(const struct engine *engine,
                               const struct bucket_state *state)
{
    return state->made != NULL ? count_before(engine, state->made_at) : 0;
}

/* Some that run may be deaf, and nobody knows up to which number: none is known to hold
 * what was in the bucket. */
static bool is_unnumbered(const struct engine *engine, const struct bucket_state *state)
{
    return state->unnumbered_at.ms != 0 && count_before(engine, state->unnumbered_at) > 0;
}

/*
 * It is another bucket than before: what is in it now is all that it ever had.  What went
 * with the one before nobody has deleted.
 */
static void forget_bucket(const struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_SOURCE];
    const struct bucket_state *state = &engine->buckets[BUCKET_LINKS];
    const bool is_outlived =
        count_outlived(engine, state) > 0 && !is_unnumbered(engine, state);

    for (size_t i = 0; i < table->count; i++) {
        const struct source_item *source = (const struct source_item *)table->items[i];

        for (size_t j = 0; j < source->links_count; j++) {
            struct link_item *link = source->links[j];

            link->sighting.was_here = link->observed != NULL;
            if (is_outlived && link->observed == NULL && link->sighting.has_vanished) {
                link->sighting.is_held = true;
                link->sighting.has_vanished = false;
            }
        }
    }
}

void deaf_listed(struct engine *engine, const struct event *event)
{
    struct bucket_state *state = &engine->buckets[event->u.bucket.bucket];
    const char *made = event->u.bucket.made;
    const struct instant made_at = instant_after(engine->now, -event->u.bucket.age_ms);

    if (made == NULL) {
        return;
    }
    if (state->made != NULL && strcmp(state->made, made) != 0 &&
        state->deaf_to < state->sequence) {
        state->deaf_to = state->sequence;
    }
    if (state->made == NULL) {
        state->unnumbered_at = made_at;
    }
    if (state->made == NULL || strcmp(state->made, made) != 0) {
        pool_drop(&engine->pool, state->made);
        state->made = pool_keep(&engine->pool, made);
        state->remade++;
        state->lost_by =
            instant_is_before(state->made_at, state->lost_at) ? state->lost_at : made_at;
        state->made_at = made_at;
        state->heard_from = 0;
        if (event->u.bucket.bucket == BUCKET_LINKS) {
            forget_bucket(engine);
        }
    }
    if (state->made_at.ms == 0) { /* nor is it remembered by what is recalled */
        state->made_at = made_at;
    }
    state->sequence = event->u.bucket.sequence;
    state->outlived = 0; /* counted anew */
    state_mark(engine, &engine->sight);
}

void deaf_told(struct engine *engine, enum bucket bucket, uint64_t sequence)
{
    struct bucket_state *state = &engine->buckets[bucket];
    const bool was_on = deaf_is_on(engine, bucket);

    if (!state->is_known || sequence <= state->sequence) {
        return;
    }
    state->sequence = sequence;
    if (was_on && !deaf_is_on(engine, bucket)) {
        mark_all(engine, bucket); /* from now on they hear */
    }
}

bool deaf_is_on(const struct engine *engine, enum bucket bucket)
{
    const struct bucket_state *state = &engine->buckets[bucket];

    return state->outlived > 0 && state->sequence < state->deaf_to;
}

bool deaf_has_missed(const struct engine *engine, enum bucket bucket, uint64_t sequence)
{
    const struct bucket_state *state = &engine->buckets[bucket];

    return state->outlived > 0 && sequence > 0 && sequence <= state->deaf_to;
}

bool deaf_may_remember(const struct engine *engine, const struct link_item *link)
{
    return !link->sighting.was_here && link->observed == NULL &&
           count_outlived(engine, &engine->buckets[BUCKET_LINKS]) > 0;
}

bool deaf_hears_late(const struct engine *engine, uint64_t before, uint64_t sequence)
{
    return deaf_has_missed(engine, BUCKET_LINKS, before) &&
           !deaf_has_missed(engine, BUCKET_LINKS, sequence);
}

bool deaf_is_unnumbered(const struct engine *engine)
{
    return is_unnumbered(engine, &engine->buckets[BUCKET_LINKS]);
}

bool deaf_may_hear_late(const struct engine *engine, uint64_t before)
{
    const struct bucket_state *state = &engine->buckets[BUCKET_LINKS];

    return before > 0 && (state->heard_from == 0 || before < state->heard_from) &&
           deaf_is_unnumbered(engine);
}

void deaf_heard(struct engine *engine, uint64_t sequence)
{
    struct bucket_state *state = &engine->buckets[BUCKET_LINKS];

    if (state->heard_from == 0) {
        state->heard_from = sequence;
    }
}

bool deaf_must_tell(const struct engine *engine, const struct link_item *link)
{
    const struct bucket_state *state = &engine->buckets[BUCKET_LINKS];
    const uint64_t number = link->source->number;

    return link->claims == NULL && link->observed == NULL && link->ledger != NULL &&
           link->ledger->state == LEDGER_CONFIRMED && state->is_known &&
           (number == 0 || deaf_has_missed(engine, BUCKET_LINKS, number)) &&
           count_outlived(engine, state) > 0;
}

/* No provider that runs of workload has started since the bucket before was lost. */
static bool has_stayed(const struct engine *engine, const struct workload_item *workload)
{
    const struct instant lost_by = engine->buckets[BUCKET_LINKS].lost_by;

    for (size_t i = 0; workload != NULL && i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER && placement->observed != NULL &&
            !instant_is_before(
                instant_after(moment_of(placement, MOMENT_BEGUN), PROVIDER_WINDOW_MS),
                lost_by)) {
            return false;
        }
    }
    return true;
}

bool deaf_is_held(const struct engine *engine, const struct link_item *link)
{
    return link->sighting.is_held && has_stayed(engine, link->target) &&
           has_stayed(engine, (const struct workload_item *)state_find(
                                  engine, ITEM_WORKLOAD, link->source->item.name));
}

bool deaf_must_wait(const struct engine *engine, enum bucket bucket)
{
    return deaf_is_on(engine, bucket) && engine->buckets[bucket].is_moving;
}

bool deaf_is_mover(const struct link_item *link)
{
    return link->ledger != NULL && link->observed != NULL &&
           link_is_equal(link->observed, link->claims != NULL ? claim_link(link)->link
                                                              : link->ledger->u.link);
}

static bool has_link_to_put(const struct source_item *source, bool is_wanted)
{
    for (size_t i = 0; i < source->links_count; i++) {
        if ((source->links[i]->claims != NULL) == is_wanted &&
            deaf_is_mover(source->links[i])) {
            return true;
        }
    }
    return false;
}

/* Item is ours, in place, and wanted or, as a link may be, not, so that it may be put
 * again. */
static bool may_move(struct item *item, bool is_wanted)
{
    struct config_item *config = (struct config_item *)item;
    struct source_item *source = (struct source_item *)item;

    if (item->kind == ITEM_SOURCE) {
        source->is_mover = has_link_to_put(source, is_wanted);
        return source->is_mover;
    }
    config->number.is_mover =
        is_wanted && config->claims != NULL && config->ledger != NULL &&
        config->observed != NULL &&
        strcmp(config->observed, claim_config(config)->content) == 0;
    return config->number.is_mover;
}

/* The next of those that can be put again is; is there one? */
static bool move_next(struct engine *engine, enum bucket bucket, bool is_wanted)
{
    const struct item_list *table = &engine->tables[kind_of(bucket)];
    struct bucket_state *state = &engine->buckets[bucket];

    for (size_t i = 0; i < table->count; i++) {
        struct item *item = table->items[state->next_mover++ % table->count];

        if (may_move(item, is_wanted)) {
            state_mark(engine, item);
            return true;
        }
    }
    return false;
}

/* By what is not wanted only where there is nothing else: hosts are to hear that go. */
static void move(struct engine *engine, enum bucket bucket)
{
    struct bucket_state *state = &engine->buckets[bucket];
    const bool was_moving = state->is_moving;

    state->is_moving =
        move_next(engine, bucket, true) || move_next(engine, bucket, false);
    if (was_moving && !state->is_moving) {
        mark_all(engine, bucket); /* what waited for that waits in vain */
    }
    state->move_at = instant_after(engine->now, DEAF_MOVE_MS);
}

void deaf_plan(struct engine *engine)
{
    for (int i = BUCKET_LINKS; i <= BUCKET_CONFIGS; i++) {
        const enum bucket bucket = (enum bucket)i;
        struct bucket_state *state = &engine->buckets[bucket];
        const uint32_t before = state->outlived;

        state->outlived = state->deaf_to > 0 ? count_outlived(engine, state) : 0;
        if ((before > 0) != (state->outlived > 0)) {
            mark_all(engine, bucket);
        }
        if (!state->is_known || !deaf_is_on(engine, bucket)) {
            continue;
        }
        if (instant_is_due(state->move_at, engine->now)) {
            move(engine, bucket);
        }
        state_wake(engine, &engine->sight, state->move_at);
    }
}

uint64_t deaf_first(const struct engine *engine, enum bucket bucket)
{
    const struct bucket_state *state = &engine->buckets[bucket];
    const uint64_t reached =
        state->sequence > state->deaf_to ? state->sequence : state->deaf_to;

    return reached > 0 ? reached + DEAF_SLACK : 0;
}

static unsigned long long missing(const struct bucket_state *state)
{
    return state->sequence < state->deaf_to ? state->deaf_to - state->sequence : 0;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

const char *deaf_reason(struct engine *engine, enum bucket bucket, uint64_t sequence)
{
    const struct bucket_state *state = &engine->buckets[bucket];

    return arena_print(&engine->scratch,
                       "%u host%s that ran before the bucket was made again hear%s of it "
                       "from entry %llu on: this is entry %llu",
                       (unsigned int)state->outlived, plural(state->outlived),
                       state->outlived == 1 ? "s" : "",
                       (unsigned long long)state->deaf_to + 1,
                       (unsigned long long)sequence);
}

const char *deaf_text(const struct engine *engine, enum bucket bucket,
                      struct arena *arena)
{
    const struct bucket_state *state = &engine->buckets[bucket];

    return arena_print(arena,
                       "%u host%s that ran before the bucket was made again %s deaf to "
                       "changes in it, for %llu %s more: it is put again, and "
                       "restarting the host%s heals it at once",
                       (unsigned int)state->outlived, plural(state->outlived),
                       state->outlived == 1 ? "is" : "are", missing(state),
                       missing(state) == 1 ? "entry" : "entries",
                       plural(state->outlived));
}

const char *deaf_tell(struct engine *engine)
{
    struct bucket_state *state = &engine->buckets[BUCKET_LINKS];
    const uint32_t count = count_outlived(engine, state);

    state->is_moving |= deaf_is_on(engine, BUCKET_LINKS); /* by what is put now */
    return arena_print(&engine->scratch,
                       "%u host%s that ran before the bucket was made again %s it in "
                       "memory: put, and deleted then",
                       (unsigned int)count, plural(count), count == 1 ? "has" : "have");
}

const char *deaf_memory_text(const struct engine *engine, struct arena *arena)
{
    const uint32_t count = count_outlived(engine, &engine->buckets[BUCKET_LINKS]);

    return arena_print(
        arena,
        "%u host%s that ran before the bucket was made again %s it in "
        "memory: it is put once more and deleted, so that the host%s hear%s "
        "that it is gone",
        (unsigned int)count, plural(count), count == 1 ? "has" : "have", plural(count),
        count == 1 ? "s" : "");
}
