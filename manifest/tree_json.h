/*
 * tree_json.h - JSON as YAML that says the same.  Part of tree.c.
 *
 * Nearly all JSON is YAML.  But in its strings JSON takes characters as they are that
 * YAML takes for the end of a line or not at all, and it writes one beyond U+FFFF as two
 * escapes.  Where there are such, they become escapes of YAML.
 */
#ifndef MANIFEST_TREE_JSON_H
#define MANIFEST_TREE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/arena.h"

/* What was put in place of something else. */
struct tree_json_edit {
    size_t start; /* in the new text */
    size_t end;
    size_t origin; /* what is at end now was there */
};

struct tree_json {
    const char *text;
    size_t length;
    struct tree_json_edit *edits; /* in order */
    size_t edits_count;
};

/* Rewrite length bytes at text, in arena.  False: they are no JSON, or too much of it
 * (see limits.h), or YAML reads them as what they are. */
bool tree_json_rewrite(const char *text, size_t length, struct arena *arena,
                       struct tree_json *ret_json);

/* Where in the JSON that was which is at offset now. */
size_t tree_json_origin(const struct tree_json *json, size_t offset);

#endif
