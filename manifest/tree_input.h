/*
 * tree_input.h - a text in the pieces that libyaml asks for, as long as it makes
 * progress. Part of tree.c.
 */
#ifndef MANIFEST_TREE_INPUT_H
#define MANIFEST_TREE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct tree_input {
    const char *text; /* borrowed */
    size_t length;
    size_t offset;       /* of what was not asked for yet */
    size_t event_offset; /* where that was when the event began */
    bool is_over;        /* an event takes more than TREE_EVENT_BYTES_MAX */
};

/* An event begins. */
void tree_input_mark(struct tree_input *input);

/* libyaml's read handler, of a struct tree_input: 1, or 0 when the event is too long. */
int tree_input_read(void *data, unsigned char *buffer, size_t size, size_t *ret_size);

#endif
