#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reconciler/run/options.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static void times_are_read_with_their_unit(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"0", 0},
        {"0ms", 0},
        {"1", 1000},
        {"500ms", 500},
        {"30s", 30000},
        {"2m", 120000},
        {"1h", 3600000},
        {"007s", 7000},
        {"8784h", INT64_C(8784) * 3600000},
        {"31622400000ms", INT64_C(31622400000)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t ms = -1;

        assert_true(options_read_duration(cases[i].text, &ms));
        assert_true(ms == cases[i].ms);
    }
}

static void what_is_no_time_is_not_read(void **state)
{
    static const char *const texts[] = {
        "",
        "s",
        "ms",
        "-1s",
        "+1s",
        " 1s",
        "1 s",
        "1s ",
        "1.5s",
        "1S",
        "1sec",
        "1d",
        "0x10",
        "8785h",
        "31622400001ms",
        "99999999999999999999",
        "18446744073709551617ms",
        "1111111111111111111111111111111111s",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        int64_t ms = -1;

        assert_false(options_read_duration(texts[i], &ms));
        assert_true(ms == -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_with_their_unit),
        cmocka_unit_test(what_is_no_time_is_not_read),
    };

    return cmocka_run_group_tests_name("options_duration", tests, NULL, NULL);
}
