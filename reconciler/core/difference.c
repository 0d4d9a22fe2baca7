#include "reconciler/core/difference.h"

#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/placement.h"

#define TEXT_BYTES_MAX ((size_t)1024)

const char *difference_of_config(const struct config_item *config)
{
    if (claim_config(config) == NULL) {
        return "no application wants it";
    }
    return config->observed == NULL ? "missing" : "content differs";
}

/* "a,b", or "none" */
static void append_names(struct text *text, const struct names *names)
{
    for (size_t i = 0; i < names->count; i++) {
        text_append(text, "%s%s", i > 0 ? "," : "", names->items[i]);
    }
    text_append(text, "%s", names->count > 0 ? "" : "none");
}

/* NULL when there and wanted are the same. */
static const char *compare(const char *what, const struct names *there,
                           const struct names *wanted, struct arena *arena)
{
    struct text text;

    if (names_compare(there, wanted) == 0) {
        return NULL;
    }
    text_init(&text, arena, TEXT_BYTES_MAX);
    text_append(&text, "%s: ", what);
    append_names(&text, there);
    text_append(&text, ", wanted: ");
    append_names(&text, wanted);
    return text.bytes;
}

const char *difference_of_link(const struct link_item *link, struct arena *arena)
{
    const struct link *there = link->observed;
    const struct link *wanted;
    const char *text;

    if (claim_link(link) == NULL) {
        return "no application wants it";
    }
    if (there == NULL) {
        return "missing";
    }
    wanted = claim_link(link)->link;
    text = compare("interfaces differ", &there->interfaces, &wanted->interfaces, arena);
    if (text == NULL) {
        text = compare("source config differs", &there->source_config,
                       &wanted->source_config, arena);
    }
    if (text == NULL) {
        text = compare("target config differs", &there->target_config,
                       &wanted->target_config, arena);
    }
    return text;
}

const char *difference_of_start(const struct placement *placement,
                                const struct start *start, struct arena *arena)
{
    const struct record *ledger = placement->ledger;

    if (!image_is_same(placement->kind, placement->observed->image, start->image) ||
        !image_is_same(placement->kind, ledger->u.start->image, start->image)) {
        return arena_print(arena, "image %s runs", placement->observed->image);
    }
    if (record_past(ledger).is_doubtful) {
        return "what was there or under way when it was started may serve";
    }
    return compare("config names differ", &ledger->u.start->configs, &start->configs,
                   arena);
}

/* How many instances of what is wanted run, here or in all. */
static uint64_t instances(const struct workload_item *workload,
                          const struct placement *here)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *placement = workload->placements[i];

        if ((here == NULL || placement == here) && placement->observed != NULL &&
            placement->kind == claim_workload(workload)->kind &&
            placement_is_ours(placement, workload)) {
            sum += placement->observed->count;
        }
    }
    return sum;
}

const char *difference_of_count(const struct workload_item *workload,
                                const struct placement *placement, struct arena *arena)
{
    const struct workload_row *row = claim_workload(workload);
    const uint64_t running = instances(workload, row->is_daemon ? placement : NULL);
    const char *here = row->is_daemon ? " here" : "";

    return running > row->instances
               ? arena_print(arena, "%llu running%s, %u wanted",
                             (unsigned long long)running, here,
                             (unsigned int)row->instances)
               : arena_print(arena, "%llu of %u running%s", (unsigned long long)running,
                             (unsigned int)row->instances, here);
}

/* What runs instead of what placement is to run, and goes down once that is up; NULL:
 * nothing does. */
static const struct placement *find_outgoing(const struct workload_item *workload,
                                             const struct placement *placement)
{
    for (size_t i = 0; i < workload->placements_count; i++) {
        const struct placement *other = workload->placements[i];

        if (other != placement && other->is_outgoing && other->observed != NULL &&
            other->ledger != NULL) {
            return other;
        }
    }
    return NULL;
}

/* As many run as are wanted, and one of them has to be replaced by placement. */
static const char *difference_of_outgoing(const struct workload_item *workload,
                                          const struct placement *placement,
                                          struct arena *arena)
{
    const struct placement *outgoing = find_outgoing(workload, placement);
    struct start start;

    if (outgoing == NULL ||
        instances(workload, NULL) < claim_workload(workload)->instances) {
        return NULL;
    }
    start = rollout_start(workload, placement);
    return difference_of_start(outgoing, &start, arena);
}

const char *difference_of_placement(const struct workload_item *workload,
                                    const struct placement *placement,
                                    struct arena *arena)
{
    const struct workload_row *row = claim_workload(workload);
    const char *text = NULL;

    if (row == NULL || row->kind != placement->kind) {
        return "no application wants it";
    }
    if (placement->observed != NULL && placement->ledger != NULL &&
        placement->wanted > 0) {
        const struct start start = rollout_start(workload, placement);

        text = difference_of_start(placement, &start, arena);
    } else if (placement->observed == NULL && placement->wanted > 0) {
        text = difference_of_outgoing(workload, placement, arena);
    }
    return text != NULL ? text : difference_of_count(workload, placement, arena);
}
