/*
 * text.h - text that is built by appending, up to a size given at the start.
 *
 * For dumps, subjects, JSON and messages.  It grows in its arena; appending past
 * bytes_max cuts it and sets is_cut.  Appending never fails, and the text always
 * ends in a NUL.
 */
#ifndef MANIFEST_TEXT_H
#define MANIFEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/arena.h"

struct text {
    char *bytes;  /* in arena; never NULL */
    size_t count; /* the NUL not included */
    size_t room;  /* bytes allocated, the NUL included */
    size_t bytes_max;
    bool is_cut;
    struct arena *arena; /* borrowed */
};

/* Empty text that may grow to bytes_max bytes, the NUL included; bytes_max over 0. */
void text_init(struct text *text, struct arena *arena, size_t bytes_max);

void text_append(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void text_append_bytes(struct text *text, const char *bytes, size_t length);

/* string as a JSON string, with its quotes; bytes that are not ASCII go as they are. */
void text_append_json(struct text *text, const char *string);

/* length bytes of user text; what a terminal would act on, and what is not UTF-8, as
 * \xNN, so that it stays one line. */
void text_append_escaped(struct text *text, const char *bytes, size_t length);

/* The same in single quotes for a message, at most 80 bytes of it. */
void text_append_quoted(struct text *text, const char *bytes, size_t length);

#endif
