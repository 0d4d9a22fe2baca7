#include "reconciler/core/state.h"

#include <assert.h>

void state_mark(struct engine *engine, struct item *item)
{
    struct item_list *dirty = &engine->dirty;

    if (item->is_dirty) {
        return;
    }
    item->is_dirty = true;
    state_list_grow(dirty);
    dirty->items[dirty->count++] = item;
}

void state_changed(struct engine *engine, struct item *item)
{
    struct wait *wait;

    TAILQ_FOREACH(wait, &item->waiters, others)
    {
        state_mark(engine, wait->waiter);
    }
}

size_t state_changed_for(struct engine *engine, struct item *item, size_t count)
{
    size_t marked = 0;
    struct wait *wait;

    TAILQ_FOREACH(wait, &item->waiters, others)
    {
        if (marked == count) {
            break;
        }
        if (!wait->waiter->is_dirty) {
            state_mark(engine, wait->waiter);
            marked++;
        }
    }
    return marked;
}

void state_wait(struct item *item, struct item *about)
{
    struct wait *wait;

    assert(item != about);

    for (wait = item->waits; wait != NULL; wait = wait->next) {
        if (wait->about == about) {
            return;
        }
    }
    wait = arena_alloc(&item->waits_arena, sizeof *wait);
    wait->waiter = item;
    wait->about = about;
    wait->next = item->waits;
    item->waits = wait;
    TAILQ_INSERT_TAIL(&about->waiters, wait, others);
}

void state_wait_no_more(struct item *item)
{
    for (struct wait *wait = item->waits; wait != NULL; wait = wait->next) {
        TAILQ_REMOVE(&wait->about->waiters, wait, others);
    }
    item->waits = NULL;
    arena_free(&item->waits_arena);
}

/*
 * A binary heap by wake, in heap->items[1] up to, and without, heap->count; every item
 * in it knows its index, so that it can be taken out.
 */

static void heap_set(struct item_list *heap, size_t index, struct item *item)
{
    heap->items[index] = item;
    item->wake_index = (uint32_t)index;
}

static void heap_up(struct item_list *heap, size_t index)
{
    struct item *item = heap->items[index];

    while (index > 1 && instant_is_before(item->wake, heap->items[index / 2]->wake)) {
        heap_set(heap, index, heap->items[index / 2]);
        index /= 2;
    }
    heap_set(heap, index, item);
}

static void heap_down(struct item_list *heap, size_t index)
{
    struct item *item = heap->items[index];

    while (2 * index < heap->count) {
        size_t child = 2 * index;

        if (child + 1 < heap->count &&
            instant_is_before(heap->items[child + 1]->wake, heap->items[child]->wake)) {
            child++;
        }
        if (!instant_is_before(heap->items[child]->wake, item->wake)) {
            break;
        }
        heap_set(heap, index, heap->items[child]);
        index = child;
    }
    heap_set(heap, index, item);
}

void state_wake(struct engine *engine, struct item *item, struct instant moment)
{
    struct item_list *heap = &engine->heap;

    if (!instant_is_before(moment, item->wake)) {
        return;
    }
    item->wake = moment;
    if (item->wake_index == 0) {
        state_list_grow(heap);
        heap_set(heap, heap->count++, item);
    }
    heap_up(heap, item->wake_index);
}

void state_wake_never(struct engine *engine, struct item *item)
{
    struct item_list *heap = &engine->heap;
    const size_t index = item->wake_index;
    struct item *last;

    item->wake = INSTANT_NEVER;
    item->wake_index = 0;
    if (index == 0) {
        return;
    }
    last = heap->items[--heap->count];
    if (last != item) {
        heap_set(heap, index, last);
        heap_up(heap, index);
        heap_down(heap, last->wake_index);
    }
}

void state_mark_due(struct engine *engine)
{
    struct item_list *heap = &engine->heap;

    while (heap->count > 1 && !instant_is_before(engine->now, heap->items[1]->wake)) {
        struct item *item = heap->items[1];

        state_wake_never(engine, item);
        state_mark(engine, item);
    }
}

struct instant state_deadline(const struct engine *engine)
{
    return engine->heap.count > 1 ? engine->heap.items[1]->wake : INSTANT_NEVER;
}
