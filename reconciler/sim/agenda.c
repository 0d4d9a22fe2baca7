#include "reconciler/sim/agenda.h"

#include <assert.h>
#include <stdbool.h>

static bool is_before(const struct sim_appointment *a, const struct sim_appointment *b)
{
    return a->due.ms != b->due.ms ? a->due.ms < b->due.ms : a->order < b->order;
}

static void swap(struct sim_appointment *a, struct sim_appointment *b)
{
    const struct sim_appointment kept = *a;

    *a = *b;
    *b = kept;
}

void sim_agenda_put(struct sim_agenda *agenda, struct arena *arena, struct instant due,
                    void *item)
{
    size_t i = agenda->count;

    assert(item != NULL);
    agenda->heap = arena_grow(arena, agenda->heap, agenda->count, &agenda->capacity,
                              sizeof *agenda->heap);
    agenda->heap[agenda->count++] = (struct sim_appointment){
        .due = due,
        .order = agenda->order_next++,
        .item = item,
    };
    while (i > 0 && is_before(&agenda->heap[i], &agenda->heap[(i - 1) / 2])) {
        swap(&agenda->heap[i], &agenda->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

struct instant sim_agenda_due(const struct sim_agenda *agenda)
{
    return agenda->count > 0 ? agenda->heap[0].due : INSTANT_NEVER;
}

/* The root has been replaced by a later one: let it sink to its place. */
static void sink(struct sim_agenda *agenda)
{
    size_t i = 0;

    for (;;) {
        const size_t left = 2 * i + 1;
        size_t first = i;

        if (left < agenda->count &&
            is_before(&agenda->heap[left], &agenda->heap[first])) {
            first = left;
        }
        if (left + 1 < agenda->count &&
            is_before(&agenda->heap[left + 1], &agenda->heap[first])) {
            first = left + 1;
        }
        if (first == i) {
            return;
        }
        swap(&agenda->heap[i], &agenda->heap[first]);
        i = first;
    }
}

void *sim_agenda_take(struct sim_agenda *agenda, struct instant now)
{
    struct instant due;
    void *item;

    if (agenda->count == 0 || agenda->heap[0].due.ms > now.ms) {
        return NULL;
    }
    item = agenda->heap[0].item;
    due = agenda->heap[0].due;
    agenda->heap[0] = agenda->heap[--agenda->count];
    sink(agenda);
    assert(item != NULL && sim_agenda_due(agenda).ms >= due.ms);
    return item;
}
