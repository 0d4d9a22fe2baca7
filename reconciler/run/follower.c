#include "reconciler/run/follower.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/arena.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/consumer.h"
#include "reconciler/run/keys.h"
#include "reconciler/wire/jetstream.h"

#define SILENCE_MS    2500  /* the server beats its heart every second */
#define CHECK_MS      2000  /* between looks at the stream itself */
#define LOST_MS       2000  /* before a lost bucket is tried again */
#define DENIED_MS     30000 /* a change of rights reconnects us anyway */
#define BEGIN_MS_MIN  250   /* between generations, whatever is wrong */
#define SKIP_MS       100   /* for what was skipped and comes after all */
#define CREATED_BYTES 64

enum stage {
    STAGE_AWAY,   /* no connection, or waiting to try again */
    STAGE_ASKING, /* for the stream */
    STAGE_MAKING, /* the consumer */
    STAGE_LISTING,
    STAGE_LISTED,
};

/* Where the owner stands, by the last news. */
enum told {
    TOLD_NOTHING,
    TOLD_LISTING, /* and nothing of the content yet */
    TOLD_CONTENT,
    TOLD_LOST,
};

struct follower {
    struct arena arena;
    struct bus *bus; /* borrowed */
    struct consumer consumer;
    const char *bucket;

    enum stage stage;
    enum told told;
    char text[ERR_MESSAGE_BYTES_MAX]; /* why it is lost */
    struct instant retry_at;          /* STAGE_AWAY */
    struct instant begun_at;          /* the generation */
    struct instant heard_at;          /* anything from its consumer */
    struct instant check_at;
    struct instant skip_at; /* to list again, for the server skipped a message */
    bool is_checking;

    /* of the generation */
    char created[CREATED_BYTES]; /* the stream */
    uint64_t base_sequence;      /* the stream's last, before the consumer was made */
    uint64_t consumer_sequence;  /* of the last delivery */
    uint64_t last_sequence;      /* the stream's, as far as we know all of it */
    uint64_t checked_sequence;   /* last_sequence when a check was sent */
    uint64_t stream_sequence;    /* the stream's, at the last check */
    bool is_moving;              /* something was delivered since the last check */
    bool was_behind;             /* at the last check */
    struct keys keys;
};

/* News being collected for the caller. */
struct sheet {
    struct follower_news *news;
    size_t count;
};

static void tell(struct sheet *sheet, struct follower_news news)
{
    assert(sheet->count < FOLLOWER_NEWS_MAX);

    sheet->news[sheet->count++] = news;
}

static void end_generation(struct follower *follower)
{
    consumer_end(&follower->consumer);
    follower->stage = STAGE_AWAY;
    follower->retry_at = INSTANT_NEVER;
    follower->skip_at = INSTANT_NEVER;
    follower->is_checking = false;
    follower->consumer_sequence = 0;
    follower->last_sequence = 0;
    follower->stream_sequence = 0;
    follower->was_behind = false;
    keys_clear(&follower->keys);
}

static void begin_generation(struct follower *follower, struct instant now)
{
    end_generation(follower);
    follower->begun_at = now;
    if (consumer_ask(&follower->consumer, CONSUMER_STREAM, now)) {
        follower->stage = STAGE_ASKING;
    } else if (bus_is_connected(follower->bus)) {
        follower->retry_at = instant_after(now, LOST_MS);
    }
}

/* What was told may be wrong: say so, and tell it all again. */
static void doubt(struct follower *follower, struct instant now, struct sheet *sheet)
{
    const struct instant earliest = instant_after(follower->begun_at, BEGIN_MS_MIN);

    if (follower->told == TOLD_CONTENT) {
        tell(sheet, (struct follower_news){.kind = FOLLOWER_LISTING});
        follower->told = TOLD_LISTING;
    }
    if (instant_is_due(earliest, now)) {
        begin_generation(follower, now);
    } else {
        end_generation(follower);
        follower->retry_at = earliest;
    }
}

/* It cannot be followed, for the reason that text gives; it is tried again later. */
static void lose(struct follower *follower, struct instant now, enum bucket_loss loss,
                 const char *text, struct sheet *sheet)
{
    char whole[ERR_MESSAGE_BYTES_MAX];

    (void)snprintf(whole, sizeof whole, "bucket '%s' %s", follower->bucket, text);
    end_generation(follower);
    follower->retry_at = instant_after(now, LOST_MS);
    if (follower->told != TOLD_LOST || strcmp(whole, follower->text) != 0) {
        memcpy(follower->text, whole, sizeof whole);
        follower->told = TOLD_LOST;
        tell(sheet, (struct follower_news){
                        .kind = FOLLOWER_LOST, .loss = loss, .text = follower->text});
    }
}

static void lose_by_error(struct follower *follower, struct instant now,
                          const struct wire_jetstream *answer, struct sheet *sheet)
{
    char text[ERR_MESSAGE_BYTES_MAX];

    switch (answer->error_code) {
    case WIRE_JETSTREAM_NO_STREAM:
        lose(follower, now, LOSS_MISSING,
             "does not exist: a wasmCloud host makes it when it starts", sheet);
        return;
    case WIRE_JETSTREAM_NOT_ENABLED:
        lose(follower, now, LOSS_DENIED,
             "cannot be followed: JetStream is not enabled for this account", sheet);
        return;
    default:
        (void)snprintf(text, sizeof text, "cannot be followed: %s", answer->error_text);
        lose(follower, now, LOSS_PASSING, text, sheet);
        return;
    }
}

/* This generation delivers: its listing begins, unless that was said already. */
static void announce(struct follower *follower, struct sheet *sheet)
{
    if (follower->told == TOLD_NOTHING || follower->told == TOLD_LOST) {
        tell(sheet, (struct follower_news){.kind = FOLLOWER_LISTING});
        follower->told = TOLD_LISTING;
    }
}

/* All that was in the stream when the consumer was made has been told, or was removed
 * since. */
static void complete(struct follower *follower, struct sheet *sheet)
{
    if (follower->last_sequence < follower->base_sequence) {
        follower->last_sequence = follower->base_sequence;
    }
    follower->stage = STAGE_LISTED;
    follower->told = TOLD_CONTENT;
    tell(sheet, (struct follower_news){.kind = FOLLOWER_LISTED,
                                       .sequence = follower->last_sequence,
                                       .made = follower->created});
}

/*
 * Messages that were overwritten before they were delivered leave gaps in the stream's
 * numbers; but nats-server 2.9.10 may also skip the marker of a purge when another one
 * follows at once.  The two look the same, and nobody tells of it again.
 */
static void note_skip(struct follower *follower, const struct wire_delivery *delivery,
                      struct instant now)
{
    const struct instant earliest = instant_after(follower->begun_at, BEGIN_MS_MIN);

    if (follower->stage != STAGE_LISTED || follower->skip_at.ms != INSTANT_NEVER.ms ||
        delivery->stream_sequence == follower->last_sequence + 1) {
        return;
    }
    follower->skip_at = instant_after(now, SKIP_MS);
    if (instant_is_before(follower->skip_at, earliest)) {
        follower->skip_at = earliest;
    }
}

static void take_entry(struct follower *follower, const struct mail *mail,
                       const struct wire_delivery *delivery, struct sheet *sheet)
{
    const char *key = mail->subject + strlen(follower->consumer.prefix);
    const bool is_marker = *mail->headers[HEADER_OPERATION] != '\0';

    announce(follower, sheet);
    keys_add(&follower->keys, key);
    follower->consumer_sequence = delivery->consumer_sequence;
    follower->last_sequence = delivery->stream_sequence;
    follower->is_moving = true;
    follower->told = TOLD_CONTENT;
    tell(sheet, (struct follower_news){.kind = FOLLOWER_ENTRY,
                                       .key = key,
                                       .bytes = is_marker ? NULL : mail->bytes,
                                       .length = is_marker ? 0 : mail->length,
                                       .sequence = delivery->stream_sequence});
    if (follower->stage != STAGE_LISTED && delivery->pending_count == 0) {
        complete(follower, sheet);
    }
}

/* A heartbeat says what the last delivery was; flow control wants an answer. */
static void take_status(struct follower *follower, const struct mail *mail,
                        struct instant now, struct sheet *sheet)
{
    const char *stalled = mail->headers[HEADER_CONSUMER_STALLED];
    uint64_t last = follower->consumer_sequence;

    if (strcmp(mail->headers[HEADER_STATUS], "100") != 0) {
        doubt(follower, now, sheet);
        return;
    }
    if (*mail->reply != '\0') {
        consumer_answer_flow_control(&follower->consumer, mail->reply);
        return;
    }
    if (*stalled != '\0') {
        consumer_answer_flow_control(&follower->consumer, stalled);
    }
    if (wire_decode_number(mail->headers[HEADER_LAST_CONSUMER], &last) &&
        last != follower->consumer_sequence) {
        doubt(follower, now, sheet);
    }
}

static void take_delivery(struct follower *follower, const struct mail *mail,
                          struct instant now, struct sheet *sheet)
{
    struct wire_delivery delivery;

    follower->heard_at = now;
    if (*mail->headers[HEADER_STATUS] != '\0') {
        take_status(follower, mail, now, sheet);
        return;
    }
    if (!wire_decode_delivery(mail->reply, &delivery) ||
        strncmp(mail->subject, follower->consumer.prefix,
                strlen(follower->consumer.prefix)) != 0) {
        return; /* somebody else's */
    }
    if (delivery.consumer_sequence != follower->consumer_sequence + 1) {
        doubt(follower, now, sheet);
        return;
    }
    note_skip(follower, &delivery, now);
    take_entry(follower, mail, &delivery, sheet);
}

/* The stream is there: make a consumer for what is in it from here on. */
static void take_stream(struct follower *follower, struct instant now,
                        const struct wire_jetstream *answer)
{
    (void)snprintf(follower->created, sizeof follower->created, "%s", answer->created);
    follower->base_sequence = answer->last_sequence;
    if (consumer_make(&follower->consumer, now)) {
        follower->stage = STAGE_MAKING;
    } else {
        end_generation(follower);
        follower->retry_at = instant_after(now, LOST_MS);
    }
}

/* The consumer is there; its first deliveries may have been here before. */
static void take_consumer(struct follower *follower, struct instant now,
                          const struct wire_jetstream *answer, struct sheet *sheet)
{
    follower->heard_at = now;
    follower->check_at = instant_after(now, CHECK_MS);
    follower->is_moving = true;
    if (follower->stage != STAGE_MAKING) {
        return;
    }
    announce(follower, sheet);
    follower->stage = STAGE_LISTING;
    if (answer->pending_count == 0 && follower->consumer_sequence == 0) {
        complete(follower, sheet);
    }
}

/*
 * Compare the stream with what we know of it: another stream under the same name, keys
 * removed without a marker, a delivery that has stopped, and one that comes ever later
 * are seen nowhere else.
 */
static void take_check(struct follower *follower, struct instant now,
                       const struct wire_jetstream *answer, struct sheet *sheet)
{
    const bool is_same = strcmp(answer->created, follower->created) == 0 &&
                         answer->last_sequence >= follower->checked_sequence;
    const bool is_behind = follower->stage != STAGE_LISTED ||
                           answer->last_sequence > follower->last_sequence;
    const bool is_even = follower->stage == STAGE_LISTED &&
                         answer->last_sequence == follower->last_sequence;
    const bool is_stuck = is_behind && follower->was_behind && !follower->is_moving;
    const bool is_late = follower->stage == STAGE_LISTED &&
                         follower->last_sequence < follower->stream_sequence;

    follower->is_checking = false;
    follower->was_behind = is_behind;
    follower->is_moving = false;
    follower->stream_sequence = answer->last_sequence;
    if (!is_same || is_stuck || is_late ||
        (is_even && answer->subjects_count != keys_count(&follower->keys))) {
        doubt(follower, now, sheet);
    }
}

static void take_answer(struct follower *follower, const struct mail *mail,
                        struct instant now, struct sheet *sheet)
{
    const enum consumer_role role = consumer_role(mail);
    struct arena arena = {0};
    struct wire_jetstream answer;
    struct err err;

    if (wire_decode_jetstream(mail->bytes, mail->length, &arena, &answer, &err) !=
        ERR_OK) {
        answer = (struct wire_jetstream){.error_code = 1, .error_text = err.message};
    }
    if (answer.error_code != 0) {
        lose_by_error(follower, now, &answer, sheet);
    } else if (role == CONSUMER_STREAM) {
        take_stream(follower, now, &answer);
    } else if (role == CONSUMER_MADE) {
        take_consumer(follower, now, &answer, sheet);
    } else {
        take_check(follower, now, &answer, sheet);
    }
    arena_free(&arena);
}

static void take_denial(struct follower *follower, const struct mail *mail,
                        struct instant now, struct sheet *sheet)
{
    char text[ERR_MESSAGE_BYTES_MAX];

    (void)snprintf(text, sizeof text, "cannot be followed: %s", mail->bytes);
    lose(follower, now, LOSS_DENIED, text, sheet);
    follower->retry_at = instant_after(now, DENIED_MS);
}

/* No answer.  A check that is lost is made up for by the next. */
static void take_timeout(struct follower *follower, const struct mail *mail,
                         struct instant now, struct sheet *sheet)
{
    if (consumer_role(mail) == CONSUMER_CHECK) {
        follower->is_checking = false;
    } else {
        lose(follower, now, LOSS_PASSING, "cannot be followed: JetStream does not answer",
             sheet);
    }
}

struct follower *follower_new(struct bus *bus, const char *bucket, uint32_t owner)
{
    struct arena arena = {0};
    struct follower *follower = arena_alloc(&arena, sizeof *follower);

    follower->bus = bus;
    follower->bucket = arena_copy(&arena, bucket);
    consumer_init(&follower->consumer, bus, bucket, owner, &arena);
    follower->arena = arena;
    return follower;
}

void follower_free(struct follower *follower)
{
    struct arena arena;

    if (follower == NULL) {
        return;
    }
    end_generation(follower);
    arena = follower->arena;
    arena_free(&arena);
}

bool follower_owns(const struct follower *follower, const struct mail *mail)
{
    return consumer_owns(&follower->consumer, mail) || mail->kind == MAIL_CONNECTED ||
           mail->kind == MAIL_DISCONNECTED;
}

size_t follower_take(struct follower *follower, const struct mail *mail,
                     struct instant now,
                     struct follower_news ret_news[static FOLLOWER_NEWS_MAX])
{
    struct sheet sheet = {ret_news, 0};

    assert(follower_owns(follower, mail));

    if (consumer_is_old(&follower->consumer, mail)) {
        return 0;
    }
    switch (mail->kind) {
    case MAIL_MESSAGE:
        take_delivery(follower, mail, now, &sheet);
        return sheet.count;
    case MAIL_ANSWER:
        take_answer(follower, mail, now, &sheet);
        return sheet.count;
    case MAIL_NO_RESPONDERS:
        lose(follower, now, LOSS_DENIED,
             "cannot be followed: JetStream is not enabled at the server", &sheet);
        return sheet.count;
    case MAIL_TIMEOUT:
        take_timeout(follower, mail, now, &sheet);
        return sheet.count;
    case MAIL_DENIED:
        take_denial(follower, mail, now, &sheet);
        return sheet.count;
    case MAIL_CONNECTED:
        follower->begun_at = CLOCK_LONG_AGO;
        doubt(follower, now, &sheet);
        return sheet.count;
    case MAIL_DISCONNECTED:
        end_generation(follower);
        return sheet.count;
    case MAIL_REQUEST:
    case MAIL_EXCESS:
    case MAIL_OVERFLOWED:
        return sheet.count;
    }
    abort();
}

size_t follower_at_deadline(struct follower *follower, struct instant now,
                            struct follower_news ret_news[static FOLLOWER_NEWS_MAX])
{
    struct sheet sheet = {ret_news, 0};

    if (!instant_is_due(follower_deadline(follower), now)) {
        return 0;
    }
    if (follower->stage == STAGE_AWAY) {
        begin_generation(follower, now);
    } else if (instant_is_due(instant_after(follower->heard_at, SILENCE_MS), now) ||
               instant_is_due(follower->skip_at, now)) {
        doubt(follower, now, &sheet);
    } else if (!follower->is_checking) {
        follower->checked_sequence = follower->last_sequence;
        follower->is_checking = consumer_ask(&follower->consumer, CONSUMER_CHECK, now);
        follower->check_at = instant_after(now, CHECK_MS);
    } else {
        follower->check_at = instant_after(now, CHECK_MS);
    }
    return sheet.count;
}

struct instant follower_deadline(const struct follower *follower)
{
    switch (follower->stage) {
    case STAGE_AWAY:
        return follower->retry_at;
    case STAGE_ASKING:
    case STAGE_MAKING:
        return INSTANT_NEVER; /* the bus answers, with MAIL_TIMEOUT at the latest */
    case STAGE_LISTING:
    case STAGE_LISTED:
        return instant_min(instant_min(instant_after(follower->heard_at, SILENCE_MS),
                                       follower->check_at),
                           follower->skip_at);
    }
    abort();
}
