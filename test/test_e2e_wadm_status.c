/*
 * The status of applications as wadm's clients follow it: on wadm.status.{lattice}.{app},
 * and the last one in the stream that wadm keeps them in.
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

#include <jansson.h>
#include <nats/nats.h>

#include "support_connect.h"
#include "support_contract.h"
#include "support_stage.h"
#include "support_wash.h"

#define SUBJECT "wadm.status.default.shop"
#define LOOK_MS 50

static const char manifest[] =
    "apiVersion: core.oam.dev/v1beta1\n"
    "kind: Application\n"
    "metadata: {name: shop, annotations: {version: v1}}\n"
    "spec:\n"
    "  components:\n"
    "  - name: web\n"
    "    type: component\n"
    "    properties: {image: 'ghcr.io/acme/web:1.0.0'}\n"
    "    traits: [{type: spreadscaler, properties: {instances: 2}}]\n";

/* Somebody who follows, as wadm's provider for components does. */
struct follower {
    natsConnection *connection;
    natsSubscription *subscription;
    jsCtx *jetstream;
};

static void follow(struct follower *follower, struct stage *stage)
{
    follower->connection = support_connect(server_url(stage->server));
    assert_int_equal(natsConnection_SubscribeSync(&follower->subscription,
                                                  follower->connection, SUBJECT),
                     NATS_OK);
    assert_int_equal(
        natsConnection_JetStream(&follower->jetstream, follower->connection, NULL),
        NATS_OK);
    assert_int_equal(natsConnection_Flush(follower->connection), NATS_OK);
}

static void unfollow(struct follower *follower)
{
    jsCtx_Destroy(follower->jetstream);
    natsSubscription_Destroy(follower->subscription);
    natsConnection_Destroy(follower->connection);
}

/* Take what is published until words stand in it; each is one that clients take, and no
 * two in a row are the same.  How many there were. */
static int expect_told(struct follower *follower, const char *words)
{
    char before[4096] = "";
    int count = 0;

    for (bool is_found = false; !is_found; count++) {
        natsMsg *message = NULL;

        if (natsSubscription_NextMsg(&message, follower->subscription, STAGE_MS) !=
            NATS_OK) {
            fail_msg("nobody says %s; last: %s", words, before);
        }
        assert_true(contract_accepts("rawstatus", natsMsg_GetData(message)));
        assert_string_not_equal(natsMsg_GetData(message), before);
        (void)snprintf(before, sizeof before, "%s", natsMsg_GetData(message));
        is_found = strstr(before, words) != NULL;
        natsMsg_Destroy(message);
    }
    return count;
}

/* How many are kept; 0 also while there is no stream. */
static uint64_t count_kept(const struct follower *follower)
{
    jsStreamInfo *info = NULL;
    uint64_t count = 0;

    if (js_GetStreamInfo(&info, follower->jetstream, "wadm_status", NULL, NULL) ==
        NATS_OK) {
        count = info->State.Msgs;
    }
    jsStreamInfo_Destroy(info);
    return count;
}

/* Wait until the last one that is kept holds words; NULL: until none is kept.  Never is a
 * message asked for in a stream that may be about to be made: nats-server 2.9 panics. */
static void expect_kept(struct follower *follower, const char *words)
{
    for (int ms = 0; ms < STAGE_MS; ms += LOOK_MS) {
        natsMsg *message = NULL;
        bool is_so = false;

        if (count_kept(follower) == 0) {
            is_so = words == NULL;
        } else if (words != NULL &&
                   js_GetLastMsg(&message, follower->jetstream, "wadm_status", SUBJECT,
                                 NULL, NULL) == NATS_OK) {
            is_so = strstr(natsMsg_GetData(message), words) != NULL;
        }
        natsMsg_Destroy(message);
        if (is_so) {
            return;
        }
        (void)poll(NULL, 0, LOOK_MS);
    }
    fail_msg("not kept: %s", words != NULL ? words : "nothing");
}

static void each_change_is_told_and_the_last_is_kept(void **state)
{
    struct stage *stage = *state;
    struct follower follower = {NULL, NULL, NULL};

    follow(&follower, stage);
    json_decref(wash_ask(stage, "put", manifest, "put"));
    json_decref(wash_ask(stage, "deploy.shop", "", "dep"));
    (void)expect_told(&follower, "{\"status\":{\"type\":\"deployed\"},\"scalers\":[");
    expect_kept(&follower, "\"version\":\"v1\"");

    json_decref(wash_ask(stage, "undeploy.shop", "", "dep"));
    (void)expect_told(&follower,
                      "{\"status\":{\"type\":\"undeployed\",\"message\":\"Manifest has "
                      "been undeployed\"},\"version\":\"\",\"components\":[]}");
    expect_kept(&follower, "\"type\":\"undeployed\"");

    /* Nothing of it is left behind. */
    json_decref(wash_ask(stage, "deploy.shop", "", "dep"));
    (void)expect_told(&follower, "\"type\":\"deployed\"},\"scalers\":[");
    json_decref(wash_ask(stage, "del.shop", "", "del"));
    (void)expect_told(&follower, "\"type\":\"undeployed\"");
    expect_kept(&follower, NULL);
    unfollow(&follower);
}

static void what_was_missed_is_told_after_a_restart(void **state)
{
    struct stage *stage = *state;
    struct follower follower = {NULL, NULL, NULL};

    json_decref(wash_ask(stage, "put", manifest, "put"));
    json_decref(wash_ask(stage, "deploy.shop", "", "dep"));
    reader_expect_line(stage->reader, "component shop-web", STAGE_MS);
    process_kill(stage->daemon);
    process_free(stage->daemon);
    stage->daemon = NULL;
    follow(&follower, stage);
    stage_daemon(stage);
    (void)expect_told(&follower, "\"type\":\"deployed\"},\"scalers\":[");
    expect_kept(&follower, "\"version\":\"v1\"");

    /* purged, as by wash down: it is made and filled again */
    assert_int_equal(js_DeleteStream(follower.jetstream, "wadm_status", NULL, NULL),
                     NATS_OK);
    stage_crash_daemon(stage);
    expect_kept(&follower, "\"version\":\"v1\"");
    unfollow(&follower);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WASH_TEST(each_change_is_told_and_the_last_is_kept),
        WASH_TEST(what_was_missed_is_told_after_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
