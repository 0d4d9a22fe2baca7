#include "reconciler/core/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/timing.h"

/* What one link needs, all else left aside. */
enum need {
    NEED_NOTHING,
    NEED_CONFIRM, /* it is as desired, and the ledger does not know */
    NEED_FORGET,  /* nobody wants it and it is not there: drop it from the ledger */
    NEED_DELETE,  /* ours, and not as desired; to be put again, perhaps */
    NEED_PUT,
    NEED_REPEAT,  /* it is as desired in the bucket, and hosts have not heard of it */
    NEED_FOREIGN, /* its key is taken by somebody else's */
    NEED_SHARED,  /* one of its ends is not there: it stays as it is */
};

static bool is_ours(const struct link_item *link)
{
    const struct ledger_row *ledger = link->ledger;

    assert(link->observed != NULL);

    return ledger != NULL && (ledger->state == LEDGER_CONFIRMED ||
                              link_is_equal(link->observed, ledger->u.link));
}

static bool is_confirmed_as(const struct link_item *link, const struct link_row *row)
{
    const struct ledger_row *ledger = link->ledger;

    return ledger != NULL && ledger->state == LEDGER_CONFIRMED &&
           link_is_equal(ledger->u.link, &row->link) &&
           strcmp(ledger->application, claim_application(link->claims)) == 0;
}

static enum need link_need(const struct link_item *link)
{
    const struct link_row *row = claim_link(link);

    if (row == NULL) {
        if (link->ledger == NULL) {
            return NEED_NOTHING;
        }
        return link->observed != NULL && is_ours(link) ? NEED_DELETE : NEED_FORGET;
    }
    if (shared_missing(row) != NULL) {
        return NEED_SHARED;
    }
    if (link->observed == NULL) {
        return NEED_PUT;
    }
    if (link_is_equal(link->observed, &row->link)) {
        if (!is_confirmed_as(link, row)) {
            return NEED_CONFIRM;
        }
        return hearing_is_deaf(link) ? NEED_REPEAT : NEED_NOTHING;
    }
    return is_ours(link) ? NEED_DELETE : NEED_FOREIGN;
}

static void put_ledger(struct engine *engine, struct link_item *link,
                       enum ledger_state state, int64_t unsure_ms)
{
    const struct ledger_row row = {
        .kind = LEDGER_LINK,
        .state = state,
        .unsure_ms = unsure_ms,
        .application = claim_application(link->claims),
        .u.link = &claim_link(link)->link,
    };

    state_put_ledger(engine, &link->ledger, &row);
}

/* When the last provider of workload that is starting will take links; past: none is. */
static struct instant ready_at(const struct workload_item *workload)
{
    struct instant latest = {0};

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->observed != NULL &&
            instant_is_before(latest, placement->ready_at)) {
            latest = placement->ready_at;
        }
    }
    return latest;
}

/* A start of a source rewrites its links; a component as a target does not care. */
static bool is_starting(const struct workload_item *workload, bool is_source)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement_is_starting(placement) &&
            (is_source || placement->kind == WORKLOAD_PROVIDER)) {
            return true;
        }
    }
    return false;
}

/* A mutation of source may be lost to workload, or lose its update to ours. */
static bool must_let_start(struct engine *engine, struct source_item *source,
                           struct workload_item *workload, struct verdict *ret_verdict)
{
    struct instant ready;

    if (workload == NULL) {
        return false;
    }
    ready = ready_at(workload);
    if (!is_starting(workload, strcmp(workload->item.name, source->item.name) == 0) &&
        !instant_is_before(engine->now, ready)) {
        return false;
    }
    state_wait(&source->item, &workload->item);
    if (instant_is_before(engine->now, ready)) {
        state_wake(engine, &source->item, ready);
    }
    *ret_verdict = (struct verdict){REASON_STARTING, &workload->item};
    return true;
}

/* Reasons that hold for every link of source alike. */
static bool is_source_blocked(struct engine *engine, struct source_item *source,
                              struct verdict *ret_verdict)
{
    struct workload_item *workload;

    if (source->flight.command != 0) {
        *ret_verdict = (struct verdict){REASON_IN_FLIGHT, &source->item};
        return true;
    }
    if (instant_is_before(engine->now, source->quiet_until)) {
        state_wake(engine, &source->item, source->quiet_until);
        *ret_verdict = (struct verdict){REASON_QUIET, NULL};
        return true;
    }
    workload =
        (struct workload_item *)state_find(engine, ITEM_WORKLOAD, source->item.name);
    return must_let_start(engine, source, workload, ret_verdict);
}

/*
 * Does the neighbour at index stand in the way of need for link?  link.del removes the
 * first link of a slot, so none may go out while a foreign one could be hit; a put that
 * a host would refuse waits for the other to go.
 */
static bool is_in_the_way(const struct link_item *link, enum need need,
                          const struct link_item *other)
{
    if (other->observed == NULL || other == link) {
        return false;
    }
    if (need == NEED_DELETE) {
        return !is_ours(other);
    }
    return link_is_conflict(other->observed, &claim_link(link)->link);
}

/* The links of one slot stand side by side in source->links. */
static bool is_slot_blocked(const struct source_item *source, size_t index,
                            enum need need, struct verdict *ret_verdict)
{
    const struct link_item *link = source->links[index];
    size_t first = index;

    while (first > 0 && link_is_same_slot(source->links[first - 1]->key, link->key)) {
        first--;
    }
    for (size_t i = first; i < source->links_count; i++) {
        const struct link_item *other = source->links[i];

        if (!link_is_same_slot(other->key, link->key)) {
            break;
        }
        if (is_in_the_way(link, need, other)) {
            ret_verdict->reason = is_ours(other) ? REASON_LINKS : REASON_SLOT;
            ret_verdict->about = is_ours(other) ? &source->item : NULL;
            return true;
        }
    }
    return false;
}

static bool is_config_missing(struct engine *engine, struct source_item *source,
                              const struct link *link, struct verdict *ret_verdict)
{
    struct config_item *config = plan_missing_config(engine, &link->source_config);

    if (config == NULL) {
        config = plan_missing_config(engine, &link->target_config);
    }
    if (config == NULL) {
        return false;
    }
    state_wait(&source->item, &config->item);
    *ret_verdict = (struct verdict){REASON_CONFIG, &config->item};
    return true;
}

/* May need be done for the link at index now?  *ret_verdict says why not. */
static bool may_send(struct engine *engine, struct source_item *source, size_t index,
                     enum need need, struct verdict *ret_verdict)
{
    struct link_item *link = source->links[index];

    if (is_source_blocked(engine, source, ret_verdict) ||
        is_slot_blocked(source, index, need, ret_verdict)) {
        return false;
    }
    if (retry_must_wait(engine, &source->item, &link->retry)) {
        *ret_verdict = (struct verdict){REASON_RETRY, NULL};
        return false;
    }
    if (must_let_start(engine, source, link->target, ret_verdict)) {
        return false;
    }
    if (need != NEED_DELETE &&
        is_config_missing(engine, source, &claim_link(link)->link, ret_verdict)) {
        return false;
    }
    if (engine->is_observer) {
        *ret_verdict = (struct verdict){REASON_OBSERVER, NULL};
        return false;
    }
    return flight_has_room(engine, &source->item, NULL, ret_verdict);
}

static const char *difference(const struct link *observed, const struct link *wanted)
{
    if (names_compare(&observed->interfaces, &wanted->interfaces) != 0) {
        return "interfaces differ";
    }
    if (names_compare(&observed->source_config, &wanted->source_config) != 0) {
        return "source config differs";
    }
    return "target config differs";
}

static void send_put(struct engine *engine, struct link_item *link, const char *reason)
{
    const struct ledger_row *ledger = link->ledger;
    const bool is_same =
        ledger != NULL && link_is_equal(ledger->u.link, &claim_link(link)->link);
    struct command *command;

    put_ledger(engine, link, state_when_sent(ledger, is_same), UNSURE_ENTRY_MS);
    command = flight_issue(engine, &link->source->item, NULL, &link->source->flight,
                           COMMAND_PUT_LINK);
    command->application = claim_application(link->claims);
    command->reason = reason;
    command->u.link = claim_link(link)->link;
    link->source->flown_revision = link->source->revision;
    link->source->unsure_until = instant_max(link->source->unsure_until,
                                             instant_after(engine->now, UNSURE_TWICE_MS));
}

static void send_delete(struct engine *engine, struct link_item *link)
{
    const struct link_row *row = claim_link(link);
    struct ledger_row ledger = *link->ledger;
    struct command *command;

    ledger.unsure_ms = UNSURE_ENTRY_MS;
    state_put_ledger(engine, &link->ledger, &ledger);
    command = flight_issue(engine, &link->source->item, NULL, &link->source->flight,
                           COMMAND_DELETE_LINK);
    command->application = link->ledger->application;
    command->reason =
        row != NULL ? difference(link->observed, &row->link) : "no application wants it";
    command->u.link = *link->observed;
}

/* Do what the links of source need of this kind, as far as it may be done now. */
static void send_needed(struct engine *engine, struct source_item *source, enum need need)
{
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];

        if (link_need(link) != need || source->flying == link ||
            !may_send(engine, source, i, need, &link->verdict)) {
            continue;
        }
        if (need == NEED_PUT) {
            send_put(engine, link, "missing");
        } else {
            send_delete(engine, link);
        }
        source->flying = link;
        link->verdict = (struct verdict){REASON_IN_FLIGHT, NULL};
    }
}

/* Put again what hosts have not heard of; meanwhile its verdict stays. */
static void send_repeats(struct engine *engine, struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];
        struct verdict verdict;

        if (link_need(link) == NEED_REPEAT && source->flying != link &&
            hearing_must_repeat(engine, source, link) &&
            may_send(engine, source, i, NEED_REPEAT, &verdict)) {
            send_put(engine, link, hearing_repeat(engine, link));
            source->flying = link;
        }
    }
}

/* What needs no command. */
static void note_state(struct engine *engine, struct link_item *link)
{
    switch (link_need(link)) {
    case NEED_CONFIRM:
        put_ledger(engine, link, LEDGER_CONFIRMED,
                   instant_left(engine->now, link->source->unsure_until));
        break;
    case NEED_FORGET:
        if (instant_is_before(engine->now, link->source->unsure_until)) {
            state_wake(engine, &link->source->item, link->source->unsure_until);
            link->verdict = (struct verdict){REASON_UNSURE, NULL};
            return;
        }
        state_drop_ledger(engine, &link->ledger);
        break;
    case NEED_NOTHING:
        break;
    case NEED_FOREIGN:
        link->verdict = (struct verdict){REASON_FOREIGN, NULL};
        return;
    case NEED_REPEAT:
        link->verdict = (struct verdict){REASON_DEAF, NULL};
        return;
    case NEED_SHARED:
        link->verdict = (struct verdict){REASON_SHARED, NULL};
        return;
    case NEED_PUT:
    case NEED_DELETE:
        return;
    }
    retry_clear(&link->retry);
    link->verdict = (struct verdict){REASON_NONE, NULL};
}

static bool has_effect(const struct source_item *source)
{
    const struct link_item *link = source->flying;

    if (source->flight.kind == COMMAND_DELETE_LINK) {
        return link->observed == NULL;
    }
    /* It may have been there before, when it was put again. */
    return source->revision != source->flown_revision && link->observed != NULL &&
           link->ledger != NULL && link_is_equal(link->observed, link->ledger->u.link);
}

/* End the command of source if its effect is seen, or its time is up. */
static void settle(struct engine *engine, struct source_item *source)
{
    struct link_item *link = source->flying;

    if (source->flight.command == 0) {
        return;
    }
    if (has_effect(source)) {
        retry_clear(&link->retry);
        if (link->observed != NULL) {
            struct ledger_row row = *link->ledger;

            row.state = LEDGER_CONFIRMED;
            row.unsure_ms = instant_left(engine->now, source->unsure_until);
            state_put_ledger(engine, &link->ledger, &row);
            hearing_put(engine, link);
        }
    } else if (flight_has_expired(engine, &source->item, &source->flight)) {
        retry_fail(engine, &link->retry, "no effect was seen in time");
    } else {
        return;
    }
    flight_end(engine, &source->flight);
    source->flying = NULL;
    state_changed(engine, &source->item); /* a start may have waited for it */
}

/* Blind: what is known of the links says nothing, not even that one is not there. */
static bool is_blind(struct engine *engine, struct source_item *source)
{
    struct verdict verdict;

    if (!plan_must_see(engine, &source->item, &verdict)) {
        return false;
    }
    for (size_t i = 0; i < source->links_count; i++) {
        source->links[i]->verdict = verdict;
    }
    return true;
}

void plan_source(struct engine *engine, struct source_item *source)
{
    settle(engine, source);
    if (is_blind(engine, source)) {
        return;
    }
    for (size_t i = 0; i < source->links_count; i++) {
        if (source->links[i] != source->flying) {
            note_state(engine, source->links[i]);
        }
    }
    send_needed(engine, source, NEED_DELETE);
    send_needed(engine, source, NEED_PUT);
    send_repeats(engine, source);
}

bool plan_link_is_pending(const struct link_item *link)
{
    const struct config_item *config;

    if (link->retry.failures > 0) {
        return false;
    }
    switch (link->verdict.reason) {
    case REASON_NEW:
    case REASON_IN_FLIGHT:
    case REASON_LINKS:
    case REASON_STARTING:
    case REASON_QUIET:
    case REASON_ROOM:
    case REASON_RETRY:
        return true;
    case REASON_CONFIG:
        config = (const struct config_item *)link->verdict.about;
        return config->claims != NULL && config->retry.failures == 0 &&
               config->verdict.reason != REASON_FOREIGN;
    case REASON_NONE:
    case REASON_BLIND:
    case REASON_UNTOLD:
    case REASON_FOREIGN:
    case REASON_SLOT:
    case REASON_SHARED:
    case REASON_USED:
    case REASON_HELD:
    case REASON_DEAF:
    case REASON_EMPTIED:
    case REASON_HOSTS:
    case REASON_YOUNG:
    case REASON_OFF:
    case REASON_CORDON:
    case REASON_LABELS:
    case REASON_APART:
    case REASON_DRAIN:
    case REASON_ROLLOUT:
    case REASON_HALTED:
    case REASON_UNSURE:
    case REASON_OBSERVER:
        return false;
    }
    abort();
}
