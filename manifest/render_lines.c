#include "manifest/render_lines.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static int compare_lines(const void *left, const void *right)
{
    const struct render_line *a = left;
    const struct render_line *b = right;
    const int order = strcmp(a->source, b->source);

    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

/* The lines in which span starts and ends. */
static size_t want(struct render_line *lines, const char *source, const struct span *span)
{
    lines[0] = (struct render_line){.source = source, .number = span->start.line};
    lines[1] = (struct render_line){.source = source, .number = span->end.line};
    return 2;
}

/* The lines that are wanted, each once and not found yet. */
static struct render_lines wanted_lines(const struct diags *diags, struct arena *arena)
{
    struct render_line *items = arena_array(arena, 4 * diags->count, sizeof *items);
    size_t count = 0;
    size_t kept = 0;

    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];

        count += want(items + count, diag->source, &diag->span);
        if (diag->note != NULL) {
            count += want(items + count, diag->note_source, &diag->note_span);
        }
    }
    if (count > 0) {
        qsort(items, count, sizeof *items, compare_lines);
    }
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_lines(&items[kept - 1], &items[i]) != 0) {
            items[kept++] = items[i];
        }
    }
    return (struct render_lines){items, kept};
}

/* The bytes of the line break at text, of which there are length; 0 when there is none.
 * What ends a line is what does so for tree_cursor.c. */
static size_t break_bytes(const char *text, size_t length)
{
    switch ((unsigned char)text[0]) {
    case '\n':
        return 1;
    case '\r':
        return length > 1 && text[1] == '\n' ? 2 : 1;
    case 0xc2:
        return length > 1 && memcmp(text, "\xc2\x85", 2) == 0 ? 2 : 0;
    case 0xe2:
        return length > 2 && (memcmp(text, "\xe2\x80\xa8", 3) == 0 ||
                              memcmp(text, "\xe2\x80\xa9", 3) == 0)
                   ? 3
                   : 0;
    default:
        return 0;
    }
}

/* Find lines, of one source and in order, in length bytes at text. */
static void find(struct render_line *lines, size_t count, const char *text, size_t length)
{
    uint32_t number = 1;
    size_t start = 0;
    size_t at = 0;

    while (count > 0 && at <= length) {
        const size_t ending = at < length ? break_bytes(text + at, length - at) : 1;

        if (ending == 0) {
            at++;
            continue;
        }
        if (number == lines->number) {
            lines->text = text + start;
            lines->length = at - start;
            lines++;
            count--;
        }
        number++;
        at += ending;
        start = at;
    }
}

static void find_in_source(struct render_lines *lines, const struct render_source *source)
{
    const char *text = source->text;
    size_t length = source->length;
    size_t first = 0;
    size_t end;

    while (first < lines->count &&
           strcmp(lines->items[first].source, source->name) != 0) {
        first++;
    }
    end = first;
    while (end < lines->count && strcmp(lines->items[end].source, source->name) == 0) {
        end++;
    }
    /* Columns count from behind it. */
    if (length >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0) {
        text += 3;
        length -= 3;
    }
    find(lines->items + first, end - first, text, length);
}

struct render_lines render_lines_find(const struct render *render, struct arena *arena)
{
    struct render_lines lines = wanted_lines(render->diags, arena);

    for (size_t i = 0; i < render->sources_count; i++) {
        find_in_source(&lines, &render->sources[i]);
    }
    return lines;
}

const struct render_line *render_lines_get(const struct render_lines *lines,
                                           const char *source, struct place place)
{
    const struct render_line key = {.source = source, .number = place.line};
    const struct render_line *found =
        lines->count > 0
            ? bsearch(&key, lines->items, lines->count, sizeof key, compare_lines)
            : NULL;

    return found != NULL && found->text != NULL ? found : NULL;
}
