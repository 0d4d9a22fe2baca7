#include "reconciler/run/operate.h"

#include "linkstore/store_history.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/report.h"
#include "reconciler/wire/utc.h"

/* More than a store keeps of all applications. */
#define HAPPENINGS_MAX ((size_t)200000)

static const char *utc_text(int64_t unix_ms, struct arena *arena)
{
    char text[UTC_TEXT_BYTES];

    utc_print(unix_ms, text);
    return arena_copy(arena, text);
}

/* What the history shows of what people asked for. */
static enum err_code note(const struct operation *operation, const char *kind,
                          const char *text, struct err *err)
{
    const struct store_command command = {operation->application, kind, text};

    return store_note_commands(operation->claims.store, &command, 1, clock_unix_ms(),
                               err);
}

/* End the transaction; code is what became of it so far.  Then the engine is told. */
static enum err_code finish(const struct operation *operation, enum err_code code,
                            struct err *err)
{
    if (code == ERR_OK) {
        code = store_commit(operation->claims.store, err);
    }
    if (code != ERR_OK) {
        store_rollback(operation->claims.store);
        return code;
    }
    return reconciler_reload(operation->reconciler, &operation->application, 1, err);
}

static enum err_code set_paused(const struct operation *operation, bool is_paused,
                                struct err *err)
{
    enum err_code code = store_begin(operation->claims.store, err);

    if (code != ERR_OK) {
        return code;
    }
    code = store_pause(operation->claims.store, operation->application,
                       is_paused ? clock_unix_ms() : 0, err);
    if (code == ERR_OK) {
        code = note(operation, is_paused ? "paused" : "resumed", "", err);
    }
    return finish(operation, code, err);
}

static enum err_code show_pause(const struct operation *operation,
                                struct api_sheet *sheet, struct err *err)
{
    struct api_status_report report = {0};
    const struct api_application *application;
    const char **row;
    const enum err_code code =
        report_status(reconciler_engine(operation->reconciler), operation->claims.store,
                      operation->application, operation->arena, &report, err);

    if (code != ERR_OK) {
        return code;
    }
    application = report.items;
    row = api_sheet_add(sheet, operation->arena);
    row[PAUSES_NAME] = operation->application;
    row[PAUSES_PAUSED] = application->paused_unix_ms != 0
                             ? utc_text(application->paused_unix_ms, operation->arena)
                             : NULL;
    row[PAUSES_STATUS] = status_word_name(application->status.word);
    row[PAUSES_REASON] = application->status.reason;
    return ERR_OK;
}

enum err_code operate_pause(const struct operation *operation, struct api_sheet *sheet,
                            struct err *err)
{
    const enum err_code code = set_paused(operation, true, err);

    return code == ERR_OK ? show_pause(operation, sheet, err) : code;
}

enum err_code operate_resume(const struct operation *operation, struct api_sheet *sheet,
                             struct err *err)
{
    const enum err_code code = set_paused(operation, false, err);

    return code == ERR_OK ? show_pause(operation, sheet, err) : code;
}

/* The version that is asked for is deployed from now on, in the transaction. */
static enum err_code go_back(const struct operation *operation, const char *version,
                             const char **ret_version, struct err *err)
{
    struct store *store = operation->claims.store;
    enum err_code code = ERR_OK;

    if (version == NULL) {
        code =
            store_before(store, operation->application, operation->arena, &version, err);
    }
    if (code == ERR_OK) {
        code = store_deploy(store, operation->application, version, operation->arena,
                            ret_version, err);
    }
    return code == ERR_OK ? store_check(store, err) : code;
}

enum err_code operate_rollback(const struct operation *operation, struct api_sheet *sheet,
                               struct err *err)
{
    struct store *store = operation->claims.store;
    struct store_application before = {0};
    struct store_application after = {0};
    const char *version = NULL;
    const char **row;
    enum err_code code =
        store_find(store, operation->application, operation->arena, &before, err);

    if (code == ERR_OK) {
        code = claims_check(&operation->claims, &before, err);
    }
    if (code == ERR_OK) {
        code = store_begin(store, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    code = go_back(operation, operation->params->version, &version, err);
    code = finish(operation, code, err);
    if (code == ERR_OK) {
        code = store_find(store, operation->application, operation->arena, &after, err);
    }
    if (code == ERR_OK) {
        row = api_sheet_add(sheet, operation->arena);
        row[ROLLBACK_NAME] = operation->application;
        row[ROLLBACK_VERSION] = version;
        row[ROLLBACK_BEFORE] = before.deployed;
        row[ROLLBACK_REVISION] = api_sheet_number(after.revision, operation->arena);
    }
    return code;
}

enum err_code operate_history(const struct operation *operation, struct api_sheet *sheet,
                              struct err *err)
{
    const uint64_t limit = operation->params->limit;
    struct store_happenings happenings = {0};
    enum err_code code = store_history(
        operation->claims.store, operation->application,
        limit > 0 && limit < HAPPENINGS_MAX ? (size_t)limit : HAPPENINGS_MAX,
        operation->arena, &happenings, err);

    if (code == ERR_OK && operation->application != NULL && happenings.count == 0) {
        code = err_set(err, ERR_NOTFOUND,
                       "nothing is known of an application '%s': see trellis status",
                       operation->application);
    }
    for (size_t i = 0; code == ERR_OK && i < happenings.count; i++) {
        const struct store_happening *item = &happenings.items[i];
        const char **row = api_sheet_add(sheet, operation->arena);

        row[HISTORY_AT] = utc_text(item->unix_ms, operation->arena);
        row[HISTORY_APPLICATION] = item->application;
        row[HISTORY_KIND] = item->kind;
        row[HISTORY_VERSION] = item->version != NULL ? item->version : "";
        row[HISTORY_TEXT] = item->text;
    }
    return code;
}

static void add_differences(const struct operation *operation,
                            const struct api_status_report *report,
                            const struct application_status *status,
                            struct api_sheet *sheet)
{
    struct arena *arena = operation->arena;

    for (size_t i = 0; i < status->resources_count; i++) {
        const struct resource_status *resource = &status->resources[i];
        const char **row;

        if (resource->word == STATUS_DEPLOYED) {
            continue;
        }
        row = api_sheet_add(sheet, arena);
        row[DRIFT_APPLICATION] = status->application;
        row[DRIFT_KIND] = api_kind_name(resource->kind);
        row[DRIFT_NAME] = resource->name;
        row[DRIFT_STATUS] = status_word_name(resource->word);
        row[DRIFT_SINCE] = resource->since.ms != INSTANT_NEVER.ms
                               ? utc_text(report->epoch_ms + resource->since.ms, arena)
                               : NULL;
        row[DRIFT_REASON] = resource->reason;
    }
}

enum err_code operate_drift(const struct operation *operation, struct api_sheet *sheet,
                            struct err *err)
{
    const struct engine *engine = reconciler_engine(operation->reconciler);
    struct api_status_report report = {0};
    const enum err_code code =
        report_status(engine, operation->claims.store, operation->application,
                      operation->arena, &report, err);

    if (code != ERR_OK) {
        return code;
    }
    sheet->head[DRIFT_SERVER] = operation->server;
    sheet->head[DRIFT_SIGHT] = report.sight;
    sheet->head[DRIFT_FOUND] =
        api_sheet_number(engine_counters(engine).drifts, operation->arena);
    for (size_t i = 0; i < report.count; i++) {
        add_differences(operation, &report, &report.items[i].status, sheet);
    }
    return ERR_OK;
}
