#include "reconciler/core/slot.h"

#include <assert.h>

#include "reconciler/core/state.h"

bool link_is_ours(const struct link_item *link)
{
    const struct record *ledger = link->ledger;

    assert(link->observed != NULL);

    return ledger != NULL && (ledger->state == LEDGER_CONFIRMED ||
                              link_is_equal(link->observed, ledger->u.link));
}

struct link_item *slot_first(const struct link_item *link)
{
    const struct source_item *source = link->source;
    size_t i = 0;

    while (i < source->observed_count &&
           !link_is_same_slot(source->observed[i], link->key)) {
        i++;
    }
    assert(i < source->observed_count);
    return state_find_link(source, source->observed[i]);
}

/* The links of one slot stand side by side in source->links: the first of them. */
static size_t first_index(const struct source_item *source, size_t index)
{
    const struct link *key = source->links[index]->key;

    while (index > 0 && link_is_same_slot(source->links[index - 1]->key, key)) {
        index--;
    }
    return index;
}

const struct link_item *slot_find_foreign(const struct source_item *source, size_t index)
{
    const struct link_item *link = source->links[index];

    for (size_t i = first_index(source, index);
         i < source->links_count && link_is_same_slot(source->links[i]->key, link->key);
         i++) {
        const struct link_item *other = source->links[i];

        if (other != link && other->observed != NULL && !link_is_ours(other)) {
            return other;
        }
    }
    return NULL;
}

const struct link_item *slot_find_conflict(const struct source_item *source, size_t index,
                                           const struct link *wanted)
{
    const struct link_item *link = source->links[index];

    for (size_t i = first_index(source, index);
         i < source->links_count && link_is_same_slot(source->links[i]->key, link->key);
         i++) {
        const struct link_item *other = source->links[i];

        if (other != link && other->observed != NULL &&
            link_is_conflict(other->observed, wanted)) {
            return other;
        }
    }
    return NULL;
}
