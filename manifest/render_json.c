#include "manifest/render.h"

#include <string.h>

#define SCHEMA_VERSION 1

/* A name of a file may be no UTF-8, which JSON must be. */
static void append_source(const char *source, struct text *text)
{
    struct arena scratch = {0};
    struct text safe;

    text_init(&safe, &scratch, 4 * strlen(source) + 1);
    text_append_escaped(&safe, source, strlen(source));
    text_append(text, "\"source\":");
    text_append_json(text, safe.bytes);
    arena_free(&scratch);
}

static void append_place(const char *source, const struct span *span, struct text *text)
{
    append_source(source, text);
    text_append(text, ",\"line\":%u,\"column\":%u,\"end_line\":%u,\"end_column\":%u,",
                (unsigned int)span->start.line, (unsigned int)span->start.column,
                (unsigned int)span->end.line, (unsigned int)span->end.column);
}

static void append_finding(const struct diag *diag, struct text *text)
{
    text_append(text, "{\"rule\":\"%s\",\"severity\":\"%s\",", diag->rule,
                diag->severity == DIAG_ERROR ? "error" : "warning");
    append_place(diag->source, &diag->span, text);
    text_append(text, "\"message\":");
    text_append_json(text, diag->message);
    if (diag->note != NULL) {
        text_append(text, ",\"note\":{");
        append_place(diag->note_source, &diag->note_span, text);
        text_append(text, "\"message\":");
        text_append_json(text, diag->note);
        text_append(text, "}");
    }
    text_append(text, "}");
}

void render_json(const struct render *render, struct text *text)
{
    const struct diags *diags = render->diags;

    text_append(text, "{\"schema\":%d,\"result\":\"%s\",", SCHEMA_VERSION,
                render_is_invalid(render) ? "invalid" : "ok");
    text_append(text, "\"errors\":%zu,\"warnings\":%zu,\"not_shown\":%zu,\"findings\":[",
                diags->errors_count,
                diags->count + diags->dropped_count - diags->errors_count,
                diags->dropped_count);
    for (size_t i = 0; i < diags->count; i++) {
        text_append(text, i > 0 ? ",\n" : "\n");
        append_finding(&diags->items[i], text);
    }
    text_append(text, diags->count > 0 ? "\n]}\n" : "]}\n");
}
