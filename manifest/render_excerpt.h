/*
 * render_excerpt.h - a line of a source, and under it what is meant underlined.
 *
 * Columns are those of a terminal: a tab fills up to the next multiple of eight, wide
 * characters take two, combining ones none, and what is escaped takes what it is
 * escaped to.
 */
#ifndef MANIFEST_RENDER_EXCERPT_H
#define MANIFEST_RENDER_EXCERPT_H

#include "manifest/render_lines.h"

struct render_excerpt {
    const char
        *line; /* all of it, or what surrounds the place, with "..." for the rest */
    const char *marks; /* blanks, then "^~~~" under span as far as it is shown */
};

/* line is the one that span starts in; the texts live in arena. */
struct render_excerpt render_excerpt_make(const struct render_line *line,
                                          const struct span *span, struct arena *arena);

#endif
