#include <string.h>

#include "manifest/render_excerpt.h"

/* How a terminal is told of colors; all "" elsewhere. */
struct palette {
    const char *place;
    const char *error;
    const char *warning;
    const char *note;
    const char *off;
};

static const struct palette plain = {"", "", "", "", ""};
static const struct palette colors = {"\x1b[1m", "\x1b[1;31m", "\x1b[1;35m", "\x1b[1;36m",
                                      "\x1b[0m"};

/* A rendering under way. */
struct human {
    const struct render *render;
    const struct palette *palette;
    struct render_lines lines;
    struct arena scratch;
    struct text *text;
};

static void append_place(struct human *human, const char *source, struct place place)
{
    text_append(human->text, "%s", human->palette->place);
    text_append_escaped(human->text, source, strlen(source));
    text_append(human->text, ":%u:%u:%s ", (unsigned int)place.line,
                (unsigned int)place.column, human->palette->off);
}

/* The line that span starts in; nothing when the text is not at hand. */
static void append_excerpt(struct human *human, const char *source,
                           const struct span *span, const char *color)
{
    const struct render_line *line = render_lines_get(&human->lines, source, span->start);
    struct render_excerpt excerpt;

    if (line == NULL || !human->render->has_lines) {
        return;
    }
    excerpt = render_excerpt_make(line, span, &human->scratch);
    text_append(human->text, "%5u | %s\n      | ", (unsigned int)line->number,
                excerpt.line);
    text_append(human->text, "%s%s%s\n", color, excerpt.marks, human->palette->off);
}

static void append_finding(struct human *human, const struct diag *diag)
{
    const struct palette *palette = human->palette;
    const bool is_error = diag->severity == DIAG_ERROR;
    const char *color = is_error ? palette->error : palette->warning;

    append_place(human, diag->source, diag->span.start);
    text_append(human->text, "%s%s:%s ", color, is_error ? "error" : "warning",
                palette->off);
    text_append_escaped(human->text, diag->message, strlen(diag->message));
    text_append(human->text, " [%s]\n", diag->rule);
    append_excerpt(human, diag->source, &diag->span, color);
    if (diag->note != NULL) {
        append_place(human, diag->note_source, diag->note_span.start);
        text_append(human->text, "%snote:%s %s\n", palette->note, palette->off,
                    diag->note);
        append_excerpt(human, diag->note_source, &diag->note_span, palette->note);
    }
}

void render_human(const struct render *render, struct text *text)
{
    struct human human = {
        .render = render,
        .palette = render->has_colors ? &colors : &plain,
        .text = text,
    };

    human.lines = render_lines_find(render, &human.scratch);
    for (size_t i = 0; i < render->diags->count; i++) {
        append_finding(&human, &render->diags->items[i]);
    }
    if (render->diags->dropped_count > 0) {
        text_append(text, "%zu more findings are not shown\n",
                    render->diags->dropped_count);
    }
    arena_free(&human.scratch);
}
