#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/difference.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/history.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/pause.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/rollout.h"
#include "reconciler/core/taint.h"
#include "reconciler/core/timing.h"

static const struct verdict as_desired = {REASON_NONE, NULL};
static const struct verdict in_flight = {REASON_IN_FLIGHT, NULL};

/* On whose behalf: who wants it, or else who did. */
static const char *application_of(const struct workload_item *workload,
                                  const struct placement *placement)
{
    return workload->claims != NULL ? claim_application(workload->claims)
                                    : placement->ledger->application;
}

static bool is_config_missing(struct engine *engine, struct workload_item *workload,
                              const struct placement *placement,
                              struct verdict *ret_verdict)
{
    const struct start start = rollout_start(workload, placement);
    struct config_item *config = plan_config_in_way(engine, &start.configs);

    if (config == NULL) {
        return false;
    }
    state_wait(&workload->item, &config->item);
    *ret_verdict = (struct verdict){REASON_CONFIG, &config->item};
    return true;
}

/* Another instance is not up yet: one host is replaced at a time. */
static bool is_rolling(const struct workload_item *workload,
                       const struct placement *placement)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *other = workload->placements[i];

        if (other != placement && host_is_present(other->host) &&
            (other->flight.command != 0 ||
             (other->wanted > 0 && other->observed == NULL))) {
            return true;
        }
    }
    return false;
}

/* A component and a provider of one id would share their links: one goes first. */
static bool is_other_kind_running(const struct workload_item *workload,
                                  enum workload_kind kind)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *other = workload->placements[i];

        if (other->kind != kind && other->observed != NULL && other->ledger != NULL) {
            return true;
        }
    }
    return false;
}

/* May anything be sent to placement now?  *ret_verdict says why not. */
static bool may_send(struct engine *engine, struct workload_item *workload,
                     struct placement *placement, struct verdict *ret_verdict)
{
    if (pause_must_wait(engine, &workload->item, workload->claims, placement->ledger,
                        ret_verdict)) {
        return false;
    }
    if (retry_must_wait(engine, &workload->item, &placement->retry)) {
        *ret_verdict = (struct verdict){REASON_RETRY, NULL};
        return false;
    }
    if (engine->is_observer) {
        *ret_verdict = (struct verdict){REASON_OBSERVER, NULL};
        return false;
    }
    return flight_has_room(engine, &workload->item, placement->host, ret_verdict);
}

static const char *shortage(struct engine *engine, const struct workload_item *workload,
                            const struct placement *placement)
{
    const struct workload_row *row = claim_workload(workload);
    const struct start start = rollout_start(workload, placement);

    return arena_print(&engine->scratch, "%s%s%s%s%s",
                       rollout_is_wanted(workload, &start) ? "" : row->image,
                       rollout_is_wanted(workload, &start) ? "" : " failed: ",
                       difference_of_count(workload, placement, &engine->scratch),
                       placement->cause != NULL ? ", " : "",
                       placement->cause != NULL ? placement->cause : "");
}

static struct command *issue(struct engine *engine, struct workload_item *workload,
                             struct placement *placement, enum command_kind kind)
{
    struct command *command =
        flight_issue(engine, &workload->item, placement, &placement->flight, kind);

    command->application = application_of(workload, placement);
    command->u.workload.id = workload->item.name;
    host_watch(engine, placement->host);
    return command;
}

static struct ledger_row row_to_send(struct engine *engine,
                                     const struct workload_item *workload,
                                     const struct placement *placement,
                                     const struct start *start)
{
    const struct record *before = placement->ledger;
    const bool is_same =
        before != NULL && strcmp(before->u.start->image, start->image) == 0;
    struct ledger_row row = {.kind = LEDGER_COMPONENT};

    plan_note_drift(engine, before,
                    is_same && placement->observed == NULL && !placement->is_replacing);
    if (before != NULL) {
        row.u.workload.past = record_past(before);
    }
    row.state = state_when_sent(before, is_same);
    row.unsure_ms = UNSURE_START_MS;
    row.application = claim_application(workload->claims);
    row.delivered = delivery_given(engine, placement->kind, &start->configs);
    row.u.workload.image = start->image;
    row.u.workload.configs = start->configs;
    row.u.workload.past.is_tainted = taint_is_on(placement);
    row.u.workload.past.is_doubtful |= rollout_may_mix(engine, placement, start);
    return row;
}

/* Start it, or give it another count: both name the image that is to run. */
static struct verdict send_up(struct engine *engine, struct workload_item *workload,
                              struct placement *placement, const char *reason)
{
    const struct workload_row *row = claim_workload(workload);
    const struct start start = rollout_start(workload, placement);
    const struct ledger_row ledger = row_to_send(engine, workload, placement, &start);
    struct command *command;

    placement_put_ledger(engine, workload, placement, &ledger);
    placement->asked = placement->wanted;
    placement->is_replacing = false;
    placement->is_alone = placement->flight.command == 0 &&
                          !instant_is_before(engine->now, placement->unsure_until);
    if (placement->flight.command != 0) { /* see decide_flying */
        history_ended(engine, placement->flight.command, "fewer are wanted now");
        flight_end(engine, &placement->flight);
    }
    command = issue(engine, workload, placement,
                    row->kind == WORKLOAD_PROVIDER ? COMMAND_START_PROVIDER
                                                   : COMMAND_SCALE_COMPONENT);
    command->reason = reason;
    command->u.workload.image = placement->ledger->u.start->image;
    command->u.workload.count = placement->wanted;
    command->u.workload.configs = placement->ledger->u.start->configs;
    command->u.workload.scaler_id = wish_scaler(row, &engine->scratch);
    command->u.workload.spread_name = placement->spread;
    return in_flight;
}

/* Stop it, naming the image that runs: a scale that names another would falsify it. */
static struct verdict send_down(struct engine *engine, struct workload_item *workload,
                                struct placement *placement, const char *reason)
{
    const struct workload_row *row = claim_workload(workload);
    struct command *command;

    placement->is_alone = false;
    if (!placement->is_replacing) {
        placement->asked = 0;
    }
    command = issue(engine, workload, placement,
                    placement->kind == WORKLOAD_PROVIDER ? COMMAND_STOP_PROVIDER
                                                         : COMMAND_SCALE_COMPONENT);
    command->reason = reason;
    command->u.workload.image = placement->observed->image;
    command->u.workload.configs = placement->ledger->u.start->configs;
    command->u.workload.scaler_id = row != NULL ? wish_scaler(row, &engine->scratch) : "";
    command->u.workload.spread_name = placement->spread;
    flight_limit(engine, &workload->item, &placement->flight, EXPIRY_STOP_MS);
    return in_flight;
}

static struct verdict decide_start(struct engine *engine, struct workload_item *workload,
                                   struct placement *placement)
{
    struct verdict verdict;

    if (is_other_kind_running(workload, placement->kind)) {
        return (struct verdict){REASON_ROLLOUT, NULL};
    }
    if (is_config_missing(engine, workload, placement, &verdict) ||
        plan_must_let_links(engine, workload, placement->kind, &verdict) ||
        !may_send(engine, workload, placement, &verdict)) {
        return verdict;
    }
    if (placement->kind == WORKLOAD_PROVIDER) {
        delivery_note_start(engine, workload);
    }
    return send_up(engine, workload, placement, shortage(engine, workload, placement));
}

/*
 * A start is under way.  It cannot be called back, but where fewer are wanted now it can
 * be told so: the last word counts.
 */
static struct verdict decide_flying(struct engine *engine, struct workload_item *workload,
                                    struct placement *placement)
{
    if (placement_is_starting(placement) && placement->wanted > 0 &&
        placement->asked > placement->wanted && rollout_is_sent(workload, placement)) {
        (void)decide_start(engine, workload, placement);
    }
    return in_flight;
}

static struct verdict decide_stop(struct engine *engine, struct workload_item *workload,
                                  struct placement *placement)
{
    const bool is_doomed = claim_workload(workload) == NULL ||
                           claim_workload(workload)->kind != placement->kind;
    struct verdict verdict;

    if (is_doomed && foreign_holds(workload, placement, &verdict)) {
        return verdict;
    }
    if ((is_doomed && plan_must_let_links(engine, workload, placement->kind, &verdict)) ||
        !may_send(engine, workload, placement, &verdict)) {
        return verdict;
    }
    return send_down(engine, workload, placement,
                     is_doomed ? foreign_end(engine, workload, placement)
                     : placement->cause != NULL
                         ? placement->cause
                         : difference_of_count(workload, placement, &engine->scratch));
}

static struct verdict decide_replace(struct engine *engine,
                                     struct workload_item *workload,
                                     struct placement *placement, const char *reason)
{
    struct verdict verdict;

    if (is_rolling(workload, placement)) {
        return (struct verdict){REASON_ROLLOUT, NULL};
    }
    if (is_config_missing(engine, workload, placement, &verdict) ||
        !may_send(engine, workload, placement, &verdict)) {
        return verdict;
    }
    placement->is_replacing = true;
    placement->asked = placement->wanted;
    return send_down(engine, workload, placement, reason);
}

/* It runs for our application, though the ledger does not know: from now on it does. */
static void adopt(struct engine *engine, struct workload_item *workload,
                  struct placement *placement)
{
    const struct workload_row *row = claim_workload(workload);
    const char *image = image_is_same(row->kind, placement->observed->image, row->image)
                            ? row->image
                            : placement->observed->image;
    const struct ledger_row ledger = {
        .state = LEDGER_CONFIRMED,
        .unsure_ms = instant_left(engine->now, placement->unsure_until),
        .application = claim_application(workload->claims),
        .delivered = delivery_given(engine, row->kind, &row->configs),
        /* Which configs it was started with cannot be asked: taken as right. */
        .u.workload =
            {
                .image = image,
                .configs = row->configs,
                .past = {.good_image = image,
                         .good_configs = row->configs,
                         .is_tainted = taint_is_on(placement)},
            },
    };

    placement_put_ledger(engine, workload, placement, &ledger);
}

static struct verdict halted(const struct workload_item *workload)
{
    return (struct verdict){REASON_HALTED, &workload->halted->host->item};
}

/* It runs as wanted, but for its count.  With secrets among its configs a host reads all
 * of them for each scale. */
static struct verdict decide_count(struct engine *engine, struct workload_item *workload,
                                   struct placement *placement)
{
    const struct start start = rollout_start(workload, placement);
    struct verdict verdict;

    if ((delivery_has_secret(&start.configs) &&
         is_config_missing(engine, workload, placement, &verdict)) ||
        !may_send(engine, workload, placement, &verdict)) {
        return verdict;
    }
    return send_up(engine, workload, placement, shortage(engine, workload, placement));
}

/* It runs there, it is ours, and it is wanted there. */
static struct verdict decide_running(struct engine *engine,
                                     struct workload_item *workload,
                                     struct placement *placement)
{
    const struct workload_row *row = claim_workload(workload);
    const struct start start = rollout_start(workload, placement);
    const char *reason = difference_of_start(placement, &start, &engine->scratch);
    struct verdict verdict;

    if (reason == NULL) {
        reason = delivery_difference(engine, workload, placement);
        if (reason != NULL &&
            plan_must_let_links(engine, workload, placement->kind, &verdict)) {
            return verdict; /* it takes all of them when it starts */
        }
    }
    if (reason != NULL) {
        return decide_replace(engine, workload, placement, reason);
    }
    placement->is_replacing = false;
    if (row->kind == WORKLOAD_COMPONENT &&
        placement->observed->count != placement->wanted) {
        return decide_count(engine, workload, placement);
    }
    if (!placement_is_confirmed(placement, claim_application(workload->claims))) {
        placement_confirm(engine, workload, placement,
                          claim_application(workload->claims));
    }
    if (delivery_is_unknown(engine, placement)) {
        struct ledger_row ledger = placement_row(placement);

        ledger.delivered = delivery_given(engine, row->kind, &ledger.u.workload.configs);
        ledger.unsure_ms = instant_left(engine->now, placement->unsure_until);
        placement_put_ledger(engine, workload, placement, &ledger);
    }
    retry_clear(engine, &placement->retry);
    return rollout_is_wanted(workload, &start) ? as_desired : halted(workload);
}

/* What its host said has failed may be done all the same: not so when it has told what it
 * runs a moment later, and was asked then. */
static bool must_be_told(struct engine *engine, struct workload_item *workload,
                         const struct placement *placement)
{
    const struct instant denied = moment_of(placement, MOMENT_DENIED);
    struct host_item *host = placement->host;
    struct instant shown;

    if (denied.ms == INSTANT_NEVER.ms ||
        !instant_is_before(engine->now, placement_unsure_until(placement))) {
        return false;
    }
    shown = instant_after(denied, UNSURE_DENIED_MS);
    if (!instant_is_before(host->told, shown)) {
        return false;
    }
    if (instant_is_before(engine->now, shown)) {
        state_wake(engine, &workload->item, shown);
        return true;
    }
    if (host->ask.command == 0) {
        host_ask(engine, host, 0);
    }
    state_wake(engine, &workload->item, instant_after(engine->now, ASK_STEP_MS_FIRST));
    return true;
}

/* It is neither there nor wanted there. */
static struct verdict decide_absent(struct engine *engine, struct workload_item *workload,
                                    struct placement *placement)
{
    if (placement->ledger != NULL &&
        instant_is_before(engine->now, placement->unsure_until)) {
        state_wake(engine, &workload->item, placement->unsure_until);
        return (struct verdict){REASON_UNSURE, NULL};
    }
    if (placement->ledger != NULL && must_be_told(engine, workload, placement)) {
        return (struct verdict){REASON_UNSURE, NULL};
    }
    retry_clear(engine, &placement->retry);
    placement->is_replacing = false;
    if (placement->ledger != NULL && rollout_needs(workload, placement)) {
        return halted(workload);
    }
    taint_keep(engine, workload, placement);
    return as_desired;
}

static struct verdict decide(struct engine *engine, struct workload_item *workload,
                             struct placement *placement)
{
    rollout_give_up(engine, workload, placement);
    if (placement->flight.command != 0) {
        return decide_flying(engine, workload, placement);
    }
    if (!host_is_present(placement->host)) {
        /* Nothing can be done there, and nothing counts there, until it is heard of. */
        state_wait(&workload->item, &engine->hosts);
        return as_desired;
    }
    if (placement->host->connection != engine->connection) {
        state_wait(&workload->item, &engine->hosts);
        return (struct verdict){REASON_UNTOLD, &placement->host->item};
    }
    if (placement->observed == NULL) {
        return placement->wanted > 0 ? decide_start(engine, workload, placement)
                                     : decide_absent(engine, workload, placement);
    }
    if (!placement_is_ours(placement, workload)) {
        return workload->claims != NULL ? (struct verdict){REASON_FOREIGN, NULL}
                                        : as_desired;
    }
    if (placement->ledger == NULL) {
        adopt(engine, workload, placement);
    }
    if (taint_must_wait(engine, workload, placement)) {
        return (struct verdict){REASON_QUIET, NULL};
    }
    return placement->wanted > 0 ? decide_running(engine, workload, placement)
                                 : decide_stop(engine, workload, placement);
}

/* A host that may run it has not told what it runs since we are connected: nothing that
 * is done elsewhere could be right. */
static bool must_hear(struct engine *engine, struct workload_item *workload,
                      struct verdict *ret_verdict)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if ((placement->ledger != NULL || placement->observed != NULL) &&
            host_is_awaited(engine, placement->host)) {
            *ret_verdict = (struct verdict){REASON_UNTOLD, &placement->host->item};
            state_wait(&workload->item, &engine->hosts);
            state_wake(engine, &workload->item,
                       instant_after(engine->now, HOST_SUSPECT_MS));
            return true;
        }
    }
    return false;
}

void plan_workload(struct engine *engine, struct workload_item *workload)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        placement_settle(engine, workload, workload->placements[i]);
        delivery_note_taking(engine, workload, workload->placements[i]);
    }
    workload->halted = NULL;
    if (plan_must_see(engine, &workload->item, &workload->verdict) ||
        must_hear(engine, workload, &workload->verdict)) {
        for (size_t i = 0; i < workload->placements_count; i++) {
            workload->placements[i]->verdict = workload->verdict;
        }
        return;
    }
    rollout_look(engine, workload);
    plan_spread(engine, workload);
    for (size_t i = 0; i < workload->placements_count; i++) {
        struct placement *placement = workload->placements[i];

        placement->verdict = decide(engine, workload, placement);
    }
}
