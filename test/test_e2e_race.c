/*
 * Fifty clients put, deploy and delete one application at once: what each was told must
 * be what somebody would have been told who did the same one after the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <nats/nats.h>

#include "reconciler/wire/jetstream.h"
#include "support_connect.h"
#include "support_linear.h"
#include "support_stage.h"
#include "support_wash.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define CLIENTS         50
#define ROUNDS          6
#define VERSIONS        3

struct client {
    natsConnection *connection;
    natsSubscription *replies;
    char inbox[16];
    struct linear_call calls[ROUNDS];
    size_t placed_count; /* calls whose place among all replies is known */
    unsigned seed;
    bool is_lost; /* a reply */
};

static void check(natsStatus status)
{
    if (status != NATS_OK) {
        fail_msg("%s", natsStatus_GetText(status));
    }
}

static unsigned draw(struct client *client, unsigned most)
{
    client->seed = client->seed * 1103515245U + 12345U;
    return (client->seed >> 16) % most;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

/* The number of a version "v1", or of none. */
static int number_of(const json_t *object, const char *key)
{
    const char *text = text_of(object, key);

    return text[0] == 'v' ? text[1] - '0' : LINEAR_NONE;
}

static void read_reply(struct linear_call *call, const json_t *reply)
{
    const char *result = text_of(reply, "result");

    call->is_done = strcmp(result, "created") == 0 || strcmp(result, "newversion") == 0 ||
                    strcmp(result, "acknowledged") == 0 || strcmp(result, "deleted") == 0;
    call->told = LINEAR_NONE;
    if (call->kind == LINEAR_PUT && call->is_done) {
        call->told = (int)json_integer_value(json_object_get(reply, "total_versions"));
    } else if (call->kind == LINEAR_DEPLOY && call->is_done) {
        call->told = number_of(reply, "version");
    } else if (call->kind == LINEAR_DELETE && call->is_done) {
        call->told = json_is_true(json_object_get(reply, "undeploy")) ? 1 : 0;
    }
}

static void call(struct client *client, struct linear_call *call)
{
    static const char *const tails[] = {[LINEAR_PUT] = "put",
                                        [LINEAR_DEPLOY] = "deploy.shop",
                                        [LINEAR_DELETE] = "del.shop"};
    natsMsg *answer = NULL;
    json_t *reply = NULL;
    char subject[64];
    char body[512] = "";

    call->kind = (enum linear_kind)draw(client, 3);
    call->version = call->kind == LINEAR_PUT || draw(client, 3) > 0
                        ? (int)draw(client, VERSIONS)
                        : LINEAR_NONE;
    (void)snprintf(subject, sizeof subject, "wadm.api.default.model.%s",
                   tails[call->kind]);
    if (call->kind == LINEAR_PUT) {
        (void)snprintf(body, sizeof body,
                       "{\"apiVersion\":\"x\",\"kind\":\"y\",\"metadata\":{\"name\":"
                       "\"shop\",\"annotations\":{\"version\":\"v%d\"}},\"spec\":{"
                       "\"components\":[]}}",
                       call->version);
    } else if (call->version != LINEAR_NONE) {
        (void)snprintf(body, sizeof body, "{\"version\":\"v%d\"}", call->version);
    }
    call->begun = nats_NowInNanoSeconds();
    if (natsConnection_PublishRequestString(client->connection, subject, client->inbox,
                                            body) == NATS_OK &&
        natsSubscription_NextMsg(&answer, client->replies, STAGE_MS) == NATS_OK) {
        call->ended = nats_NowInNanoSeconds();
        reply = json_loadb(natsMsg_GetData(answer), (size_t)natsMsg_GetDataLength(answer),
                           0, NULL);
    }
    client->is_lost |= reply == NULL;
    read_reply(call, reply);
    json_decref(reply);
    natsMsg_Destroy(answer);
}

static void *run_client(void *context)
{
    struct client *client = context;

    for (size_t i = 0; i < ROUNDS; i++) {
        call(client, &client->calls[i]);
    }
    return NULL;
}

static void connect_client(struct client *client, size_t number, const char *url)
{
    *client = (struct client){.seed = (unsigned)number + 1};
    (void)snprintf(client->inbox, sizeof client->inbox, "race.%zu", number);
    client->connection = support_connect(url);
    check(natsConnection_SubscribeSync(&client->replies, client->connection,
                                       client->inbox));
}

/* One daemon sends the replies, and everybody sees them in the order it does. */
static void place_replies(struct client *clients, natsSubscription *replies)
{
    for (size_t i = 0; i < (size_t)CLIENTS * ROUNDS; i++) {
        natsMsg *reply = NULL;
        struct client *client;
        uint64_t number = CLIENTS;

        check(natsSubscription_NextMsg(&reply, replies, STAGE_MS));
        assert_true(
            wire_decode_number(natsMsg_GetSubject(reply) + strlen("race."), &number));
        client = &clients[number];
        assert_true(client->placed_count < ROUNDS);
        client->calls[client->placed_count++].hint = i;
        natsMsg_Destroy(reply);
    }
}

static void fifty_clients_see_one_order(void **state)
{
    static struct client clients[CLIENTS];
    static struct linear_call calls[CLIENTS * ROUNDS];
    struct stage *stage = *state;
    natsConnection *onlooker = NULL;
    natsSubscription *replies = NULL;
    pthread_t threads[CLIENTS];

    onlooker = support_connect(server_url(stage->server));
    check(natsConnection_SubscribeSync(&replies, onlooker, "race.*"));
    check(natsConnection_FlushTimeout(onlooker, STAGE_MS));
    for (size_t i = 0; i < CLIENTS; i++) {
        connect_client(&clients[i], i, server_url(stage->server));
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, run_client, &clients[i]), 0);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_false(clients[i].is_lost);
    }
    place_replies(clients, replies);
    for (size_t i = 0; i < CLIENTS; i++) {
        memcpy(&calls[i * ROUNDS], clients[i].calls, sizeof clients[i].calls);
        natsSubscription_Destroy(clients[i].replies);
        natsConnection_Destroy(clients[i].connection);
    }
    natsSubscription_Destroy(replies);
    natsConnection_Destroy(onlooker);
    assert_true(linear_check(calls, COUNT_OF(calls)));

    /* and the checker notices when one of them was told what nobody can have been */
    for (size_t i = 0; i < COUNT_OF(calls); i++) {
        if (calls[i].kind == LINEAR_PUT && calls[i].is_done) {
            calls[i].told = VERSIONS + 1;
            break;
        }
    }
    assert_false(linear_check(calls, COUNT_OF(calls)));
}

static void the_checker_knows_what_cannot_have_been(void **state)
{
    /* put v0, told 1 version, and while nobody deletes a deploy of v0 is refused */
    struct linear_call calls[] = {
        {LINEAR_PUT, 0, true, 1, 1, 2, 0},
        {LINEAR_DEPLOY, 0, true, 0, 3, 4, 0},
        {LINEAR_DELETE, 0, true, 1, 5, 6, 0},
    };

    (void)state;
    assert_true(linear_check(calls, 3));
    calls[1].is_done = false;
    calls[1].told = LINEAR_NONE;
    assert_false(linear_check(calls, 3));
    calls[1].ended = 9; /* it may have been after the delete */
    assert_true(linear_check(calls, 3));
    calls[0].told = 2; /* versions */
    assert_false(linear_check(calls, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_checker_knows_what_cannot_have_been),
        WASH_TEST(fifty_clients_see_one_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
