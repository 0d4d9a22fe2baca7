#include "reconciler/wire/api_read.h"

#include <string.h>

#include <jansson.h>

#include "reconciler/wire/json.h"

static struct explained_key read_key(struct json_reader *reader, json_t *object)
{
    const char *name = json_find_text(reader, object, "kind", "");
    struct explained_key key = {.name = json_find_text(reader, object, "key", "")};

    for (key.kind = EXPLAINED_APPLICATION; key.kind <= EXPLAINED_HOST; key.kind++) {
        if (strcmp(explained_kind_name(key.kind), name) == 0) {
            return key;
        }
    }
    json_fail(reader, ERR_INVALID, "unknown kind of key");
    key.kind = EXPLAINED_APPLICATION;
    return key;
}

static void read_parts(struct json_reader *reader, json_t *object,
                       struct explanation *item)
{
    json_t *list = json_find_array(reader, object, "parts");
    const size_t count = json_array_size(list);
    struct explained_part *parts = arena_array(reader->arena, count, sizeof *parts);

    for (size_t i = 0; i < count; i++) {
        json_t *part = json_array_get(list, i);

        parts[i] = (struct explained_part){
            .name = json_find_text(reader, part, "name", ""),
            .wanted = (uint32_t)json_find_integer(reader, part, "wanted", UINT32_MAX),
            .running = (uint32_t)json_find_integer(reader, part, "running", UINT32_MAX),
            .image = json_find_text(reader, part, "image", ""),
            .reason = json_find_text(reader, part, "reason", ""),
        };
    }
    item->parts = parts;
    item->parts_count = count;
}

static void read_history(struct json_reader *reader, json_t *object,
                         struct explanation *item)
{
    json_t *list = json_find_array(reader, object, "commands");
    const size_t count = json_array_size(list);
    struct explained_command *commands =
        arena_array(reader->arena, count, sizeof *commands);

    for (size_t i = 0; i < count; i++) {
        json_t *command = json_array_get(list, i);

        commands[i] = (struct explained_command){
            .text = json_find_text(reader, command, "text", ""),
            .sent = api_read_moment(reader, command, "sent"),
            .ended = api_read_moment(reader, command, "ended"),
            .outcome = json_find_text(reader, command, "outcome", ""),
        };
    }
    item->commands = commands;
    item->commands_count = count;
}

static struct explanation read_explanation(struct json_reader *reader, json_t *object)
{
    struct explanation item = {
        .key = read_key(reader, object),
        .desired = json_find_text(reader, object, "wanted", ""),
        .observed = json_find_text(reader, object, "observed", ""),
        .ledger = json_find_text(reader, object, "put", ""),
        .word = json_find_text(reader, object, "status", ""),
        .since = api_read_moment(reader, object, "since"),
        .decision = json_find_text(reader, object, "decision", ""),
        .reason = json_find_text(reader, object, "reason", ""),
        .waits_for = api_read_wait(reader, object),
    };

    read_parts(reader, object, &item);
    read_history(reader, object, &item);
    return item;
}

enum err_code api_decode_explain(const char *bytes, size_t length, struct arena *arena,
                                 struct api_explain_report *ret_report, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    json_t *list = json_find_array(&reader, body, "matches");
    const size_t count = json_array_size(list);
    struct explained_key *matches = arena_array(arena, count, sizeof *matches);
    struct api_explain_report report = {
        .server = json_find_text(&reader, body, "server", ""),
        .lattice = json_find_text(&reader, body, "lattice", ""),
        .sight = json_find_text(&reader, body, "sight", ""),
        .matches = matches,
        .count = count,
        .now = api_read_moment(&reader, body, "time"),
    };

    for (size_t i = 0; i < count; i++) {
        matches[i] = read_key(&reader, json_array_get(list, i));
    }
    if (count == 1) {
        report.explanation =
            read_explanation(&reader, json_find_object(&reader, body, "explanation"));
    }
    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_report = report;
    }
    return reader.code;
}
