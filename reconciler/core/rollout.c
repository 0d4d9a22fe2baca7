#include "reconciler/core/rollout.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/history.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/retry.h"
#include "reconciler/core/timing.h"

static bool is_same(enum workload_kind kind, const struct start *a, const struct start *b)
{
    return image_is_same(kind, a->image, b->image) &&
           names_compare(&a->configs, &b->configs) == 0;
}

static struct start start_of(const struct workload_row *row)
{
    return (struct start){row->image, row->configs};
}

bool rollout_is_wanted(const struct workload_item *workload, const struct start *start)
{
    const struct start wanted = start_of(claim_workload(workload));

    return is_same(claim_workload(workload)->kind, start, &wanted);
}

/* What was last seen to run at placement; false when nothing was. */
static bool find_past(const struct workload_item *workload,
                      const struct placement *placement, struct start *ret_start)
{
    const struct record *ledger = placement->ledger;

    if (placement->kind != claim_workload(workload)->kind || ledger == NULL ||
        record_past(ledger).good_image == NULL) {
        return false;
    }
    *ret_start = (struct start){
        .image = record_past(ledger).good_image,
        .configs = record_past(ledger).good_configs,
    };
    return true;
}

/* Something else than what is wanted ran at placement last. */
static bool has_other_past(const struct workload_item *workload,
                           const struct placement *placement)
{
    struct start past;

    return find_past(workload, placement, &past) && !rollout_is_wanted(workload, &past);
}

static bool has_any_other_past(const struct workload_item *workload)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        if (has_other_past(workload, workload->placements[i])) {
            return true;
        }
    }
    return false;
}

/* What is wanted failed at placement, though its host be gone since, and is not to be
 * tried again yet. */
static bool is_halted_at(const struct engine *engine,
                         const struct workload_item *workload,
                         const struct placement *placement)
{
    const struct workload_row *row = claim_workload(workload);

    return placement->kind == row->kind && placement->ledger != NULL &&
           record_past(placement->ledger).failed_image != NULL &&
           image_is_same(row->kind, record_past(placement->ledger).failed_image,
                         row->image) &&
           instant_is_before(engine->now, moment_of(placement, MOMENT_TRIAL));
}

/* Something else runs at placement than what is wanted. */
static bool is_outdated(const struct workload_item *workload,
                        const struct placement *placement)
{
    const struct record *ledger = placement->ledger;
    struct start sent;

    if (placement->kind != claim_workload(workload)->kind ||
        placement->observed == NULL || !placement_is_ours(placement, workload)) {
        return false;
    }
    if (!image_is_same(placement->kind, placement->observed->image,
                       claim_workload(workload)->image)) {
        return true;
    }
    if (ledger == NULL) {
        return false; /* about to be adopted */
    }
    sent = (struct start){ledger->u.start->image, ledger->u.start->configs};
    return !rollout_is_wanted(workload, &sent);
}

/* The next to be replaced, elsewhere if there is a host without the workload: one of a
 * component, for each of its instances is like any other. */
static void choose_outgoing(struct workload_item *workload)
{
    const struct workload_row *row = claim_workload(workload);
    bool is_chosen = row == NULL || row->is_daemon || row->kind != WORKLOAD_COMPONENT ||
                     workload->halted != NULL;

    for (size_t i = 0; i < workload->placements_count; i++) {
        struct placement *placement = workload->placements[i];

        placement->is_outgoing = !is_chosen && is_outdated(workload, placement);
        is_chosen |= placement->is_outgoing;
    }
}

static void find_halted(struct engine *engine, struct workload_item *workload)
{
    workload->halted = NULL;
    if (claim_workload(workload) == NULL || !has_any_other_past(workload)) {
        return;
    }
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (is_halted_at(engine, workload, placement)) {
            workload->halted = placement;
            state_wake(engine, &workload->item, moment_of(placement, MOMENT_TRIAL));
            return;
        }
    }
}

void rollout_look(struct engine *engine, struct workload_item *workload)
{
    find_halted(engine, workload);
    choose_outgoing(workload);
}

/* What runs elsewhere; what ran on a host that is gone is the last to ask. */
static struct start find_elsewhere(const struct workload_item *workload)
{
    struct start found = start_of(claim_workload(workload));
    bool is_found = false;

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];
        struct start past;

        if (!find_past(workload, placement, &past)) {
            continue;
        }
        if (placement->observed != NULL && rollout_is_wanted(workload, &past)) {
            return past; /* it does run somewhere */
        }
        if ((!is_found || placement->observed != NULL) &&
            !rollout_is_wanted(workload, &past)) {
            found = past;
            is_found = true;
        }
    }
    return found;
}

/* What is to run at placement while the rollout of workload is halted. */
static struct start find_meanwhile(const struct workload_item *workload,
                                   const struct placement *placement)
{
    struct start past;

    return find_past(workload, placement, &past) ? past : find_elsewhere(workload);
}

struct start rollout_start(const struct workload_item *workload,
                           const struct placement *placement)
{
    return workload->halted != NULL ? find_meanwhile(workload, placement)
                                    : start_of(claim_workload(workload));
}

bool rollout_is_sent(const struct workload_item *workload,
                     const struct placement *placement)
{
    const struct record *ledger = placement->ledger;
    const struct start start = rollout_start(workload, placement);
    struct start sent;

    if (ledger == NULL) {
        return false;
    }
    sent = (struct start){ledger->u.start->image, ledger->u.start->configs};
    return is_same(placement->kind, &sent, &start);
}

bool rollout_is_stray(const struct workload_item *workload,
                      const struct placement *placement)
{
    const struct record *ledger = placement->ledger;
    struct start sent;

    if (ledger == NULL) {
        return false;
    }
    sent = (struct start){ledger->u.start->image, ledger->u.start->configs};
    return !rollout_is_wanted(workload, &sent) && !rollout_is_sent(workload, placement);
}

void rollout_give_up(struct engine *engine, struct workload_item *workload,
                     struct placement *placement)
{
    if (placement->wanted == 0 || placement->observed != NULL ||
        !placement_is_starting(placement) || !rollout_is_stray(workload, placement)) {
        return;
    }
    if (flight_ms(engine, &placement->flight) < OVERTAKE_MS) {
        state_wake(engine, &workload->item,
                   instant_after(engine->now,
                                 OVERTAKE_MS - flight_ms(engine, &placement->flight)));
        return;
    }
    placement->unsure_until =
        instant_max(placement->unsure_until, placement->flight.expires);
    history_ended(engine, placement->flight.command, "given up for another wish");
    flight_end(engine, &placement->flight);
    state_changed(engine, &workload->item); /* links may have waited for it */
}

/* Start, of the same image as the one before, names other configs, or other secrets. */
static bool has_other_configs(struct engine *engine, const struct placement *placement,
                              const struct start *start)
{
    const struct record *before = placement->ledger;
    const struct names given = delivery_given(engine, placement->kind, &start->configs);

    return placement->kind == WORKLOAD_COMPONENT &&
           (names_compare(&before->u.start->configs, &start->configs) != 0 ||
            names_compare(&before->delivered, &given) != 0);
}

bool rollout_may_mix(struct engine *engine, const struct placement *placement,
                     const struct start *start)
{
    const struct record *ledger = placement->ledger;

    if (ledger == NULL || !instant_is_before(engine->now, placement->unsure_until)) {
        return false;
    }
    if (strcmp(ledger->u.start->image, start->image) == 0) {
        return has_other_configs(engine, placement, start);
    }
    return placement->asked != placement->wanted ||
           delivery_has_secret(&start->configs) ||
           names_compare(&ledger->u.start->configs, &start->configs) != 0;
}

/* What failed at placement is what is wanted now, and something else could run. */
static bool is_rollout(const struct workload_item *workload,
                       const struct placement *placement)
{
    const struct record *ledger = placement->ledger;
    struct start sent;

    if (claim_workload(workload) == NULL || ledger == NULL ||
        placement->kind != claim_workload(workload)->kind ||
        !placement_is_starting(placement)) {
        return false;
    }
    sent = (struct start){ledger->u.start->image, ledger->u.start->configs};
    return rollout_is_wanted(workload, &sent) && has_any_other_past(workload);
}

void rollout_fail(struct engine *engine, struct workload_item *workload,
                  struct placement *placement, const char *text)
{
    const bool is_halting = is_rollout(workload, placement);
    struct start meanwhile;
    struct ledger_row row;

    history_ended(engine, placement->flight.command, text);
    flight_end(engine, &placement->flight);
    if (!is_halting) {
        retry_fail(engine, &placement->retry, text);
        return;
    }
    row = placement_row(placement);
    row.unsure_ms = instant_left(engine->now, placement->unsure_until);
    row.u.workload.past.failed_image = claim_workload(workload)->image;
    row.u.workload.past.failure = text;
    placement_put_ledger(engine, workload, placement, &row);
    moment_set(engine, placement, MOMENT_TRIAL, retry_seldom(engine));
    /* What ran here comes back here; what was to be new here may as well go elsewhere. */
    placement->is_replacing = has_other_past(workload, placement);
    meanwhile = find_meanwhile(workload, placement);
    if (rollout_is_wanted(workload, &meanwhile)) { /* the same: it runs elsewhere */
        retry_fail(engine, &placement->retry, text);
    } else {
        retry_clear(engine, &placement->retry);
    }
}

const char *rollout_wait_text(const struct workload_item *workload,
                              const struct placement *placement, struct arena *arena)
{
    size_t count = 0;
    size_t done = 0;

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *other = workload->placements[i];

        if (other->kind != placement->kind && other->observed != NULL) {
            return arena_print(arena, "waits until the %s of the same id is gone from %s",
                               workload_kind_name(other->kind), host_name(other->host));
        }
        if (other->wanted > 0 && host_is_present(other->host)) {
            count++;
            done += other->observed != NULL && other->flight.command == 0 &&
                    !is_outdated(workload, other);
        }
    }
    return arena_print(arena,
                       "another host is replaced first: %zu of %zu run what is wanted",
                       done, count);
}

const char *rollout_halt_text(const struct engine *engine,
                              const struct workload_item *workload, struct arena *arena)
{
    const struct placement *halted = workload->halted;

    assert(halted != NULL);

    return arena_print(
        arena, "rollout halted: %s: %s (tried again in %lld s)", host_name(halted->host),
        record_past(halted->ledger).failure,
        (long long)(instant_left(engine->now, moment_of(halted, MOMENT_TRIAL)) + 999) /
            1000);
}

void rollout_restart(struct engine *engine, struct workload_item *workload)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        struct placement *placement = workload->placements[i];
        struct ledger_row row;

        if (placement->ledger == NULL ||
            record_past(placement->ledger).failed_image == NULL) {
            continue;
        }
        row = placement_row(placement);
        row.unsure_ms = instant_left(engine->now, placement->unsure_until);
        row.u.workload.past.failed_image = NULL;
        row.u.workload.past.failure = NULL;
        placement_put_ledger(engine, workload, placement, &row);
    }
}

bool rollout_needs(const struct workload_item *workload,
                   const struct placement *placement)
{
    if (claim_workload(workload) == NULL) {
        return false;
    }
    return placement == workload->halted ||
           (!host_is_present(placement->host) && has_other_past(workload, placement));
}
