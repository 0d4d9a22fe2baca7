#include "reconciler/core/plan.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/config_user.h"
#include "reconciler/core/deaf.h"
#include "reconciler/core/difference.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/pause.h"
#include "reconciler/core/timing.h"

static const struct verdict as_desired = {REASON_NONE, NULL};

/*
 * What is there, if anything, is ours to change: we confirmed this key once, or the
 * content is what we sent.
 */
static bool is_ours(const struct config_item *config)
{
    const struct record *ledger = config->ledger;

    if (config->observed == NULL) {
        return true;
    }
    return ledger != NULL && (ledger->state == LEDGER_CONFIRMED ||
                              strcmp(config->observed, ledger->u.content) == 0);
}

static void put_ledger(struct engine *engine, struct config_item *config,
                       const struct config_row *row, enum ledger_state state,
                       int64_t unsure_ms)
{
    const struct ledger_row ledger = {
        .kind = LEDGER_CONFIG,
        .state = state,
        .unsure_ms = unsure_ms,
        .application = claim_application(config->claims),
        .u.config = {row->name, row->content},
    };

    state_put_ledger(engine, &config->ledger, &ledger);
}

static struct verdict send_put(struct engine *engine, struct config_item *config,
                               const struct config_row *row)
{
    const struct record *ledger = config->ledger;
    const bool is_same = ledger != NULL && strcmp(ledger->u.content, row->content) == 0;
    const bool is_there =
        config->observed != NULL && strcmp(config->observed, row->content) == 0;
    struct command *command;

    plan_note_drift(engine, ledger, is_same);
    put_ledger(engine, config, row, state_when_sent(ledger, is_same), UNSURE_ENTRY_MS);
    command =
        flight_issue(engine, &config->item, NULL, &config->flight, COMMAND_PUT_CONFIG);
    command->application = claim_application(config->claims);
    command->reason = is_there ? deaf_reason(engine, BUCKET_CONFIGS, config->number.told)
                               : difference_of_config(config);
    config->number.flown = is_there ? config->number.told : 0;
    command->u.config.name = row->name;
    command->u.config.content = row->content;
    config->unsure_until =
        instant_max(config->unsure_until, instant_after(engine->now, UNSURE_TWICE_MS));
    return (struct verdict){REASON_IN_FLIGHT, NULL};
}

static struct verdict send_delete(struct engine *engine, struct config_item *config)
{
    struct command *command =
        flight_issue(engine, &config->item, NULL, &config->flight, COMMAND_DELETE_CONFIG);

    command->application = config->ledger->application;
    command->reason = "no application wants it";
    command->u.config.name = config->item.name;
    return (struct verdict){REASON_IN_FLIGHT, NULL};
}

/* May anything be sent for config now?  *ret_verdict says why not. */
static bool may_send(struct engine *engine, struct config_item *config,
                     struct verdict *ret_verdict)
{
    if (pause_must_wait(engine, &config->item, config->claims, config->ledger,
                        ret_verdict)) {
        return false;
    }
    if (retry_must_wait(engine, &config->item, &config->retry)) {
        *ret_verdict = (struct verdict){REASON_RETRY, NULL};
        return false;
    }
    if (engine->is_observer) {
        *ret_verdict = (struct verdict){REASON_OBSERVER, NULL};
        return false;
    }
    return flight_has_room(engine, &config->item, NULL, ret_verdict);
}

/* It is as wanted, and hosts have not heard of it: it is put again, if they would hear of
 * that, or to move the bucket on. */
static struct verdict decide_missed(struct engine *engine, struct config_item *config,
                                    const struct config_row *row)
{
    struct verdict verdict;

    if ((config->number.is_mover || !deaf_is_on(engine, BUCKET_CONFIGS)) &&
        may_send(engine, config, &verdict)) {
        return send_put(engine, config, row);
    }
    return (struct verdict){REASON_DEAF, NULL};
}

static struct verdict decide_wanted(struct engine *engine, struct config_item *config,
                                    const struct config_row *row)
{
    const struct record *ledger = config->ledger;
    struct verdict verdict;

    if (config->observed != NULL && strcmp(config->observed, row->content) == 0) {
        if (ledger == NULL || ledger->state != LEDGER_CONFIRMED ||
            strcmp(ledger->u.content, row->content) != 0 ||
            strcmp(ledger->application, claim_application(config->claims)) != 0) {
            put_ledger(engine, config, row, LEDGER_CONFIRMED,
                       instant_left(engine->now, config->unsure_until));
        }
        retry_clear(engine, &config->retry);
        return deaf_has_missed(engine, BUCKET_CONFIGS, config->number.told)
                   ? decide_missed(engine, config, row)
                   : as_desired;
    }
    if (!is_ours(config)) {
        return (struct verdict){REASON_FOREIGN, NULL};
    }
    return may_send(engine, config, &verdict) ? send_put(engine, config, row) : verdict;
}

/* No application wants it; the ledger says what we left behind. */
static struct verdict decide_doomed(struct engine *engine, struct config_item *config)
{
    const struct host_item *host;
    struct verdict verdict;

    if (config->ledger == NULL) {
        return as_desired;
    }
    if (config->observed == NULL || !is_ours(config)) {
        if (instant_is_before(engine->now, config->unsure_until)) {
            state_wake(engine, &config->item, config->unsure_until);
            return (struct verdict){REASON_UNSURE, NULL};
        }
        if (asking_must_renew(engine, config)) {
            return (struct verdict){REASON_UNTOLD, NULL};
        }
        state_drop_ledger(engine, &config->ledger, config->item.name, NULL);
        retry_clear(engine, &config->retry);
        return as_desired;
    }
    if (config->uses > 0) {
        return (struct verdict){REASON_USED, NULL}; /* planned again at the last use */
    }
    host = config_find_absent_user(engine, config);
    if (host != NULL) {
        state_wait(&config->item, &engine->hosts);
        state_wake(engine, &config->item, instant_after(engine->now, HOST_SUSPECT_MS));
        return (struct verdict){REASON_UNTOLD, &host->item};
    }
    if (instant_is_before(engine->now, engine->buckets[BUCKET_LINKS].emptied_until)) {
        state_wake(engine, &config->item, engine->buckets[BUCKET_LINKS].emptied_until);
        return (struct verdict){REASON_EMPTIED, NULL};
    }
    return may_send(engine, config, &verdict) ? send_delete(engine, config) : verdict;
}

static bool has_effect(const struct config_item *config)
{
    if (config->flight.kind == COMMAND_DELETE_CONFIG) {
        return config->observed == NULL;
    }
    return config->observed != NULL && config->ledger != NULL &&
           strcmp(config->observed, config->ledger->u.content) == 0 &&
           (config->number.flown == 0 || config->number.told != config->number.flown);
}

/* End the command of config if its effect is seen, or its time is up. */
static void settle(struct engine *engine, struct config_item *config)
{
    if (config->flight.command == 0) {
        return;
    }
    if (has_effect(config)) {
        flight_end(engine, &config->flight);
        retry_clear(engine, &config->retry);
        if (config->observed != NULL) {
            struct ledger_row row = record_row(config->ledger, config->item.name, NULL);

            row.state = LEDGER_CONFIRMED;
            row.unsure_ms = instant_left(engine->now, config->unsure_until);
            state_put_ledger(engine, &config->ledger, &row);
        }
    } else if (flight_has_expired(engine, &config->item, &config->flight)) {
        retry_fail(engine, &config->retry, flight_in_vain(engine, &config->flight));
        flight_end(engine, &config->flight);
    }
}

void plan_config(struct engine *engine, struct config_item *config)
{
    const struct config_row *row = claim_config(config);
    const bool is_known = asking_knows(engine, config);

    settle(engine, config);
    if (config->flight.command != 0) {
        config->verdict = (struct verdict){REASON_IN_FLIGHT, NULL};
    } else if (plan_must_see(engine, &config->item, &config->verdict)) {
        return;
    } else if (!is_known) {
        config->verdict = (struct verdict){REASON_UNTOLD, NULL};
    } else {
        config->verdict = row != NULL ? decide_wanted(engine, config, row)
                                      : decide_doomed(engine, config);
    }
    config->number.is_mover = false;
}

struct config_item *plan_config_in_way(struct engine *engine, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        struct config_item *config = state_config(engine, names->items[i]);
        const struct config_row *row = claim_config(config);

        if (config->observed == NULL) {
            state_mark(engine, &config->item); /* it may have to be asked for */
            return config;
        }
        if (row != NULL && strcmp(config->observed, row->content) != 0) {
            return config;
        }
    }
    return NULL;
}

bool plan_config_is_coming(const struct config_item *config)
{
    return config->claims != NULL && retry_look(&config->retry)->failures == 0 &&
           config->verdict.reason != REASON_FOREIGN &&
           config->verdict.reason != REASON_PAUSED;
}
