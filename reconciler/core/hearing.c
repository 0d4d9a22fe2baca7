#include "reconciler/core/hearing.h"

#include <assert.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/deaf.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/silent.h"
#include "reconciler/core/timing.h"

static bool is_deaf(const struct deafness *deafness)
{
    return deafness != NULL && deafness->is_deaf;
}

bool hearing_is_deaf(const struct engine *engine, const struct link_item *link)
{
    return is_deaf(link->deafness) ||
           deaf_has_missed(engine, BUCKET_LINKS, link->source->number);
}

bool hearing_must_wait(const struct engine *engine, struct verdict *ret_verdict)
{
    *ret_verdict = (struct verdict){REASON_DEAF, NULL};
    return deaf_must_wait(engine, BUCKET_LINKS);
}

void hearing_forget(struct link_item *link)
{
    struct arena arena;

    if (link->deafness != NULL) {
        arena = link->deafness->arena;
        arena_free(&arena);
        link->deafness = NULL;
    }
}

/* Is there a link that somebody wants? */
static bool has_links(const struct engine *engine)
{
    const struct application *each;

    TAILQ_FOREACH(each, &engine->applications, others)
    {
        if (each->desired.links_count > 0) {
            return true;
        }
    }
    return false;
}

/* Is link as wanted in the bucket, so that hosts could have it by now? */
static bool is_settled(const struct engine *engine, const struct link_item *link)
{
    const struct link_wish *row = claim_link(link);

    return row != NULL && link->observed != NULL && link->source->flight.command == 0 &&
           link_is_equal(link->observed, row->link) &&
           !instant_is_before(engine->hearing.asked_at,
                              instant_after(link->source->told_at, HEARING_LAG_MS));
}

/* What is to be noted of link; made if it is not there. */
static struct deafness *keep_deafness(struct engine *engine, struct link_item *link)
{
    if (link->deafness == NULL) {
        struct arena arena = {0};

        link->deafness = arena_alloc(&arena, sizeof *link->deafness);
        *link->deafness = (struct deafness){.arena = arena};
        engine->hearing.looks = 0;
    }
    return link->deafness;
}

bool hearing_miss(struct engine *engine, struct link_item *link)
{
    struct deafness *deafness = keep_deafness(engine, link);

    if (deafness->missed == 0) {
        deafness->missed_at = engine->now;
        deafness->since = deafness->repeats == 0 ? engine->now : deafness->since;
    }
    deafness->missed++;
    deafness->heard = 0;
    return deafness->missed >= HEARING_ANSWERS &&
           engine->now.ms - deafness->missed_at.ms >= HEARING_SPAN_MS;
}

/* No host is likely to be left that would have answered otherwise. */
static bool have_all_answered(const struct engine *engine, uint32_t answers,
                              uint32_t repeats)
{
    const uint32_t enough = engine->hosts_up + 2 + 2 * repeats;

    return answers >= (enough < HEARING_HEARD_MAX ? enough : HEARING_HEARD_MAX);
}

/* Who has not heard of it yet has not done so while a provider started. */
static void note_lacked(struct engine *engine, struct link_item *link)
{
    struct deafness *deafness = link->deafness;

    if (deafness != NULL && deafness->is_doubtful) {
        deafness->lacked++;
        deafness->is_doubtful = !have_all_answered(engine, deafness->lacked, 0);
        state_mark(engine, &link->source->item);
    }
}

static void note_missed(struct engine *engine, struct link_item *link)
{
    note_lacked(engine, link);
    if (hearing_miss(engine, link)) {
        link->deafness->is_deaf = true;
        state_mark(engine, &link->source->item);
    }
}

/*
 * Any host may have answered: so many in a row leave little room for a deaf one, and less
 * with each time that it was believed too soon.
 */
static void note_heard(struct engine *engine, struct link_item *link)
{
    struct deafness *deafness = link->deafness;

    if (deafness == NULL) {
        return;
    }
    deafness->heard++;
    deafness->lacked = 0;
    if (have_all_answered(engine, deafness->heard, deafness->repeats)) {
        if (deafness->is_doubtful && deaf_is_unnumbered(engine)) {
            link->sighting.is_early = true;
            deaf_heard(engine, link->source->number);
        }
        hearing_forget(link);
        state_mark(engine, &link->source->item);
    }
}

/* Mark those of our links that the answer has, as they are in the bucket. */
static void mark_heard(struct engine *engine, const struct event *event)
{
    for (size_t i = 0; i < event->u.heard.count; i++) {
        const struct link *told = &event->u.heard.links[i];
        const struct source_item *source =
            (const struct source_item *)state_find(engine, ITEM_SOURCE, told->source_id);
        struct link_item *link = source != NULL ? state_find_link(source, told) : NULL;

        if (link != NULL && link->observed != NULL &&
            link_is_equal(link->observed, told)) {
            link->heard_in = engine->hearing.answers;
        }
    }
}

static void judge(struct engine *engine, struct link_item *link)
{
    if (!is_settled(engine, link)) {
        return;
    }
    if (link->heard_in == engine->hearing.answers) {
        note_heard(engine, link);
    } else {
        note_missed(engine, link);
    }
    engine->hearing.missing_count += link->deafness != NULL;
}

void hearing_take(struct engine *engine, const struct event *event)
{
    const struct item_list *table = &engine->tables[ITEM_SOURCE];
    struct hearing *hearing = &engine->hearing;

    if (hearing->ask.command == 0) {
        return;
    }
    hearing->answers++;
    hearing->links_count = event->u.heard.count;
    if (asking_is_on(engine, BUCKET_LINKS)) {
        asking_heard(engine, event);
        return;
    }
    hearing->missing_count = 0;
    hearing->looks++;
    mark_heard(engine, event);
    for (size_t i = 0; i < table->count; i++) {
        const struct source_item *source = (const struct source_item *)table->items[i];

        for (size_t j = 0; j < source->links_count; j++) {
            judge(engine, source->links[j]);
        }
    }
}

void hearing_forget_all(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_SOURCE];

    for (size_t i = 0; i < table->count; i++) {
        const struct source_item *source = (const struct source_item *)table->items[i];

        for (size_t j = 0; j < source->links_count; j++) {
            if (source->links[j]->deafness != NULL) {
                hearing_forget(source->links[j]);
                state_mark(engine, table->items[i]);
            }
        }
    }
    engine->hearing.missing_count = 0;
}

static void ask_after(struct engine *engine, int64_t ms)
{
    engine->hearing.ask_at = instant_after(engine->now, ms);
    state_mark(engine, &engine->sight);
}

/* The larger the lattice, the less often a host is made to print all of its links. */
static int64_t step_ms(const struct hearing *hearing)
{
    if (hearing->missing_count == 0 || hearing->looks >= HEARING_LOOKS ||
        hearing->links_count > HEARING_LINKS_CHEAP) {
        return SURVEY_MS;
    }
    return HEARING_STEP_MS;
}

void hearing_answered(struct engine *engine, const struct event *event)
{
    struct hearing *hearing = &engine->hearing;
    const enum answer answer = event->u.answered.answer;
    int64_t ms = SURVEY_MS;

    flight_end(engine, &hearing->ask);
    arena_free(&hearing->arena);
    hearing->text = answer == ANSWER_REFUSED
                        ? arena_copy(&hearing->arena, event->u.answered.text)
                        : NULL;
    if (answer != ANSWER_ACCEPTED && asking_is_on(engine, BUCKET_LINKS)) {
        hearing->silences++;
        asking_silence(engine);
        ask_after(engine, SURVEY_RETRY_MS);
        return;
    }
    switch (answer) {
    case ANSWER_ACCEPTED:
        hearing->silences = 0;
        ask_after(engine, asking_is_on(engine, BUCKET_LINKS) ? asking_step_ms(engine)
                                                             : step_ms(hearing));
        return;
    case ANSWER_UNSENT:
    case ANSWER_NO_RESPONDERS:
        ask_after(engine, SURVEY_MS);
        return;
    case ANSWER_REFUSED:
    case ANSWER_NONE:
        break;
    }
    /* It may be too large to be delivered, which is no use and a burden to hosts. */
    for (uint32_t i = 0; i < hearing->silences && ms < HEARING_MS_MAX; i++) {
        ms *= 2;
    }
    hearing->silences++;
    if (hearing->silences > 1) {
        hearing_forget_all(engine);
    }
    ask_after(engine, ms < HEARING_MS_MAX ? ms : HEARING_MS_MAX);
}

void hearing_start(struct engine *engine)
{
    flight_end(engine, &engine->hearing.ask);
    engine->hearing.silences = 0;
    ask_after(engine, HEARING_STEP_MS);
    for (int bucket = BUCKET_LINKS; bucket <= BUCKET_CONFIGS; bucket++) {
        if (asking_is_on(engine, (enum bucket)bucket)) {
            asking_start(engine, (enum bucket)bucket);
        }
    }
}

void hearing_look(struct engine *engine)
{
    if (asking_is_on(engine, BUCKET_LINKS)) {
        engine->hearing.ask_at =
            instant_min(engine->hearing.ask_at, instant_after(engine->now, ASK_HINT_MS));
        state_mark(engine, &engine->sight);
    }
}

/* A first look, where that is no burden. */
static void look_soon(struct engine *engine)
{
    const struct hearing *hearing = &engine->hearing;

    if (hearing->silences == 0 && hearing->links_count <= HEARING_LINKS_CHEAP &&
        instant_is_before(instant_after(engine->now, HEARING_STEP_MS), hearing->ask_at)) {
        ask_after(engine, HEARING_STEP_MS);
    }
}

void hearing_doubt(struct engine *engine, struct link_item *link)
{
    struct deafness *deafness = keep_deafness(engine, link);

    deafness->is_doubtful = true;
    deafness->lacked = 0;
    deafness->heard = 0;
    look_soon(engine);
    state_mark(engine, &link->source->item);
}

bool hearing_is_doubted(const struct link_item *link)
{
    return link->deafness != NULL && link->deafness->is_doubtful;
}

void hearing_put(struct engine *engine, struct link_item *link)
{
    struct hearing *hearing = &engine->hearing;

    look_soon(engine);
    if (link->deafness != NULL) {
        hearing->looks = 0;
    }
}

void hearing_plan(struct engine *engine)
{
    struct hearing *hearing = &engine->hearing;
    struct command *command;

    if (flight_has_expired(engine, &engine->sight, &hearing->ask)) {
        hearing_answered(engine, &(struct event){.u.answered.answer = ANSWER_NONE});
    }
    if (hearing->ask.command != 0 || engine->hosts_up == 0 ||
        (!engine->buckets[BUCKET_LINKS].is_known &&
         !asking_is_on(engine, BUCKET_LINKS))) {
        return;
    }
    if (instant_is_before(engine->now, hearing->ask_at)) {
        state_wake(engine, &engine->sight, hearing->ask_at);
        return;
    }
    if (!asking_is_on(engine, BUCKET_LINKS) && !has_links(engine)) {
        ask_after(engine, SURVEY_MS);
        return;
    }
    command =
        flight_issue(engine, &engine->sight, NULL, &hearing->ask, COMMAND_ASK_LINKS);
    command->reason = "what hosts have in memory";
    hearing->asked_at = engine->now;
}

bool hearing_must_repeat(struct engine *engine, struct source_item *source,
                         const struct link_item *link)
{
    const struct deafness *deafness = link->deafness;

    if (deaf_has_missed(engine, BUCKET_LINKS, source->number)) {
        return source->is_mover || !deaf_is_on(engine, BUCKET_LINKS);
    }
    if (!is_deaf(deafness) || deafness->missed < HEARING_ANSWERS) {
        return false;
    }
    if (instant_is_before(engine->now, deafness->repeat_at)) {
        state_wake(engine, &source->item, deafness->repeat_at);
        return false;
    }
    return true;
}

const char *hearing_repeat(struct engine *engine, struct link_item *link)
{
    struct deafness *deafness = link->deafness;
    const char *reason;
    int64_t ms = HEARING_SPAN_MS;

    link->source->is_mover = false;
    if (deaf_has_missed(engine, BUCKET_LINKS, link->source->number)) {
        return deaf_reason(engine, BUCKET_LINKS, link->source->number);
    }
    assert(deafness->is_deaf);
    reason = arena_print(&engine->scratch,
                         "in the bucket, but %u answers of hosts in %lld s lack it",
                         (unsigned int)deafness->missed,
                         (long long)(engine->now.ms - deafness->missed_at.ms) / 1000);

    for (uint32_t i = 0; i < deafness->repeats && ms < RETRY_MS_MAX; i++) {
        ms *= 2;
    }
    deafness->repeats++;
    deafness->repeat_at =
        instant_after(engine->now, ms < RETRY_MS_MAX ? ms : RETRY_MS_MAX);
    deafness->missed = 0;
    return reason;
}

const char *hearing_text(const struct engine *engine, const struct link_item *link,
                         struct arena *arena)
{
    const struct deafness *deafness = link != NULL ? link->deafness : NULL;
    const struct host_item *host;

    if (link == NULL) {
        return deaf_text(engine, BUCKET_CONFIGS, arena);
    }
    if (deafness == NULL && link->claims == NULL && link->observed == NULL) {
        return deaf_memory_text(engine, arena);
    }
    host = deafness == NULL ? silent_find(link) : NULL;
    if (host != NULL) {
        return arena_print(arena,
                           "host %s did not answer when it was given, and may have "
                           "missed that: it is given again when that host answers",
                           host_name(host));
    }
    if (deafness == NULL || deaf_is_on(engine, BUCKET_LINKS)) {
        return deaf_text(engine, BUCKET_LINKS, arena);
    }
    if (deafness->is_doubtful && !deafness->is_deaf) {
        return arena_print(arena,
                           "hosts may have heard of it only while a provider of it "
                           "started: it is given again when their answers agree, %u have "
                           "it so far",
                           (unsigned int)deafness->heard);
    }
    return arena_print(arena,
                       "hosts are deaf to changes of links, for %lld s so far: it is in "
                       "the bucket and not in their memory; put again %u time%s, and "
                       "restarting the hosts heals it at once",
                       (long long)(engine->now.ms - deafness->since.ms) / 1000,
                       (unsigned int)deafness->repeats,
                       deafness->repeats == 1 ? "" : "s");
}
