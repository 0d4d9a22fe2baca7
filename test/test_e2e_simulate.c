#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <nats/nats.h>

#include "support_peer.h"
#include "support_stage.h"

#define WEB          "ghcr.io/acme/web:1.0.0"
#define CONFIGS_MANY 4200

struct simulation {
    struct stage *stage;
    struct peer *peer;
};

static int setup(void **state)
{
    static struct simulation simulation;

    simulation = (struct simulation){.stage = stage_start()};
    *state = &simulation;
    stage_simulate(simulation.stage, (const char *[]){"--hosts", "2", NULL});
    simulation.peer = peer_start(server_url(simulation.stage->server));
    return 0;
}

static int teardown(void **state)
{
    struct simulation *simulation = *state;
    void *stage = simulation->stage;

    peer_stop(simulation->peer);
    return stage_teardown(&stage);
}

#define SIMULATION_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct stage *stage_of(void **state)
{
    const struct simulation *simulation = *state;

    return simulation->stage;
}

static const char *order(void **state, const char *line)
{
    return stage_order(stage_of(state), line);
}

/* An order that cannot be obeyed. */
static void expect_refusal(void **state, const char *line, const char *reason)
{
    const struct simulation *simulation = *state;
    struct process *process = simulation->stage->simulator;
    const size_t before = strlen(process_output(process));

    process_tell(process, line);
    process_expect_output(process, before, reason, STAGE_MS);
    assert_non_null(strstr(process_output(process) + before, "error: "));
}

static struct reader *reader_of(void **state)
{
    const struct simulation *simulation = *state;

    return simulation->stage->reader;
}

/* Wait until count messages were heard, or stop at once when there are more. */
static void expect_heard(struct peer *peer, unsigned count)
{
    const int64_t until = nats_Now() + STAGE_MS;

    while (peer_count(peer) < count) {
        assert_true(nats_Now() < until);
        (void)poll(NULL, 0, 10);
    }
}

static void hosts_are_listed_with_their_ids_and_their_end(void **state)
{
    char id[STAGE_ID_BYTES];
    char again[STAGE_ID_BYTES];

    stage_host_id(stage_of(state), "host-1", id);
    (void)order(state, "kill host-1");
    assert_non_null(strstr(order(state, "hosts"), "ended\nhost-2 N"));
    (void)order(state, "start host-1");
    stage_host_id(stage_of(state), "host-1", again);
    assert_string_not_equal(id, again);
    assert_null(strstr(order(state, "hosts"), "ended"));
}

static void a_killed_host_is_silent_and_a_stopped_one_says_good_bye(void **state)
{
    const struct simulation *simulation = *state;

    (void)order(state, "scale host-1 web 1 " WEB);
    reader_expect_line(reader_of(state), "component web on 1 hosts", STAGE_MS);
    peer_listen(simulation->peer, "wasmbus.evt.default.host_stopped");
    (void)order(state, "kill host-1");
    reader_expect(reader_of(state), "", STAGE_MS);
    assert_int_equal(peer_count(simulation->peer), 0);
    (void)order(state, "stop host-2");
    expect_heard(simulation->peer, 1);
}

static void links_and_configs_are_dropped_from_the_buckets(void **state)
{
    json_t *answer = reader_ask(reader_of(state), "wasmbus.ctl.v1.default.config.put.c",
                                "{\"a\":\"b\"}");

    if (!json_is_true(json_object_get(answer, "success"))) {
        fail_msg("config.put: %s", json_dumps(answer, 0));
    }
    json_decref(answer);
    (void)order(state, "put-link web kv wasi keyvalue store,atomics");
    reader_expect(reader_of(state),
                  "config c {\"a\":\"b\"}\n"
                  "link web -[default wasi:keyvalue/store,atomics]-> kv source [] target "
                  "[]\n",
                  STAGE_MS);
    (void)order(state, "drop-config c");
    (void)order(state, "drop-link web kv");
    reader_expect(reader_of(state), "", STAGE_MS);
    expect_refusal(state, "drop-link web kv", "no such link");
}

static void a_refused_image_does_not_start_until_it_is_accepted(void **state)
{
    const struct simulation *simulation = *state;

    peer_listen(simulation->peer, "wasmbus.evt.default.component_scale_failed");
    (void)order(state, "refuse " WEB " no such image");
    (void)order(state, "scale host-1 web 1 " WEB);
    expect_heard(simulation->peer, 1);
    reader_expect(reader_of(state), "", STAGE_NOW_MS);
    (void)order(state, "accept " WEB);
    (void)order(state, "scale host-1 web 1 " WEB);
    reader_expect(reader_of(state), "component web on 1 hosts, 1 instances of " WEB "\n",
                  STAGE_MS);
}

static void a_delayed_host_answers_late(void **state)
{
    char id[STAGE_ID_BYTES];
    char subject[160];
    int64_t begun;
    json_t *answer;

    stage_host_id(stage_of(state), "host-1", id);
    (void)snprintf(subject, sizeof subject, "wasmbus.ctl.v1.default.host.get.%s", id);
    (void)order(state, "delay host-1 300");
    begun = nats_Now();
    answer = reader_ask(reader_of(state), subject, "");
    assert_non_null(answer);
    json_decref(answer);
    assert_true(nats_Now() - begun >= 300);
}

static void a_mute_host_sends_no_events(void **state)
{
    const struct simulation *simulation = *state;

    (void)order(state, "mute host-1");
    (void)order(state, "mute host-2");
    peer_listen(simulation->peer, "wasmbus.evt.default.component_scaled");
    (void)order(state, "scale host-1 web 1 " WEB);
    reader_expect_line(reader_of(state), "component web on 1 hosts, 1 instances",
                       STAGE_MS);
    assert_int_equal(peer_count(simulation->peer), 0);
    (void)order(state, "unmute host-1");
    (void)order(state, "scale host-1 web 2 " WEB);
    expect_heard(simulation->peer, 1);
}

static void heartbeats_come_as_often_as_they_are_asked_for(void **state)
{
    const struct simulation *simulation = *state;
    const int64_t begun = nats_Now();

    peer_listen(simulation->peer, "wasmbus.evt.default.host_heartbeat");
    expect_heard(simulation->peer, 6); /* two hosts, every 500 ms */
    assert_in_range(nats_Now() - begun, 900, STAGE_MS);
}

static void what_serves_is_kept_apart_from_what_is_listed(void **state)
{
    (void)order(state, "scale host-1 web 1 " WEB);
    reader_expect_line(reader_of(state), "component web", STAGE_MS);
    (void)order(state, "update host-1 web ghcr.io/acme/web:2.0.0");
    reader_expect_line(reader_of(state),
                       "component web on 1 hosts, 1 instances of ghcr.io/acme/web:2.0.0",
                       STAGE_MS);
    assert_non_null(strstr(order(state, "inventory"),
                           "web count 1 image ghcr.io/acme/web:2.0.0 serving " WEB));
}

/* More questions for JetStream at once than the bus holds: none is given up. */
static void a_host_with_many_questions_asks_them_all(void **state)
{
    static char body[CONFIGS_MANY * sizeof ",\"key-00000\"" + 256];
    const struct simulation *simulation = *state;
    char id[STAGE_ID_BYTES];
    char subject[160];
    json_t *answer;
    size_t length;

    peer_put_many(simulation->peer, "CONFIGDATA_default", CONFIGS_MANY);
    stage_host_id(stage_of(state), "host-1", id);
    (void)snprintf(subject, sizeof subject, "wasmbus.ctl.v1.default.component.scale.%s",
                   id);
    length = (size_t)snprintf(body, sizeof body,
                              "{\"component_id\":\"web\",\"component_ref\":\"" WEB
                              "\",\"host_id\":\"%s\",\"count\":1,\"config\":[",
                              id);
    for (unsigned i = 0; i < CONFIGS_MANY; i++) {
        length += (size_t)snprintf(body + length, sizeof body - length, "%s\"key-%05u\"",
                                   i > 0 ? "," : "", i);
    }
    (void)snprintf(body + length, sizeof body - length, "]}");
    answer = reader_ask(reader_of(state), subject, body);
    assert_true(json_is_true(json_object_get(answer, "success")));
    json_decref(answer);
    reader_expect_line(reader_of(state), "component web on 1 hosts", STAGE_MS);
}

static void an_order_that_cannot_be_obeyed_is_answered_with_why(void **state)
{
    expect_refusal(state, "kill host-9", "no such host is running");
    expect_refusal(state, "start host-1", "that host is running");
    expect_refusal(state, "frobnicate", "error: ");
    expect_refusal(state, "delay host-1", "error: ");
    expect_refusal(state, "delay host-1 soon", "error: ");
    (void)order(state, "hosts"); /* it is still there */
}

static void flags_do_what_orders_do(void **state)
{
    const struct simulation *simulation = *state;
    struct stage *stage = simulation->stage;

    process_free(stage->simulator);
    stage->simulator = NULL;
    peer_listen(simulation->peer, "wasmbus.evt.default.>");
    stage_simulate(stage, (const char *[]){"--hosts", "1", "--lose-events", "--refuse",
                                           WEB, "--seed", "7", NULL});
    (void)order(state, "scale host-1 web 1 " WEB);
    (void)order(state, "scale host-1 api 1 ghcr.io/acme/api:1.0.0");
    reader_expect(reader_of(state),
                  "component api on 1 hosts, 1 instances of ghcr.io/acme/api:1.0.0\n",
                  STAGE_MS);
    assert_int_equal(peer_count(simulation->peer), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIMULATION_TEST(hosts_are_listed_with_their_ids_and_their_end),
        SIMULATION_TEST(a_killed_host_is_silent_and_a_stopped_one_says_good_bye),
        SIMULATION_TEST(links_and_configs_are_dropped_from_the_buckets),
        SIMULATION_TEST(a_refused_image_does_not_start_until_it_is_accepted),
        SIMULATION_TEST(a_delayed_host_answers_late),
        SIMULATION_TEST(a_mute_host_sends_no_events),
        SIMULATION_TEST(heartbeats_come_as_often_as_they_are_asked_for),
        SIMULATION_TEST(what_serves_is_kept_apart_from_what_is_listed),
        SIMULATION_TEST(a_host_with_many_questions_asks_them_all),
        SIMULATION_TEST(an_order_that_cannot_be_obeyed_is_answered_with_why),
        SIMULATION_TEST(flags_do_what_orders_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
