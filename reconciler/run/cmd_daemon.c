#include <signal.h>

#include "reconciler/run/cli.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/health.h"
#include "reconciler/run/http.h"
#include "reconciler/run/keeper.h"
#include "reconciler/run/log.h"
#include "reconciler/run/notify.h"
#include "reconciler/run/standby.h"

/* How long a daemon that is to end follows what it has begun. */
#define FINISH_MS ((int64_t)10 * 1000)

#define STATUS_BYTES_MAX ((size_t)4096)

struct daemon {
    struct loop *loop;
    struct keeper *keepers; /* one for each lattice */
    size_t count;
    struct notify notify;
    struct health health;
    struct http *http; /* NULL: none is served */
};

/* SIGHUP looks at the folders; SIGTERM and SIGINT end it. */
static bool is_told_to_stop(struct daemon *daemon)
{
    int signal;

    while ((signal = loop_take_signal(daemon->loop)) != 0) {
        if (signal != SIGHUP) {
            log_say(LOG_LEVEL_INFO, "stopping", NULL);
            return true;
        }
        notify_reloading(&daemon->notify, clock_now());
        for (size_t i = 0; i < daemon->count; i++) {
            keeper_look(&daemon->keepers[i]);
        }
    }
    return false;
}

/* The lattices, as the service manager is to show them. */
static void tell_status(struct daemon *daemon, struct instant now)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, STATUS_BYTES_MAX);
    for (size_t i = 0; i < daemon->count; i++) {
        const struct keeper *keeper = &daemon->keepers[i];

        if (daemon->count > 1) {
            text_append(&text, "%s%s: ", i > 0 ? "; " : "", keeper->options.lattice);
        }
        text_append(&text, "%s", keeper_status(keeper, &arena));
    }
    notify_status(&daemon->notify, now, text.bytes);
    arena_free(&arena);
}

/* With one lattice the daemon is ready when that was looked at; of several the first will
 * do, for none is to wait for another. */
static void tell(struct daemon *daemon)
{
    const struct instant now = clock_now();
    bool has_looked = false;

    for (size_t i = 0; i < daemon->count; i++) {
        has_looked = has_looked || keeper_has_looked(&daemon->keepers[i]);
    }
    notify_turn(&daemon->notify, now, has_looked);
    if (notify_wants_status(&daemon->notify, now)) {
        tell_status(daemon, now);
    }
}

static enum err_code turn(struct daemon *daemon, struct instant deadline, struct err *err)
{
    enum err_code code = ERR_OK;

    deadline = instant_min(deadline, notify_deadline(&daemon->notify));
    for (size_t i = 0; i < daemon->count; i++) {
        deadline = instant_min(deadline, keeper_deadline(&daemon->keepers[i]));
    }
    if (daemon->http != NULL) {
        deadline = instant_min(deadline, http_deadline(daemon->http, clock_now()));
    }
    loop_wait(daemon->loop, deadline);
    for (size_t i = 0; i < daemon->count && code == ERR_OK; i++) {
        code = keeper_work(&daemon->keepers[i], err);
    }
    if (daemon->http != NULL) {
        http_turn(daemon->http);
    }
    tell(daemon);
    return code;
}

static bool is_busy(const struct daemon *daemon)
{
    bool is_one = false;

    for (size_t i = 0; i < daemon->count; i++) {
        is_one = is_one || keeper_is_busy(&daemon->keepers[i]);
    }
    return is_one;
}

/* Nothing new is begun, and what was is followed for a while: the next start need not
 * find out what became of it. */
static enum err_code finish(struct daemon *daemon, struct err *err)
{
    const struct instant deadline = instant_after(clock_now(), FINISH_MS);
    enum err_code code = ERR_OK;

    notify_stopping(&daemon->notify);
    for (size_t i = 0; i < daemon->count; i++) {
        keeper_retire(&daemon->keepers[i]);
    }
    while (code == ERR_OK && is_busy(daemon) && !instant_is_due(deadline, clock_now())) {
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
        for (size_t i = 0; i < daemon->count; i++) {
            keeper_before_wait(&daemon->keepers[i]);
        }
        code = turn(daemon, INSTANT_NEVER, err);
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
    daemon->health = (struct health){daemon->keepers, daemon->count};
    code = http_open(options->http, health_page, &daemon->health, &daemon->http, err);
    if (code == ERR_OK) {
        loop_watch(daemon->loop, http_fd(daemon->http));
        log_say(LOG_LEVEL_INFO, "health and metrics are served", "address",
                http_address(daemon->http), NULL);
    } else if (!options->is_http_asked_for) {
        log_say(LOG_LEVEL_WARNING, "no health and no metrics are served", "reason",
                err->message, NULL);
        code = ERR_OK;
    }
    return code;
}

/* Of several lattices each has a store and a folder of its own, called as it is. */
static enum err_code open_keepers(struct daemon *daemon, const struct options *options,
                                  struct arena *arena, struct err *err)
{
    const struct names *lattices = &options->lattices;
    enum err_code code = ERR_OK;

    daemon->keepers = arena_array(arena, lattices->count, sizeof *daemon->keepers);
    for (size_t i = 0; i < lattices->count && code == ERR_OK; i++) {
        struct keeper *keeper = &daemon->keepers[daemon->count++];

        *keeper = (struct keeper){.options = *options,
                                  .is_one_of_several = lattices->count > 1,
                                  .loop = daemon->loop};
        keeper->options.lattice = lattices->items[i];
        if (lattices->count > 1 && options->store != NULL) {
            keeper->options.store =
                arena_print(arena, "%s/%s.db", options->store, lattices->items[i]);
        }
        if (lattices->count > 1 && options->manifests != NULL) {
            keeper->options.manifests =
                arena_print(arena, "%s/%s", options->manifests, lattices->items[i]);
        }
        code = keeper_open(keeper, err);
    }
    return code;
}

/* Of several lattices one that another daemon keeps is tried again anyway. */
static enum err_code stand_by(struct daemon *daemon, const struct options *options,
                              bool *ret_is_ended, struct err *err)
{
    *ret_is_ended = false;
    if (!options->is_standby) {
        return ERR_OK;
    }
    if (options->lattices.count > 1) {
        return err_set(
            err, ERR_USAGE,
            "--standby is for one lattice: of several, one that another daemon "
            "keeps is tried again every 15 s without it");
    }
    return standby_wait(options, &daemon->notify, ret_is_ended, err);
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct daemon daemon = {0};
    bool is_ended;
    struct err err;
    enum err_code code;

    notify_open(&daemon.notify);
    code = stand_by(&daemon, options, &is_ended, &err);
    if (code == ERR_OK && is_ended) {
        notify_close(&daemon.notify);
        return EXIT_DONE;
    }
    if (code == ERR_OK) {
        code = loop_open(&daemon.loop, &err);
    }
    if (code == ERR_OK) {
        code = open_keepers(&daemon, options, &arena, &err);
    }
    if (code == ERR_OK) {
        code = open_http(&daemon, options, &err);
    }
    if (code == ERR_OK) {
        code = serve(&daemon, &err);
    }
    notify_close(&daemon.notify);
    http_close(daemon.http);
    for (size_t i = 0; i < daemon.count; i++) {
        keeper_close(&daemon.keepers[i]);
    }
    loop_close(daemon.loop);
    arena_free(&arena);
    return code == ERR_OK ? EXIT_DONE : cli_fail(options, &err);
}

const struct cli_command cmd_daemon = {
    .name = "daemon",
    .verb = VERB_DAEMON,
    .run = run,
    .usage = "",
    .summary = "keep applications as they are declared, for ever",
};
