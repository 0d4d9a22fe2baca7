#include "reconciler/core/silent.h"

#include "reconciler/core/delivery.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/timing.h"

#define ENDS 2 /* of a link */

static void ask_hosts(struct engine *engine, const struct workload_item *workload)
{
    for (size_t i = 0; workload != NULL && i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER && placement->observed != NULL &&
            host_is_present(placement->host)) {
            host_ask(engine, placement->host, 0);
        }
    }
}

void silent_ask(struct engine *engine, const struct link_item *link)
{
    if (link->claims != NULL) {
        ask_hosts(engine, link->source->workload);
        ask_hosts(engine, link->target);
    }
}

/* It has come since it was lost. */
static bool is_given_again(const struct link_item *link)
{
    return link->observed != NULL && !instant_is_before(link->given_at, link->lost_at);
}

/* What runs at placement did not answer about moment, and has not started since. */
static bool was_silent(const struct placement *placement, struct instant moment)
{
    const struct host_item *host = placement->host;

    return moment.ms != 0 &&
           !instant_is_before(instant_after(moment, HEARING_LAG_MS), host->silent_from) &&
           !instant_is_before(host->silent_to, moment) &&
           instant_is_before(moment_of(placement, MOMENT_BEGUN), moment);
}

static bool names_configs(const struct link *link)
{
    return link->source_config.count + link->target_config.count > 0;
}

/* A provider of workload, at placement, may not have been given link; one that is to
 * start anew is given it by that. */
static bool may_miss(const struct workload_item *workload,
                     const struct placement *placement, const struct link_item *link)
{
    return (was_silent(placement, link->lost_at) ||
            (was_silent(placement, link->given_at) && link->observed != NULL &&
             names_configs(link->observed))) &&
           link->claims != NULL && placement->kind == WORKLOAD_PROVIDER &&
           placement->observed != NULL && !delivery_must_start(workload, placement, link);
}

static struct host_item *find(const struct link_item *link)
{
    const struct workload_item *ends[ENDS] = {link->source->workload, link->target};

    for (size_t i = 0; i < ENDS; i++) {
        for (size_t j = 0; ends[i] != NULL && j < ends[i]->placements_count; j++) {
            if (may_miss(ends[i], ends[i]->placements[j], link)) {
                return ends[i]->placements[j]->host;
            }
        }
    }
    return NULL;
}

const struct host_item *silent_find(const struct link_item *link)
{
    return find(link);
}

/* host, which may have missed link, has answered what was sent a while after it began to
 * answer again, and after link came again.  If it answers at all, it is asked by then. */
static bool hears_again(struct engine *engine, struct host_item *host,
                        const struct link_item *link)
{
    const struct instant hears_at =
        instant_after(instant_max(link->given_at, host->silent_to), HEARING_LAG_MS);

    if (host->silent_to.ms == INSTANT_NEVER.ms || !is_given_again(link)) {
        return false;
    }
    if (instant_is_before(host->answered, hears_at)) {
        host_ask(engine, host, instant_left(engine->now, hears_at));
        return false;
    }
    return true;
}

bool silent_must_wait(struct engine *engine, const struct link_item *link)
{
    struct host_item *host = find(link);
    struct item *source = &link->source->item;

    if (host == NULL) {
        return false;
    }
    (void)hears_again(engine, host, link);
    state_wait(source, &link->target->item); /* another start of a provider ends it */
    if (link->source->workload != NULL) {
        state_wait(source, &link->source->workload->item);
    }
    return true;
}

/* Give link again if the host of placement missed it; false: not yet. */
static bool settle(struct engine *engine, const struct workload_item *workload,
                   const struct placement *placement, struct link_item *link)
{
    if (!may_miss(workload, placement, link)) {
        return true;
    }
    state_mark(engine, &link->source->item);
    if (!hears_again(engine, placement->host, link)) {
        return false;
    }
    link->sighting.is_early = true;
    return true;
}

static bool settle_all(struct engine *engine, const struct workload_item *workload,
                       const struct placement *placement)
{
    const struct source_item *source = workload->source;
    struct link_item *link;
    bool is_settled = true;

    for (size_t i = 0; source != NULL && i < source->links_count; i++) {
        is_settled &= settle(engine, workload, placement, source->links[i]);
    }
    LIST_FOREACH(link, &workload->inbound, inbound)
    {
        is_settled &= settle(engine, workload, placement, link);
    }
    return is_settled;
}

/* Forgets the silence of host once nothing hangs on it. */
static void look(struct engine *engine, struct host_item *host)
{
    bool is_settled = true;

    for (size_t i = 0; host->inventory != NULL && i < host->inventory->workloads_count;
         i++) {
        const struct host_workload *told = &host->inventory->workloads[i];
        const struct workload_item *workload =
            (const struct workload_item *)state_find(engine, ITEM_WORKLOAD, told->id);
        const struct placement *placement =
            workload != NULL ? state_find_placement(workload, host, told->kind) : NULL;

        if (placement != NULL && placement->kind == WORKLOAD_PROVIDER) {
            is_settled &= settle_all(engine, workload, placement);
        }
    }
    if (is_settled && host->silent_to.ms != INSTANT_NEVER.ms) {
        host->silent_from = INSTANT_NEVER;
        host->silent_to = INSTANT_NEVER;
    }
}

void silent_unanswered(struct engine *engine, struct host_item *host,
                       struct instant moment)
{
    /* It may have answered what was sent later before we gave this up. */
    const struct instant to =
        instant_is_before(moment, host->answered) ? host->answered : INSTANT_NEVER;
    const bool is_first = host->silent_from.ms == INSTANT_NEVER.ms;

    host->silent_from = instant_min(host->silent_from, moment);
    host->silent_to = is_first ? to : instant_max(host->silent_to, to);
    look(engine, host);
}

void silent_answered(struct engine *engine, struct host_item *host)
{
    if (host->silent_from.ms == INSTANT_NEVER.ms) {
        return;
    }
    if (host->silent_to.ms == INSTANT_NEVER.ms &&
        instant_is_before(host->silent_from, host->answered)) {
        host->silent_to = engine->now;
    }
    look(engine, host);
}

void silent_returned(struct engine *engine, struct host_item *host)
{
    const struct instant from = instant_after(host->answered, HEARING_LAG_MS);

    if (host->answered.ms != 0) { /* by this engine, ever */
        host->silent_from = instant_min(host->silent_from, from);
        host->silent_to = INSTANT_NEVER;
        look(engine, host);
    }
}
