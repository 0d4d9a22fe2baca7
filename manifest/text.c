#include "manifest/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ROOM_FIRST       ((size_t)64)
#define QUOTED_BYTES_MAX ((size_t)80)

void text_init(struct text *text, struct arena *arena, size_t bytes_max)
{
    const size_t room = bytes_max < ROOM_FIRST ? bytes_max : ROOM_FIRST;

    assert(bytes_max > 0);

    *text = (struct text){
        .bytes = arena_alloc(arena, room),
        .room = room,
        .bytes_max = bytes_max,
        .arena = arena,
    };
}

/* Make room for length more bytes and a NUL, as far as bytes_max allows. */
static void reserve(struct text *text, size_t length)
{
    size_t room = text->room;
    char *larger;

    while (room - text->count <= length && room < text->bytes_max) {
        room = room < text->bytes_max / 2 ? room * 2 : text->bytes_max;
    }
    if (room > text->room) {
        larger = arena_alloc(text->arena, room);
        memcpy(larger, text->bytes, text->count + 1);
        text->bytes = larger;
        text->room = room;
    }
}

void text_append_bytes(struct text *text, const char *bytes, size_t length)
{
    if (text->is_cut) {
        return; /* it is full */
    }
    reserve(text, length);
    if (length >= text->room - text->count) {
        length = text->room - text->count - 1;
        text->is_cut = true;
    }
    if (length > 0) {
        memcpy(text->bytes + text->count, bytes, length);
    }
    text->count += length;
    text->bytes[text->count] = '\0';
}

void text_append(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    if (text->is_cut) {
        return;
    }
    va_start(arguments, format);
    length =
        vsnprintf(text->bytes + text->count, text->room - text->count, format, arguments);
    va_end(arguments);
    assert(length >= 0);

    if ((size_t)length >= text->room - text->count) {
        reserve(text, (size_t)length);
        va_start(arguments, format);
        (void)vsnprintf(text->bytes + text->count, text->room - text->count, format,
                        arguments);
        va_end(arguments);
    }
    if ((size_t)length < text->room - text->count) {
        text->count += (size_t)length;
    } else {
        text->count = text->room - 1;
        text->is_cut = true;
    }
}

void text_append_json(struct text *text, const char *string)
{
    const char *start = string;

    text_append_bytes(text, "\"", 1);
    for (const char *at = string; *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;

        if (byte >= 0x20 && byte != '"' && byte != '\\') {
            continue;
        }
        text_append_bytes(text, start, (size_t)(at - start));
        start = at + 1;
        if (byte >= 0x20) {
            text_append(text, "\\%c", byte);
        } else if (byte == '\n') {
            text_append_bytes(text, "\\n", 2);
        } else if (byte == '\t') {
            text_append_bytes(text, "\\t", 2);
        } else {
            text_append(text, "\\u%04x", (unsigned int)byte);
        }
    }
    text_append_bytes(text, start, strlen(start));
    text_append_bytes(text, "\"", 1);
}

/*
 * The bytes of the character at bytes, of which there are length; 0 when it is no whole
 * UTF-8 character, or one on which terminals act (U+0000 to U+001F, U+007F to U+009F).
 */
static size_t printable_bytes(const char *bytes, size_t length)
{
    const unsigned char lead = (unsigned char)bytes[0];
    size_t count = 1;

    if (lead < 0x80) {
        return lead >= 0x20 && lead != 0x7f;
    }
    if (lead < 0xc2 || lead > 0xf4) {
        return 0;
    }
    count = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    for (size_t i = 1; i < count; i++) {
        if (i == length || ((unsigned char)bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return lead == 0xc2 && (unsigned char)bytes[1] < 0xa0 ? 0 : count;
}

void text_append_escaped(struct text *text, const char *bytes, size_t length)
{
    size_t first = 0; /* of those that are printed as they are, up to i */
    size_t count;

    for (size_t i = 0; i < length; i += count) {
        count = printable_bytes(bytes + i, length - i);
        if (count == 0) {
            text_append_bytes(text, bytes + first, i - first);
            text_append(text, "\\x%02x", (unsigned int)(unsigned char)bytes[i]);
            count = 1;
            first = i + 1;
        }
    }
    text_append_bytes(text, bytes + first, length - first);
}

void text_append_quoted(struct text *text, const char *bytes, size_t length)
{
    size_t shown = length < QUOTED_BYTES_MAX ? length : QUOTED_BYTES_MAX;

    while (shown < length && shown > 0 && ((unsigned char)bytes[shown] & 0xc0) == 0x80) {
        shown--; /* never cut inside a UTF-8 character */
    }
    text_append_bytes(text, "'", 1);
    text_append_escaped(text, bytes, shown);
    text_append(text, shown < length ? "...'" : "'");
}
