#include <assert.h>
#include <string.h>

#include "reconciler/core/place.h"

/*
 * From spot to spot: what a part has on one may move to another one that it fits, and by
 * such steps room moves between spots that have no part in common.
 */
struct levelling {
    struct place_spot *spots;
    size_t count;
    struct place_part *parts;
    size_t parts_count;
    struct step *steps; /* the search: one a spot */
    size_t *queue;
};

/* How a search has come to a spot: part moves one to it from the spot before. */
struct step {
    bool is_reached;
    size_t before;
    size_t part;
};

/*
 * How bad the count-th instance of spot is: the more there are the worse, and of equals
 * the one that does not run there yet.
 */
static uint64_t badness(const struct place_spot *spot, uint64_t count)
{
    return 2 * count + (count > spot->current ? 1 : 0);
}

/* Reach every spot that a part with instances on spot fits. */
static size_t reach(struct levelling *levelling, size_t spot, size_t queued)
{
    for (size_t i = 0; i < levelling->parts_count; i++) {
        const struct place_part *part = &levelling->parts[i];

        for (size_t j = 0; part->shares[spot] > 0 && j < levelling->count; j++) {
            if (part->fits[j] && !levelling->steps[j].is_reached) {
                levelling->steps[j] = (struct step){true, spot, i};
                levelling->queue[queued++] = j;
            }
        }
    }
    return queued;
}

static void search_from(struct levelling *levelling, size_t spot)
{
    size_t queued = 1;

    memset(levelling->steps, 0, levelling->count * sizeof *levelling->steps);
    levelling->steps[spot].is_reached = true;
    levelling->queue[0] = spot;
    for (size_t next = 0; next < queued; next++) {
        queued = reach(levelling, levelling->queue[next], queued);
    }
}

/* The reached spot where one more is least bad; count when there is none. */
static size_t find_best(const struct levelling *levelling)
{
    const struct place_spot *spots = levelling->spots;
    size_t best = levelling->count;

    for (size_t i = 0; i < levelling->count; i++) {
        if (levelling->steps[i].is_reached && !spots[i].is_fixed &&
            spots[i].wanted < spots[i].max &&
            (best == levelling->count ||
             badness(&spots[i], (uint64_t)spots[i].wanted + 1) <
                 badness(&spots[best], (uint64_t)spots[best].wanted + 1))) {
            best = i;
        }
    }
    return best;
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Move as many from one spot to a reached one as make them even, if all can go. */
static void shift(struct levelling *levelling, size_t from, size_t to)
{
    struct place_spot *source = &levelling->spots[from];
    struct place_spot *target = &levelling->spots[to];
    uint32_t count =
        source->wanted > target->wanted + 1 ? (source->wanted - target->wanted) / 2 : 1;

    count = min_u32(count,
                    min_u32(source->wanted - source->min, target->max - target->wanted));
    for (size_t i = to; i != from; i = levelling->steps[i].before) {
        const struct step *step = &levelling->steps[i];

        count = min_u32(count, levelling->parts[step->part].shares[step->before]);
    }
    assert(count > 0);

    for (size_t i = to; i != from; i = levelling->steps[i].before) {
        const struct step *step = &levelling->steps[i];

        levelling->parts[step->part].shares[step->before] -= count;
        levelling->parts[step->part].shares[i] += count;
    }
    source->wanted -= count;
    target->wanted += count;
}

/* Take from spot what is better elsewhere; false when nothing is. */
static bool relieve(struct levelling *levelling, size_t spot)
{
    const struct place_spot *source = &levelling->spots[spot];
    size_t best;

    if (source->is_fixed || source->wanted <= source->min) {
        return false;
    }
    search_from(levelling, spot);
    best = find_best(levelling);
    if (best == levelling->count ||
        badness(&levelling->spots[best], (uint64_t)levelling->spots[best].wanted + 1) >=
            badness(source, source->wanted)) {
        return false;
    }
    shift(levelling, spot, best);
    return true;
}

/*
 * Each shift makes the sum of squares smaller, or leaves it and moves less: this ends,
 * and where no single shift helps no combination of them does.
 */
void place_level(struct place_spot *spots, size_t count, struct place_part *parts,
                 size_t parts_count, struct arena *scratch)
{
    struct levelling levelling = {
        .spots = spots,
        .count = count,
        .parts = parts,
        .parts_count = parts_count,
        .steps = arena_array(scratch, count, sizeof *levelling.steps),
        .queue = arena_array(scratch, count, sizeof *levelling.queue),
    };
    bool is_uneven = true;

    while (is_uneven) {
        is_uneven = false;
        for (size_t i = 0; i < count; i++) {
            is_uneven |= relieve(&levelling, i);
        }
    }
}

static uint32_t had(const struct place_spot *spot)
{
    return min_u32(spot->current, spot->max);
}

/* Let spots have at the most left more than they had, as far as that is wanted. */
static void add_missing(struct place_spot *spots, size_t count, uint64_t left)
{
    for (size_t i = 0; i < count; i++) {
        struct place_spot *spot = &spots[i];
        const uint32_t more = spot->wanted > had(spot) ? spot->wanted - had(spot) : 0;

        spot->wanted = had(spot) + (more < left ? more : (uint32_t)left);
        left -= spot->wanted - had(spot);
    }
}

/* Let spots lose at the most left of what they had, as far as that is not wanted. */
static void take_surplus(struct place_spot *spots, size_t count, uint64_t left)
{
    for (size_t i = 0; i < count; i++) {
        struct place_spot *spot = &spots[i];
        const uint32_t less = spot->wanted < had(spot) ? had(spot) - spot->wanted : 0;

        spot->wanted = had(spot) - (less < left ? less : (uint32_t)left);
        left -= had(spot) - spot->wanted;
    }
}

/* Let the first spot that is to have more have it, and all others what they had. */
static void raise_first(struct place_spot *spots, size_t count)
{
    bool is_raised = false;

    for (size_t i = 0; i < count; i++) {
        struct place_spot *spot = &spots[i];

        if (is_raised || spot->wanted <= had(spot)) {
            spot->wanted = had(spot);
        } else {
            is_raised = true;
        }
    }
}

void place_next(struct place_spot *spots, size_t count)
{
    uint64_t total = 0;
    uint64_t before = 0;
    bool is_seen = true;

    for (size_t i = 0; i < count; i++) {
        total += spots[i].wanted;
        before += had(&spots[i]);
        is_seen &= spots[i].seen == spots[i].current;
    }
    if (before < total) {
        add_missing(spots, count, total - before);
    } else if (before > total || !is_seen) {
        take_surplus(spots, count, before - total);
    } else {
        raise_first(spots, count);
    }
}
