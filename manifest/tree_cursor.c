#include "manifest/tree_cursor.h"

#include <assert.h>

void tree_cursor_init(struct tree_cursor *cursor, const char *text, size_t length)
{
    unsigned char seen = 0;

    for (size_t i = 0; i < length; i++) {
        seen |= (unsigned char)text[i];
    }
    *cursor = (struct tree_cursor){
        .text = text,
        .length = length,
        .is_ascii = seen < 0x80,
    };
}

static unsigned char byte_at(const struct tree_cursor *cursor, size_t ahead)
{
    const size_t offset = cursor->offset + ahead;

    return offset < cursor->length ? (unsigned char)cursor->text[offset] : 0;
}

/* The length of what libyaml takes for the end of a line; 0 when there is none. */
static size_t line_break_bytes(const struct tree_cursor *cursor)
{
    switch (byte_at(cursor, 0)) {
    case '\n':
        return 1;
    case '\r':
        return byte_at(cursor, 1) == '\n' ? 2 : 1;
    case 0xc2: /* U+0085 */
        return byte_at(cursor, 1) == 0x85 ? 2 : 0;
    case 0xe2: /* U+2028, U+2029 */
        return byte_at(cursor, 1) == 0x80 && (byte_at(cursor, 2) & 0xfe) == 0xa8 ? 3 : 0;
    default:
        return 0;
    }
}

/* One character or line break on; what is not UTF-8 counts as if it were. */
static void step(struct tree_cursor *cursor)
{
    const size_t break_bytes = line_break_bytes(cursor);

    assert(cursor->offset < cursor->length);

    if (break_bytes > 0) {
        cursor->offset += break_bytes;
        cursor->line_start = cursor->offset;
        cursor->line++;
        cursor->column = 0;
        return;
    }
    do {
        cursor->offset++;
    } while ((byte_at(cursor, 0) & 0xc0) == 0x80);
    cursor->column++;
}

static struct place place_at(size_t line, size_t column)
{
    return (struct place){.line = (uint32_t)line + 1, .column = (uint32_t)column + 1};
}

static bool is_before(const struct tree_cursor *cursor, size_t line, size_t column)
{
    return cursor->line < line || (cursor->line == line && cursor->column < column);
}

/* To the start of the text, or of the line when that is early enough. */
static void step_back(struct tree_cursor *cursor, size_t line)
{
    if (line < cursor->line) {
        cursor->line = 0;
        cursor->line_start = 0;
    }
    cursor->offset = cursor->line_start;
    cursor->column = 0;
}

struct place tree_cursor_place(struct tree_cursor *cursor, size_t line, size_t column)
{
    if (cursor->is_ascii) {
        return place_at(line, column);
    }
    if (cursor->line > line || (cursor->line == line && cursor->column > column)) {
        step_back(cursor, line);
    }
    while (is_before(cursor, line, column) && cursor->offset < cursor->length) {
        step(cursor);
    }
    return place_at(line, cursor->offset - cursor->line_start);
}

bool tree_cursor_next_line(struct tree_cursor *cursor)
{
    const size_t line = cursor->line;

    while (cursor->line == line && cursor->offset < cursor->length) {
        step(cursor);
    }
    return cursor->line > line;
}

struct place tree_cursor_walk(struct tree_cursor *cursor, size_t offset)
{
    assert(cursor->offset <= offset && offset <= cursor->length);

    while (cursor->offset < offset) {
        step(cursor);
    }
    return place_at(cursor->line, cursor->offset - cursor->line_start);
}

struct place tree_cursor_place_of_byte(const struct tree_cursor *cursor, size_t offset)
{
    struct tree_cursor walker = *cursor;

    walker.line = 0;
    walker.line_start = 0;
    walker.offset = 0;
    return tree_cursor_walk(&walker, offset < cursor->length ? offset : cursor->length);
}
