#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "reconciler/run/address.h"

struct address_case {
    const char *url;
    const char *shown; /* NULL: no address */
    bool is_secure;
};

static const struct address_case address_cases[] = {
    {"nats://127.0.0.1:4222", "nats://127.0.0.1:4222", false},
    {"127.0.0.1:4222", "127.0.0.1:4222", false},
    {"localhost", "localhost", false},
    {"tls://nats.example.org:4222", "tls://nats.example.org:4222", true},
    {"nats://[::1]:4222", "nats://[::1]:4222", false},
    {"nats://[::1]", "nats://[::1]", false},
    {"user:secret@127.0.0.1:4222", "127.0.0.1:4222", false},
    {"nats://user:se@cr@et@h:1", "nats://h:1", false},
    {"nats://secret@h", "nats://h", false},
    {"nats://u:secret@a:1,tls://v:secret@b:2,secret@c", "nats://a:1,tls://b:2,c", true},

    {"", NULL, false},
    {"nats://", NULL, false},
    {"http://h:4222", NULL, false},
    {"nats://h:port", NULL, false},
    {"nats://h:", NULL, false},
    {"nats://:4222", NULL, false},
    {"nats://h:65536", NULL, false},
    {"nats://h:99999999999999999999", NULL, false},
    {"nats://u:secret@h:x", NULL, false},
    {"nats://h/path", NULL, false},
    {"nats://h o", NULL, false},
    {"a,", NULL, false},
    {"a,,b", NULL, false},
    {"nats://a,ftp://u:secret@b", NULL, false},
};

static void check(const struct address_case *t)
{
    struct arena arena = {0};
    struct address address = {0};
    struct err err = {0};
    const enum err_code code = address_read(t->url, &arena, &address, &err);

    print_message("  '%s'\n", t->url);
    if (t->shown != NULL) {
        assert_int_equal(code, ERR_OK);
        assert_string_equal(address.shown, t->shown);
        assert_int_equal(address.is_secure, t->is_secure);
    } else {
        assert_int_equal(code, ERR_USAGE);
        assert_null(strstr(err.message, "secret"));
        assert_non_null(strstr(err.message, "no address of a NATS server"));
    }
    arena_free(&arena);
}

static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof address_cases / sizeof *address_cases; i++) {
        check(&address_cases[i]);
    }
}

static void test_long(void **state)
{
    char url[5000];
    struct arena arena = {0};
    struct address address;
    struct err err;

    (void)state;
    memset(url, 'h', sizeof url - 1);
    url[sizeof url - 1] = '\0';
    assert_int_equal(address_read(url, &arena, &address, &err), ERR_OK);
    assert_in_range(strlen(address.shown), 1, 300);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"an address is read, and shown without its secrets", test_read, 0, 0, 0},
        {"a very long address is cut where it is shown", test_long, 0, 0, 0},
    };

    (void)alarm(60);
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
