#include <stdio.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/client.h"
#include "reconciler/run/log.h"
#include "reconciler/wire/api_event.h"
#include "reconciler/wire/subject.h"

#define RUN_BYTES_MAX ((size_t)64)

/* Which event was seen last. */
struct seen_event {
    char run[RUN_BYTES_MAX]; /* "": none was */
    uint64_t sequence;
};

/* Say what lies between last and event, and go on there. */
static void advance(struct seen_event *last, const struct api_event *event)
{
    struct arena arena = {0};
    const bool is_same_run = strcmp(last->run, event->run) == 0;
    const uint64_t seen = is_same_run ? last->sequence : 0;
    const uint64_t missed = event->sequence > seen + 1 ? event->sequence - seen - 1 : 0;

    if (last->run[0] != '\0' && !is_same_run) {
        log_say(LOG_LEVEL_WARNING,
                "the daemon was started again: what was missed before that is not known",
                NULL);
    }
    if (last->run[0] != '\0' && missed > 0) {
        log_say(LOG_LEVEL_WARNING, "events were missed: see trellis status", "count",
                arena_print(&arena, "%llu", (unsigned long long)missed), NULL);
    }
    (void)snprintf(last->run, sizeof last->run, "%s", event->run);
    last->sequence = event->sequence;
    arena_free(&arena);
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

static void take(const struct options *options, const struct client_reply *message,
                 struct seen_event *last, struct arena *arena)
{
    struct api_event event;
    struct err err;

    if (api_decode_event(message->bytes, message->length, arena, &event, &err) !=
        ERR_OK) {
        log_say(LOG_LEVEL_WARNING, "an event is none", "reason", err.message, NULL);
        return;
    }
    advance(last, &event);
    if (is_wanted(options, &event)) {
        show(options, &event, arena);
    }
}

static enum err_code begin(const struct options *options, struct client *client,
                           struct err *err)
{
    struct arena arena = {0};
    bool is_there = false;
    enum err_code code = client_find_daemon(client, &is_there, err);

    if (code == ERR_OK) {
        code = client_follow(
            client, subject_build(&arena, SUBJECT_EVENT, options->lattice, NULL, NULL),
            err);
    }
    if (code == ERR_OK && !is_there) {
        log_say(LOG_LEVEL_WARNING, "no daemon answers: its events are waited for",
                "lattice", options->lattice, NULL);
    } else if (code == ERR_OK) {
        log_say(LOG_LEVEL_INFO, "following", "lattice", options->lattice, NULL);
    }
    arena_free(&arena);
    return code;
}

static enum err_code follow(const struct options *options, struct client *client,
                            struct err *err)
{
    struct seen_event last = {"", 0};
    bool is_ended = false;
    enum err_code code = begin(options, client, err);

    while (code == ERR_OK && !is_ended) {
        struct arena arena = {0};
        struct client_reply message;

        code = client_next(client, &arena, &message, err);
        is_ended = message.bytes == NULL;
        if (code == ERR_OK && !is_ended) {
            take(options, &message, &last, &arena);
        }
        arena_free(&arena);
    }
    return code;
}

static int run(const struct options *options)
{
    struct client *client;
    struct err err;
    enum err_code code = client_open(options, &client, &err);

    if (code == ERR_OK) {
        code = follow(options, client, &err);
        client_close(client);
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
