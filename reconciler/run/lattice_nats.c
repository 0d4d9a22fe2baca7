#include "reconciler/run/lattice_nats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/follower.h"
#include "reconciler/run/log.h"
#include "reconciler/run/translate.h"
#include "reconciler/wire/event_decode.h"
#include "reconciler/wire/request.h"
#include "reconciler/wire/utc.h"

struct lattice_nats {
    struct bus *bus;
    char *name;
    struct follower *followers[2]; /* by enum bucket */
    struct translator translator;
};

static const enum bus_owner bucket_owners[] = {
    [BUCKET_LINKS] = OWNER_LINKS,
    [BUCKET_CONFIGS] = OWNER_CONFIGS,
};

static void complain(const char *what, const struct err *err)
{
    log_say(LOG_LEVEL_WARNING, what, "reason", err->message, NULL);
}

static enum err_code send_command(void *context, const struct command *command,
                                  struct instant now, struct err *err)
{
    struct lattice_nats *lattice = context;
    const uint32_t number = translate_tag(&lattice->translator, command);
    const struct instant deadline =
        instant_after(now, translate_patience_ms(command->kind));
    struct arena arena = {0};
    struct wire_request request;
    struct bus_message message;
    enum err_code code;

    wire_encode_command(command, lattice->name, &arena, &request);
    message = (struct bus_message){
        .subject = request.subject,
        .bytes = request.bytes,
        .length = request.length,
    };
    code = (translate_is_gather(number) ? bus_gather : bus_request)(
        lattice->bus, &message, mail_tag(OWNER_COMMANDS, number), deadline, err);
    arena_free(&arena);
    return code;
}

struct lattice lattice_nats_port(struct lattice_nats *lattice)
{
    return (struct lattice){lattice, send_command};
}

static void take_answer(struct lattice_nats *lattice, const struct mail *mail)
{
    struct err err;

    switch (mail->kind) {
    case MAIL_ANSWER:
        if (translate_answer(&lattice->translator, mail_number(mail), mail->bytes,
                             mail->length, &err) != ERR_OK) {
            complain("a host's answer cannot be read", &err);
        }
        return;
    case MAIL_NO_RESPONDERS:
        translate_silence(&lattice->translator, mail_number(mail), ANSWER_NO_RESPONDERS);
        return;
    case MAIL_DENIED:
        log_say(LOG_LEVEL_ERROR,
                "the NATS server refuses a command: check the "
                "permissions of this user",
                "subject", mail->subject, "reason", mail->bytes, NULL);
        translate_denial(&lattice->translator, mail_number(mail), mail->bytes);
        return;
    case MAIL_TIMEOUT:
    case MAIL_MESSAGE:
    case MAIL_REQUEST:
    case MAIL_EXCESS:
    case MAIL_CONNECTED:
    case MAIL_DISCONNECTED:
    case MAIL_OVERFLOWED:
        translate_silence(&lattice->translator, mail_number(mail), ANSWER_NONE);
        return;
    }
    abort();
}

static void take_event(struct lattice_nats *lattice, const struct mail *mail)
{
    struct err err;

    if (mail->kind == MAIL_DENIED) {
        log_say(LOG_LEVEL_ERROR,
                "the NATS server refuses to deliver the lattice's events: changes are "
                "noticed late; check the permissions of this user",
                "subject", mail->subject, "reason", mail->bytes, NULL);
    } else if (mail->kind == MAIL_MESSAGE && wire_is_event(mail->subject) &&
               translate_event(&lattice->translator, mail->bytes, mail->length, &err) !=
                   ERR_OK) {
        complain("an event of the lattice cannot be read", &err);
    }
}

static void add_bucket_event(struct lattice_nats *lattice, enum event_kind kind,
                             enum bucket bucket)
{
    event_list_add(&lattice->translator.events,
                   &(struct event){.kind = kind, .u.bucket.bucket = bucket});
}

/* For how long there has been what was made then, by the server's clock; to a second. */
static bool read_age(const char *made, int64_t *ret_age_ms)
{
    char text[UTC_TEXT_BYTES];
    int64_t unix_ms;

    (void)snprintf(text, sizeof text, "%.19s.000Z", made);
    if (!utc_read(text, &unix_ms)) {
        return false;
    }
    *ret_age_ms = clock_unix_ms() > unix_ms ? clock_unix_ms() - unix_ms : 0;
    return true;
}

static void add_listed(struct lattice_nats *lattice, enum bucket bucket,
                       const struct follower_news *news)
{
    struct event_list *events = &lattice->translator.events;
    struct event event = {
        .kind = EVENT_BUCKET_LISTED,
        .u.bucket = {.bucket = bucket, .sequence = news->sequence},
    };

    if (read_age(news->made, &event.u.bucket.age_ms)) {
        event.u.bucket.made = arena_copy(&events->arena, news->made);
    }
    event_list_add(events, &event);
}

static void add_loss(struct lattice_nats *lattice, enum bucket bucket,
                     const struct follower_news *news)
{
    struct event_list *events = &lattice->translator.events;

    log_say(LOG_LEVEL_WARNING,
            news->loss == LOSS_DENIED
                ? "the lattice is seen slowly: its hosts are asked, again and again"
                : "the lattice cannot be seen: nothing is changed until it can",
            "reason", news->text, NULL);
    event_list_add(events,
                   &(struct event){
                       .kind = EVENT_BUCKET_LOST,
                       .u.bucket = {.bucket = bucket,
                                    .loss = news->loss,
                                    .text = arena_copy(&events->arena, news->text)},
                   });
}

static void take_entry(struct lattice_nats *lattice, enum bucket bucket,
                       const struct follower_news *news)
{
    const struct translate_entry entry = {
        .bucket = bucket,
        .key = news->key,
        .bytes = news->bytes,
        .length = news->length,
        .sequence = news->sequence,
    };
    struct err err;

    if (translate_entry(&lattice->translator, &entry, &err) != ERR_OK) {
        complain("an entry of a bucket cannot be read", &err);
    }
}

static void take_news(struct lattice_nats *lattice, enum bucket bucket,
                      const struct follower_news *news, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        switch (news[i].kind) {
        case FOLLOWER_LISTING:
            add_bucket_event(lattice, EVENT_BUCKET_LISTING, bucket);
            break;
        case FOLLOWER_ENTRY:
            take_entry(lattice, bucket, &news[i]);
            break;
        case FOLLOWER_LISTED:
            add_listed(lattice, bucket, &news[i]);
            break;
        case FOLLOWER_LOST:
            add_loss(lattice, bucket, &news[i]);
            break;
        }
    }
}

static void tell_followers(struct lattice_nats *lattice, const struct mail *mail,
                           struct instant now)
{
    for (int bucket = BUCKET_LINKS; bucket <= BUCKET_CONFIGS; bucket++) {
        struct follower *follower = lattice->followers[bucket];
        struct follower_news news[FOLLOWER_NEWS_MAX];

        if (follower_owns(follower, mail)) {
            const size_t count = follower_take(follower, mail, now, news);

            take_news(lattice, (enum bucket)bucket, news, count);
        }
    }
}

static void take_connection(struct lattice_nats *lattice, const struct mail *mail)
{
    struct event_list *events = &lattice->translator.events;

    if (mail->kind == MAIL_CONNECTED) {
        log_say(LOG_LEVEL_INFO, "connected", "server", bus_server(lattice->bus), NULL);
        event_list_add(events,
                       &(struct event){.kind = EVENT_CONNECTED,
                                       .u.connected = {bus_payload_max(lattice->bus)}});
    } else if (mail->kind == MAIL_DISCONNECTED) {
        log_say(LOG_LEVEL_WARNING, "not connected: nothing is changed until it is back",
                "server", bus_server(lattice->bus), "reason", mail->bytes, NULL);
        event_list_add(events, &(struct event){.kind = EVENT_DISCONNECTED});
    } else if (mail->kind == MAIL_DENIED && mail_owner(mail) == 0) {
        log_say(LOG_LEVEL_ERROR,
                "the NATS server refuses a message: check the permissions of this user",
                "subject", mail->subject, "reason", mail->bytes, NULL);
    } else if (mail->kind == MAIL_OVERFLOWED) {
        log_say(LOG_LEVEL_WARNING, "messages were lost: the lattice is surveyed again",
                NULL);
        event_list_add(events, &(struct event){.kind = EVENT_OVERFLOWED});
    }
}

void lattice_nats_take(struct lattice_nats *lattice, const struct mail *mail,
                       struct instant now)
{
    if (mail_owner(mail) == OWNER_COMMANDS) {
        take_answer(lattice, mail);
    } else if (mail_owner(mail) == OWNER_EVENTS) {
        take_event(lattice, mail);
    } else {
        take_connection(lattice, mail);
    }
    tell_followers(lattice, mail, now);
}

void lattice_nats_survey(struct lattice_nats *lattice, struct instant now)
{
    const struct mail again = {
        .kind = MAIL_CONNECTED, .subject = "", .reply = "", .bytes = ""};

    event_list_add(&lattice->translator.events,
                   &(struct event){.kind = EVENT_OVERFLOWED});
    tell_followers(lattice, &again, now);
}

void lattice_nats_at_deadline(struct lattice_nats *lattice, struct instant now)
{
    for (int bucket = BUCKET_LINKS; bucket <= BUCKET_CONFIGS; bucket++) {
        struct follower *follower = lattice->followers[bucket];
        struct follower_news news[FOLLOWER_NEWS_MAX];

        if (instant_is_due(follower_deadline(follower), now)) {
            const size_t count = follower_at_deadline(follower, now, news);

            take_news(lattice, (enum bucket)bucket, news, count);
        }
    }
}

struct instant lattice_nats_deadline(const struct lattice_nats *lattice)
{
    return instant_min(follower_deadline(lattice->followers[BUCKET_LINKS]),
                       follower_deadline(lattice->followers[BUCKET_CONFIGS]));
}

struct event_list *lattice_nats_events(struct lattice_nats *lattice)
{
    return &lattice->translator.events;
}

static void follow(struct lattice_nats *lattice, enum bucket bucket, const char *prefix)
{
    struct arena arena = {0};

    lattice->followers[bucket] =
        follower_new(lattice->bus, arena_print(&arena, "%s_%s", prefix, lattice->name),
                     bucket_owners[bucket]);
    arena_free(&arena);
}

enum err_code lattice_nats_open(struct bus *bus, const char *lattice,
                                struct lattice_nats **ret_lattice, struct err *err)
{
    struct lattice_nats *made = calloc(1, sizeof *made);
    struct arena arena = {0};
    enum err_code code;

    if (made == NULL) {
        abort();
    }
    made->bus = bus;
    made->name = strdup(lattice);
    if (made->name == NULL) {
        abort();
    }
    code = bus_subscribe(bus, arena_print(&arena, "wasmbus.evt.%s.>", lattice), NULL,
                         mail_tag(OWNER_EVENTS, 0), err);
    arena_free(&arena);
    follow(made, BUCKET_LINKS, "LATTICEDATA");
    follow(made, BUCKET_CONFIGS, "CONFIGDATA");
    if (code != ERR_OK) {
        lattice_nats_close(made);
        return code;
    }
    *ret_lattice = made;
    return ERR_OK;
}

void lattice_nats_close(struct lattice_nats *lattice)
{
    if (lattice == NULL) {
        return;
    }
    follower_free(lattice->followers[BUCKET_LINKS]);
    follower_free(lattice->followers[BUCKET_CONFIGS]);
    event_list_clear(&lattice->translator.events);
    free(lattice->name);
    free(lattice);
}
