#include "reconciler/run/slots.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "reconciler/run/clock.h"

/* Chain the slots from first to count into the list of free ones. */
static void add_free(struct slots *slots, uint32_t first)
{
    for (uint32_t i = first; i < slots->count; i++) {
        slots->items[i].next_free = i + 1;
    }
    slots->first_free = first;
}

void slots_init(struct slots *slots)
{
    *slots = (struct slots){.count = SLOTS_COUNT_FIRST, .earliest = INSTANT_NEVER};
    slots->items = arena_array(&slots->arena, slots->count, sizeof *slots->items);
    add_free(slots, 0);
}

void slots_clear(struct slots *slots)
{
    arena_free(&slots->arena);
    *slots = (struct slots){0};
}

/* Double the table.  All are in use, or it would not be asked for. */
static void grow(struct slots *slots)
{
    struct arena arena = {0};
    struct slot *items;

    assert(slots->open_count == slots->count);

    items = arena_array(&arena, (size_t)slots->count * 2, sizeof *items);
    memcpy(items, slots->items, slots->count * sizeof *items);
    arena_free(&slots->arena);
    slots->arena = arena;
    slots->items = items;
    slots->count *= 2;
    add_free(slots, slots->open_count);
}

static void keep_subject(struct slot *slot, const char *subject)
{
    const size_t length = strnlen(subject, sizeof slot->subject - 1);

    memcpy(slot->subject, subject, length);
    slot->subject[length] = '\0';
}

struct slot *slots_open(struct slots *slots, const char *subject, uint64_t tag,
                        struct instant deadline)
{
    struct slot *slot;

    if (slots->open_count == SLOTS_COUNT_MAX) {
        return NULL;
    }
    if (slots->open_count == slots->count) {
        grow(slots);
    }
    slot = &slots->items[slots->first_free];
    assert(!slot->is_open);

    slots->first_free = slot->next_free;
    slots->open_count++;
    slots->earliest = instant_min(slots->earliest, deadline);
    slot->tag = tag;
    slot->deadline = deadline;
    slot->order = slots->opened_count++;
    slot->use++;
    slot->is_open = true;
    slot->is_gathering = false;
    keep_subject(slot, subject);
    return slot;
}

void slots_close(struct slots *slots, struct slot *slot)
{
    assert(slot->is_open);
    assert(slots->open_count > 0);

    slot->is_open = false;
    slot->next_free = slots->first_free;
    slots->first_free = (uint32_t)(slot - slots->items);
    slots->open_count--;
    if (slots->open_count == 0) {
        slots->earliest = INSTANT_NEVER;
    }
}

void slots_print_name(const struct slots *slots, const struct slot *slot,
                      char ret_name[static SLOT_NAME_BYTES])
{
    (void)snprintf(ret_name, SLOT_NAME_BYTES, "%u-%u", (unsigned)(slot - slots->items),
                   slot->use);
}

/* The number at *at, which moves on behind it and behind end; false when there is none
 * that fits. */
static bool read_number(const char **at, char end, uint32_t *ret_number)
{
    const char *digit = *at;
    uint64_t number = 0;

    while (*digit >= '0' && *digit <= '9' && number <= UINT32_MAX) {
        number = number * 10 + (uint64_t)(*digit++ - '0');
    }
    if (digit == *at || *digit != end || number > UINT32_MAX) {
        return false;
    }
    *at = digit + 1;
    *ret_number = (uint32_t)number;
    return true;
}

struct slot *slots_find(struct slots *slots, const char *name)
{
    uint32_t index;
    uint32_t use;

    if (!read_number(&name, '-', &index) || !read_number(&name, '\0', &use) ||
        index >= slots->count) {
        return NULL;
    }
    if (!slots->items[index].is_open || slots->items[index].use != use) {
        return NULL;
    }
    return &slots->items[index];
}

struct slot *slots_find_subject(struct slots *slots, const char *subject)
{
    struct slot *found = NULL;

    for (uint32_t i = 0; i < slots->count; i++) {
        struct slot *slot = &slots->items[i];

        if (slot->is_open && (found == NULL || slot->order < found->order) &&
            strncmp(slot->subject, subject, SLOT_SUBJECT_BYTES - 1) == 0) {
            found = slot;
        }
    }
    return found;
}

/* Goes round the table, so that finding all of many late ones costs one round. */
struct slot *slots_find_late(struct slots *slots, struct instant now)
{
    struct instant earliest = INSTANT_NEVER;

    if (!instant_is_due(slots->earliest, now)) {
        return NULL;
    }
    for (uint32_t i = 0; i < slots->count; i++) {
        struct slot *slot = &slots->items[slots->cursor];

        if (slot->is_open && instant_is_due(slot->deadline, now)) {
            return slot;
        }
        if (slot->is_open) {
            earliest = instant_min(earliest, slot->deadline);
        }
        slots->cursor = (slots->cursor + 1) % slots->count;
    }
    slots->earliest = earliest;
    return NULL;
}

void slots_give_up(struct slots *slots)
{
    for (uint32_t i = 0; i < slots->count; i++) {
        if (slots->items[i].is_open) {
            slots->items[i].deadline = CLOCK_LONG_AGO;
            slots->earliest = CLOCK_LONG_AGO;
        }
    }
}

struct instant slots_deadline(const struct slots *slots)
{
    return slots->earliest;
}
