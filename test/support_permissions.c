#include "support_permissions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "manifest/text.h"

#define PAGE             "man/trellis-nats.7"
#define LINE_BYTES       512
#define CONFIG_BYTES_MAX ((size_t)16000)

/* The text between the quotes of line, in arena; NULL when there are none. */
static const char *quoted(const char *line, struct arena *arena)
{
    const char *start = strchr(line, '"');

    return start != NULL && line[0] == ' '
               ? arena_text(arena, start + 1, strcspn(start + 1, "\""))
               : NULL;
}

static void add(const char **subjects, const char *subject)
{
    size_t count = 0;

    while (subjects[count] != NULL) {
        count++;
    }
    assert_true(count < PERMISSIONS_SUBJECTS_MAX - 1);
    subjects[count] = subject;
}

void permissions_read(struct arena *arena, struct permissions *ret_permissions)
{
    struct permissions_user *user = NULL;
    const char **subjects = NULL;
    char line[LINE_BYTES];
    FILE *page = fopen(PAGE, "re");

    assert_non_null(page);
    *ret_permissions = (struct permissions){0};
    while (fgets(line, sizeof line, page) != NULL) {
        const char *subject = quoted(line, arena);

        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "user: ", 6) == 0) {
            assert_true(ret_permissions->count < PERMISSIONS_USERS_MAX);
            user = &ret_permissions->users[ret_permissions->count++];
            user->name = arena_copy(arena, line + 6);
        } else if (user != NULL && strcmp(line, "publish: [") == 0) {
            subjects = user->publish;
        } else if (user != NULL && strcmp(line, "subscribe: [") == 0) {
            subjects = user->subscribe;
        } else if (line[0] == ']' || line[0] == '.') {
            subjects = NULL;
        } else if (subjects != NULL) {
            assert_non_null(subject);
            add(subjects, subject);
        }
    }
    assert_int_equal(fclose(page), 0);
}

static void print_list(struct text *text, const char *name, const char *const *subjects)
{
    text_append(text, " %s: [", name);
    for (size_t i = 0; subjects[i] != NULL; i++) {
        text_append(text, "%s\"%s\"", i > 0 ? ", " : "", subjects[i]);
    }
    text_append(text, "]");
}

const char *permissions_config(const struct permissions *permissions, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, CONFIG_BYTES_MAX);
    text_append(&text, "no_auth_user: all\nauthorization { users: [\n"
                       "{user: all, password: x}\n");
    for (int i = 0; i < permissions->count; i++) {
        const struct permissions_user *user = &permissions->users[i];

        text_append(&text, "{user: %s, password: x, permissions: {", user->name);
        print_list(&text, "publish", user->publish);
        text_append(&text, ",");
        print_list(&text, "subscribe", user->subscribe);
        text_append(&text, "}}\n");
    }
    text_append(&text, "] }\n");
    assert_false(text.is_cut);
    return text.bytes;
}

static bool matches(const char *pattern, const char *subject)
{
    for (;;) {
        const size_t pattern_length = strcspn(pattern, ".");
        const size_t subject_length = strcspn(subject, ".");

        if (strcmp(pattern, ">") == 0) {
            return *subject != '\0';
        }
        if (strncmp(pattern, "*.", 2) != 0 && strcmp(pattern, "*") != 0 &&
            (pattern_length != subject_length ||
             strncmp(pattern, subject, subject_length) != 0)) {
            return false;
        }
        pattern += pattern_length;
        subject += subject_length;
        if (*pattern == '\0' || *subject == '\0') {
            return *pattern == *subject;
        }
        pattern++;
        subject++;
    }
}

bool permissions_match(const char *const *patterns, const char *subject)
{
    for (size_t i = 0; patterns[i] != NULL; i++) {
        if (matches(patterns[i], subject)) {
            return true;
        }
    }
    return false;
}
