#include "reconciler/core/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/difference.h"
#include "reconciler/core/entry.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/retry.h"
#include "reconciler/core/slot.h"
#include "reconciler/core/timing.h"
#include "reconciler/core/window.h"

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

/* The ledger knows that link is as row says, and what its providers were given. */
static bool is_confirmed_as(struct engine *engine, const struct link_item *link,
                            const struct link_row *row)
{
    const struct ledger_row *ledger = link->ledger;

    return ledger != NULL && ledger->state == LEDGER_CONFIRMED &&
           link_is_equal(ledger->u.link, &row->link) &&
           strcmp(ledger->application, claim_application(link->claims)) == 0 &&
           (ledger->delivered.count ==
                row->link.source_config.count + row->link.target_config.count ||
            delivery_contents(engine, &row->link.source_config, &row->link.target_config)
                    .count == 0);
}

/* It is there, as wanted. */
static enum need need_in_place(struct engine *engine, const struct link_item *link,
                               const struct link_row *row)
{
    if (!is_confirmed_as(engine, link, row)) {
        return NEED_CONFIRM;
    }
    if (!delivery_is_stale(engine, link)) {
        return hearing_is_deaf(link) ? NEED_REPEAT : NEED_NOTHING;
    }
    return delivery_has_provider(engine, link) ? NEED_DELETE : NEED_CONFIRM;
}

static enum need link_need(struct engine *engine, const struct link_item *link)
{
    const struct link_row *row = claim_link(link);

    if (row == NULL) {
        if (link->ledger == NULL) {
            return NEED_NOTHING;
        }
        return link->observed != NULL && link_is_ours(link) ? NEED_DELETE : NEED_FORGET;
    }
    if (shared_missing(row) != NULL) {
        return NEED_SHARED;
    }
    if (link->observed == NULL) {
        return NEED_PUT;
    }
    if (link_is_equal(link->observed, &row->link)) {
        return need_in_place(engine, link, row);
    }
    return link_is_ours(link) ? NEED_DELETE : NEED_FOREIGN;
}

/* It is wanted, and there as wanted, but its providers must be given it again. */
static bool is_redelivered(const struct link_item *link)
{
    const struct link_row *row = claim_link(link);

    return row != NULL && link->observed != NULL &&
           link_is_equal(link->observed, &row->link);
}

/* What the providers of link, which is about to be in place, are given. */
static struct ledger_row new_row(struct engine *engine, const struct link_item *link)
{
    const struct link *wanted = &claim_link(link)->link;

    return (struct ledger_row){
        .kind = LEDGER_LINK,
        .application = claim_application(link->claims),
        .delivered =
            delivery_contents(engine, &wanted->source_config, &wanted->target_config),
        .u.link = wanted,
    };
}

static void put_row(struct engine *engine, struct link_item *link,
                    const struct ledger_row *row)
{
    state_put_ledger(engine, &link->ledger, row);
}

/* It is as wanted.  What was given with the content we sent is known; else it is taken
 * as right. */
static void confirm(struct engine *engine, struct link_item *link)
{
    const struct ledger_row *ledger = link->ledger;
    struct ledger_row row = new_row(engine, link);

    if (ledger != NULL && link_is_equal(ledger->u.link, row.u.link) &&
        ledger->delivered.count == row.delivered.count &&
        delivery_has_provider(engine, link)) {
        row.delivered = ledger->delivered;
        row.is_dropped = ledger->is_dropped;
    }
    row.is_dropped |= link->sighting.is_early;
    row.state = LEDGER_CONFIRMED;
    row.unsure_ms = instant_left(engine->now, link->source->unsure_until);
    put_row(engine, link, &row);
}

static struct workload_item *source_workload(const struct engine *engine,
                                             const struct source_item *source)
{
    return (struct workload_item *)state_find(engine, ITEM_WORKLOAD, source->item.name);
}

/* Reasons that hold for every link of source alike. */
static bool is_source_blocked(struct engine *engine, struct source_item *source,
                              struct verdict *ret_verdict)
{
    if (source->flight.command != 0) {
        *ret_verdict = (struct verdict){REASON_IN_FLIGHT, &source->item};
        return true;
    }
    if (instant_is_before(engine->now, source->quiet_until)) {
        state_wake(engine, &source->item, source->quiet_until);
        *ret_verdict = (struct verdict){REASON_QUIET, NULL};
        return true;
    }
    return window_must_wait(engine, source, source_workload(engine, source), ret_verdict);
}

/* Would a host remove somebody else's link, or refuse ours for another? */
static bool is_slot_blocked(const struct source_item *source, size_t index,
                            enum need need, struct verdict *ret_verdict)
{
    const struct link_item *other =
        need == NEED_DELETE
            ? slot_find_foreign(source, index)
            : slot_find_conflict(source, index, &claim_link(source->links[index])->link);

    if (other == NULL) {
        return false;
    }
    *ret_verdict = link_is_ours(other)
                       ? (struct verdict){REASON_LINKS, &source->item}
                       : (struct verdict){REASON_SLOT, &other->target->item};
    return true;
}

static bool is_config_missing(struct engine *engine, struct source_item *source,
                              const struct link *link, struct verdict *ret_verdict)
{
    struct config_item *config = plan_config_in_way(engine, &link->source_config);

    if (config == NULL) {
        config = plan_config_in_way(engine, &link->target_config);
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
    if (window_must_wait(engine, source,
                         need == NEED_DELETE ? slot_first(link)->target : link->target,
                         ret_verdict)) {
        return false;
    }
    if (need != NEED_DELETE &&
        is_config_missing(engine, source, &claim_link(link)->link, ret_verdict)) {
        return false;
    }
    if (need == NEED_PUT && entry_bytes_with(link) > entry_bytes_max(engine)) {
        state_wait(&source->item, &engine->sight); /* another server may take it */
        *ret_verdict = (struct verdict){REASON_PAYLOAD, NULL};
        return false;
    }
    if (engine->is_observer) {
        *ret_verdict = (struct verdict){REASON_OBSERVER, NULL};
        return false;
    }
    if (need == NEED_DELETE && is_redelivered(link) &&
        (window_must_let_appear(engine, source, source_workload(engine, source),
                                ret_verdict) ||
         window_must_let_appear(engine, source, link->target, ret_verdict) ||
         delivery_must_queue(engine, link, ret_verdict))) {
        return false;
    }
    return flight_has_room(engine, &source->item, NULL, ret_verdict);
}

static const char *difference(struct engine *engine, const struct link_item *link)
{
    const struct link *wanted = &claim_link(link)->link;
    const struct names *lists[2] = {&wanted->source_config, &wanted->target_config};
    const char *text = difference_of_link(link, &engine->scratch);
    const struct config_item *config;

    if (text != NULL) {
        return text;
    }
    config = delivery_changed(engine, lists, &link->ledger->delivered, DELIVERY_OURS);
    return config != NULL ? arena_print(&engine->scratch,
                                        "it was delivered with other content of %s",
                                        config->item.name)
                          : "its providers may have dropped or missed it";
}

static void send_put(struct engine *engine, struct link_item *link, const char *reason)
{
    const struct ledger_row *ledger = link->ledger;
    struct ledger_row row = new_row(engine, link);
    struct command *command;

    row.state = state_when_sent(ledger, ledger != NULL &&
                                            link_is_equal(ledger->u.link, row.u.link));
    row.unsure_ms = UNSURE_ENTRY_MS;
    if (link->observed != NULL && ledger != NULL) { /* who has it does not take it */
        row.delivered = ledger->delivered;
        row.is_dropped = ledger->is_dropped;
    }
    put_row(engine, link, &row);
    command = flight_issue(engine, &link->source->item, NULL, &link->source->flight,
                           COMMAND_PUT_LINK);
    command->application = claim_application(link->claims);
    command->reason = reason;
    command->u.link = claim_link(link)->link;
    link->source->flying = link;
    link->source->flown_revision = link->source->revision;
    link->source->unsure_until = instant_max(link->source->unsure_until,
                                             instant_after(engine->now, UNSURE_TWICE_MS));
}

/* Clear the way to link: what link.del removes is the first of its slot. */
static void send_delete(struct engine *engine, const struct link_item *link)
{
    struct link_item *first = slot_first(link);
    struct ledger_row row = *first->ledger;
    struct command *command;

    row.state = LEDGER_CONFIRMED; /* for it is there */
    row.unsure_ms = UNSURE_ENTRY_MS;
    put_row(engine, first, &row);
    command = flight_issue(engine, &first->source->item, NULL, &first->source->flight,
                           COMMAND_DELETE_LINK);
    command->application = first->ledger->application;
    if (first != link) {
        command->reason =
            arena_print(&engine->scratch, "a host would remove it before the link to %s",
                        link->key->target);
    } else {
        command->reason = claim_link(link) != NULL ? difference(engine, link)
                                                   : "no application wants it";
    }
    command->u.link = *first->observed;
    first->source->flying = first;
    first->verdict = (struct verdict){REASON_IN_FLIGHT, NULL};
}

/* Do what the links of source need of this kind, as far as it may be done now. */
static void send_needed(struct engine *engine, struct source_item *source, enum need need)
{
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];

        if (source->flying == link || link_need(engine, link) != need ||
            !may_send(engine, source, i, need, &link->verdict)) {
            continue;
        }
        if (need == NEED_PUT) {
            send_put(engine, link, "missing");
        } else {
            send_delete(engine, link);
        }
        link->verdict = (struct verdict){REASON_IN_FLIGHT,
                                         source->flying == link ? NULL : &source->item};
    }
}

/* Put again what hosts have not heard of; meanwhile its verdict stays. */
static void send_repeats(struct engine *engine, struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];
        struct verdict verdict;

        if (source->flying != link && link_need(engine, link) == NEED_REPEAT &&
            hearing_must_repeat(engine, source, link) &&
            may_send(engine, source, i, NEED_REPEAT, &verdict)) {
            send_put(engine, link, hearing_repeat(engine, link));
        }
    }
}

/* What needs no command. */
static void note_state(struct engine *engine, struct link_item *link)
{
    switch (link_need(engine, link)) {
    case NEED_CONFIRM:
        confirm(engine, link);
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
    case NEED_REPEAT:
        link->verdict = (struct verdict){REASON_DEAF, NULL};
        return;
    case NEED_SHARED:
        link->verdict = (struct verdict){REASON_SHARED, NULL};
        return;
    case NEED_FOREIGN:
        link->verdict = (struct verdict){REASON_FOREIGN, NULL};
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
            put_row(engine, link, &row);
            hearing_put(engine, link);
        }
    } else if (flight_has_expired(engine, &source->item, &source->flight)) {
        retry_fail(engine, &link->retry, flight_in_vain(engine, &source->flight));
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

static bool is_pending(const struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        if (plan_link_is_pending(source->links[i])) {
            return true;
        }
    }
    return false;
}

void plan_source(struct engine *engine, struct source_item *source)
{
    const bool was_pending = is_pending(source);

    settle(engine, source);
    if (is_blind(engine, source)) {
        return;
    }
    delivery_note_drops(engine, source);
    for (size_t i = 0; i < source->links_count; i++) {
        if (source->links[i] != source->flying) {
            note_state(engine, source->links[i]);
        }
    }
    send_needed(engine, source, NEED_DELETE);
    send_needed(engine, source, NEED_PUT);
    send_repeats(engine, source);
    delivery_end_turn(engine, source);
    if (was_pending && !is_pending(source)) {
        state_changed(engine, &source->item); /* though nothing may have been sent */
    }
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
    case REASON_QUIET:
    case REASON_ROOM:
    case REASON_RETRY:
        return true;
    case REASON_STARTING:
        return !is_redelivered(link); /* who starts takes what is in place */
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
    case REASON_PAYLOAD:
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
