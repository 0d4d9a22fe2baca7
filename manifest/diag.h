/*
 * diag.h - findings about a text: all of them, in source order, each with a place.
 *
 * A finding is not an error: reading goes on after it, so that one run reports all.
 */
#ifndef MANIFEST_DIAG_H
#define MANIFEST_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "manifest/text.h"

/* From start up to, and without, end. */
struct span {
    struct place start;
    struct place end;
};

enum diag_severity {
    DIAG_ERROR,   /* the manifest is refused */
    DIAG_WARNING, /* accepted, but it may not do what was meant */
};

struct diag {
    enum diag_severity severity;
    const char *rule;   /* stable id, static text, e.g. "unknown-key" */
    const char *source; /* borrowed from struct diags */
    struct span span;
    const char *message; /* one line: what is wrong, then what was expected */

    /* Another place that explains this one; note NULL: none. */
    const char *note; /* static text: "it is declared here" */
    const char *note_source;
    struct span note_span;
};

/* On this line, warnings of this rule are not wanted. */
struct diag_allowance {
    uint32_t line;
    const char *rule;
};

/* By line. */
struct diag_allowances {
    const struct diag_allowance *items;
    size_t count;
};

struct diags {
    struct arena *arena; /* borrowed; everything below lives in it */
    const char *source;  /* file name, URL, NATS subject; of what is added next */
    struct diag *items;
    size_t count;
    size_t capacity;
    size_t errors_count;         /* of severity error, the dropped ones included */
    size_t errors_dropped_count; /* errors beyond DIAGS_MAX: counted, not kept */
    size_t dropped_count;        /* of both severities */
    bool is_last_dropped;

    const char *const *allowed; /* rules whose warnings are not wanted anywhere */
    size_t allowed_count;
    struct diag_allowances allowances; /* of source */
};

void diags_init(struct diags *diags, struct arena *arena, const char *source);

/*
 * Add a finding, unless it is a warning that is not wanted, or there are DIAGS_MAX of its
 * severity already.
 */
void diags_add(struct diags *diags, enum diag_severity severity, const char *rule,
               const struct span *span, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Relate the finding just added to another place; source NULL: in the same text. */
void diags_relate(struct diags *diags, const char *source, const struct span *span,
                  const char *note);

/*
 * When a finding of this severity would not be kept, count it and return true: for
 * those whose message is work.
 */
bool diags_drop(struct diags *diags, enum diag_severity severity);

/* Order by source, place, severity and rule, and drop what stands there twice. */
void diags_sort(struct diags *diags);

/*
 * Append "source:line:column: error: message [rule]" and a newline for each, with
 * "source:line:column: note: note" after it where it has one, and a line with the number
 * of those that were dropped.
 */
void diags_print(const struct diags *diags, struct text *text);

/* User text for a message, as text_append_quoted writes it; lives in arena. */
const char *diag_quoted(const char *text, struct arena *arena);

/*
 * The candidate that word is most likely a misspelling of: the first of those with the
 * fewest letters to change, at most a third of them; NULL when none is that near.
 */
const char *diag_near(const char *word, const char *const *candidates, size_t count);

#endif
