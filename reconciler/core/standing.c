#include "reconciler/core/standing.h"

#include "reconciler/core/ailment.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/config_user.h"
#include "reconciler/core/placement.h"

static const struct retry no_retry; /* what is missing has no commands of its own */
static const struct verdict as_desired = {REASON_NONE, NULL};

/* Let subject count if its verdict is worse than what counts already. */
static void weigh(const struct engine *engine, const struct subject *subject,
                  struct worst *worst)
{
    const enum status_word word = reason_word(engine, subject->verdict, subject->retry);

    worst->is_conflict |= subject->verdict->reason == REASON_FOREIGN ||
                          subject->verdict->reason == REASON_SLOT;
    worst->is_halted |= subject->verdict->reason == REASON_HALTED;
    if (word > worst->word || worst->subject.verdict == NULL) {
        worst->word = word;
        worst->subject = *subject;
        worst->ailing = NULL;
    }
}

/* What runs may be as it is wanted, and not be well. */
static void ail(const struct engine *engine, const struct placement *placement,
                struct worst *worst)
{
    struct arena arena = {0};

    if (worst->word < STATUS_DEGRADED &&
        ailment_text(engine, placement, &arena) != NULL) {
        worst->word = STATUS_DEGRADED;
        worst->ailing = placement;
    }
    arena_free(&arena);
}

/* No application wants it any more, and it is not gone yet. */
static void doom(struct worst *worst)
{
    if (worst->word == STATUS_DEPLOYED) {
        worst->word = STATUS_RECONCILING;
    }
}

struct worst worst_of_config(const struct engine *engine,
                             const struct config_item *config)
{
    const struct subject subject = {
        .verdict = &config->verdict, .retry = &config->retry, .config = config};
    struct worst worst = {.word = STATUS_DEPLOYED};

    weigh(engine, &subject, &worst);
    if (config->claims == NULL) {
        doom(&worst);
    }
    if (config->verdict.reason == REASON_USED &&
        config_find_user(engine, config).is_leaving) {
        worst.word = STATUS_RECONCILING;
    }
    return worst;
}

struct worst worst_of_link(const struct engine *engine, const struct link_item *link)
{
    const struct subject subject = {
        .verdict = &link->verdict, .retry = &link->retry, .link = link};
    struct worst worst = {.word = STATUS_DEPLOYED};

    weigh(engine, &subject, &worst);
    if (link->claims == NULL) {
        doom(&worst);
    }
    return worst;
}

const char *standing_text(const struct engine *engine, const struct worst *worst,
                          struct arena *arena)
{
    return worst->ailing != NULL ? ailment_text(engine, worst->ailing, arena)
                                 : reason_text(engine, &worst->subject, arena);
}

bool standing_may_be_left(const struct engine *engine, const struct placement *placement)
{
    return placement->ledger != NULL &&
           (host_is_present(placement->host) || reason_of_blindness(engine) != NULL);
}

struct worst worst_of_workload(const struct engine *engine,
                               const struct workload_item *workload,
                               enum workload_kind kind)
{
    const struct workload_row *row = claim_workload(workload);
    const bool is_doomed = row == NULL || row->kind != kind;
    const struct subject missing = {
        .verdict = is_doomed ? &as_desired : &workload->verdict,
        .retry = &no_retry,
        .workload = workload,
    };
    struct worst worst = {.word = STATUS_DEPLOYED};
    bool has_any = false;      /* it serves */
    bool is_left = !is_doomed; /* there is anything to say of it */

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];
        const struct subject subject = {
            .verdict = &placement->verdict,
            .retry = &placement->retry,
            .workload = workload,
            .placement = placement,
        };

        if (placement->kind != kind) {
            continue;
        }
        has_any |= placement->observed != NULL && placement_is_ours(placement, workload);
        if (placement_counts(placement, workload) ||
            (is_doomed && standing_may_be_left(engine, placement))) {
            weigh(engine, &subject, &worst);
            ail(engine, placement, &worst);
            is_left = true;
        }
    }
    weigh(engine, &missing, &worst);
    if (is_doomed && is_left) {
        doom(&worst);
    } else if (worst.word == STATUS_WAITING && has_any) {
        worst.word = STATUS_DEGRADED;
    }
    return worst;
}

static void note(const struct engine *engine, struct standing *standing,
                 enum status_word word)
{
    if (word == standing->word && standing->since.ms != 0) {
        return;
    }
    if (word != STATUS_BLIND) {
        standing->word_before = word;
    } else if (standing->since.ms == 0) {
        standing->word_before = STATUS_RECONCILING; /* we never saw it */
    }
    standing->word = word;
    standing->since = engine->now;
}

void standing_note(const struct engine *engine, struct item *item)
{
    struct config_item *config = (struct config_item *)item;
    struct source_item *source = (struct source_item *)item;
    struct workload_item *workload = (struct workload_item *)item;
    struct worst component;
    struct worst provider;

    if (item->kind == ITEM_CONFIG) {
        note(engine, &config->standing, worst_of_config(engine, config).word);
    } else if (item->kind == ITEM_SOURCE) {
        for (size_t i = 0; i < source->links_count; i++) {
            note(engine, &source->links[i]->standing,
                 worst_of_link(engine, source->links[i]).word);
        }
    } else if (item->kind == ITEM_WORKLOAD) {
        component = worst_of_workload(engine, workload, WORKLOAD_COMPONENT);
        provider = worst_of_workload(engine, workload, WORKLOAD_PROVIDER);
        note(engine, &workload->standing,
             component.word > provider.word ? component.word : provider.word);
    }
}
