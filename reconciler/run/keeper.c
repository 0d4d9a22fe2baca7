#include "reconciler/run/keeper.h"

#include "reconciler/core/status.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/log.h"

#define RETRY_MS ((int64_t)15 * 1000) /* one of several that is down */

/* What is logged from here on is about it. */
static void begin(const struct keeper *keeper)
{
    if (keeper->is_one_of_several) {
        log_about(keeper->options.lattice);
    }
}

static void end(void)
{
    log_about(NULL);
}

static void close_all(struct keeper *keeper)
{
    manifests_close(keeper->manifests);
    service_close(keeper->service);
    reconciler_close(keeper->reconciler);
    keeper->manifests = NULL;
    keeper->service = NULL;
    keeper->reconciler = NULL;
}

static enum err_code open_manifests(struct keeper *keeper, struct err *err)
{
    enum err_code code;

    if (keeper->options.manifests == NULL) {
        return ERR_OK;
    }
    code = manifests_open(keeper->reconciler, &keeper->options, &keeper->manifests, err);
    if (code == ERR_OK) {
        service_follow(keeper->service, keeper->manifests);
    }
    return code;
}

/* Down from here on, until it is tried again; alone, that is the end of the daemon. */
static enum err_code go_down(struct keeper *keeper, const struct err *why)
{
    keeper->why = *why;
    close_all(keeper);
    if (!keeper->is_one_of_several || why->code == ERR_USAGE) {
        return why->code;
    }
    keeper->retry_at = instant_after(clock_now(), RETRY_MS);
    log_say(LOG_LEVEL_ERROR, "this lattice is not kept, and tried again in 15 s",
            "reason", why->message, NULL);
    return ERR_OK;
}

enum err_code keeper_open(struct keeper *keeper, struct err *err)
{
    enum err_code code;

    begin(keeper);
    code = reconciler_join(keeper->loop, &keeper->options, RECONCILER_DAEMON,
                           &keeper->reconciler, err);
    if (code == ERR_OK) {
        code = service_open(keeper->reconciler, keeper->options.api_prefix,
                            keeper->options.lattice, &keeper->service, err);
    }
    if (code == ERR_OK) {
        code = open_manifests(keeper, err);
    }
    if (code != ERR_OK) {
        code = go_down(keeper, err);
    }
    end();
    return code;
}

void keeper_close(struct keeper *keeper)
{
    begin(keeper);
    close_all(keeper);
    end();
}

bool keeper_is_up(const struct keeper *keeper)
{
    return keeper->reconciler != NULL;
}

void keeper_before_wait(struct keeper *keeper)
{
    if (keeper->manifests != NULL) {
        begin(keeper);
        manifests_before_turn(keeper->manifests);
        end();
    }
}

struct instant keeper_deadline(const struct keeper *keeper)
{
    struct instant deadline;

    if (!keeper_is_up(keeper)) {
        return keeper->is_retired ? INSTANT_NEVER : keeper->retry_at;
    }
    deadline = reconciler_deadline(keeper->reconciler);
    deadline = instant_min(deadline, service_deadline(keeper->service));
    return keeper->manifests != NULL && !keeper->is_retired
               ? instant_min(deadline, manifests_deadline(keeper->manifests))
               : deadline;
}

static enum err_code work(struct keeper *keeper, struct err *err)
{
    const enum err_code code = reconciler_work(keeper->reconciler, err);

    if (code != ERR_OK) {
        return go_down(keeper, err);
    }
    if (keeper->manifests != NULL) {
        manifests_after_turn(keeper->manifests);
    }
    service_turn(keeper->service);
    return ERR_OK;
}

enum err_code keeper_work(struct keeper *keeper, struct err *err)
{
    enum err_code code = ERR_OK;

    if (!keeper_is_up(keeper)) {
        return !keeper->is_retired && instant_is_due(keeper->retry_at, clock_now())
                   ? keeper_open(keeper, err)
                   : ERR_OK;
    }
    begin(keeper);
    code = work(keeper, err);
    end();
    return code;
}

void keeper_look(struct keeper *keeper)
{
    if (keeper->manifests != NULL) {
        manifests_look(keeper->manifests);
    }
}

bool keeper_has_looked(const struct keeper *keeper)
{
    return keeper_is_up(keeper) &&
           engine_has_looked(reconciler_engine(keeper->reconciler));
}

const char *keeper_status(const struct keeper *keeper, struct arena *arena)
{
    return keeper_is_up(keeper)
               ? engine_lattice_status(reconciler_engine(keeper->reconciler), arena)
               : arena_copy(arena, keeper->why.message);
}

void keeper_retire(struct keeper *keeper)
{
    keeper->is_retired = true;
    if (keeper_is_up(keeper)) {
        reconciler_retire(keeper->reconciler);
    }
}

bool keeper_is_busy(const struct keeper *keeper)
{
    return keeper_is_up(keeper) &&
           engine_flights_count(reconciler_engine(keeper->reconciler)) > 0 &&
           bus_is_connected(reconciler_bus(keeper->reconciler));
}
