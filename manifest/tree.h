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
#include <stdint.h>

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

/* An explicit tag, as far as it changes what a scalar means. */
enum tree_tag {
    TREE_TAG_NONE, /* or one that says what the kind says already */
    TREE_TAG_STRING,
    TREE_TAG_INTEGER,
    TREE_TAG_FLOAT,
    TREE_TAG_BOOL,
    TREE_TAG_NULL,
    TREE_TAG_OTHER, /* the author's own, like !secret */
};

/* 32 bytes, as a large manifest has a million: look at kind before text or items. */
struct tree_node {
    struct span span;
    union {
        const char *text;         /* scalar: NUL-terminated, and no NUL inside */
        struct tree_node **items; /* sequence: items; mapping: key, value, key, value */
    };
    union {
        uint32_t length; /* scalar: of text, in bytes */
        uint32_t count;  /* sequence: of items; mapping: of items, twice the pairs */
    };
    enum tree_kind kind : 8;
    enum tree_tag tag : 8;
    bool is_plain;         /* scalar: not quoted, not a block */
    bool is_double_quoted; /* scalar: as JSON strings are */
};

struct tree_documents {
    struct tree_node **roots; /* one a document that is not empty */
    size_t count;
};

/*
 * Read all documents of length bytes at text into arena.  What is JSON is read as that,
 * also where YAML would read it otherwise: see tree_json.h.  A byte-order mark is
 * skipped; columns count from after it.
 *
 * What is wrong with the text goes to diags with its place, by these rules: syntax,
 * encoding (bad UTF-8, a NUL, a control character), limit (size, depth, nodes), alias
 * and duplicate-key.  All but the last end the reading, and the document they are in
 * is left out of *ret_documents.  Returns false when it added an error.
 */
bool tree_read(const char *text, size_t length, struct arena *arena, struct diags *diags,
               struct tree_documents *ret_documents);

enum tree_scalar_type tree_scalar_type(const struct tree_node *scalar);

/* Whether scalar is an integer from 0 to UINT64_MAX, in any notation; its value. */
bool tree_scalar_u64(const struct tree_node *scalar, uint64_t *ret_value);

/* The value of key in a mapping; NULL when there is none, or it is no mapping. */
const struct tree_node *tree_find(const struct tree_node *mapping, const char *key);

#endif
