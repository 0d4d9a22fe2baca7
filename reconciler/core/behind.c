#include "reconciler/core/behind.h"

#include "reconciler/core/asking.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/silent.h"
#include "reconciler/core/timing.h"

void behind_answered(struct host_item *host, struct instant moment)
{
    host->answered = instant_max(host->answered, moment);
}

void behind_pinged(struct engine *engine, const char *id)
{
    struct host_item *host = (struct host_item *)state_find(engine, ITEM_HOST, id);

    /* One that comes back is looked at first: see behind_returned. */
    if (host != NULL && host_is_present(host) && engine->survey.command != 0) {
        behind_answered(host, engine->survey_sent);
        silent_answered(engine, host);
    }
}

void behind_note_link(struct engine *engine, struct link_item *link)
{
    link->given_at = engine->now;
    link->sighting.is_late = false;
}

static bool is_behind(const struct host_item *host, const struct link_item *link)
{
    if (link->given_at.ms == 0) { /* before this engine began */
        return host->answered.ms == 0;
    }
    return instant_is_before(host->answered,
                             instant_after(link->given_at, HEARING_LAG_MS));
}

/* A provider of workload runs on a host that is behind; or, on one that is not there, may
 * run yet. */
static bool has_behind(const struct workload_item *workload, const struct link_item *link,
                       bool is_there)
{
    for (size_t i = 0; workload != NULL && i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER &&
            (is_there ? placement->observed != NULL
                      : placement->ledger != NULL && !host_is_present(placement->host)) &&
            is_behind(placement->host, link)) {
            return true;
        }
    }
    return false;
}

bool behind_may_take(const struct link_item *link)
{
    return link->observed != NULL && link->given_at.ms != 0 &&
           (has_behind(link->target, link, true) ||
            has_behind(link->source->workload, link, true));
}

void behind_note_doubt(struct link_item *link)
{
    link->sighting.is_late |=
        link->observed != NULL && (has_behind(link->target, link, false) ||
                                   has_behind(link->source->workload, link, false));
}

/* A config of link is not as wanted.  Where hosts have to be asked for them that is not
 * known yet. */
static bool lacks_config(struct engine *engine, const struct link_item *link)
{
    return link->observed != NULL && engine->buckets[BUCKET_CONFIGS].is_known &&
           !asking_is_on(engine, BUCKET_CONFIGS) &&
           delivery_config_in_way(engine, link) != NULL;
}

static void return_to(struct engine *engine, const struct host_item *host,
                      struct link_item *link)
{
    if (link->claims != NULL && link->ledger != NULL && is_behind(host, link) &&
        (link->sighting.is_late || lacks_config(engine, link))) {
        delivery_note_doubt(engine, link);
        state_mark(engine, &link->source->item);
    }
}

void behind_returned(struct engine *engine, const struct host_item *host)
{
    for (size_t i = 0; i < host->inventory->workloads_count; i++) {
        const struct host_workload *told = &host->inventory->workloads[i];
        const struct workload_item *workload =
            (const struct workload_item *)state_find(engine, ITEM_WORKLOAD, told->id);
        const struct source_item *source = workload != NULL ? workload->source : NULL;
        struct link_item *link;

        if (workload == NULL || told->kind != WORKLOAD_PROVIDER) {
            continue;
        }
        for (size_t j = 0; source != NULL && j < source->links_count; j++) {
            return_to(engine, host, source->links[j]);
        }
        LIST_FOREACH(link, &workload->inbound, inbound)
        {
            return_to(engine, host, link);
        }
    }
}
