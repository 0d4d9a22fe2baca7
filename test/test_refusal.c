/*
 * What a host says that does not heal by itself: words of it, in whatever case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reconciler/core/retry.h"

static void test_words_are_found_wherever_they_are(void **state)
{
    (void)state;
    assert_true(refusal_is_final("manifest unknown"));
    assert_true(refusal_is_final("fetch: Manifest Unknown, HTTP 404"));
    assert_true(refusal_is_final("oci: NO SUCH IMAGE"));
    assert_false(refusal_is_final(""));
    assert_false(refusal_is_final("no such"));
    assert_false(refusal_is_final("no answer in 5 s"));
}

/* A NUL is no blank: what lies behind it is not the text's. */
static void test_a_text_ends_where_it_ends(void **state)
{
    (void)state;
    assert_false(refusal_is_final("manifest\0unknown"));
    assert_false(refusal_is_final("it says no\0such image"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_found_wherever_they_are),
        cmocka_unit_test(test_a_text_ends_where_it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
