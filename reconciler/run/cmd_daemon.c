#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "reconciler/core/status.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/health.h"
#include "reconciler/run/http.h"
#include "reconciler/run/log.h"
#include "reconciler/run/manifests.h"
#include "reconciler/run/notify.h"
#include "reconciler/run/reconciler.h"
#include "reconciler/run/service.h"
#include "reconciler/run/standby.h"

/* How long a daemon that is to end follows what it has begun. */
#define FINISH_MS ((int64_t)10 * 1000)

struct daemon {
    struct reconciler *reconciler;
    struct service *service;
    struct manifests *manifests; /* NULL: the API only */
    struct notify notify;
    struct health health;
    struct http *http; /* NULL: none is served */
};

static struct instant next_look(const struct daemon *daemon)
{
    return daemon->manifests != NULL ? manifests_deadline(daemon->manifests)
                                     : INSTANT_NEVER;
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
        if (daemon->manifests != NULL) {
            manifests_look(daemon->manifests);
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
    enum err_code code;

    deadline = instant_min(deadline, notify_deadline(&daemon->notify));
    deadline = instant_min(deadline, service_deadline(daemon->service));
    if (daemon->http != NULL) {
        deadline = instant_min(deadline, http_deadline(daemon->http, clock_now()));
    }
    code = reconciler_turn(daemon->reconciler, deadline, err);
    if (daemon->manifests != NULL) {
        manifests_after_turn(daemon->manifests);
    }
    service_turn(daemon->service);
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
        if (daemon->manifests != NULL) {
            manifests_before_turn(daemon->manifests);
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

static enum err_code open_manifests(struct daemon *daemon, const struct options *options,
                                    struct err *err)
{
    enum err_code code;

    if (options->manifests == NULL) {
        return ERR_OK;
    }
    code = manifests_open(daemon->reconciler, options, &daemon->manifests, err);
    if (code == ERR_OK) {
        service_follow(daemon->service, daemon->manifests);
    }
    return code;
}

static int run(const struct options *options)
{
    struct daemon daemon = {0};
    bool is_ended = false;
    struct err err;
    enum err_code code = ERR_OK;

    notify_open(&daemon.notify);
    if (options->is_standby) {
        code = standby_wait(options, &daemon.notify, &is_ended, &err);
    }
    if (code == ERR_OK && is_ended) {
        notify_close(&daemon.notify);
        return EXIT_DONE;
    }
    if (code == ERR_OK) {
        code = reconciler_open(options, RECONCILER_DAEMON, &daemon.reconciler, &err);
    }
    if (code == ERR_OK) {
        code = service_open(daemon.reconciler, options->api_prefix, options->lattice,
                            &daemon.service, &err);
    }
    if (code == ERR_OK) {
        code = open_http(&daemon, options, &err);
    }
    if (code == ERR_OK) {
        code = open_manifests(&daemon, options, &err);
    }
    if (code == ERR_OK) {
        code = serve(&daemon, &err);
    }
    notify_close(&daemon.notify);
    http_close(daemon.http);
    manifests_close(daemon.manifests);
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
