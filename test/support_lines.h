/*
 * support_lines.h - lines of text that a test collects, sorts and puts together.
 */
#ifndef TEST_SUPPORT_LINES_H
#define TEST_SUPPORT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define LINES_MAX 512

/* All zero is none. */
struct lines {
    char *items[LINES_MAX];
    size_t count;
};

void lines_add(struct lines *lines, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void lines_clear(struct lines *lines);
void lines_sort(struct lines *lines);

/* All of them, a newline after each, in place of old, which was made so; the caller's to
 * free. */
char *lines_join(const struct lines *lines, char *old);

/* Has text a line that starts with start? */
bool lines_have(const char *text, const char *start);

#endif
