/*
 * migrate_edit.h - changes of a text at places that its tree tells.  Part of migrate.c.
 *
 * What is not changed stays as it is, byte for byte.  Offsets count bytes of the text.
 */
#ifndef MANIFEST_MIGRATE_EDIT_H
#define MANIFEST_MIGRATE_EDIT_H

#include "manifest/text.h"
#include "manifest/tree.h"

/* The bytes from start up to, and without, end become text. */
struct edit {
    size_t start;
    size_t end;
    const char *text;
    size_t index; /* edits of one place stay in their order */
};

struct edits {
    struct arena *arena;
    const char *text; /* borrowed, as all that comes in */
    size_t length;
    const char *line_end; /* how the lines of text end */
    size_t *line_starts;  /* of each line, its first byte */
    size_t lines_count;
    struct edit *items;
    size_t count;
    size_t capacity;
};

/* None yet, of length bytes at text. */
void edit_init(struct edits *edits, const char *text, size_t length, struct arena *arena);

/* Where node begins and ends, without the line end that a block of text ends with. */
size_t edit_start(const struct edits *edits, const struct tree_node *node);
size_t edit_end(const struct edits *edits, const struct tree_node *node);

/* How many bytes of its line are before the byte at offset. */
size_t edit_column(const struct edits *edits, size_t offset);

/* The first byte of the line that offset is in, and that of the next line. */
size_t edit_line(const struct edits *edits, size_t offset);
size_t edit_next_line(const struct edits *edits, size_t offset);

/* Whether there are only blanks between the start of the line and offset. */
bool edit_is_first_in_line(const struct edits *edits, size_t offset);

/* Whether the line that offset is in is a comment and nothing else. */
bool edit_is_comment(const struct edits *edits, size_t offset);

/* text is in the arena of edits, or static. */
void edit_replace(struct edits *edits, size_t start, size_t end, const char *text);

/* Put whole lines behind the line that offset is in. */
void edit_insert_lines(struct edits *edits, size_t offset, const char *lines);

/* Replace word, which scalar says, and leave its quotes; false when it is spelt oddly. */
bool edit_replace_word(struct edits *edits, const struct tree_node *scalar,
                       const char *word);

/* Whether a collection is written in braces or brackets, as all of JSON is. */
bool edit_is_flow(const struct edits *edits, const struct tree_node *collection);

/* Whether inner stands in outer, and is not there by an alias. */
bool edit_is_inside(const struct edits *edits, const struct tree_node *outer,
                    const struct tree_node *inner);

/*
 * The edit that takes item i out of collection, with its value if it is a key: its lines,
 * or what is between its commas.  False when it has no lines of its own.
 */
bool edit_find(const struct edits *edits, const struct tree_node *collection, size_t i,
               struct edit *ret_edit);

/* Append the text as changed; false when two edits overlap. */
bool edit_apply(struct edits *edits, struct text *output);

#endif
