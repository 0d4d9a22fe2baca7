#include "reconciler/core/moment.h"
#include "reconciler/core/reason.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/config_user.h"
#include "reconciler/core/difference.h"
#include "reconciler/core/entry.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/pause.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/rollout.h"
#include "reconciler/core/state.h"

const char *reason_of_absence(const struct shared_row *row, struct arena *arena)
{
    const char *kind = workload_kind_name(row->kind);
    const char *text = "";

    switch (row->state) {
    case SHARED_ABSENT:
        text = "is not deployed";
        break;
    case SHARED_CLOSED:
        text = "is not shared";
        break;
    case SHARED_UNKNOWN:
        text = "runs none of that name";
        break;
    case SHARED_THERE:
        break;
    }
    return arena_print(arena, "waits for %s %s of application %s, which %s", kind,
                       row->name, row->application, text);
}

static long long seconds_until(const struct engine *engine, struct instant moment)
{
    return (long long)(instant_left(engine->now, moment) + 999) / 1000;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static const char *contest_text(const struct engine *engine, const struct retry *retry,
                                const struct contest *contest, struct arena *arena)
{
    return arena_print(arena,
                       "undone %u times in %lld s, and not by us: put again in %lld s",
                       (unsigned int)contest->count,
                       (long long)(contest->last.ms - contest->first.ms + 999) / 1000,
                       seconds_until(engine, retry_look(retry)->at));
}

static const char *retry_text(const struct engine *engine, const struct retry *retry,
                              struct arena *arena)
{
    const struct contest *contest = retry_contest(engine, retry);

    if (retry_look(retry)->text == NULL) {
        return contest != NULL
                   ? contest_text(engine, retry, contest, arena)
                   : arena_print(arena, "it reached no host: sent again in %lld s",
                                 seconds_until(engine, retry_look(retry)->at));
    }
    if (retry_look(retry)->moots > 0) {
        return arena_print(
            arena,
            "%s: what its host says it runs decides (said %u time%s, tried "
            "again in %lld s)",
            retry_look(retry)->text, (unsigned int)retry_look(retry)->moots,
            plural(retry_look(retry)->moots),
            seconds_until(engine, retry_look(retry)->at));
    }
    return arena_print(arena, "%s (%u time%s, tried again in %lld s)",
                       retry_look(retry)->text, (unsigned int)retry_look(retry)->failures,
                       plural(retry_look(retry)->failures),
                       seconds_until(engine, retry_look(retry)->at));
}

/* Somebody else has changed it; it is looked at again before long. */
static const char *quiet_text(const struct engine *engine, const struct subject *subject,
                              struct arena *arena)
{
    if (subject->placement != NULL) {
        return arena_print(
            arena,
            "host %s tells of another image since a moment ago, and not "
            "by us: looked at again in %lld s",
            host_name(subject->placement->host),
            seconds_until(engine, moment_of(subject->placement, MOMENT_SUSPECT)));
    }
    return arena_print(
        arena,
        "somebody else has just changed the links of %s: they are left "
        "alone for %lld ms more",
        subject->link->source->item.name,
        (long long)instant_left(engine->now, subject->link->source->quiet_until));
}

static const char *used_text(const struct engine *engine,
                             const struct config_item *config, struct arena *arena)
{
    const struct config_user user = config_find_user(engine, config);
    const char *name = user.link != NULL       ? link_name(user.link->key, arena)
                       : user.workload != NULL ? user.workload->item.name
                                               : "what is wanted elsewhere";

    return arena_print(arena,
                       user.is_leaving ? "waits until %s is gone, which names it"
                                       : "kept, for %s names it",
                       name);
}

/* The command of what subject is about. */
static const struct flight *flight_of(const struct subject *subject)
{
    if (subject->config != NULL) {
        return &subject->config->flight;
    }
    return subject->link != NULL ? &subject->link->source->flight
                                 : &subject->placement->flight;
}

static const char *flight_text(const struct engine *engine, const struct subject *subject,
                               struct arena *arena)
{
    const struct retry *retry = subject->retry;
    const long long seconds = flight_ms(engine, flight_of(subject)) / 1000;

    if (subject->verdict->about != NULL) {
        return arena_print(arena,
                           "waits for another change of the links of %s, sent %lld s ago",
                           subject->verdict->about->name, seconds);
    }
    return retry_look(retry)->text != NULL && retry_look(retry)->failures > 0 &&
                   retry_look(retry)->moots == 0
               ? arena_print(arena, "sent again %lld s ago, after: %s (%u time%s)",
                             seconds, retry_look(retry)->text,
                             (unsigned int)retry_look(retry)->failures,
                             plural(retry_look(retry)->failures))
               : arena_print(arena, "sent %lld s ago, its effect is not seen yet",
                             seconds);
}

static const char *held_text(const struct workload_item *workload, struct arena *arena)
{
    return arena_print(arena,
                       "kept, for a link that is not ours names it: %s; delete the "
                       "application, or that link, to remove it",
                       link_name(foreign_link(workload)->key, arena));
}

static const char *config_text(const struct config_item *config, struct arena *arena)
{
    if (config->observed == NULL) {
        return arena_print(arena, "waits for config %s, which does not exist%s",
                           config->item.name,
                           config->claims == NULL ? " and no application declares" : "");
    }
    return arena_print(arena, "waits for config %s, which has %s", config->item.name,
                       config->verdict.reason == REASON_FOREIGN
                           ? "somebody else's content"
                           : "not the content that is wanted yet");
}

static const char *payload_text(const struct engine *engine, const struct link_item *link,
                                struct arena *arena)
{
    return arena_print(arena,
                       "the links of %s would be an entry of %zu bytes, and max_payload "
                       "of the NATS server is %zu, of which %zu are used: give some to "
                       "another component, or raise it",
                       link->source->item.name, entry_bytes_with(link),
                       engine->payload_max, entry_bytes_max(engine));
}

static const char *slot_text(const struct verdict *verdict, struct arena *arena)
{
    return arena_print(arena,
                       "a link to %s, which is not ours, has its source, package and "
                       "name: delete that one, or give this one another name",
                       verdict->about->name);
}

/* The links of a source that what waits for them has to wait for. */
static const char *links_text(const struct source_item *source, struct arena *arena)
{
    size_t pending = 0;

    for (size_t i = 0; i < source->links_count; i++) {
        pending += plan_link_is_pending(source->links[i]);
    }
    if (pending == 0) {
        return arena_print(arena, "waits for the links of %s, of which one is changed",
                           source->item.name);
    }
    return arena_print(arena, "waits for the links of %s: %zu of %u %s not in place yet",
                       source->item.name, pending, (unsigned int)source->links_count,
                       pending == 1 ? "is" : "are");
}

/* What is started, where, and for how long that has been so, or may be. */
static const char *starting_text(const struct engine *engine,
                                 const struct workload_item *workload,
                                 struct arena *arena)
{
    const char *name = workload->item.name;

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];
        const char *host = host_name(placement->host);

        if (placement_is_starting(placement)) {
            return arena_print(
                arena, "waits until %s has started on host %s, which was told %lld s ago",
                name, host, (long long)flight_ms(engine, &placement->flight) / 1000);
        }
        if (placement->observed != NULL &&
            instant_is_before(engine->now, moment_of(placement, MOMENT_READY))) {
            return arena_print(arena,
                               "waits until %s has passed its health check on host %s, "
                               "for %lld s at the most",
                               name, host,
                               seconds_until(engine, moment_of(placement, MOMENT_READY)));
        }
        if (placement_may_appear(engine, placement)) {
            return arena_print(arena,
                               "waits for %s, whose start on host %s was not seen and "
                               "may come about for %lld s more",
                               name, host,
                               seconds_until(engine, placement->unsure_until));
        }
    }
    return arena_print(arena, "waits until %s has started", name);
}

static const char *room_text(const struct verdict *verdict, const struct engine *engine,
                             struct arena *arena)
{
    if (verdict->about->kind == ITEM_HOST) {
        const struct host_item *host = (const struct host_item *)verdict->about;

        return arena_print(arena,
                           "waits for other commands to end: %u are under way on host "
                           "%s, and no more at a time",
                           (unsigned int)host->flights_count, host_name(host));
    }
    return arena_print(arena,
                       "waits for other commands to end: %zu are under way, and no more "
                       "at a time",
                       engine->flights_count);
}

/* Something runs at placement under the id of workload that is not ours. */
static const char *intruder_text(const struct placement *placement, struct arena *arena)
{
    const struct host_workload *observed = placement->observed;
    const bool has_application = observed->application[0] != '\0';
    const char *count = placement->kind == WORKLOAD_COMPONENT
                            ? arena_print(arena, "%u of ", (unsigned int)observed->count)
                            : "";

    return arena_print(arena, "host %s runs %s%s under this id%s%s, which is not ours",
                       host_name(placement->host), count, observed->image,
                       has_application ? " for application " : "",
                       has_application ? observed->application : "");
}

/* The instances that miss have no host because of what is not ours. */
static const char *intruders_text(const struct workload_item *workload,
                                  struct arena *arena)
{
    const struct placement *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->observed != NULL && !placement_is_ours(placement, workload)) {
            first = first != NULL ? first : placement;
            count++;
        }
    }
    if (first == NULL) {
        return "something that is not ours has this id";
    }
    return arena_print(arena, "%u ha%s no host, for %zu host%s run%s this id already: %s",
                       (unsigned int)workload->missing,
                       workload->missing == 1 ? "s" : "ve", count, plural(count),
                       count == 1 ? "s" : "", intruder_text(first, arena));
}

static const char *foreign_text(const struct subject *subject, struct arena *arena)
{
    if (subject->config != NULL) {
        return "the lattice has a config of this name with other content, which is not "
               "ours: delete it, or declare what it holds";
    }
    if (subject->link != NULL) {
        return arena_print(arena,
                           "the lattice has this link in another form, which is not "
                           "ours: %s; delete it, or declare it so",
                           difference_of_link(subject->link, arena));
    }
    return subject->placement != NULL ? intruder_text(subject->placement, arena)
                                      : intruders_text(subject->workload, arena);
}

static const char *young_text(const struct engine *engine, struct arena *arena)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];
    const struct host_item *next = NULL;

    for (size_t i = 0; i < table->count; i++) {
        const struct host_item *host = (const struct host_item *)table->items[i];

        if (host_is_present(host) && instant_is_before(engine->now, host->young_until) &&
            (next == NULL || instant_is_before(host->young_until, next->young_until))) {
            next = host;
        }
    }
    return next == NULL
               ? "waits for a host that has only just started"
               : arena_print(arena,
                             "waits for host %s, which has only just started, "
                             "for %lld s more",
                             host_name(next), seconds_until(engine, next->young_until));
}

static const char *unsure_text(const struct engine *engine, const struct subject *subject,
                               struct arena *arena)
{
    const struct instant until = subject->config != NULL ? subject->config->unsure_until
                                 : subject->link != NULL
                                     ? subject->link->source->unsure_until
                                     : placement_unsure_until(subject->placement);

    return arena_print(arena,
                       "a command whose effect was not seen may still come about, "
                       "for %lld s more",
                       seconds_until(engine, until));
}

static const char *untold_text(const struct engine *engine, const struct subject *subject,
                               struct arena *arena)
{
    const struct config_item *config = subject->config;
    const struct host_item *host = (const struct host_item *)subject->verdict->about;

    if (host != NULL) {
        const bool is_returning = host->state == HOST_GONE;
        const struct instant since = is_returning ? host->heard : engine->connected_at;

        return arena_print(
            arena,
            "host %s may run %s, and has not told what it runs since %s %lld s ago",
            host_name(host), config != NULL ? "what names it" : "it",
            is_returning ? "it was heard of again" : "we were connected",
            (long long)(engine->now.ms - since.ms) / 1000);
    }
    if (config->ask.command == 0) {
        return "hosts are about to be asked what it is";
    }
    return arena_print(arena,
                       "hosts were asked %lld s ago what it is, and have not told yet",
                       (long long)flight_ms(engine, &config->ask) / 1000);
}

static const char *blind_text(const struct engine *engine)
{
    const char *blind = reason_of_blindness(engine);

    return blind != NULL ? blind : "about to be looked at";
}

/* It differs, and nothing is done about it: how. */
static const char *differing_text(const struct subject *subject, struct arena *arena)
{
    const char *text = NULL;

    if (subject->config != NULL) {
        text = difference_of_config(subject->config);
    } else if (subject->link != NULL) {
        text = difference_of_link(subject->link, arena);
    } else {
        text = difference_of_placement(subject->workload, subject->placement, arena);
    }
    return arena_print(arena, "differs from what is wanted: %s", text);
}

/* The ledger counts where nobody wants it any more. */
static const char *paused_text(const struct engine *engine, const struct subject *subject,
                               struct arena *arena)
{
    const char *name;

    if (engine->suspended != NULL) {
        return arena_print(arena, "%s; %s", engine->suspended,
                           differing_text(subject, arena));
    }
    if (subject->config != NULL) {
        name = pause_of(engine, subject->config->claims, subject->config->ledger);
    } else if (subject->link != NULL) {
        name = pause_of(engine, subject->link->claims, subject->link->ledger);
    } else {
        name = pause_of(engine, subject->workload->claims, subject->placement->ledger);
    }
    if (name == NULL) { /* then it is that of a link which has to go first */
        return "a link in its way is of an application that is paused";
    }
    return arena_print(arena, "application %s is paused; %s", name,
                       differing_text(subject, arena));
}

const char *reason_text_now(const struct engine *engine, const struct subject *subject,
                            struct arena *arena)
{
    const struct verdict *verdict = subject->verdict;

    switch (verdict->reason) {
    case REASON_NONE:
        return "";
    case REASON_NEW:
        return "not looked at yet";
    case REASON_BLIND:
        return blind_text(engine);
    case REASON_UNTOLD:
        return untold_text(engine, subject, arena);
    case REASON_IN_FLIGHT:
        return flight_text(engine, subject, arena);
    case REASON_RETRY:
        return retry_text(engine, subject->retry, arena);
    case REASON_CONFIG:
        return config_text((const struct config_item *)verdict->about, arena);
    case REASON_SHARED:
        return reason_of_absence(claim_link(subject->link)->missing, arena);
    case REASON_LINKS:
        return links_text((const struct source_item *)verdict->about, arena);
    case REASON_STARTING:
        return starting_text(engine, (const struct workload_item *)verdict->about, arena);
    case REASON_QUIET:
        return quiet_text(engine, subject, arena);
    case REASON_ROOM:
        return room_text(verdict, engine, arena);
    case REASON_FOREIGN:
        return foreign_text(subject, arena);
    case REASON_SLOT:
        return slot_text(verdict, arena);
    case REASON_PAYLOAD:
        return payload_text(engine, subject->link, arena);
    case REASON_USED:
        return used_text(engine, subject->config, arena);
    case REASON_HELD:
        return held_text(subject->workload, arena);
    case REASON_EMPTIED:
        return arena_print(
            arena,
            "all links of the lattice vanished at once: nothing is deleted for %lld s "
            "more",
            seconds_until(engine, engine->buckets[BUCKET_LINKS].emptied_until));
    case REASON_YOUNG:
        return young_text(engine, arena);
    case REASON_DEAF:
        return hearing_text(engine, subject->link, arena);
    case REASON_HOSTS:
    case REASON_CORDON:
    case REASON_LABELS:
    case REASON_OFF:
    case REASON_APART:
    case REASON_DRAIN:
        return subject->workload->missing_text;
    case REASON_ROLLOUT:
        return rollout_wait_text(subject->workload, subject->placement, arena);
    case REASON_HALTED:
        return rollout_halt_text(engine, subject->workload, arena);
    case REASON_UNSURE:
        return unsure_text(engine, subject, arena);
    case REASON_PAUSED:
        return paused_text(engine, subject, arena);
    case REASON_OBSERVER:
        return differing_text(subject, arena);
    }
    abort();
}
