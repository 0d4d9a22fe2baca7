#include "reconciler/wire/wadm.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "reconciler/wire/json.h"
#include "reconciler/wire/subject.h"
#include "reconciler/wire/wadm_manifest.h"

/* Where the tokens of a subject are, after its prefix. */
enum {
    TOKEN_LATTICE,
    TOKEN_CATEGORY,
    TOKEN_OPERATION,
    TOKEN_NAME,
    TOKENS_MAX,
};

struct operation {
    const char *word;
    bool has_name;
    enum wadm_op op;
};

static const struct operation operations[] = {
    {"put", false, WADM_PUT},          {"get", true, WADM_GET},
    {"get", false, WADM_MODELS},       {"list", false, WADM_LIST},
    {"versions", true, WADM_VERSIONS}, {"del", true, WADM_DELETE},
    {"deploy", true, WADM_DEPLOY},     {"undeploy", true, WADM_UNDEPLOY},
    {"status", true, WADM_STATUS},     {"history", true, WADM_HISTORY},
};

static enum wadm_op find_op(const struct names *tokens)
{
    const bool has_name = tokens->count > TOKEN_NAME;

    if (strcmp(tokens->items[TOKEN_CATEGORY], "model") != 0) {
        return WADM_UNSUPPORTED;
    }
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (strcmp(tokens->items[TOKEN_OPERATION], operations[i].word) == 0 &&
            operations[i].has_name == has_name) {
            return operations[i].op;
        }
    }
    return WADM_UNSUPPORTED;
}

/* What follows prefix and a dot in subject; NULL: it begins with something else. */
static const char *after_prefix(const char *prefix, const char *subject)
{
    size_t length;

    if (strncmp(prefix, "*.", 2) == 0) {
        prefix += 2;
        subject = strchr(subject, '.');
        subject = subject != NULL ? subject + 1 : "";
    }
    length = strlen(prefix);
    return strncmp(subject, prefix, length) == 0 && subject[length] == '.'
               ? subject + length + 1
               : NULL;
}

enum err_code wadm_read_subject(const char *prefix, const char *subject,
                                struct arena *arena, struct wadm_request *ret_request,
                                struct err *err)
{
    const char *rest = after_prefix(prefix, subject);
    struct names tokens;
    enum wadm_op op;

    if (rest == NULL || !subject_split(rest, arena, &tokens)) {
        return err_set(err, ERR_INVALID, "Unsupported subject: %s", subject);
    }
    if (tokens.count <= TOKEN_CATEGORY) {
        return err_set(err, ERR_INVALID,
                       "Invalid subject: Expected to find API category");
    }
    if (tokens.count <= TOKEN_OPERATION) {
        return err_set(err, ERR_INVALID, "Invalid subject: Expected to find operation");
    }
    if (tokens.count > TOKENS_MAX) {
        return err_set(err, ERR_INVALID,
                       "Invalid subject: Found extra components of subject, ensure your "
                       "manifest name consists of only alphanumeric characters, dashes, "
                       "and underscores.");
    }
    op = find_op(&tokens);
    if (op == WADM_UNSUPPORTED) {
        return err_set(err, ERR_INVALID, "Unsupported subject: %s", subject);
    }
    *ret_request = (struct wadm_request){
        .op = op,
        .lattice = tokens.items[TOKEN_LATTICE],
        .application = tokens.count > TOKEN_NAME ? tokens.items[TOKEN_NAME] : "",
    };
    return ERR_OK;
}

/* serde reads a struct from a list of its fields, too. */
static const char *read_listed_version(struct json_reader *reader, const json_t *list,
                                       size_t fields_count)
{
    const json_t *version = json_array_get(list, 0);

    if (json_array_size(list) > fields_count) {
        json_fail(reader, ERR_INVALID, "a list of %zu, expected at most %zu",
                  json_array_size(list), fields_count);
        return NULL;
    }
    if (version != NULL && !json_is_null(version) && !json_is_string(version)) {
        json_fail(reader, ERR_INVALID, "the version is not a string");
        return NULL;
    }
    return json_is_string(version) ? arena_copy(reader->arena, json_string_value(version))
                                   : NULL;
}

/* The word for op in wadm's sentence; NULL for one whose body is not looked at. */
static const char *body_word(enum wadm_op op)
{
    static const char *const words[] = {
        [WADM_GET] = "get",           [WADM_DELETE] = "delete", [WADM_DEPLOY] = "deploy",
        [WADM_UNDEPLOY] = "undeploy", [WADM_HISTORY] = NULL,
    };

    assert((size_t)op < sizeof words / sizeof *words);
    return words[op];
}

enum err_code wadm_decode_body(const char *bytes, size_t length, struct arena *arena,
                               struct wadm_request *request, struct err *err)
{
    const char *word = body_word(request->op);
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = NULL;
    const char *version = NULL;

    if (word == NULL || length == 0) {
        return ERR_OK;
    }
    root = json_read(&reader, bytes, length);
    if (json_is_array(root)) {
        version =
            read_listed_version(&reader, root, request->op == WADM_UNDEPLOY ? 0 : 1);
    } else if (request->op != WADM_UNDEPLOY) {
        version = json_find_text(&reader, root, "version", NULL);
    }
    if (reader.code != ERR_OK) {
        return err_wrap(err, reader.code, "Unable to parse %s application request", word);
    }
    request->version = version;
    return ERR_OK;
}

static bool is_type(const char *content_type, const char *type)
{
    const size_t length = strcspn(content_type, "; \t");

    return length == strlen(type) && strncasecmp(content_type, type, length) == 0;
}

enum err_code wadm_check_type(const char *content_type, const char *bytes, size_t length,
                              struct err *err)
{
    struct arena arena = {0};
    struct json_reader reader = {.arena = &arena, .err = err};

    if (*content_type == '\0' || is_type(content_type, "application/yaml")) {
        return ERR_OK;
    }
    if (!is_type(content_type, "application/json")) {
        return err_set(err, ERR_INVALID,
                       "Unable to parse manifest: Unsupported content type %s given. "
                       "Wadm supports YAML and JSON",
                       content_type);
    }
    json_decref(json_read(&reader, bytes, length));
    arena_free(&arena);
    return reader.code == ERR_OK ? ERR_OK
                                 : err_wrap(err, reader.code, "Unable to parse manifest");
}

static const char *result_word(enum wadm_result result)
{
    static const char *const words[] = {
        [WADM_ERROR] = "error",
        [WADM_CREATED] = "created",
        [WADM_NEWVERSION] = "newversion",
        [WADM_DELETED] = "deleted",
        [WADM_NOOP] = "noop",
        [WADM_ACKNOWLEDGED] = "acknowledged",
        [WADM_SUCCESS] = "success",
        [WADM_NOTFOUND] = "notfound",
    };

    assert((size_t)result < sizeof words / sizeof *words);
    return words[result];
}

void wadm_encode_put(const struct wadm_put *put, struct text *text)
{
    assert(put->result == WADM_CREATED || put->result == WADM_NEWVERSION);

    text_append(text, "{");
    json_print_text(text, "result", result_word(put->result));
    json_print_integer(text, "total_versions", put->versions_count);
    json_print_text(text, "current_version", put->version);
    json_print_text(text, "message", put->message);
    json_print_text(text, "name", put->name);
    text_append(text, "}");
}

void wadm_encode_delete(const struct wadm_delete *delete, struct text *text)
{
    assert(delete->result == WADM_DELETED || delete->result == WADM_NOOP ||
           delete->result == WADM_ERROR);

    text_append(text, "{");
    json_print_text(text, "result", result_word(delete->result));
    json_print_text(text, "message", delete->message);
    json_print_bool(text, "undeploy", delete->is_undeployed);
    text_append(text, "}");
}

void wadm_encode_deploy(const struct wadm_deploy *deploy, struct text *text)
{
    assert(deploy->result == WADM_ACKNOWLEDGED || deploy->result == WADM_NOTFOUND ||
           deploy->result == WADM_ERROR);

    text_append(text, "{");
    json_print_text(text, "result", result_word(deploy->result));
    json_print_text(text, "message", deploy->message);
    json_print_text(text, "name", deploy->name);
    json_print_text(text, "version", deploy->version);
    text_append(text, "}");
}

void wadm_encode_get(const struct wadm_get *get, struct text *text)
{
    assert(get->result == WADM_SUCCESS || get->result == WADM_NOTFOUND);

    text_append(text, "{");
    json_print_text(text, "result", result_word(get->result));
    json_print_text(text, "message", get->message);
    if (get->result == WADM_SUCCESS) {
        json_print_key(text, "manifest");
        wadm_encode_manifest(get->application, get->version, text);
    }
    text_append(text, "}");
}

void wadm_encode_versions(const struct wadm_versions *versions, struct text *text)
{
    assert(versions->result == WADM_SUCCESS || versions->result == WADM_NOTFOUND);

    text_append(text, "{");
    json_print_text(text, "result", result_word(versions->result));
    json_print_text(text, "message", versions->message);
    json_print_key(text, "versions");
    text_append(text, "[");
    for (size_t i = 0; i < versions->count; i++) {
        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "version", versions->items[i].version);
        json_print_bool(text, "deployed", versions->items[i].is_deployed);
        text_append(text, "}");
    }
    text_append(text, "]}");
}

static const char *type_word(enum status_word word)
{
    switch (word) {
    case STATUS_DEPLOYED:
        return "deployed";
    case STATUS_RECONCILING:
    case STATUS_DEGRADED:
    case STATUS_BLIND: /* and it was before, too */
        return "reconciling";
    case STATUS_WAITING:
        return "waiting";
    case STATUS_UNDEPLOYED:
        return "undeployed";
    case STATUS_STUCK:
    case STATUS_FAILED:
        return "failed";
    }
    abort();
}

/* While the lattice cannot be seen, it is as it was seen last. */
static enum status_word last_word(enum status_word word, enum status_word before)
{
    return word == STATUS_BLIND ? before : word;
}

/* The field "status" as the newer clients read it. */
static void append_word(struct text *text, enum status_word word, const char *reason)
{
    json_print_key(text, "status");
    text_append(text, "{");
    json_print_text(text, "type", type_word(word));
    if (reason[0] != '\0') {
        json_print_text(text, "message", reason);
    }
    text_append(text, "}");
}

static const char *scaler_kind(const struct resource_status *resource)
{
    if (resource->kind == LEDGER_LINK) {
        return "LinkScaler";
    }
    return resource->is_daemon ? "DaemonScaler" : "SpreadScaler";
}

static void append_scalers(struct text *text, const struct application_status *status)
{
    const char *before = "[";

    for (size_t i = 0; i < status->resources_count; i++) {
        const struct resource_status *resource = &status->resources[i];

        if (resource->kind == LEDGER_CONFIG) {
            continue;
        }
        if (before[0] == '[') {
            json_print_key(text, "scalers");
        }
        text_append(text, "%s{", before);
        json_print_text(text, "id", resource->scaler_id);
        json_print_text(text, "kind", scaler_kind(resource));
        json_print_text(text, "name",
                        resource->kind == LEDGER_LINK ? resource->name : resource->id);
        append_word(text, last_word(resource->word, resource->word_before),
                    resource->reason);
        text_append(text, "}");
        before = ",";
    }
    if (before[0] == ',') {
        text_append(text, "]");
    }
}

void wadm_encode_status(const struct wadm_model *model, struct text *text)
{
    const char *version = model->deployed_version;

    text_append(text, "{");
    append_word(text, last_word(model->status->word, model->status->word_before),
                model->status->reason);
    append_scalers(text, model->status);
    json_print_text(text, "version", version != NULL ? version : "");
    json_print_key(text, "components");
    text_append(text, "[]}");
}

void wadm_encode_status_reply(const struct wadm_model *model, const char *message,
                              struct text *text)
{
    text_append(text, "{");
    json_print_text(text, "result", "ok");
    json_print_text(text, "message", message);
    json_print_key(text, "status");
    wadm_encode_status(model, text);
    text_append(text, "}");
}

static void append_model(struct text *text, const struct wadm_model *model)
{
    const struct application_status *status = model->status;
    const enum status_word word = last_word(status->word, status->word_before);

    text_append(text, "{");
    json_print_text(text, "name", model->name);
    json_print_text(text, "version", model->version);
    json_print_text(text, "description", model->description);
    json_print_text(text, "deployed_version", model->deployed_version);
    json_print_key(text, "detailed_status");
    wadm_encode_status(model, text);
    /* The word for clients that do not know waiting. */
    json_print_text(text, "status",
                    type_word(word == STATUS_WAITING ? STATUS_UNDEPLOYED : word));
    json_print_text(text, "status_message", status->reason);
    text_append(text, "}");
}

void wadm_encode_list(const struct wadm_model *models, size_t count, struct text *text)
{
    text_append(text, "[");
    for (size_t i = 0; i < count; i++) {
        text_append(text, "%s", i > 0 ? "," : "");
        append_model(text, &models[i]);
    }
    text_append(text, "]");
}

void wadm_encode_models(const struct wadm_model *models, size_t count,
                        const char *message, struct text *text)
{
    text_append(text, "{");
    json_print_text(text, "result", "success");
    json_print_text(text, "message", message);
    json_print_key(text, "models");
    wadm_encode_list(models, count, text);
    text_append(text, "}");
}

void wadm_encode_error(enum wadm_op op, const char *message, struct text *text)
{
    text_append(text, "{");
    json_print_text(text, "message", message);
    if (op == WADM_MODELS) {
        json_print_key(text, "models");
        text_append(text, "[]");
    }
    json_print_text(text, "result", result_word(WADM_ERROR));
    if (op == WADM_VERSIONS) {
        json_print_key(text, "versions");
        text_append(text, "[]");
    }
    text_append(text, "}");
}
