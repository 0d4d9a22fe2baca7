#include "reconciler/run/fetch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "reconciler/run/files.h"
#include "test/support_manifest.h"
#include "test/support_web.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define TIMEOUT_MS      ((int64_t)20 * 1000)
#define MANY            65536

static char block[MANY + 1]; /* filled once, by main */

static const struct web_page pages[] = {
    {"GET /a.yaml ", "200 OK", "kind: Application\n", 1, 0},
    {"GET /a.yaml?token=secret ", "200 OK", "with a query\n", 1, 0},
    {"GET /empty ", "200 OK", "", 0, 0},
    {"GET /moved ", "301 Moved Permanently\r\nLocation: /a.yaml", "no", 1, 0},
    {"GET /twice ", "302 Found\r\nLocation: /moved", "", 0, 0},
    {"GET /loop ", "302 Found\r\nLocation: /loop", "", 0, 0},
    {"GET /ftp ", "302 Found\r\nLocation: ftp://127.0.0.1/a.yaml", "", 0, 0},
    {"GET /local ", "302 Found\r\nLocation: file:///etc/hostname", "", 0, 0},
    {"GET /nowhere ", "302 Found", "", 0, 0},
    {"GET /gone ", "410 Gone", "", 0, 0},
    {"GET /private ", "401 Unauthorized", "who?", 1, 0},
    {"GET /forbidden ", "403 Forbidden", "no", 1, 0},
    {"GET /odd ", "418 I'm a teapot", "", 0, 0},
    {"GET /busy ", "503 Service Unavailable", "", 0, 0},
    {"GET /slow ", "200 OK", "late", 1, 60000},
    {"GET /short ", "200 OK\r\nContent-Length: 10", "12345", 1, 0},
    {"GET /limit ", "200 OK", block, MANIFEST_BYTES_MAX / MANY, 0},
    {"GET /large ", "200 OK", block, MANIFEST_BYTES_MAX / MANY + 1, 0},
    {"GET /announced ", "200 OK\r\nContent-Length: 67108865", "", 0, 0},
};

/* The server, and what came of asking it. */
struct state {
    struct web *web;
    struct arena arena;
    struct api_manifest manifest;
    struct err err;
};

static int set_up(void **ret_state)
{
    struct state *state = calloc(1, sizeof *state);

    assert_non_null(state);
    state->web = web_start(pages, COUNT_OF(pages));
    *ret_state = state;
    return 0;
}

static int tear_down(void **ret_state)
{
    struct state *state = *ret_state;

    web_stop(state->web);
    arena_free(&state->arena);
    free(state);
    return 0;
}

#define WEB_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static const char *url(struct state *state, const char *rest)
{
    return arena_print(&state->arena, "http://127.0.0.1:%u%s", web_port(state->web),
                       rest);
}

static enum err_code fetch(struct state *state, const char *rest)
{
    return fetch_url(url(state, rest), TIMEOUT_MS, &state->arena, &state->manifest,
                     &state->err);
}

static void a_page_is_read_with_its_url_as_the_source(void **ret_state)
{
    struct state *state = *ret_state;

    assert_int_equal(fetch(state, "/a.yaml"), ERR_OK);
    assert_string_equal(state->manifest.text, "kind: Application\n");
    assert_int_equal(state->manifest.length, strlen("kind: Application\n"));
    assert_string_equal(state->manifest.source, url(state, "/a.yaml"));
    assert_int_equal(fetch(state, "/empty"), ERR_OK);
    assert_int_equal(state->manifest.length, 0);
}

static bool has_libcurl(struct state *state)
{
    struct api_manifest maps = {.text = ""};

    assert_int_equal(files_read_one("/proc/self/maps", &state->arena, &maps, &state->err),
                     ERR_OK);
    return strstr(maps.text, "libcurl") != NULL;
}

/* Must be the first test: what is loaded stays. */
static void libcurl_is_loaded_when_the_first_url_is_fetched(void **ret_state)
{
    struct state *state = *ret_state;

    assert_false(has_libcurl(state));
    assert_int_equal(fetch(state, "/a.yaml"), ERR_OK);
    assert_true(has_libcurl(state));
}

static void what_may_be_secret_is_not_in_the_source(void **ret_state)
{
    struct state *state = *ret_state;
    const char *secret = arena_print(
        &state->arena, "http://kim:p%%40ss@127.0.0.1:%u/a.yaml?token=secret#x",
        web_port(state->web));

    assert_int_equal(
        fetch_url(secret, TIMEOUT_MS, &state->arena, &state->manifest, &state->err),
        ERR_OK);
    assert_string_equal(state->manifest.text, "with a query\n");
    assert_string_equal(state->manifest.source, url(state, "/a.yaml"));
    assert_int_equal(fetch(state, "/none?token=secret"), ERR_NOTFOUND);
    assert_null(strstr(state->err.message, "secret"));
}

static void a_few_redirects_are_followed(void **ret_state)
{
    struct state *state = *ret_state;

    assert_int_equal(fetch(state, "/moved"), ERR_OK);
    assert_string_equal(state->manifest.text, "kind: Application\n");
    assert_string_equal(state->manifest.source, url(state, "/moved"));
    assert_int_equal(fetch(state, "/twice"), ERR_OK);
    assert_string_equal(state->manifest.text, "kind: Application\n");
}

static void what_is_no_manifest_is_refused_with_the_reason(void **ret_state)
{
    static const struct {
        const char *rest;
        enum err_code code;
        const char *message; /* a part of it */
    } cases[] = {
        {"/loop", ERR_IO, "/loop: Maximum (5) redirects followed"},
        {"/ftp", ERR_IO, "/ftp: Protocol \"ftp\" not supported"},
        {"/local", ERR_IO, "/local: Protocol \"file\" not supported"},
        {"/nowhere", ERR_IO, "/nowhere: the server answers with status 302"},
        {"/none", ERR_NOTFOUND, "/none: the server has no such page (404)"},
        {"/gone", ERR_NOTFOUND, "/gone: the server has no such page (410)"},
        {"/private", ERR_IO, "/private: the server wants to know who asks (401)"},
        {"/forbidden", ERR_IO, "/forbidden: the server wants to know who asks (403)"},
        {"/odd", ERR_IO, "/odd: the server answers with status 418, expected 200"},
        {"/busy", ERR_UNREACHABLE, "/busy: the server answers with status 503"},
        {"/short", ERR_UNREACHABLE, "/short: transfer closed with 5 bytes remaining"},
        {"/large", ERR_LIMIT, "/large: larger than 64 MB"},
        {"/announced", ERR_LIMIT, "/announced: larger than 64 MB"},
    };
    struct state *state = *ret_state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        state->manifest = (struct api_manifest){.length = 7};
        if (fetch(state, cases[i].rest) != cases[i].code ||
            strstr(state->err.message, cases[i].message) == NULL) {
            fail_msg("%s: %d %s", cases[i].rest, (int)state->err.code,
                     state->err.message);
        }
        assert_int_equal(state->manifest.length, 7);
    }
}

static void a_page_of_just_the_limit_is_read(void **ret_state)
{
    struct state *state = *ret_state;

    assert_int_equal(fetch(state, "/limit"), ERR_OK);
    assert_int_equal(state->manifest.length, MANIFEST_BYTES_MAX);
}

static void a_slow_server_is_not_waited_for(void **ret_state)
{
    struct state *state = *ret_state;

    assert_int_equal(
        fetch_url(url(state, "/slow"), 100, &state->arena, &state->manifest, &state->err),
        ERR_UNREACHABLE);
    assert_non_null(strstr(state->err.message, "/slow: Operation timed out after"));
    assert_int_equal(
        fetch_url(url(state, "/slow"), 0, &state->arena, &state->manifest, &state->err),
        ERR_UNREACHABLE);
}

static void no_server_is_unreachable(void **ret_state)
{
    struct state *state = *ret_state;
    const char *gone = url(state, "/a.yaml");

    web_stop(state->web);
    state->web = NULL;
    assert_int_equal(
        fetch_url(gone, TIMEOUT_MS, &state->arena, &state->manifest, &state->err),
        ERR_UNREACHABLE);
    assert_non_null(
        strstr(state->err.message, "/a.yaml: Failed to connect to 127.0.0.1"));
}

static void a_server_that_cannot_be_trusted_is_unreachable(void **ret_state)
{
    struct state *state = *ret_state;
    const char *https =
        arena_print(&state->arena, "https://127.0.0.1:%u/a.yaml", web_port(state->web));

    assert_int_equal(
        fetch_url(https, TIMEOUT_MS, &state->arena, &state->manifest, &state->err),
        ERR_UNREACHABLE);
}

static void urls_that_cannot_be_are_wrong_usage(void **ret_state)
{
    static const char *const urls[] = {"ftp://host/a.yaml", "file:///etc/hostname",
                                       "http://", "http://host:port/a.yaml",
                                       "httpx://host/a.yaml"};
    struct state *state = *ret_state;

    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        if (fetch_url(urls[i], TIMEOUT_MS, &state->arena, &state->manifest,
                      &state->err) != ERR_USAGE) {
            fail_msg("%s: %d %s", urls[i], (int)state->err.code, state->err.message);
        }
    }
}

static void urls_are_told_from_paths(void **ret_state)
{
    static const struct {
        const char *name;
        bool is_url;
    } cases[] = {
        {"http://h/a", true}, {"HTTPS://h", true},   {"ftp://h", true},
        {"a.yaml", false},    {"./http://h", false}, {"/a/b://c", false},
        {"://h", false},      {"-", false},          {"", false},
        {"http:/h/a", false}, {"git+ssh://h", true},
    };

    (void)ret_state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(fetch_is_url(cases[i].name), cases[i].is_url);
    }
}

static void urls_stand_where_files_do(void **ret_state)
{
    struct state *state = *ret_state;
    const char *const words[] = {url(state, "/a.yaml"), "fixtures/findings/valid.yaml",
                                 url(state, "/moved")};
    const struct options options = {.operands = {words, COUNT_OF(words)},
                                    .timeout_ms = TIMEOUT_MS};
    struct api_manifests manifests = {0};

    assert_int_equal(
        files_read_as_given(&options, &state->arena, &manifests, &state->err), ERR_OK);
    assert_int_equal(manifests.count, 3);
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        assert_string_equal(manifests.items[i].source, words[i]);
    }
    assert_int_equal(files_read(&options, &state->arena, &manifests, &state->err),
                     ERR_OK);
    assert_string_equal(manifests.items[0].source, words[0]);
    assert_int_equal(manifests.items[1].source[0], '/');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WEB_TEST(libcurl_is_loaded_when_the_first_url_is_fetched),
        WEB_TEST(a_page_is_read_with_its_url_as_the_source),
        WEB_TEST(what_may_be_secret_is_not_in_the_source),
        WEB_TEST(a_few_redirects_are_followed),
        WEB_TEST(what_is_no_manifest_is_refused_with_the_reason),
        WEB_TEST(a_page_of_just_the_limit_is_read),
        WEB_TEST(a_slow_server_is_not_waited_for),
        WEB_TEST(no_server_is_unreachable),
        WEB_TEST(a_server_that_cannot_be_trusted_is_unreachable),
        WEB_TEST(urls_that_cannot_be_are_wrong_usage),
        WEB_TEST(urls_are_told_from_paths),
        WEB_TEST(urls_stand_where_files_do),
    };

    memset(block, '#', MANY);
    /* A proxy of the machine's would answer in the server's place. */
    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    if (setenv("no_proxy", "*", 1) != 0) {
        return 1;
    }
    return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
