#include "manifest/render_excerpt.h"

#include <string.h>

#define TAB_COLUMNS ((size_t)8)
#define CUT         "..."

/* What is shown of a line, in columns, and how many bytes before a place at the most
 * when the place is farther behind than LEAD_BYTES_MAX. */
#define COLUMNS_MAX    ((size_t)100)
#define LEAD_BYTES_MAX ((size_t)72)
#define LEAD_BYTES     ((size_t)40)

#define TEXT_BYTES_MAX ((size_t)8192)

/* An excerpt being made. */
struct sketch {
    struct text line;
    struct text marks;
    size_t columns_count;
    size_t from; /* what is shown of the line, and what is marked, in bytes */
    size_t mark_from;
    size_t mark_to;
};

struct range {
    uint32_t first;
    uint32_t last;
};

static bool is_in(uint32_t point, const struct range *ranges, size_t count)
{
    size_t i = 0;

    while (i < count && point > ranges[i].last) {
        i++;
    }
    return i < count && point >= ranges[i].first;
}

/* How many columns terminals give a character; Unicode's East Asian Width, coarsely. */
static size_t columns_of(uint32_t point)
{
    static const struct range combining[] = {
        {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},  {0x064b, 0x065f},
        {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},  {0x202a, 0x202e},
        {0x2060, 0x2064}, {0x2066, 0x2069}, {0x20d0, 0x20f0},  {0xfe00, 0xfe0f},
        {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};
    static const struct range wide[] = {
        {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},  {0x2e80, 0x303e},
        {0x3041, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},  {0xf900, 0xfaff},
        {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},  {0x1f300, 0x1f64f},
        {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

    if (point < combining[0].first) {
        return 1;
    }
    if (is_in(point, combining, sizeof combining / sizeof *combining)) {
        return 0;
    }
    return is_in(point, wide, sizeof wide / sizeof *wide) ? 2 : 1;
}

static bool is_inside_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The bytes up to where the next character begins. */
static size_t character_bytes(const char *bytes, size_t length)
{
    size_t count = 1;

    while (count < length && count < 4 && is_inside_character(bytes[count])) {
        count++;
    }
    return count;
}

/* The number of a character that is UTF-8. */
static uint32_t point_of(const char *bytes, size_t count)
{
    static const unsigned char masks[] = {0x7f, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = (unsigned char)bytes[0] & masks[count];

    for (size_t i = 1; i < count; i++) {
        point = point << 6 | ((unsigned char)bytes[i] & 0x3f);
    }
    return point;
}

/* Append a character to the line; returns how many columns it takes there. */
static size_t append_character(struct sketch *sketch, const char *bytes, size_t count)
{
    const size_t before = sketch->line.count;
    size_t appended;

    if (bytes[0] == '\t') {
        const size_t columns = TAB_COLUMNS - sketch->columns_count % TAB_COLUMNS;

        text_append(&sketch->line, "%*s", (int)columns, "");
        return columns;
    }
    text_append_escaped(&sketch->line, bytes, count);
    appended = sketch->line.count - before;
    return appended == count ? columns_of(point_of(bytes, count)) : appended;
}

/* Columns under what begins at a byte of the line: marks, and blanks before them. */
static void append_marks(struct sketch *sketch, size_t at, size_t columns)
{
    sketch->columns_count += columns;
    for (size_t i = 0; i < columns && at < sketch->mark_to; i++) {
        const bool is_first = at == sketch->mark_from && i == 0;
        const bool is_before = at < sketch->mark_from;

        text_append_bytes(&sketch->marks, is_before ? " " : is_first ? "^" : "~", 1);
    }
}

/* Where the part of line begins that is shown. */
static size_t choose_start(const struct render_line *line, size_t mark_from)
{
    size_t from;

    if (mark_from <= LEAD_BYTES_MAX || line->length <= COLUMNS_MAX) {
        return 0;
    }
    from = mark_from - LEAD_BYTES;
    while (from < mark_from && is_inside_character(line->text[from])) {
        from++;
    }
    return from;
}

static void begin(struct sketch *sketch, const struct render_line *line,
                  const struct span *span)
{
    const size_t start = span->start.column - 1;

    sketch->mark_from = start < line->length ? start : line->length;
    sketch->mark_to = line->length;
    if (span->end.line <= span->start.line && span->end.column - 1 < line->length) {
        sketch->mark_to = span->end.column - 1;
    }
    if (sketch->mark_to <= sketch->mark_from) { /* a place without an extent */
        sketch->mark_to = sketch->mark_from + 1;
    }
    sketch->from = choose_start(line, sketch->mark_from);
}

struct render_excerpt render_excerpt_make(const struct render_line *line,
                                          const struct span *span, struct arena *arena)
{
    struct sketch sketch = {0};
    size_t at;

    text_init(&sketch.line, arena, TEXT_BYTES_MAX);
    text_init(&sketch.marks, arena, TEXT_BYTES_MAX);
    begin(&sketch, line, span);
    if (sketch.from > 0) {
        text_append(&sketch.line, CUT);
        append_marks(&sketch, 0, strlen(CUT));
    }
    at = sketch.from;
    while (at < line->length &&
           (sketch.columns_count < COLUMNS_MAX || at <= sketch.mark_from)) {
        const size_t count = character_bytes(line->text + at, line->length - at);

        append_marks(&sketch, at, append_character(&sketch, line->text + at, count));
        at += count;
    }
    if (at < line->length) {
        text_append(&sketch.line, CUT);
    } else if (sketch.mark_from == line->length) {
        append_marks(&sketch, at, 1);
    }
    return (struct render_excerpt){sketch.line.bytes, sketch.marks.bytes};
}
