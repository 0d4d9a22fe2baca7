#include <stdlib.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/deaf.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/known.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/timing.h"

bool plan_is_blind(const struct engine *engine)
{
    return !engine->is_connected || !engine->is_surveyed || engine->hosts_up == 0 ||
           !engine->buckets[BUCKET_LINKS].is_known ||
           !engine->buckets[BUCKET_CONFIGS].is_known || !known_is_same(engine);
}

bool plan_must_see(struct engine *engine, struct item *item, struct verdict *ret_verdict)
{
    if (!plan_is_blind(engine)) {
        return false;
    }
    state_wait(item, &engine->sight);
    *ret_verdict = (struct verdict){REASON_BLIND, &engine->sight};
    return true;
}

static void send_survey(struct engine *engine)
{
    struct command *command =
        flight_issue(engine, &engine->sight, NULL, &engine->survey, COMMAND_ASK_HOSTS);

    command->reason = "which hosts there are";
    engine->survey_sent = engine->now;
}

/* Is there a host that has been asked since we connected and has not answered yet? */
static bool is_inventory_missing(const struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];

    for (size_t i = 0; i < table->count; i++) {
        const struct host_item *host = (const struct host_item *)table->items[i];

        if (host->connection != engine->connection &&
            (host->ask.command != 0 || host->ask_at.ms != INSTANT_NEVER.ms)) {
            return true;
        }
    }
    return false;
}

/* Hosts that we know of, and none has told what it runs since we connected. */
static bool is_untold(const struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];

    for (size_t i = 0; i < table->count; i++) {
        const struct host_item *host = (const struct host_item *)table->items[i];

        if (host_is_present(host) && host->connection == engine->connection) {
            return false;
        }
    }
    return engine->hosts_up > 0;
}

/* A host that is busy may take its time; the others do not wait for it for ever.  When
 * the last that told has gone nobody tells of the lattice any more. */
static void finish_survey(struct engine *engine)
{
    const bool is_late = !instant_is_before(engine->now, engine->surveyed_by);

    if (!engine->is_listed) {
        return;
    }
    if (is_untold(engine)) {
        engine->is_surveyed = false;
    } else if (is_late || !is_inventory_missing(engine)) {
        engine->is_surveyed = true;
    } else if (!engine->is_surveyed) {
        state_wake(engine, &engine->sight, engine->surveyed_by);
    }
}

static bool is_ours(const struct item *item)
{
    const struct source_item *source = (const struct source_item *)item;
    const struct workload_item *workload = (const struct workload_item *)item;

    switch (item->kind) {
    case ITEM_CONFIG:
        return ((const struct config_item *)item)->ledger != NULL;
    case ITEM_SOURCE:
        for (size_t i = 0; i < source->links_count; i++) {
            if (source->links[i]->ledger != NULL) {
                return true;
            }
        }
        return false;
    case ITEM_WORKLOAD:
        for (size_t i = 0; i < workload->placements_count; i++) {
            if (workload->placements[i]->ledger != NULL) {
                return true;
            }
        }
        return false;
    case ITEM_HOST:
    case ITEM_SIGHT:
    case ITEM_ROOM:
    case ITEM_HOSTS:
    case ITEM_PAUSES:
        return false;
    }
    abort();
}

/* Is anything in the lattice ours, or wanted to be there? */
static bool has_interest(const struct engine *engine)
{
    if (!TAILQ_EMPTY(&engine->applications)) {
        return true;
    }
    for (size_t kind = 0; kind < ITEM_TABLES_COUNT; kind++) {
        const struct item_list *table = &engine->tables[kind];

        for (size_t i = 0; i < table->count; i++) {
            if (is_ours(table->items[i])) {
                return true;
            }
        }
    }
    return false;
}

/* Hosts of which nobody says that they are gone. */
static uint32_t count_hosts(const struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    uint32_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        count += ((const struct host_item *)table->items[i])->state == HOST_UP;
    }
    return count;
}

/* Hosts make their buckets when they start; only those that lost them run without. */
static bool may_make(struct engine *engine, const struct bucket_state *bucket)
{
    const struct instant at = instant_after(bucket->lost_at, BUCKET_MISSING_MS);
    struct verdict verdict;

    if (bucket->is_known || bucket->loss != LOSS_MISSING || bucket->making.command != 0 ||
        engine->is_observer || engine->suspended != NULL || !engine->is_surveyed ||
        count_hosts(engine) == 0 || !has_interest(engine) || !known_is_same(engine)) {
        return false;
    }
    if (instant_is_before(engine->now, at)) {
        state_wake(engine, &engine->sight, at);
        return false;
    }
    return !retry_must_wait(engine, &engine->sight, &bucket->retry) &&
           flight_has_room(engine, &engine->sight, NULL, &verdict);
}

/* What became of asking hosts for their links instead. */
static const char *why_not_told(const struct engine *engine)
{
    if (engine->hearing.silences == 0) {
        return "hosts are being asked for their links instead";
    }
    return engine->hearing.text != NULL ? engine->hearing.text
                                        : "and hosts do not tell their links, which may "
                                          "be too many for one message";
}

/* Why bucket is not known, for the status. */
static void say_why(const struct engine *engine, struct bucket_state *bucket)
{
    arena_free(&bucket->arena);
    bucket->text = bucket->lost_text;
    if (bucket->lost_text != NULL && retry_look(&bucket->retry)->text != NULL) {
        bucket->text = arena_print(&bucket->arena, "%s; it could not be made: %s",
                                   bucket->lost_text, retry_look(&bucket->retry)->text);
    } else if (bucket->lost_text != NULL && bucket->loss == LOSS_DENIED) {
        bucket->text = arena_print(&bucket->arena, "%s; %s", bucket->lost_text,
                                   why_not_told(engine));
    }
}

/* What hosts that run have heard of already must not come again. */
static const char *numbering(struct engine *engine, enum bucket bucket)
{
    const uint64_t first = deaf_first(engine, bucket);

    return first == 0 ? ""
                      : arena_print(&engine->scratch, "; numbered from %llu on",
                                    (unsigned long long)first);
}

static void plan_bucket(struct engine *engine, enum bucket bucket)
{
    struct bucket_state *state = &engine->buckets[bucket];
    const uint32_t hosts = count_hosts(engine);
    struct command *command;

    if (state->is_known) {
        flight_end(engine, &state->making);
        retry_clear(engine, &state->retry);
    } else if (flight_has_expired(engine, &engine->sight, &state->making)) {
        retry_fail(engine, &state->retry, flight_in_vain(engine, &state->making));
        flight_end(engine, &state->making);
    }
    say_why(engine, state);
    if (!may_make(engine, state)) {
        return;
    }
    command =
        flight_issue(engine, &engine->sight, NULL, &state->making, COMMAND_MAKE_BUCKET);
    command->u.bucket.which = bucket;
    command->u.bucket.first = deaf_first(engine, bucket);
    command->reason = arena_print(
        &engine->scratch, "missing for %lld s, while %u host%s run%s%s",
        (long long)(engine->now.ms - state->lost_at.ms) / 1000, (unsigned int)hosts,
        hosts == 1 ? "" : "s", hosts == 1 ? "s" : "", numbering(engine, bucket));
}

void plan_sight(struct engine *engine)
{
    if (flight_has_expired(engine, &engine->sight, &engine->survey)) {
        flight_end(engine, &engine->survey);
    }
    if (!engine->is_connected) {
        engine->is_sighted = false;
        return;
    }
    finish_survey(engine);
    known_plan(engine);
    plan_bucket(engine, BUCKET_LINKS);
    plan_bucket(engine, BUCKET_CONFIGS);
    deaf_plan(engine);
    hearing_plan(engine);
    asking_plan(engine);
    if (engine->survey.command == 0) {
        if (!instant_is_before(engine->now, engine->survey_at)) {
            send_survey(engine);
        } else {
            state_wake(engine, &engine->sight, engine->survey_at);
        }
    }
    if (plan_is_blind(engine)) {
        engine->is_sighted = false;
        return;
    }
    if (!engine->is_sighted) {
        engine->is_sighted = true;
        engine->sighted_at = engine->now;
    }
    state_changed(engine, &engine->sight);
}
