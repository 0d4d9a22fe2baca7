#include "reconciler/wire/api_pong.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define OK "{\"schema\":1,\"result\":\"ok\""

static const struct answer {
    const char *bytes;
    enum err_code code;
    bool is_converged;
} answers[] = {
    {OK ",\"converged\":true}", ERR_OK, true},
    {OK ",\"converged\":false}", ERR_OK, false},
    {OK "}", ERR_OK, false}, /* of a daemon of before */
    {"{\"schema\":1,\"result\":\"error\",\"code\":\"busy\",\"message\":\"later\"}",
     ERR_BUSY, false},
    {OK ",\"converged\":\"yes\"}", ERR_INVALID, false},
    {"pong", ERR_SYNTAX, false},
};

static void an_answer_to_ping_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct arena arena = {0};
        bool is_converged = false;
        struct err err;

        assert_int_equal(api_decode_pong(answers[i].bytes, strlen(answers[i].bytes),
                                         &arena, &is_converged, &err),
                         answers[i].code);
        assert_int_equal(is_converged, answers[i].is_converged);
        arena_free(&arena);
    }
}

static void an_answer_to_ping_has_its_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, 1024);
        api_encode_pong(answers[i].is_converged, &text);
        assert_string_equal(text.bytes, answers[i].bytes);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_to_ping_is_understood),
        cmocka_unit_test(an_answer_to_ping_has_its_bytes),
    };

    return cmocka_run_group_tests_name("api pong", tests, NULL, NULL);
}
