#include "reconciler/core/plan.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/behind.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/deaf.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/entry.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/link_need.h"
#include "reconciler/core/loss_note.h"
#include "reconciler/core/pause.h"
#include "reconciler/core/retry.h"
#include "reconciler/core/silent.h"
#include "reconciler/core/slot.h"
#include "reconciler/core/timing.h"
#include "reconciler/core/window.h"

/* What the providers of link, which is wanted and about to be in place, are given. */
static struct ledger_row new_row(struct engine *engine, const struct link_item *link)
{
    const struct link *wanted = claim_link(link)->link;

    return (struct ledger_row){
        .kind = LEDGER_LINK,
        .application = claim_application(link->claims),
        .delivered =
            delivery_contents(engine, &wanted->source_config, &wanted->target_config),
        .u.link = wanted,
    };
}

/*
 * As it is to be put.  What nobody wants is put as it was before or, if that is not
 * there, without its configs: who has it in memory takes nothing of it, and they may be
 * gone.
 */
static struct ledger_row row_to_put(struct engine *engine, const struct link_item *link)
{
    struct ledger_row row;
    struct link *bare;

    if (link->claims != NULL) {
        return new_row(engine, link);
    }
    row = record_row(link->ledger, NULL, NULL);
    bare = arena_alloc(&engine->scratch, sizeof *bare);
    *bare = link_copy(row.u.link, &engine->scratch);
    row.u.link = bare;
    if (link->observed == NULL) {
        bare->source_config = (struct names){0};
        bare->target_config = (struct names){0};
        row.delivered = (struct names){0};
    }
    return row;
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
    const struct record *ledger = link->ledger;
    struct ledger_row row = new_row(engine, link);

    if (ledger != NULL && link_is_equal(ledger->u.link, row.u.link) &&
        ledger->delivered.count == row.delivered.count && delivery_has_provider(link)) {
        row.delivered = ledger->delivered;
        row.is_dropped = ledger->is_dropped;
    }
    row.is_dropped |= link->sighting.is_early;
    row.state = LEDGER_CONFIRMED;
    row.unsure_ms = instant_left(engine->now, link->source->unsure_until);
    put_row(engine, link, &row);
    link->sighting.is_sent = false;
}

/* It is there as it was sent. */
static void note_there(struct engine *engine, struct link_item *link)
{
    struct ledger_row row = record_row(link->ledger, NULL, NULL);

    row.state = LEDGER_CONFIRMED;
    row.unsure_ms = instant_left(engine->now, link->source->unsure_until);
    put_row(engine, link, &row);
    link->sighting.is_sent = false;
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
    return window_must_wait(engine, source, source->workload, ret_verdict);
}

/* Would a host remove somebody else's link, or refuse ours for another? */
static bool is_slot_blocked(const struct source_item *source, size_t index,
                            enum need need, struct verdict *ret_verdict)
{
    const struct link_item *link = source->links[index];
    const struct link_item *other =
        need == NEED_DELETE
            ? slot_find_foreign(source, index)
            : slot_find_conflict(source, index,
                                 link->claims != NULL ? claim_link(link)->link
                                                      : link->ledger->u.link);

    if (other == NULL) {
        return false;
    }
    *ret_verdict = link_is_ours(other)
                       ? (struct verdict){REASON_LINKS, &source->item}
                       : (struct verdict){REASON_SLOT, &other->target->item};
    return true;
}

static bool is_config_missing(struct engine *engine, const struct link_item *link,
                              struct verdict *ret_verdict)
{
    struct config_item *config =
        link->claims != NULL ? delivery_config_in_way(engine, link) : NULL;

    if (config == NULL) {
        return false;
    }
    state_wait(&link->source->item, &config->item);
    *ret_verdict = (struct verdict){REASON_CONFIG, &config->item};
    return true;
}

/* May need be done for the link at index now?  *ret_verdict says why not. */
static bool may_send(struct engine *engine, struct source_item *source, size_t index,
                     enum need need, struct verdict *ret_verdict)
{
    struct link_item *link = source->links[index];
    const struct link_item *first = need == NEED_DELETE ? slot_first(link) : link;

    if (pause_must_wait(engine, &source->item, link->claims, link->ledger, ret_verdict) ||
        pause_must_wait(engine, &source->item, first->claims, first->ledger,
                        ret_verdict)) {
        return false;
    }
    if (is_source_blocked(engine, source, ret_verdict) ||
        is_slot_blocked(source, index, need, ret_verdict)) {
        return false;
    }
    if (retry_must_wait(engine, &source->item, &link->retry)) {
        *ret_verdict = (struct verdict){REASON_RETRY, NULL};
        return false;
    }
    if (window_must_wait(engine, source, first->target, ret_verdict)) {
        return false;
    }
    if (need != NEED_DELETE && is_config_missing(engine, link, ret_verdict)) {
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
    if (need == NEED_DELETE && hearing_must_wait(engine, ret_verdict)) {
        return false;
    }
    if (need == NEED_DELETE && link_is_redelivered(link) &&
        (delivery_must_settle(engine, link, ret_verdict) ||
         window_must_let_appear(engine, source, source->workload, ret_verdict) ||
         window_must_let_appear(engine, source, link->target, ret_verdict) ||
         delivery_must_queue(engine, link, ret_verdict))) {
        return false;
    }
    return flight_has_room(engine, &source->item, NULL, ret_verdict);
}

/* A mutation of link is sent now. */
static void take_off(struct engine *engine, struct link_item *link)
{
    struct source_item *source = link->source;

    source->flying = link;
    link->sighting.is_sent = true;
    source->flown_revision = source->revision;
    source->unsure_until =
        instant_max(source->unsure_until, instant_after(engine->now, UNSURE_TWICE_MS));
}

static void send_put(struct engine *engine, struct link_item *link, const char *reason)
{
    const struct record *ledger = link->ledger;
    struct ledger_row row = row_to_put(engine, link);
    const bool is_same = ledger != NULL && link_is_equal(ledger->u.link, row.u.link);
    struct command *command;

    plan_note_drift(engine, ledger, is_same && link->claims != NULL);
    row.state = state_when_sent(ledger, is_same);
    row.unsure_ms = UNSURE_SENT_MS;
    if (ledger != NULL && /* who has it does not take it */
        (link->observed != NULL || (is_same && deaf_is_held(engine, link)))) {
        row.delivered = ledger->delivered;
        row.is_dropped = ledger->is_dropped;
    } else {
        row.is_dropped = deaf_may_remember(engine, link);
    }
    put_row(engine, link, &row);
    command = flight_issue(engine, &link->source->item, NULL, &link->source->flight,
                           COMMAND_PUT_LINK);
    command->application = link->ledger->application;
    command->reason = reason;
    command->u.link = *row.u.link;
    take_off(engine, link);
}

/* Clear the way to link: what link.del removes is the first of its slot. */
static void send_delete(struct engine *engine, const struct link_item *link)
{
    struct link_item *first = slot_first(link);
    struct ledger_row row = record_row(first->ledger, NULL, NULL);
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
        command->reason = claim_link(link) != NULL ? link_difference(engine, link)
                                                   : "no application wants it";
    }
    command->u.link = *first->observed;
    take_off(engine, first);
    first->verdict = (struct verdict){REASON_IN_FLIGHT, NULL};
}

/* Another link of source is about to be put, and hosts hear by that what it lacks. */
static bool has_other_coming(const struct source_item *source,
                             const struct link_item *link)
{
    for (size_t i = 0; i < source->links_count; i++) {
        const struct link_item *other = source->links[i];

        if (other != link && (plan_link_is_pending(other) || deaf_is_mover(other))) {
            return true;
        }
    }
    return false;
}

/* Put what nobody wants and hosts remember, for they hear only of what is there that it
 * goes. */
static void send_tellings(struct engine *engine, struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];

        if (source->flying == link || link_need(engine, link) != NEED_TELL ||
            has_other_coming(source, link) ||
            !may_send(engine, source, i, NEED_TELL, &link->verdict)) {
            continue;
        }
        send_put(engine, link, deaf_tell(engine));
        link->verdict = (struct verdict){REASON_IN_FLIGHT, NULL};
    }
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

/* Also what is to be given anew: its delete waits until hosts hear, see deaf.h, and
 * only puts bring that about. */
static bool may_repeat(struct engine *engine, struct link_item *link)
{
    const enum need need = link_need(engine, link);

    return need == NEED_REPEAT || (need == NEED_DELETE && deaf_is_mover(link) &&
                                   deaf_must_wait(engine, BUCKET_LINKS));
}

/* Put again what hosts have not heard of; meanwhile its verdict stays. */
static void send_repeats(struct engine *engine, struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];
        struct verdict verdict;

        if (source->flying != link && may_repeat(engine, link) &&
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
        state_drop_ledger(engine, &link->ledger, NULL, NULL);
        break;
    case NEED_NOTHING:
        if (link->sighting.is_sent && link->observed != NULL && link->ledger != NULL) {
            note_there(engine, link); /* after all */
        }
        if (hearing_is_doubted(link) || silent_must_wait(engine, link)) {
            link->verdict = (struct verdict){REASON_DEAF, NULL};
            return;
        }
        break;
    case NEED_TELL:
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
    retry_clear(engine, &link->retry);
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
        retry_clear(engine, &link->retry);
        if (link->observed != NULL) {
            note_there(engine, link);
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

/* Is a provider given link about now? */
static bool is_being_taken(const struct engine *engine, const struct link_item *link)
{
    return link->source->flying == link || behind_may_take(link) ||
           (link->observed != NULL && window_is_open_to(engine, link));
}

static void note_doubts(struct engine *engine, const struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];

        if (link->claims == NULL || link->ledger == NULL ||
            !delivery_is_doubtful(engine, link)) {
            continue;
        }
        if (is_being_taken(engine, link)) {
            delivery_note_doubt(engine, link);
        } else {
            behind_note_doubt(link);
        }
    }
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
    bool has_told;

    settle(engine, source);
    has_told = asking_has_told(engine, source);
    if (is_blind(engine, source)) {
        if (has_told) {
            note_doubts(engine, source);
        }
        return;
    }
    loss_note_rest(engine, source);
    delivery_note_drops(engine, source);
    for (size_t i = 0; i < source->links_count; i++) {
        if (source->links[i] != source->flying) {
            note_state(engine, source->links[i]);
        }
    }
    note_doubts(engine, source);
    send_needed(engine, source, NEED_DELETE);
    send_needed(engine, source, NEED_PUT);
    send_tellings(engine, source);
    send_repeats(engine, source);
    delivery_end_turn(engine, source);
    if (was_pending && !is_pending(source)) {
        state_changed(engine, &source->item); /* though nothing may have been sent */
    }
}
