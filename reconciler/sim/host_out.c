#include "reconciler/sim/host_out.h"

#include <assert.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/sim/id.h"

void sim_out_publish(struct sim_host *host, const char *subject, const char *bytes,
                     size_t length)
{
    const struct sim_effect effect = {
        .kind = SIM_PUBLISH, .subject = subject, .bytes = bytes, .length = length};

    assert(subject[0] != '\0');
    sim_outbox_push(&host->outbox, &effect);
}

/* The envelope of every reply; response NULL: none. */
static void reply(struct sim_host *host, const struct sim_work *work, bool is_success,
                  const char *message, const char *response)
{
    struct arena arena = {0};
    struct text text;

    if (work->reply[0] == '\0') {
        return;
    }
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    text_append(&text, "{\"success\":%s,\"message\":", is_success ? "true" : "false");
    text_append_json(&text, message);
    if (response != NULL) {
        text_append(&text, ",\"response\":");
        assert(is_success && response[0] != '\0');
        text_append_bytes(&text, response, strlen(response));
    }
    text_append(&text, "}");
    sim_out_publish(host, work->reply, text.bytes, text.count);
    arena_free(&arena);
}

void sim_out_accept(struct sim_host *host, const struct sim_work *work,
                    const char *message)
{
    reply(host, work, true, message, NULL);
}

void sim_out_refuse(struct sim_host *host, const struct sim_work *work,
                    const char *message)
{
    assert(message[0] != '\0');
    reply(host, work, false, message, NULL);
}

void sim_out_respond(struct sim_host *host, const struct sim_work *work,
                     const char *response)
{
    reply(host, work, true, "", response);
}

void sim_out_event(struct sim_host *host, const char *name, const char *data)
{
    const int64_t unix_ms = host->epoch_unix_ms + host->now.ms;
    struct arena arena = {0};
    struct text text;

    assert(name[0] != '\0' && data[0] == '{');
    if (host->is_muted) {
        return;
    }
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    text_append(&text, "{\"specversion\":\"1.0\",\"id\":\"");
    sim_id_print_event(&host->prng, unix_ms, &text);
    text_append(&text, "\",\"type\":\"com.wasmcloud.lattice.%s\",\"source\":\"%s\"", name,
                host->id);
    text_append(&text, ",\"datacontenttype\":\"application/json\",\"time\":\"");
    sim_id_print_time(unix_ms, &text);
    text_append(&text, "\",\"data\":");
    text_append_bytes(&text, data, strlen(data));
    text_append(&text, "}");
    sim_out_publish(host, arena_print(&arena, "wasmbus.evt.%s.%s", host->lattice, name),
                    text.bytes, text.count);
    arena_free(&arena);
}
