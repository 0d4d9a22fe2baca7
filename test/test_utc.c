#include "reconciler/wire/utc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_moment_is_printed_and_read_in_utc(void **state)
{
    static const struct {
        int64_t unix_ms;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {68169599999, "1972-02-28T23:59:59.999Z"},
        {951827696789, "2000-02-29T12:34:56.789Z"},
        {1795386989942, "2026-11-22T22:36:29.942Z"},
        {4107542399000, "2100-02-28T23:59:59.000Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[UTC_TEXT_BYTES];
        int64_t unix_ms = 0;

        utc_print(cases[i].unix_ms, text);
        assert_string_equal(text, cases[i].text);
        assert_true(utc_read(text, &unix_ms));
        assert_int_equal(unix_ms, cases[i].unix_ms);
    }
}

static void a_day_after_another_is_a_day_later(void **state)
{
    (void)state;
    for (int64_t day = -200000; day < 200000; day++) {
        char text[UTC_TEXT_BYTES];
        int64_t unix_ms = 0;

        utc_print(day * 86400000, text);
        assert_true(utc_read(text, &unix_ms));
        assert_int_equal(unix_ms, day * 86400000);
    }
}

static void what_is_no_moment_is_not_read(void **state)
{
    static const char *const texts[] = {
        "",
        "2026",
        "2026-11-22",
        "2026-11-22T22:36:29Z",
        "2026-13-22T22:36:29.942Z",
        "2026-11-32T22:36:29.942Z",
        "2026-11-22T24:36:29.942Z",
        "2026-11-22T22:60:29.942Z",
        "2026-11-22T22:36:29.942",
        "2026-11-22T22:36:29.942Zx",
        "2026-1a-22T22:36:29.942Z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t unix_ms = 7;

        assert_false(utc_read(texts[i], &unix_ms));
        assert_int_equal(unix_ms, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a moment is printed and read in UTC, to the millisecond",
         a_moment_is_printed_and_read_in_utc, NULL, NULL, NULL},
        {"over a thousand years every day is one day", a_day_after_another_is_a_day_later,
         NULL, NULL, NULL},
        {"what is no moment is not read", what_is_no_moment_is_not_read, NULL, NULL,
         NULL},
    };

    return cmocka_run_group_tests_name("utc", tests, NULL, NULL);
}
