#include "manifest/tree_json.h"

#include <stdint.h>
#include <string.h>

#include "manifest/limits.h"
#include "manifest/text.h"

#define BLANKS "\t\n\r "

/* The longest of what is put in place of a byte. */
#define ESCAPE_BYTES_MAX 10

enum expected {
    VALUE,
    VALUE_OR_END,
    KEY,
    KEY_OR_END,
    COLON,
    COMMA_OR_END,
    NOTHING,
};

struct scanner {
    const char *text;
    size_t length;
    size_t offset;
    char ends[TREE_DEPTH_MAX]; /* of what is open: '}' or ']' */
    size_t depth;
    enum expected expected;

    struct arena *arena;
    struct text output;
    size_t copied; /* so much of text is in output, as it is or not */
    struct tree_json json;
    size_t edits_capacity;
};

static unsigned char byte_at(const struct scanner *scanner, size_t ahead)
{
    const size_t offset = scanner->offset + ahead;

    return offset < scanner->length ? (unsigned char)scanner->text[offset] : 0;
}

/* Put escape in place of the next length bytes. */
static void replace(struct scanner *scanner, size_t length, const char *escape)
{
    struct tree_json *json = &scanner->json;
    struct tree_json_edit *edit;

    text_append_bytes(&scanner->output, scanner->text + scanner->copied,
                      scanner->offset - scanner->copied);
    json->edits = arena_grow(scanner->arena, json->edits, json->edits_count,
                             &scanner->edits_capacity, sizeof *json->edits);
    edit = &json->edits[json->edits_count++];
    edit->start = scanner->output.count;
    text_append(&scanner->output, "%s", escape);
    edit->end = scanner->output.count;
    scanner->offset += length;
    scanner->copied = scanner->offset;
    edit->origin = scanner->offset;
}

/* What YAML reads otherwise than JSON: its length in bytes and its code; 0 when the next
 * character is another one. */
static size_t find_odd(const struct scanner *scanner, unsigned int *ret_code)
{
    const unsigned int first = byte_at(scanner, 0);
    const unsigned int second = byte_at(scanner, 1);
    const unsigned int third = byte_at(scanner, 2);

    if (first == 0x7f) {
        *ret_code = first;
        return 1;
    }
    if (first == 0xc2 && second >= 0x80 && second < 0xa0) { /* U+0080 to U+009F */
        *ret_code = second;
        return 2;
    }
    *ret_code = (first & 0x0f) << 12 | (second & 0x3f) << 6 | (third & 0x3f);
    if ((first == 0xe2 && second == 0x80 && (third == 0xa8 || third == 0xa9)) ||
        (first == 0xef && second == 0xbb && third == 0xbf) || /* U+FEFF */
        (first == 0xef && second == 0xbf && third >= 0xbe)) { /* U+FFFE, U+FFFF */
        return 3;
    }
    return 0;
}

/* Four hexadecimal digits that begin so far ahead; -1 when they are none. */
static int32_t read_code(const struct scanner *scanner, size_t ahead)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int32_t code = 0;

    for (size_t i = 0; i < 4; i++) {
        const unsigned char byte = byte_at(scanner, ahead + i);
        const char *digit = byte != '\0' ? strchr(digits, byte) : NULL;

        if (digit == NULL) {
            return -1;
        }
        code = code * 16 +
               (int32_t)(digit - digits < 16 ? digit - digits : digit - digits - 6);
    }
    return code;
}

/* \u and four digits; two of them are one character beyond U+FFFF. */
static bool scan_code(struct scanner *scanner)
{
    const int32_t code = read_code(scanner, 2);
    int32_t low;
    char escape[ESCAPE_BYTES_MAX + 1];
    struct text text;

    if (code < 0xd800 || code > 0xdfff) {
        scanner->offset += 6;
        return code >= 0;
    }
    low = byte_at(scanner, 6) == '\\' && byte_at(scanner, 7) == 'u'
              ? read_code(scanner, 8)
              : -1;
    if (code > 0xdbff || low < 0xdc00 || low > 0xdfff) {
        return false;
    }
    text_init(&text, scanner->arena, sizeof escape);
    text_append(&text, "\\U%08x",
                (unsigned int)(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)));
    replace(scanner, 12, text.bytes);
    return true;
}

/* A string; the scanner stands at its first quote. */
static bool scan_string(struct scanner *scanner)
{
    scanner->offset++;
    while (byte_at(scanner, 0) != '"') {
        const unsigned char byte = byte_at(scanner, 0);
        unsigned int code;
        size_t length;

        if (byte < ' ' || /* the end of the text, too */
            scanner->json.edits_count > TREE_JSON_EDITS_MAX) {
            return false;
        }
        if (byte == '\\') {
            const unsigned char escaped = byte_at(scanner, 1);

            if (escaped == 'u'
                    ? !scan_code(scanner)
                    : escaped == '\0' || strchr("\"\\/bfnrt", escaped) == NULL) {
                return false;
            }
            scanner->offset += escaped != 'u' ? 2 : 0;
            continue;
        }
        length = find_odd(scanner, &code);
        if (length > 0) {
            replace(scanner, length, arena_print(scanner->arena, "\\u%04x", code));
        } else {
            scanner->offset++;
        }
    }
    scanner->offset++;
    return true;
}

/* A number, true, false or null.  Of numbers only the letters are looked at: what is
 * wrong with one YAML says. */
static bool scan_word(struct scanner *scanner)
{
    static const char *const words[] = {"true", "false", "null"};
    const char *start = scanner->text + scanner->offset;
    const size_t left = scanner->length - scanner->offset;
    size_t length = 0;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        length = strlen(words[i]);
        if (length <= left && memcmp(start, words[i], length) == 0) {
            scanner->offset += length;
            return true;
        }
    }
    length = 0;
    while (length < left && start[length] != '\0' &&
           strchr("+-.0123456789eE", start[length]) != NULL) {
        length++;
    }
    scanner->offset += length;
    return length > 0;
}

static void end_value(struct scanner *scanner)
{
    scanner->expected = scanner->depth > 0 ? COMMA_OR_END : NOTHING;
}

static bool scan_value(struct scanner *scanner)
{
    const unsigned char byte = byte_at(scanner, 0);
    bool is_value;

    if (byte == '{' || byte == '[') {
        if (scanner->depth == TREE_DEPTH_MAX) {
            return false;
        }
        scanner->ends[scanner->depth++] = byte == '{' ? '}' : ']';
        scanner->expected = byte == '{' ? KEY_OR_END : VALUE_OR_END;
        scanner->offset++;
        return true;
    }
    is_value = byte == '"' ? scan_string(scanner) : scan_word(scanner);
    end_value(scanner);
    return is_value;
}

static bool scan_end(struct scanner *scanner)
{
    if (byte_at(scanner, 0) != (unsigned char)scanner->ends[scanner->depth - 1]) {
        return false;
    }
    scanner->depth--;
    scanner->offset++;
    end_value(scanner);
    return true;
}

/* This byte, and after it that is expected. */
static bool scan_byte(struct scanner *scanner, unsigned char byte, enum expected expected)
{
    scanner->expected = expected;
    return byte_at(scanner, 0) == byte && scanner->offset++ < scanner->length;
}

static bool scan_next(struct scanner *scanner)
{
    const unsigned char byte = byte_at(scanner, 0);
    const bool is_end = byte == '}' || byte == ']';

    switch (scanner->expected) {
    case VALUE:
        return scan_value(scanner);
    case VALUE_OR_END:
        return is_end ? scan_end(scanner) : scan_value(scanner);
    case KEY_OR_END:
    case KEY:
        if (is_end && scanner->expected == KEY_OR_END) {
            return scan_end(scanner);
        }
        scanner->expected = COLON;
        return byte == '"' && scan_string(scanner);
    case COLON:
        return scan_byte(scanner, ':', VALUE);
    case COMMA_OR_END:
        return is_end ? scan_end(scanner)
                      : scan_byte(scanner, ',',
                                  scanner->ends[scanner->depth - 1] == '}' ? KEY : VALUE);
    case NOTHING:
        break;
    }
    return false;
}

/* Is there anything that may be an object or a list? */
static bool begins_as_json(const struct scanner *scanner)
{
    size_t offset = 0;

    while (offset < scanner->length && scanner->text[offset] != '\0' &&
           strchr(BLANKS, scanner->text[offset]) != NULL) {
        offset++;
    }
    return offset < scanner->length && strchr("{[", scanner->text[offset]) != NULL &&
           scanner->text[offset] != '\0';
}

bool tree_json_rewrite(const char *text, size_t length, struct arena *arena,
                       struct tree_json *ret_json)
{
    struct scanner scanner = {.text = text, .length = length, .arena = arena};
    bool is_json = length <= TREE_JSON_BYTES_MAX && begins_as_json(&scanner);

    text_init(&scanner.output, arena, TREE_JSON_BYTES_MAX * ESCAPE_BYTES_MAX);
    while (is_json && scanner.offset < length) {
        if (byte_at(&scanner, 0) != '\0' &&
            strchr(BLANKS, byte_at(&scanner, 0)) != NULL) {
            scanner.offset++;
        } else {
            is_json = scan_next(&scanner);
        }
    }
    if (!is_json || scanner.expected != NOTHING || scanner.json.edits_count == 0 ||
        scanner.json.edits_count > TREE_JSON_EDITS_MAX) {
        return false;
    }
    text_append_bytes(&scanner.output, text + scanner.copied, length - scanner.copied);
    *ret_json = scanner.json;
    ret_json->text = scanner.output.bytes;
    ret_json->length = scanner.output.count;
    return true;
}

size_t tree_json_origin(const struct tree_json *json, size_t offset)
{
    size_t low = 0;
    size_t high = json->edits_count;

    while (low < high) { /* how many have begun before offset */
        const size_t middle = low + (high - low) / 2;

        if (json->edits[middle].start < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0) {
        return offset;
    }
    if (offset < json->edits[low - 1].end) {
        offset = json->edits[low - 1].end;
    }
    return json->edits[low - 1].origin + (offset - json->edits[low - 1].end);
}
