/*
 * A hundred applications are put, deployed, upgraded, rolled back and deleted, half of
 * them through wadm's API and half through our own, while hosts die, restart and pause,
 * and others take links and configs away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nats/nats.h>

#include "support_api.h"
#include "support_connect.h"
#include "support_wash.h"

#ifdef __SANITIZE_ADDRESS__ /* which makes all of it slow */
#define COUNT 20
#else
#define COUNT 100
#endif
#define LINKED         10 /* of these one has a provider, a link and a config, too */
#define HOSTS          3
#define BEATS          4 /* with one to spare */
#define ROUNDS         3 /* of what is taken away */
#define LOOK_MS        100
#define MANIFEST_BYTES 2048
#define ASK_MS         10000

/* Under a sanitizer on a busy machine. */
#define ALL_MS 120000

struct hundred {
    struct stage *stage;
    natsConnection *connection;
};

static bool is_wadms(int number)
{
    return number % 2 == 0;
}

static void print_manifest(int number, const char *version,
                           char ret_text[static MANIFEST_BYTES])
{
    static const char linked[] =
        "    - name: web-server\n"
        "      type: capability\n"
        "      properties: {image: 'ghcr.io/wasmcloud/http-server:0.27.0'}\n"
        "      traits:\n"
        "        - type: link\n"
        "          properties:\n"
        "            {target: web, namespace: wasi, package: http,\n"
        "             interfaces: [incoming-handler],\n"
        "             source_config: [{name: port, properties: {address: '%s'}}]}\n";
    size_t length;

    length = (size_t)snprintf(
        ret_text, MANIFEST_BYTES,
        "apiVersion: core.oam.dev/v1beta1\n"
        "kind: Application\n"
        "metadata: {name: app-%d, annotations: {version: %s}}\n"
        "spec:\n"
        "  components:\n"
        "    - name: web\n"
        "      type: component\n"
        "      properties: {image: 'ghcr.io/acme/web:%s'}\n"
        "      traits: [{type: spreadscaler, properties: {instances: 2}}]\n",
        number, version, version);
    if (number % LINKED < 2) { /* of both APIs */
        (void)snprintf(ret_text + length, MANIFEST_BYTES - length, linked, version);
    }
}

/* The reply, which is the caller's.  A daemon that had no time to renew its lease answers
 * nobody for a while: it is asked the same again, by the same id, which does it once. */
static json_t *ask(const struct hundred *hundred, const char *subject, const char *body)
{
    static int asked;
    const int64_t until = nats_Now() + ALL_MS;
    natsStatus status = NATS_TIMEOUT;
    natsMsg *request = NULL;
    natsMsg *message = NULL;
    char id[16];
    json_t *reply;

    (void)snprintf(id, sizeof id, "%d", asked++);
    assert_int_equal(natsMsg_Create(&request, subject, NULL, body, (int)strlen(body)),
                     NATS_OK);
    assert_int_equal(natsMsgHeader_Set(request, "Nats-Msg-Id", id), NATS_OK);
    while (status != NATS_OK && nats_Now() < until) {
        status =
            natsConnection_RequestMsg(&message, hundred->connection, request, ASK_MS);
    }
    natsMsg_Destroy(request);
    if (status != NATS_OK) {
        fail_msg("%s: %s\n--- the daemon\n%s", subject, natsStatus_GetText(status),
                 process_errors(hundred->stage->daemon));
    }
    reply = json_loadb(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message),
                       0, NULL);
    natsMsg_Destroy(message);
    return reply;
}

/* The same; the reply must say result. */
static void ask_for(const struct hundred *hundred, const char *subject, const char *body,
                    const char *result)
{
    json_t *reply = ask(hundred, subject, body);

    if (strcmp(api_text(reply, "result"), result) != 0) {
        fail_msg("%s: %s: %s", subject, api_text(reply, "result"),
                 api_text(reply, "message"));
    }
    json_decref(reply);
}

static void ask_wadm(const struct hundred *hundred, const char *verb, int number,
                     const char *body, const char *result)
{
    char subject[64];

    (void)snprintf(subject, sizeof subject, "wadm.api.default.model.%s.app-%d", verb,
                   number);
    ask_for(hundred, subject, body, result);
}

static void ask_ours(const struct hundred *hundred, const char *verb, int number)
{
    char subject[64];

    (void)snprintf(subject, sizeof subject, "trellis.api.default.%s.app-%d", verb,
                   number);
    ask_for(hundred, subject, "", "ok");
}

/* Put version and deploy it. */
static void deploy(const struct hundred *hundred, int number, const char *version)
{
    char manifest[MANIFEST_BYTES];
    char *body;

    print_manifest(number, version, manifest);
    if (is_wadms(number)) {
        char wanted[64];

        (void)snprintf(wanted, sizeof wanted, "{\"version\":\"%s\"}", version);
        ask_for(hundred, "wadm.api.default.model.put", manifest,
                strcmp(version, "v1") == 0 ? "created" : "newversion");
        ask_wadm(hundred, "deploy", number, wanted, "acknowledged");
    } else {
        body = api_manifest_body(manifest, NULL);
        ask_for(hundred, "trellis.api.default.apply", body, "ok");
        free(body);
    }
}

static void roll_back(const struct hundred *hundred, int number)
{
    if (is_wadms(number)) {
        ask_wadm(hundred, "deploy", number, "{\"version\":\"v1\"}", "acknowledged");
    } else {
        ask_ours(hundred, "rollback", number);
    }
}

static void remove_one(const struct hundred *hundred, int number)
{
    if (is_wadms(number)) {
        ask_wadm(hundred, "del", number, "", "deleted");
    } else {
        ask_ours(hundred, "delete", number);
    }
}

/* How many applications wadm's API lists as deployed; -1: it lists too few or many. */
static int count_deployed(const struct hundred *hundred)
{
    json_t *reply = ask(hundred, "wadm.api.default.model.list", "");
    const json_t *item;
    size_t index;
    int count = 0;

    json_array_foreach(reply, index, item)
    {
        count += strcmp(api_text(item, "status"), "deployed") == 0;
    }
    count = json_array_size(reply) == COUNT ? count : -1;
    json_decref(reply);
    return count;
}

/* How many lines of the world hold words. */
static int count_lines(const char *world, const char *words)
{
    int count = 0;

    while ((world = strstr(world, words)) != NULL) {
        world += strlen(words);
        count++;
    }
    return count;
}

/* Is there what version declares, of all applications, and nothing else? */
static bool is_world_of(const char *world, const char *version)
{
    char components[64];
    char configs[64];

    (void)snprintf(components, sizeof components, "2 instances of ghcr.io/acme/web:%s\n",
                   version);
    (void)snprintf(configs, sizeof configs, "-port {\"address\":\"%s\"}\n", version);
    return count_lines(world, components) == COUNT &&
           count_lines(world, configs) == COUNT / LINKED * 2 &&
           count_lines(world, "provider app_") == COUNT / LINKED * 2 &&
           count_lines(world, "link app_") == COUNT / LINKED * 2 &&
           count_lines(world, "\n") == COUNT + COUNT / LINKED * 6;
}

static void expect_all(const struct hundred *hundred, const char *version)
{
    const int64_t until = nats_Now() + ALL_MS;

    while (!is_world_of(reader_world(hundred->stage->reader), version) ||
           count_deployed(hundred) != COUNT) {
        if (nats_Now() > until) {
            (void)stage_run(hundred->stage, "drift", NULL);
            fail_msg("%d are deployed; %s", count_deployed(hundred),
                     stage_output(hundred->stage));
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
}

/* Take away a link of one application and a config of another in each of the rounds, of
 * different ones each time: what is undone again and again is put back but seldom. */
static void take_away(struct stage *stage, int round)
{
    for (int i = round * LINKED; i < COUNT; i += ROUNDS * LINKED) {
        char order[128];

        (void)snprintf(order, sizeof order, "drop-link app_%d-web_server app_%d-web", i,
                       i);
        process_tell(stage->simulator, order);
        (void)snprintf(order, sizeof order, "drop-config app_%d-port", i + 1);
        process_tell(stage->simulator, order);
    }
}

/* Of an application that is gone something may be waited for: what a command might still
 * bring about that a host did not answer in time, for it paused or is slow. */
static bool is_settled(const struct hundred *hundred)
{
    json_t *reply =
        ask(hundred, "trellis.api.default.status", "{\"schema\":1,\"brief\":true}");
    const json_t *item;
    size_t index;
    bool is_so = true;

    json_array_foreach(json_object_get(reply, "applications"), index, item)
    {
        is_so = is_so && strstr(api_text(item, "reason"), "may still come about") != NULL;
    }
    json_decref(reply);
    return is_so;
}

static void expect_nothing(const struct hundred *hundred)
{
    const int64_t until = nats_Now() + ALL_MS;

    reader_expect(hundred->stage->reader, "", ALL_MS);
    while (!is_settled(hundred)) {
        if (nats_Now() > until) {
            (void)stage_run(hundred->stage, "status", NULL);
            fail_msg("%s", stage_output(hundred->stage));
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    assert_string_equal(reader_world(hundred->stage->reader), "");
}

/* How far apart the beats of a host are, the daemon learns from three of them: until then
 * it gives one that died a minute. */
static void expect_beats(const struct hundred *hundred)
{
    natsSubscription *beats = NULL;

    assert_int_equal(natsConnection_SubscribeSync(&beats, hundred->connection,
                                                  "wasmbus.evt.default.host_heartbeat"),
                     NATS_OK);
    for (int i = 0; i < HOSTS * BEATS; i++) {
        natsMsg *message = NULL;

        assert_int_equal(natsSubscription_NextMsg(&message, beats, STAGE_MS), NATS_OK);
        natsMsg_Destroy(message);
    }
    natsSubscription_Destroy(beats);
}

static void what_happened_to_a_hundred_leaves_nothing_behind(void **state)
{
    struct stage *stage = *state;
    const struct hundred all = {stage, support_connect(server_url(stage->server))};
    const struct hundred *hundred = &all;

    expect_beats(hundred);
    for (int i = 0; i < COUNT; i++) {
        deploy(hundred, i, "v1");
    }
    expect_all(hundred, "v1");
    take_away(stage, 0);

    for (int i = 0; i < COUNT; i++) {
        deploy(hundred, i, "v2");
        if (i == COUNT / 2) {
            (void)stage_order(stage, "kill host-1");
            take_away(stage, 1);
        }
    }
    expect_all(hundred, "v2");

    for (int i = 0; i < COUNT; i++) {
        roll_back(hundred, i);
        if (i == COUNT / 2) {
            (void)stage_order(stage, "restart host-2");
            (void)stage_order(stage, "pause host-3 2000");
        }
    }
    take_away(stage, 2);
    expect_all(hundred, "v1");

    for (int i = 0; i < COUNT; i++) {
        remove_one(hundred, i);
    }
    expect_nothing(hundred);
    natsConnection_Destroy(all.connection);
}

static int set_up(void **state)
{
    struct stage *stage = stage_start();

    *state = stage;
    stage_simulate(
        stage, (const char *[]){"--heartbeat", "600ms", "--fetch-delay", "50ms", NULL});
    stage_daemon(stage);
    wash_expect(stage);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_happened_to_a_hundred_leaves_nothing_behind,
                                        set_up, stage_teardown),
    };

    return cmocka_run_group_tests_name("e2e_hundred", tests, NULL, NULL);
}
