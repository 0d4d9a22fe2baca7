/*
 * tree_recent.h - short texts that come again, as keys do, kept once.  Part of tree.c.
 */
#ifndef MANIFEST_TREE_RECENT_H
#define MANIFEST_TREE_RECENT_H

#include "manifest/arena.h"

#define TREE_RECENT_COUNT ((size_t)128)

/* The texts last seen, by a hash.  All zero is none. */
struct tree_recent {
    struct {
        const char *text; /* NULL: none yet */
        size_t length;
    } items[TREE_RECENT_COUNT];
};

/* A copy of length bytes at text in arena, or the one made before. */
const char *tree_recent_copy(struct tree_recent *recent, struct arena *arena,
                             const char *text, size_t length);

#endif
