#include "reconciler/core/observe.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/deaf.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/keep.h"
#include "reconciler/core/loss_note.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/retry.h"
#include "reconciler/core/taint.h"
#include "reconciler/core/timing.h"

/* For how long yet what row was sent for may come about, though nobody answered it: never
 * seen, or not answered when the row was written, for a while whatever the clock says,
 * which may have jumped since. */
static int64_t unsure_left(const struct ledger_row *row)
{
    const int64_t written_ms = row->age_ms + row->unsure_ms;
    const bool may_have_jumped =
        row->state == LEDGER_SENT || written_ms > UNSURE_TWICE_MS;
    const int64_t least_ms = may_have_jumped ? UNSURE_MS_MIN : 0;

    if (row->kind == LEDGER_LINK && row->unsure_ms > UNSURE_ENTRY_MS) {
        return UNSURE_ENTRY_MS; /* it is under way for nobody any more */
    }
    return row->unsure_ms < least_ms ? least_ms : row->unsure_ms;
}

/* Is row as it was when its command was sent?  Whenever that was, for the clock may have
 * jumped, and back again: it is written as it is found now, once. */
static bool is_as_sent(const struct ledger_row *row)
{
    return row->age_ms + row->unsure_ms > UNSURE_ENTRY_MS;
}

static void remember_link(struct engine *engine, const struct ledger_row *row)
{
    struct link_item *link = state_link(engine, row->u.link);

    state_keep_ledger(engine, &link->ledger, row);
    link->source->unsure_until = instant_max(
        link->source->unsure_until, instant_after(engine->now, unsure_left(row)));
    link->sighting.is_sent = is_as_sent(row);
    if (row->unsure_ms > 0 && row->age_ms < EXPIRY_ENTRY_MS) {
        /* It may still be under way: we do not know how we ended. */
        link->source->quiet_until = instant_after(engine->now, QUIET_MS);
    }
    state_mark(engine, &link->source->item);
}

static void remember_start(struct engine *engine, const struct ledger_row *row)
{
    const bool is_provider = row->kind == LEDGER_PROVIDER;
    struct workload_item *workload = state_workload(engine, row->u.workload.id);
    struct host_item *host = state_host(engine, row->u.workload.host);
    struct placement *placement = state_placement(
        engine, workload, host, is_provider ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT);

    state_mark(engine, &workload->item);
    state_mark(engine, &host->item);
    if (row->application[0] == '\0') {
        taint_recall(engine, placement);
        return;
    }
    state_keep_ledger(engine, &placement->ledger, row);
    placement->unsure_until = instant_after(engine->now, unsure_left(row));
    placement->asked = is_provider ? 1 : 0; /* how many of a component nobody kept */
    if (is_provider && row->age_ms < PROVIDER_WINDOW_MS) {
        moment_set(engine, placement, MOMENT_READY,
                   instant_after(engine->now, PROVIDER_WINDOW_MS - row->age_ms));
    }
    if (row->u.workload.past.failed_image != NULL) {
        moment_set(engine, placement, MOMENT_TRIAL,
                   instant_after(engine->now, RETRY_MS_MAX - row->age_ms));
    }
}

void observe_ledger(struct engine *engine, const struct ledger_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == LEDGER_CONFIG) {
            struct config_item *config = state_config(engine, rows[i].u.config.name);

            state_keep_ledger(engine, &config->ledger, &rows[i]);
            config->unsure_until = instant_after(engine->now, unsure_left(&rows[i]));
            state_mark(engine, &config->item);
        } else if (rows[i].kind == LEDGER_LINK) {
            remember_link(engine, &rows[i]);
        } else {
            remember_start(engine, &rows[i]);
        }
    }
}

bool observe_was_put(const struct claim *claims, const struct verdict *verdict,
                     const struct record *ledger)
{
    return claims != NULL && verdict->reason == REASON_NONE && ledger != NULL &&
           ledger->state == LEDGER_CONFIRMED;
}

static void set_config(struct engine *engine, struct config_item *config,
                       const char *content)
{
    if (config->flight.command == 0 &&
        observe_was_put(config->claims, &config->verdict, config->ledger)) {
        retry_undone(engine, &config->retry);
    }
    pool_drop(&engine->pool, config->observed);
    config->observed = pool_keep(&engine->pool, content);
    delivery_note_config(engine, config);
    if (content != NULL) {
        char digest[CONFIG_DIGEST_BYTES];

        delivery_digest(content, digest);
        memcpy(config->digest, digest, sizeof digest);
    }
    state_mark(engine, &config->item);
    state_changed(engine, &config->item);
}

void observe_config(struct engine *engine, const char *name, const char *content,
                    uint64_t sequence)
{
    struct config_item *config =
        (struct config_item *)state_find(engine, ITEM_CONFIG, name);

    deaf_told(engine, BUCKET_CONFIGS, sequence);
    if (config == NULL && content == NULL) {
        return;
    }
    config = state_config(engine, name);
    config->number.told = sequence;
    config->listing = engine->buckets[BUCKET_CONFIGS].listing;
    if (config->flight.command != 0) {
        state_mark(engine, &config->item); /* it may be the same, put again */
    }
    if (content == NULL
            ? config->observed != NULL
            : config->observed == NULL || strcmp(config->observed, content) != 0) {
        set_config(engine, config, content);
    }
}

static void use_links(struct engine *engine, const struct source_item *source, int change)
{
    for (size_t i = 0; i < source->observed_count; i++) {
        state_use(engine, &source->observed[i]->source_config, change);
        state_use(engine, &source->observed[i]->target_config, change);
    }
}

/* The links of an entry, kept. */
static const struct link **keep_links(struct engine *engine, const struct link *links,
                                      size_t count)
{
    const struct link **kept =
        pool_new_array(&engine->pool, count, sizeof(struct link *));

    for (size_t i = 0; i < count; i++) {
        kept[i] = keep_link(&engine->pool, &links[i]);
    }
    return kept;
}

void observe_drop_links(struct engine *engine, const struct link **links, uint32_t count)
{
    for (size_t i = 0; i < count; i++) {
        forget_link(&engine->pool, links[i]);
    }
    pool_delete_array(&engine->pool, links, count, sizeof(struct link *));
}

/* For each link of source what is observed of it now, or NULL; in the engine's scratch.
 */
static const struct link **find_told(struct engine *engine, struct source_item *source)
{
    const struct link **told;

    for (size_t i = 0; i < source->observed_count; i++) {
        (void)state_link(engine, source->observed[i]);
    }
    told = arena_array(&engine->scratch, source->links_count, sizeof(struct link *));
    for (size_t i = 0; i < source->observed_count; i++) {
        told[state_link_index(source, source->observed[i])] = source->observed[i];
    }
    return told;
}

/* Point the links of source at what is observed now; how many changed unasked? */
static size_t retarget_links(struct engine *engine, struct source_item *source)
{
    const struct link **told = find_told(engine, source);
    size_t foreign_count = 0;

    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];
        const bool is_same = told[i] == NULL ? link->observed == NULL
                                             : link->observed != NULL &&
                                                   link_is_equal(told[i], link->observed);

        if (!is_same && link != source->flying) {
            foreign_count++;
            if (observe_was_put(link->claims, &link->verdict, link->ledger)) {
                retry_undone(engine, &link->retry);
            }
        }
        if (!is_same) {
            hearing_forget(link);
        }
        loss_note_link(engine, link, told[i], is_same);
        delivery_note_link(engine, link, told[i]);
        link->observed = told[i];
    }
    return foreign_count;
}

static void set_links(struct engine *engine, struct source_item *source,
                      const struct event *event)
{
    const bool is_known = engine->buckets[BUCKET_LINKS].is_known;
    const struct source_item before = *source;

    source->observed = keep_links(engine, event->u.links.links, event->u.links.count);
    source->observed_count = (uint32_t)event->u.links.count;
    source->is_observed = !event->u.links.is_deleted;
    use_links(engine, source, 1);
    if (retarget_links(engine, source) > 0 && is_known) {
        source->quiet_until = instant_after(engine->now, QUIET_MS);
    }
    use_links(engine, &before, -1);
    observe_drop_links(engine, before.observed, before.observed_count);
    state_mark(engine, &source->item);
    state_changed(engine, &source->item);
}

static bool is_entry_equal(const struct source_item *source, const struct event *event)
{
    if (source->is_observed == event->u.links.is_deleted ||
        source->observed_count != event->u.links.count) {
        return false;
    }
    for (size_t i = 0; i < source->observed_count; i++) {
        if (!link_is_equal(source->observed[i], &event->u.links.links[i])) {
            return false;
        }
    }
    return true;
}

void observe_links(struct engine *engine, const struct event *event)
{
    struct source_item *source =
        (struct source_item *)state_find(engine, ITEM_SOURCE, event->u.links.source_id);

    deaf_told(engine, BUCKET_LINKS, event->u.links.sequence);
    if (source == NULL && event->u.links.is_deleted) {
        return;
    }
    source = state_source(engine, event->u.links.source_id);
    source->listing = engine->buckets[BUCKET_LINKS].listing;
    source->revision++;
    source->entry_bytes = (uint32_t)event->u.links.bytes;
    source->told_at = engine->now;
    delivery_note_entry(engine, source, event->u.links.sequence);
    source->number = event->u.links.sequence;
    if (source->flight.command != 0) {
        state_mark(engine, &source->item);
    }
    if (!is_entry_equal(source, event)) {
        set_links(engine, source, event);
    }
}

void observe_listing(struct engine *engine, enum bucket bucket)
{
    engine->buckets[bucket].listing++;
    engine->buckets[bucket].is_known = false;
    engine->buckets[bucket].loss = LOSS_PASSING;
    asking_stop(engine, bucket);
    state_mark(engine, &engine->sight);
}

static void drop_unlisted_configs(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_CONFIG];

    for (size_t i = 0; i < table->count; i++) {
        struct config_item *config = (struct config_item *)table->items[i];

        if (config->observed != NULL &&
            config->listing != engine->buckets[BUCKET_CONFIGS].listing) {
            set_config(engine, config, NULL);
        }
    }
}

/* Were there links before this listing, and is there no entry left after it?  That is not
 * how links go: hosts leave the entry of their source. */
static bool has_emptied(const struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_SOURCE];
    size_t before_count = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct source_item *source = (const struct source_item *)table->items[i];

        if (source->is_observed &&
            source->listing == engine->buckets[BUCKET_LINKS].listing) {
            return false;
        }
        before_count += source->observed_count;
    }
    return before_count > 0;
}

static void drop_unlisted_links(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_SOURCE];

    if (has_emptied(engine)) {
        engine->buckets[BUCKET_LINKS].emptied_until =
            instant_after(engine->now, EMPTIED_MS);
    }

    for (size_t i = 0; i < table->count; i++) {
        struct source_item *source = (struct source_item *)table->items[i];
        const struct event gone = {
            .kind = EVENT_LINKS,
            .u.links = {.source_id = source->item.name, .is_deleted = true},
        };

        if (source->listing == engine->buckets[BUCKET_LINKS].listing) {
            continue;
        }
        source->number = 0;
        if (source->is_observed) {
            source->revision++;
            set_links(engine, source, &gone);
        }
    }
}

void observe_listed(struct engine *engine, const struct event *event)
{
    const enum bucket bucket = event->u.bucket.bucket;

    if (bucket == BUCKET_CONFIGS) {
        drop_unlisted_configs(engine);
    } else {
        drop_unlisted_links(engine);
    }
    engine->buckets[bucket].is_known = true;
    engine->buckets[bucket].connection = engine->connection;
    deaf_listed(engine, event);
    state_mark(engine, &engine->sight);
}

void observe_lost(struct engine *engine, const struct event *event)
{
    struct bucket_state *state = &engine->buckets[event->u.bucket.bucket];

    const bool was_asked_for = asking_is_on(engine, event->u.bucket.bucket);

    if (state->is_known || state->lost_text == NULL ||
        state->loss != event->u.bucket.loss) {
        state->lost_at = engine->now;
    }
    arena_free(&state->lost_arena);
    state->lost_text = arena_copy(&state->lost_arena, event->u.bucket.text);
    state->loss = event->u.bucket.loss;
    state_mark(engine, &engine->sight);
    if (state->loss != LOSS_DENIED) {
        state->is_known = false;
    } else if (!was_asked_for) {
        asking_start(engine, event->u.bucket.bucket);
    }
}
