#include "manifest/diag.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"

/* Longer words are not compared: who misspells them has other trouble. */
#define WORD_BYTES_MAX ((size_t)64)

/* Quotes, an ellipsis, the NUL, and 80 bytes of which each may become four. */
#define QUOTED_ROOM ((size_t)512)

void diags_init(struct diags *diags, struct arena *arena, const char *source)
{
    *diags = (struct diags){.arena = arena, .source = arena_copy(arena, source)};
}

bool diags_drop(struct diags *diags, enum diag_severity severity)
{
    const size_t errors = diags->errors_count - diags->errors_dropped_count;

    assert(errors <= diags->count);

    if ((severity == DIAG_ERROR ? errors : diags->count - errors) < DIAGS_MAX) {
        return false;
    }
    diags->dropped_count++;
    if (severity == DIAG_ERROR) {
        diags->errors_count++;
        diags->errors_dropped_count++;
    }
    return true;
}

/* The first allowance of line or a later one. */
static size_t find_line(const struct diag_allowances *allowances, uint32_t line)
{
    size_t low = 0;
    size_t high = allowances->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (allowances->items[middle].line < line) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool is_allowed(const struct diags *diags, const char *rule, uint32_t line)
{
    const struct diag_allowances *allowances = &diags->allowances;

    for (size_t i = 0; i < diags->allowed_count; i++) {
        if (strcmp(diags->allowed[i], rule) == 0) {
            return true;
        }
    }
    for (size_t i = find_line(allowances, line);
         i < allowances->count && allowances->items[i].line == line; i++) {
        if (strcmp(allowances->items[i].rule, rule) == 0) {
            return true;
        }
    }
    return false;
}

void diags_add(struct diags *diags, enum diag_severity severity, const char *rule,
               const struct span *span, const char *format, ...)
{
    va_list arguments;
    char *message;

    diags->is_last_dropped =
        (severity == DIAG_WARNING && is_allowed(diags, rule, span->start.line)) ||
        diags_drop(diags, severity);
    if (diags->is_last_dropped) {
        return;
    }
    va_start(arguments, format);
    message = arena_vprint(diags->arena, format, arguments);
    va_end(arguments);

    diags->errors_count += severity == DIAG_ERROR;
    diags->items = arena_grow(diags->arena, diags->items, diags->count, &diags->capacity,
                              sizeof *diags->items);
    diags->items[diags->count++] = (struct diag){
        .severity = severity,
        .rule = rule,
        .source = diags->source,
        .span = *span,
        .message = message,
    };
}

void diags_relate(struct diags *diags, const char *source, const struct span *span,
                  const char *note)
{
    struct diag *last;

    assert(diags->is_last_dropped || diags->count > 0);

    if (!diags->is_last_dropped) {
        last = &diags->items[diags->count - 1];
        last->note = note;
        last->note_source = source != NULL ? source : last->source;
        last->note_span = *span;
    }
}

static int compare_numbers(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_diags(const void *left, const void *right)
{
    const struct diag *a = left;
    const struct diag *b = right;
    const int orders[] = {
        strcmp(a->source, b->source),
        compare_numbers(a->span.start.line, b->span.start.line),
        compare_numbers(a->span.start.column, b->span.start.column),
        compare_numbers(a->severity, b->severity),
        strcmp(a->rule, b->rule),
        strcmp(a->message, b->message),
    };

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        if (orders[i] != 0) {
            return orders[i];
        }
    }
    return 0;
}

void diags_sort(struct diags *diags)
{
    size_t kept = 0;

    if (diags->count > 0) {
        qsort(diags->items, diags->count, sizeof *diags->items, compare_diags);
    }
    for (size_t i = 0; i < diags->count; i++) {
        if (kept > 0 && compare_diags(&diags->items[kept - 1], &diags->items[i]) == 0) {
            diags->errors_count -= diags->items[i].severity == DIAG_ERROR;
        } else {
            diags->items[kept++] = diags->items[i];
        }
    }
    diags->count = kept;
}

void diags_print(const struct diags *diags, struct text *text)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];

        text_append(text, "%s:%u:%u: %s: %s [%s]\n", diag->source, diag->span.start.line,
                    diag->span.start.column,
                    diag->severity == DIAG_ERROR ? "error" : "warning", diag->message,
                    diag->rule);
        if (diag->note != NULL) {
            text_append(text, "%s:%u:%u: note: %s\n", diag->note_source,
                        diag->note_span.start.line, diag->note_span.start.column,
                        diag->note);
        }
    }
    if (diags->dropped_count > 0) {
        text_append(text, "%zu more findings are not shown\n", diags->dropped_count);
    }
}

const char *diag_quoted(const char *text, struct arena *arena)
{
    struct text quoted;

    text_init(&quoted, arena, QUOTED_ROOM);
    text_append_quoted(&quoted, text, strlen(text));
    return quoted.bytes;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/*
 * Row i of the table of distances between the beginnings of a and b, from the two rows
 * above it; letters that have changed places with a neighbour count once.  Returns the
 * least of the row.
 */
static size_t fill_row(size_t rows[static 3][WORD_BYTES_MAX + 1], size_t i, const char *a,
                       const char *b)
{
    size_t *row = rows[i % 3];
    const size_t *above = rows[(i + 2) % 3];
    const size_t *above_that = rows[(i + 1) % 3];
    size_t row_least = i;

    row[0] = i;
    for (size_t j = 1; b[j - 1] != '\0'; j++) {
        row[j] =
            least(least(row[j - 1], above[j]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
            row[j] = least(row[j], above_that[j - 2] + 1);
        }
        row_least = least(row_least, row[j]);
    }
    return row_least;
}

/*
 * How many letters to insert, delete, replace or swap with their neighbour to make a
 * of b; limit + 1 when it is more than limit.
 */
static size_t distance(const char *a, const char *b, size_t limit)
{
    const size_t a_length = strlen(a);
    const size_t b_length = strlen(b);
    size_t rows[3][WORD_BYTES_MAX + 1] = {{0}};
    size_t above_least = 0;

    if (b_length > WORD_BYTES_MAX || a_length > b_length + limit ||
        b_length > a_length + limit) {
        return limit + 1;
    }
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        const size_t row_least = fill_row(rows, i, a, b);

        /* The rows below are made of these two, and of nothing less. */
        if (row_least > limit && above_least > limit) {
            return limit + 1;
        }
        above_least = row_least;
    }
    return least(rows[a_length % 3][b_length], limit + 1);
}

const char *diag_near(const char *word, const char *const *candidates, size_t count)
{
    size_t limit = least(strlen(word), WORD_BYTES_MAX) / 3;
    const char *nearest = NULL;

    if (limit == 0) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t found = distance(word, candidates[i], limit);

        if (found <= limit && (nearest == NULL || found < limit)) {
            nearest = candidates[i];
            limit = found;
        }
    }
    return nearest;
}
