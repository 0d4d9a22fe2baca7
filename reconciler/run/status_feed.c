#include "reconciler/run/status_feed.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/hash.h"
#include "reconciler/core/status.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/lattice_nats.h"
#include "reconciler/run/log.h"
#include "reconciler/run/past.h"
#include "reconciler/wire/subject.h"
#include "reconciler/wire/wadm.h"

#define LOOK_MS      200  /* between two looks at all, at least ... */
#define LOOK_MS_MAX  5000 /* ... and at most */
#define LOOK_SHARE   20   /* of so much time one part */
#define TURN_US_MAX  1000 /* of a turn, but for the last application looked at */
#define ANSWER_MS    2000
#define ENVELOPE_MAX ((size_t)4096) /* of a message, beside its body */

/* Numbers of mail. */
enum {
    STREAM_PURGED, /* nothing waits for it */
    STREAM_MADE,   /* the stream */
};

/* An application of which a status was published. */
struct told {
    char *name;
    uint64_t hash;    /* of what was published; 0: nothing, since we are connected */
    bool was_up;      /* it was not undeployed */
    bool is_over;     /* it is not there any more, and that was published */
    unsigned look_id; /* it was last looked for in */
    struct past past;
};

struct status_feed {
    struct reconciler *reconciler;
    const char *lattice;
    struct told *told; /* sorted by name */
    size_t told_count;
    size_t told_capacity;

    bool is_denied;  /* on this connection */
    bool is_stale;   /* whatever the engine says */
    bool has_begun;  /* on this connection */
    bool is_awaited; /* the stream: what is published before it is there is not kept */

    /* The look under way. */
    bool is_looking;
    unsigned look_id;
    struct arena arena;
    struct store_applications known;
    size_t index;
    int64_t spent_us;
    uint64_t planned; /* what the engine had done when it began */
    bool was_blind;
    struct instant next; /* look no sooner */
    struct instant last; /* and no later than LOOK_MS_MAX after this */
};

struct status_feed *status_feed_new(struct reconciler *reconciler, const char *lattice)
{
    struct status_feed *feed = calloc(1, sizeof *feed);

    if (feed == NULL) {
        abort();
    }
    feed->reconciler = reconciler;
    feed->lattice = lattice;
    feed->is_stale = true;
    return feed;
}

void status_feed_free(struct status_feed *feed)
{
    if (feed == NULL) {
        return;
    }
    for (size_t i = 0; i < feed->told_count; i++) {
        past_free(&feed->told[i].past);
        free(feed->told[i].name);
    }
    free(feed->told);
    arena_free(&feed->arena);
    free(feed);
}

/* Without JetStream, or the right to it, the last one is not kept: that is all.  Will
 * there be mail of it? */
static bool request(struct status_feed *feed, uint32_t number, const char *subject,
                    const char *body)
{
    const struct bus_message message = {
        .subject = subject, .bytes = body, .length = strlen(body)};

    if (feed->is_denied) {
        return false;
    }
    if (bus_request(reconciler_bus(feed->reconciler), &message,
                    mail_tag(OWNER_STATUS, number), instant_after(clock_now(), ANSWER_MS),
                    NULL) != ERR_OK) {
        log_say(LOG_LEVEL_DEBUG, "a request to JetStream was not sent", "subject",
                subject, NULL);
        return false;
    }
    return true;
}

static void begin_connection(struct status_feed *feed)
{
    for (size_t i = 0; i < feed->told_count; i++) {
        feed->told[i].hash = 0;
        feed->told[i].is_over = false;
    }
    feed->is_denied = false;
    feed->is_stale = true;
    feed->has_begun = false;
    feed->is_awaited = false;
}

void status_feed_take(struct status_feed *feed, const struct mail *mail,
                      struct instant now)
{
    (void)now;
    if (mail->kind == MAIL_CONNECTED) {
        begin_connection(feed);
    } else if (mail->tag == mail_tag(OWNER_STATUS, STREAM_MADE)) {
        feed->is_awaited = false;
    } else if (mail->kind == MAIL_DENIED && !feed->is_denied &&
               strncmp(mail->subject, SUBJECT_WADM_STATUS ".",
                       strlen(SUBJECT_WADM_STATUS ".")) == 0) {
        feed->is_denied = true;
        log_say(LOG_LEVEL_WARNING,
                "the NATS server refuses what wadm's clients follow: the status of "
                "applications is not published",
                "subject", mail->subject, "reason", mail->bytes, NULL);
    }
}

void status_feed_look(struct status_feed *feed)
{
    feed->is_stale = true;
}

/* Where name is in told, or would be. */
static size_t find(const struct status_feed *feed, const char *name, bool *ret_is_there)
{
    size_t low = 0;
    size_t high = feed->told_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(feed->told[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_is_there = low < feed->told_count && strcmp(feed->told[low].name, name) == 0;
    return low;
}

static struct told *add(struct status_feed *feed, const char *name)
{
    bool is_there;
    const size_t at = find(feed, name, &is_there);
    struct told *told;

    if (is_there) {
        return &feed->told[at];
    }
    if (feed->told_count == feed->told_capacity) {
        feed->told_capacity = feed->told_capacity == 0 ? 16 : 2 * feed->told_capacity;
        told = realloc(feed->told, feed->told_capacity * sizeof *told);
        if (told == NULL) {
            abort();
        }
        feed->told = told;
    }
    told = &feed->told[at];
    memmove(told + 1, told, (feed->told_count - at) * sizeof *told);
    *told = (struct told){.name = strdup(name)};
    if (told->name == NULL) {
        abort();
    }
    feed->told_count++;
    return told;
}

static const char *subject_of(const struct status_feed *feed, const char *name,
                              struct arena *arena)
{
    return subject_build(arena, SUBJECT_WADM_STATUS, feed->lattice, NULL, name);
}

/* It was published that told is over, and whoever follows has heard of it. */
static void forget(struct status_feed *feed, const struct told *told)
{
    struct arena arena = {0};

    (void)request(
        feed, STREAM_PURGED, "$JS.API.STREAM.PURGE." WADM_STATUS_STREAM,
        arena_print(&arena, "{\"filter\":\"%s\"}", subject_of(feed, told->name, &arena)));
    arena_free(&arena);
}

/* What no message holds is published without its parts. */
static struct text encode(const struct status_feed *feed, const struct wadm_model *model,
                          struct arena *arena)
{
    const size_t bytes_max = bus_payload_max(reconciler_bus(feed->reconciler));
    struct application_status brief = *model->status;
    struct wadm_model without = *model;
    struct text text;

    text_init(&text, arena, bytes_max > ENVELOPE_MAX ? bytes_max - ENVELOPE_MAX : 1);
    wadm_encode_status(model, &text);
    if (text.is_cut) {
        brief.resources_count = 0;
        without.status = &brief;
        text_init(&text, arena, bytes_max);
        wadm_encode_status(&without, &text);
    }
    return text;
}

/* known NULL: it is not there.  What is there when the daemon starts is no news. */
static void look_at(struct status_feed *feed, struct told *told,
                    const struct store_application *known)
{
    struct news *news = reconciler_news(feed->reconciler);
    const char *version = known != NULL ? known->deployed : NULL;
    const struct engine *engine = reconciler_engine(feed->reconciler);
    struct arena arena = {0};
    struct application_status status;
    const struct wadm_model model = {told->name, "", version, NULL, &status};
    struct bus_message message;
    struct text text;
    uint64_t hash;

    engine_status(engine, told->name, &arena, &status);
    past_look(&told->past, known, &status, feed->look_id > 1 ? news : NULL);
    if (status.word == STATUS_UNDEPLOYED && told->was_up && status.reason[0] == '\0') {
        status.reason = "Manifest has been undeployed";
    }
    text = encode(feed, &model, &arena);
    hash = hash_bytes(text.bytes, text.count, 1);
    message = (struct bus_message){
        .subject = subject_of(feed, told->name, &arena),
        .bytes = text.bytes,
        .length = text.count,
    };
    if (hash != told->hash && !feed->is_denied &&
        bus_publish(reconciler_bus(feed->reconciler), &message, NULL) == ERR_OK) {
        told->hash = hash;
    }
    told->was_up |= status.word != STATUS_UNDEPLOYED;
    told->is_over = status.word == STATUS_UNDEPLOYED;
    arena_free(&arena);
}

/* Those that were told of and are not in the store any more.  Is another one left? */
static bool look_at_gone(struct status_feed *feed)
{
    while (feed->index < feed->known.count + feed->told_count) {
        struct told *told = &feed->told[feed->index - feed->known.count];

        if (told->look_id == feed->look_id) {
            feed->index++;
        } else if (!told->is_over) {
            told->look_id = feed->look_id;
            look_at(feed, told, NULL);
            return true;
        } else {
            forget(feed, told);
            past_free(&told->past);
            free(told->name);
            feed->told_count--;
            memmove(told, told + 1,
                    (size_t)(feed->told + feed->told_count - told) * sizeof *told);
        }
    }
    return false;
}

static bool look_at_next(struct status_feed *feed)
{
    const struct store_application *known;
    struct told *told;

    if (feed->index >= feed->known.count) {
        return look_at_gone(feed);
    }
    known = &feed->known.items[feed->index++];
    told = add(feed, known->name);
    told->look_id = feed->look_id;
    look_at(feed, told, known);
    told->is_over = false; /* there is still its manifest */
    return true;
}

/* What was deleted before this process started may be on its way out still. */
static void add_remains(struct status_feed *feed)
{
    struct arena arena = {0};
    struct ledger_rows rows;

    if (store_read_ledger(reconciler_store(feed->reconciler), 0, &arena, &rows, NULL) ==
        ERR_OK) {
        for (size_t i = 0; i < rows.count; i++) {
            (void)add(feed, rows.items[i].application);
        }
    }
    arena_free(&arena);
}

static void begin(struct status_feed *feed)
{
    feed->has_begun = true;
    feed->is_awaited =
        request(feed, STREAM_MADE, "$JS.API.STREAM.CREATE." WADM_STATUS_STREAM,
                WADM_STATUS_STREAM_BODY);
    add_remains(feed);
}

static void begin_look(struct status_feed *feed, struct instant now)
{
    const struct engine *engine = reconciler_engine(feed->reconciler);
    struct arena old = feed->arena;
    struct err err;

    arena_free(&old);
    feed->arena = (struct arena){0};
    feed->last = now;
    feed->next = instant_after(now, LOOK_MS);
    if (store_list(reconciler_store(feed->reconciler), &feed->arena, &feed->known,
                   &err) != ERR_OK) {
        return; /* the driver says it; next time, then */
    }
    feed->is_looking = true;
    feed->is_stale = false;
    feed->look_id++;
    feed->index = 0;
    feed->spent_us = 0;
    feed->planned = engine_counters(engine).planned;
    feed->was_blind = engine_is_blind(engine);
}

/* When it is time for a look; NEVER while nothing may be published, or kept. */
static struct instant look_due(const struct status_feed *feed)
{
    const struct engine *engine = reconciler_engine(feed->reconciler);

    if (!reconciler_is_writer(feed->reconciler) ||
        !bus_is_connected(reconciler_bus(feed->reconciler)) ||
        !engine_has_looked(engine) || feed->is_awaited) {
        return INSTANT_NEVER; /* what changes that wakes the loop anyway */
    }
    return feed->is_stale || engine_counters(engine).planned != feed->planned ||
                   engine_is_blind(engine) != feed->was_blind
               ? feed->next
               : instant_after(feed->last, LOOK_MS_MAX);
}

void status_feed_turn(struct status_feed *feed)
{
    const int64_t begun_us = clock_us();
    int64_t spent_us = 0;
    bool is_left = true;

    if (!feed->is_looking && instant_is_due(look_due(feed), clock_now())) {
        if (!feed->has_begun) {
            begin(feed);
        }
        if (!feed->is_awaited) {
            begin_look(feed, clock_now());
        }
    }
    if (!feed->is_looking) {
        return;
    }
    while (is_left && spent_us < TURN_US_MAX) {
        is_left = look_at_next(feed);
        spent_us = clock_us() - begun_us;
    }
    feed->spent_us += spent_us;
    feed->is_looking = is_left;
    feed->next = instant_after(clock_now(), feed->spent_us * LOOK_SHARE / 1000 > LOOK_MS
                                                ? feed->spent_us * LOOK_SHARE / 1000
                                                : LOOK_MS);
}

struct instant status_feed_deadline(const struct status_feed *feed)
{
    return feed->is_looking ? clock_now() : look_due(feed);
}
