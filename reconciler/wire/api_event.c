#include "reconciler/wire/api_event.h"

#include <stdlib.h>

#include <jansson.h>

#include "reconciler/wire/api_read.h"
#include "reconciler/wire/json.h"

#define COMMAND_BYTES_MAX ((size_t)4096)

void api_encode_event(const struct api_event *event, struct text *text)
{
    text_append(text, "{");
    json_print_integer(text, "schema", API_SCHEMA);
    json_print_text(text, "run", event->run);
    json_print_integer(text, "sequence", event->sequence);
    json_print_text(text, "at", event->at);
    json_print_text(text, "kind", event->kind);
    json_print_text(text, "application", event->application);
    json_print_text(text, "resource", event->resource);
    json_print_text(text, "key", event->key);
    json_print_text(text, "event", event->event);
    json_print_text(text, "before", event->before);
    json_print_text(text, "text", event->text);
    text_append(text, "}");
}

enum err_code api_decode_event(const char *bytes, size_t length, struct arena *arena,
                               struct api_event *ret_event, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_t *body = api_read_body(&reader, bytes, length);
    struct api_event event = {
        .run = json_find_text(&reader, body, "run", ""),
        .sequence = (uint64_t)json_find_integer(&reader, body, "sequence", INT64_MAX),
        .at = json_find_text(&reader, body, "at", ""),
        .kind = json_find_text(&reader, body, "kind", ""),
        .application = json_find_text(&reader, body, "application", ""),
        .resource = json_find_text(&reader, body, "resource", ""),
        .key = json_find_text(&reader, body, "key", ""),
        .event = json_find_text(&reader, body, "event", ""),
        .before = json_find_text(&reader, body, "before", NULL),
        .text = json_find_text(&reader, body, "text", ""),
    };

    if (body != NULL) {
        json_require(&reader, body, "run");
        json_require(&reader, body, "sequence");
    }
    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_event = event;
    }
    return reader.code;
}

void api_encode_events(const struct api_events *events, struct text *text)
{
    text_append(text, "{");
    json_print_integer(text, "schema", API_SCHEMA);
    json_print_text(text, "result", "ok");
    json_print_text(text, "run", events->run);
    json_print_integer(text, "oldest", events->oldest);
    json_print_integer(text, "newest", events->newest);
    json_print_key(text, "events");
    text_append(text, "[");
    for (size_t i = 0; i < events->events.count; i++) {
        text_append(text, "%s%s", i > 0 ? "," : "", events->events.items[i]);
    }
    text_append(text, "]}");
}

static const char *print_event(struct json_reader *reader, const json_t *event)
{
    char *text = json_dumps(event, JSON_COMPACT | JSON_ENCODE_ANY);
    const char *copy = text != NULL ? arena_copy(reader->arena, text) : "";

    free(text);
    if (copy[0] == '\0') {
        json_fail(reader, ERR_INVALID, "an event that is no JSON");
    }
    return copy;
}

enum err_code api_decode_events(const char *bytes, size_t length, struct arena *arena,
                                struct api_events *ret_events, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    json_t *list = json_find_array(&reader, body, "events");
    const size_t count = json_array_size(list);
    const char **items = arena_array(arena, count, sizeof *items);
    const struct api_events events = {
        .run = json_find_text(&reader, body, "run", ""),
        .oldest = (uint64_t)json_find_integer(&reader, body, "oldest", INT64_MAX),
        .newest = (uint64_t)json_find_integer(&reader, body, "newest", INT64_MAX),
        .events = {items, count},
    };

    for (size_t i = 0; i < count; i++) {
        items[i] = print_event(&reader, json_array_get(list, i));
    }
    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_events = events;
    }
    return reader.code;
}

static void name_resource(const struct command *command, struct arena *arena,
                          struct api_event *event)
{
    const struct link *link = &command->u.link;

    switch (command->kind) {
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
    case COMMAND_ASK_CONFIG:
        event->resource = "config";
        event->key = command->u.config.name;
        return;
    case COMMAND_PUT_LINK:
    case COMMAND_DELETE_LINK:
        event->resource = "link";
        event->key =
            arena_print(arena, "%s -[%s %s:%s]-> %s", link->source_id, link->name,
                        link->wit_namespace, link->wit_package, link->target);
        return;
    case COMMAND_START_PROVIDER:
    case COMMAND_STOP_PROVIDER:
        event->resource = "provider";
        event->key = command->u.workload.id;
        return;
    case COMMAND_SCALE_COMPONENT:
        event->resource = "component";
        event->key = command->u.workload.id;
        return;
    case COMMAND_MAKE_BUCKET:
        event->resource = "bucket";
        event->key = bucket_name(command->u.bucket.which);
        return;
    case COMMAND_ASK_HOSTS:
    case COMMAND_ASK_LINKS:
    case COMMAND_ASK_HOST:
        event->resource = "host";
        event->key = command->host;
        return;
    }
    abort();
}

struct api_event api_event_of_command(const struct command *command, struct arena *arena)
{
    struct api_event event = {
        .kind = "command",
        .application = command->application,
        .event = command_kind_name(command->kind),
    };
    struct text text;

    name_resource(command, arena, &event);
    text_init(&text, arena, COMMAND_BYTES_MAX);
    command_print(command, &text);
    event.text = arena_text(arena, text.bytes, text.count - 1); /* its newline */
    return event;
}
