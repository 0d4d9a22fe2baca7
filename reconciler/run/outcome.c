#include "reconciler/run/outcome.h"

#include <string.h>
#include <time.h>

#include "reconciler/core/status.h"
#include "reconciler/run/clock.h"
#include "reconciler/wire/api.h"

/* The status of a large application takes a while to make: not after every turn, and
 * not for more than a twentieth of the time.  What takes long is looked at less often. */
#define LOOK_MS_FIRST ((int64_t)20)
#define LOOK_MS_MAX   ((int64_t)200)
#define LOOK_SHARE    20
/* Between questions whether all there is has converged, which is known at once. */
#define PAUSE_MS ((int64_t)50)

static bool has_come_about(const struct outcome *outcome,
                           const struct application_status *status)
{
    return status->word == (outcome->is_removal ? STATUS_UNDEPLOYED : STATUS_DEPLOYED);
}

/* How status, which has not come about, is reported. */
static enum err_code judge(const struct application_status *status, bool is_late,
                           struct err *err)
{
    if (status->is_conflict) {
        return err_set(err, ERR_CONFLICT, "application %s: %s", status->application,
                       status->reason);
    }
    if (is_late) {
        return err_set(err, ERR_TIMEOUT, "application %s is %s: %s", status->application,
                       status_word_name(status->word), status->reason);
    }
    if (status->word == STATUS_FAILED || status->word == STATUS_STUCK ||
        status->is_halted) {
        return err_set(err, ERR_IO, "application %s: %s", status->application,
                       status->reason);
    }
    return ERR_OK;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* When to look again after a look that began at start, of a wait that began at first. */
static struct instant after_look(struct instant start, struct instant first)
{
    const struct instant now = clock_now();
    const int64_t waited_ms = (now.ms - first.ms) / LOOK_SHARE;
    const int64_t step_ms =
        waited_ms < LOOK_MS_MAX ? larger(waited_ms, LOOK_MS_FIRST) : LOOK_MS_MAX;

    return instant_after(now, larger((now.ms - start.ms) * (LOOK_SHARE - 1), step_ms));
}

struct await {
    const struct outcome *outcome;
    bool is_patient;
    struct instant first;
    struct instant look_at;
};

/* Have all come about, or will one never? */
static bool is_decided(const struct outcome *outcome, const struct engine *engine)
{
    struct arena arena = {0};
    size_t done_count = 0;
    bool is_hopeless = false;

    for (size_t i = 0; i < outcome->count; i++) {
        struct application_status status;

        engine_status(engine, outcome->applications[i], &arena, &status);
        done_count += has_come_about(outcome, &status);
        is_hopeless |= status.is_conflict;
    }
    arena_free(&arena);
    return is_hopeless || done_count == outcome->count;
}

static bool is_done(void *context, struct reconciler *reconciler)
{
    struct await *await = context;
    const struct engine *engine = reconciler_engine(reconciler);
    const struct instant now = clock_now();
    bool is_over;

    if (!await->is_patient) {
        return engine_is_idle(engine);
    }
    if (!engine_is_converged(engine) && !instant_is_due(await->look_at, now)) {
        return false;
    }
    is_over = is_decided(await->outcome, engine);
    await->look_at = after_look(now, await->first);
    return is_over;
}

enum err_code outcome_await(struct reconciler *reconciler, const struct outcome *outcome,
                            bool is_patient, int64_t timeout_ms, struct err *err)
{
    struct await await = {
        .outcome = outcome, .is_patient = is_patient, .first = clock_now()};
    struct arena arena = {0};
    enum err_code code = reconciler_until(reconciler, timeout_ms, is_done, &await, err);
    const bool is_late = code == ERR_TIMEOUT;

    for (size_t i = 0; i < outcome->count && (code == ERR_OK || is_late); i++) {
        struct application_status status;
        enum err_code judged = ERR_OK;

        engine_status(reconciler_engine(reconciler), outcome->applications[i], &arena,
                      &status);
        if (!has_come_about(outcome, &status)) {
            judged = judge(&status, is_late, err);
        }
        if (judged != ERR_OK) {
            code = judged;
            break;
        }
    }
    arena_free(&arena);
    return code;
}

/* What is looked at when a daemon is asked. */
struct look {
    const struct outcome *outcome;
    const char *application; /* one of its */
    bool is_late;            /* it should have come about by now */
};

/* *ret_is_done, or why not: ERR_OK means that it is still on its way. */
static enum err_code look_at(struct client *client, const struct look *look,
                             bool *ret_is_done, struct err *err)
{
    const struct client_request request = {"status", look->application, "brief",
                                           strlen("brief")};
    struct api_status_report report;
    struct arena arena = {0};
    struct client_reply reply;
    enum err_code code = client_ask(client, &request, &arena, &reply, err);

    if (code == ERR_OK) {
        code = api_decode_status(reply.bytes, reply.length, &arena, &report, err);
    }
    if (code == ERR_OK && report.count == 0) {
        code = err_set(err, ERR_NOTFOUND, "application %s is gone", look->application);
    }
    if (code == ERR_NOTFOUND && look->outcome->is_removal) {
        *ret_is_done = true;
        code = ERR_OK;
    } else if (code == ERR_OK) {
        const struct application_status *status = &report.items[0].status;

        *ret_is_done = has_come_about(look->outcome, status);
        if (!*ret_is_done && (look->is_late || status->is_conflict)) {
            code = judge(status, look->is_late, err);
        }
    }
    arena_free(&arena);
    return code;
}

static void pause_for(int64_t ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000,
                                   .tv_nsec = ms % 1000 * 1000 * 1000};

    (void)nanosleep(&pause, NULL);
}

/* Until moment, or until everything has converged that had not when the pause began. */
static void pause_until(struct client *client, struct instant moment)
{
    int64_t left = instant_left(clock_now(), moment);
    const bool is_news = left > PAUSE_MS && !client_finds_converged(client);

    while (left > 0) {
        pause_for(left < PAUSE_MS ? left : PAUSE_MS);
        if (is_news && client_finds_converged(client)) {
            break;
        }
        left = instant_left(clock_now(), moment);
    }
}

enum err_code outcome_await_daemon(struct client *client, const struct outcome *outcome,
                                   int64_t timeout_ms, struct err *err)
{
    const struct instant first = clock_now();
    const struct instant deadline = instant_after(first, timeout_ms);

    for (size_t i = 0; i < outcome->count; i++) {
        bool has_come = false;

        while (!has_come) {
            const struct instant start = clock_now();
            const struct look look = {outcome, outcome->applications[i],
                                      instant_is_due(deadline, start)};
            const enum err_code code = look_at(client, &look, &has_come, err);

            if (code != ERR_OK) {
                return code;
            }
            if (!has_come) {
                pause_until(client, instant_min(after_look(start, first), deadline));
            }
        }
    }
    return ERR_OK;
}
