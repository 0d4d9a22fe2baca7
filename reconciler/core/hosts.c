#include "reconciler/core/hosts.h"

#include <string.h>

#include "reconciler/core/beat.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/observe.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/rollout.h"
#include "reconciler/core/taint.h"
#include "reconciler/core/timing.h"

const char *host_name(const struct host_item *host)
{
    return host->inventory != NULL && host->inventory->name[0] != '\0'
               ? host->inventory->name
               : host->item.name;
}

static void appear(struct engine *engine, struct host_item *host)
{
    host->state = HOST_UP;
    host->gone_at = INSTANT_NEVER;
    engine->hosts_up++;
    placement_use(engine, host, 1);
    state_mark(engine, &engine->sight);
    state_changed(engine, &engine->hosts);
}

/* End what is in flight on host: nobody is there to do it, or to tell. */
static void end_flights(struct engine *engine, const struct host_item *host,
                        bool is_stopped)
{
    for (size_t i = 0; host->flights_count > 0 && i < engine->owners_count;) {
        struct placement *placement = engine->owners[i].placement;

        if (placement == NULL || placement->host != host) {
            i++;
            continue;
        }
        state_mark(engine, engine->owners[i].item);
        state_changed(engine, engine->owners[i].item);
        placement_lose(engine, placement, is_stopped); /* takes owners[i] out */
    }
}

/* What was started there went with the process; so does its ledger but for what it
 * knows, and nobody else may, of what ran well. */
static void drop_ledger(struct engine *engine, const struct host_item *host,
                        bool is_forgotten)
{
    const struct item_list *table = &engine->tables[ITEM_WORKLOAD];

    for (size_t i = 0; i < table->count; i++) {
        const struct workload_item *workload =
            (const struct workload_item *)table->items[i];

        for (size_t j = 0; j < workload->placements_count; j++) {
            struct placement *placement = workload->placements[j];

            if (placement->host == host) {
                taint_drop(engine, workload, placement);
            }
            if (placement->host == host && placement->ledger != NULL &&
                (is_forgotten || !rollout_needs(workload, placement))) {
                placement_drop_ledger(engine, workload, placement);
                state_mark(engine, table->items[i]);
            }
        }
    }
}

/*
 * host is not there any more.  One that only fell silent may come back with all it ran,
 * so the ledger keeps its rows until it has been forgotten; a stopped one is empty.
 */
static void vanish(struct engine *engine, struct host_item *host, bool is_stopped,
                   const char *why)
{
    if (!host_is_present(host)) {
        return;
    }
    host_note_gone(engine, host, why);
    end_flights(engine, host, is_stopped);
    observe_nothing(engine, host);
    placement_use(engine, host, -1);
    host->state = HOST_GONE;
    host->gone_at = engine->now;
    host->ask_at = INSTANT_NEVER;
    if (is_stopped) {
        drop_ledger(engine, host, false);
    }
    engine->hosts_up--;
    state_mark(engine, &host->item);
    state_mark(engine, &engine->sight);
    state_changed(engine, &engine->hosts);
}

void host_lost(struct engine *engine, struct host_item *host)
{
    vanish(engine, host, false,
           arena_print(&engine->scratch, "it was silent for %lld s",
                       (long long)(engine->now.ms - host->heard.ms) / 1000));
}

void host_forget(struct engine *engine, struct host_item *host)
{
    drop_ledger(engine, host, true);
}

/* Before the buckets are known nobody is counted as gone who does not say so. */
static bool may_be_gone(const struct engine *engine)
{
    return engine->buckets[BUCKET_LINKS].is_known &&
           engine->buckets[BUCKET_CONFIGS].is_known;
}

/* Anything was heard of host since we are connected. */
static bool has_answered(const struct engine *engine, const struct host_item *host)
{
    return !instant_is_before(host->heard, engine->connected_at);
}

/* It was taken for gone, and has been heard of since. */
static bool is_returning(const struct host_item *host)
{
    return host->state == HOST_GONE && instant_is_before(host->gone_at, host->heard);
}

/* It is not known to be there, and was heard of not long ago, or may be heard of yet. */
static bool may_be_heard(const struct engine *engine, const struct host_item *host)
{
    const struct instant since = instant_max(host->heard, engine->connected_at);

    return engine->now.ms - since.ms < host_silence_ms(engine, host);
}

/* Nobody listens where host was heard of again: what was heard may have been late.  One
 * sign is no more for it than for one that is there. */
static void doubt_return(struct engine *engine, struct host_item *host)
{
    if (host->doubted_at.ms == INSTANT_NEVER.ms ||
        instant_is_before(host->doubted_at, engine->connected_at)) {
        host->doubted_at = engine->now;
    } else if (may_be_gone(engine) &&
               !instant_is_before(engine->now,
                                  instant_after(host->doubted_at, HOST_SUSPECT_MS))) {
        host->gone_at = engine->now;
        state_changed(engine, &engine->hosts);
        return;
    }
    if (may_be_heard(engine, host)) {
        host_ask(engine, host, HOST_SUSPECT_MS);
    }
}

void host_has_no_responders(struct engine *engine, struct host_item *host)
{
    /* Several commands of one moment are one sign, and one of before we connected again
     * is none: it may have been our connection that failed. */
    const bool is_first =
        host->state == HOST_UP || instant_is_before(host->gone_at, engine->connected_at);
    const bool is_sure =
        !is_first && may_be_gone(engine) &&
        !instant_is_before(engine->now, instant_after(host->gone_at, HOST_SUSPECT_MS));

    if (is_returning(host)) {
        doubt_return(engine, host);
        return;
    }
    if (host->state == HOST_UNKNOWN && !has_answered(engine, host)) { /* no survey */
        host->gone_at = host->is_known ? host->gone_at : engine->now;
        host->state = HOST_GONE;
        state_changed(engine, &engine->hosts);
    }
    if (!host_is_present(host)) {
        return;
    }
    if (is_sure) {
        vanish(engine, host, false, "nobody listens at its subject");
        return;
    }
    if (is_first) {
        host->state = HOST_SUSPECT;
        host->gone_at = engine->now;
        host->ask_at = INSTANT_NEVER;
    }
    host_ask(engine, host, HOST_SUSPECT_MS);
}

int64_t host_silence_ms(const struct engine *engine, const struct host_item *host)
{
    return engine->missed_heartbeats * host->interval_ms + engine->heartbeat_slack_ms;
}

void host_untold(struct engine *engine, struct host_item *host)
{
    if (host->untold_at.ms == INSTANT_NEVER.ms) {
        host->untold_at = engine->now;
    }
    if (host_is_present(host)) {
        host_ask(engine, host,
                 host_is_mute(engine, host) ? host->interval_ms : HOST_SUSPECT_MS);
    }
    state_mark(engine, &host->item);
}

bool host_is_mute(const struct engine *engine, const struct host_item *host)
{
    return host->untold_at.ms != INSTANT_NEVER.ms &&
           instant_is_before(host->untold_at, host->heard) &&
           engine->now.ms - host->untold_at.ms >= host_silence_ms(engine, host);
}

bool host_is_awaited(const struct engine *engine, const struct host_item *host)
{
    return host->connection != engine->connection && !host_is_mute(engine, host) &&
           (host_is_present(host) ||
            (host->state == HOST_UNKNOWN && may_be_heard(engine, host)));
}

bool host_may_return(const struct engine *engine, const struct host_item *host)
{
    return (host->state == HOST_UNKNOWN || is_returning(host)) &&
           may_be_heard(engine, host);
}

const char *host_mute_text(const struct engine *engine, const struct host_item *host,
                           struct arena *arena)
{
    const char *bytes = engine->payload_max > 0
                            ? arena_print(arena, ", %zu bytes", engine->payload_max)
                            : "";

    return arena_print(arena,
                       "host %s answers, but has not told what it runs for %lld s: it is "
                       "busy, or its inventory is larger than max_payload of the NATS "
                       "server%s",
                       host_name(host),
                       (long long)(engine->now.ms - host->untold_at.ms) / 1000, bytes);
}

const struct host_item *host_first_mute(const struct engine *engine, size_t *ret_count)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    const struct host_item *first = NULL;

    *ret_count = 0;
    for (size_t i = 0; i < table->count; i++) {
        const struct host_item *host = (const struct host_item *)table->items[i];

        if (host_is_mute(engine, host)) {
            first = first != NULL ? first : host;
            *ret_count += 1;
        }
    }
    return first;
}

static void hear(struct engine *engine, struct host_item *host)
{
    host->heard = engine->now;
    host->doubted_at = INSTANT_NEVER;
    if (host->state == HOST_SUSPECT) {
        host->state = HOST_UP;
        state_changed(engine, &engine->hosts);
    }
    state_mark(engine, &host->item);
}

/* It says nothing new, as nearly always. */
static bool digests_are_equal(const struct inventory *a, const struct inventory *b)
{
    return a != NULL && a->digest != 0 && a->digest == b->digest;
}

/* What runs there may have to go, and what waits for a host may come. */
static void relabelled(struct engine *engine, const struct host_item *host)
{
    const struct item_list *table = &engine->tables[ITEM_WORKLOAD];

    for (size_t i = 0; i < table->count && host->placements_count > 0; i++) {
        struct workload_item *workload = (struct workload_item *)table->items[i];

        if (state_find_placement(workload, host, WORKLOAD_COMPONENT) != NULL ||
            state_find_placement(workload, host, WORKLOAD_PROVIDER) != NULL) {
            state_mark(engine, &workload->item);
        }
    }
    state_changed(engine, &engine->hosts);
}

/*
 * A heartbeat may be late: of a host that is gone, or told before what we know.  Or two
 * processes share one id.  What is so is asked for then.
 */
static bool is_heartbeat_doubtful(const struct host_item *host,
                                  const struct inventory *inventory)
{
    return !host_is_present(host) || inventory->uptime_seconds < host->uptime_s;
}

void host_told(struct engine *engine, const struct inventory *inventory,
               bool is_heartbeat)
{
    struct host_item *host = state_host(engine, inventory->host);
    bool is_relabelled;

    if (is_heartbeat && is_heartbeat_doubtful(host, inventory)) {
        hear(engine, host);
        host_ask(engine, host, 0);
        return;
    }
    host->uptime_s = inventory->uptime_seconds;
    host->began = instant_after(engine->now, -1000 * inventory->uptime_seconds);
    if (!host_is_present(host)) {
        appear(engine, host);
        host_note_heard(engine, inventory);
        if (inventory->uptime_seconds < HOST_YOUNG_UPTIME_S) {
            host->young_until = instant_after(engine->now, HOST_YOUNG_MS);
        }
    }
    hear(engine, host);
    host->untold_at = INSTANT_NEVER;
    if (is_heartbeat) {
        beat_learn(engine, host);
    }
    if (host->connection != engine->connection) {
        host->connection = engine->connection;
        state_mark(engine, &engine->sight);
        state_changed(engine, &engine->hosts);
    }
    if (digests_are_equal(host->inventory, inventory)) {
        return;
    }
    is_relabelled = host->inventory != NULL &&
                    !properties_are_equal(&host->inventory->labels, &inventory->labels);
    observe_inventory(engine, host, inventory);
    if (is_relabelled) {
        relabelled(engine, host);
    }
}

void host_started(struct engine *engine, const char *id)
{
    struct host_item *host = state_host(engine, id);

    hear(engine, host);
    host_ask(engine, host, 0);
}

void host_stopped(struct engine *engine, const char *id)
{
    struct host_item *host = (struct host_item *)state_find(engine, ITEM_HOST, id);

    if (host != NULL) {
        vanish(engine, host, true, "it said that it stops");
    }
}

void host_pinged(struct engine *engine, const char *id)
{
    struct host_item *host = state_host(engine, id);

    hear(engine, host);
    if ((!host_is_present(host) || host->connection != engine->connection) &&
        host->ask.command == 0) {
        host_ask(engine, host, 0);
    }
}

void host_changed(struct engine *engine, const char *id)
{
    struct host_item *host = state_host(engine, id);

    hear(engine, host);
    host_look(engine, host);
}

static struct placement *find_placement(struct engine *engine, const struct event *event,
                                        enum workload_kind kind)
{
    const struct host_item *host =
        (const struct host_item *)state_find(engine, ITEM_HOST, event->u.workload.host);
    const struct workload_item *workload = (const struct workload_item *)state_find(
        engine, ITEM_WORKLOAD, event->u.workload.id);

    return host != NULL && workload != NULL ? state_find_placement(workload, host, kind)
                                            : NULL;
}

/* An event of a start that is not the one in flight says nothing of that. */
static bool is_about(const struct placement *placement, const char *image)
{
    return placement != NULL && placement->flight.command != 0 &&
           placement->ledger != NULL &&
           (image[0] == '\0' ||
            image_is_same(placement->kind, image, placement->ledger->u.start->image));
}

static void fail(struct engine *engine, struct workload_item *workload,
                 const struct event *event, enum workload_kind kind)
{
    struct placement *placement = find_placement(engine, event, kind);

    if (!is_about(placement, event->u.workload.image)) {
        return;
    }
    placement_fail(engine, workload, placement, event->u.workload.text);
}

void host_workload_failed(struct engine *engine, const struct event *event)
{
    struct workload_item *workload =
        (struct workload_item *)state_find(engine, ITEM_WORKLOAD, event->u.workload.id);

    if (workload != NULL) {
        fail(engine, workload, event, WORKLOAD_COMPONENT);
        fail(engine, workload, event, WORKLOAD_PROVIDER);
    }
    /* It may run all the same: a start that comes second fails. */
    host_changed(engine, event->u.workload.host);
}

void host_workload_checked(struct engine *engine, const struct event *event)
{
    struct placement *placement = find_placement(engine, event, WORKLOAD_PROVIDER);

    if (placement == NULL) {
        return;
    }
    state_mark(engine, state_find(engine, ITEM_WORKLOAD, event->u.workload.id));
    if (event->kind == EVENT_WORKLOAD_UNHEALTHY) {
        moment_set(engine, placement, MOMENT_UNWELL,
                   instant_min(moment_of(placement, MOMENT_UNWELL), engine->now));
        return;
    }
    if (moment_of(placement, MOMENT_UNWELL).ms ==
        INSTANT_NEVER.ms) { /* it was well: another start */
        moment_set(engine, placement, MOMENT_BEGUN, engine->now);
    }
    moment_set(engine, placement, MOMENT_UNWELL, INSTANT_NEVER);
    moment_set(engine, placement, MOMENT_READY, (struct instant){0});
    state_changed(engine, state_find(engine, ITEM_WORKLOAD, event->u.workload.id));
}
