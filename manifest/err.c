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
    [ERR_IO] = "io",
};

#define CODES_COUNT (sizeof code_names / sizeof *code_names)

enum err_code err_set(struct err *err, enum err_code code, const char *format, ...)
{
    assert(code != ERR_OK);

    if (err != NULL) {
        va_list arguments;

        *err = (struct err){.code = code};
        va_start(arguments, format);
        (void)vsnprintf(err->message, sizeof err->message, format, arguments);
        va_end(arguments);
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
        const size_t room = sizeof err->source - sizeof "...";

        memcpy(err->source, "...", 3);
        memcpy(err->source + 3, source + length - room, room + 1);
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
