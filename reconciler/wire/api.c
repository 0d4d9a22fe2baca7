#include "reconciler/wire/api.h"

#include "reconciler/wire/json.h"
#include "reconciler/wire/utc.h"

static void open_body(struct text *text)
{
    text_append(text, "{");
    json_print_integer(text, "schema", API_SCHEMA);
}

static void open_reply(struct text *text)
{
    open_body(text);
    json_print_text(text, "result", "ok");
}

/* Only where there are any: a daemon of before knows of none. */
static void encode_conditions(const struct api_manifests *manifests, struct text *text)
{
    if (manifests->is_dry_run) {
        json_print_bool(text, "dry_run", true);
    }
    if (manifests->expected_count == 0) {
        return;
    }
    json_print_key(text, "expected");
    text_append(text, "[");
    for (size_t i = 0; i < manifests->expected_count; i++) {
        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "name", manifests->expected[i].application);
        json_print_text(text, "version", manifests->expected[i].version);
        json_print_text(text, "digest", manifests->expected[i].digest);
        text_append(text, "}");
    }
    text_append(text, "]");
}

void api_encode_manifests(const struct api_manifests *manifests, struct text *text)
{
    open_body(text);
    json_print_key(text, "manifests");
    text_append(text, "[");
    for (size_t i = 0; i < manifests->count; i++) {
        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "source", manifests->items[i].source);
        json_print_text(text, "text", manifests->items[i].text);
        if (manifests->items[i].author != NULL) {
            json_print_text(text, "author", manifests->items[i].author);
        }
        text_append(text, "}");
    }
    text_append(text, "]");
    encode_conditions(manifests, text);
    text_append(text, "}");
}

void api_encode_error(const struct err *err, const char *findings, struct text *text)
{
    open_body(text);
    json_print_text(text, "result", "error");
    json_print_text(text, "code", err_code_name(err->code));
    json_print_text(text, "message", err->message);
    json_print_text(text, "source", err->source);
    json_print_integer(text, "line", err->place.line);
    json_print_integer(text, "column", err->place.column);
    json_print_text(text, "findings", findings);
    text_append(text, "}");
}

void api_encode_apply(const struct api_apply_report *report, struct text *text)
{
    open_reply(text);
    json_print_text(text, "by", report->by);
    json_print_bool(text, "dry_run", report->is_dry_run);
    json_print_integer(text, "commands", report->commands_count);
    json_print_key(text, "applications");
    text_append(text, "[");
    for (size_t i = 0; i < report->count; i++) {
        const struct api_applied *applied = &report->items[i];

        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "name", applied->application);
        json_print_text(text, "version", applied->version);
        json_print_integer(text, "revision", applied->revision);
        json_print_text(text, "change", applied->result);
        json_print_key(text, "users");
        names_print(&applied->users, text);
        text_append(text, "}");
    }
    text_append(text, "]");
    json_print_text(text, "findings", report->findings);
    text_append(text, "}");
}

const char *api_kind_name(enum ledger_kind kind)
{
    static const char *const names[] = {"config", "link", "component", "provider"};

    return names[kind];
}

/* null for 0. */
static void encode_unix(int64_t unix_ms, const char *key, struct text *text)
{
    char utc[UTC_TEXT_BYTES];

    utc_print(unix_ms, utc);
    json_print_text(text, key, unix_ms != 0 ? utc : NULL);
}

/* null for a moment that is not known. */
static void encode_moment(int64_t epoch_ms, const char *key, struct instant moment,
                          struct text *text)
{
    char utc[UTC_TEXT_BYTES];

    utc_print(moment.ms + (moment.ms != INSTANT_NEVER.ms ? epoch_ms : 0), utc);
    json_print_text(text, key, moment.ms != INSTANT_NEVER.ms ? utc : NULL);
}

/* null for nothing. */
static void encode_wait(const struct status_wait *wait, struct text *text)
{
    if (wait->kind == NULL) {
        json_print_text(text, "waits_for", NULL);
        return;
    }
    json_print_key(text, "waits_for");
    text_append(text, "{");
    json_print_text(text, "kind", wait->kind);
    json_print_text(text, "name", wait->name);
    text_append(text, "}");
}

static void encode_resource(const struct api_status_report *report,
                            const struct resource_status *resource, struct text *text)
{
    text_append(text, "{");
    json_print_text(text, "kind", api_kind_name(resource->kind));
    json_print_text(text, "name", resource->name);
    json_print_text(text, "id", resource->id);
    json_print_text(text, "wanted", resource->wanted);
    json_print_text(text, "where", resource->where);
    json_print_text(text, "status", status_word_name(resource->word));
    encode_moment(report->epoch_ms, "since", resource->since, text);
    json_print_bool(text, "conflict", resource->is_conflict);
    json_print_text(text, "reason", resource->reason);
    encode_wait(&resource->waits_for, text);
    json_print_text(text, "source", resource->origin.source);
    json_print_integer(text, "line", resource->origin.place.line);
    json_print_integer(text, "column", resource->origin.place.column);
    text_append(text, "}");
}

static void encode_application(const struct api_status_report *report,
                               const struct api_application *application,
                               struct text *text)
{
    const struct application_status *status = &application->status;

    text_append(text, "{");
    json_print_text(text, "name", status->application);
    json_print_text(text, "version", application->version);
    json_print_text(text, "deployed", application->deployed);
    json_print_integer(text, "revision", application->revision);
    json_print_text(text, "digest", application->digest);
    encode_unix(application->paused_unix_ms, "paused", text);
    json_print_text(text, "status", status_word_name(status->word));
    encode_moment(report->epoch_ms, "since", status->since, text);
    json_print_bool(text, "conflict", status->is_conflict);
    json_print_text(text, "reason", status->reason);
    encode_wait(&status->waits_for, text);
    json_print_key(text, "resources");
    text_append(text, "[");
    for (size_t i = 0; i < status->resources_count && !report->is_brief; i++) {
        text_append(text, i > 0 ? "," : "");
        encode_resource(report, &status->resources[i], text);
    }
    text_append(text, "]}");
}

void api_encode_status(const struct api_status_report *report, struct text *text)
{
    open_reply(text);
    json_print_text(text, "server", report->server);
    json_print_text(text, "lattice", report->lattice);
    json_print_text(text, "sight", report->sight);
    json_print_key(text, "notes");
    names_print(&report->notes, text);
    encode_moment(report->epoch_ms, "time", report->now, text);
    json_print_key(text, "applications");
    text_append(text, "[");
    for (size_t i = 0; i < report->count; i++) {
        text_append(text, i > 0 ? "," : "");
        encode_application(report, &report->items[i], text);
    }
    text_append(text, "]}");
}

static void encode_parts(const struct explanation *item, struct text *text)
{
    json_print_key(text, "parts");
    text_append(text, "[");
    for (size_t i = 0; i < item->parts_count; i++) {
        const struct explained_part *part = &item->parts[i];

        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "name", part->name);
        json_print_integer(text, "wanted", part->wanted);
        json_print_integer(text, "running", part->running);
        json_print_text(text, "image", part->image);
        json_print_text(text, "reason", part->reason);
        text_append(text, "}");
    }
    text_append(text, "]");
}

static void encode_history(const struct api_explain_report *report, struct text *text)
{
    const struct explanation *item = &report->explanation;

    json_print_key(text, "commands");
    text_append(text, "[");
    for (size_t i = 0; i < item->commands_count; i++) {
        const struct explained_command *command = &item->commands[i];

        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "text", command->text);
        encode_moment(report->epoch_ms, "sent", command->sent, text);
        encode_moment(report->epoch_ms, "ended", command->ended, text);
        json_print_text(text, "outcome", command->outcome);
        text_append(text, "}");
    }
    text_append(text, "]");
}

static void encode_key(const struct explained_key *key, struct text *text)
{
    json_print_text(text, "kind", explained_kind_name(key->kind));
    json_print_text(text, "key", key->name);
}

static void encode_explanation(const struct api_explain_report *report, struct text *text)
{
    const struct explanation *item = &report->explanation;

    text_append(text, "{");
    encode_key(&item->key, text);
    json_print_text(text, "wanted", item->desired);
    json_print_text(text, "observed", item->observed);
    json_print_text(text, "put", item->ledger);
    json_print_text(text, "status", item->word);
    encode_moment(report->epoch_ms, "since", item->since, text);
    json_print_text(text, "decision", item->decision);
    json_print_text(text, "reason", item->reason);
    encode_wait(&item->waits_for, text);
    encode_parts(item, text);
    encode_history(report, text);
    text_append(text, "}");
}

void api_encode_explain(const struct api_explain_report *report, struct text *text)
{
    open_reply(text);
    json_print_text(text, "server", report->server);
    json_print_text(text, "lattice", report->lattice);
    json_print_text(text, "sight", report->sight);
    encode_moment(report->epoch_ms, "time", report->now, text);
    json_print_key(text, "matches");
    text_append(text, "[");
    for (size_t i = 0; i < report->count; i++) {
        text_append(text, i > 0 ? ",{" : "{");
        encode_key(&report->matches[i], text);
        text_append(text, "}");
    }
    text_append(text, "]");
    if (report->count == 1) {
        json_print_key(text, "explanation");
        encode_explanation(report, text);
    } else {
        json_print_text(text, "explanation", NULL);
    }
    text_append(text, "}");
}

void api_encode_plan(const struct api_plan_report *report, struct text *text)
{
    open_reply(text);
    json_print_key(text, "commands");
    text_append(text, "[");
    for (size_t i = 0; i < report->count; i++) {
        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "kind", report->items[i].kind);
        json_print_text(text, "application", report->items[i].application);
        json_print_text(text, "text", report->items[i].text);
        text_append(text, "}");
    }
    text_append(text, "]");
    json_print_key(text, "obstacles");
    text_append(text, "[");
    for (size_t i = 0; i < report->obstacles_count; i++) {
        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "application", report->obstacles[i].application);
        json_print_text(text, "resource", report->obstacles[i].resource);
        json_print_text(text, "reason", report->obstacles[i].reason);
        text_append(text, "}");
    }
    text_append(text, "]");
    json_print_text(text, "findings", report->findings);
    text_append(text, "}");
}

void api_encode_delete(const struct api_removal *removal, struct text *text)
{
    open_reply(text);
    json_print_text(text, "application", removal->application);
    json_print_text(text, "waits", removal->waits);
    json_print_key(text, "users");
    names_print(&removal->users, text);
    text_append(text, "}");
}

void api_encode_prune(const struct api_pruning *pruning, struct text *text)
{
    open_reply(text);
    json_print_key(text, "held");
    names_print(&pruning->held, text);
    json_print_text(text, "reason", pruning->reason);
    json_print_bool(text, "confirmed", pruning->is_confirmed);
    text_append(text, "}");
}

void api_encode_done(struct text *text)
{
    open_reply(text);
    text_append(text, "}");
}

void api_encode_upload(const char *id, struct text *text)
{
    open_body(text);
    json_print_text(text, "upload", id);
    text_append(text, "}");
}

void api_encode_pieces(const char *id, uint32_t count, struct text *text)
{
    open_body(text);
    json_print_text(text, "result", "pieces");
    json_print_text(text, "id", id);
    json_print_integer(text, "count", count);
    text_append(text, "}");
}
