#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "reconciler/core/status.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/folder.h"
#include "reconciler/run/health.h"
#include "reconciler/run/http.h"
#include "reconciler/run/log.h"
#include "reconciler/run/notify.h"
#include "reconciler/run/reconciler.h"
#include "reconciler/run/service.h"

/* How long a daemon that is to end follows what it has begun. */
#define FINISH_MS ((int64_t)10 * 1000)

struct daemon {
    struct reconciler *reconciler;
    struct service *service;
    struct folder *folder; /* NULL: the API only */
    struct notify notify;
    struct health health;
    struct http *http; /* NULL: none is served */
};

/* A line each, which says itself how grave it is. */
static void log_findings(const char *findings, struct arena *arena)
{
    const char *line = findings;

    while (*line != '\0') {
        const size_t length = strcspn(line, "\n");
        const char *finding = arena_text(arena, line, length);

        log_say(strstr(finding, ": warning: ") != NULL ? LOG_LEVEL_WARNING
                                                       : LOG_LEVEL_ERROR,
                finding, NULL);
        line += length + (line[length] == '\n');
    }
}

static void log_applied(const struct api_apply_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        log_say(LOG_LEVEL_INFO, "applied", "application", report->items[i].application,
                "version", report->items[i].version, "change", report->items[i].result,
                NULL);
    }
}

/* Is code about the manifests themselves?  A conflict or a full disk may go away. */
static bool is_final(enum err_code code)
{
    return code == ERR_SYNTAX || code == ERR_INVALID || code == ERR_LIMIT;
}

/* Deploy manifests together; false when that is refused. */
static bool apply(struct daemon *daemon, const struct api_manifests *manifests,
                  struct arena *arena, bool is_last_word)
{
    struct deployment deployment;
    struct err err;
    enum err_code code = deploy_manifests(reconciler_store(daemon->reconciler), manifests,
                                          arena, &deployment, &err);

    if (code == ERR_OK) {
        log_applied(&deployment.report);
        code = reconciler_reload(daemon->reconciler, deployment.applications,
                                 deployment.count, &err);
    }
    if (code == ERR_OK || is_last_word) {
        log_findings(deployment.report.findings, arena);
    }
    if (code != ERR_OK && is_last_word) {
        log_say(LOG_LEVEL_ERROR, "a manifest is not applied", "file",
                manifests->items[0].source, "reason", err.message, NULL);
        for (size_t i = 0; !is_final(code) && i < manifests->count; i++) {
            folder_tell_again(daemon->folder, manifests->items[i].source);
        }
    }
    return code == ERR_OK;
}

static struct api_manifests collect_changed(const struct folder_view *view,
                                            struct arena *arena)
{
    struct api_manifest *items = arena_array(arena, view->count, sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < view->count; i++) {
        if (view->files[i].finding == FOLDER_CHANGED) {
            items[count] = view->files[i].manifest;
            items[count++].way = "folder";
        }
    }
    return (struct api_manifests){items, count};
}

/*
 * Together, so that a resource may move from one file to another; one by one when that
 * is refused, so that a broken file does not hold up the others.
 */
static void apply_changes(struct daemon *daemon)
{
    struct arena arena = {0};
    struct api_manifests changed;
    struct folder_view view;
    struct err err;
    const enum err_code code =
        folder_scan(daemon->folder, clock_now(), &arena, &view, &err);

    if (code == ERR_OK) {
        changed = collect_changed(&view, &arena);
    }
    if (code != ERR_OK) {
        log_say(LOG_LEVEL_ERROR,
                "the folder of manifests cannot be read: all that it "
                "declared stays",
                "reason", err.message, NULL);
    } else if (changed.count > 0 &&
               !apply(daemon, &changed, &arena, changed.count == 1)) {
        for (size_t i = 0; changed.count > 1 && i < changed.count; i++) {
            const struct api_manifests one = {&changed.items[i], 1};

            (void)apply(daemon, &one, &arena, true);
        }
    }
    arena_free(&arena);
}

static struct instant next_look(const struct daemon *daemon)
{
    return daemon->folder != NULL ? folder_deadline(daemon->folder) : INSTANT_NEVER;
}

/* SIGHUP looks at the folder; SIGTERM and SIGINT end it. */
static bool is_told_to_stop(struct daemon *daemon)
{
    int signal;

    while ((signal = loop_take_signal(reconciler_loop(daemon->reconciler))) != 0) {
        if (signal != SIGHUP) {
            log_say(LOG_LEVEL_INFO, "stopping", NULL);
            return true;
        }
        notify_reloading(&daemon->notify, clock_now());
        if (daemon->folder != NULL) {
            folder_look(daemon->folder);
        }
    }
    return false;
}

/* The lattice, as the service manager is to show it. */
static void tell_status(struct daemon *daemon, struct instant now)
{
    const struct engine *engine = reconciler_engine(daemon->reconciler);
    struct arena arena = {0};

    notify_status(&daemon->notify, now, engine_lattice_status(engine, &arena));
    arena_free(&arena);
}

static void tell(struct daemon *daemon)
{
    const struct engine *engine = reconciler_engine(daemon->reconciler);
    const struct instant now = clock_now();

    notify_turn(&daemon->notify, now, engine_has_looked(engine));
    if (notify_wants_status(&daemon->notify, now)) {
        tell_status(daemon, now);
    }
}

static enum err_code turn(struct daemon *daemon, struct instant deadline, struct err *err)
{
    struct loop *loop = reconciler_loop(daemon->reconciler);
    enum err_code code;

    deadline = instant_min(deadline, notify_deadline(&daemon->notify));
    if (daemon->http != NULL) {
        deadline = instant_min(deadline, http_deadline(daemon->http, clock_now()));
    }
    code = reconciler_turn(daemon->reconciler, deadline, err);
    if (daemon->folder != NULL && folder_fd(daemon->folder) >= 0 &&
        loop_is_ready(loop, folder_fd(daemon->folder))) {
        folder_take(daemon->folder, clock_now());
    }
    if (daemon->http != NULL) {
        http_turn(daemon->http);
    }
    tell(daemon);
    return code;
}

/* Nothing new is begun, and what was is followed for a while: the next start need not
 * find out what became of it. */
static enum err_code finish(struct daemon *daemon, struct err *err)
{
    const struct engine *engine = reconciler_engine(daemon->reconciler);
    const struct instant deadline = instant_after(clock_now(), FINISH_MS);
    enum err_code code = ERR_OK;

    notify_stopping(&daemon->notify);
    reconciler_retire(daemon->reconciler);
    while (code == ERR_OK && engine_flights_count(engine) > 0 &&
           bus_is_connected(reconciler_bus(daemon->reconciler)) &&
           !instant_is_due(deadline, clock_now())) {
        code = turn(daemon, deadline, err);
        if (is_told_to_stop(daemon)) {
            break; /* once more: now */
        }
    }
    return code;
}

static enum err_code serve(struct daemon *daemon, struct err *err)
{
    enum err_code code = ERR_OK;

    while (code == ERR_OK && !is_told_to_stop(daemon)) {
        if (daemon->folder != NULL && instant_is_due(next_look(daemon), clock_now())) {
            apply_changes(daemon);
        }
        code = turn(daemon, next_look(daemon), err);
    }
    return code == ERR_OK ? finish(daemon, err) : code;
}

/* Where nobody asked for it, a port that is taken is no reason to stay away. */
static enum err_code open_http(struct daemon *daemon, const struct options *options,
                               struct err *err)
{
    enum err_code code;

    if (options->http == NULL) {
        return ERR_OK;
    }
    daemon->health = (struct health){daemon->reconciler, options->lattice};
    code = http_open(options->http, health_page, &daemon->health, &daemon->http, err);
    if (code == ERR_OK) {
        loop_watch(reconciler_loop(daemon->reconciler), http_fd(daemon->http));
        log_say(LOG_LEVEL_INFO, "health and metrics are served", "address",
                http_address(daemon->http), NULL);
    } else if (!options->is_http_asked_for) {
        log_say(LOG_LEVEL_WARNING, "no health and no metrics are served", "reason",
                err->message, NULL);
        code = ERR_OK;
    }
    return code;
}

static enum err_code open_folder(struct daemon *daemon, const struct options *options,
                                 struct err *err)
{
    enum err_code code;

    if (options->manifests == NULL) {
        return ERR_OK;
    }
    code = folder_open(options->manifests, options->poll_ms, &daemon->folder, err);
    if (code == ERR_OK && folder_fd(daemon->folder) >= 0) {
        loop_watch(reconciler_loop(daemon->reconciler), folder_fd(daemon->folder));
    }
    return code;
}

static int run(const struct options *options)
{
    struct daemon daemon = {0};
    struct err err;
    enum err_code code =
        reconciler_open(options, RECONCILER_DAEMON, &daemon.reconciler, &err);

    notify_open(&daemon.notify);
    if (code == ERR_OK) {
        code = service_open(daemon.reconciler, options->lattice, &daemon.service, &err);
    }
    if (code == ERR_OK) {
        code = open_http(&daemon, options, &err);
    }
    if (code == ERR_OK) {
        code = open_folder(&daemon, options, &err);
    }
    if (code == ERR_OK) {
        code = serve(&daemon, &err);
    }
    notify_close(&daemon.notify);
    http_close(daemon.http);
    folder_close(daemon.folder);
    service_close(daemon.service);
    reconciler_close(daemon.reconciler);
    return code == ERR_OK ? EXIT_DONE : cli_fail(options, &err);
}

const struct cli_command cmd_daemon = {
    .name = "daemon",
    .verb = VERB_DAEMON,
    .run = run,
    .usage = "",
    .summary = "keep applications as they are declared, for ever",
};
