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

#define REQUESTS_COUNT 60
#define QUIET_MS       200

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

/* How many messages sub has got until wait_ms went by without one. */
static int count_messages(natsSubscription *sub, int64_t wait_ms)
{
    natsMsg *message = NULL;
    int count = 0;

    while (natsSubscription_NextMsg(&message, sub, wait_ms) == NATS_OK) {
        natsMsg_Destroy(message);
        count++;
    }
    return count;
}

/* Of a queue group one gets each request: who shares wadm's shares ours. */
static void wadm_s_queue_group_is_ours(void **state)
{
    struct stage *stage = *state;
    struct peer *peer = peer_start(server_url(stage->server));
    natsConnection *connection = peer_connection(peer);
    natsSubscription *member = NULL;
    natsSubscription *answers = NULL;
    int here;
    int answered = 0;

    stage_simulate(stage, NULL);
    stage_daemon(stage);
    stage_expect_daemon(stage);
    wash_expect(stage);
    assert_int_equal(natsConnection_QueueSubscribeSync(
                         &member, connection, "wadm.api.default.>", "wadm_server"),
                     NATS_OK);
    assert_int_equal(natsConnection_SubscribeSync(&answers, connection, "answers"),
                     NATS_OK);
    for (int i = 0; i < REQUESTS_COUNT; i++) {
        assert_int_equal(natsConnection_PublishRequestString(
                             connection, "wadm.api.default.model.list", "answers", ""),
                         NATS_OK);
    }
    assert_int_equal(natsConnection_Flush(connection), NATS_OK);
    here = count_messages(member, QUIET_MS);
    assert_in_range(here, 1, REQUESTS_COUNT - 1);
    for (int ms = 0; answered < REQUESTS_COUNT - here && ms < STAGE_MS; ms += QUIET_MS) {
        answered += count_messages(answers, QUIET_MS);
    }
    answered += count_messages(answers, QUIET_MS);
    assert_int_equal(answered, REQUESTS_COUNT - here);

    natsSubscription_Destroy(member);
    natsSubscription_Destroy(answers);
    peer_stop(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(a_wadm_that_is_there_is_left_alone),
        STAGE_TEST(a_wadm_that_comes_is_let_through),
        STAGE_TEST(wadm_s_queue_group_is_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
