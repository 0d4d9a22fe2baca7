/*
 * What becomes of an apply or a removal on a lattice without hosts, over a real NATS
 * server.
 */
#include "reconciler/run/outcome.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/log.h"
#include "reconciler/run/removal.h"
#include "test/support_linkstore.h"
#include "test/support_nats.h"

#define PATIENCE_MS ((int64_t)40000)
#define SOON_MS     ((int64_t)200)

static const char shop[] = "config shop-port {\"port\":\"80\"}\n"
                           "link web api default wasi http incoming-handler shop-port -\n"
                           "component api reg/api:1 2 -\n"
                           "provider web reg/web:1 1 -";
/* What it has put into the lattice so far. */
static const char remains[] = "put confirmed shop config shop-port {\"port\":\"80\"}\n"
                              "put confirmed shop link web api default wasi http "
                              "incoming-handler shop-port -";
static const char *const shop_name = "shop";

/* A process that may write to the lattice, and sees that it has no hosts. */
struct bench {
    struct linkstore_state *s;
    struct server *server;
    struct reconciler *reconciler;
};

/* Both may be NULL: rows that are wanted, and rows of the ledger. */
static void set_up(struct bench *bench, struct linkstore_state *s, const char *wanted,
                   const char *ledger)
{
    const struct server_options with_jetstream = {.has_jetstream = true};
    struct options options = {.lattice = "default", .store = s->path};
    size_t count = 0;

    log_open(LOG_LEVEL_ERROR, LOG_FORM_AUTO);
    *bench = (struct bench){.s = s, .server = server_start(&with_jetstream)};
    options.connection.url = server_url(bench->server);
    linkstore_open_file(s);
    if (wanted != NULL) {
        linkstore_put_and_deploy(s, shop_name, "v1", wanted);
    }
    if (ledger != NULL) {
        const struct ledger_change *changes =
            linkstore_changes(ledger, &s->arena, &count);

        assert_int_equal(
            store_write_ledger(s->store, changes, count, clock_unix_ms(), &s->err),
            ERR_OK);
    }
    store_close(s->store);
    s->store = NULL;
    assert_int_equal(
        reconciler_open(&options, RECONCILER_ONE_SHOT, &bench->reconciler, &s->err),
        ERR_OK);
    assert_int_equal(reconciler_admit(bench->reconciler, PATIENCE_MS, &s->err), ERR_OK);
    assert_int_equal(reconciler_see(bench->reconciler, PATIENCE_MS, &s->err), ERR_OK);
}

/* What is left in the store then, as text. */
static const char *tear_down(struct bench *bench)
{
    const char *left;

    reconciler_close(bench->reconciler);
    server_stop(bench->server);
    linkstore_open_file(bench->s);
    left = arena_print(&bench->s->arena, "%s%s", linkstore_dump_applications(bench->s),
                       linkstore_dump_ledger(bench->s, 0));
    return left;
}

static enum err_code await(struct bench *bench, bool is_removal, bool is_patient)
{
    const struct outcome outcome = {&shop_name, 1, is_removal};

    return outcome_await(bench->reconciler, &outcome, is_patient,
                         is_patient ? SOON_MS : PATIENCE_MS, &bench->s->err);
}

static enum err_code remove_shop(struct bench *bench, const char **ret_waits)
{
    struct api_removal removal = {.waits = *ret_waits};
    const enum err_code code = remove_application(
        bench->reconciler, shop_name, &bench->s->arena, &removal, &bench->s->err);

    *ret_waits = removal.waits;
    return code;
}

static void test_waiting(void **state)
{
    struct bench bench;

    set_up(&bench, *state, shop, NULL);
    assert_int_equal(await(&bench, false, false), ERR_OK);
    linkstore_assert_text(tear_down(&bench),
                          "shop v1 of 1, deployed v1 revision 1 from shop.yaml\n");
}

static void test_late(void **state)
{
    struct bench bench;

    set_up(&bench, *state, shop, NULL);
    assert_int_equal(await(&bench, false, true), ERR_TIMEOUT);
    assert_string_equal(bench.s->err.message,
                        "application shop is waiting: the lattice has no hosts");
    (void)tear_down(&bench);
}

static void test_unknown(void **state)
{
    const char *waits = "untouched";
    struct bench bench;

    set_up(&bench, *state, NULL, NULL);
    assert_int_equal(remove_shop(&bench, &waits), ERR_NOTFOUND);
    assert_string_equal(waits, "untouched");
    (void)tear_down(&bench);
}

static void test_never_there(void **state)
{
    const char *waits = NULL;
    struct bench bench;

    set_up(&bench, *state, shop, NULL);
    assert_int_equal(remove_shop(&bench, &waits), ERR_OK);
    assert_string_equal(waits, "");
    assert_int_equal(await(&bench, true, true), ERR_OK);
    linkstore_assert_text(tear_down(&bench), "");
}

static void test_remains(void **state)
{
    const char *waits = NULL;
    struct bench bench;

    set_up(&bench, *state, shop, remains);
    assert_int_equal(remove_shop(&bench, &waits), ERR_OK);
    assert_string_equal(waits, "1 config, 1 link still to be removed: the lattice "
                               "has no hosts");
    assert_int_equal(await(&bench, true, false), ERR_OK);
    assert_int_equal(await(&bench, true, true), ERR_TIMEOUT);
    linkstore_assert_text(
        tear_down(&bench),
        "confirmed shop config shop-port {\"port\":\"80\"}, 0 ms\n"
        "confirmed shop link web api default wasi:http [\"incoming-handler\"]"
        "[\"shop-port\"][], 0 ms\n");
}

static void test_again(void **state)
{
    const char *waits = NULL;
    struct bench bench;

    set_up(&bench, *state, NULL, remains);
    assert_int_equal(remove_shop(&bench, &waits), ERR_OK);
    assert_string_equal(waits, "1 config, 1 link still to be removed: the lattice "
                               "has no hosts");
    (void)tear_down(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("what waits for hosts is no error without patience", test_waiting),
        LINKSTORE_TEST("with patience it is late, and says what it waits for", test_late),
        LINKSTORE_TEST("what nobody knows is not removed", test_unknown),
        LINKSTORE_TEST("what was never there is gone at once", test_never_there),
        LINKSTORE_TEST("a removal without hosts is kept as a wish, and says what waits",
                       test_remains),
        LINKSTORE_TEST("it may be asked for again while something is left", test_again),
    };

    return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
