#include "reconciler/run/report.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/diag.h"
#include "reconciler/run/clock.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The applications that the store knows and those the ledger still has rows of. */
static enum err_code list_names(struct store *store, struct arena *arena,
                                struct names *ret_names, struct err *err)
{
    struct store_applications known;
    struct ledger_rows ledger;
    const char **names;
    size_t count = 0;
    size_t kept = 0;
    enum err_code code = store_list(store, arena, &known, err);

    if (code == ERR_OK) {
        code = store_read_ledger(store, 0, arena, &ledger, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    names = arena_array(arena, known.count + ledger.count, sizeof *names);
    for (size_t i = 0; i < known.count; i++) {
        names[count++] = known.items[i].name;
    }
    for (size_t i = 0; i < ledger.count; i++) {
        names[count++] = ledger.items[i].application;
    }
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(names[i], names[i - 1]) != 0) {
            names[kept++] = names[i];
        }
    }
    *ret_names = (struct names){names, kept};
    return ERR_OK;
}

/* Whom to ask. */
struct sources {
    const struct engine *engine;
    struct store *store;
};

/* What store and engine know of name; ERR_NOTFOUND when that is nothing. */
static enum err_code report_one(const struct sources *sources, const char *name,
                                struct arena *arena,
                                struct api_application *ret_application, struct err *err)
{
    struct store_application known = {.version = ""};
    const enum err_code code = store_find(sources->store, name, arena, &known, err);

    if (code != ERR_OK && code != ERR_NOTFOUND) {
        return code;
    }
    *ret_application = (struct api_application){
        .version = known.version,
        .deployed = known.deployed != NULL ? known.deployed : "",
        .revision = known.revision,
        .digest = known.digest,
        .paused_unix_ms = known.paused_unix_ms,
    };
    engine_status(sources->engine, name, arena, &ret_application->status);
    return code == ERR_NOTFOUND && ret_application->status.resources_count > 0 ? ERR_OK
                                                                               : code;
}

// NOLINTNEXTLINE(readability-function-size): engine and store are one source
enum err_code report_status(const struct engine *engine, struct store *store,
                            const char *application, struct arena *arena,
                            struct api_status_report *ret_report, struct err *err)
{
    const struct sources sources = {engine, store};
    struct names names = {&application, 1};
    struct api_application *items;
    size_t count = 0;

    if (application == NULL) {
        const enum err_code code = list_names(store, arena, &names, err);

        if (code != ERR_OK) {
            return code;
        }
    }
    items = arena_array(arena, names.count, sizeof *items);
    for (size_t i = 0; i < names.count; i++) {
        const enum err_code code =
            report_one(&sources, names.items[i], arena, &items[count], err);

        if (code == ERR_NOTFOUND && application == NULL) {
            continue; /* its last remains have just gone */
        }
        if (code != ERR_OK) {
            return code;
        }
        count++;
    }
    *ret_report = (struct api_status_report){
        .sight = engine_lattice_status(engine, arena),
        .now = clock_now(),
        .epoch_ms = clock_epoch_ms(),
        .items = items,
        .count = count,
    };
    return ERR_OK;
}

static enum err_code refuse_key(const struct engine *engine, const char *key,
                                struct arena *arena, struct err *err)
{
    const struct names near = explain_near(engine, key, arena);
    struct text text;

    text_init(&text, arena, ERR_MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < near.count; i++) {
        text_append(&text, "%s%s", i > 0 ? ", or " : ": did you mean ",
                    diag_quoted(near.items[i], arena));
    }
    return err_set(err, ERR_NOTFOUND, "nothing is called %s%s%s", diag_quoted(key, arena),
                   text.bytes, near.count > 0 ? "?" : "");
}

static bool is_among(enum status_word word, const struct names *states)
{
    for (size_t i = 0; i < states->count; i++) {
        if (strcmp(states->items[i], status_word_name(word)) == 0) {
            return true;
        }
    }
    return false;
}

void report_filter(struct api_status_report *report, const struct names *states,
                   struct arena *arena)
{
    struct api_application *items = arena_array(arena, report->count, sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < report->count; i++) {
        if (states->count == 0 || is_among(report->items[i].status.word, states)) {
            items[count++] = report->items[i];
        }
    }
    report->items = items;
    report->count = count;
}

enum err_code report_explain(const struct engine *engine, const char *key,
                             struct arena *arena, struct api_explain_report *ret_report,
                             struct err *err)
{
    struct api_explain_report report = {
        .sight = engine_lattice_status(engine, arena),
        .now = clock_now(),
        .epoch_ms = clock_epoch_ms(),
    };

    report.count = explain_match(engine, key, arena, &report.matches);
    if (report.count == 0) {
        return refuse_key(engine, key, arena, err);
    }
    if (report.count == 1) {
        report.explanation = engine_explain(engine, report.matches, arena);
    }
    *ret_report = report;
    return ERR_OK;
}

const char *report_removal(const struct engine *engine, const char *application,
                           struct arena *arena)
{
    static const char *const units[] = {"config", "link", "component", "provider"};
    struct application_status status;
    size_t counts[4] = {0};
    struct text text;

    engine_status(engine, application, arena, &status);
    text_init(&text, arena, 1024);
    for (size_t i = 0; i < status.resources_count; i++) {
        counts[status.resources[i].kind]++;
    }
    for (size_t kind = 0; kind < 4; kind++) {
        if (counts[kind] > 0) {
            text_append(&text, "%s%zu %s%s", text.count > 0 ? ", " : "", counts[kind],
                        units[kind], counts[kind] == 1 ? "" : "s");
        }
    }
    if (text.count > 0) {
        text_append(&text,
                    status.word == STATUS_UNDEPLOYED ? " left: %s"
                                                     : " still to be removed: %s",
                    status.reason);
    }
    return text.bytes;
}
