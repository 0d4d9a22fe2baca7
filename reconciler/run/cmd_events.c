#include <stdio.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/client.h"
#include "reconciler/run/log.h"
#include "reconciler/wire/api_event.h"
#include "reconciler/wire/api_sheet.h"
#include "reconciler/wire/subject.h"

#define RUN_BYTES_MAX ((size_t)64)

/* Who follows, and how far it has come. */
struct reader {
    const struct options *options;
    struct client *client;
    char run[RUN_BYTES_MAX]; /* "": that of the first event or reply */
    uint64_t sequence;       /* of the last event of that */
    bool is_begun;           /* what lies between that and the next was missed */
};

static void move_to(struct reader *reader, const char *run, uint64_t sequence)
{
    (void)snprintf(reader->run, sizeof reader->run, "%s", run);
    reader->sequence = sequence;
    reader->is_begun = true;
}

static bool is_wanted(const struct options *options, const struct api_event *event)
{
    return options->operands.count == 0 ||
           strcmp(options->operands.items[0], event->application) == 0;
}

/* One line, whatever is in it. */
static void show(const struct options *options, const struct api_event *event,
                 struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    if (options->is_json) {
        api_encode_event(event, &text);
    } else {
        text_append_escaped(&text, event->at, strlen(event->at));
        text_append(&text, " ");
        text_append_escaped(&text, event->application, strlen(event->application));
        text_append(&text, "%s", event->application[0] != '\0' ? " " : "");
        text_append_escaped(&text, event->text, strlen(event->text));
    }
    (void)printf("%s\n", text.bytes);
    (void)fflush(stdout);
}

static enum err_code read_event(const char *bytes, size_t length, struct arena *arena,
                                struct api_event *ret_event)
{
    struct err err;
    const enum err_code code = api_decode_event(bytes, length, arena, ret_event, &err);

    if (code != ERR_OK) {
        log_say(LOG_LEVEL_WARNING, "an event is none", "reason", err.message, NULL);
    }
    return code;
}

/* Say what is missing before the number oldest of run. */
static void tell_missed(const struct reader *reader, const char *run, uint64_t oldest,
                        struct arena *arena)
{
    const bool is_same_run = reader->run[0] == '\0' || strcmp(reader->run, run) == 0;
    const uint64_t seen = is_same_run ? reader->sequence : 0;

    if (!is_same_run) {
        log_say(LOG_LEVEL_WARNING,
                "the daemon was started again: what was missed before that is not known",
                NULL);
    }
    if (oldest > seen + 1) {
        log_say(LOG_LEVEL_WARNING, "events were missed: see trellis status", "count",
                arena_print(arena, "%llu", (unsigned long long)(oldest - seen - 1)),
                NULL);
    }
}

static void show_kept(struct reader *reader, const struct api_events *events,
                      struct arena *arena)
{
    tell_missed(reader, events->run, events->oldest, arena);
    for (size_t i = 0; i < events->events.count; i++) {
        const char *text = events->events.items[i];
        struct api_event event;

        if (read_event(text, strlen(text), arena, &event) == ERR_OK &&
            is_wanted(reader->options, &event)) {
            show(reader->options, &event, arena);
        }
    }
    move_to(reader, events->run, events->newest);
}

/* Show what the daemon keeps of what was missed.  What comes meanwhile is dropped, and
 * in the reply. */
static enum err_code catch_up(struct reader *reader, struct err *err)
{
    const struct api_params params = {
        .since = reader->sequence,
        .run = reader->run[0] != '\0' ? reader->run : NULL,
    };
    struct client_request request = {.verb = "events"};
    struct arena arena = {0};
    struct client_reply reply;
    struct api_events events;
    struct text body;
    enum err_code code;

    text_init(&body, &arena, MESSAGE_BYTES_MAX);
    api_encode_params(&params, &body);
    request.bytes = body.bytes;
    request.length = body.count;
    code = client_ask(reader->client, &request, &arena, &reply, err);
    if (code == ERR_OK) {
        code = api_decode_events(reply.bytes, reply.length, &arena, &events, err);
    }
    if (code == ERR_OK) {
        show_kept(reader, &events, &arena);
    }
    arena_free(&arena);
    return code;
}

static bool is_next(const struct reader *reader, const struct api_event *event)
{
    return !reader->is_begun || (strcmp(reader->run, event->run) == 0 &&
                                 event->sequence == reader->sequence + 1);
}

static bool is_seen(const struct reader *reader, const struct api_event *event)
{
    return reader->is_begun && strcmp(reader->run, event->run) == 0 &&
           event->sequence <= reader->sequence;
}

/* Show an event, and before it those between it and the last one. */
static enum err_code take(struct reader *reader, const struct client_reply *message,
                          struct arena *arena, struct err *err)
{
    struct api_event event;
    enum err_code code = ERR_OK;

    if (read_event(message->bytes, message->length, arena, &event) != ERR_OK ||
        is_seen(reader, &event)) {
        return ERR_OK;
    }
    if (!is_next(reader, &event)) {
        code = catch_up(reader, err);
    }
    if (code != ERR_OK && code != ERR_TIMEOUT) {
        log_say(LOG_LEVEL_WARNING, "what was missed cannot be asked for", "reason",
                err->message, NULL);
        tell_missed(reader, event.run, event.sequence, arena);
        code = ERR_OK;
    }
    if (code == ERR_OK && !is_seen(reader, &event)) {
        move_to(reader, event.run, event.sequence);
        if (is_wanted(reader->options, &event)) {
            show(reader->options, &event, arena);
        }
    }
    return code;
}

static enum err_code begin(struct reader *reader, struct err *err)
{
    const char *lattice = reader->options->lattice;
    struct arena arena = {0};
    bool is_there = false;
    enum err_code code = client_find_daemon(reader->client, &is_there, err);

    if (code == ERR_OK) {
        code =
            client_follow(reader->client,
                          subject_build(&arena, SUBJECT_EVENT, lattice, NULL, NULL), err);
    }
    if (code == ERR_OK && !is_there) {
        log_say(LOG_LEVEL_WARNING, "no daemon answers: its events are waited for",
                "lattice", lattice, NULL);
    } else if (code == ERR_OK) {
        log_say(LOG_LEVEL_INFO, "following", "lattice", lattice, NULL);
    }
    if (code == ERR_OK && reader->options->is_since) {
        move_to(reader,
                reader->options->since_run != NULL ? reader->options->since_run : "",
                reader->options->since);
        code = is_there ? catch_up(reader, err) : ERR_OK;
    }
    arena_free(&arena);
    return code;
}

static enum err_code follow(struct reader *reader, struct err *err)
{
    bool is_ended = false;
    enum err_code code = begin(reader, err);

    while (code == ERR_OK && !is_ended) {
        struct arena arena = {0};
        struct client_reply message;

        code = client_next(reader->client, &arena, &message, err);
        is_ended = message.bytes == NULL;
        if (code == ERR_OK && !is_ended) {
            code = take(reader, &message, &arena, err);
        }
        arena_free(&arena);
    }
    return code;
}

static int run(const struct options *options)
{
    struct reader reader = {.options = options};
    struct err err;
    enum err_code code = client_open(options, &reader.client, &err);

    if (code == ERR_OK) {
        code = follow(&reader, &err);
        client_close(reader.client);
    }
    return code == ERR_OK ? EXIT_DONE : cli_fail(options, &err);
}

const struct cli_command cmd_events = {
    .name = "events",
    .verb = VERB_EVENTS,
    .run = run,
    .usage = "[APPLICATION]",
    .operands_max = 1,
    .summary = "follow what the daemon decides and what changes",
};
