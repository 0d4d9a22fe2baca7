#include "reconciler/wire/subject.h"

#include <assert.h>
#include <string.h>

#include "manifest/limits.h"

static bool is_token(const char *text, size_t length)
{
    if (length == 0 || length > NAME_BYTES_MAX) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];

        if (byte <= ' ' || byte == 0x7f || strchr(".*>", byte) != NULL) {
            return false;
        }
    }
    return true;
}

bool subject_is_token(const char *text)
{
    return is_token(text, strlen(text));
}

bool subject_is_sendable(const char *subject)
{
    for (const char *at = subject; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f) {
            return false;
        }
    }
    return *subject != '\0';
}

bool subject_is_lattice(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789_-";

    return subject_is_token(text) && text[strspn(text, allowed)] == '\0';
}

const char *subject_build(struct arena *arena, const char *root, const char *lattice,
                          const char *verb, const char *token)
{
    assert(subject_is_lattice(lattice));
    assert(token == NULL || subject_is_token(token));

    return arena_print(arena, "%s.%s%s%s%s%s", root, lattice, verb != NULL ? "." : "",
                       verb != NULL ? verb : "", token != NULL ? "." : "",
                       token != NULL ? token : "");
}

const char *subject_below(struct arena *arena, const char *root, const char *lattice)
{
    assert(subject_is_lattice(lattice));

    return arena_print(arena, "%s.%s.>", root, lattice);
}

bool subject_split(const char *subject, struct arena *arena, struct names *ret_tokens)
{
    const char *at = subject;
    const char **tokens;
    size_t count = 1;

    for (const char *dot = strchr(subject, '.'); dot != NULL;
         dot = strchr(dot + 1, '.')) {
        count++;
    }
    tokens = arena_array(arena, count, sizeof *tokens);
    for (size_t i = 0; i < count; i++) {
        const size_t length = strcspn(at, ".");

        if (!is_token(at, length)) {
            return false;
        }
        tokens[i] = arena_text(arena, at, length);
        at += length + 1;
    }
    *ret_tokens = (struct names){.items = tokens, .count = count};
    return true;
}
