#include "support_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES 1024
#define TEXT_BYTES ((size_t)LINES_MAX * LINE_BYTES)

void lines_add(struct lines *lines, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list arguments;

    assert_true(lines->count < LINES_MAX);
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    lines->items[lines->count] = strdup(line);
    assert_non_null(lines->items[lines->count]);
    lines->count++;
}

void lines_clear(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->items[i]);
    }
    lines->count = 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void lines_sort(struct lines *lines)
{
    qsort(lines->items, lines->count, sizeof *lines->items, compare);
}

char *lines_join(const struct lines *lines, char *old)
{
    char *text = realloc(old, TEXT_BYTES);
    size_t length = 0;

    if (text == NULL) {
        fail_msg("no memory for %zu lines", lines->count);
        return NULL;
    }
    text[0] = '\0';
    for (size_t i = 0; i < lines->count; i++) {
        length +=
            (size_t)snprintf(text + length, TEXT_BYTES - length, "%s\n", lines->items[i]);
        assert_true(length < TEXT_BYTES);
    }
    return text;
}

bool lines_have(const char *text, const char *start)
{
    const size_t length = strlen(start);

    for (; *text != '\0'; text += strcspn(text, "\n") + 1) {
        if (strncmp(text, start, length) == 0) {
            return true;
        }
    }
    return false;
}
