#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "reconciler/wire/subject.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static void a_token_holds_nothing_that_means_something_in_a_subject(void **state)
{
    static const char *const refused[] = {
        "",  ".",   "a.b",  ".a",   "a.", "*",  "a*",    ">",    "a>",
        " ", "a b", "a\tb", "a\nb", "\r", "\v", "a\x7f", "\x01", "a\x1f",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_false(subject_is_token(refused[i]));
    }
}

static void a_token_may_hold_anything_else(void **state)
{
    static const char *const accepted[] = {
        "a", "hello-http_component", "COMPONENT_x", "A=b/c", "\xc3\xa9", "$KV", "_INBOX",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        assert_true(subject_is_token(accepted[i]));
    }
}

static void what_is_sent_to_has_no_blank_in_it(void **state)
{
    static const char *const refused[] = {"",     " ",     "a b", "a\r\n",
                                          "a\tb", "a\x7f", "\x01"};
    static const char *const accepted[] = {"a", "a.b", "a.*.>", "$JS.API", "\xc3\xa9"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_false(subject_is_sendable(refused[i]));
    }
    for (size_t i = 0; i < COUNT_OF(accepted); i++) {
        assert_true(subject_is_sendable(accepted[i]));
    }
}

static void a_token_is_as_long_as_a_name_at_most(void **state)
{
    char longest[NAME_BYTES_MAX + 2];

    (void)state;
    memset(longest, 'a', sizeof longest);
    longest[NAME_BYTES_MAX] = '\0';
    assert_true(subject_is_token(longest));
    longest[NAME_BYTES_MAX] = 'a';
    longest[NAME_BYTES_MAX + 1] = '\0';
    assert_false(subject_is_token(longest));
}

static void a_lattice_has_letters_digits_dash_and_underscore(void **state)
{
    static const struct {
        const char *name;
        bool is_lattice;
    } cases[] = {
        {"default", true}, {"A-z_09", true}, {"-", true},         {"", false},
        {"a.b", false},    {"a/b", false},   {"a=b", false},      {"a b", false},
        {"*", false},      {">", false},     {"\xc3\xa9", false}, {"a\n", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(subject_is_lattice(cases[i].name), cases[i].is_lattice);
    }
}

static void a_subject_is_its_root_its_lattice_and_tokens(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_string_equal(
        subject_build(&arena, SUBJECT_CONTROL, "default", "host.get", "N1"),
        "wasmbus.ctl.v1.default.host.get.N1");
    assert_string_equal(subject_build(&arena, SUBJECT_WADM_STATUS, "l", NULL, "shop"),
                        "wadm.status.l.shop");
    assert_string_equal(subject_build(&arena, SUBJECT_TRELLIS, "l", "status", NULL),
                        "trellis.api.l.status");
    arena_free(&arena);
}

static void all_below_a_root_is_one_pattern(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_string_equal(subject_below(&arena, SUBJECT_EVENTS, "default"),
                        "wasmbus.evt.default.>");
    arena_free(&arena);
}

static void what_was_built_splits_into_its_tokens(void **state)
{
    static const char *const expected[] = {"wadm", "api", "l", "model", "del", "shop"};
    struct arena arena = {0};
    struct names tokens;

    (void)state;
    assert_true(subject_split(
        subject_build(&arena, SUBJECT_WADM, "l", "model.del", "shop"), &arena, &tokens));
    assert_int_equal(tokens.count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_string_equal(tokens.items[i], expected[i]);
    }
    arena_free(&arena);
}

static void a_subject_with_a_bad_token_is_not_split(void **state)
{
    static const char *const refused[] = {"",     ".",   "a.",  ".a",
                                          "a..b", "a.*", "a.>", "a b"};
    struct arena arena = {0};
    struct names tokens = {.count = 7};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        assert_false(subject_split(refused[i], &arena, &tokens));
        assert_int_equal(tokens.count, 7);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_holds_nothing_that_means_something_in_a_subject),
        cmocka_unit_test(a_token_may_hold_anything_else),
        cmocka_unit_test(what_is_sent_to_has_no_blank_in_it),
        cmocka_unit_test(a_token_is_as_long_as_a_name_at_most),
        cmocka_unit_test(a_lattice_has_letters_digits_dash_and_underscore),
        cmocka_unit_test(a_subject_is_its_root_its_lattice_and_tokens),
        cmocka_unit_test(all_below_a_root_is_one_pattern),
        cmocka_unit_test(what_was_built_splits_into_its_tokens),
        cmocka_unit_test(a_subject_with_a_bad_token_is_not_split),
    };

    return cmocka_run_group_tests_name("subject", tests, NULL, NULL);
}
