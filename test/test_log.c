#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/run/log.h"
#include "reconciler/run/repeat.h"

struct log_case {
    enum log_form form;
    enum log_level level;
    const char *message;
    const char *key;
    const char *value;
    const char *expected;
};

static const struct log_case log_cases[] = {
    {LOG_FORM_PLAIN, LOG_LEVEL_INFO, "link put", "source", "api", "link put source=api"},
    {LOG_FORM_PLAIN, LOG_LEVEL_WARNING, "host lost", "host", "NC7X",
     "warning: host lost host=NC7X"},
    {LOG_FORM_PLAIN, LOG_LEVEL_ERROR, "no", "why", "two words",
     "error: no why=\"two words\""},
    {LOG_FORM_PLAIN, LOG_LEVEL_DEBUG, "a\n\x1b[2Jb", "k", "", "a\\x0a\\x1b[2Jb k=\"\""},
    {LOG_FORM_JOURNAL, LOG_LEVEL_ERROR, "x", "k", "v", "<3>x k=v"},
    {LOG_FORM_JOURNAL, LOG_LEVEL_WARNING, "x", "k", "v", "<4>x k=v"},
    {LOG_FORM_JOURNAL, LOG_LEVEL_INFO, "x\n<0>y", "k", "v", "<6>x\\x0a<0>y k=v"},
    {LOG_FORM_JOURNAL, LOG_LEVEL_DEBUG, "x", "k", "v", "<7>x k=v"},
    {LOG_FORM_LOGFMT, LOG_LEVEL_INFO, "link put", "source", "api",
     "level=info at=2026-11-22T22:36:29.942Z msg=\"link put\" source=api"},
    {LOG_FORM_LOGFMT, LOG_LEVEL_WARNING, "a \"b\"", "k", "x=y\nz",
     "level=warning at=2026-11-22T22:36:29.942Z msg=\"a \\\"b\\\"\" k=\"x=y\\nz\""},
    {LOG_FORM_JSON, LOG_LEVEL_WARNING, "host \"x\" lost", "host", "NC\n7",
     "{\"level\":\"warning\",\"at\":\"2026-11-22T22:36:29.942Z\","
     "\"msg\":\"host \\\"x\\\" lost\",\"host\":\"NC\\n7\"}"},
};

static void test_print(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof log_cases / sizeof *log_cases; i++) {
        const struct log_case *t = &log_cases[i];
        const struct log_pair pair = {t->key, t->value};
        const struct log_line line = {t->level, 1795386989942, t->message, &pair, 1};
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, 4096);
        log_print(&line, t->form, &text);
        assert_string_equal(text.bytes, t->expected);
        arena_free(&arena);
    }
}

/* What a program writes to stderr; stderr is file for the time of it. */
static int saved;

static FILE *begin_capture(void)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    saved = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    return file;
}

static void end_capture(FILE *file, char *text, size_t size)
{
    size_t length;

    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    assert_int_equal(close(saved), 0);
    rewind(file);
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    assert_int_equal(fclose(file), 0);
}

static void test_levels(void **state)
{
    FILE *file = begin_capture();
    char text[4096];

    (void)state;
    log_open(LOG_LEVEL_WARNING, LOG_FORM_AUTO);
    log_say(LOG_LEVEL_DEBUG, "no", NULL);
    log_say(LOG_LEVEL_INFO, "no", NULL);
    log_say(LOG_LEVEL_WARNING, "yes", "a", "1", "left out", (const char *)NULL, "b", "2",
            NULL);
    log_say(LOG_LEVEL_ERROR, "yes", NULL);
    end_capture(file, text, sizeof text);

    assert_null(strstr(text, "no"));
    assert_non_null(strstr(text, "level=warning at=20"));
    assert_non_null(strstr(text, "msg=\"yes\" a=1 b=2\nlevel=error "));
}

static void test_long_line(void **state)
{
    static char longer[10000];
    FILE *file = begin_capture();
    char text[20000];

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    log_open(LOG_LEVEL_INFO, LOG_FORM_AUTO);
    log_say(LOG_LEVEL_INFO, longer, "k", longer, NULL);
    end_capture(file, text, sizeof text);
    assert_in_range(strlen(text), 1000, 4096);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_journal(void **state)
{
    FILE *file = begin_capture();
    char text[4096];
    char named[64];
    struct stat status;

    (void)state;
    assert_int_equal(fstat(STDERR_FILENO, &status), 0);
    (void)snprintf(named, sizeof named, "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread
    assert_int_equal(setenv("JOURNAL_STREAM", named, 1), 0);
    log_open(LOG_LEVEL_INFO, LOG_FORM_AUTO);
    log_say(LOG_LEVEL_INFO, "to the journal", NULL);
    assert_int_equal(setenv("JOURNAL_STREAM", "1:1", 1), 0);
    log_open(LOG_LEVEL_INFO, LOG_FORM_AUTO);
    log_say(LOG_LEVEL_INFO, "to a file", NULL);
    assert_int_equal(unsetenv("JOURNAL_STREAM"), 0);
    // NOLINTEND(concurrency-mt-unsafe)
    end_capture(file, text, sizeof text);

    assert_ptr_equal(strstr(text, "<6>to the journal\nlevel=info "), text);
}

static void a_line_that_repeats_is_held_back(void **state)
{
    struct repeat repeat = {0};
    uint32_t held;

    (void)state;
    for (int i = 0; i < REPEAT_COUNT_MAX; i++) {
        assert_true(repeat_passes(&repeat, 1, 1000 + i, &held));
    }
    for (int i = 0; i < 7; i++) {
        assert_false(repeat_passes(&repeat, 1, 2000, &held));
    }
    assert_true(repeat_passes(&repeat, 2, 2000, &held)); /* another line */
    assert_int_equal(held, 0);
    assert_true(repeat_passes(&repeat, 1, 1000 + REPEAT_SPAN_MS, &held));
    assert_int_equal(held, 7);
    assert_true(repeat_passes(&repeat, 1, 1001 + REPEAT_SPAN_MS, &held));
    assert_int_equal(held, 0);
}

static void the_longest_ago_is_forgotten_first(void **state)
{
    struct repeat repeat = {0};
    uint32_t held;

    (void)state;
    for (int i = 0; i < REPEAT_COUNT_MAX; i++) {
        assert_true(repeat_passes(&repeat, 7, 1000, &held));
    }
    assert_false(repeat_passes(&repeat, 7, 1000, &held));
    for (uint64_t other = 100; other < 100 + REPEAT_LINES_MAX; other++) {
        assert_true(repeat_passes(&repeat, other, 2000, &held));
    }
    assert_true(repeat_passes(&repeat, 7, 3000, &held));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a line is printed for the terminal, the journal and programs", test_print, 0, 0,
         0},
        {"lines above the level are not written", test_levels, 0, 0, 0},
        cmocka_unit_test(a_line_that_repeats_is_held_back),
        cmocka_unit_test(the_longest_ago_is_forgotten_first),
        {"a line that is too long is cut and still ends", test_long_line, 0, 0, 0},
        {"the journal is known by its file and not by its name alone", test_journal, 0, 0,
         0},
    };

    (void)alarm(60);
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
