#include <assert.h>
#include <string.h>

#include "reconciler/core/place.h"

/*
 * A flow from parts to spots.  A part whose spots are full may get room from another
 * one that can do with other spots, and so on: a path, found breadth first.
 */
struct flow {
    size_t count;
    struct place_part *parts;
    size_t parts_count;
    uint32_t *room;                /* left of what each spot is open for */
    uint64_t left;                 /* room of all spots together */
    uint32_t *opened;              /* what each spot is open for so far */
    struct place_spot *part_spots; /* the spots as one part sees them */
    struct step *steps;            /* the search: one a part */
    size_t *queue;
    size_t *order; /* of the parts */
};

/* How a search has come to a part: it takes what it needs at spot from the part before.
 */
struct step {
    bool is_reached;
    size_t before;
    size_t spot;
};

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void take(struct flow *flow, struct place_part *part, size_t spot, uint32_t count)
{
    assert(flow->room[spot] >= count && part->missing >= count);

    part->shares[spot] += count;
    part->missing -= count;
    flow->room[spot] -= count;
    flow->left -= count;
}

/* Give part what it can have of the room of its spots, first where all parts together
 * have least. */
static void take_evenly(struct flow *flow, struct place_part *part)
{
    uint64_t had = 0;
    uint64_t room = 0;

    for (size_t i = 0; i < flow->count; i++) {
        const uint32_t taken = part->fits[i] ? flow->opened[i] - flow->room[i] : 0;
        const uint32_t more = part->fits[i] ? flow->room[i] : 0;

        flow->part_spots[i] = (struct place_spot){.current = taken, .max = taken + more};
        had += taken;
        room += more;
    }
    room = room < part->missing ? room : part->missing;
    (void)place_even(flow->part_spots, flow->count, (uint32_t)(had + room));
    for (size_t i = 0; i < flow->count; i++) {
        const struct place_spot *spot = &flow->part_spots[i];

        take(flow, part, i, spot->wanted - spot->current);
    }
}

/* The first spot of part with room; count when there is none. */
static size_t find_room(const struct flow *flow, const struct place_part *part)
{
    size_t i = 0;

    while (i < flow->count && (!part->fits[i] || flow->room[i] == 0)) {
        i++;
    }
    return i;
}

/* Reach every part that has instances on a spot of part. */
static size_t reach(struct flow *flow, size_t part, size_t *queue, size_t queued)
{
    for (size_t spot = 0; spot < flow->count; spot++) {
        for (size_t i = 0; flow->parts[part].fits[spot] && i < flow->parts_count; i++) {
            if (!flow->steps[i].is_reached && flow->parts[i].shares[spot] > 0) {
                flow->steps[i] = (struct step){true, part, spot};
                queue[queued++] = i;
            }
        }
    }
    return queued;
}

/* Move as much as the path from part to last, who has room at spot, can carry. */
static void shift(struct flow *flow, size_t part, size_t last, size_t spot)
{
    uint32_t count = min_u32(flow->room[spot], flow->parts[part].missing);

    for (size_t i = last; i != part; i = flow->steps[i].before) {
        count = min_u32(count, flow->parts[i].shares[flow->steps[i].spot]);
    }
    flow->room[spot] -= count;
    flow->left -= count;
    flow->parts[last].shares[spot] += count;
    for (size_t i = last; i != part; i = flow->steps[i].before) {
        flow->parts[i].shares[flow->steps[i].spot] -= count;
        flow->parts[flow->steps[i].before].shares[flow->steps[i].spot] += count;
    }
    flow->parts[part].missing -= count;
}

/* Find room for part by moving others; false when there is none. */
static bool reroute(struct flow *flow, size_t part)
{
    size_t queued = 1;

    memset(flow->steps, 0, flow->parts_count * sizeof *flow->steps);
    flow->steps[part].is_reached = true;
    flow->queue[0] = part;
    for (size_t next = 0; next < queued; next++) {
        const size_t at = flow->queue[next];
        const size_t spot = find_room(flow, &flow->parts[at]);

        if (spot < flow->count) {
            shift(flow, part, at, spot);
            return true;
        }
        queued = reach(flow, at, flow->queue, queued);
    }
    return false;
}

static size_t count_fits(const struct flow *flow, size_t part)
{
    size_t count = 0;

    for (size_t i = 0; i < flow->count; i++) {
        count += flow->parts[part].fits[i];
    }
    return count;
}

/* Who has the fewest spots to choose from comes first; of equals the first part. */
static void sort_parts(struct flow *flow)
{
    for (size_t i = 0; i < flow->parts_count; i++) {
        const size_t fits = count_fits(flow, i);
        size_t at = i;

        while (at > 0 && count_fits(flow, flow->order[at - 1]) > fits) {
            flow->order[at] = flow->order[at - 1];
            at--;
        }
        flow->order[at] = i;
    }
}

/* Give all parts as much as there is room for. */
static void place_all(struct flow *flow)
{
    for (size_t i = 0; i < flow->parts_count && flow->left > 0; i++) {
        struct place_part *part = &flow->parts[flow->order[i]];

        if (part->missing > 0) {
            take_evenly(flow, part);
        }
    }
    for (size_t i = 0; i < flow->parts_count && flow->left > 0; i++) {
        while (flow->parts[i].missing > 0 && reroute(flow, i)) {
        }
    }
}

/* Open spot up to limit instances in all, if it is not open that far yet. */
static void open_up(struct flow *flow, size_t spot, uint32_t limit)
{
    if (limit > flow->opened[spot]) {
        flow->room[spot] += limit - flow->opened[spot];
        flow->left += limit - flow->opened[spot];
        flow->opened[spot] = limit;
    }
}

/* First what of min is there, then all of it. */
static void place_least(struct flow *flow, const struct place_spot *spots)
{
    for (size_t i = 0; i < flow->count; i++) {
        open_up(flow, i, min_u32(spots[i].min, min_u32(spots[i].current, spots[i].max)));
    }
    place_all(flow);
    for (size_t i = 0; i < flow->count; i++) {
        open_up(flow, i, min_u32(spots[i].min, spots[i].max));
    }
    place_all(flow);
}

/* What spots are opened for, one after the other. */
enum stage {
    STAGE_SEEN,
    STAGE_LATE,
    STAGE_CURRENT,
    STAGE_MAX,
};

static uint32_t limit_of(const struct place_spot *spot, enum stage stage)
{
    const uint32_t current = min_u32(spot->current, spot->max);

    switch (stage) {
    case STAGE_SEEN:
        return min_u32(spot->seen, current);
    case STAGE_LATE:
        return min_u32(spot->late, current);
    case STAGE_CURRENT:
        return current;
    case STAGE_MAX:
        break;
    }
    return spot->max;
}

/* First where they are seen, then where they may come about late, then where they are
 * about to be, then wherever they may be. */
static void place_tier(struct flow *flow, const struct place_spot *spots, uint32_t tier)
{
    for (enum stage stage = STAGE_SEEN; stage <= STAGE_MAX; stage++) {
        for (size_t i = 0; i < flow->count; i++) {
            if (spots[i].tier == tier) {
                open_up(flow, i, limit_of(&spots[i], stage));
            }
        }
        place_all(flow);
    }
}

/* The lowest tier from least on; false when there is none. */
static bool find_tier(const struct place_spot *spots, size_t count, uint32_t least,
                      uint32_t *ret_tier)
{
    bool is_found = false;

    for (size_t i = 0; i < count; i++) {
        if (spots[i].tier >= least && (!is_found || spots[i].tier < *ret_tier)) {
            *ret_tier = spots[i].tier;
            is_found = true;
        }
    }
    return is_found;
}

void place_parts(struct place_spot *spots, size_t count, struct place_part *parts,
                 size_t parts_count, struct arena *scratch)
{
    struct flow flow = {
        .count = count,
        .parts = parts,
        .parts_count = parts_count,
        .room = arena_array(scratch, count, sizeof *flow.room),
        .opened = arena_array(scratch, count, sizeof *flow.opened),
        .part_spots = arena_array(scratch, count, sizeof *flow.part_spots),
        .steps = arena_array(scratch, parts_count, sizeof *flow.steps),
        .queue = arena_array(scratch, parts_count, sizeof *flow.queue),
        .order = arena_array(scratch, parts_count, sizeof *flow.order),
    };
    uint32_t tier = 0;

    for (size_t i = 0; i < parts_count; i++) {
        memset(parts[i].shares, 0, count * sizeof *parts[i].shares);
        parts[i].missing = parts[i].total;
    }
    sort_parts(&flow);
    place_least(&flow, spots);
    while (find_tier(spots, count, tier, &tier)) {
        place_tier(&flow, spots, tier++);
    }
    for (size_t i = 0; i < count; i++) {
        spots[i].wanted = flow.opened[i] - flow.room[i];
    }
}
