#include "reconciler/core/reason.h"

#include <assert.h>
#include <stdlib.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/config_user.h"
#include "reconciler/core/entry.h"
#include "reconciler/core/foreign.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/retry.h"
#include "reconciler/core/rollout.h"
#include "reconciler/core/state.h"
#include "reconciler/core/timing.h"

static const char *bucket_text(const struct engine *engine, enum bucket bucket)
{
    const char *text = engine->buckets[bucket].text;

    return text != NULL ? text : "the lattice's buckets are being read";
}

const char *reason_of_blindness(const struct engine *engine)
{
    size_t mute_count;

    if (!engine->is_connected) {
        return "not connected to NATS";
    }
    if (!engine->buckets[BUCKET_LINKS].is_known && engine->hosts_up > 0) {
        return bucket_text(engine, BUCKET_LINKS);
    }
    if (!engine->buckets[BUCKET_CONFIGS].is_known && engine->hosts_up > 0) {
        return bucket_text(engine, BUCKET_CONFIGS);
    }
    if (!engine->is_surveyed && engine->survey_text != NULL) {
        return engine->survey_text;
    }
    if ((!engine->is_surveyed || engine->hosts_up == 0) &&
        host_first_mute(engine, &mute_count) != NULL) {
        return "hosts answer, but none tells what it runs: they are busy, or their "
               "inventories are larger than max_payload of the NATS server";
    }
    if (!engine->is_surveyed) {
        return "hosts are being asked what they run";
    }
    if (engine->hosts_up == 0) {
        return "the lattice has no hosts";
    }
    return NULL;
}

enum status_word reason_blind_word(const struct engine *engine)
{
    /* A lattice without hosts is seen well enough: it is empty. */
    return engine->is_connected && engine->is_surveyed && engine->hosts_up == 0
               ? STATUS_WAITING
               : STATUS_BLIND;
}

/* Of a command that is under way again, or will be. */
static enum status_word retry_word(const struct engine *engine, const struct retry *retry)
{
    if (retry->failures > 0 && retry->is_final) {
        return STATUS_FAILED;
    }
    return retry->failures >= STUCK_FAILURES || retry_contest(engine, retry) != NULL
               ? STATUS_STUCK
               : STATUS_RECONCILING;
}

/* Of what waits for config. */
static enum status_word config_word(const struct config_item *config)
{
    return config->claims != NULL && config->verdict.reason != REASON_FOREIGN &&
                   config->retry.failures == 0
               ? STATUS_RECONCILING
               : STATUS_WAITING;
}

enum status_word reason_word(const struct engine *engine, const struct verdict *verdict,
                             const struct retry *retry)
{
    switch (verdict->reason) {
    case REASON_NONE:
        return STATUS_DEPLOYED;
    case REASON_BLIND:
        return reason_blind_word(engine);
    case REASON_UNTOLD:
        return STATUS_BLIND;
    case REASON_RETRY:
    case REASON_IN_FLIGHT:
        return retry_word(engine, retry);
    case REASON_FOREIGN:
    case REASON_PAYLOAD:
    case REASON_SLOT:
        return STATUS_FAILED;
    case REASON_USED:
        return STATUS_UNDEPLOYED;
    case REASON_DEAF:
        return STATUS_DEGRADED;
    case REASON_CONFIG:
        return config_word((const struct config_item *)verdict->about);
    case REASON_SHARED:
    case REASON_HOSTS:
    case REASON_OFF:
    case REASON_CORDON:
    case REASON_LABELS:
    case REASON_HELD:
        return STATUS_WAITING;
    case REASON_HALTED:
    case REASON_APART:
    case REASON_DRAIN:
        return STATUS_DEGRADED;
    case REASON_NEW:
    case REASON_LINKS:
    case REASON_STARTING:
    case REASON_YOUNG:
    case REASON_QUIET:
    case REASON_ROOM:
    case REASON_EMPTIED:
    case REASON_ROLLOUT:
    case REASON_UNSURE:
    case REASON_OBSERVER:
        return STATUS_RECONCILING;
    }
    abort();
}

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

/* Of a link with REASON_SHARED; the verdict is another one as soon as there is nothing.
 */
static const struct shared_row *missing_of(const struct subject *subject)
{
    const struct shared_row *missing = shared_missing(claim_link(subject->link));

    assert(missing != NULL);
    return missing;
}

static const char *about_name(const struct verdict *verdict)
{
    return verdict->about != NULL ? verdict->about->name : "";
}

static long long seconds_until(const struct engine *engine, struct instant moment)
{
    return (long long)(instant_left(engine->now, moment) + 999) / 1000;
}

static const char *contest_text(const struct engine *engine, const struct retry *retry,
                                const struct contest *contest, struct arena *arena)
{
    return arena_print(arena,
                       "undone %u times in %lld s, and not by us: put again in %lld s",
                       (unsigned int)contest->count,
                       (long long)(contest->last.ms - contest->first.ms + 999) / 1000,
                       seconds_until(engine, retry->at));
}

static const char *retry_text(const struct engine *engine, const struct retry *retry,
                              struct arena *arena)
{
    const struct contest *contest = retry_contest(engine, retry);

    if (retry->text == NULL) {
        return contest != NULL ? contest_text(engine, retry, contest, arena)
                               : "it reached no host; sent again soon";
    }
    if (retry->failures == 0) {
        return arena_print(arena, "%s: what its host says it runs decides", retry->text);
    }
    return arena_print(arena, "%s (%u time%s, tried again in %lld s)", retry->text,
                       (unsigned int)retry->failures, retry->failures == 1 ? "" : "s",
                       seconds_until(engine, retry->at));
}

static const char *quiet_text(const struct subject *subject)
{
    return subject->workload != NULL
               ? "somebody else has just changed it"
               : "somebody else has just changed the links of this source";
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

static const char *flight_text(const struct verdict *verdict, const struct retry *retry,
                               struct arena *arena)
{
    if (verdict->about != NULL) {
        return arena_print(arena, "waits for another change of the links of %s",
                           about_name(verdict));
    }
    return retry->text != NULL ? arena_print(arena, "sent again after: %s (%u time%s)",
                                             retry->text, (unsigned int)retry->failures,
                                             retry->failures == 1 ? "" : "s")
                               : "sent, its effect is not seen yet";
}

static const char *held_text(const struct engine *engine,
                             const struct workload_item *workload, struct arena *arena)
{
    return arena_print(arena,
                       "kept, for a link that is not ours names it: %s; delete the "
                       "application, or that link, to remove it",
                       link_name(foreign_link(engine, workload)->key, arena));
}

static const char *config_text(const struct config_item *config, struct arena *arena)
{
    if (config->observed == NULL) {
        return arena_print(arena, "waits for config %s, which does not exist",
                           config->item.name);
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
                       "the links of %s would be an entry of %zu bytes, and the server "
                       "takes %zu, of which %zu are used: give some to another component",
                       link->source->item.name, entry_bytes_with(link),
                       engine->payload_max, entry_bytes_max(engine));
}

static const char *slot_text(const struct verdict *verdict, struct arena *arena)
{
    return arena_print(
        arena, "a link to %s, which is not ours, has its source, package and name",
        about_name(verdict));
}

const char *reason_text(const struct engine *engine, const struct subject *subject,
                        struct arena *arena)
{
    const struct verdict *verdict = subject->verdict;
    const struct retry *retry = subject->retry;
    const char *blind;

    switch (verdict->reason) {
    case REASON_NONE:
        return "";
    case REASON_NEW:
        return "not looked at yet";
    case REASON_BLIND:
        blind = reason_of_blindness(engine);
        return blind != NULL ? blind : "about to be looked at";
    case REASON_UNTOLD:
        return "hosts are asked what it is, and have not told yet";
    case REASON_IN_FLIGHT:
        return flight_text(verdict, retry, arena);
    case REASON_RETRY:
        return retry_text(engine, retry, arena);
    case REASON_CONFIG:
        return config_text((const struct config_item *)verdict->about, arena);
    case REASON_SHARED:
        return reason_of_absence(missing_of(subject), arena);
    case REASON_LINKS:
        return arena_print(arena, "waits for the links of %s", about_name(verdict));
    case REASON_STARTING:
        return arena_print(arena, "waits until %s has started", about_name(verdict));
    case REASON_QUIET:
        return quiet_text(subject);
    case REASON_ROOM:
        return "waits for other commands to end";
    case REASON_FOREIGN:
        return "something that is not ours has this name in the lattice";
    case REASON_SLOT:
        return slot_text(verdict, arena);
    case REASON_PAYLOAD:
        return payload_text(engine, subject->link, arena);
    case REASON_USED:
        return used_text(engine, subject->config, arena);
    case REASON_HELD:
        return held_text(engine, subject->workload, arena);
    case REASON_EMPTIED:
        return "all links of the lattice vanished at once: nothing is deleted for a "
               "while";
    case REASON_YOUNG:
        return "waits for a host that has only just started";
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
        return "another instance is replaced first";
    case REASON_HALTED:
        return rollout_halt_text(engine, subject->workload, arena);
    case REASON_UNSURE:
        return "a command that was not answered may still come about";
    case REASON_OBSERVER:
        return "differs from what is wanted";
    }
    abort();
}

static const char *kind_of(const struct workload_item *workload)
{
    const struct workload_row *row = claim_workload(workload);
    const bool is_provider = row != NULL
                                 ? row->kind == WORKLOAD_PROVIDER
                                 : workload->placements_count > 0 &&
                                       workload->placements[0]->kind == WORKLOAD_PROVIDER;

    return is_provider ? "provider" : "component";
}

/* What item is to those who wait for it. */
static struct status_wait wait_for(const struct item *item)
{
    switch (item->kind) {
    case ITEM_HOST:
        return (struct status_wait){"host", item->name};
    case ITEM_CONFIG:
        return (struct status_wait){"config", item->name};
    case ITEM_SOURCE:
        return (struct status_wait){"links", item->name};
    case ITEM_WORKLOAD:
        return (struct status_wait){kind_of((const struct workload_item *)item),
                                    item->name};
    case ITEM_SIGHT:
        return (struct status_wait){"lattice", ""};
    case ITEM_ROOM:
        return (struct status_wait){"commands", ""};
    case ITEM_HOSTS:
        return (struct status_wait){"hosts", ""};
    }
    abort();
}

struct status_wait reason_wait(const struct subject *subject)
{
    static const struct {
        enum reason reason;
        const char *kind;
    } kinds[] = {
        {REASON_BLIND, "lattice"}, {REASON_HOSTS, "hosts"},  {REASON_YOUNG, "hosts"},
        {REASON_CORDON, "hosts"},  {REASON_LABELS, "hosts"}, {REASON_OFF, "hosts"},
        {REASON_APART, "hosts"},   {REASON_DRAIN, "hosts"},
    };

    if (subject->verdict->about != NULL) {
        return wait_for(subject->verdict->about);
    }
    if (subject->verdict->reason == REASON_SHARED) {
        return (struct status_wait){"application", missing_of(subject)->application};
    }
    if (subject->verdict->reason == REASON_ROLLOUT) {
        return wait_for(&subject->workload->item);
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (subject->verdict->reason == kinds[i].reason) {
            return (struct status_wait){kinds[i].kind, ""};
        }
    }
    return (struct status_wait){NULL, NULL};
}
