#include "reconciler/run/renaming.h"

#include <string.h>

#include "reconciler/wire/subject.h"

#define CONTROL "wasmbus.ctl."
#define API     "$JS.API."
#define BUCKETS "$KV."

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool renaming_is_prefix(const char *text)
{
    struct arena arena = {0};
    struct names tokens;
    const bool is_one = subject_split(text, &arena, &tokens);

    arena_free(&arena);
    return is_one;
}

enum err_code renaming_check(const struct renaming *renaming, struct err *err)
{
    if (renaming->control != NULL && !renaming_is_prefix(renaming->control)) {
        return err_set(err, ERR_USAGE,
                       "--ctl-prefix '%s' cannot be: words with dots between them, as "
                       "wasmbus.ctl",
                       renaming->control);
    }
    if (renaming->domain != NULL && !subject_is_token(renaming->domain)) {
        return err_set(err, ERR_USAGE,
                       "--js-domain '%s' cannot be: no dots, blanks, * or > in it",
                       renaming->domain);
    }
    return ERR_OK;
}

const char *renaming_out(const struct renaming *renaming, const char *subject,
                         struct arena *arena)
{
    if (renaming->control != NULL && starts_with(subject, CONTROL)) {
        return arena_print(arena, "%s.%s", renaming->control, subject + strlen(CONTROL));
    }
    if (renaming->domain != NULL && starts_with(subject, API)) {
        return arena_print(arena, "$JS.%s.API.%s", renaming->domain,
                           subject + strlen(API));
    }
    if (renaming->domain != NULL && starts_with(subject, BUCKETS)) {
        return arena_print(arena, "$JS.%s.API.%s", renaming->domain, subject);
    }
    return subject;
}

const char *renaming_in(const struct renaming *renaming, const char *subject,
                        struct arena *arena)
{
    const size_t length = renaming->control != NULL ? strlen(renaming->control) : 0;

    if (length > 0 && starts_with(subject, renaming->control) && subject[length] == '.') {
        return arena_print(arena, CONTROL "%s", subject + length + 1);
    }
    return subject;
}
