#include "reconciler/wire/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "manifest/limits.h"
#include "reconciler/wire/subject.h"

void json_start(void)
{
    /* Objects keep the order of their keys whatever the seed is.  A fixed one spares
     * the random device, and gives every run the same cost. */
    json_object_seed(1);
}

void json_fail(struct json_reader *reader, enum err_code code, const char *format, ...)
{
    char message[ERR_MESSAGE_BYTES_MAX];
    va_list arguments;

    if (reader->code != ERR_OK) {
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    reader->code = err_set(reader->err, code, "%s", message);
}

struct json_t *json_read(struct json_reader *reader, const char *bytes, size_t length)
{
    json_error_t error;
    json_t *root;

    if (length > MESSAGE_BYTES_MAX) {
        json_fail(reader, ERR_LIMIT, "%zu bytes of JSON, expected at most %zu", length,
                  MESSAGE_BYTES_MAX);
        return NULL;
    }
    root = json_loadb(bytes, length, 0, &error);
    if (root == NULL) {
        json_fail(reader, ERR_SYNTAX, "not JSON at byte %d of %zu", error.position,
                  length);
    }
    return root;
}

/* A type in words, as a message says what was found. */
static const char *type_name(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "an integer";
    case JSON_REAL:
        return "a fraction";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "null";
    }
    abort();
}

struct json_t *json_read_object(struct json_reader *reader, const char *bytes,
                                size_t length)
{
    json_t *root = json_read(reader, bytes, length);

    if (root != NULL && !json_is_object(root)) {
        json_fail(reader, ERR_INVALID, "the message is %s, expected an object",
                  type_name(root));
        json_decref(root);
        return NULL;
    }
    return root;
}

/* Remember that field key, as the reader stands, is as problem says. */
static void refuse(struct json_reader *reader, const char *key, const char *problem)
{
    if (reader->list == NULL) {
        json_fail(reader, ERR_INVALID, "field '%s' %s", key, problem);
    } else {
        json_fail(reader, ERR_INVALID, "field '%s' of %s[%zu] %s", key, reader->list,
                  reader->index, problem);
    }
}

/* Remember that field key holds value, where something else was expected. */
static void refuse_type(struct json_reader *reader, const char *key, const json_t *value,
                        const char *expected)
{
    refuse(reader, key,
           arena_print(reader->arena, "is %s, expected %s", type_name(value), expected));
}

/* The field key of object; NULL when it is absent or null. */
static json_t *find(const json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    return json_is_null(value) ? NULL : value;
}

void json_require(struct json_reader *reader, struct json_t *object, const char *key)
{
    if (find(object, key) == NULL) {
        refuse(reader, key, "is missing");
    }
}

bool json_find_bool(struct json_reader *reader, struct json_t *object, const char *key)
{
    const json_t *value = find(object, key);

    if (value != NULL && !json_is_boolean(value)) {
        refuse_type(reader, key, value, "true or false");
    }
    return json_is_true(value);
}

int64_t json_find_integer(struct json_reader *reader, struct json_t *object,
                          const char *key, int64_t most)
{
    const json_t *value = find(object, key);
    const json_int_t number = json_integer_value(value);

    assert(most > 0);

    if (value != NULL && !json_is_integer(value)) {
        refuse_type(reader, key, value, "an integer");
        return 0;
    }
    if (number < 0 || number > most) {
        refuse(reader, key,
               arena_print(reader->arena, "is %lld, expected 0 to %lld",
                           (long long)number, (long long)most));
        return 0;
    }
    return number;
}

static const char *copy_string(struct json_reader *reader, const json_t *string)
{
    return arena_text(reader->arena, json_string_value(string),
                      json_string_length(string));
}

const char *json_find_text(struct json_reader *reader, struct json_t *object,
                           const char *key, const char *otherwise)
{
    const json_t *value = find(object, key);

    if (value == NULL) {
        return otherwise;
    }
    if (!json_is_string(value)) {
        refuse_type(reader, key, value, "a string");
        return otherwise;
    }
    return copy_string(reader, value);
}

const char *json_find_token(struct json_reader *reader, struct json_t *object,
                            const char *key)
{
    const char *token = json_find_text(reader, object, key, NULL);

    if (token != NULL && !subject_is_token(token)) {
        refuse(reader, key, "cannot be part of a subject");
        token = NULL;
    }
    return token != NULL ? token : "";
}

struct json_t *json_find_object(struct json_reader *reader, struct json_t *object,
                                const char *key)
{
    json_t *value = find(object, key);

    if (value != NULL && !json_is_object(value)) {
        refuse_type(reader, key, value, "an object");
        return NULL;
    }
    return value;
}

struct json_t *json_find_array(struct json_reader *reader, struct json_t *object,
                               const char *key)
{
    json_t *value = find(object, key);

    if (value != NULL && !json_is_array(value)) {
        refuse_type(reader, key, value, "an array");
        return NULL;
    }
    return value;
}

struct names json_find_names(struct json_reader *reader, struct json_t *object,
                             const char *key)
{
    const json_t *array = json_find_array(reader, object, key);
    const char **names =
        arena_array(reader->arena, json_array_size(array), sizeof *names);
    const json_t *value;
    size_t i;

    json_array_foreach(array, i, value)
    {
        if (!json_is_string(value)) {
            refuse(reader, key,
                   arena_print(reader->arena, "holds %s, expected strings",
                               type_name(value)));
            return (struct names){0};
        }
        names[i] = copy_string(reader, value);
    }
    return (struct names){.items = names, .count = json_array_size(array)};
}

static int compare_keys(const void *a, const void *b)
{
    const struct property *first = a;
    const struct property *second = b;

    return strcmp(first->key, second->key);
}

struct properties json_to_properties(struct json_reader *reader, struct json_t *object,
                                     const char *what)
{
    const size_t count = json_object_size(object);
    struct property *items = arena_array(reader->arena, count, sizeof *items);
    struct property *item = items;
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        if (!json_is_string(value)) {
            struct text quoted;

            text_init(&quoted, reader->arena, ERR_MESSAGE_BYTES_MAX);
            text_append_quoted(&quoted, key, strlen(key));
            json_fail(reader, ERR_INVALID, "%s holds %s under %s, expected strings", what,
                      type_name(value), quoted.bytes);
            return (struct properties){0};
        }
        item->key = arena_copy(reader->arena, key);
        item->value = copy_string(reader, value);
        item++;
    }
    qsort(items, count, sizeof *items, compare_keys);
    return (struct properties){.items = items, .count = count};
}

struct properties json_find_properties(struct json_reader *reader, struct json_t *object,
                                       const char *key)
{
    return json_to_properties(reader, json_find_object(reader, object, key), key);
}

void json_print_key(struct text *text, const char *key)
{
    assert(text->count > 0);

    /* A field never begins inside a string, so the last byte tells where we are. */
    if (text->bytes[text->count - 1] != '{') {
        text_append_bytes(text, ",", 1);
    }
    text_append_json(text, key);
    text_append_bytes(text, ":", 1);
}

/* The bytes of the UTF-8 character at text; 0 when there is none. */
static size_t character_length(const char *text)
{
    /* First byte from, to; second byte from, to.  Source: RFC 3629, section 4. */
    static const struct {
        unsigned char first[2];
        unsigned char second[2];
        size_t length;
    } rows[] = {
        {{0x01, 0x7f}, {0x00, 0xff}, 1}, {{0xc2, 0xdf}, {0x80, 0xbf}, 2},
        {{0xe0, 0xe0}, {0xa0, 0xbf}, 3}, {{0xe1, 0xec}, {0x80, 0xbf}, 3},
        {{0xed, 0xed}, {0x80, 0x9f}, 3}, {{0xee, 0xef}, {0x80, 0xbf}, 3},
        {{0xf0, 0xf0}, {0x90, 0xbf}, 4}, {{0xf1, 0xf3}, {0x80, 0xbf}, 4},
        {{0xf4, 0xf4}, {0x80, 0x8f}, 4},
    };
    const unsigned char *at = (const unsigned char *)text;
    size_t row = 0;

    while (row < sizeof rows / sizeof *rows && at[0] > rows[row].first[1]) {
        row++;
    }
    if (row == sizeof rows / sizeof *rows || at[0] < rows[row].first[0] ||
        at[1] < rows[row].second[0] || at[1] > rows[row].second[1]) {
        return 0;
    }
    for (size_t i = 2; i < rows[row].length; i++) {
        if ((at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return rows[row].length;
}

static bool is_ascii(char byte)
{
    return ((unsigned char)byte & 0x80) == 0;
}

/* value as UTF-8: itself, or a copy with U+FFFD for each byte that is no character. */
static const char *to_utf8(const char *value, struct arena *arena)
{
    const char *at = value;
    struct text text;
    size_t length = 1;

    while (*at != '\0' && (length = is_ascii(*at) ? 1 : character_length(at)) > 0) {
        at += length;
    }
    if (*at == '\0') {
        return value;
    }
    text_init(&text, arena, 3 * strlen(value) + 1);
    for (at = value; *at != '\0'; at += length > 0 ? length : 1) {
        length = character_length(at);
        text_append_bytes(&text, length > 0 ? at : "\xef\xbf\xbd",
                          length > 0 ? length : 3);
    }
    return text.bytes;
}

void json_print_text(struct text *text, const char *key, const char *value)
{
    json_print_key(text, key);
    if (value != NULL) {
        text_append_json(text, to_utf8(value, text->arena));
    } else {
        text_append_bytes(text, "null", 4);
    }
}

void json_print_integer(struct text *text, const char *key, uint64_t value)
{
    json_print_key(text, key);
    text_append(text, "%llu", (unsigned long long)value);
}

void json_print_bool(struct text *text, const char *key, bool value)
{
    json_print_key(text, key);
    text_append(text, "%s", value ? "true" : "false");
}
