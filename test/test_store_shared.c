#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/store.h"
#include "test/support_linkstore.h"

/* What is shared: its provider has an id of its own, its component one of both names. */
#define SHOP                                                                             \
    "sharing\n"                                                                          \
    "provider http reg/http:1 1 -\n"                                                     \
    "component web reg/web:1 1 -"
/* Who uses it knows neither id. */
#define USER                                                                             \
    "shared server provider shop http shop-http\n"                                       \
    "shared page component shop web shop-web\n"                                          \
    "component api reg/api:1 1 -\n"                                                      \
    "link shop-http api default wasi http incoming-handler - -\n"                        \
    "link api shop-web default acme page show - -"

/* The references and links of user, and which of these wait for what, a line each. */
static const char *dump(struct linkstore_state *s)
{
    struct desired desired;
    struct text text;

    text_init(&text, &s->arena, 4096);
    if (store_desired(s->store, "user", &s->arena, &desired, &s->err) != ERR_OK) {
        fail_msg("%s", s->err.message);
    }
    for (size_t i = 0; i < desired.shared_count; i++) {
        const struct shared_row *row = &desired.shared[i];

        text_append(&text, "%s %s %s; ", row->component, row->id,
                    shared_state_name(row->state));
    }
    for (size_t i = 0; i < desired.links_count; i++) {
        const struct shared_row *missing = shared_missing(&desired.links[i]);

        text_append(&text, "%s->%s%s%s; ", desired.links[i].link.source_id,
                    desired.links[i].link.target, missing != NULL ? " waits for " : "",
                    missing != NULL ? missing->component : "");
    }
    return text.bytes;
}

static void deploy(struct linkstore_state *s, const char *application,
                   const char *version)
{
    const char *deployed;

    assert_int_equal(
        store_deploy(s->store, application, version, &s->arena, &deployed, &s->err),
        ERR_OK);
}

#define ABSENT                                                                           \
    "page shop-web absent; server shop-http absent; "                                    \
    "api->shop-web waits for page; shop-http->api waits for server; "
#define THERE                                                                            \
    "page web there; server http there; "                                                \
    "api->web; http->api; "

/* wadm 8.C.30: explicit ids are unusable there. */
static void test_ids_are_those_of_the_other(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "user", "v1", USER);
    assert_string_equal(dump(s), ABSENT);
    assert_int_equal(linkstore_put(s, "shop", "v1", SHOP), STORE_CREATED);
    assert_string_equal(dump(s), ABSENT);
    deploy(s, "shop", "v1");
    assert_string_equal(dump(s), THERE);
}

static void test_who_comes_later_finds_them(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "shop", "v1", SHOP);
    linkstore_put_and_deploy(s, "user", "v1", USER);
    assert_string_equal(dump(s), THERE);
}

/* wadm 8.C.30: what was put last is looked at there, deployed or not. */
static void test_what_is_deployed_counts(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "user", "v1", USER);
    linkstore_put_and_deploy(s, "shop", "v1", SHOP);
    assert_int_equal(linkstore_put(s, "shop", "v2", "component web reg/web:2 1 -"),
                     STORE_NEW);
    assert_string_equal(dump(s), THERE);
    deploy(s, "shop", "v2");
    assert_string_equal(dump(s), "page web closed; server http closed; "
                                 "api->web waits for page; http->api waits for server; ");
    assert_int_equal(
        linkstore_put(s, "shop", "v2", "sharing\ncomponent web reg/web:2 1 -"),
        STORE_REPLACED);
    assert_string_equal(dump(s), "page web there; server http unknown; "
                                 "api->web; http->api waits for server; ");
    /* A provider is no component. */
    assert_int_equal(linkstore_put(s, "shop", "v2",
                                   "sharing\ncomponent http reg/http:1 1 -\n"
                                   "component web reg/web:2 1 -"),
                     STORE_REPLACED);
    assert_string_equal(dump(s), "page web there; server http unknown; "
                                 "api->web; http->api waits for server; ");
}

/* The links of those that leave stay under their ids, for they may come back. */
static void test_what_leaves_is_waited_for(void **state)
{
    static const char gone[] = "page web absent; server http absent; "
                               "api->web waits for page; http->api waits for server; ";
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "user", "v1", USER);
    linkstore_put_and_deploy(s, "shop", "v1", SHOP);
    assert_int_equal(store_undeploy(s->store, "shop", &s->err), ERR_OK);
    assert_string_equal(dump(s), gone);
    deploy(s, "shop", "v1");
    assert_string_equal(dump(s), THERE);
    assert_int_equal(store_delete(s->store, "shop", "v1", &s->err), ERR_OK);
    assert_string_equal(dump(s), gone);
    linkstore_put_and_deploy(s, "shop", "v2", SHOP);
    assert_int_equal(store_delete(s->store, "shop", NULL, &s->err), ERR_OK);
    assert_string_equal(dump(s), gone);
}

static void test_undone_with_its_transaction(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "user", "v1", USER);
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "shop", "v1", SHOP);
    assert_string_equal(dump(s), THERE);
    store_rollback(s->store);
    assert_string_equal(dump(s), ABSENT);
}

/* Two references to one component are one link when they name one. */
static void test_one_component_twice(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "user", "v1",
                             "shared a component shop web mine\n"
                             "shared b component shop web shop-web\n"
                             "link api mine default acme page show - -\n"
                             "link api shop-web default acme page show - -");
    linkstore_put_and_deploy(s, "shop", "v1", SHOP);
    assert_string_equal(dump(s), "a web there; b web there; api->web; ");
}

/* Conflicts are found under the ids that the links really get. */
static void test_slot_of_the_other(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "user", "v1", USER);
    assert_int_equal(store_check(s->store, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "shop", "v1",
                             SHOP "\nlink http web default wasi http incoming-handler "
                                  "- -");
    assert_int_equal(store_check(s->store, &s->err), ERR_CONFLICT);
    assert_non_null(strstr(s->err.message, "a link of 'http' to 'web' and 'api'"));
}

static const char *list(const struct names *names, struct linkstore_state *s)
{
    struct text text;

    text_init(&text, &s->arena, 1024);
    names_print(names, &text);
    return text.bytes;
}

static const char *list_users(struct linkstore_state *s, const char *application)
{
    struct names names;

    assert_int_equal(store_users(s->store, application, &s->arena, &names, &s->err),
                     ERR_OK);
    return list(&names, s);
}

static const char *list_waiting(struct linkstore_state *s, const char *application)
{
    struct names names;

    assert_int_equal(store_waiting(s->store, application, &s->arena, &names, &s->err),
                     ERR_OK);
    return list(&names, s);
}

static const char *list_missing(struct linkstore_state *s, const char *version)
{
    struct names names;

    assert_int_equal(store_missing(s->store, "user", version, &s->arena, &names, &s->err),
                     ERR_OK);
    return list(&names, s);
}

static void test_users(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "user", "v1", USER);
    linkstore_put_and_deploy(s, "other", "v1", "shared x component shop web shop-web");
    assert_int_equal(linkstore_put(s, "idle", "v1", "shared x component shop web w"),
                     STORE_CREATED);
    assert_string_equal(list_users(s, "shop"), "[\"other\",\"user\"]");
    assert_string_equal(list_waiting(s, "shop"), "[\"other\",\"user\"]");
    assert_string_equal(list_users(s, "user"), "[]");
    linkstore_put_and_deploy(s, "shop", "v1", "sharing\ncomponent web reg/web:1 1 -");
    assert_string_equal(list_users(s, "shop"), "[\"other\",\"user\"]");
    assert_string_equal(list_waiting(s, "shop"), "[\"user\"]");
    assert_int_equal(linkstore_put(s, "user", "v1", "config c {}"), STORE_REPLACED);
    assert_string_equal(list_users(s, "shop"), "[\"other\"]");
}

static void test_missing(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    assert_int_equal(linkstore_put(s, "user", "v1", USER), STORE_CREATED);
    assert_int_equal(linkstore_put(s, "user", "v2", "config c {}"), STORE_NEW);
    assert_string_equal(list_missing(s, "v1"), "[\"server\",\"page\"]");
    assert_string_equal(list_missing(s, NULL), "[]");
    assert_string_equal(list_missing(s, "v3"), "[]");
    linkstore_put_and_deploy(s, "shop", "v1", "sharing\ncomponent web reg/web:1 1 -");
    assert_string_equal(list_missing(s, "v1"), "[\"server\"]");
}

static void test_reopened(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_file(s);
    linkstore_put_and_deploy(s, "shop", "v1", SHOP);
    linkstore_put_and_deploy(s, "user", "v1", USER);
    store_close(s->store);
    linkstore_open_file(s);
    assert_string_equal(dump(s), THERE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("what another application runs has the id that it gives it",
                       test_ids_are_those_of_the_other),
        LINKSTORE_TEST("who comes later finds what is deployed",
                       test_who_comes_later_finds_them),
        LINKSTORE_TEST("only what is deployed, shared and of the same type counts",
                       test_what_is_deployed_counts),
        LINKSTORE_TEST("what leaves is waited for, and its links stay",
                       test_what_leaves_is_waited_for),
        LINKSTORE_TEST("what was not committed is not found",
                       test_undone_with_its_transaction),
        LINKSTORE_TEST("one component under two names makes one link",
                       test_one_component_twice),
        LINKSTORE_TEST("a slot that the other one fills is a conflict",
                       test_slot_of_the_other),
        LINKSTORE_TEST("the deployed applications that use another are listed",
                       test_users),
        LINKSTORE_TEST("what a version misses is listed in its order", test_missing),
        LINKSTORE_TEST("all of it is kept", test_reopened),
    };

    return cmocka_run_group_tests_name("store_shared", tests, NULL, NULL);
}
