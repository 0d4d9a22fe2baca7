#include "manifest/migrate_edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/tree_cursor.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static size_t mark_bytes(const char *text, size_t length)
{
    const size_t mark = sizeof BYTE_ORDER_MARK - 1;

    return length >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0 ? mark : 0;
}

void edit_init(struct edits *edits, const char *text, size_t length, struct arena *arena)
{
    const size_t mark = mark_bytes(text, length);
    const char *line_feed = memchr(text, '\n', length);
    struct tree_cursor cursor;
    size_t capacity = 0;

    *edits = (struct edits){
        .arena = arena,
        .text = text,
        .length = length,
        .line_end = line_feed != NULL && line_feed > text && line_feed[-1] == '\r'
                        ? "\r\n"
                        : "\n",
    };
    tree_cursor_init(&cursor, text + mark, length - mark);
    do {
        edits->line_starts = arena_grow(arena, edits->line_starts, edits->lines_count,
                                        &capacity, sizeof *edits->line_starts);
        edits->line_starts[edits->lines_count++] = mark + cursor.line_start;
    } while (tree_cursor_next_line(&cursor));
}

static size_t offset_of(const struct edits *edits, const struct place *place)
{
    size_t offset;

    assert(place->line > 0 && place->column > 0);

    if (place->line > edits->lines_count) {
        return edits->length;
    }
    offset = edits->line_starts[place->line - 1] + place->column - 1;
    return offset < edits->length ? offset : edits->length;
}

size_t edit_start(const struct edits *edits, const struct tree_node *node)
{
    return offset_of(edits, &node->span.start);
}

size_t edit_end(const struct edits *edits, const struct tree_node *node)
{
    const size_t start = edit_start(edits, node);
    size_t end = offset_of(edits, &node->span.end);

    while (end > start && strchr(" \t\r\n", edits->text[end - 1]) != NULL) {
        end--;
    }
    return end;
}

/* The index of the line that offset is in. */
static size_t line_index(const struct edits *edits, size_t offset)
{
    size_t low = 0;
    size_t high = edits->lines_count;

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;

        if (edits->line_starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

size_t edit_line(const struct edits *edits, size_t offset)
{
    return edits->line_starts[line_index(edits, offset)];
}

size_t edit_next_line(const struct edits *edits, size_t offset)
{
    const size_t next = line_index(edits, offset) + 1;

    return next < edits->lines_count ? edits->line_starts[next] : edits->length;
}

size_t edit_column(const struct edits *edits, size_t offset)
{
    return offset - edit_line(edits, offset);
}

static size_t skip_blanks(const struct edits *edits, size_t offset)
{
    while (offset < edits->length &&
           (edits->text[offset] == ' ' || edits->text[offset] == '\t')) {
        offset++;
    }
    return offset;
}

bool edit_is_first_in_line(const struct edits *edits, size_t offset)
{
    return skip_blanks(edits, edit_line(edits, offset)) >= offset;
}

bool edit_is_comment(const struct edits *edits, size_t offset)
{
    const size_t first = skip_blanks(edits, edit_line(edits, offset));

    return first < edits->length && edits->text[first] == '#';
}

void edit_replace(struct edits *edits, size_t start, size_t end, const char *text)
{
    assert(start <= end && end <= edits->length);

    edits->items = arena_grow(edits->arena, edits->items, edits->count, &edits->capacity,
                              sizeof *edits->items);
    edits->items[edits->count] =
        (struct edit){.start = start, .end = end, .text = text, .index = edits->count};
    edits->count++;
}

void edit_insert_lines(struct edits *edits, size_t offset, const char *lines)
{
    const size_t at = edit_next_line(edits, offset);
    const size_t end = strlen(edits->line_end);
    const bool is_open = at == edits->length && edits->text[at - 1] != '\n';

    if (is_open) { /* the last line has no end: then neither has ours */
        lines = arena_print(edits->arena, "%s%.*s", edits->line_end,
                            (int)(strlen(lines) - end), lines);
    }
    edit_replace(edits, at, at, lines);
}

bool edit_replace_word(struct edits *edits, const struct tree_node *scalar,
                       const char *word)
{
    const size_t start = edit_start(edits, scalar);
    size_t end = edit_end(edits, scalar);

    end -= !scalar->is_plain && end > start;
    if (end - start < scalar->length ||
        memcmp(edits->text + end - scalar->length, scalar->text, scalar->length) != 0) {
        return false;
    }
    edit_replace(edits, end - scalar->length, end, word);
    return true;
}

/* Whether there is nothing but a comment in the line from offset on. */
static bool is_last_in_line(const struct edits *edits, size_t offset)
{
    const size_t next = skip_blanks(edits, offset);

    return next == edits->length || strchr("#\r\n", edits->text[next]) != NULL;
}

bool edit_is_flow(const struct edits *edits, const struct tree_node *collection)
{
    const char first = edits->text[edit_start(edits, collection)];

    return first == '{' || first == '[';
}

bool edit_is_inside(const struct edits *edits, const struct tree_node *outer,
                    const struct tree_node *inner)
{
    return edit_start(edits, inner) >= edit_start(edits, outer) &&
           edit_end(edits, inner) <= edit_end(edits, outer);
}

/* The last node of item i, which is a value if collection is a mapping. */
static const struct tree_node *last_of(const struct tree_node *collection, size_t i)
{
    return collection->items[collection->kind == TREE_MAPPING ? i + 1 : i];
}

/* Between braces or brackets: with the comma before, or that behind the first item. */
static struct edit find_in_flow(const struct edits *edits,
                                const struct tree_node *collection, size_t i)
{
    const size_t step = collection->kind == TREE_MAPPING ? 2 : 1;
    struct edit found = {
        .start = edit_start(edits, collection->items[i]),
        .end = edit_end(edits, last_of(collection, i)),
        .text = "",
    };

    if (i > 0) {
        found.start = edit_end(edits, last_of(collection, i - step));
    } else if (i + step < collection->count) {
        found.end = edit_start(edits, collection->items[i + step]);
    }
    return found;
}

/* The offset of the dash before the item that starts at start; start: there is none. */
static size_t find_dash(const struct edits *edits, size_t start)
{
    size_t dash = start;

    while (dash > 0 && edits->text[dash - 1] == ' ') {
        dash--;
    }
    return dash > 0 && edits->text[dash - 1] == '-' ? dash - 1 : start;
}

bool edit_find(const struct edits *edits, const struct tree_node *collection, size_t i,
               struct edit *ret_edit)
{
    const struct tree_node *last = last_of(collection, i);
    size_t start = edit_start(edits, collection->items[i]);
    const size_t end = edit_end(edits, last);

    if (!edit_is_inside(edits, collection, collection->items[i]) ||
        !edit_is_inside(edits, collection, last)) {
        return false;
    }
    if (edit_is_flow(edits, collection)) {
        *ret_edit = find_in_flow(edits, collection, i);
        return true;
    }
    if (collection->kind == TREE_SEQUENCE) {
        start = find_dash(edits, start);
    }
    if (!edit_is_first_in_line(edits, start) || !is_last_in_line(edits, end)) {
        return false;
    }
    *ret_edit = (struct edit){
        .start = edit_line(edits, start),
        .end = edit_next_line(edits, end),
        .text = "",
    };
    return true;
}

static int compare_edits(const void *left, const void *right)
{
    const struct edit *a = left;
    const struct edit *b = right;

    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    if ((a->end > a->start) != (b->end > b->start)) {
        return a->end > a->start ? 1
                                 : -1; /* what is put in goes before what it precedes */
    }
    return (a->index > b->index) - (a->index < b->index);
}

static bool is_same_edit(const struct edit *a, const struct edit *b)
{
    return a->start == b->start && a->end == b->end && strcmp(a->text, b->text) == 0;
}

bool edit_apply(struct edits *edits, struct text *output)
{
    size_t offset = 0;

    if (edits->count > 0) {
        qsort(edits->items, edits->count, sizeof *edits->items, compare_edits);
    }
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *edit = &edits->items[i];

        if (i > 0 && edit->end > edit->start &&
            is_same_edit(&edits->items[i - 1], edit)) {
            continue; /* one text that aliases make stand in several places */
        }
        if (edit->start < offset && (*edit->text != '\0' || edit->end < offset)) {
            return false;
        }
        if (edit->start < offset) { /* two that take away what is between them */
            offset = edit->end;
            continue;
        }
        text_append_bytes(output, edits->text + offset, edit->start - offset);
        text_append_bytes(output, edit->text, strlen(edit->text));
        offset = edit->end;
    }
    text_append_bytes(output, edits->text + offset, edits->length - offset);
    return true;
}
