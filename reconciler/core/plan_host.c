#include "reconciler/core/flight.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/timing.h"

static void ask(struct engine *engine, struct host_item *host)
{
    struct command *command =
        flight_issue(engine, &host->item, NULL, &host->ask, COMMAND_ASK_HOST);

    command->host = host->item.name;
    command->reason = "what runs there";
    host->ask_at = INSTANT_NEVER;
}

/* While something is in flight there, look again, less and less often. */
static void keep_watching(struct engine *engine, struct host_item *host)
{
    if (host->flights_count == 0 || host->ask_at.ms != INSTANT_NEVER.ms ||
        host->ask.command != 0) {
        return;
    }
    host->ask_step_ms =
        host->ask_step_ms < ASK_STEP_MS_MAX / 2 ? host->ask_step_ms * 2 : ASK_STEP_MS_MAX;
    host->ask_at = instant_after(engine->now, host->ask_step_ms);
}

/* A late heartbeat is asked after; silence for long means that the host is gone. */
static void watch_silence(struct engine *engine, struct host_item *host)
{
    const struct instant since = instant_is_before(host->heard, engine->connected_at)
                                     ? engine->connected_at
                                     : host->heard;
    const struct instant late =
        instant_after(since, host->interval_ms + host->interval_ms / 4 + HOST_SLACK_MS);
    /* Blind is not dead, and one interval after it everybody has been heard again. */
    const struct instant dead =
        instant_max(instant_after(since, host_silence_ms(engine, host)),
                    instant_after(engine->sighted_at, host->interval_ms));

    if (!engine->is_sighted) {
        state_wait(&host->item, &engine->sight);
    } else if (!instant_is_before(engine->now, dead)) {
        host_lost(engine, host);
        return;
    } else {
        state_wake(engine, &host->item, dead);
    }
    if (instant_is_before(engine->now, late)) {
        state_wake(engine, &host->item, late);
    } else if (host->ask.command == 0 && host->ask_at.ms == INSTANT_NEVER.ms) {
        host->ask_at = engine->now;
    }
}

/* Its ledger rows stay for a while, should it come back. */
static void watch_absence(struct engine *engine, struct host_item *host)
{
    const struct instant forgotten =
        instant_max(instant_after(host->gone_at, HOST_FORGET_MS),
                    instant_after(engine->connected_at, HOST_FORGET_LOOK_MS));
    const struct instant silent =
        instant_after(host->heard, host_silence_ms(engine, host));

    if (host->untold_at.ms != INSTANT_NEVER.ms) { /* it is only known to answer */
        if (instant_is_before(engine->now, silent)) {
            state_wake(engine, &host->item, silent);
        } else {
            host->untold_at = INSTANT_NEVER;
        }
    }
    if (host->placements_count == 0) {
        return;
    }
    if (instant_is_before(engine->now, forgotten)) {
        state_wake(engine, &host->item, forgotten);
    } else {
        host_forget(engine, host);
    }
}

void plan_host(struct engine *engine, struct host_item *host)
{
    if (flight_has_expired(engine, &host->item, &host->ask)) {
        flight_end(engine, &host->ask);
        host->ask_at = engine->now;
    }
    if (!engine->is_connected) {
        return; /* blind is not dead */
    }
    if (host_is_present(host)) {
        watch_silence(engine, host);
    }
    if (host_is_present(host)) {
        keep_watching(engine, host);
    } else {
        watch_absence(engine, host);
    }
    if (host->ask.command == 0 && !instant_is_before(engine->now, host->ask_at)) {
        ask(engine, host);
    } else if (host->ask.command == 0 && host->ask_at.ms != INSTANT_NEVER.ms) {
        state_wake(engine, &host->item, host->ask_at);
    }
}
