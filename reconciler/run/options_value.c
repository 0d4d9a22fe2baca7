#include "reconciler/run/options_value.h"

#include <string.h>

#include "manifest/diag.h"
#include "manifest/lint_rule.h"
#include "manifest/text.h"
#include "reconciler/core/status.h"

#define DURATION_MS_MAX ((int64_t)366 * 24 * 3600 * 1000)
#define COUNT_MAX       1000
#define WORDS_BYTES_MAX ((size_t)256)

static bool read_number(const char *text, uint64_t most, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' ||
            number > (most - (uint64_t)(*text - '0')) / 10) {
            return false;
        }
        number = number * 10 + (uint64_t)(*text - '0');
    }
    *ret_number = number;
    return true;
}

bool options_read_duration(const char *text, int64_t *ret_ms)
{
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"", 1000}};
    const size_t digits = strspn(text, "0123456789");
    char number_text[24];
    uint64_t number;

    if (digits == 0 || digits >= sizeof number_text) {
        return false;
    }
    memcpy(number_text, text, digits);
    number_text[digits] = '\0';
    if (!read_number(number_text, (uint64_t)DURATION_MS_MAX, &number)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(text + digits, units[i].unit) == 0) {
            if (number > (uint64_t)DURATION_MS_MAX / units[i].ms) {
                return false;
            }
            *ret_ms = (int64_t)(number * units[i].ms);
            return true;
        }
    }
    return false;
}

enum err_code options_value_duration(const char *name, const char *value, int64_t *ret_ms,
                                     struct err *err)
{
    if (!options_read_duration(value, ret_ms)) {
        return err_set(err, ERR_USAGE, "--%s '%s' is no time: write 500ms, 30s, 2m or 1h",
                       name, value);
    }
    return ERR_OK;
}

enum err_code options_value_number(const char *name, const char *value, uint64_t most,
                                   uint64_t *ret_number, struct err *err)
{
    if (!read_number(value, most, ret_number)) {
        return err_set(err, ERR_USAGE, "--%s '%s' is no number up to %llu", name, value,
                       (unsigned long long)most);
    }
    return ERR_OK;
}

enum err_code options_value_count(const char *name, const char *value, uint32_t least,
                                  uint32_t *ret_count, struct err *err)
{
    uint64_t number = 0;
    const enum err_code code = options_value_number(name, value, COUNT_MAX, &number, err);

    if (code == ERR_OK && number < least) {
        return err_set(err, ERR_USAGE, "--%s '%s' is too few: write %u or more", name,
                       value, (unsigned int)least);
    }
    *ret_count = (uint32_t)number;
    return code;
}

enum err_code options_value_prefix(const char *name, const char *value,
                                   const char **ret_prefix, struct err *err)
{
    const char *rest = strncmp(value, "*.", 2) == 0 ? value + 2 : value;
    const size_t length = strlen(rest);

    for (const char *at = rest; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == '*' || *at == '>' || *at == 0x7f ||
            (*at == '.' && (at == rest || at[1] == '.'))) {
            rest = "";
            break;
        }
    }
    if (*rest == '\0' || rest[length - 1] == '.') {
        return err_set(err, ERR_USAGE,
                       "--%s '%s' cannot begin a subject: write words with dots between "
                       "them, like wadm.api, or *.wadm.api for any account",
                       name, value);
    }
    *ret_prefix = value;
    return ERR_OK;
}

enum err_code options_value_rule(const char *name, const char *value,
                                 const char **ret_rule, struct err *err)
{
    const char *const *rules_that_warn;
    const char *near;
    size_t count;

    *ret_rule = lint_rule_find(value, strlen(value));
    if (*ret_rule != NULL) {
        return ERR_OK;
    }
    rules_that_warn = lint_rule_list(&count);
    near = diag_near(value, rules_that_warn, count);
    return near != NULL
               ? err_set(err, ERR_USAGE,
                         "--%s '%s' is no rule that warns: did you mean '%s'?", name,
                         value, near)
               : err_set(err, ERR_USAGE,
                         "--%s '%s' is no rule that warns: see trellis-manifest(5)", name,
                         value);
}

static enum err_code refuse_choice(const char *name, const char *value,
                                   const char *const *words, struct err *err)
{
    struct arena scratch = {0};
    struct text text;
    enum err_code code;

    text_init(&text, &scratch, WORDS_BYTES_MAX);
    for (size_t i = 0; words[i] != NULL; i++) {
        const char *before = words[i + 1] != NULL ? ", " : " or ";

        text_append(&text, "%s%s", i > 0 ? before : "", words[i]);
    }
    code = err_set(err, ERR_USAGE, "--%s '%s' is unknown: write %s", name, value,
                   text.bytes);
    arena_free(&scratch);
    return code;
}

enum err_code options_value_choice(const char *name, const char *value,
                                   const char *const *words, int *ret_choice,
                                   struct err *err)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(value, words[i]) == 0) {
            *ret_choice = i;
            return ERR_OK;
        }
    }
    return refuse_choice(name, value, words, err);
}

enum err_code options_value_event(const char *value, struct arena *arena,
                                  struct options *options, struct err *err)
{
    const char *colon = strchr(value, ':');

    options->is_since = true;
    if (colon != NULL) {
        options->since_run = arena_text(arena, value, (size_t)(colon - value));
    }
    return options_value_number("since", colon != NULL ? colon + 1 : value, INT64_MAX,
                                &options->since, err);
}

void options_add_name(struct names *names, struct arena *arena, const char *name)
{
    const char **items = arena_array(arena, names->count + 1, sizeof *items);

    if (names->count > 0) {
        memcpy(items, names->items, names->count * sizeof *names->items);
    }
    items[names->count] = name;
    *names = (struct names){items, names->count + 1};
}

static enum err_code check_state(const char *name, const char *value, struct err *err)
{
    const char *words[STATUS_FAILED + 2] = {NULL};
    int choice;

    for (int i = 0; i <= STATUS_FAILED; i++) {
        words[i] = status_word_name((enum status_word)i);
    }
    return options_value_choice(name, value, words, &choice, err);
}

static enum err_code check_condition(const char *name, const char *value, struct err *err)
{
    const char *equals = strchr(value, '=');

    return equals == NULL || equals == value
               ? err_set(err, ERR_USAGE, "--%s '%s' names no application: write NAME=%s",
                         name, value, value)
               : ERR_OK;
}

enum err_code options_value_filter(const struct option_rule *rule, const char *value,
                                   struct arena *arena, struct options *options,
                                   struct err *err)
{
    if (rule->id == OPTION_STATE) {
        options_add_name(&options->states, arena, value);
        return check_state(rule->name, value, err);
    }
    options_add_name(rule->id == OPTION_IF_VERSION ? &options->versions
                                                   : &options->digests,
                     arena, value);
    return check_condition(rule->name, value, err);
}
