#include "manifest/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_set(void **state)
{
    struct err err = {.source = "old", .place = {3, 4}};

    (void)state;
    assert_int_equal(err_set(&err, ERR_INVALID, "weights sum to %d", 7), ERR_INVALID);
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.message, "weights sum to 7");
    assert_string_equal(err.source, "");
    assert_int_equal(err.place.line, 0);
}

static void test_nobody_asks(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_LIMIT, "x"), ERR_LIMIT);
    assert_int_equal(err_wrap(NULL, ERR_LIMIT, "x"), ERR_LIMIT);
    err_locate(NULL, "file", (struct place){1, 1});
}

static void test_wrap(void **state)
{
    struct err err = {0};
    enum err_code code = err_set(&err, ERR_TIMEOUT, "no answer");

    (void)state;
    err_locate(&err, "file", (struct place){1, 2});
    assert_int_equal(err_wrap(&err, code, "application '%s'", "shop"), ERR_TIMEOUT);
    assert_string_equal(err.message, "application 'shop': no answer");
    assert_string_equal(err.source, "file");
    assert_int_equal(err.place.column, 2);
}

/* Sixteen bytes of one to four each, so that some cut falls on each of them. */
static const char *const sample = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 bcdef";

static void test_cut(void **state)
{
    char text[2 * ERR_MESSAGE_BYTES_MAX] = {0};
    struct err err = {0};

    (void)state;
    for (size_t lead = 0; lead < 16; lead++) {
        size_t length;

        memset(text, 'x', lead);
        text[lead] = '\0';
        while (strlen(text) < ERR_MESSAGE_BYTES_MAX) {
            memcpy(text + strlen(text), sample, strlen(sample) + 1);
        }
        assert_int_equal(err_set(&err, ERR_IO, "%s", text), ERR_IO);
        length = strlen(err.message);
        assert_in_range(length, ERR_MESSAGE_BYTES_MAX - 4, ERR_MESSAGE_BYTES_MAX - 1);
        assert_memory_equal(err.message, text, length);
        /* What follows the cut starts a character. */
        assert_int_not_equal((unsigned char)text[length] & 0xc0, 0x80);
        assert_int_equal(err_wrap(&err, ERR_IO, "%s", text), ERR_IO);
        assert_string_equal(err_code_name(err.code), "io");
    }
}

static void test_long_source(void **state)
{
    char path[400];
    struct err err = {0};

    (void)state;
    memset(path, 'd', sizeof path);
    memcpy(path + sizeof path - 9, "/app.yml", 9);
    assert_int_equal(err_set(&err, ERR_IO, "x"), ERR_IO);
    err_locate(&err, path, (struct place){0, 0});
    assert_int_equal(strlen(err.source), ERR_SOURCE_BYTES_MAX - 1);
    assert_memory_equal(err.source, "...d", 4);
    assert_string_equal(err.source + strlen(err.source) - 8, "/app.yml");

    memset(path, 'd', 100);
    memset(path + 100, 0xa9, 100); /* as if the cut fell on continuation bytes */
    err_locate(&err, path, (struct place){0, 0});
    assert_memory_equal(err.source, "...d", 4);
}

static void test_code_names(void **state)
{
    (void)state;
    for (int code = ERR_OK; code <= ERR_IO; code++) {
        const char *name = err_code_name((enum err_code)code);

        assert_int_equal(err_code_from_name(name), code);
    }
    assert_int_equal(err_code_from_name("no such word"), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"an error says what and forgets where", test_set, NULL, NULL, NULL},
        {"nobody has to ask for the words", test_nobody_asks, NULL, NULL, NULL},
        {"context goes before the message and keeps the place", test_wrap, NULL, NULL,
         NULL},
        {"a message is cut between characters", test_cut, NULL, NULL, NULL},
        {"of a long source the end is kept", test_long_source, NULL, NULL, NULL},
        {"every code has a word of its own", test_code_names, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
