#include "test/support_lattice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"

static void begin_log(struct sim_client *client)
{
    text_init(&client->log, &client->arena, MESSAGE_BYTES_MAX);
}

static void mix(struct sim_client *client, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        client->digest ^= (unsigned char)bytes[i];
        client->digest *= UINT64_C(0x100000001b3); /* FNV-1a */
    }
}

static void mix_text(struct sim_client *client, const char *text)
{
    if (text != NULL) {
        mix(client, text, strlen(text));
    }
    mix(client, "", 1);
}

static void mix_number(struct sim_client *client, uint64_t number)
{
    mix_text(client, arena_print(&client->arena, "%llu", (unsigned long long)number));
}

static void mix_message(struct sim_client *client, const struct sim_message *message)
{
    mix_number(client, (uint64_t)message->kind);
    mix_number(client, message->tag);
    mix_number(client, message->sequence);
    mix_number(client, (uint64_t)client->now.ms);
    mix_text(client, message->subject);
    mix_text(client, message->bucket);
    mix_text(client, message->key);
    mix_text(client, message->bytes);
    client->messages_count++;
}

static void log_event(struct sim_client *client, const struct sim_message *message)
{
    const char *data = strstr(message->bytes, "\"data\":");

    assert_non_null(data);
    data += strlen("\"data\":");
    text_append(&client->log, "event %s ", strrchr(message->subject, '.') + 1);
    text_append_bytes(&client->log, data, strlen(data) - 1);
    text_append(&client->log, "\n");
}

static void log_message(struct sim_client *client, const struct sim_message *message)
{
    const unsigned long long tag = (unsigned long long)message->tag;

    switch (message->kind) {
    case SIM_REPLY:
        text_append(&client->log, "reply %llu %s\n", tag, message->bytes);
        return;
    case SIM_NO_RESPONDERS:
        text_append(&client->log, "no-responders %llu\n", tag);
        return;
    case SIM_EVENT:
        log_event(client, message);
        return;
    case SIM_LISTING:
        text_append(&client->log, "listing %s\n", message->bucket);
        return;
    case SIM_ENTRY:
        text_append(&client->log, "entry %s %s %s\n", message->bucket, message->key,
                    message->bytes != NULL ? message->bytes : "(deleted)");
        return;
    case SIM_LISTED:
        text_append(&client->log, "listed %s\n", message->bucket);
        return;
    case SIM_BUCKET_LOST:
        text_append(&client->log, "lost %s\n", message->bucket);
        return;
    case SIM_CONNECTED:
        text_append(&client->log, "connected\n");
        return;
    case SIM_DISCONNECTED:
        text_append(&client->log, "disconnected\n");
        return;
    }
    fail();
}

static void drain(struct sim_client *client)
{
    struct sim_message message;

    while (sim_lattice_take(client->lattice, &message)) {
        mix_message(client, &message);
        log_message(client, &message);
    }
}

void sim_client_open_with(struct sim_client *client,
                          const struct sim_lattice_options *options, size_t hosts)
{
    static const struct property zone = {"zone", "z1"};
    const struct properties labels = {.items = &zone, .count = 1};

    *client = (struct sim_client){.now = {5000}, .digest = UINT64_C(0xcbf29ce484222325)};
    begin_log(client);
    client->lattice = sim_lattice_new(options);
    for (size_t i = 0; i < hosts; i++) {
        (void)sim_lattice_start_host(client->lattice, client->now,
                                     arena_print(&client->arena, "h%zu", i), &labels);
    }
    client->now.ms += 200;
    sim_lattice_connect(client->lattice, client->now);
    sim_client_wait(client, 100);
    begin_log(client);
}

void sim_client_open(struct sim_client *client, uint64_t seed)
{
    const struct sim_lattice_options options = {.lattice = "default", .seed = seed};

    sim_client_open_with(client, &options, 2);
}

void sim_client_close(struct sim_client *client)
{
    sim_lattice_free(client->lattice);
    arena_free(&client->arena);
}

int sim_client_setup(void **state)
{
    static struct sim_client client;

    sim_client_open(&client, 1);
    *state = &client;
    return 0;
}

int sim_client_teardown(void **state)
{
    sim_client_close(*state);
    return 0;
}

void sim_client_wait(struct sim_client *client, int64_t ms)
{
    const int64_t until = client->now.ms + ms;

    for (;;) {
        const struct instant due = sim_lattice_deadline(client->lattice);

        if (due.ms > until) {
            break;
        }
        client->now.ms = due.ms > client->now.ms ? due.ms : client->now.ms;
        sim_lattice_advance(client->lattice, client->now);
        drain(client);
    }
    client->now.ms = until;
    sim_lattice_advance(client->lattice, client->now);
    drain(client);
}

void sim_client_send(struct sim_client *client, const char *verb, const char *body)
{
    const size_t head = strcspn(verb, "{");
    const char *id = "";

    if (verb[head] == '{') {
        const char *name =
            arena_text(&client->arena, verb + head + 1, strcspn(verb + head + 1, "}"));
        const struct sim_host *host = sim_lattice_find_host(client->lattice, name);

        assert_non_null(host);
        id = sim_host_id(host);
    }
    sim_lattice_request(
        client->lattice, client->now,
        arena_print(&client->arena, "wasmbus.ctl.v1.default.%.*s%s", (int)head, verb, id),
        body, strlen(body), ++client->tag);
}

const char *sim_client_ask(struct sim_client *client, const char *verb, const char *body)
{
    const char *log;
    struct text replies;

    begin_log(client);
    sim_client_send(client, verb, body);
    sim_client_wait(client, 20);
    text_init(&replies, &client->arena, MESSAGE_BYTES_MAX);
    for (log = sim_client_take(client); *log != '\0'; log += strcspn(log, "\n") + 1) {
        if (strncmp(log, "reply ", 6) == 0) {
            const char *bytes = strchr(log + 6, ' ') + 1;

            text_append_bytes(&replies, bytes, strcspn(bytes, "\n") + 1);
        } else if (strncmp(log, "no-responders ", 14) == 0) {
            text_append(&replies, "no-responders\n");
        }
    }
    return replies.bytes;
}

const char *sim_client_take(struct sim_client *client)
{
    const char *taken = client->log.bytes;

    begin_log(client);
    return taken;
}

void sim_client_obey(struct sim_client *client, const char *line)
{
    const char *reason = NULL;

    if (!sim_lattice_obey(client->lattice, client->now, line, &reason)) {
        fail_msg("%s: %s", line, reason);
    }
}

const char *sim_client_serves(struct sim_client *client)
{
    struct text text;

    text_init(&text, &client->arena, MESSAGE_BYTES_MAX);
    sim_lattice_print_serving(client->lattice, &text);
    return text.bytes;
}

const char *sim_client_prints(struct sim_client *client)
{
    struct text text;

    text_init(&text, &client->arena, MESSAGE_BYTES_MAX);
    sim_lattice_print(client->lattice, &text);
    return text.bytes;
}

const char *sim_client_get(const struct sim_client *client, const char *bucket,
                           const char *key)
{
    size_t length;
    const char *bytes = sim_lattice_get(client->lattice, bucket, key, &length);

    return bytes != NULL ? bytes : "";
}

size_t sim_client_count(const char *text, const char *part)
{
    size_t found = 0;

    while ((text = strstr(text, part)) != NULL) {
        found++;
        text += strlen(part);
    }
    return found;
}
