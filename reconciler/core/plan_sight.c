#include "reconciler/core/flight.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/timing.h"

bool plan_is_blind(const struct engine *engine)
{
    return !engine->is_connected || !engine->is_surveyed || engine->hosts_up == 0 ||
           !engine->buckets[BUCKET_LINKS].is_known ||
           !engine->buckets[BUCKET_CONFIGS].is_known;
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

/* A host that is busy may take its time; the others do not wait for it for ever. */
static void finish_survey(struct engine *engine)
{
    if (!engine->is_listed || engine->is_surveyed) {
        return;
    }
    if (!is_inventory_missing(engine) ||
        !instant_is_before(engine->now, engine->surveyed_by)) {
        engine->is_surveyed = true;
    } else {
        state_wake(engine, &engine->sight, engine->surveyed_by);
    }
}

void plan_sight(struct engine *engine)
{
    if (flight_has_expired(engine, &engine->sight, &engine->survey)) {
        flight_end(engine, &engine->survey);
    }
    if (!engine->is_connected) {
        return;
    }
    finish_survey(engine);
    if (engine->survey.command == 0) {
        if (!instant_is_before(engine->now, engine->survey_at)) {
            send_survey(engine);
        } else {
            state_wake(engine, &engine->sight, engine->survey_at);
        }
    }
    if (!plan_is_blind(engine)) {
        state_changed(engine, &engine->sight);
    }
}
