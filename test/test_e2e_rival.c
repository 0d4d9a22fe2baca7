/*
 * A wadm beside the daemon: as long as there is one nothing is sent, its API is its own,
 * and the status says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support_peer.h"
#include "support_stage.h"
#include "support_wash.h"

#define SAYS_SO "nothing is sent: a wadm keeps the lattice: stop it, or this daemon"

static void a_wadm_that_is_there_is_left_alone(void **state)
{
    struct stage *stage = *state;
    struct peer *wadm = peer_start(server_url(stage->server));

    peer_echo(wadm, "wadm.api.default.model.list", 0);
    stage_simulate(stage, NULL);
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    stage_daemon(stage);
    stage_expect_status(stage, SAYS_SO);
    stage_expect_status(stage, "hello-world");
    assert_string_equal(reader_commands(stage->reader), "");
    assert_null(reader_ask(stage->reader, "wadm.api.default.model.put", ""));
    assert_string_equal(reader_commands(stage->reader), "");

    peer_stop(wadm);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    wash_expect(stage);
}

static void a_wadm_that_comes_is_let_through(void **state)
{
    struct stage *stage = *state;
    struct peer *wadm = peer_start(server_url(stage->server));
    json_t *reply;

    stage_converge_quickstart(stage);
    wash_expect(stage);
    peer_echo(wadm, "wadm.api.default.>", 0);
    peer_publish(wadm, "wadm.notify.default", "{\"DeleteScalers\":\"x\"}");
    stage_expect_status(stage, SAYS_SO);
    reader_forget(stage->reader);
    (void)stage_order(stage,
                      "drop-link hello_world-httpserver hello_world-http_component");
    stage_expect_status(stage, "differs from what is wanted: missing");
    /* The wadm answers, and it alone: with what it was asked. */
    for (int i = 0; i < 20; i++) {
        reply = reader_ask(stage->reader, "wadm.api.default.model.status.x", "[7]");
        assert_int_equal(json_integer_value(json_array_get(reply, 0)), 7);
        json_decref(reply);
    }
    assert_string_equal(reader_commands(stage->reader), "");

    peer_stop(wadm);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    wash_expect(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_wadm_that_is_there_is_left_alone),
        STAGE_TEST(a_wadm_that_comes_is_let_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
