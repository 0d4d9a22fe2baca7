/*
 * json.h - reading the JSON of others field by field, and writing our own.
 *
 * A reader remembers the first thing it did not like and answers harmless values from
 * then on, so that decoding is written straight through and checked once, at the end.
 * What is read is copied into the reader's arena.
 */
#ifndef RECONCILER_WIRE_JSON_H
#define RECONCILER_WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "manifest/model.h"
#include "manifest/text.h"

struct json_t; /* jansson's */

/* Call once, before the first thread is started: seeds jansson's hashes. */
void json_start(void);

/* Reading: */

struct json_reader {
    struct arena *arena; /* borrowed */
    struct err *err;     /* borrowed, may be NULL; set together with code */
    enum err_code code;  /* of the first error; ERR_OK until then */
    const char *list;    /* the list whose item is being read; NULL none */
    size_t index;        /* of that item, from 0 */
};

/*
 * The value of length bytes of JSON text: an object or an array, the caller's, for
 * json_decref.  Of a key that stands twice the last value counts.
 *
 * NULL after ERR_LIMIT, longer than MESSAGE_BYTES_MAX, or ERR_SYNTAX.  The message
 * never quotes the text, for it may be secret.
 */
struct json_t *json_read(struct json_reader *reader, const char *bytes, size_t length);

/* As json_read; an array is ERR_INVALID. */
struct json_t *json_read_object(struct json_reader *reader, const char *bytes,
                                size_t length);

/* Remember an error, unless there is one already. */
void json_fail(struct json_reader *reader, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ERR_INVALID unless object has the field key, and it is not null. */
void json_require(struct json_reader *reader, struct json_t *object, const char *key);

/*
 * The field key of object; when it is absent or null, false, 0, "", none or NULL.  One
 * of another type is ERR_INVALID, with the name of the field.  object may be NULL; a
 * value that is returned as such belongs to it.
 */
bool json_find_bool(struct json_reader *reader, struct json_t *object, const char *key);
/* From 0 to most. */
int64_t json_find_integer(struct json_reader *reader, struct json_t *object,
                          const char *key, int64_t most);
/* Any text; when it is absent or null, otherwise. */
const char *json_find_text(struct json_reader *reader, struct json_t *object,
                           const char *key, const char *otherwise);
/* Text that can be a token of a subject. */
const char *json_find_token(struct json_reader *reader, struct json_t *object,
                            const char *key);
struct names json_find_names(struct json_reader *reader, struct json_t *object,
                             const char *key);
/* Sorted by key. */
struct properties json_find_properties(struct json_reader *reader, struct json_t *object,
                                       const char *key);
struct json_t *json_find_object(struct json_reader *reader, struct json_t *object,
                                const char *key);
struct json_t *json_find_array(struct json_reader *reader, struct json_t *object,
                               const char *key);

/* object itself as a map of strings, sorted by key; what names it in messages. */
struct properties json_to_properties(struct json_reader *reader, struct json_t *object,
                                     const char *what);

/* Writing: */

/* Append key and a colon; after a comma unless it is the first of its object. */
void json_print_key(struct text *text, const char *key);

/*
 * Append a field.  value NULL is null; what is not UTF-8 in it, such as a character cut
 * in two, becomes U+FFFD, for no parser would take the text.
 */
void json_print_text(struct text *text, const char *key, const char *value);
void json_print_integer(struct text *text, const char *key, uint64_t value);
void json_print_bool(struct text *text, const char *key, bool value);

#endif
