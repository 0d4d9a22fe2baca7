#include "reconciler/run/service.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/lattice_nats.h"
#include "reconciler/run/log.h"
#include "reconciler/run/parts.h"
#include "reconciler/run/replays.h"
#include "reconciler/run/rival.h"
#include "reconciler/run/status_feed.h"
#include "reconciler/wire/api.h"
#include "reconciler/wire/micro.h"

/* What the envelope of a NATS message may need of the largest one. */
#define MARGIN_BYTES ((size_t)4096)

/* How long requests are served in one turn, and in a pause of one, but for the last. */
#define SERVE_US_MAX       ((int64_t)20000)
#define SERVE_PAUSE_US_MAX ((int64_t)5000)

enum { ENDPOINT_API, ENDPOINT_WADM, ENDPOINTS_COUNT };

struct service {
    struct reconciler *reconciler;
    const char *prefix; /* of wadm's API */
    const char *lattice;
    struct parts *parts;
    struct manifests *manifests;
    struct status_feed *status_feed;
    struct rival *rival;
    struct replays *replays;
    bool is_wadm; /* wadm's API is served */
    struct arena arena;
    struct micro_endpoint endpoints[ENDPOINTS_COUNT];
    int64_t started_unix_ms;
};

void service_follow(struct service *service, struct manifests *manifests)
{
    service->manifests = manifests;
}

struct claims service_claims(const struct service_request *request)
{
    return request->manifests != NULL
               ? manifests_claims(request->manifests)
               : (struct claims){.store = reconciler_store(request->reconciler)};
}

static size_t piece_bytes(const struct service *service)
{
    return bus_payload_max(reconciler_bus(service->reconciler)) - MARGIN_BYTES;
}

static void send_bytes(const struct service *service, const struct mail *mail,
                       const char *bytes, size_t length)
{
    const struct bus_message message = {
        .subject = mail->reply,
        .bytes = bytes,
        .length = length,
    };
    struct err err;

    if (mail->reply[0] != '\0' &&
        bus_publish(reconciler_bus(service->reconciler), &message, &err) != ERR_OK) {
        log_say(LOG_LEVEL_WARNING, "an answer was not sent", "subject", mail->subject,
                "reason", err.message, NULL);
    }
}

/* Send reply, or where to fetch it when it is too large for one message. */
static void send_reply(struct service *service, const struct mail *mail,
                       const struct text *reply, struct instant now)
{
    struct arena arena = {0};
    struct text pieces;

    if (reply->count <= piece_bytes(service)) {
        send_bytes(service, mail, reply->bytes, reply->count);
        return;
    }
    text_init(&pieces, &arena, MARGIN_BYTES);
    api_encode_pieces(parts_keep(service->parts, reply->bytes, reply->count, now),
                      parts_count(reply->count, piece_bytes(service)), &pieces);
    send_bytes(service, mail, pieces.bytes, pieces.count);
    arena_free(&arena);
}

/* The tokens of a subject after trellis.api.{lattice}. */
struct tokens {
    const char *items[4];
    size_t count;
};

static struct tokens split_subject(const struct service *service, const char *subject,
                                   struct arena *arena)
{
    struct tokens tokens = {.items = {"", "", "", ""}};
    char *at =
        arena_copy(arena, subject + strlen("trellis.api..") + strlen(service->lattice));

    while (tokens.count < 4) {
        char *dot = strchr(at, '.');

        tokens.items[tokens.count++] = at;
        if (dot == NULL) {
            break;
        }
        *dot = '\0';
        at = dot + 1;
    }
    return tokens;
}

static uint32_t read_number(const char *text)
{
    uint32_t number = 0;

    for (; *text >= '0' && *text <= '9' && number < 1000000; text++) {
        number = number * 10 + (uint32_t)(*text - '0');
    }
    return number;
}

static void take_part(struct service *service, const struct tokens *tokens,
                      const struct mail *mail, struct instant now, struct text *reply)
{
    const struct part part = {
        .id = tokens->items[1],
        .index = read_number(tokens->items[2]),
        .count = read_number(tokens->items[3]),
        .bytes = mail->bytes,
        .length = mail->length,
    };
    struct err err;

    if (parts_put(service->parts, &part, now, &err) == ERR_OK) {
        api_encode_done(reply);
    } else {
        api_encode_error(&err, "", reply);
    }
}

static void send_piece(struct service *service, const struct tokens *tokens,
                       const struct mail *mail, struct instant now)
{
    const size_t size = piece_bytes(service);
    const size_t start = (size_t)read_number(tokens->items[2]) * size;
    size_t length = 0;
    const char *bytes = parts_find(service->parts, tokens->items[1], now, &length);

    if (bytes == NULL || start >= length) {
        send_bytes(service, mail, "", 0);
    } else {
        send_bytes(service, mail, bytes + start,
                   length - start < size ? length - start : size);
    }
}

/* The body of a request may have come in pieces before. */
static bool find_body(struct service *service, struct service_request *request,
                      struct instant now)
{
    const char *id = "";
    struct err err;

    if (request->length == 0 || request->length > MARGIN_BYTES ||
        api_decode_upload(request->bytes, request->length, request->arena, &id, &err) !=
            ERR_OK ||
        id[0] == '\0') {
        return true;
    }
    request->bytes = parts_find(service->parts, id, now, &request->length);
    if (request->bytes == NULL) {
        if (err_set(&err, ERR_NOTFOUND, "message %s is not here: send it again", id) !=
            ERR_OK) {
            api_encode_error(&err, "", request->reply);
        }
        return false;
    }
    return true;
}

static void take_api(struct service *service, const struct mail *mail,
                     struct service_request *request, struct instant now)
{
    const struct tokens tokens = split_subject(service, mail->subject, request->arena);

    if (strcmp(tokens.items[0], "fetch") == 0) {
        send_piece(service, &tokens, mail, now);
        return;
    }
    if (strcmp(tokens.items[0], "part") == 0) {
        take_part(service, &tokens, mail, now, request->reply);
    } else if (find_body(service, request, now)) {
        service_api(request, tokens.count > 2 ? "" : tokens.items[0], tokens.items[1]);
    }
    send_reply(service, mail, request->reply, now);
}

/* Serve wadm's API, and have commands sent, while nobody else does. */
static void follow_rival(struct service *service)
{
    struct bus *bus = reconciler_bus(service->reconciler);
    const enum rival_state state = rival_state(service->rival);
    struct arena arena = {0};
    struct err err;

    reconciler_suspend(service->reconciler, rival_text(service->rival));
    if (service->is_wadm && state != RIVAL_NONE) {
        bus_unsubscribe(bus, mail_tag(OWNER_WADM, 0));
    } else if (!service->is_wadm && state == RIVAL_NONE &&
               bus_serve(
                   bus, arena_print(&arena, "%s.%s.>", service->prefix, service->lattice),
                   "wadm_server", mail_tag(OWNER_WADM, 0), &err) != ERR_OK) {
        log_say(LOG_LEVEL_ERROR, "wadm's API is not served", "reason", err.message, NULL);
    }
    service->is_wadm = state == RIVAL_NONE;
    arena_free(&arena);
}

/* Who is there, and how it does: see micro.h. */
static void take_micro(struct service *service, const struct mail *mail)
{
    const struct micro_service micro = {
        .id = store_identity(reconciler_store(service->reconciler)),
        .version = TRELLIS_VERSION,
        .lattice = service->lattice,
        .started_unix_ms = service->started_unix_ms,
        .endpoints = service->endpoints,
        .count = service->is_wadm ? ENDPOINTS_COUNT : ENDPOINT_WADM,
    };
    struct arena arena = {0};
    struct text reply;

    text_init(&reply, &arena, MESSAGE_BYTES_MAX);
    if (micro_answer(&micro, mail->subject, &reply)) {
        send_bytes(service, mail, reply.bytes, reply.count);
    }
    arena_free(&arena);
}

/* Our replies say what they are right behind the schema, wadm's at the very start. */
static bool is_refusal(const struct text *reply)
{
    static const char *const starts[] = {"{\"schema\":1,\"result\":\"error\"",
                                         "{\"result\":\"error\""};

    return strncmp(reply->bytes, starts[0], strlen(starts[0])) == 0 ||
           strncmp(reply->bytes, starts[1], strlen(starts[1])) == 0;
}

static void serve(struct service *service, const struct mail *mail,
                  struct service_request *request, struct instant now)
{
    const bool is_wadm = mail_owner(mail) == OWNER_WADM;
    struct micro_endpoint *endpoint =
        &service->endpoints[is_wadm ? ENDPOINT_WADM : ENDPOINT_API];
    const int64_t begun_us = clock_us();

    if (is_wadm) {
        service_wadm(request, bus_payload_max(reconciler_bus(service->reconciler)));
        send_bytes(service, mail, request->reply->bytes, request->reply->count);
    } else {
        take_api(service, mail, request, now);
    }
    endpoint->requests++;
    endpoint->errors += is_refusal(request->reply);
    endpoint->spent_us += clock_us() - begun_us;
}

/* Was this very request answered before?  Then it is again. */
static bool answer_again(struct service *service, const struct mail *mail,
                         struct instant now)
{
    const char *id = mail->headers[HEADER_MESSAGE_ID];
    struct arena arena = {0};
    const char *bytes = NULL;
    struct text reply;
    size_t length = 0;

    if (id[0] != '\0') {
        bytes = replays_find(service->replays, mail->subject, id, now, &length);
    }
    if (bytes != NULL) {
        text_init(&reply, &arena, MESSAGE_BYTES_MAX);
        text_append_bytes(&reply, bytes, length);
        send_reply(service, mail, &reply, now);
        arena_free(&arena);
    }
    return bytes != NULL;
}

static void keep_reply(struct service *service, const struct mail *mail,
                       const struct text *reply, struct instant now)
{
    const struct replay replay = {mail->subject, mail->headers[HEADER_MESSAGE_ID],
                                  reply->bytes, reply->count};

    if (replay.id[0] != '\0' && reply->count > 0) {
        replays_keep(service->replays, &replay, now);
    }
}

static void take_request(struct service *service, const struct mail *mail,
                         struct instant now)
{
    struct arena arena = {0};
    struct text reply;
    struct service_request request = {
        .reconciler = service->reconciler,
        .prefix = service->prefix,
        .lattice = service->lattice,
        .manifests = service->manifests,
        .subject = mail->subject,
        .content_type = mail->headers[HEADER_CONTENT_TYPE],
        .bytes = mail->bytes,
        .length = mail->length,
        .arena = &arena,
        .reply = &reply,
    };

    if (mail_owner(mail) == OWNER_MICRO) {
        take_micro(service, mail);
        return;
    }
    if (answer_again(service, mail, now)) {
        return;
    }
    status_feed_look(service->status_feed);
    text_init(&reply, &arena, MESSAGE_BYTES_MAX);
    serve(service, mail, &request, now);
    keep_reply(service, mail, &reply, now);
    arena_free(&arena);
}

/* However many wait, the lattice has its turn again soon. */
static void serve_requests(struct service *service, int64_t span_us)
{
    const int64_t until_us = clock_us() + span_us;
    struct mail *mail;

    do {
        mail = bus_take_request(reconciler_bus(service->reconciler));
        /* A second daemon answers nobody before it has found out that it is one. */
        if (mail != NULL && reconciler_is_writer(service->reconciler)) {
            take_request(service, mail, clock_now());
        }
        mail_free(mail);
    } while (mail != NULL && clock_us() < until_us);
}

/* Tell who asked that too many did. */
static void refuse_excess(struct service *service, const struct mail *mail)
{
    const bool is_wadm = mail_owner(mail) == OWNER_WADM;
    struct micro_endpoint *endpoint =
        &service->endpoints[is_wadm ? ENDPOINT_WADM : ENDPOINT_API];
    struct arena arena = {0};
    struct text reply;
    struct err err;

    if (mail_owner(mail) == OWNER_MICRO) {
        return; /* who looks about finds others */
    }
    endpoint->requests++;
    endpoint->errors++;
    text_init(&reply, &arena, MESSAGE_BYTES_MAX);
    if (err_set(&err, ERR_BUSY,
                "The daemon is busy: %d requests wait already; try again in a moment",
                MAILBOX_REQUESTS_MAX) == ERR_BUSY &&
        is_wadm) {
        service_wadm_refuse(service->prefix, mail->subject, &err, &reply);
    } else {
        api_encode_error(&err, "", &reply);
    }
    send_bytes(service, mail, reply.bytes, reply.count);
    arena_free(&arena);
}

/* The server will not deliver what was asked for. */
static void tell_denial(const struct mail *mail)
{
    if (mail_owner(mail) == OWNER_MICRO) {
        log_say(LOG_LEVEL_INFO,
                "the NATS server does not let this daemon be discovered: nats micro ls "
                "will not show it",
                "subject", mail->subject, "reason", mail->bytes, NULL);
    } else {
        log_say(LOG_LEVEL_ERROR,
                "the NATS server refuses to deliver requests: check the "
                "permissions of this user",
                "subject", mail->subject, "reason", mail->bytes, NULL);
    }
}

void service_take(void *context, const struct mail *mail, struct instant now)
{
    struct service *service = context;
    const uint32_t owner = mail_owner(mail);

    rival_take(service->rival, mail, now);
    follow_rival(service);
    status_feed_take(service->status_feed, mail, now);
    if (owner != OWNER_WADM && owner != OWNER_API && owner != OWNER_MICRO) {
        return;
    }
    if (mail->kind == MAIL_EXCESS) {
        refuse_excess(service, mail);
    } else if (mail->kind == MAIL_DENIED) {
        tell_denial(mail);
    }
}

void service_turn(struct service *service)
{
    if (reconciler_is_writer(service->reconciler)) {
        rival_at_deadline(service->rival, clock_now());
        follow_rival(service);
    }
    serve_requests(service, SERVE_US_MAX);
    status_feed_turn(service->status_feed);
}

/* Who asks does not wait until all that hosts have to say is dealt with. */
static void take_pause(void *context)
{
    serve_requests(context, SERVE_PAUSE_US_MAX);
}

struct instant service_deadline(const struct service *service)
{
    const struct instant deadline = status_feed_deadline(service->status_feed);

    return reconciler_is_writer(service->reconciler)
               ? instant_min(deadline, rival_deadline(service->rival))
               : deadline;
}

enum err_code service_open(struct reconciler *reconciler, const char *prefix,
                           const char *lattice, struct service **ret_service,
                           struct err *err)
{
    struct bus *bus = reconciler_bus(reconciler);
    struct service *service = calloc(1, sizeof *service);
    enum err_code code;

    if (service == NULL) {
        abort();
    }
    service->reconciler = reconciler;
    service->prefix = prefix;
    service->lattice = lattice;
    service->parts = parts_new();
    service->status_feed = status_feed_new(reconciler, lattice);
    service->replays = replays_new();
    service->rival = rival_new(bus, prefix, lattice);
    follow_rival(service);
    service->started_unix_ms = clock_unix_ms();
    service->endpoints[ENDPOINT_API] = (struct micro_endpoint){
        .name = "trellis",
        .subject = arena_print(&service->arena, "trellis.api.%s.>", lattice),
        .queue = "",
    };
    service->endpoints[ENDPOINT_WADM] = (struct micro_endpoint){
        .name = "wadm",
        .subject = arena_print(&service->arena, "%s.%s.>", prefix, lattice),
        .queue = "wadm_server",
    };
    code = bus_serve(bus, service->endpoints[ENDPOINT_API].subject, NULL,
                     mail_tag(OWNER_API, 0), err);
    if (code == ERR_OK) {
        code = bus_serve(bus, MICRO_SUBJECT ".>", NULL, mail_tag(OWNER_MICRO, 0), err);
    }
    if (code != ERR_OK) {
        service_close(service);
        return code;
    }
    reconciler_serve(reconciler, service_take, take_pause, service);
    *ret_service = service;
    return ERR_OK;
}

void service_close(struct service *service)
{
    if (service != NULL) {
        rival_free(service->rival);
        replays_free(service->replays);
        status_feed_free(service->status_feed);
        parts_free(service->parts);
        arena_free(&service->arena);
        free(service);
    }
}
