/*
 * render_lines.h - where the lines of a text are that its findings are about.
 *
 * One walk along the text whatever the number of findings, and memory for theirs only:
 * a text may be one line of many megabytes, or have millions of them.
 */
#ifndef MANIFEST_RENDER_LINES_H
#define MANIFEST_RENDER_LINES_H

#include "manifest/render.h"

/* A line of a text, without what ends it. */
struct render_line {
    const char *source;
    uint32_t number;
    const char *text; /* borrowed, and not NUL-terminated; NULL before it is found */
    size_t length;
};

struct render_lines {
    struct render_line *items; /* by source and number */
    size_t count;
};

/* The lines in which the findings and notes of render start and end; in arena. */
struct render_lines render_lines_find(const struct render *render, struct arena *arena);

/* The line that place is in; NULL when its source has no such line. */
const struct render_line *render_lines_get(const struct render_lines *lines,
                                           const char *source, struct place place);

#endif
