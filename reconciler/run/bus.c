#include "reconciler/run/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nats/nats.h>

#include "manifest/arena.h"
#include "reconciler/run/inbox.h"
#include "reconciler/run/publish.h"
#include "reconciler/run/renaming.h"
#include "reconciler/run/session.h"
#include "reconciler/run/slots.h"
#include "reconciler/run/subscriptions.h"
#include "reconciler/run/trouble.h"
#include "reconciler/wire/subject.h"

/* JetStream sends up to 32 MB of a listing before it waits for an answer to its flow
 * control: that has room, and a loop that is stuck does not take the machine with it. */
#define MAILS_MAX      262144
#define MAIL_BYTES_MAX ((size_t)256 * 1024 * 1024)

struct bus {
    struct arena arena;
    struct mailbox *mailbox;
    struct session *session;
    unsigned turn;    /* of the session, as far as bus_take has told it */
    unsigned trouble; /* likewise */
    struct subscriptions subscriptions;
    struct slots slots;
    struct renaming renaming; /* in arena */
    const char *inbox;
    bool is_deaf; /* on this connection: the server refuses our inbox */
};

/* The connection for a call that must not wait: NULL unless all is well with it. */
static natsConnection *present_connection(const struct bus *bus)
{
    return bus_is_connected(bus) ? session_connection(bus->session) : NULL;
}

static enum err_code subscribe(struct bus *bus, struct subscription_wish wish,
                               struct err *err)
{
    struct arena arena = {0};

    if (!subject_is_sendable(wish.subject) ||
        (wish.queue != NULL && !subject_is_sendable(wish.queue))) {
        return err_set(err, ERR_INVALID, "'%s' cannot be subscribed to", wish.subject);
    }
    wish.subject = renaming_out(&bus->renaming, wish.subject, &arena);
    subscriptions_add(&bus->subscriptions, &wish, present_connection(bus));
    arena_free(&arena);
    return ERR_OK;
}

enum err_code bus_subscribe(struct bus *bus, const char *subject, const char *queue,
                            uint64_t tag, struct err *err)
{
    return subscribe(bus, (struct subscription_wish){MAIL_MESSAGE, tag, subject, queue},
                     err);
}

enum err_code bus_serve(struct bus *bus, const char *subject, const char *queue,
                        uint64_t tag, struct err *err)
{
    return subscribe(bus, (struct subscription_wish){MAIL_REQUEST, tag, subject, queue},
                     err);
}

void bus_unsubscribe(struct bus *bus, uint64_t tag)
{
    subscriptions_end(&bus->subscriptions, tag, present_connection(bus));
}

static enum err_code publish(const struct bus *bus, const struct bus_message *message,
                             const char *reply, struct err *err)
{
    natsConnection *connection = present_connection(bus);
    const size_t payload_max = bus_payload_max(bus);
    natsStatus status = NATS_OK;

    if (!subject_is_sendable(message->subject) ||
        (reply != NULL && !subject_is_sendable(reply))) {
        return err_set(err, ERR_INVALID, "'%s' cannot be published to", message->subject);
    }
    if (connection == NULL) {
        status = NATS_CONNECTION_DISCONNECTED;
    } else if (message->length > payload_max) {
        status = NATS_MAX_PAYLOAD;
    } else {
        status = publish_message(connection, message, reply);
    }
    if (status == NATS_MAX_PAYLOAD) {
        return err_set(err, ERR_LIMIT,
                       "a message of %zu bytes for '%s' is too large: %s takes %zu",
                       message->length, message->subject, bus_server(bus), payload_max);
    }
    if (status != NATS_OK) {
        return err_set(err, ERR_UNREACHABLE, "%s: not connected", bus_server(bus));
    }
    return ERR_OK;
}

/* message with the subject it has at the server. */
static struct bus_message rename_out(const struct bus *bus,
                                     const struct bus_message *message,
                                     struct arena *arena)
{
    struct bus_message renamed = *message;

    renamed.subject = renaming_out(&bus->renaming, message->subject, arena);
    return renamed;
}

enum err_code bus_publish(struct bus *bus, const struct bus_message *message,
                          struct err *err)
{
    struct arena arena = {0};
    const struct bus_message renamed = rename_out(bus, message, &arena);
    const enum err_code code = publish(bus, &renamed, message->reply, err);

    arena_free(&arena);
    return code;
}

struct asking {
    uint64_t tag;
    struct instant deadline;
    bool is_gathering;
};

/* Publish message with the name of a slot of its own, for its answers. */
static enum err_code request(struct bus *bus, const struct bus_message *message,
                             const struct asking *asking, struct err *err)
{
    char name[SLOT_NAME_BYTES];
    char reply[INBOX_REPLY_BYTES_MAX];
    struct arena arena = {0};
    struct bus_message renamed;
    struct slot *slot;
    enum err_code code;

    if (!bus_has_room(bus)) {
        return err_set(err, ERR_LIMIT, "%d requests are under way already",
                       SLOTS_COUNT_MAX);
    }
    renamed = rename_out(bus, message, &arena);
    slot = slots_open(&bus->slots, renamed.subject, asking->tag, asking->deadline);
    slot->is_gathering = asking->is_gathering;
    slots_print_name(&bus->slots, slot, name);
    (void)snprintf(reply, sizeof reply, "%s.%s", bus->inbox, name);
    code = publish(bus, &renamed, reply, err);
    if (code != ERR_OK) {
        slots_close(&bus->slots, slot);
    }
    arena_free(&arena);
    return code;
}

enum err_code bus_request(struct bus *bus, const struct bus_message *message,
                          uint64_t tag, struct instant deadline, struct err *err)
{
    return request(bus, message, &(struct asking){tag, deadline, false}, err);
}

enum err_code bus_gather(struct bus *bus, const struct bus_message *message, uint64_t tag,
                         struct instant deadline, struct err *err)
{
    return request(bus, message, &(struct asking){tag, deadline, true}, err);
}

/* Mail of our own making, with text; NULL without memory, to be tried again. */
static struct mail *own_mail(enum mail_kind kind, uint64_t tag, const char *text)
{
    const struct mail mail = {
        .kind = kind, .tag = tag, .bytes = text, .length = strlen(text)};

    return mail_new(&mail);
}

static struct mail *tell_connected(struct bus *bus, unsigned turn)
{
    struct mail *mail = own_mail(MAIL_CONNECTED, 0, "");

    if (mail != NULL) {
        bus->turn = turn;
        bus->is_deaf = false;
        subscriptions_attach(&bus->subscriptions, session_connection(bus->session));
    }
    return mail;
}

/* Back already?  Then that is told next. */
static struct mail *tell_disconnected(struct bus *bus, unsigned turn)
{
    char text[ERR_MESSAGE_BYTES_MAX];
    const unsigned trouble = session_trouble(bus->session, text, sizeof text);
    struct mail *mail;

    if (bus->turn % 2 == 0 && trouble == bus->trouble) {
        return NULL;
    }
    mail = own_mail(MAIL_DISCONNECTED, 0, text);
    if (mail != NULL) {
        bus->turn = turn - turn % 2;
        bus->trouble = trouble;
        slots_give_up(&bus->slots);
    }
    return mail;
}

/* The news of the connection, if there is any. */
static struct mail *take_turn(struct bus *bus)
{
    const unsigned turn = session_turn(bus->session);

    if (turn % 2 == 0 || (bus->turn % 2 == 1 && turn != bus->turn)) {
        return tell_disconnected(bus, turn);
    }
    if (turn != bus->turn && session_connection(bus->session) != NULL) {
        return tell_connected(bus, turn);
    }
    return NULL;
}

/* Give an answer the tag of its request; false when that is over. */
static bool sort_answer(struct bus *bus, struct mail *mail)
{
    const char *name = mail->subject + strlen(bus->inbox) + 1;
    struct slot *slot = slots_find(&bus->slots, name);

    if (slot == NULL) {
        return false;
    }
    mail->tag = slot->tag;
    if (!slot->is_gathering || mail->kind == MAIL_NO_RESPONDERS) {
        slots_close(&bus->slots, slot);
    }
    return true;
}

/* Give a refusal the tag of what was refused, as far as that can be told. */
static void sort_denial(struct bus *bus, struct mail *mail)
{
    struct slot *slot;

    if (trouble_is_subscription(mail->bytes)) {
        (void)subscriptions_find(&bus->subscriptions, mail->subject, &mail->tag);
        return;
    }
    slot = slots_find_subject(&bus->slots, mail->subject);
    if (slot != NULL) {
        mail->tag = slot->tag;
        slots_close(&bus->slots, slot);
    }
}

/* Find out what mail is about; false when it is about nothing any more. */
static bool sort(struct bus *bus, struct mail *mail)
{
    switch (mail->kind) {
    case MAIL_ANSWER:
    case MAIL_NO_RESPONDERS:
        return sort_answer(bus, mail);
    case MAIL_DENIED:
        sort_denial(bus, mail);
        return true;
    case MAIL_MESSAGE:
    case MAIL_REQUEST:
    case MAIL_EXCESS:
    case MAIL_TIMEOUT:
    case MAIL_CONNECTED:
    case MAIL_DISCONNECTED:
    case MAIL_OVERFLOWED:
        return true;
    }
    abort();
}

static struct mail *take_loss(struct bus *bus)
{
    struct mail *mail = NULL;

    if (mailbox_take_loss(bus->mailbox)) {
        mail = own_mail(MAIL_OVERFLOWED, 0, "");
        if (mail == NULL) {
            mailbox_put_loss(bus->mailbox);
        }
    }
    return mail;
}

static struct mail *take_late(struct bus *bus, struct instant now)
{
    struct slot *slot = slots_find_late(&bus->slots, now);
    struct mail *mail = slot != NULL ? own_mail(MAIL_TIMEOUT, slot->tag, "") : NULL;

    if (mail != NULL) {
        slots_close(&bus->slots, slot);
    }
    return mail;
}

/* A connection that brings no answers is as good as none: mail says so from now on. */
static struct mail *deafen(struct bus *bus, struct mail *mail)
{
    char text[ERR_MESSAGE_BYTES_MAX];

    inbox_print_refusal(bus->inbox, bus_server(bus), mail, text, sizeof text);
    bus->is_deaf = true;
    slots_give_up(&bus->slots);
    mail_free(mail);
    mail = own_mail(MAIL_DISCONNECTED, 0, text);
    if (mail == NULL) {
        mailbox_put_loss(bus->mailbox);
    }
    return mail;
}

/* mail with the subject it usually has; NULL without memory, which is a loss. */
static struct mail *rename_in(struct bus *bus, struct mail *mail)
{
    struct arena arena = {0};
    const char *subject = renaming_in(&bus->renaming, mail->subject, &arena);

    if (mail->kind == MAIL_MESSAGE && subject != mail->subject) {
        struct mail renamed = *mail;
        struct mail *copy;

        renamed.subject = subject;
        copy = mail_new(&renamed);
        if (copy == NULL) {
            mailbox_put_loss(bus->mailbox);
        }
        mail_free(mail);
        mail = copy;
    }
    arena_free(&arena);
    return mail;
}

struct mail *bus_take(struct bus *bus, struct instant now)
{
    struct mail *mail;

    if (session_is_closed(bus->session)) {
        subscriptions_detach(&bus->subscriptions);
        session_drop(bus->session, now);
    }
    session_step(bus->session, now);

    mail = take_turn(bus);
    while (mail == NULL) {
        mail = mailbox_take(bus->mailbox);
        if (mail == NULL || sort(bus, mail)) {
            break;
        }
        mail_free(mail);
        mail = NULL;
    }
    if (mail != NULL) {
        mail =
            inbox_is_refused(bus->inbox, mail) ? deafen(bus, mail) : rename_in(bus, mail);
    }
    /* An answer that is there counts, however late we come to take it. */
    mail = mail != NULL ? mail : take_loss(bus);
    return mail != NULL ? mail : take_late(bus, now);
}

struct mail *bus_take_request(struct bus *bus)
{
    return mailbox_take_request(bus->mailbox);
}

size_t bus_mails_count(const struct bus *bus)
{
    return mailbox_count(bus->mailbox);
}

int bus_fd(const struct bus *bus)
{
    return mailbox_fd(bus->mailbox);
}

struct instant bus_deadline(const struct bus *bus)
{
    return instant_min(slots_deadline(&bus->slots), session_deadline(bus->session));
}

/* Listen for the answers to all requests, under a name that is ours alone. */
static enum err_code open_inbox(struct bus *bus, const char *prefix, struct err *err)
{
    struct subscription_wish wish = {.kind = MAIL_ANSWER};
    const enum err_code code = inbox_make(prefix, &bus->arena, &bus->inbox, err);

    if (code != ERR_OK) {
        return code;
    }
    wish.subject = arena_print(&bus->arena, "%s.*", bus->inbox);
    subscriptions_add(&bus->subscriptions, &wish, NULL);
    return ERR_OK;
}

static enum err_code rename_subjects(struct bus *bus, const struct connection *connection,
                                     struct err *err)
{
    const struct renaming renaming = {connection->control, connection->domain};
    const enum err_code code = renaming_check(&renaming, err);

    if (code == ERR_OK && renaming.control != NULL) {
        bus->renaming.control = arena_copy(&bus->arena, renaming.control);
    }
    if (code == ERR_OK && renaming.domain != NULL) {
        bus->renaming.domain = arena_copy(&bus->arena, renaming.domain);
    }
    return code;
}

enum err_code bus_open(const struct bus_options *options, struct bus **ret_bus,
                       struct err *err)
{
    struct arena arena = {0};
    struct bus *bus = arena_alloc(&arena, sizeof *bus);
    enum err_code code = mailbox_open(
        options->mails_max > 0 ? options->mails_max : MAILS_MAX,
        options->mail_bytes_max > 0 ? options->mail_bytes_max : MAIL_BYTES_MAX,
        &bus->mailbox, err);

    bus->arena = arena;
    subscriptions_init(&bus->subscriptions, bus->mailbox);
    slots_init(&bus->slots);
    if (code == ERR_OK) {
        code = session_open(options, bus->mailbox, &bus->session, err);
    }
    if (code == ERR_OK) {
        code = rename_subjects(bus, &options->connection, err);
    }
    if (code == ERR_OK) {
        code = open_inbox(bus, options->connection.inbox, err);
    }
    if (code == ERR_OK && !options->is_patient) {
        code = session_connect(bus->session, err);
    }
    if (code != ERR_OK) {
        bus_close(bus);
        return code;
    }
    *ret_bus = bus;
    return ERR_OK;
}

void bus_close(struct bus *bus)
{
    struct arena arena;

    if (bus == NULL) {
        return;
    }
    /* What a thread of nats.c could still come to must stay: better lost than freed. */
    if ((bus->session != NULL && !session_close(bus->session)) ||
        !subscriptions_clear(&bus->subscriptions)) {
        return;
    }
    session_free(bus->session);
    mailbox_close(bus->mailbox);
    slots_clear(&bus->slots);
    arena = bus->arena;
    arena_free(&arena);
}

const char *bus_server(const struct bus *bus)
{
    return session_server(bus->session);
}

bool bus_has_room(const struct bus *bus)
{
    return bus->slots.open_count < SLOTS_COUNT_MAX;
}

bool bus_is_connected(const struct bus *bus)
{
    return bus->turn % 2 == 1 && session_turn(bus->session) == bus->turn && !bus->is_deaf;
}

size_t bus_payload_max(const struct bus *bus)
{
    return session_payload_max(bus->session);
}

const char *bus_inbox(const struct bus *bus)
{
    return bus->inbox;
}
