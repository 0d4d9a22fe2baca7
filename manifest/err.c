#include "manifest/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const code_names[] = {
    [ERR_OK] = "ok",
    [ERR_SYNTAX] = "syntax",
    [ERR_INVALID] = "invalid",
    [ERR_LIMIT] = "limit",
    [ERR_USAGE] = "usage",
    [ERR_NOTFOUND] = "not-found",
    [ERR_CONFLICT] = "conflict",
    [ERR_TIMEOUT] = "timeout",
    [ERR_UNREACHABLE] = "unreachable",
    [ERR_BUSY] = "busy",
    [ERR_IO] = "io",
};

#define CODES_COUNT (sizeof code_names / sizeof *code_names)

/* A message that did not fit may end in half a character: drop that half. */
static void drop_half_character(char *message)
{
    const size_t length = strlen(message);
    size_t start = length;
    size_t expected = 1;

    while (start > 0 && ((unsigned char)message[start - 1] & 0xc0) == 0x80) {
        start--;
    }
    if (start == 0) {
        return;
    }
    start--;
    if ((unsigned char)message[start] >= 0xc0) {
        expected = (unsigned char)message[start] >= 0xf0   ? 4
                   : (unsigned char)message[start] >= 0xe0 ? 3
                                                           : 2;
    }
    if (length - start < expected) {
        message[start] = '\0';
    }
}

enum err_code err_set(struct err *err, enum err_code code, const char *format, ...)
{
    assert(code != ERR_OK);

    if (err != NULL) {
        va_list arguments;

        *err = (struct err){.code = code};
        va_start(arguments, format);
        (void)vsnprintf(err->message, sizeof err->message, format, arguments);
        va_end(arguments);
        drop_half_character(err->message);
    }
    return code;
}

void err_locate(struct err *err, const char *source, struct place place)
{
    const size_t length = strlen(source);

    if (err == NULL) {
        return;
    }
    if (length < sizeof err->source) {
        memcpy(err->source, source, length + 1);
    } else {
        /* The end of a path is what tells files apart. */
        const char *end = source + length - (sizeof err->source - sizeof "...");

        while (((unsigned char)*end & 0xc0) == 0x80) {
            end++;
        }
        memcpy(err->source, "...", 3);
        memcpy(err->source + 3, end, strlen(end) + 1);
    }
    err->place = place;
}

enum err_code err_wrap(struct err *err, enum err_code code, const char *format, ...)
{
    assert(code != ERR_OK);

    if (err != NULL) {
        char inner[ERR_MESSAGE_BYTES_MAX];
        va_list arguments;
        size_t length;

        memcpy(inner, err->message, sizeof inner);
        va_start(arguments, format);
        (void)vsnprintf(err->message, sizeof err->message, format, arguments);
        va_end(arguments);
        length = strlen(err->message);
        (void)snprintf(err->message + length, sizeof err->message - length, ": %s",
                       inner);
        drop_half_character(err->message);
        err->code = code;
    }
    return code;
}

const char *err_code_name(enum err_code code)
{
    assert((size_t)code < CODES_COUNT);

    return code_names[code];
}

enum err_code err_code_from_name(const char *name)
{
    for (size_t i = 0; i < CODES_COUNT; i++) {
        if (strcmp(code_names[i], name) == 0) {
            return (enum err_code)i;
        }
    }
    return ERR_IO;
}
