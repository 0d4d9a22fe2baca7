/*
 * render.h - findings as people and programs want them: text in, text out.
 *
 * Every form shows the findings in the order they are in, each with its note, and says
 * how many more there were.  No form shows more of a text than the lines that findings
 * are about, and only render_human shows these.
 */
#ifndef MANIFEST_RENDER_H
#define MANIFEST_RENDER_H

#include "manifest/diag.h"

/* A text that was read, under the name that its findings have. */
struct render_source {
    const char *name;
    const char *text;
    size_t length;
};

struct render {
    const struct diags *diags; /* sorted */
    const struct render_source *sources;
    size_t sources_count;
    bool is_strict;  /* warnings make the whole invalid */
    bool has_lines;  /* human: show the lines of the sources */
    bool has_colors; /* human: for a terminal */
};

/* Was anything found for which the manifests are refused? */
bool render_is_invalid(const struct render *render);

/*
 * "source:line:column: error: message [rule]" each, with the line below it and what is
 * meant underlined, and the note likewise.  Of long lines there is what surrounds the
 * place; what a terminal would act on is escaped.
 */
void render_human(const struct render *render, struct text *text);

/* One object by schemas/validate.schema.json. */
void render_json(const struct render *render, struct text *text);

/* A SARIF 2.1.0 log with one run; columns count characters there. */
void render_sarif(const struct render *render, struct text *text);

/* Workflow commands of GitHub Actions, a line each. */
void render_github(const struct render *render, struct text *text);

#endif
