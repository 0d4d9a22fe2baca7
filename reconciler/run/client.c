#include "reconciler/run/client.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/bus.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/lattice_nats.h"
#include "reconciler/run/log.h"
#include "reconciler/run/loop.h"
#include "reconciler/run/parts.h"
#include "reconciler/wire/api.h"
#include "reconciler/wire/api_pong.h"

#define PING_MS      ((int64_t)5000) /* where nobody listens it is told at once */
#define BUSY_MS      ((int64_t)200)
#define MARGIN_BYTES ((size_t)4096)

struct client {
    const struct options *options; /* borrowed */
    struct loop *loop;
    struct bus *bus;
    uint32_t requests_count; /* the number of the request under way */
    bool is_unheard;         /* nobody listened to the last one */
};

/* The first news of a bus that has connected is that it has: now it can send. */
static enum err_code greet(struct bus *bus, struct err *err)
{
    struct mail *mail = bus_take(bus, clock_now());
    enum err_code code = ERR_OK;

    if (!bus_is_connected(bus)) {
        code = err_set(err, ERR_UNREACHABLE, "lost the connection to %s: %s",
                       bus_server(bus), mail != NULL ? mail->bytes : "");
    }
    mail_free(mail);
    return code;
}

enum err_code client_open(const struct options *options, struct client **ret_client,
                          struct err *err)
{
    const struct bus_options bus = {
        .connection = options->connection,
        .name = "trellis client",
    };
    struct client *client = calloc(1, sizeof *client);
    enum err_code code;

    if (client == NULL) {
        abort();
    }
    client->options = options;
    code = loop_open(&client->loop, err);
    if (code == ERR_OK) {
        code = bus_open(&bus, &client->bus, err);
    }
    if (code == ERR_OK) {
        code = greet(client->bus, err);
    }
    if (code != ERR_OK) {
        client_close(client);
        return code;
    }
    loop_watch(client->loop, bus_fd(client->bus));
    *ret_client = client;
    return ERR_OK;
}

void client_close(struct client *client)
{
    if (client == NULL) {
        return;
    }
    bus_close(client->bus);
    loop_close(client->loop);
    free(client);
}

/* What mail is to the request under way: the answer, its failure, or nothing. */
static enum err_code judge(struct client *client, const struct mail *mail,
                           bool *ret_is_answer, struct err *err)
{
    *ret_is_answer = false;
    if (mail->kind == MAIL_DISCONNECTED) {
        return err_set(err, ERR_UNREACHABLE, "lost the connection to %s: %s",
                       bus_server(client->bus), mail->bytes);
    }
    if (mail_owner(mail) != OWNER_CLIENT || mail_number(mail) != client->requests_count) {
        return ERR_OK;
    }
    client->is_unheard = mail->kind == MAIL_NO_RESPONDERS;
    if (client->is_unheard) {
        return err_set(err, ERR_UNREACHABLE,
                       "no trellis daemon answers for lattice %s at %s",
                       client->options->lattice, bus_server(client->bus));
    }
    if (mail->kind == MAIL_DENIED) {
        return err_set(err, ERR_UNREACHABLE,
                       "%s refuses: %s; check what this user may "
                       "publish",
                       bus_server(client->bus), mail->bytes);
    }
    if (mail->kind == MAIL_TIMEOUT) {
        return err_set(err, ERR_TIMEOUT,
                       "the daemon of lattice %s did not answer in time",
                       client->options->lattice);
    }
    *ret_is_answer = mail->kind == MAIL_ANSWER;
    return ERR_OK;
}

/* Wait for the answer to the request under way. */
static enum err_code receive(struct client *client, struct arena *arena,
                             struct client_answer *ret_answer, struct err *err)
{
    bool is_answer = false;
    enum err_code code = ERR_OK;

    while (code == ERR_OK && !is_answer) {
        struct mail *mail = bus_take(client->bus, clock_now());

        if (mail == NULL) {
            loop_wait(client->loop, bus_deadline(client->bus));
            if (loop_take_signal(client->loop) != 0) {
                return err_set(err, ERR_TIMEOUT, "interrupted");
            }
            continue;
        }
        code = judge(client, mail, &is_answer, err);
        if (is_answer) {
            ret_answer->bytes = arena_text(arena, mail->bytes, mail->length);
            ret_answer->length = mail->length;
            ret_answer->status = arena_copy(arena, mail->headers[HEADER_STATUS]);
            ret_answer->operation = arena_copy(arena, mail->headers[HEADER_OPERATION]);
            ret_answer->sequence = arena_copy(arena, mail->headers[HEADER_SEQUENCE]);
        }
        mail_free(mail);
    }
    return code;
}

struct exchange {
    const char *tail; /* of the subject, after trellis.api.{lattice}. */
    const char *bytes;
    size_t length;
    int64_t patience_ms;
};

/* Let the daemon catch its breath. */
static enum err_code rest(struct client *client, struct err *err)
{
    const struct instant until = instant_after(clock_now(), BUSY_MS);

    while (!instant_is_due(until, clock_now())) {
        struct mail *mail = bus_take(client->bus, clock_now());

        if (mail == NULL) {
            loop_wait(client->loop, instant_min(until, bus_deadline(client->bus)));
        }
        mail_free(mail);
        if (loop_take_signal(client->loop) != 0) {
            return err_set(err, ERR_TIMEOUT, "interrupted");
        }
    }
    return ERR_OK;
}

static enum err_code exchange_once(struct client *client, const struct exchange *exchange,
                                   struct arena *arena, struct client_reply *ret_reply,
                                   struct err *err)
{
    const struct bus_message message = {
        .subject = arena_print(arena, "trellis.api.%s.%s", client->options->lattice,
                               exchange->tail),
        .bytes = exchange->bytes,
        .length = exchange->length,
    };
    struct client_answer answer = {.status = ""};
    enum err_code code;

    client->requests_count++;
    code =
        bus_request(client->bus, &message, mail_tag(OWNER_CLIENT, client->requests_count),
                    instant_after(clock_now(), exchange->patience_ms), err);
    if (code == ERR_OK) {
        code = receive(client, arena, &answer, err);
    }
    if (code == ERR_OK) {
        *ret_reply = (struct client_reply){answer.bytes, answer.length};
    }
    return code;
}

/* Does the daemon ask to be asked again? */
static bool is_busy(const struct client_reply *reply, struct arena *arena)
{
    return reply->length < MARGIN_BYTES &&
           api_decode_done(reply->bytes, reply->length, arena, NULL) == ERR_BUSY;
}

/* Ask again while the daemon is busy and there is time. */
static enum err_code exchange(struct client *client, const struct exchange *exchange,
                              struct arena *arena, struct client_reply *ret_reply,
                              struct err *err)
{
    const struct instant deadline = instant_after(clock_now(), exchange->patience_ms);
    struct client_reply reply = {.bytes = ""};
    enum err_code code = exchange_once(client, exchange, arena, &reply, err);

    while (code == ERR_OK && is_busy(&reply, arena) &&
           !instant_is_due(deadline, clock_now())) {
        code = rest(client, err);
        if (code == ERR_OK) {
            code = exchange_once(client, exchange, arena, &reply, err);
        }
    }
    if (code == ERR_OK) {
        *ret_reply = reply;
    }
    return code;
}

enum err_code client_send(struct client *client, const struct bus_message *message,
                          struct arena *arena, struct client_answer *ret_answer,
                          struct err *err)
{
    enum err_code code;

    client->requests_count++;
    client->is_unheard = false;
    code =
        bus_request(client->bus, message, mail_tag(OWNER_CLIENT, client->requests_count),
                    instant_after(clock_now(), client->options->timeout_ms), err);
    if (code == ERR_OK) {
        code = receive(client, arena, ret_answer, err);
    }
    if (code == ERR_UNREACHABLE && client->is_unheard) {
        return err_set(err, ERR_NOTFOUND, "nobody listens to %s", message->subject);
    }
    return code;
}

enum err_code client_fetch(struct client *client, const char *subject,
                           struct arena *arena, struct client_answer *ret_answer,
                           struct err *err)
{
    const struct bus_message message = {.subject = subject, .bytes = ""};

    return client_send(client, &message, arena, ret_answer, err);
}

static const struct exchange ping = {"ping", "", 0, PING_MS};

enum err_code client_find_daemon(struct client *client, bool *ret_is_there,
                                 struct err *err)
{
    struct arena arena = {0};
    struct client_reply pong;
    enum err_code code = exchange(client, &ping, &arena, &pong, err);

    *ret_is_there = code == ERR_OK;
    arena_free(&arena);
    return bus_is_connected(client->bus) ? ERR_OK : code;
}

bool client_finds_converged(struct client *client)
{
    struct arena arena = {0};
    struct client_reply pong;
    bool is_converged = false;
    struct err err;

    if (exchange(client, &ping, &arena, &pong, &err) != ERR_OK ||
        api_decode_pong(pong.bytes, pong.length, &arena, &is_converged, &err) != ERR_OK) {
        is_converged = false;
    }
    arena_free(&arena);
    return is_converged;
}

static size_t piece_bytes(const struct client *client)
{
    return bus_payload_max(client->bus) - MARGIN_BYTES;
}

/* Send the body of request in pieces; *ret_id names them. */
static enum err_code send_pieces(struct client *client,
                                 const struct client_request *request,
                                 struct arena *arena, const char **ret_id,
                                 struct err *err)
{
    const size_t size = piece_bytes(client);
    const uint32_t count = parts_count(request->length, size);
    char *id = arena_alloc(arena, DEPLOY_VERSION_BYTES);
    enum err_code code = ERR_OK;

    deploy_make_version(clock_unix_ms(), id);
    for (uint32_t i = 0; i < count && code == ERR_OK; i++) {
        const size_t start = i * size;
        const struct exchange piece = {
            .tail = arena_print(arena, "part.%s.%u.%u", id, (unsigned int)i,
                                (unsigned int)count),
            .bytes = request->bytes + start,
            .length = request->length - start < size ? request->length - start : size,
            .patience_ms = client->options->timeout_ms,
        };
        struct client_reply taken = {0};

        code = exchange(client, &piece, arena, &taken, err);
        if (code == ERR_OK) {
            code = api_decode_done(taken.bytes, taken.length, arena, err);
        }
    }
    *ret_id = id;
    return code;
}

/* A reply that the daemon keeps, to be fetched. */
struct pieces {
    const char *id;
    uint32_t count;
};

static enum err_code fetch(struct client *client, const struct pieces *pieces,
                           struct arena *arena, struct text *reply, struct err *err)
{
    for (uint32_t i = 0; i < pieces->count; i++) {
        const struct exchange ask = {
            .tail = arena_print(arena, "fetch.%s.%u", pieces->id, (unsigned int)i),
            .bytes = "",
            .patience_ms = client->options->timeout_ms,
        };
        struct client_reply piece = {0};
        const enum err_code code = exchange(client, &ask, arena, &piece, err);

        if (code != ERR_OK) {
            return code;
        }
        text_append_bytes(reply, piece.bytes, piece.length);
    }
    return ERR_OK;
}

/* reply may only say where the reply is to be fetched. */
static enum err_code complete(struct client *client, struct arena *arena,
                              struct client_reply *reply, struct err *err)
{
    struct pieces pieces = {"", 0};
    struct text whole;
    enum err_code code = ERR_OK;

    if (reply->length < MARGIN_BYTES) {
        code = api_decode_pieces(reply->bytes, reply->length, arena, &pieces.id,
                                 &pieces.count, err);
    }
    if (code != ERR_OK || pieces.id[0] == '\0') {
        return code;
    }
    text_init(&whole, arena, MESSAGE_BYTES_MAX);
    code = fetch(client, &pieces, arena, &whole, err);
    if (code == ERR_OK) {
        *reply = (struct client_reply){whole.bytes, whole.count};
    }
    return code;
}

enum err_code client_ask(struct client *client, const struct client_request *request,
                         struct arena *arena, struct client_reply *ret_reply,
                         struct err *err)
{
    struct exchange ask = {
        .tail = request->application == NULL
                    ? request->verb
                    : arena_print(arena, "%s.%s", request->verb, request->application),
        .bytes = request->bytes,
        .length = request->length,
        .patience_ms = client->options->timeout_ms,
    };
    struct text upload;
    struct client_reply reply = {.bytes = ""};
    enum err_code code = ERR_OK;

    if (request->length > piece_bytes(client)) {
        const char *id;

        code = send_pieces(client, request, arena, &id, err);
        if (code == ERR_OK) {
            text_init(&upload, arena, MARGIN_BYTES);
            api_encode_upload(id, &upload);
            ask.bytes = upload.bytes;
            ask.length = upload.count;
        }
    }
    if (code == ERR_OK) {
        code = exchange(client, &ask, arena, &reply, err);
    }
    if (code == ERR_OK) {
        code = complete(client, arena, &reply, err);
    }
    if (code == ERR_OK) {
        *ret_reply = reply;
    }
    return code;
}

enum err_code client_follow(struct client *client, const char *subject, struct err *err)
{
    return bus_subscribe(client->bus, subject, NULL, mail_tag(OWNER_FOLLOWER, 0), err);
}

/* What mail is to who follows; the connection is made again by itself. */
static enum err_code follow(struct client *client, const struct mail *mail,
                            struct arena *arena, struct client_reply *ret_message,
                            struct err *err)
{
    if (mail->kind == MAIL_DISCONNECTED) {
        log_say(LOG_LEVEL_WARNING, "the connection is lost, and tried again", "server",
                bus_server(client->bus), "reason", mail->bytes, NULL);
    } else if (mail->kind == MAIL_CONNECTED) {
        log_say(LOG_LEVEL_INFO, "connected again", "server", bus_server(client->bus),
                NULL);
    } else if (mail_owner(mail) == OWNER_FOLLOWER && mail->kind == MAIL_DENIED) {
        return err_set(err, ERR_UNREACHABLE,
                       "%s refuses: %s; check what this user may subscribe to",
                       bus_server(client->bus), mail->bytes);
    } else if (mail_owner(mail) == OWNER_FOLLOWER && mail->kind == MAIL_MESSAGE) {
        *ret_message = (struct client_reply){arena_text(arena, mail->bytes, mail->length),
                                             mail->length};
    }
    return ERR_OK;
}

enum err_code client_next(struct client *client, struct arena *arena,
                          struct client_reply *ret_message, struct err *err)
{
    enum err_code code = ERR_OK;

    *ret_message = (struct client_reply){0};
    while (code == ERR_OK && ret_message->bytes == NULL) {
        struct mail *mail = bus_take(client->bus, clock_now());
        int signal = SIGHUP;

        if (mail != NULL) {
            code = follow(client, mail, arena, ret_message, err);
            mail_free(mail);
            continue;
        }
        loop_wait(client->loop, bus_deadline(client->bus));
        while (signal == SIGHUP) {
            signal = loop_take_signal(client->loop);
        }
        if (signal != 0) {
            break;
        }
    }
    return code;
}
