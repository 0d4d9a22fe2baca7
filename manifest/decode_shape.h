/*
 * decode_shape.h - what every part of a manifest is read with: mappings by their shape,
 * strings, lists and maps of strings.
 *
 * Each of these takes a node that may be NULL, for a key that is not there, and reports
 * what is wrong with it; what comes back then is empty, and reading goes on.  In
 * messages, what is the subject: "'image'", "a component".
 */
#ifndef MANIFEST_DECODE_SHAPE_H
#define MANIFEST_DECODE_SHAPE_H

#include "manifest/diag.h"
#include "manifest/model.h"
#include "manifest/tree.h"

struct decode {
    struct arena *arena;
    struct diags *diags;
    const struct tree_node *components; /* the list of this document; NULL: none yet */
    size_t items_count;                 /* of all lists of the application, so far */
    size_t traits_count;                /* those that are traits */
};

struct decode_key {
    const char *name;
    const char *required; /* what to write there; NULL: it may be missing */
    const char *old;      /* of 0.82, and unknown now: what to write; NULL: it is not */
};

/* A kind of mapping: what it is called, its keys, and what becomes of others. */
struct decode_shape {
    const char *what;
    enum diag_severity unknown; /* wadm denies unknown keys, or ignores them */
    const struct decode_key *keys;
    size_t keys_count; /* at most DECODE_KEYS_MAX */
    /* What to do about a key that belongs elsewhere; NULL for others, and may be NULL. */
    const char *(*advise)(const char *key);
};

#define DECODE_KEYS_MAX ((size_t)12)

/*
 * Set values[i] to the value of the shape's key i, or to NULL.  Reports unknown and
 * missing keys.  False, with all values NULL, when node is no mapping.
 */
bool decode_object(struct decode *decode, const struct tree_node *node,
                   const struct decode_shape *shape,
                   const struct tree_node *values[static DECODE_KEYS_MAX]);

/* Whether there is a value, and it is not null. */
bool decode_is_given(const struct tree_node *node);

/*
 * A string, where wadm takes nothing else: a scalar that reads as a number, a bool or
 * null is an error.  NULL when there is none.
 */
const char *decode_string(struct decode *decode, const struct tree_node *node,
                          const char *what);

/* The text of any scalar, where wadm takes 1.10 for "1.10". */
const char *decode_text(struct decode *decode, const struct tree_node *node,
                        const char *what);

/* How many items the list node has. */
size_t decode_list(struct decode *decode, const struct tree_node *node, const char *what);

/* The same, where a null is an empty list, with a warning. */
size_t decode_list_or_null(struct decode *decode, const struct tree_node *node,
                           const char *what);

/* A map whose keys and values are as decode_string takes them. */
struct properties decode_string_map(struct decode *decode, const struct tree_node *node,
                                    const char *what);

/* A map whose keys and values are as decode_text takes them; a null is an empty one. */
struct properties decode_text_map(struct decode *decode, const struct tree_node *node,
                                  const char *what);

/* "did you mean 'x'?" for a candidate near to word, else "expected 'x', 'y' or 'z'". */
const char *decode_expected(struct decode *decode, const char *word,
                            const char *const *candidates, size_t count);

/* Report what node is, and that it is not what was expected. */
void decode_wrong_type(struct decode *decode, const struct tree_node *node,
                       const char *what, const char *expected);

#endif
