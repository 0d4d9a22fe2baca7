/*
 * tree_cursor.h - from positions as libyaml counts them to places as people see them.
 *
 * libyaml counts characters, we count bytes.  In a text that is all ASCII these are the
 * same; any other is walked along once, for the positions asked for only grow.
 */
#ifndef MANIFEST_TREE_CURSOR_H
#define MANIFEST_TREE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/err.h"

struct tree_cursor {
    const char *text; /* borrowed */
    size_t length;
    bool is_ascii;
    size_t line;       /* where it stands, from 0 */
    size_t column;     /* from 0, in characters */
    size_t offset;     /* of that character, in bytes */
    size_t line_start; /* the offset of its line's first byte */
};

/* At the start of length bytes at text, which must outlive the cursor. */
void tree_cursor_init(struct tree_cursor *cursor, const char *text, size_t length);

/* The place of a character; line and column count from 0.  Quick when they grow. */
struct place tree_cursor_place(struct tree_cursor *cursor, size_t line, size_t column);

/* To the start of the next line, or to the end; false when it is there already. */
bool tree_cursor_next_line(struct tree_cursor *cursor);

/* The place of a byte that is not before the cursor, which walks there. */
struct place tree_cursor_walk(struct tree_cursor *cursor, size_t offset);

/* The place of a byte; an offset behind the end is the end. */
struct place tree_cursor_place_of_byte(const struct tree_cursor *cursor, size_t offset);

#endif
