#include "reconciler/core/asking.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/reason.h"
#include "reconciler/core/retry.h"
#include "reconciler/core/state.h"

/* Of what is missing, which has no commands of its own. */
static const struct retry no_retry;

bool engine_is_planning(const struct engine *engine)
{
    return engine->batch_index < engine->batch.count || engine->dirty.count > 0;
}

bool engine_has_looked(const struct engine *engine)
{
    return reason_of_blindness(engine) == NULL ||
           reason_blind_word(engine) == STATUS_WAITING;
}

bool engine_is_blind(const struct engine *engine)
{
    return reason_of_blindness(engine) != NULL;
}

bool engine_is_asking(const struct engine *engine)
{
    return engine->is_connected && asking_is_on(engine, BUCKET_LINKS) &&
           !engine->buckets[BUCKET_LINKS].is_known && engine->hearing.silences == 0;
}

bool engine_is_polling(const struct engine *engine)
{
    return asking_is_on(engine, BUCKET_LINKS) || asking_is_on(engine, BUCKET_CONFIGS);
}

/* Is the word of every resource that is wanted, or that we put there, a fine one? */
struct judgement {
    const struct engine *engine;
    bool (*is_fine)(enum status_word word, const struct verdict *verdict,
                    const struct retry *retry);
};

/* A config that others name stays: that is told, and nothing waits for it. */
static bool is_deployed(enum status_word word, const struct verdict *verdict,
                        const struct retry *retry)
{
    (void)retry;
    return word == STATUS_DEPLOYED || verdict->reason == REASON_USED;
}

/* Refused once is refused, though it is tried again; what is still asked for may lead to
 * a command. */
static bool is_at_rest(enum status_word word, const struct verdict *verdict,
                       const struct retry *retry)
{
    return verdict->reason != REASON_UNTOLD &&
           (word != STATUS_RECONCILING ||
            (verdict->reason == REASON_RETRY && retry_look(retry)->failures > 0));
}

static bool verdict_is_fine(const struct judgement *judgement,
                            const struct verdict *verdict, const struct retry *retry)
{
    return judgement->is_fine(reason_word(judgement->engine, verdict, retry), verdict,
                              retry);
}

static bool workload_is_fine(const struct judgement *judgement,
                             const struct workload_item *workload)
{
    if (workload->claims != NULL &&
        !verdict_is_fine(judgement, &workload->verdict, &no_retry)) {
        return false;
    }
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if (placement_counts(placement, workload) &&
            !verdict_is_fine(judgement, &placement->verdict, &placement->retry)) {
            return false;
        }
    }
    return true;
}

static bool source_is_fine(const struct judgement *judgement,
                           const struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        const struct link_item *link = source->links[i];

        if ((link->claims != NULL || link->ledger != NULL) &&
            !verdict_is_fine(judgement, &link->verdict, &link->retry)) {
            return false;
        }
    }
    return true;
}

static bool config_is_fine(const struct judgement *judgement,
                           const struct config_item *config)
{
    if (config->claims == NULL && config->ledger == NULL) {
        return true;
    }
    return verdict_is_fine(judgement, &config->verdict, &config->retry);
}

static bool all_are_fine(const struct judgement *judgement)
{
    const struct engine *engine = judgement->engine;
    const struct item_list *configs = &engine->tables[ITEM_CONFIG];
    const struct item_list *sources = &engine->tables[ITEM_SOURCE];
    const struct item_list *workloads = &engine->tables[ITEM_WORKLOAD];

    for (size_t i = 0; i < configs->count; i++) {
        if (!config_is_fine(judgement, (const struct config_item *)configs->items[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < sources->count; i++) {
        if (!source_is_fine(judgement, (const struct source_item *)sources->items[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < workloads->count; i++) {
        if (!workload_is_fine(judgement,
                              (const struct workload_item *)workloads->items[i])) {
            return false;
        }
    }
    return true;
}

bool engine_is_idle(const struct engine *engine)
{
    const struct judgement judgement = {engine, is_at_rest};

    return engine_has_looked(engine) && engine->flights_count == 0 &&
           !engine_is_planning(engine) && all_are_fine(&judgement);
}

bool engine_is_converged(const struct engine *engine)
{
    const struct judgement judgement = {engine, is_deployed};

    return reason_of_blindness(engine) == NULL && engine->flights_count == 0 &&
           !engine_is_planning(engine) && all_are_fine(&judgement);
}
