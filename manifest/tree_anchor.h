/*
 * tree_anchor.h - the nodes of one document that can be repeated by name.  Part of
 * tree.c.
 */
#ifndef MANIFEST_TREE_ANCHOR_H
#define MANIFEST_TREE_ANCHOR_H

#include "manifest/tree.h"

struct tree_anchor {
    const char *name;
    struct tree_node *node;
    size_t nodes_count; /* in it, itself included; 0: it has not ended */
    size_t height;      /* levels of collections in it */
};

/* All zero is ready for use. */
struct tree_anchors {
    struct tree_anchor *items; /* sorted by name */
    size_t count;
    size_t capacity;
};

/* The anchor of that name; NULL when there is none. */
struct tree_anchor *tree_anchor_find(const struct tree_anchors *anchors,
                                     const char *name);

/*
 * From now on name means node, which has not ended.  A name may be given again, and
 * then means the later node.  False, and nothing done, at TREE_ANCHORS_MAX.
 */
bool tree_anchor_put(struct tree_anchors *anchors, const char *name,
                     struct tree_node *node, struct arena *arena);

/* node has ended; if it still is what name means, it can now be repeated. */
void tree_anchor_complete(const struct tree_anchors *anchors, const char *name,
                          const struct tree_node *node, size_t nodes_count,
                          size_t height);

#endif
