#include "reconciler/wire/api_read.h"

#include <string.h>

#include <jansson.h>

#include "reconciler/wire/json.h"
#include "reconciler/wire/utc.h"

#define LINES_MAX INT64_C(0xffffffff)

json_t *api_read_body(struct json_reader *reader, const char *bytes, size_t length)
{
    json_t *body = json_read_object(reader, bytes, length);

    if (body == NULL) {
        return NULL;
    }
    json_require(reader, body, "schema");
    if (json_find_integer(reader, body, "schema", INT64_MAX) > API_SCHEMA) {
        json_fail(reader, ERR_INVALID,
                  "the message is of a newer schema than %d: update this trellis",
                  API_SCHEMA);
    }
    return body;
}

/* The error that body carries, if it carries one, becomes the reader's. */
static void read_error(struct json_reader *reader, json_t *body)
{
    const char *result = json_find_text(reader, body, "result", "");
    const char *source = json_find_text(reader, body, "source", "");
    const struct place place = {
        .line = (uint32_t)json_find_integer(reader, body, "line", LINES_MAX),
        .column = (uint32_t)json_find_integer(reader, body, "column", LINES_MAX),
    };

    if (reader->code == ERR_OK && strcmp(result, "ok") != 0) {
        const enum err_code code =
            err_code_from_name(json_find_text(reader, body, "code", "io"));

        /* Not ok, whatever it calls itself. */
        json_fail(reader, code != ERR_OK ? code : ERR_IO, "%s",
                  json_find_text(reader, body, "message", "no reason given"));
        err_locate(reader->err, source, place);
    }
}

json_t *api_read_reply(struct json_reader *reader, const char *bytes, size_t length,
                       const char **ret_findings)
{
    json_t *body = api_read_body(reader, bytes, length);

    *ret_findings = json_find_text(reader, body, "findings", "");
    if (body != NULL) {
        read_error(reader, body);
    }
    return body;
}

static void read_expected(struct json_reader *reader, json_t *body,
                          struct api_manifests *manifests)
{
    json_t *list = json_find_array(reader, body, "expected");
    const size_t count = json_array_size(list);
    struct api_expected *items = arena_array(reader->arena, count, sizeof *items);

    for (size_t i = 0; i < count; i++) {
        json_t *item = json_array_get(list, i);

        json_require(reader, item, "name");
        items[i].application = json_find_text(reader, item, "name", "");
        items[i].version = json_find_text(reader, item, "version", NULL);
        items[i].digest = json_find_text(reader, item, "digest", NULL);
    }
    manifests->expected = items;
    manifests->expected_count = count;
}

enum err_code api_decode_manifests(const char *bytes, size_t length, struct arena *arena,
                                   struct api_manifests *ret_manifests, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_t *body = api_read_body(&reader, bytes, length);
    json_t *list = json_find_array(&reader, body, "manifests");
    const size_t count = json_array_size(list);
    struct api_manifest *items = arena_array(arena, count, sizeof *items);
    struct api_manifests read = {
        .is_dry_run = json_find_bool(&reader, body, "dry_run"),
    };

    for (size_t i = 0; i < count; i++) {
        json_t *item = json_array_get(list, i);

        json_require(&reader, item, "source");
        json_require(&reader, item, "text");
        items[i].source = json_find_text(&reader, item, "source", "");
        items[i].text = json_find_text(&reader, item, "text", "");
        items[i].length = strlen(items[i].text);
        items[i].way = "api";
        items[i].author = json_find_text(&reader, item, "author", NULL);
    }
    read.items = items;
    read.count = count;
    read_expected(&reader, body, &read);
    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_manifests = read;
    }
    return reader.code;
}

enum err_code api_decode_apply(const char *bytes, size_t length, struct arena *arena,
                               struct api_apply_report *ret_report, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    json_t *list = json_find_array(&reader, body, "applications");
    const size_t count = json_array_size(list);
    struct api_applied *items = arena_array(arena, count, sizeof *items);
    struct api_apply_report report;

    for (size_t i = 0; i < count; i++) {
        json_t *item = json_array_get(list, i);

        items[i].application = json_find_text(&reader, item, "name", "");
        items[i].version = json_find_text(&reader, item, "version", "");
        items[i].result = json_find_text(&reader, item, "change", "");
        items[i].revision =
            (uint64_t)json_find_integer(&reader, item, "revision", INT64_MAX);
        items[i].users = json_find_names(&reader, item, "users");
    }
    report = (struct api_apply_report){
        .items = items,
        .count = count,
        .findings = findings,
        .by = json_find_text(&reader, body, "by", ""),
        .commands_count =
            (uint64_t)json_find_integer(&reader, body, "commands", INT64_MAX),
        .is_dry_run = json_find_bool(&reader, body, "dry_run"),
    };
    json_decref(body);
    *ret_report =
        reader.code == ERR_OK ? report : (struct api_apply_report){.findings = findings};
    return reader.code;
}

static enum ledger_kind read_kind(struct json_reader *reader, json_t *object)
{
    const char *name = json_find_text(reader, object, "kind", "");

    for (int kind = LEDGER_CONFIG; kind <= LEDGER_PROVIDER; kind++) {
        if (strcmp(api_kind_name((enum ledger_kind)kind), name) == 0) {
            return (enum ledger_kind)kind;
        }
    }
    json_fail(reader, ERR_INVALID, "unknown kind of resource");
    return LEDGER_CONFIG;
}

static enum status_word read_word(struct json_reader *reader, json_t *object)
{
    const char *name = json_find_text(reader, object, "status", "");

    for (int word = STATUS_DEPLOYED; word <= STATUS_FAILED; word++) {
        if (strcmp(status_word_name((enum status_word)word), name) == 0) {
            return (enum status_word)word;
        }
    }
    json_fail(reader, ERR_INVALID, "unknown status word");
    return STATUS_BLIND;
}

struct instant api_read_moment(struct json_reader *reader, json_t *object,
                               const char *key)
{
    const char *text = json_find_text(reader, object, key, NULL);
    struct instant moment = INSTANT_NEVER;

    if (text != NULL && !utc_read(text, &moment.ms)) {
        json_fail(reader, ERR_INVALID, "'%s' is no moment", key);
    }
    return moment;
}

struct status_wait api_read_wait(struct json_reader *reader, json_t *object)
{
    json_t *wait = json_find_object(reader, object, "waits_for");

    return (struct status_wait){
        .kind = json_find_text(reader, wait, "kind", NULL),
        .name = json_find_text(reader, wait, "name", NULL),
    };
}

static struct resource_status read_resource(struct json_reader *reader, json_t *object)
{
    return (struct resource_status){
        .kind = read_kind(reader, object),
        .name = json_find_text(reader, object, "name", ""),
        .id = json_find_text(reader, object, "id", ""),
        .wanted = json_find_text(reader, object, "wanted", ""),
        .where = json_find_text(reader, object, "where", ""),
        .origin =
            {
                .source = json_find_text(reader, object, "source", ""),
                .place =
                    {
                        (uint32_t)json_find_integer(reader, object, "line", LINES_MAX),
                        (uint32_t)json_find_integer(reader, object, "column", LINES_MAX),
                    },
            },
        .scaler_id = "",
        .word = read_word(reader, object),
        .since = api_read_moment(reader, object, "since"),
        .is_conflict = json_find_bool(reader, object, "conflict"),
        .reason = json_find_text(reader, object, "reason", ""),
        .waits_for = api_read_wait(reader, object),
    };
}

static struct api_application read_application(struct json_reader *reader, json_t *object)
{
    json_t *list = json_find_array(reader, object, "resources");
    const size_t count = json_array_size(list);
    struct resource_status *resources =
        arena_array(reader->arena, count, sizeof *resources);
    const struct instant paused = api_read_moment(reader, object, "paused");

    for (size_t i = 0; i < count; i++) {
        resources[i] = read_resource(reader, json_array_get(list, i));
    }
    return (struct api_application){
        .version = json_find_text(reader, object, "version", ""),
        .deployed = json_find_text(reader, object, "deployed", ""),
        .revision = (uint64_t)json_find_integer(reader, object, "revision", INT64_MAX),
        .digest = json_find_text(reader, object, "digest", NULL),
        .paused_unix_ms = paused.ms != INSTANT_NEVER.ms ? paused.ms : 0,
        .status =
            {
                .application = json_find_text(reader, object, "name", ""),
                .word = read_word(reader, object),
                .since = api_read_moment(reader, object, "since"),
                .is_conflict = json_find_bool(reader, object, "conflict"),
                .reason = json_find_text(reader, object, "reason", ""),
                .waits_for = api_read_wait(reader, object),
                .resources = resources,
                .resources_count = count,
            },
    };
}

enum err_code api_decode_status(const char *bytes, size_t length, struct arena *arena,
                                struct api_status_report *ret_report, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    json_t *list = json_find_array(&reader, body, "applications");
    const size_t count = json_array_size(list);
    struct api_application *items = arena_array(arena, count, sizeof *items);
    const struct api_status_report report = {
        .server = json_find_text(&reader, body, "server", ""),
        .lattice = json_find_text(&reader, body, "lattice", ""),
        .sight = json_find_text(&reader, body, "sight", ""),
        .notes = json_find_names(&reader, body, "notes"),
        .now = api_read_moment(&reader, body, "time"),
        .items = items,
        .count = count,
    };

    for (size_t i = 0; i < count; i++) {
        items[i] = read_application(&reader, json_array_get(list, i));
    }
    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_report = report;
    }
    return reader.code;
}

static struct api_planned *read_commands(struct json_reader *reader, json_t *list,
                                         size_t count)
{
    struct api_planned *items = arena_array(reader->arena, count, sizeof *items);

    for (size_t i = 0; i < count; i++) {
        json_t *item = json_array_get(list, i);

        items[i].kind = json_find_text(reader, item, "kind", "");
        items[i].application = json_find_text(reader, item, "application", "");
        items[i].text = json_find_text(reader, item, "text", "");
    }
    return items;
}

static struct api_obstacle *read_obstacles(struct json_reader *reader, json_t *list,
                                           size_t count)
{
    struct api_obstacle *items = arena_array(reader->arena, count, sizeof *items);

    for (size_t i = 0; i < count; i++) {
        json_t *item = json_array_get(list, i);

        items[i].application = json_find_text(reader, item, "application", "");
        items[i].resource = json_find_text(reader, item, "resource", "");
        items[i].reason = json_find_text(reader, item, "reason", "");
    }
    return items;
}

enum err_code api_decode_plan(const char *bytes, size_t length, struct arena *arena,
                              struct api_plan_report *ret_report, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    json_t *commands = json_find_array(&reader, body, "commands");
    json_t *obstacles = json_find_array(&reader, body, "obstacles");
    const struct api_plan_report report = {
        .items = read_commands(&reader, commands, json_array_size(commands)),
        .count = json_array_size(commands),
        .obstacles = read_obstacles(&reader, obstacles, json_array_size(obstacles)),
        .obstacles_count = json_array_size(obstacles),
        .findings = findings,
    };

    json_decref(body);
    *ret_report =
        reader.code == ERR_OK ? report : (struct api_plan_report){.findings = findings};
    return reader.code;
}

enum err_code api_decode_delete(const char *bytes, size_t length, struct arena *arena,
                                struct api_removal *ret_removal, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    const struct api_removal removal = {
        .application = json_find_text(&reader, body, "application", ""),
        .waits = json_find_text(&reader, body, "waits", ""),
        .users = json_find_names(&reader, body, "users"),
    };

    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_removal = removal;
    }
    return reader.code;
}

enum err_code api_decode_prune(const char *bytes, size_t length, struct arena *arena,
                               struct api_pruning *ret_pruning, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    const struct api_pruning pruning = {
        .held = json_find_names(&reader, body, "held"),
        .reason = json_find_text(&reader, body, "reason", ""),
        .is_confirmed = json_find_bool(&reader, body, "confirmed"),
    };

    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_pruning = pruning;
    }
    return reader.code;
}

enum err_code api_decode_done(const char *bytes, size_t length, struct arena *arena,
                              struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;

    json_decref(api_read_reply(&reader, bytes, length, &findings));
    return reader.code;
}

enum err_code api_decode_upload(const char *bytes, size_t length, struct arena *arena,
                                const char **ret_id, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_t *body = api_read_body(&reader, bytes, length);
    const char *id = json_find_text(&reader, body, "upload", "");

    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_id = id;
    }
    return reader.code;
}

// NOLINTNEXTLINE(readability-function-size): bytes and length are one thing
enum err_code api_decode_pieces(const char *bytes, size_t length, struct arena *arena,
                                const char **ret_id, uint32_t *ret_count, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_t *body = api_read_body(&reader, bytes, length);
    const bool is_in_pieces =
        strcmp(json_find_text(&reader, body, "result", ""), "pieces") == 0;
    const char *id = is_in_pieces ? json_find_text(&reader, body, "id", "") : "";
    const uint32_t count = (uint32_t)json_find_integer(&reader, body, "count", LINES_MAX);

    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_id = id;
        *ret_count = count;
    }
    return reader.code;
}
