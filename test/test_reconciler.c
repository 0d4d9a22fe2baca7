#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/reconciler.h"
#include "test/support_linkstore.h"
#include "test/support_nats.h"
#include "test/support_peer.h"

#define MANY 1200 /* more than twice as many as one step plans */

/* As a service that takes its time before it changes what is wanted. */
static void reload_slowly(void *context, const struct mail *mail, struct instant now)
{
    struct reconciler *reconciler = context;
    struct err err;

    (void)mail;
    (void)now;
    (void)poll(NULL, 0, 5);
    assert_int_equal(reconciler_reload(reconciler, NULL, 0, &err), ERR_OK);
}

/* A server, and a reconciler with a store. */
struct stage {
    struct server *server;
    char folder[sizeof "/tmp/trellis-test-XXXXXX"];
    char store[64];
    struct reconciler *reconciler;
};

static void open_stage(struct stage *stage, enum reconciler_role role)
{
    struct options options = {.lattice = "default"};
    struct err err;

    *stage = (struct stage){.folder = "/tmp/trellis-test-XXXXXX"};
    stage->server = server_start(&(struct server_options){.has_jetstream = true});
    options.connection.url = server_url(stage->server);
    options.store = stage->store;
    assert_non_null(mkdtemp(stage->folder));
    (void)snprintf(stage->store, sizeof stage->store, "%s/default.db", stage->folder);
    assert_int_equal(reconciler_open(&options, role, &stage->reconciler, &err), ERR_OK);
}

static void close_stage(struct stage *stage)
{
    reconciler_close(stage->reconciler);
    server_stop(stage->server);
    linkstore_remove_store(stage->store);
    assert_int_equal(rmdir(stage->folder), 0);
}

static void test_slow_service(void **state)
{
    struct stage stage;
    struct err err;

    (void)state;
    open_stage(&stage, RECONCILER_ONE_SHOT);
    reconciler_serve(stage.reconciler, reload_slowly, NULL, stage.reconciler);

    assert_int_equal(reconciler_admit(stage.reconciler, 40000, &err), ERR_OK);
    assert_int_equal(reconciler_see(stage.reconciler, 40000, &err), ERR_OK);

    close_stage(&stage);
}

/* Want more than is planned in one step. */
static void deploy_many(struct reconciler *reconciler)
{
    static char names[MANY][sizeof "c-0000"];
    static struct config_row configs[MANY];
    const struct desired desired = {.application = "many",
                                    .version = "v1",
                                    .configs = configs,
                                    .configs_count = MANY};
    const struct store_version version = {
        .application = "many",
        .version = "v1",
        .source = "many.yaml",
        .text = "",
        .desired = &desired,
        .now_unix_ms = 1000,
    };
    const char *application = "many";
    const char *deployed;
    enum store_put_result result;
    struct arena arena = {0};
    struct err err;

    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof names[i], "c-%04u", i);
        configs[i] = (struct config_row){
            .name = names[i], .content = "{}", .origin = {.source = "many.yaml"}};
    }
    assert_int_equal(store_put(reconciler_store(reconciler), &version, &result, &err),
                     ERR_OK);
    assert_int_equal(
        store_deploy(reconciler_store(reconciler), "many", "v1", &arena, &deployed, &err),
        ERR_OK);
    arena_free(&arena);
    assert_int_equal(reconciler_reload(reconciler, &application, 1, &err), ERR_OK);
}

/* What is told in the middle of a plan is dealt with as soon as that is through. */
static void test_told_while_planning(void **state)
{
    struct stage stage;
    struct peer *peer;
    struct err err;

    (void)state;
    open_stage(&stage, RECONCILER_DAEMON);
    peer = peer_start(server_url(stage.server));
    assert_int_equal(reconciler_admit(stage.reconciler, 40000, &err), ERR_OK);
    assert_int_equal(reconciler_see(stage.reconciler, 40000, &err), ERR_OK);

    deploy_many(stage.reconciler);
    assert_true(engine_is_planning(reconciler_engine(stage.reconciler)));
    peer_publish(peer, "wasmbus.evt.default.host_started",
                 "{\"type\":\"com.wasmcloud.lattice.host_started\",\"source\":\"NHOST\","
                 "\"data\":{}}");
    for (int i = 0; bus_mails_count(reconciler_bus(stage.reconciler)) == 0; i++) {
        assert_true(i < 1000);
        (void)poll(NULL, 0, 10);
    }
    while (engine_is_planning(reconciler_engine(stage.reconciler))) {
        assert_int_equal(reconciler_work(stage.reconciler, &err), ERR_OK);
    }
    assert_true(instant_is_due(reconciler_deadline(stage.reconciler), clock_now()));

    peer_stop(peer);
    close_stage(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a service may take its time before it changes what is wanted",
         test_slow_service, NULL, NULL, NULL},
        {"what is told in the middle of a plan is dealt with when that is through",
         test_told_while_planning, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("reconciler", tests, NULL, NULL);
}
