#include "reconciler/core/asking.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/observe.h"
#include "reconciler/core/timing.h"

bool asking_is_on(const struct engine *engine, enum bucket bucket)
{
    return engine->buckets[bucket].loss == LOSS_DENIED;
}

/* Those under way asked for what was there before: nothing waits for their answers. */
static void end_questions(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_CONFIG];

    for (size_t i = 0; i < table->count; i++) {
        struct config_item *config = (struct config_item *)table->items[i];

        flight_end(engine, &config->ask);
        if (config->verdict.reason == REASON_UNTOLD) {
            state_mark(engine, &config->item);
        }
    }
}

static void ask_configs(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_CONFIG];

    engine->buckets[BUCKET_CONFIGS].listing++;
    engine->configs_at = instant_after(engine->now, SURVEY_MS);
    for (size_t i = 0; i < table->count; i++) {
        state_mark(engine, table->items[i]);
    }
}

/* What comes about late at their links is not seen as it was: see delivery.h. */
static void mark_unsure(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_SOURCE];

    for (size_t i = 0; i < table->count; i++) {
        const struct source_item *source = (const struct source_item *)table->items[i];

        if (instant_is_before(engine->now, source->unsure_until)) {
            state_mark(engine, table->items[i]);
        }
    }
}

void asking_start(struct engine *engine, enum bucket bucket)
{
    if (bucket == BUCKET_LINKS) {
        engine->buckets[BUCKET_LINKS].is_known = false;
        mark_unsure(engine);
        engine->hearing.agreed = 0;
        engine->hearing.ask_at = engine->now;
        hearing_forget_all(engine);
    } else {
        engine->buckets[BUCKET_CONFIGS].is_known = true; /* each by itself */
        end_questions(engine);
        ask_configs(engine);
    }
    state_mark(engine, &engine->sight);
}

void asking_stop(struct engine *engine, enum bucket bucket)
{
    if (bucket == BUCKET_CONFIGS) {
        end_questions(engine);
    }
}

/* One answer more without link as it was told before: do enough agree that it is gone? */
static bool is_gone(struct engine *engine, struct link_item *link)
{
    if (!hearing_miss(engine, link)) {
        return false;
    }
    hearing_forget(link);
    return true;
}

/* The links of source by the answer told, and by those before that it does not outweigh.
 */
static void take_source(struct engine *engine, const char *source_id,
                        const struct link *told, size_t told_count)
{
    struct source_item *source = state_source(engine, source_id);
    struct link *links =
        arena_array(&engine->scratch, told_count + source->observed_count, sizeof *links);
    size_t count = 0;

    for (size_t i = 0; i < told_count; i++) {
        struct link_item *link = state_find_link(source, &told[i]);
        const bool is_other = link != NULL && link->observed != NULL &&
                              !link_is_equal(link->observed, &told[i]);

        links[count++] = is_other && !is_gone(engine, link) ? *link->observed : told[i];
        if (link != NULL) {
            link->heard_in = engine->hearing.answers;
        }
        if (link != NULL && !is_other) {
            hearing_forget(link);
        }
    }
    for (size_t i = 0; i < source->observed_count; i++) {
        struct link_item *link = state_find_link(source, source->observed[i]);

        if (link->heard_in != engine->hearing.answers && !is_gone(engine, link)) {
            links[count++] = *source->observed[i];
        }
    }
    observe_links(engine, &(struct event){.kind = EVENT_LINKS,
                                          .u.links = {.source_id = source->item.name,
                                                      .links = links,
                                                      .count = count,
                                                      .is_deleted = count == 0}});
}

static int compare_told(const void *a, const void *b)
{
    const struct link *const *left = a;
    const struct link *const *right = b;
    const int order = strcmp((*left)->source_id, (*right)->source_id);

    if (order != 0) {
        return order;
    }
    return *left < *right ? -1 : *left > *right; /* as they were told */
}

/* The links of event, those of one source side by side. */
static const struct link *sort_told(struct engine *engine, const struct event *event)
{
    const size_t count = event->u.heard.count;
    const struct link **order =
        arena_array(&engine->scratch, count, sizeof(const struct link *));
    struct link *links = arena_array(&engine->scratch, count, sizeof *links);

    for (size_t i = 0; i < count; i++) {
        order[i] = &event->u.heard.links[i];
    }
    qsort(order, count, sizeof(const struct link *), compare_told);
    for (size_t i = 0; i < count; i++) {
        links[i] = *order[i];
    }
    return links;
}

static void take_told(struct engine *engine, const struct event *event)
{
    const size_t count = event->u.heard.count;
    const struct link *links = sort_told(engine, event);
    size_t first = 0;

    while (first < count) {
        size_t end = first + 1;

        while (end < count && strcmp(links[end].source_id, links[first].source_id) == 0) {
            end++;
        }
        take_source(engine, links[first].source_id, &links[first], end - first);
        first = end;
    }
}

/* Those of which the answer said nothing. */
static void take_untold(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_SOURCE];

    for (size_t i = 0; i < table->count; i++) {
        const struct source_item *source = (const struct source_item *)table->items[i];

        if (source->is_observed &&
            source->listing != engine->buckets[BUCKET_LINKS].listing) {
            take_source(engine, source->item.name, NULL, 0);
        }
    }
}

void asking_heard(struct engine *engine, const struct event *event)
{
    struct bucket_state *bucket = &engine->buckets[BUCKET_LINKS];
    struct hearing *hearing = &engine->hearing;

    bucket->listing++;
    take_told(engine, event);
    take_untold(engine);
    if (hearing->agreed == 0) {
        hearing->agreed_since = engine->now;
    }
    hearing->agreed++;
    if (!bucket->is_known && hearing->agreed >= HEARING_ANSWERS &&
        engine->now.ms - hearing->agreed_since.ms >= HEARING_SPAN_MS) {
        bucket->is_known = true;
        state_mark(engine, &engine->sight);
    }
}

void asking_silence(struct engine *engine)
{
    engine->hearing.agreed = 0;
    engine->buckets[BUCKET_LINKS].is_known = false;
    state_mark(engine, &engine->sight);
}

int64_t asking_step_ms(const struct engine *engine)
{
    const int64_t ms = (int64_t)engine->hearing.links_count * ASKING_LINK_MS;

    if (ms < ASKING_STEP_MS) {
        return ASKING_STEP_MS;
    }
    return ms < SURVEY_MS ? ms : SURVEY_MS;
}

int64_t asking_expiry_ms(const struct engine *engine)
{
    return EXPIRY_ENTRY_MS + HEARING_SPAN_MS +
           (HEARING_ANSWERS + 1) * asking_step_ms(engine);
}

void asking_plan(struct engine *engine)
{
    if (!asking_is_on(engine, BUCKET_CONFIGS)) {
        return;
    }
    if (engine->hosts_up == 0) {
        engine->configs_at = engine->now; /* the first host is asked at once */
        return;
    }
    if (instant_is_due(engine->configs_at, engine->now)) {
        ask_configs(engine);
    }
    state_wake(engine, &engine->sight, engine->configs_at);
}

static bool must_ask(const struct engine *engine, const struct config_item *config)
{
    return config->ask.command == 0 &&
           config->listing != engine->buckets[BUCKET_CONFIGS].listing &&
           (config->claims != NULL || config->ledger != NULL ||
            !TAILQ_EMPTY(&config->item.waiters));
}

static void ask(struct engine *engine, struct config_item *config)
{
    struct instant at = instant_max(config->ask_at, engine->configs_wait);
    struct command *command;

    if (engine->owners_count - engine->flights_count + engine->common_count >=
        FLIGHTS_MAX) {
        at = instant_max(at, instant_after(engine->now, ASKING_ROOM_MS));
    }
    if (instant_is_before(engine->now, at)) {
        state_wake(engine, &config->item, at);
        return;
    }
    command = flight_issue(engine, &config->item, NULL, &config->ask, COMMAND_ASK_CONFIG);
    command->u.config.name = config->item.name;
    command->reason = "what it is";
}

/* Nobody told what config is, and it may not be what it was. */
static void forget(struct engine *engine, struct config_item *config)
{
    flight_end(engine, &config->ask);
    config->known_on = 0;
    engine->configs_wait = instant_after(engine->now, SURVEY_RETRY_MS);
    state_mark(engine, &config->item);
    state_changed(engine, &config->item);
}

bool asking_knows(struct engine *engine, struct config_item *config)
{
    if (!asking_is_on(engine, BUCKET_CONFIGS)) {
        return true;
    }
    if (flight_has_expired(engine, &config->item, &config->ask)) {
        forget(engine, config);
    }
    if (engine->is_connected && engine->hosts_up > 0 && must_ask(engine, config)) {
        ask(engine, config);
    }
    return config->known_on == engine->connection;
}

static bool are_told(struct engine *engine, struct item *item,
                     const struct names *configs)
{
    bool is_told = true;

    for (size_t i = 0; i < configs->count; i++) {
        struct config_item *config = state_config(engine, configs->items[i]);

        state_wait(item, &config->item);
        is_told &= config->known_on == engine->connection;
    }
    return is_told;
}

bool asking_has_told(struct engine *engine, struct source_item *source)
{
    bool is_told = true;

    if (!asking_is_on(engine, BUCKET_CONFIGS) || !engine->is_connected) {
        return false;
    }
    for (size_t i = 0; i < source->links_count; i++) {
        const struct link_wish *wish = claim_link(source->links[i]);

        if (wish != NULL) {
            is_told &= are_told(engine, &source->item, &wish->link->source_config);
            is_told &= are_told(engine, &source->item, &wish->link->target_config);
        }
    }
    return is_told;
}

bool asking_must_renew(struct engine *engine, struct config_item *config)
{
    if (!asking_is_on(engine, BUCKET_CONFIGS) || config->unsure_until.ms == 0) {
        return false;
    }
    flight_end(engine, &config->ask); /* an answer to it may be older, too */
    config->unsure_until.ms = 0;
    config->known_on = 0;
    config->listing = 0;
    state_mark(engine, &config->item);
    return true;
}

void asking_answered(struct engine *engine, struct config_item *config,
                     const struct event *event)
{
    const char *content = event->u.answered.text;

    if (event->u.answered.answer != ANSWER_ACCEPTED) {
        forget(engine, config);
        return;
    }
    flight_end(engine, &config->ask);
    config->known_on = engine->connection;
    observe_config(engine, config->item.name, content[0] != '\0' ? content : NULL, 0);
    state_mark(engine, &config->item);
    state_changed(engine, &config->item);
}

void asking_look(struct engine *engine, struct config_item *config)
{
    if (asking_is_on(engine, BUCKET_CONFIGS)) {
        config->listing = 0;
        config->ask_at = instant_after(engine->now, ASK_HINT_MS);
        state_mark(engine, &config->item);
    }
}

static void look_at_link(struct engine *engine, const struct link_item *link)
{
    const struct link_wish *wish = claim_link(link);
    const struct names *lists[2];

    if (wish == NULL) {
        return;
    }
    lists[0] = &wish->link->source_config;
    lists[1] = &wish->link->target_config;
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < lists[i]->count; k++) {
            asking_look(engine, state_config(engine, lists[i]->items[k]));
        }
    }
}

void asking_look_at_start(struct engine *engine, const struct workload_item *workload)
{
    const struct source_item *source = workload->source;
    const struct link_item *link;

    if (!asking_is_on(engine, BUCKET_CONFIGS)) {
        return;
    }
    for (size_t i = 0; source != NULL && i < source->links_count; i++) {
        look_at_link(engine, source->links[i]);
    }
    LIST_FOREACH(link, &workload->inbound, inbound)
    {
        look_at_link(engine, link);
    }
}
