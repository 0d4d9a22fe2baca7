#include "manifest/tree_anchor.h"

#include <assert.h>
#include <string.h>

#include "manifest/limits.h"

/* Where name is, or belongs. */
static size_t index_of(const struct tree_anchors *anchors, const char *name)
{
    size_t low = 0;
    size_t high = anchors->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(anchors->items[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct tree_anchor *tree_anchor_find(const struct tree_anchors *anchors, const char *name)
{
    const size_t index = index_of(anchors, name);

    if (index == anchors->count || strcmp(anchors->items[index].name, name) != 0) {
        return NULL;
    }
    return &anchors->items[index];
}

bool tree_anchor_put(struct tree_anchors *anchors, const char *name,
                     struct tree_node *node, struct arena *arena)
{
    struct tree_anchor *anchor = tree_anchor_find(anchors, name);

    if (anchor == NULL) {
        const size_t index = index_of(anchors, name);

        if (anchors->count == TREE_ANCHORS_MAX) {
            return false;
        }
        anchors->items = arena_grow(arena, anchors->items, anchors->count,
                                    &anchors->capacity, sizeof *anchors->items);
        anchor = &anchors->items[index];
        memmove(anchor + 1, anchor, (anchors->count - index) * sizeof *anchor);
        anchors->count++;
    }
    *anchor = (struct tree_anchor){.name = name, .node = node};
    return true;
}

void tree_anchor_complete(const struct tree_anchors *anchors, const char *name,
                          const struct tree_node *node, size_t nodes_count, size_t height)
{
    struct tree_anchor *anchor = tree_anchor_find(anchors, name);

    assert(nodes_count > 0);

    if (anchor != NULL && anchor->node == node) {
        anchor->nodes_count = nodes_count;
        anchor->height = height;
    }
}
