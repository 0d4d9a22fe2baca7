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
    uint32_t *room;                /* left of each spot */
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

static void take(struct flow *flow, struct place_part *part, size_t spot, uint32_t count)
{
    assert(flow->room[spot] >= count && part->missing >= count);

    part->shares[spot] += count;
    part->missing -= count;
    flow->room[spot] -= count;
}

/* Give part what it can have of the room of its spots, evenly. */
static void take_evenly(struct flow *flow, struct place_part *part)
{
    uint64_t had = 0;
    uint64_t room = 0;

    for (size_t i = 0; i < flow->count; i++) {
        const uint32_t share = part->shares[i];
        const uint32_t more = part->fits[i] ? flow->room[i] : 0;

        flow->part_spots[i] = (struct place_spot){.current = share, .max = share + more};
        had += share;
        room += more;
    }
    room = room < part->missing ? room : part->missing;
    (void)place_even(flow->part_spots, flow->count, (uint32_t)(had + room));
    for (size_t i = 0; i < flow->count; i++) {
        take(flow, part, i, flow->part_spots[i].wanted - part->shares[i]);
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
    uint32_t count = flow->room[spot] < flow->parts[part].missing
                         ? flow->room[spot]
                         : flow->parts[part].missing;

    for (size_t i = last; i != part; i = flow->steps[i].before) {
        const uint32_t share = flow->parts[i].shares[flow->steps[i].spot];

        count = share < count ? share : count;
    }
    flow->room[spot] -= count;
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
    for (size_t i = 0; i < flow->parts_count; i++) {
        take_evenly(flow, &flow->parts[flow->order[i]]);
    }
    for (size_t i = 0; i < flow->parts_count; i++) {
        while (flow->parts[i].missing > 0 && reroute(flow, i)) {
        }
    }
}

void place_parts(struct place_spot *spots, size_t count, struct place_part *parts,
                 size_t parts_count, struct arena *scratch)
{
    struct flow flow = {
        .count = count,
        .parts = parts,
        .parts_count = parts_count,
        .room = arena_array(scratch, count, sizeof *flow.room),
        .part_spots = arena_array(scratch, count, sizeof *flow.part_spots),
        .steps = arena_array(scratch, parts_count, sizeof *flow.steps),
        .queue = arena_array(scratch, parts_count, sizeof *flow.queue),
        .order = arena_array(scratch, parts_count, sizeof *flow.order),
    };

    for (size_t i = 0; i < parts_count; i++) {
        memset(parts[i].shares, 0, count * sizeof *parts[i].shares);
        parts[i].missing = parts[i].total;
    }
    for (size_t i = 0; i < count; i++) {
        flow.room[i] = spots[i].current < spots[i].max ? spots[i].current : spots[i].max;
    }
    sort_parts(&flow);
    place_all(&flow); /* where they are */
    for (size_t i = 0; i < count; i++) {
        const uint32_t kept =
            (spots[i].current < spots[i].max ? spots[i].current : spots[i].max) -
            flow.room[i];

        flow.room[i] = spots[i].max - kept;
    }
    place_all(&flow);
    for (size_t i = 0; i < count; i++) {
        spots[i].wanted = spots[i].max - flow.room[i];
    }
}
