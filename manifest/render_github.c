#include "manifest/render.h"

#include <stdbool.h>
#include <string.h>

/*
 * What a workflow command says: in its message a percent sign and line ends are escaped,
 * in its properties what ends these, too.  As actions/toolkit writes them.
 */
static void append_data(struct text *text, const char *data, bool is_property)
{
    for (; *data != '\0'; data++) {
        const bool is_special = strchr("%\r\n", *data) != NULL ||
                                (is_property && strchr(":,", *data) != NULL);

        if (is_special) {
            text_append(text, "%%%02X", (unsigned int)(unsigned char)*data);
        } else {
            text_append_bytes(text, data, 1);
        }
    }
}

/* Columns are for places within one line. */
static void append_place(struct text *text, const struct diag *diag)
{
    const struct span *span = &diag->span;

    append_data(text, diag->source, true);
    text_append(text, ",line=%u", (unsigned int)span->start.line);
    if (span->end.line == span->start.line) {
        text_append(text, ",col=%u", (unsigned int)span->start.column);
    }
    text_append(text, ",endLine=%u", (unsigned int)span->end.line);
    if (span->end.line == span->start.line) {
        text_append(text, ",endColumn=%u", (unsigned int)span->end.column);
    }
}

static void append_finding(struct text *text, const struct diag *diag)
{
    text_append(text, "::%s file=", diag->severity == DIAG_ERROR ? "error" : "warning");
    append_place(text, diag);
    text_append(text, ",title=%s::", diag->rule);
    append_data(text, diag->message, false);
    if (diag->note != NULL) {
        text_append(text, "%%0A");
        append_data(text, diag->note_source, false);
        text_append(text, ":%u:%u: ", (unsigned int)diag->note_span.start.line,
                    (unsigned int)diag->note_span.start.column);
        append_data(text, diag->note, false);
    }
    text_append(text, "\n");
}

void render_github(const struct render *render, struct text *text)
{
    const struct diags *diags = render->diags;

    for (size_t i = 0; i < diags->count; i++) {
        append_finding(text, &diags->items[i]);
    }
    if (diags->dropped_count > 0) {
        text_append(text, "::notice::%zu more findings are not shown\n",
                    diags->dropped_count);
    }
}
