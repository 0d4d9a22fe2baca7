/*
 * tree.h - YAML or JSON text as a tree whose every node knows its place.
 *
 * The tree is what the text says and no more: scalars keep their text and how they
 * were quoted; what a plain scalar means is asked with tree_scalar_type, which
 * answers as serde_yaml 0.9 does (wadm reads manifests with it).  Aliases are
 * expanded by sharing the node, within a budget; merge keys are ordinary keys.
 * The only file that includes yaml.h is tree.c.
 */
#ifndef MANIFEST_TREE_H
#define MANIFEST_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/diag.h"

enum tree_kind {
    TREE_SCALAR,
    TREE_SEQUENCE,
    TREE_MAPPING,
};

enum tree_scalar_type {
    TREE_STRING,
    TREE_INTEGER,
    TREE_FLOAT,
    TREE_BOOL,
    TREE_NULL,
};

struct tree_node {
    enum tree_kind kind;
    struct span span;
    const char *text; /* scalar: NUL-terminated, may hold NUL bytes only if is refused */
    size_t length;    /* of text, in bytes */
    bool is_plain;    /* scalar: not quoted, not a block */
    bool is_double_quoted;    /* scalar: as JSON strings are */
    const char *tag;          /* explicit, resolved; NULL when there is none */
    struct tree_node **items; /* sequence: the items; mapping: key, value, key, value */
    size_t count;             /* of items: twice the pairs for a mapping */
};

struct tree_documents {
    struct tree_node **roots; /* one a document that is not empty */
    size_t count;
};

/*
 * Read all documents of length bytes at text into arena.
 *
 * What is wrong with the text (syntax, depth, size, duplicate keys, a NUL, bad UTF-8)
 * goes to diags with its place; *ret_documents then holds what was read before.
 * Returns false when diags has an error.
 */
bool tree_read(const char *text, size_t length, struct arena *arena, struct diags *diags,
               struct tree_documents *ret_documents);

enum tree_scalar_type tree_scalar_type(const struct tree_node *scalar);

/* The value of key in a mapping; NULL when there is none, or it is no mapping. */
const struct tree_node *tree_find(const struct tree_node *mapping, const char *key);

#endif
