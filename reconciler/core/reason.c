#include "reconciler/core/reason.h"

#include <assert.h>
#include <stdlib.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/known.h"
#include "reconciler/core/retry.h"
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
    if (known_text(engine) != NULL) {
        return known_text(engine);
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
    if (retry_look(retry)->failures > 0 && retry_look(retry)->is_final) {
        return STATUS_FAILED;
    }
    return retry_look(retry)->failures + retry_look(retry)->moots >= STUCK_FAILURES ||
                   retry_contest(engine, retry) != NULL
               ? STATUS_STUCK
               : STATUS_RECONCILING;
}

/* Of what waits for config. */
static enum status_word config_word(const struct config_item *config)
{
    return config->claims != NULL && config->verdict.reason != REASON_FOREIGN &&
                   config->verdict.reason != REASON_PAUSED &&
                   retry_look(&config->retry)->failures == 0
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
    case REASON_PAUSED:
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

/* Have its facts changed since, so that only its word still says something?  It is
 * planned next. */
static bool is_old(const struct subject *subject)
{
    const struct item *item = subject->config != NULL ? &subject->config->item
                              : subject->link != NULL ? &subject->link->source->item
                                                      : &subject->workload->item;

    return item->is_dirty && subject->verdict->reason != REASON_NONE &&
           subject->verdict->reason != REASON_NEW;
}

const char *reason_text(const struct engine *engine, const struct subject *subject,
                        struct arena *arena)
{
    return is_old(subject) ? "about to be looked at again"
                           : reason_text_now(engine, subject, arena);
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
    case ITEM_PAUSES:
        return (struct status_wait){"resume", ""};
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
        {REASON_APART, "hosts"},   {REASON_DRAIN, "hosts"},  {REASON_PAUSED, "resume"},
    };

    if (subject->verdict->about != NULL) {
        return wait_for(subject->verdict->about);
    }
    if (subject->verdict->reason == REASON_SHARED) {
        return (struct status_wait){"application",
                                    claim_link(subject->link)->missing->application};
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
