#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/store.h"
#include "test/support_linkstore.h"

/* Two applications, a and b, deployed with these rows. */
struct check_case {
    const char *name;
    const char *a;
    const char *b;
    const char *expected; /* the message; NULL: no conflict */
};

static const struct check_case check_cases[] = {
    {.name = "nothing in common", "config a-x {}", "config b-x {}", .expected = NULL},
    {.name = "one config with one content", "config x {}", "config x {}", NULL},
    {.name = "one config with two contents",
     "config w {}\nconfig x {1}",
     "config x {2}",
     "applications 'a' (a.yaml:2) and 'b' (b.yaml:1) claim config 'x' with different "
     "content: rename it in one of them"},
    {.name = "one workload, equal in all",
     "component web reg/web:1 3 c,d",
     "component web reg/web:1 3 c,d",
     NULL},
    {.name = "one id, two images",
     "component web reg/web:1 3 -",
     "component web reg/web:2 3 -",
     "applications 'a' (a.yaml:1) and 'b' (b.yaml:1) claim id 'web' with different "
     "content: rename it in one of them"},
    {.name = "one id, two counts",
     "component web reg/web:1 3 -",
     "component web reg/web:1 4 -",
     "applications 'a' (a.yaml:1) and 'b' (b.yaml:1) claim id 'web' with different "
     "content: rename it in one of them"},
    {.name = "one id, in all and on each host",
     "provider web reg/web:1 3 -",
     "daemon web reg/web:1 3 -",
     "applications 'a' (a.yaml:1) and 'b' (b.yaml:1) claim id 'web' with different "
     "content: rename it in one of them"},
    {.name = "one id, a component and a provider",
     "component web reg/web:1 3 -",
     "provider web reg/web:1 3 -",
     "applications 'a' (a.yaml:1) and 'b' (b.yaml:1) claim id 'web' with different "
     "content: rename it in one of them"},
    {.name = "one id, configs in another order",
     "component web reg/web:1 3 c,d",
     "component web reg/web:1 3 d,c",
     "applications 'a' (a.yaml:1) and 'b' (b.yaml:1) claim id 'web' with different "
     "content: rename it in one of them"},
    {.name = "one link, equal in all",
     "link s t n wasi http i,k x y",
     "link s t n wasi http i,k x y",
     NULL},
    {.name = "one link key, two interfaces",
     "link s t n wasi http i - -",
     "link s t n wasi http k - -",
     "applications 'a' (a.yaml:1) and 'b' (b.yaml:1) claim a link of 's' to 't' "
     "(wasi:http, name 'n') with different content: rename it in one of them"},
    {.name = "one link key, two configs",
     "link s t n wasi http i x -",
     "link s t n wasi http i - -",
     "applications 'a' (a.yaml:1) and 'b' (b.yaml:1) claim a link of 's' to 't' "
     "(wasi:http, name 'n') with different content: rename it in one of them"},
    {.name = "one slot, two targets, one interface",
     "link s s n wasi http i - -\nlink s t n wasi http k,m - -",
     "link s u n wasi http l,m - -",
     "applications 'a' (a.yaml:2) and 'b' (b.yaml:1) claim a link of 's' to 't' and 'u' "
     "(wasi:http, name 'n') with different content: rename it in one of them"},
    {.name = "one slot, two targets, interfaces apart",
     "link s t n wasi http i - -",
     "link s u n wasi http k - -",
     NULL},
    {.name = "two slots",
     "link s t n wasi http i - -",
     "link s u m wasi http i - -",
     NULL},
};

static void check_case(struct linkstore_state *s, const struct check_case *t)
{
    const enum err_code code = store_check(s->store, &s->err);

    if (t->expected == NULL) {
        assert_int_equal(code, ERR_OK);
    } else {
        assert_int_equal(code, ERR_CONFLICT);
        assert_string_equal(s->err.message, t->expected);
        assert_string_equal(s->err.source, "a.yaml");
        assert_int_not_equal(s->err.place.line, 0);
    }
}

static void test_pairs(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(check_cases); i++) {
        const struct check_case *t = &check_cases[i];

        print_message("# %s\n", t->name);
        linkstore_open_memory(s);
        linkstore_put_and_deploy(s, "a", "v1", t->a);
        linkstore_put_and_deploy(s, "b", "v1", t->b);
        check_case(s, t);
        check_case(s, t);
        store_close(s->store);
        s->store = NULL;
    }
}

/* What was found good before is still held against what is deployed after. */
static void test_later(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(check_cases); i++) {
        const struct check_case *t = &check_cases[i];

        print_message("# %s\n", t->name);
        linkstore_open_memory(s);
        linkstore_put_and_deploy(s, "b", "v1", t->b);
        assert_int_equal(store_check(s->store, &s->err), ERR_OK);
        linkstore_put_and_deploy(s, "a", "v1", t->a);
        check_case(s, t);
        store_close(s->store);
        s->store = NULL;
    }
}

static void test_not_deployed(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "config x {1}");
    (void)linkstore_put(s, "b", "v1", "config x {2}");
    linkstore_put_and_deploy(s, "b", "v2", "config y {}");
    assert_int_equal(store_check(s->store, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "b", "v1", "config x {2}");
    assert_int_equal(store_check(s->store, &s->err), ERR_CONFLICT);
    assert_int_equal(store_undeploy(s->store, "a", &s->err), ERR_OK);
    assert_int_equal(store_check(s->store, &s->err), ERR_OK);
}

static void test_move(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "config x {1}\nconfig y {}");
    assert_int_equal(store_check(s->store, &s->err), ERR_OK);
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "b", "v1", "config x {2}");
    linkstore_put_and_deploy(s, "a", "v2", "config y {}");
    assert_int_equal(store_check(s->store, &s->err), ERR_OK);
    assert_int_equal(store_commit(s->store, &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "a v2 of 2, deployed v2 revision 2 from a.yaml\n"
                          "b v1 of 1, deployed v1 revision 1 from b.yaml\n");
}

/* A change under the version that is deployed is a change of what is claimed. */
static void test_replaced_while_deployed(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "config x {1}");
    linkstore_put_and_deploy(s, "b", "v1", "config x {1}");
    assert_int_equal(store_check(s->store, &s->err), ERR_OK);
    (void)linkstore_put(s, "b", "v1", "config x {2}");
    assert_int_equal(store_check(s->store, &s->err), ERR_CONFLICT);
}

static void test_rolled_back(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "config x {1}");
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "b", "v1", "config x {2}");
    assert_int_equal(store_check(s->store, &s->err), ERR_CONFLICT);
    store_rollback(s->store);
    assert_int_equal(store_check(s->store, &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "a v1 of 1, deployed v1 revision 1 from a.yaml\n");
}

static void test_long_sources(void **state)
{
    struct linkstore_state *s = *state;
    struct desired desired = linkstore_desired("b", "v1", "config x {2}", &s->arena);
    char source[300];
    const struct store_version version = {
        .application = "b",
        .version = "v1",
        .source = source,
        .text = "",
        .desired = &desired,
    };
    enum store_put_result result;
    const char *deployed;

    memset(source, 'd', sizeof source);
    memcpy(source + sizeof source - 8, "/b.yaml", 8);
    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "a", "v1", "config x {1}");
    assert_int_equal(store_put(s->store, &version, &result, &s->err), ERR_OK);
    assert_int_equal(store_deploy(s->store, "b", "v1", &s->arena, &deployed, &s->err),
                     ERR_OK);
    assert_int_equal(store_check(s->store, &s->err), ERR_CONFLICT);
    assert_non_null(strstr(s->err.message, "and 'b' (...ddd"));
    assert_non_null(strstr(s->err.message, "dd/b.yaml:1) claim config 'x' with"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("two applications claim one thing", test_pairs),
        LINKSTORE_TEST("an application deployed later is held against the others",
                       test_later),
        LINKSTORE_TEST("what is not deployed claims nothing", test_not_deployed),
        LINKSTORE_TEST("a resource moves between two applications in one transaction",
                       test_move),
        LINKSTORE_TEST("a deployed version that is replaced is checked again",
                       test_replaced_while_deployed),
        LINKSTORE_TEST("a conflict rolled back is no conflict", test_rolled_back),
        LINKSTORE_TEST("of a long path the end is shown", test_long_sources),
    };

    return cmocka_run_group_tests_name("store_check", tests, NULL, NULL);
}
