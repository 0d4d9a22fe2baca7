#include "reconciler/core/answer.h"

#include <stdlib.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/behind.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/history.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/provider_image.h"
#include "reconciler/core/silent.h"
#include "reconciler/core/timing.h"

/* That the command of flight was not answered, in the engine's scratch. */
static const char *silence(struct engine *engine, const struct flight *flight)
{
    return arena_print(&engine->scratch, "no answer in %lld s",
                       (long long)(flight_ms(engine, flight) + 999) / 1000);
}

/* The command of flight has ended without effect. */
static void give_up(struct engine *engine, struct flight *flight, struct retry *retry,
                    const struct event *event)
{
    const char *unanswered = silence(engine, flight);

    flight_end(engine, flight);
    switch (event->u.answered.answer) {
    case ANSWER_REFUSED:
        retry_fail(engine, retry, event->u.answered.text);
        return;
    case ANSWER_NONE:
        retry_fail(engine, retry, unanswered);
        return;
    case ANSWER_NO_RESPONDERS: /* the command was right, but nobody was there */
    case ANSWER_UNSENT:
        retry_after(engine, retry, HOST_SUSPECT_MS);
        return;
    case ANSWER_ACCEPTED:
        break;
    }
    abort();
}

/* The survey has ended, or could not be sent. */
static void survey_answered(struct engine *engine, const struct event *event)
{
    const enum answer answer = event->u.answered.answer;
    const bool is_listed = answer == ANSWER_ACCEPTED || answer == ANSWER_NO_RESPONDERS;

    arena_free(&engine->survey_arena);
    engine->survey_text = answer == ANSWER_REFUSED
                              ? arena_print(&engine->survey_arena,
                                            "hosts cannot be asked which there are: %s",
                                            event->u.answered.text)
                              : NULL;
    flight_end(engine, &engine->survey);
    if (is_listed && !engine->is_listed) {
        engine->is_listed = true;
        engine->surveyed_by = instant_after(engine->now, SURVEY_WAIT_MS);
    }
    if (is_listed) {
        host_ask_silent(engine, engine->survey_sent);
    }
    engine->survey_at = instant_after(
        engine->now, is_listed && engine->hosts_up > 0 ? SURVEY_MS : SURVEY_RETRY_MS);
    state_mark(engine, &engine->sight);
}

static void sight_answered(struct engine *engine, const struct event *event)
{
    struct bucket_state *bucket = &engine->buckets[BUCKET_LINKS];

    if (engine->survey.command == event->u.answered.command) {
        survey_answered(engine, event);
        return;
    }
    if (engine->hearing.ask.command == event->u.answered.command) {
        hearing_answered(engine, event);
        return;
    }
    if (bucket->making.command != event->u.answered.command) {
        bucket = &engine->buckets[BUCKET_CONFIGS];
    }
    if (event->u.answered.answer == ANSWER_ACCEPTED) {
        bucket->making.is_accepted = true;
        return;
    }
    give_up(engine, &bucket->making, &bucket->retry, event);
    state_mark(engine, &engine->sight);
}

static void host_answered(struct engine *engine, struct host_item *host,
                          enum answer answer)
{
    flight_end(engine, &host->ask);
    switch (answer) {
    case ANSWER_ACCEPTED:
        break; /* the inventory came as an event of its own */
    case ANSWER_NO_RESPONDERS:
        host_has_no_responders(engine, host);
        break;
    case ANSWER_REFUSED:
    case ANSWER_NONE:
        host_untold(engine, host);
        break;
    case ANSWER_UNSENT:
        if (host_is_present(host)) {
            host_ask(engine, host, HOST_SUSPECT_MS);
        }
        break;
    }
    state_mark(engine, &host->item);
    state_mark(engine, &engine->sight);
}

/* It may have been done all the same, or be done late. */
static bool is_silent(const struct event *event)
{
    return event->u.answered.answer == ANSWER_NONE;
}

/* For how long yet what was answered so may be seen to be done. */
static int64_t unsure_ms(const struct event *event, const struct flight *flight)
{
    switch (event->u.answered.answer) {
    case ANSWER_NONE:
        /* Late, a link that is deleted makes a host write others that went since. */
        return flight->kind != COMMAND_DELETE_CONFIG ? UNSURE_ENTRY_MS : 0;
    case ANSWER_REFUSED: /* the bucket may tell otherwise, if later than the answer */
        return UNSURE_TWICE_MS;
    case ANSWER_ACCEPTED:
    case ANSWER_NO_RESPONDERS:
    case ANSWER_UNSENT:
        break;
    }
    return 0;
}

static void entry_answered(struct engine *engine, struct item *item,
                           const struct event *event)
{
    struct config_item *config = (struct config_item *)item;
    struct source_item *source = (struct source_item *)item;
    const bool is_config = item->kind == ITEM_CONFIG;
    struct flight *flight = is_config ? &config->flight : &source->flight;
    struct instant *unsure_until =
        is_config ? &config->unsure_until : &source->unsure_until;
    const int64_t ms = unsure_ms(event, flight);
    const enum command_kind flight_kind = flight->kind;

    if (event->u.answered.answer == ANSWER_ACCEPTED) {
        flight->is_accepted = true;
        if (is_config) {
            asking_look(engine, config);
        } else {
            hearing_look(engine);
        }
        return;
    }
    give_up(engine, flight, is_config ? &config->retry : &source->flying->retry, event);
    if (ms > 0) {
        *unsure_until = instant_max(*unsure_until, instant_after(engine->now, ms));
    }
    if (!is_config) {
        source->flying->sighting.may_go |=
            flight_kind == COMMAND_DELETE_LINK && event->u.answered.answer == ANSWER_NONE;
        source->flying = NULL;
    }
    if (event->u.answered.answer == ANSWER_NO_RESPONDERS) {
        engine->survey_at = engine->now; /* any host would have answered */
        state_mark(engine, &engine->sight);
    }
    state_mark(engine, item);
    state_changed(engine, item);
}

/*
 * A host does not answer the start of a built-in provider that is switched off in it, and
 * answers all else.  One answer may get lost; two in a row are taken for that.
 */
static bool is_switched_off(const struct engine *engine,
                            const struct placement *placement)
{
    const struct record *ledger = placement->ledger;

    return placement->flight.kind == COMMAND_START_PROVIDER && ledger != NULL &&
           provider_image_is_builtin(ledger->u.start->image) &&
           retry_look(&placement->retry)->failures > 0 &&
           placement->host->state == HOST_UP &&
           instant_left(placement->host->heard, placement->flight.expires) <
               EXPIRY_START_MS &&
           engine->is_connected;
}

static void start_answered(struct engine *engine, struct item *item,
                           struct placement *placement, const struct event *event)
{
    struct host_item *host = placement->host;

    if (event->u.answered.answer == ANSWER_ACCEPTED) {
        flight_accepted_there(engine, &placement->flight);
        /* A host that says anything here runs another image under this id already. */
        if (placement->flight.kind == COMMAND_SCALE_COMPONENT &&
            event->u.answered.text[0] != '\0') {
            placement_doubt(engine, (struct workload_item *)item, placement, true);
        }
        return;
    }
    if (is_silent(event) && !placement_is_stopping(placement)) {
        placement->unsure_until = instant_after(engine->now, UNSURE_START_MS);
    }
    if (is_silent(event) && is_switched_off(engine, placement)) {
        placement_switched_off(engine, placement, silence(engine, &placement->flight));
    } else if (event->u.answered.answer == ANSWER_REFUSED) {
        placement_fail(engine, (struct workload_item *)item, placement,
                       event->u.answered.text);
    } else {
        give_up(engine, &placement->flight, &placement->retry, event);
    }
    state_mark(engine, item);
    state_changed(engine, item);
    if (event->u.answered.answer == ANSWER_NO_RESPONDERS) {
        host_has_no_responders(engine, host);
    } else if (event->u.answered.answer != ANSWER_UNSENT) {
        host_look(engine, host); /* it runs already, perhaps */
    }
}

/* A host that answers has heard what was sent to it, and all before. */
static void note_heard(struct engine *engine, const struct flight_owner *owner)
{
    struct host_item *host = owner->placement != NULL ? owner->placement->host
                                                      : (struct host_item *)owner->item;

    if (owner->placement == NULL) {
        host->told = owner->sent;
    }
    behind_answered(host, owner->sent);
    silent_answered(engine, host);
}

/* owner's host answered, or did not. */
static void note_answer(struct engine *engine, const struct flight_owner *owner,
                        const struct event *event)
{
    const enum answer answer = event->u.answered.answer;
    const bool is_question = owner->placement == NULL && owner->item->kind == ITEM_HOST;

    if (answer == ANSWER_ACCEPTED && (owner->placement != NULL || is_question)) {
        note_heard(engine, owner);
    } else if ((answer == ANSWER_NONE || answer == ANSWER_NO_RESPONDERS) && is_question) {
        silent_unanswered(engine, (struct host_item *)owner->item, owner->sent);
    }
}

void answer_take(struct engine *engine, const struct event *event)
{
    const struct flight_owner *found = flight_owner(engine, event->u.answered.command);
    struct flight_owner owner;

    if (found == NULL) {
        return;
    }
    owner = *found; /* it moves when the flight ends */
    history_answered(engine, event);
    note_answer(engine, &owner, event);
    switch (owner.item->kind) {
    case ITEM_SIGHT:
        sight_answered(engine, event);
        return;
    case ITEM_HOST:
        host_answered(engine, (struct host_item *)owner.item, event->u.answered.answer);
        return;
    case ITEM_CONFIG:
        if (((struct config_item *)owner.item)->ask.command == owner.command) {
            asking_answered(engine, (struct config_item *)owner.item, event);
            return;
        }
        entry_answered(engine, owner.item, event);
        return;
    case ITEM_SOURCE:
        entry_answered(engine, owner.item, event);
        return;
    case ITEM_WORKLOAD:
        start_answered(engine, owner.item, owner.placement, event);
        return;
    case ITEM_ROOM:
    case ITEM_HOSTS:
    case ITEM_PAUSES:
        break; /* these send nothing */
    }
    abort();
}
