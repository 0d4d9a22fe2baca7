#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/store_versions.h"
#include "test/support_linkstore.h"

static const char shop[] = "config shop-port {\"port\":\"80\"}\n"
                           "link shop-web kv default wasi keyvalue atomics,store a,b c\n"
                           "link shop-web kv spare wasi keyvalue - - -\n"
                           "component shop-web reg/web:1 3 shop-port,out\n"
                           "daemon kv reg/kv:1 1 -";

static enum err_code deploy(struct linkstore_state *s, const char *application,
                            const char *version, const char **ret_version)
{
    return store_deploy(s->store, application, version, &s->arena, ret_version, &s->err);
}

static void test_round_trip(void **state)
{
    struct linkstore_state *s = *state;
    const struct desired desired = linkstore_desired("shop", "v1", shop, &s->arena);
    struct text text;

    text_init(&text, &s->arena, 4096);
    desired_print(&desired, &text);
    text_append(&text, "content {\"port\":\"80\"}\n");
    linkstore_open_file(s);
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    linkstore_assert_text(linkstore_dump_desired(s, "shop"), text.bytes);
    store_close(s->store);
    linkstore_open_file(s);
    linkstore_assert_text(linkstore_dump_desired(s, "shop"), text.bytes);
}

static void test_put_results(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    assert_int_equal(linkstore_put(s, "shop", "v1", shop), STORE_CREATED);
    assert_int_equal(linkstore_put(s, "shop", "v2", shop), STORE_NEW);
    assert_int_equal(linkstore_put(s, "shop", "v2", shop), STORE_UNCHANGED);
    assert_int_equal(linkstore_put(s, "shop", "v1", "config shop-a {}"), STORE_REPLACED);
    assert_int_equal(linkstore_put(s, "other", "v1", "config other-a {}"), STORE_CREATED);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "other v1 of 1, deployed - revision 0 from other.yaml\n"
                          "shop v1 of 2, deployed - revision 0 from shop.yaml\n");
}

static enum err_code put_from(struct linkstore_state *s, const char *version,
                              const char *source, enum store_put_result *ret_result)
{
    const struct desired desired = linkstore_desired("shop", version, shop, &s->arena);
    const struct store_version made = {
        .application = "shop",
        .version = version,
        .source = source,
        .text = shop,
        .length = strlen(shop),
        .desired = &desired,
    };

    return store_put(s->store, &made, ret_result, &s->err);
}

/* The file moved: its rows have other origins now, and its images other folders. */
static void test_put_from_elsewhere(void **state)
{
    struct linkstore_state *s = *state;
    enum store_put_result result = STORE_UNCHANGED;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    assert_int_equal(put_from(s, "v1", "elsewhere.yaml", &result), ERR_OK);
    assert_int_equal(result, STORE_REPLACED);
    assert_int_equal(put_from(s, "v2", "new.yaml", &result), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v2 of 2, deployed v1 revision 2 from elsewhere.yaml\n");
    assert_int_equal(store_undeploy(s->store, "shop", &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v2 of 2, deployed - revision 0 from new.yaml\n");
}

static void test_revision(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "shop", "v1", "config shop-a {}");
    linkstore_put_and_deploy(s, "shop", "v1", "config shop-b {}");
    linkstore_put_and_deploy(s, "shop", "v1", "config shop-b {}");
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v1 of 1, deployed v1 revision 2 from shop.yaml\n");
    linkstore_put_and_deploy(s, "shop", "v2", "config shop-c {}");
    assert_int_equal(store_delete(s->store, "shop", "v2", &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "shop", "v3", "config shop-d {}");
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v3 of 2, deployed v3 revision 4 from shop.yaml\n");
}

/* A deployed version whose content is replaced wants the new content at once. */
static void test_replace_deployed(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    (void)linkstore_put(s, "shop", "v1", "config shop-b {}\nredeliver never\nrebalance");
    linkstore_assert_text(linkstore_dump_desired(s, "shop"),
                          "application shop v1 rebalance redeliver never\n"
                          "config shop-b  # shop.yaml:1:1\n"
                          "content {}\n");
}

static void test_deploy_newest(void **state)
{
    struct linkstore_state *s = *state;
    const char *version = NULL;

    linkstore_open_memory(s);
    (void)linkstore_put(s, "shop", "v10", "config shop-a {}");
    (void)linkstore_put(s, "shop", "v9", "config shop-b {}");
    assert_int_equal(deploy(s, "shop", NULL, &version), ERR_OK);
    assert_string_equal(version, "v9");
    (void)linkstore_put(s, "shop", "v10", "config shop-c {}");
    assert_int_equal(deploy(s, "shop", NULL, &version), ERR_OK);
    assert_string_equal(version, "v10");
    assert_int_equal(store_delete(s->store, "shop", "v10", &s->err), ERR_OK);
    assert_int_equal(deploy(s, "shop", NULL, &version), ERR_OK);
    assert_string_equal(version, "v9");
}

static void test_deploy_older(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "shop", "v1", "config shop-a {}");
    linkstore_put_and_deploy(s, "shop", "v2", "config shop-b {}");
    linkstore_put_and_deploy(s, "shop", "v1", "config shop-a {}");
    linkstore_assert_text(linkstore_dump_desired(s, "shop"),
                          "application shop v1\n"
                          "config shop-a  # shop.yaml:1:1\n"
                          "content {}\n");
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v2 of 2, deployed v1 revision 1 from shop.yaml\n");
}

static void test_undeploy(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    assert_int_equal(store_undeploy(s->store, "shop", &s->err), ERR_OK);
    assert_int_equal(store_undeploy(s->store, "shop", &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v1 of 1, deployed - revision 0 from shop.yaml\n");
    linkstore_assert_text(linkstore_dump_desired(s, "shop"),
                          "application 'shop' is not deployed: deploy one of its "
                          "versions\n");
    linkstore_put_and_deploy(s, "shop", "v1", shop);
}

static void test_delete_version(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    (void)linkstore_put(s, "shop", "v2", shop);
    assert_int_equal(store_delete(s->store, "shop", "v2", &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v1 of 1, deployed v1 revision 1 from shop.yaml\n");
    (void)linkstore_put(s, "shop", "v3", shop);
    assert_int_equal(store_delete(s->store, "shop", "v1", &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v3 of 1, deployed - revision 0 from shop.yaml\n");
    assert_int_equal(store_delete(s->store, "shop", "v3", &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s), "");
    assert_int_equal(linkstore_put(s, "shop", "v1", shop), STORE_CREATED);
}

static void test_delete_all(void **state)
{
    struct linkstore_state *s = *state;
    bool has = true;

    linkstore_open_memory(s);
    (void)linkstore_put(s, "other", "v1", "config other-a {}");
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    (void)linkstore_put(s, "shop", "v2", shop);
    assert_int_equal(store_delete(s->store, "shop", NULL, &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "other v1 of 1, deployed - revision 0 from other.yaml\n");
    assert_int_equal(store_has(s->store, "shop", "v1", &has, &s->err), ERR_OK);
    assert_false(has);
}

static void test_ledger_outlives(void **state)
{
    static const char lines[] = "put sent shop config shop-a {}\n"
                                "put confirmed shop component shop-web h1 reg/web:1";
    struct linkstore_state *s = *state;
    size_t count = 0;
    const struct ledger_change *changes = linkstore_changes(lines, &s->arena, &count);
    const char *before;

    linkstore_open_memory(s);
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    assert_int_equal(store_write_ledger(s->store, changes, count, 0, &s->err), ERR_OK);
    before = linkstore_dump_ledger(s, 0);
    (void)linkstore_put(s, "shop", "v1", "config shop-b {}");
    assert_int_equal(store_undeploy(s->store, "shop", &s->err), ERR_OK);
    assert_int_equal(store_delete(s->store, "shop", NULL, &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_ledger(s, 0), before);
}

static void test_has(void **state)
{
    struct linkstore_state *s = *state;
    bool has = true;

    linkstore_open_memory(s);
    assert_int_equal(store_has(s->store, "shop", NULL, &has, &s->err), ERR_OK);
    assert_false(has);
    (void)linkstore_put(s, "shop", "v1", shop);
    assert_int_equal(store_has(s->store, "shop", NULL, &has, &s->err), ERR_OK);
    assert_true(has);
    assert_int_equal(store_has(s->store, "shop", "v1", &has, &s->err), ERR_OK);
    assert_true(has);
    assert_int_equal(store_has(s->store, "shop", "v2", &has, &s->err), ERR_OK);
    assert_false(has);
}

static void test_find(void **state)
{
    struct linkstore_state *s = *state;
    const struct desired desired = linkstore_desired("shop", "v1", shop, &s->arena);
    const struct store_version version = {
        .application = "shop",
        .version = "v1",
        .description = "a shop",
        .source = "shop.yaml",
        .text = "abc",
        .length = 3,
        .desired = &desired,
    };
    struct store_application found = {0};
    enum store_put_result result;

    linkstore_open_memory(s);
    assert_int_equal(store_put(s->store, &version, &result, &s->err), ERR_OK);
    assert_int_equal(store_find(s->store, "shop", &s->arena, &found, &s->err), ERR_OK);
    assert_string_equal(found.name, "shop");
    assert_string_equal(found.description, "a shop");
    assert_string_equal(
        found.digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_null(found.deployed);
    assert_int_equal(store_find(s->store, "sho", &s->arena, &found, &s->err),
                     ERR_NOTFOUND);
    assert_string_equal(found.name, "shop");
}

/* In the order they were put, whatever their names. */
static void test_versions(void **state)
{
    struct linkstore_state *s = *state;
    struct store_known_versions known = {.count = 9};
    struct store_text text = {.version = "untouched"};

    linkstore_open_memory(s);
    assert_int_equal(store_versions(s->store, "shop", &s->arena, &known, &s->err),
                     ERR_NOTFOUND);
    assert_int_equal(known.count, 9);
    (void)linkstore_put(s, "shop", "v2", "config shop-a {}");
    linkstore_put_and_deploy(s, "shop", "v1", "config shop-b {}");
    (void)linkstore_put(s, "shop", "v10", "config shop-c {}");
    (void)linkstore_put(s, "other", "v3", "config other-a {}");
    assert_int_equal(store_versions(s->store, "shop", &s->arena, &known, &s->err),
                     ERR_OK);
    assert_int_equal(known.count, 3);
    assert_string_equal(known.items[0].version, "v2");
    assert_string_equal(known.items[1].version, "v1");
    assert_string_equal(known.items[2].version, "v10");
    assert_false(known.items[0].is_deployed);
    assert_true(known.items[1].is_deployed);
    assert_false(known.items[2].is_deployed);
    assert_int_equal(store_find_text(s->store, "shop", "v9", &s->arena, &text, &s->err),
                     ERR_NOTFOUND);
    assert_string_equal(text.version, "untouched");
    assert_int_equal(store_find_text(s->store, "shop", "v1", &s->arena, &text, &s->err),
                     ERR_OK);
    assert_string_equal(text.text, "config shop-b {}");
    assert_true(text.is_deployed);
    assert_int_equal(store_find_text(s->store, "shop", NULL, &s->arena, &text, &s->err),
                     ERR_OK);
    assert_string_equal(text.version, "v10");
}

static void test_notfound(void **state)
{
    struct linkstore_state *s = *state;
    const char *version = "untouched";
    struct desired desired = {.application = "untouched"};

    linkstore_open_memory(s);
    assert_int_equal(deploy(s, "shop", NULL, &version), ERR_NOTFOUND);
    assert_string_equal(s->err.message, "no application 'shop': list what there is");
    (void)linkstore_put(s, "shop", "v1", shop);
    assert_int_equal(deploy(s, "shop", "v2", &version), ERR_NOTFOUND);
    assert_string_equal(s->err.message,
                        "application 'shop' has no version 'v2': list its versions");
    assert_string_equal(version, "untouched");
    assert_int_equal(store_undeploy(s->store, "other", &s->err), ERR_NOTFOUND);
    assert_int_equal(store_delete(s->store, "other", NULL, &s->err), ERR_NOTFOUND);
    assert_int_equal(store_delete(s->store, "shop", "v2", &s->err), ERR_NOTFOUND);
    assert_int_equal(store_desired(s->store, "other", &s->arena, &desired, &s->err),
                     ERR_NOTFOUND);
    assert_int_equal(store_desired(s->store, "shop", &s->arena, &desired, &s->err),
                     ERR_NOTFOUND);
    assert_string_equal(desired.application, "untouched");
}

static int64_t paused_since(struct linkstore_state *s)
{
    struct store_application found = {0};
    struct store_applications all;

    assert_int_equal(store_find(s->store, "shop", &s->arena, &found, &s->err), ERR_OK);
    assert_int_equal(store_list(s->store, &s->arena, &all, &s->err), ERR_OK);
    assert_int_equal(all.items[0].paused_unix_ms, found.paused_unix_ms);
    return found.paused_unix_ms;
}

static void test_pause(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    assert_int_equal(store_pause(s->store, "shop", 5, &s->err), ERR_NOTFOUND);
    (void)linkstore_put(s, "shop", "v1", shop);
    assert_int_equal(paused_since(s), 0);
    assert_int_equal(store_pause(s->store, "shop", 5, &s->err), ERR_OK);
    assert_int_equal(store_pause(s->store, "shop", 9, &s->err), ERR_OK);
    assert_int_equal(paused_since(s), 5);
    linkstore_put_and_deploy(s, "shop", "v2", shop);
    assert_int_equal(paused_since(s), 5);
    assert_int_equal(store_pause(s->store, "shop", 0, &s->err), ERR_OK);
    assert_int_equal(store_pause(s->store, "shop", 0, &s->err), ERR_OK);
    assert_int_equal(paused_since(s), 0);
}

static void test_transaction(void **state)
{
    struct linkstore_state *s = *state;
    const char *version = NULL;

    linkstore_open_memory(s);
    store_rollback(s->store);
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    store_rollback(s->store);
    linkstore_assert_text(linkstore_dump_applications(s), "");

    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    linkstore_put_and_deploy(s, "shop", "v1", shop);
    assert_int_equal(deploy(s, "shop", "v7", &version), ERR_NOTFOUND);
    (void)linkstore_put(s, "other", "v1", "config other-a {}");
    assert_int_equal(store_commit(s->store, &s->err), ERR_OK);
    store_rollback(s->store);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "other v1 of 1, deployed - revision 0 from other.yaml\n"
                          "shop v1 of 1, deployed v1 revision 1 from shop.yaml\n");
}

/* Rows that break a constraint are refused with all that came with them. */
static void test_half_a_put(void **state)
{
    struct linkstore_state *s = *state;
    const struct desired desired = linkstore_desired(
        "shop", "v1", "config shop-a {}\nconfig shop-b {}\nconfig shop-b {}", &s->arena);
    const struct store_version version = {
        .application = "shop",
        .version = "v1",
        .source = "shop.yaml",
        .text = "",
        .desired = &desired,
    };
    enum store_put_result result = STORE_UNCHANGED;

    linkstore_open_memory(s);
    assert_int_equal(store_begin(s->store, &s->err), ERR_OK);
    (void)linkstore_put(s, "other", "v1", "config other-a {}");
    assert_int_equal(store_put(s->store, &version, &result, &s->err), ERR_IO);
    assert_int_equal(result, STORE_UNCHANGED);
    assert_int_equal(store_commit(s->store, &s->err), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "other v1 of 1, deployed - revision 0 from other.yaml\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("what is put and deployed is wanted, field by field",
                       test_round_trip),
        LINKSTORE_TEST("a put says what it came to", test_put_results),
        LINKSTORE_TEST("the same text from another file replaces",
                       test_put_from_elsewhere),
        LINKSTORE_TEST("revisions grow with every change and never come back",
                       test_revision),
        LINKSTORE_TEST("replacing the deployed version changes what is wanted",
                       test_replace_deployed),
        LINKSTORE_TEST("the newest version is the last that was put", test_deploy_newest),
        LINKSTORE_TEST("an older version can be deployed again", test_deploy_older),
        LINKSTORE_TEST("undeploying keeps the versions", test_undeploy),
        LINKSTORE_TEST("an application goes with its last version", test_delete_version),
        LINKSTORE_TEST("all versions can be deleted at once", test_delete_all),
        LINKSTORE_TEST("the ledger outlives its application", test_ledger_outlives),
        LINKSTORE_TEST("a version is there, or any, or none", test_has),
        LINKSTORE_TEST("an application is found by its whole name", test_find),
        LINKSTORE_TEST("versions are told in the order they were put", test_versions),
        LINKSTORE_TEST("what is not there is said, and nothing else changes",
                       test_notfound),
        LINKSTORE_TEST("a pause is kept, with its first moment, through new versions",
                       test_pause),
        LINKSTORE_TEST("a transaction is all or nothing", test_transaction),
        LINKSTORE_TEST("a put that is refused takes no other with it", test_half_a_put),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
