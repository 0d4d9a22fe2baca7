#include "reconciler/run/log.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/repeat.h"
#include "reconciler/wire/utc.h"

/* What a pipe takes in one piece, so that lines of several processes do not mix. */
#define LINE_BYTES_MAX  4096
#define PAIRS_COUNT_MAX 16

static struct {
    enum log_level level;
    enum log_form form;
    const char *lattice; /* NULL: not said */
    struct repeat repeat;
} settings = {.level = LOG_LEVEL_INFO, .form = LOG_FORM_PLAIN};

static const struct {
    const char *name;
    const char *plain; /* information needs no word before it */
    int priority;      /* syslog's */
} levels[] = {
    [LOG_LEVEL_ERROR] = {"error", "error: ", 3},
    [LOG_LEVEL_WARNING] = {"warning", "warning: ", 4},
    [LOG_LEVEL_INFO] = {"info", "", 6},
    [LOG_LEVEL_DEBUG] = {"debug", "", 7},
};

/* Is stderr the journal?  systemd names the file that it gave us; a child whose stderr
 * was redirected inherits the name and not the file. */
static bool is_journal(void)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here sets the environment
    const char *named = getenv("JOURNAL_STREAM");
    struct stat file;
    char own[64];

    if (named == NULL || fstat(STDERR_FILENO, &file) != 0) {
        return false;
    }
    (void)snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)file.st_dev,
                   (uintmax_t)file.st_ino);
    return strcmp(named, own) == 0;
}

static enum log_form suitable_form(void)
{
    if (is_journal()) {
        return LOG_FORM_JOURNAL;
    }
    return isatty(STDERR_FILENO) ? LOG_FORM_PLAIN : LOG_FORM_LOGFMT;
}

void log_open(enum log_level level, enum log_form form)
{
    settings.level = level;
    settings.form = form == LOG_FORM_AUTO ? suitable_form() : form;
}

void log_about(const char *lattice)
{
    settings.lattice = lattice;
}

static bool is_control(char byte)
{
    return (unsigned char)byte < 0x20 || byte == 0x7f;
}

/* sentence as it is, but for what a terminal or the journal would act on. */
static void append_sentence(struct text *text, const char *sentence)
{
    for (const char *at = sentence; *at != '\0'; at++) {
        if (is_control(*at)) {
            text_append(text, "\\x%02x", (unsigned int)(unsigned char)*at);
        } else {
            text_append_bytes(text, at, 1);
        }
    }
}

/* A value is quoted where it would not be read back as one word. */
static void append_value(struct text *text, const char *value)
{
    bool is_word = *value != '\0';

    for (const char *at = value; *at != '\0'; at++) {
        is_word = is_word && !is_control(*at) && strchr(" \"=\\", *at) == NULL;
    }
    if (is_word) {
        text_append_bytes(text, value, strlen(value));
    } else {
        text_append_json(text, value);
    }
}

static void print_json(const struct log_line *line, const char *at, struct text *text)
{
    text_append(text,
                "{\"level\":\"%s\",\"at\":\"%s\",\"msg\":", levels[line->level].name, at);
    text_append_json(text, line->message);
    for (size_t i = 0; i < line->pairs_count; i++) {
        text_append(text, ",\"%s\":", line->pairs[i].key);
        text_append_json(text, line->pairs[i].value);
    }
    text_append(text, "}");
}

void log_print(const struct log_line *line, enum log_form form, struct text *text)
{
    char at[UTC_TEXT_BYTES];

    utc_print(line->unix_ms, at);
    switch (form) {
    case LOG_FORM_JSON:
        print_json(line, at, text);
        return;
    case LOG_FORM_JOURNAL:
        text_append(text, "<%d>", levels[line->level].priority);
        append_sentence(text, line->message);
        break;
    case LOG_FORM_LOGFMT:
        text_append(text, "level=%s at=%s msg=", levels[line->level].name, at);
        text_append_json(text, line->message);
        break;
    case LOG_FORM_PLAIN:
    case LOG_FORM_AUTO:
        text_append(text, "%s", levels[line->level].plain);
        append_sentence(text, line->message);
        break;
    }
    for (size_t i = 0; i < line->pairs_count; i++) {
        text_append(text, " %s=", line->pairs[i].key);
        append_value(text, line->pairs[i].value);
    }
}

/* Of all that a line says but when. */
static uint64_t digest(const struct log_line *line)
{
    struct arena arena = {0};
    struct text text;
    uint64_t digest = 14695981039346656037U; /* FNV-1a */

    text_init(&text, &arena, LINE_BYTES_MAX);
    log_print(line, LOG_FORM_PLAIN, &text);
    for (size_t i = 0; i < text.count; i++) {
        digest = (digest ^ (unsigned char)text.bytes[i]) * 1099511628211U;
    }
    arena_free(&arena);
    return digest;
}

/* One write, so that lines stay whole.  There is nowhere to report that it went wrong. */
static void write_line(const struct log_line *line)
{
    struct arena arena = {0};
    struct text text;
    ssize_t done;

    text_init(&text, &arena, LINE_BYTES_MAX);
    log_print(line, settings.form, &text);
    text.bytes[text.count] = '\n';
    do {
        done = write(STDERR_FILENO, text.bytes, text.count + 1);
    } while (done < 0 && errno == EINTR);
    arena_free(&arena);
}

void log_say(enum log_level level, const char *message, ...)
{
    struct log_pair pairs[PAIRS_COUNT_MAX + 2];
    struct log_line line = {level, clock_unix_ms(), message, pairs, 0};
    uint32_t held_count;
    char held[24];
    const char *key;
    va_list arguments;

    if (level > settings.level) {
        return;
    }
    va_start(arguments, message);
    while ((key = va_arg(arguments, const char *)) != NULL) {
        const char *value = va_arg(arguments, const char *);

        assert(line.pairs_count < PAIRS_COUNT_MAX);
        if (value != NULL) {
            pairs[line.pairs_count++] = (struct log_pair){key, value};
        }
    }
    va_end(arguments);
    if (settings.lattice != NULL) {
        pairs[line.pairs_count++] = (struct log_pair){"lattice", settings.lattice};
    }
    if (!repeat_passes(&settings.repeat, digest(&line), line.unix_ms, &held_count)) {
        return;
    }
    if (held_count > 0) {
        (void)snprintf(held, sizeof held, "%lu", (unsigned long)held_count);
        // cppcheck-suppress unreadVariable ; line points to it
        pairs[line.pairs_count++] = (struct log_pair){"held_back", held};
    }
    write_line(&line);
}
