#include "reconciler/run/host_nats.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/run/log.h"
#include "reconciler/wire/jetstream.h"

/* As long as the NATS library of real hosts waits for JetStream. */
#define BUCKET_PATIENCE_MS ((int64_t)5000)

/* The owners of a host, from its first. */
enum {
    OWNED_REQUESTS,
    OWNED_READS,
    OWNED_WRITES,
};

struct host_nats {
    struct bus *bus; /* borrowed */
    struct sim_host *host;
    uint32_t owner;
    bool is_listening;
};

struct host_nats *host_nats_new(struct bus *bus, const struct sim_host_options *options,
                                uint32_t owner)
{
    struct host_nats *host = calloc(1, sizeof *host);

    if (host == NULL) {
        abort();
    }
    host->bus = bus;
    host->host = sim_host_new(options);
    host->owner = owner;
    return host;
}

static void stop_listening(struct host_nats *host)
{
    if (host->is_listening) {
        bus_unsubscribe(host->bus, mail_tag(host->owner + OWNED_REQUESTS, 0));
        host->is_listening = false;
    }
}

void host_nats_free(struct host_nats *host)
{
    if (host != NULL) {
        stop_listening(host);
        sim_host_free(host->host);
        free(host);
    }
}

enum err_code host_nats_start(struct host_nats *host, struct instant now, struct err *err)
{
    size_t count;
    const struct sim_subscription *all = sim_host_subscriptions(host->host, &count);

    host->is_listening = true;
    for (size_t i = 0; i < count; i++) {
        const enum err_code code =
            bus_subscribe(host->bus, all[i].subject, all[i].queue,
                          mail_tag(host->owner + OWNED_REQUESTS, 0), err);

        if (code != ERR_OK) {
            return code;
        }
    }
    sim_host_start(host->host, now);
    host_nats_pump(host, now);
    return ERR_OK;
}

struct sim_host *host_nats_host(struct host_nats *host)
{
    return host->host;
}

static void publish(struct host_nats *host, const struct sim_effect *effect)
{
    const struct bus_message message = {
        .subject = effect->subject,
        .bytes = effect->bytes,
        .length = effect->length,
    };
    struct err err;

    if (bus_publish(host->bus, &message, &err) != ERR_OK) {
        log_say(LOG_LEVEL_DEBUG, "a message of a host is lost", "subject",
                effect->subject, "reason", err.message, NULL);
    }
}

static void read_entry(struct host_nats *host, const struct sim_effect *effect,
                       struct instant now)
{
    const struct instant deadline = instant_after(now, BUCKET_PATIENCE_MS);
    struct arena arena = {0};
    const struct bus_message message = {
        .subject = arena_print(&arena, "$JS.API.DIRECT.GET.KV_%s.$KV.%s.%s",
                               effect->bucket, effect->bucket, effect->key),
        .bytes = "",
    };

    if (bus_request(host->bus, &message,
                    mail_tag(host->owner + OWNED_READS, (uint32_t)effect->token),
                    deadline, NULL) != ERR_OK) {
        sim_host_read(host->host, now, effect->token, NULL, 0, true);
    }
    arena_free(&arena);
}

static void write_entry(struct host_nats *host, const struct sim_effect *effect,
                        struct instant now)
{
    const struct instant deadline = instant_after(now, BUCKET_PATIENCE_MS);
    struct arena arena = {0};
    const struct bus_message message = {
        .subject = arena_print(&arena, "$KV.%s.%s", effect->bucket, effect->key),
        .bytes = effect->kind == SIM_WRITE ? effect->bytes : "",
        .length = effect->kind == SIM_WRITE ? effect->length : 0,
        .is_purge = effect->kind == SIM_PURGE,
    };

    if (bus_request(host->bus, &message,
                    mail_tag(host->owner + OWNED_WRITES, (uint32_t)effect->token),
                    deadline, NULL) != ERR_OK) {
        sim_host_written(host->host, now, effect->token, false);
    }
    arena_free(&arena);
}

void host_nats_pump(struct host_nats *host, struct instant now)
{
    struct sim_effect effect;

    while (bus_has_room(host->bus) && sim_host_take(host->host, &effect)) {
        switch (effect.kind) {
        case SIM_PUBLISH:
            publish(host, &effect);
            break;
        case SIM_READ:
            read_entry(host, &effect, now);
            break;
        case SIM_WRITE:
        case SIM_PURGE:
            write_entry(host, &effect, now);
            break;
        case SIM_LEAVE:
            break;
        }
    }
    if (!sim_host_is_running(host->host)) {
        stop_listening(host);
    }
}

static void take_entry(struct host_nats *host, const struct mail *mail,
                       struct instant now)
{
    const bool is_answer = mail->kind == MAIL_ANSWER;
    const bool is_there = is_answer && mail->headers[HEADER_STATUS][0] == '\0' &&
                          mail->headers[HEADER_OPERATION][0] == '\0';

    sim_host_read(host->host, now, mail_number(mail), is_there ? mail->bytes : NULL,
                  is_there ? mail->length : 0, !is_answer);
}

static void take_acknowledgement(struct host_nats *host, const struct mail *mail,
                                 struct instant now)
{
    struct arena arena = {0};
    struct wire_jetstream answer;
    const bool is_done = mail->kind == MAIL_ANSWER &&
                         wire_decode_jetstream(mail->bytes, mail->length, &arena, &answer,
                                               NULL) == ERR_OK &&
                         answer.error_code == 0;

    sim_host_written(host->host, now, mail_number(mail), is_done);
    arena_free(&arena);
}

void host_nats_take(struct host_nats *host, const struct mail *mail, struct instant now)
{
    const uint32_t owner = mail_owner(mail);

    if (owner < host->owner || owner >= host->owner + HOST_NATS_OWNERS ||
        !sim_host_is_running(host->host)) {
        return;
    }
    if (owner == host->owner + OWNED_READS) {
        take_entry(host, mail, now);
    } else if (owner == host->owner + OWNED_WRITES) {
        take_acknowledgement(host, mail, now);
    } else if (mail->kind == MAIL_MESSAGE) {
        sim_host_request(host->host, now, mail->subject, mail->reply, mail->bytes,
                         mail->length);
    } else if (mail->kind == MAIL_DENIED) {
        log_say(LOG_LEVEL_ERROR,
                "the NATS server refuses: check the permissions of this user", "subject",
                mail->subject, "reason", mail->bytes, NULL);
    }
}

void host_nats_at_deadline(struct host_nats *host, struct instant now)
{
    sim_host_advance(host->host, now);
    host_nats_pump(host, now);
}

struct instant host_nats_deadline(const struct host_nats *host)
{
    /* Without room the next answer is waited for, and not the clock. */
    return bus_has_room(host->bus) ? sim_host_deadline(host->host) : INSTANT_NEVER;
}
