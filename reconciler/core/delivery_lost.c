#include <string.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/behind.h"
#include "reconciler/core/claim.h"
#include "reconciler/core/deaf.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/hosts.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/provider_image.h"
#include "reconciler/core/silent.h"
#include "reconciler/core/timing.h"
#include "reconciler/core/window.h"

/* Beyond so many the ledger says that a provider has lost its links to ANYBODY. */
#define LOST_MAX 32
#define ANYBODY  "*"

#define ENDS 2 /* of a link */

/* A provider of image will not take back what it has lost, by the policy of claims.  One
 * that has it left alone may be followed by another policy: what was lost is noted. */
static bool image_is_forgetful(const char *image, const struct claim *claims)
{
    if (provider_image_is_builtin(image)) {
        return false;
    }
    if (claims == NULL) { /* it may be wanted again before it is stopped */
        return true;
    }
    return claims->application->desired.redeliver == REDELIVER_RESTART ||
           !provider_image_is_good(image);
}

/* The provider of placement, which is ours, will not. */
static bool is_forgetful(const struct workload_item *workload,
                         const struct placement *placement)
{
    return image_is_forgetful(placement->ledger->u.start->image, workload->claims);
}

static bool has_lost(const struct record *ledger, const char *id)
{
    const struct names lost = record_lost(ledger);

    for (size_t i = 0; i < lost.count; i++) {
        if (strcmp(lost.items[i], id) == 0 || strcmp(lost.items[i], ANYBODY) == 0) {
            return true;
        }
    }
    return false;
}

static void lose(struct engine *engine, struct workload_item *workload,
                 struct placement *placement, const char *id)
{
    static const char *const anybody[] = {ANYBODY};
    struct ledger_row row = placement_row(placement);
    const char **items = arena_array(&engine->scratch, row.lost.count + 1, sizeof *items);

    for (size_t i = 0; i < row.lost.count; i++) {
        items[i] = row.lost.items[i];
    }
    items[row.lost.count] = id;
    row.lost = row.lost.count < LOST_MAX ? (struct names){items, row.lost.count + 1}
                                         : (struct names){anybody, 1};
    row.unsure_ms = instant_left(engine->now, placement->unsure_until);
    placement_put_ledger(engine, workload, placement, &row);
    state_mark(engine, &workload->item);
}

/* What runs of workload has lost a link with id. */
static void lose_all(struct engine *engine, struct workload_item *workload,
                     const char *id)
{
    for (size_t i = 0; workload != NULL && i < workload->placements_count; i++) {
        struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER && placement->ledger != NULL &&
            is_forgetful(workload, placement) && !has_lost(placement->ledger, id)) {
            lose(engine, workload, placement, id);
        }
    }
}

/* For how long yet what was sent for link may come about: as it was sent, while it is
 * under way. */
static int64_t unsure_ms(const struct engine *engine, const struct link_item *link)
{
    return link->source->flying == link
               ? UNSURE_SENT_MS
               : instant_left(engine->now, link->source->unsure_until);
}

static void set_dropped(struct engine *engine, struct link_item *link, bool is_dropped)
{
    struct ledger_row row = record_row(link->ledger, NULL, NULL);

    row.is_dropped = is_dropped;
    if (!is_dropped) { /* with what there was at that moment */
        row.delivered = delivery_contents(engine, &row.u.link->source_config,
                                          &row.u.link->target_config);
    }
    row.unsure_ms = unsure_ms(engine, link);
    state_put_ledger(engine, &link->ledger, &row);
}

/* link has gone: what is left between its two ids went with it. */
static void drop(struct engine *engine, struct link_item *link)
{
    struct source_item *source = link->source;

    if (!delivery_has_provider(link)) {
        return;
    }
    lose_all(engine, source->workload, link->key->target);
    lose_all(engine, link->target, source->item.name);
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *other = source->links[i];

        if (other->target == link->target) {
            other->lost_at = engine->now;
            silent_ask(engine, other);
        }
        if (other->target == link->target && other->ledger != NULL &&
            !other->ledger->is_dropped && (other == link) == (other->observed == NULL)) {
            set_dropped(engine, other, true);
        }
    }
}

static bool has_lost_any(const struct workload_item *workload)
{
    for (size_t i = 0; workload != NULL && i < workload->placements_count; i++) {
        const struct record *ledger = workload->placements[i]->ledger;

        if (ledger != NULL && record_lost(ledger).count > 0) {
            return true;
        }
    }
    return false;
}

void delivery_note_entry(struct engine *engine, struct source_item *source,
                         uint64_t sequence)
{
    const bool is_late = deaf_hears_late(engine, source->number, sequence);

    if (sequence <= source->number ||
        (!is_late && !deaf_may_hear_late(engine, source->number))) {
        return;
    }
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];

        if (link->observed == NULL || !window_is_open_to(engine, link)) {
            continue;
        }
        if (is_late) {
            link->sighting.is_early = true;
            state_mark(engine, &source->item);
        } else {
            hearing_doubt(engine, link);
        }
    }
}

void delivery_note_link(struct engine *engine, struct link_item *link,
                        const struct link *told)
{
    struct workload_item *ends[ENDS] = {
        link->source->workload,
        link->target,
    };
    /* What a listing tells may have happened long ago. */
    const bool is_live = engine->buckets[BUCKET_LINKS].is_known;
    const bool is_news = !deaf_may_remember(engine, link); /* to hosts */
    const bool was_sent = link->sighting.is_sent && !link->sighting.is_known;

    if (told == NULL) {
        link->sighting.has_vanished |= link->observed != NULL;
        return;
    }
    link->sighting.was_here |= !asking_is_on(engine, BUCKET_LINKS); /* else in memory */
    link->sighting.is_held = false;
    if (link->observed != NULL) {
        return;
    }
    if (is_live || was_sent || link->sighting.is_known) {
        behind_note_link(engine, link);
    }
    link->sighting.has_returned |= is_live && is_news && link != link->source->flying;
    link->sighting.is_early |= is_live ? window_is_open_to(engine, link)
                                       : was_sent && window_was_open_to(engine, link);
    for (size_t i = 0; i < ENDS; i++) {
        if (has_lost_any(ends[i])) {
            state_mark(engine, &ends[i]->item);
        }
    }
}

/*
 * Where hosts are asked it is not seen when link goes for a moment, by a delete that
 * comes late before a put that does: its providers may have dropped what is between its
 * two ids.
 */
static void note_unseen(struct engine *engine, struct link_item *link)
{
    const struct source_item *source = link->source;

    link->sighting.may_go &= instant_is_before(engine->now, source->unsure_until);
    for (size_t i = 0; link->sighting.may_go && asking_is_on(engine, BUCKET_LINKS) &&
                       delivery_has_provider(link) && i < source->links_count;
         i++) {
        struct link_item *other = source->links[i];

        if (other->target == link->target && other->observed != NULL &&
            other->ledger != NULL && !other->ledger->is_dropped) {
            set_dropped(engine, other, true);
        }
    }
}

bool delivery_must_settle(struct engine *engine, const struct link_item *link,
                          struct verdict *ret_verdict)
{
    if (!asking_is_on(engine, BUCKET_LINKS) ||
        !instant_is_before(engine->now, link->source->unsure_until)) {
        return false;
    }
    state_wake(engine, &link->source->item, link->source->unsure_until);
    *ret_verdict = (struct verdict){REASON_UNSURE, NULL};
    return true;
}

void delivery_note_drops(struct engine *engine, struct source_item *source)
{
    for (size_t i = 0; i < source->links_count; i++) {
        struct link_item *link = source->links[i];
        const struct record *ledger = link->ledger;

        /* Who ran before us may have deleted it, and not lived to see it go.  One that is
         * being put was noted when it went. */
        if (link->sighting.has_vanished ||
            (link->observed == NULL && !link->sighting.is_held && ledger != NULL &&
             source->flying != link && ledger->state == LEDGER_CONFIRMED &&
             (!ledger->is_dropped || !link->sighting.is_known))) {
            drop(engine, link);
        }
        link->sighting.is_known = true;
        if (link->observed != NULL && link->ledger != NULL) {
            const bool is_dropped =
                link->sighting.is_early ||
                (link->ledger->is_dropped && !link->sighting.has_returned);

            if (link->ledger->is_dropped != is_dropped) {
                set_dropped(engine, link, is_dropped);
            }
        }
        note_unseen(engine, link);
        link->sighting.has_vanished = false;
        link->sighting.has_returned = false;
        link->sighting.is_early &= link->observed != NULL && link->ledger == NULL;
    }
}

/* The config at i of those that link names, first of its source. */
static const struct config_item *config_at(const struct engine *engine,
                                           const struct link *link, size_t i)
{
    const size_t count = link->source_config.count;

    return (const struct config_item *)state_find(
        engine, ITEM_CONFIG,
        i < count ? link->source_config.items[i] : link->target_config.items[i - count]);
}

static bool is_as_wanted(const struct config_item *config)
{
    const struct config_row *row = claim_config(config);

    return row == NULL ||
           (config->observed != NULL && strcmp(config->observed, row->content) == 0);
}

void delivery_note_doubt(struct engine *engine, struct link_item *link)
{
    struct ledger_row row = record_row(link->ledger, NULL, NULL);
    const size_t count =
        row.u.link->source_config.count + row.u.link->target_config.count;
    const char **items = arena_array(&engine->scratch, count, sizeof *items);
    bool is_new = false;

    for (size_t i = 0; i < count; i++) {
        const struct config_item *config = config_at(engine, row.u.link, i);
        const bool is_other = config != NULL && row.delivered.count == count &&
                              strcmp(row.delivered.items[i], config->digest) != 0;

        items[i] =
            config == NULL || !is_as_wanted(config) || is_other || link->sighting.is_late
                ? DELIVERY_DOUBTFUL
                : config->digest;
        is_new |=
            row.delivered.count != count || strcmp(items[i], row.delivered.items[i]) != 0;
    }
    link->sighting.is_late = false;
    if (is_new) {
        row.delivered = (struct names){items, count};
        row.unsure_ms = unsure_ms(engine, link);
        state_put_ledger(engine, &link->ledger, &row);
    }
}

/* An id that workload has a link with, of ours and in place, and that placement lost. */
static const char *find_lost(const struct workload_item *workload,
                             const struct record *ledger)
{
    const struct source_item *source = workload->source;
    const struct link_item *link;

    for (size_t i = 0; source != NULL && i < source->links_count; i++) {
        link = source->links[i];
        if (link->claims != NULL && link->observed != NULL &&
            has_lost(ledger, link->key->target)) {
            return link->key->target;
        }
    }
    LIST_FOREACH(link, &workload->inbound, inbound)
    {
        if (link->claims != NULL && link->observed != NULL &&
            has_lost(ledger, link->key->source_id)) {
            return link->key->source_id;
        }
    }
    return NULL;
}

/* No provider is to be started anew for what it was given. */
static bool is_left_alone(const struct claim *claims)
{
    if (claims == NULL) {
        return false;
    }
    return claims->application->desired.redeliver == REDELIVER_LINK ||
           claims->application->desired.redeliver == REDELIVER_NEVER;
}

const char *delivery_difference(struct engine *engine,
                                const struct workload_item *workload,
                                const struct placement *placement)
{
    static const struct names none;
    const struct record *ledger = placement->ledger;
    const struct names *lists[2] = {&ledger->u.start->configs, &none};
    const struct config_item *config;
    const char *id;

    if (is_left_alone(workload->claims)) {
        return NULL;
    }
    config = delivery_changed(engine, lists, &ledger->delivered, DELIVERY_OURS);
    if (config != NULL && plan_config_in_way(engine, lists[0]) == NULL) {
        return arena_print(&engine->scratch, "it was started with other content of %s",
                           config->item.name);
    }
    id = record_lost(ledger).count > 0 && is_forgetful(workload, placement)
             ? find_lost(workload, ledger)
             : NULL;
    return id != NULL ? arena_print(&engine->scratch,
                                    "it may not have taken back its link with %s", id)
                      : NULL;
}

bool delivery_must_start(const struct workload_item *workload,
                         const struct placement *placement, const struct link_item *link)
{
    return placement->ledger != NULL && !is_left_alone(workload->claims) &&
           has_lost(placement->ledger, workload == link->target ? link->key->source_id
                                                                : link->key->target) &&
           is_forgetful(workload, placement);
}

/* What runs of workload, is not ours, and has not started since it lost link. */
static const struct placement *find_forgetful(const struct workload_item *workload,
                                              const struct link_item *link)
{
    for (size_t i = 0; workload != NULL && !is_left_alone(link->claims) &&
                       i < workload->placements_count;
         i++) {
        const struct placement *placement = workload->placements[i];

        if (placement->kind == WORKLOAD_PROVIDER && placement->observed != NULL &&
            !placement_is_ours(placement, workload) &&
            !instant_is_before(link->lost_at, moment_of(placement, MOMENT_BEGUN)) &&
            image_is_forgetful(placement->observed->image, link->claims)) {
            return placement;
        }
    }
    return NULL;
}

const char *delivery_lost_text(const struct engine *engine, const struct link_item *link,
                               struct arena *arena)
{
    const char *id = link->key->source_id;
    const struct placement *placement;

    if (link->observed == NULL || link->lost_at.ms == 0) {
        return NULL;
    }
    placement = find_forgetful(
        (const struct workload_item *)state_find(engine, ITEM_WORKLOAD, id), link);
    if (placement == NULL) {
        id = link->key->target;
        placement = find_forgetful(link->target, link);
    }
    return placement != NULL
               ? arena_print(arena,
                             "provider %s on host %s, which is not ours, lost this link "
                             "%lld s ago and may not have taken it back: restart that "
                             "provider",
                             id, host_name(placement->host),
                             (long long)instant_left(link->lost_at, engine->now) / 1000)
               : NULL;
}
