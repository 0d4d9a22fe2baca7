#include "reconciler/core/engine.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/answer.h"
#include "reconciler/core/behind.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/history.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/known.h"
#include "reconciler/core/loss_note.h"
#include "reconciler/core/observe.h"
#include "reconciler/core/pause.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/standing.h"
#include "reconciler/core/timing.h"

/* A list that many were in once is not kept for that. */
#define LIST_ITEMS_KEPT 1024

/* Items that wake each other for ever would be a mistake of ours. */
#define ROUNDS_MAX 1000

static void single_init(struct item *item, enum item_kind kind, const char *name)
{
    item->kind = kind;
    item->name = name;
    item->wake = INSTANT_NEVER;
    TAILQ_INIT(&item->waiters);
}

struct engine *engine_new(const struct engine_options *options)
{
    struct arena arena = {0};
    struct engine *engine = arena_alloc(&arena, sizeof *engine);

    engine->arena = arena;
    engine->is_observer = options->is_observer;
    engine->keys_max = options->keys_max > 0 ? options->keys_max : SIZE_MAX;
    engine->missed_heartbeats =
        options->missed_heartbeats > 0 ? options->missed_heartbeats : HOST_MISSED;
    engine->heartbeat_slack_ms =
        options->missed_heartbeats > 0 ? options->heartbeat_slack_ms : HOST_SILENCE_MS;
    engine->is_blind = true;
    engine->history = arena_alloc(&engine->arena, sizeof *engine->history);
    engine->random = options->seed;
    TAILQ_INIT(&engine->applications);
    loss_free(engine); /* none yet */
    single_init(&engine->sight, ITEM_SIGHT, "lattice");
    single_init(&engine->room, ITEM_ROOM, "room");
    single_init(&engine->hosts, ITEM_HOSTS, "hosts");
    single_init(&engine->pauses, ITEM_PAUSES, "pauses");
    state_list_grow(&engine->heap);
    engine->heap.count = 1; /* index 0 is not used */
    return engine;
}

void engine_free(struct engine *engine)
{
    struct arena arena;

    if (engine == NULL) {
        return;
    }
    history_free(engine);
    loss_free(engine);
    pause_free(engine);
    claim_free(engine);
    state_free(engine);
    known_free(engine);
    arena_free(&engine->sight.waits_arena);
    arena_free(&engine->survey_arena);
    arena_free(&engine->hearing.arena);
    for (int bucket = BUCKET_LINKS; bucket <= BUCKET_CONFIGS; bucket++) {
        arena_free(&engine->buckets[bucket].lost_arena);
        arena_free(&engine->buckets[bucket].arena);
        pool_drop(&engine->pool, engine->buckets[bucket].made);
        retry_reset(engine, &engine->buckets[bucket].retry);
    }
    arena_free(&engine->heap.arena);
    arena_free(&engine->dirty.arena);
    arena_free(&engine->batch.arena);
    arena_free(&engine->changed_configs.arena);
    arena_free(&engine->scratch);
    pool_free(&engine->pool);
    arena = engine->arena;
    arena_free(&arena);
}

/* One that is under way asked before, and its answers may be lost. */
static void survey_anew(struct engine *engine)
{
    flight_end(engine, &engine->survey);
    engine->survey_at = engine->now;
    host_ask_all(engine);
    state_mark(engine, &engine->sight);
}

static void connected(struct engine *engine, size_t payload_max)
{
    engine->is_connected = true;
    engine->payload_max = payload_max;
    engine->connection++;
    engine->connected_at = engine->now;
    engine->is_listed = false;
    engine->is_surveyed = false;
    known_connected(engine);
    survey_anew(engine);
    hearing_start(engine);
}

static void disconnected(struct engine *engine)
{
    engine->is_connected = false;
    engine->is_surveyed = false;
    state_mark(engine, &engine->sight);
}

/* We lost messages: what we know may be old, but it is still the best we know. */
static void overflowed(struct engine *engine)
{
    survey_anew(engine);
}

/* The changes of the last update were not stored: they come again. */
static void unsaved(struct engine *engine, const struct ledger_change *changes,
                    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        state_change_again(engine, &changes[i]);
    }
}

static void take_lattice(struct engine *engine, const struct event *event)
{
    switch (event->kind) {
    case EVENT_INVENTORY:
    case EVENT_HEARTBEAT:
        host_told(engine, event->u.inventory, event->kind == EVENT_HEARTBEAT);
        return;
    case EVENT_HOST_STARTED:
        host_started(engine, event->u.host.id);
        return;
    case EVENT_HOST_STOPPED:
        host_stopped(engine, event->u.host.id);
        return;
    case EVENT_HOST_PINGED:
        host_pinged(engine, event->u.host.id);
        behind_pinged(engine, event->u.host.id);
        return;
    case EVENT_HOST_CHANGED:
        host_changed(engine, event->u.host.id);
        return;
    case EVENT_WORKLOAD_FAILED:
        host_workload_failed(engine, event);
        return;
    case EVENT_WORKLOAD_HEALTHY:
    case EVENT_WORKLOAD_UNHEALTHY:
        host_workload_checked(engine, event);
        return;
    case EVENT_BUCKET_LISTING:
        observe_listing(engine, event->u.bucket.bucket);
        return;
    case EVENT_BUCKET_LISTED:
        observe_listed(engine, event);
        return;
    case EVENT_BUCKET_LOST:
        observe_lost(engine, event);
        return;
    case EVENT_LINKS:
        observe_links(engine, event);
        return;
    case EVENT_HEARD:
        hearing_take(engine, event);
        return;
    case EVENT_CONFIG:
        observe_config(engine, event->u.config.name, event->u.config.content,
                       event->u.config.sequence);
        return;
    case EVENT_IGNORED:
    case EVENT_DECLARED:
    case EVENT_RETRACTED:
    case EVENT_RECALLED:
    case EVENT_REMEMBERED:
    case EVENT_PAUSED:
    case EVENT_SUSPENDED:
    case EVENT_CONNECTED:
    case EVENT_DISCONNECTED:
    case EVENT_OVERFLOWED:
    case EVENT_ANSWERED:
    case EVENT_UNSAVED:
        break;
    }
    abort();
}

static void take(struct engine *engine, const struct event *event)
{
    switch (event->kind) {
    case EVENT_IGNORED:
    case EVENT_UNSAVED: /* see engine_step */
        return;
    case EVENT_DECLARED:
        claim_declare(engine, event->u.declared);
        return;
    case EVENT_RETRACTED:
        claim_retract(engine, event->u.retracted.application,
                      event->u.retracted.is_pruned);
        return;
    case EVENT_RECALLED:
        known_recall(engine, event->u.recalled);
        return;
    case EVENT_REMEMBERED:
        observe_ledger(engine, event->u.remembered.rows, event->u.remembered.count);
        return;
    case EVENT_PAUSED:
        pause_set(engine, event->u.paused.application, event->u.paused.is_paused);
        return;
    case EVENT_SUSPENDED:
        pause_suspend(engine, event->u.suspended.why);
        return;
    case EVENT_CONNECTED:
        connected(engine, event->u.connected.payload_max);
        return;
    case EVENT_DISCONNECTED:
        disconnected(engine);
        return;
    case EVENT_OVERFLOWED:
        overflowed(engine);
        return;
    case EVENT_ANSWERED:
        answer_take(engine, event);
        return;
    case EVENT_INVENTORY:
    case EVENT_HEARTBEAT:
    case EVENT_HOST_STARTED:
    case EVENT_HOST_STOPPED:
    case EVENT_HOST_PINGED:
    case EVENT_HOST_CHANGED:
    case EVENT_WORKLOAD_FAILED:
    case EVENT_WORKLOAD_HEALTHY:
    case EVENT_WORKLOAD_UNHEALTHY:
    case EVENT_BUCKET_LISTING:
    case EVENT_BUCKET_LISTED:
    case EVENT_BUCKET_LOST:
    case EVENT_LINKS:
    case EVENT_HEARD:
    case EVENT_CONFIG:
        take_lattice(engine, event);
        return;
    }
    abort();
}

/* The order of work: hosts are asked, then configs, links, providers, components. */
static int item_rank(const struct item *item)
{
    const struct workload_row *row;

    switch (item->kind) {
    case ITEM_SIGHT:
    case ITEM_ROOM:
    case ITEM_HOSTS:
    case ITEM_PAUSES:
        return 0;
    case ITEM_HOST:
        return 1;
    case ITEM_CONFIG:
        return 2;
    case ITEM_SOURCE:
        return 3;
    case ITEM_WORKLOAD:
        row = claim_workload((const struct workload_item *)item);
        return row != NULL && row->kind == WORKLOAD_PROVIDER ? 4 : 5;
    }
    abort();
}

static int item_compare(const void *a, const void *b)
{
    const struct item *left = *(struct item *const *)a;
    const struct item *right = *(struct item *const *)b;
    const int order = item_rank(left) - item_rank(right);

    return order != 0 ? order : strcmp(left->name, right->name);
}

static void plan(struct engine *engine, struct item *item)
{
    switch (item->kind) {
    case ITEM_SIGHT:
        plan_sight(engine);
        return;
    case ITEM_HOST:
        plan_host(engine, (struct host_item *)item);
        return;
    case ITEM_CONFIG:
        plan_config(engine, (struct config_item *)item);
        return;
    case ITEM_SOURCE:
        plan_source(engine, (struct source_item *)item);
        return;
    case ITEM_WORKLOAD:
        plan_workload(engine, (struct workload_item *)item);
        return;
    case ITEM_ROOM:
    case ITEM_HOSTS:
    case ITEM_PAUSES:
        break; /* others wait for these; they have no plan of their own */
    }
    abort();
}

/* What is left of the round is planned in the next, which is in order again. */
static void end_round(struct engine *engine)
{
    while (engine->batch_index < engine->batch.count) {
        struct item *item = engine->batch.items[engine->batch_index++];

        item->is_dirty = false;
        state_mark(engine, item);
    }
}

static void plan_item(struct engine *engine, struct item *item)
{
    item->is_dirty = false;
    engine->planned_count++;
    state_wait_no_more(item);
    state_wake_never(engine, item);
    plan(engine, item);
    standing_note(engine, item);
    if ((size_t)item->kind < ITEM_TABLES_COUNT) {
        state_prune(engine, item);
    }
}

/* The next round is of what is dirty now. */
static void begin_round(struct engine *engine)
{
    const struct item_list batch = engine->dirty;

    engine->dirty = engine->batch;
    engine->dirty.count = 0;
    engine->batch = batch;
    engine->batch_index = 0;
    engine->rounds_count++;
    qsort(batch.items, batch.count, sizeof(struct item *), item_compare);
}

/* Plan what a round is of, once, in order; what that makes dirty is left for the next.
 * Returns what is left of count, of which each key takes one. */
static size_t plan_round(struct engine *engine, size_t count)
{
    if (engine->batch_index == engine->batch.count) {
        begin_round(engine);
    }
    for (; count > 0 && engine->batch_index < engine->batch.count; count--) {
        plan_item(engine, engine->batch.items[engine->batch_index++]);
    }
    return count;
}

/* Where there is room again, those who waited longest for it come first; and who needs
 * room in a host, too, only where there is both, or all would move from one queue to the
 * other and back. */
static void fill_room(struct engine *engine)
{
    const struct item_list *hosts = &engine->tables[ITEM_HOST];
    size_t room = FLIGHTS_MAX - engine->common_count;

    room -= state_changed_for(engine, &engine->room, room);
    for (size_t i = 0; i < hosts->count; i++) {
        struct host_item *host = (struct host_item *)hosts->items[i];
        const size_t there = HOST_FLIGHTS_MAX - host->flights_count;

        room -= state_changed_for(engine, &host->item, there < room ? there : room);
    }
}

static void list_trim(struct item_list *list)
{
    if (list->capacity > LIST_ITEMS_KEPT) {
        arena_free(&list->arena);
        *list = (struct item_list){0};
    }
}

/* Plan at most count keys: all that are dirty, round by round, or the first of them. */
static void plan_some(struct engine *engine, size_t count)
{
    size_t rounds = 0;

    while (count > 0 && engine_is_planning(engine)) {
        count = plan_round(engine, count);
        if (engine->batch_index == engine->batch.count) {
            rounds = engine->dirty.count > 0 ? rounds + 1 : 0;
            assert(rounds < ROUNDS_MAX);
            fill_room(engine); /* at most once for each that waits */
        }
    }
    if (!engine_is_planning(engine)) {
        engine->batch.count = 0;
        engine->batch_index = 0;
        list_trim(&engine->dirty);
        list_trim(&engine->batch);
    }
}

static void note_sight(struct engine *engine)
{
    const bool is_blind = reason_of_blindness(engine) != NULL;

    if (is_blind != engine->is_blind) {
        engine->is_blind = is_blind;
        engine->sight_since = engine->now;
    }
}

void engine_retire(struct engine *engine)
{
    engine->is_observer = true;
}

size_t engine_flights_count(const struct engine *engine)
{
    return engine->flights_count;
}

struct engine_counters engine_counters(const struct engine *engine)
{
    return (struct engine_counters){
        .planned = engine->planned_count,
        .rounds = engine->rounds_count,
        .drifts = engine->drifts_count,
        .surveyed = engine->survey_sent,
        .bytes = state_bytes(engine),
        .update_bytes = arena_bytes(&engine->scratch),
    };
}

void engine_step(struct engine *engine, struct instant now, const struct event *events,
                 size_t count, struct engine_update *ret_update)
{
    struct arena old = engine->scratch;
    const struct ledger_change *old_changes = engine->changes;
    const size_t old_changes_count = engine->changes_count;
    const bool is_going_on = engine_is_planning(engine);

    assert(!instant_is_before(now, engine->now));

    engine->now = now;
    engine->scratch = (struct arena){0};
    engine->changes = NULL;
    engine->changes_count = 0;
    engine->changes_capacity = 0;
    loss_begin_step(engine);
    engine->host_news = (struct host_news_list){0};
    engine->commands = NULL;
    engine->update_commands_count = 0;
    engine->update_commands_capacity = 0;
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind == EVENT_UNSAVED) {
            unsaved(engine, old_changes, old_changes_count);
        }
        take(engine, &events[i]);
    }
    arena_free(&old);
    state_mark_due(engine);
    delivery_mark_users(engine);
    if (count > 0) {
        end_round(engine);
    }
    if (!is_going_on) {
        fill_room(engine);
    }
    plan_some(engine, engine->keys_max);
    note_sight(engine);
    history_sent(engine);
    *ret_update = (struct engine_update){
        .changes = engine->changes,
        .changes_count = engine->changes_count,
        .commands = engine->commands,
        .commands_count = engine->update_commands_count,
        .losses = engine->losses.items,
        .losses_count = engine->losses.count,
        .hosts = engine->host_news.items,
        .hosts_count = engine->host_news.count,
        .deadline = engine_is_planning(engine) ? now : state_deadline(engine),
    };
}
