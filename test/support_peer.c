#include "support_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTENED_MAX 32
#define LOOK_MS      20
#define ASK_MS_MAX   10000
#define MANY_MS_MAX  40000

struct peer {
    natsConnection *connection;
    jsCtx *jetstream;
    natsSubscription *subscriptions[LISTENED_MAX];
    int64_t delays_ms[LISTENED_MAX];
    size_t count;
    atomic_uint heard_count;
};

static void check(natsStatus status)
{
    if (status != NATS_OK) {
        const char *text = nats_GetLastError(NULL);

        fail_msg("%s: %s", natsStatus_GetText(status), text != NULL ? text : "");
    }
}

struct peer *peer_start(const char *url)
{
    struct peer *peer = calloc(1, sizeof *peer);
    natsOptions *options = NULL;

    assert_non_null(peer);
    atomic_init(&peer->heard_count, 0);
    check(natsOptions_Create(&options));
    check(natsOptions_SetURL(options, url));
    check(natsOptions_SetTimeout(options, ASK_MS_MAX));
    check(natsOptions_SetMaxReconnect(options, -1));
    check(natsOptions_SetReconnectWait(options, 20));
    check(natsOptions_SetReconnectJitter(options, 0, 0));
    check(natsOptions_SetSendAsap(options, true));
    check(natsConnection_Connect(&peer->connection, options));
    natsOptions_Destroy(options);
    return peer;
}

void peer_stop(struct peer *peer)
{
    if (peer == NULL) {
        return;
    }
    natsConnection_Close(peer->connection);
    for (size_t i = 0; i < peer->count; i++) {
        natsSubscription_Destroy(peer->subscriptions[i]);
    }
    jsCtx_Destroy(peer->jetstream);
    natsConnection_Destroy(peer->connection);
    nats_Sleep(20); /* a callback under way ends before its closure goes */
    free(peer);
}

natsConnection *peer_connection(struct peer *peer)
{
    return peer->connection;
}

void peer_expect_connected(struct peer *peer)
{
    natsStatus status = NATS_TIMEOUT;

    for (int ms = 0; status != NATS_OK && ms < MANY_MS_MAX; ms += LOOK_MS) {
        nats_Sleep(LOOK_MS);
        status = natsConnection_FlushTimeout(peer->connection, ASK_MS_MAX);
    }
    check(status);
}

static void on_echo(natsConnection *connection, natsSubscription *subscription,
                    natsMsg *message, void *closure)
{
    const int64_t *delay_ms = closure;
    const char *reply = natsMsg_GetReply(message);

    (void)subscription;
    if (*delay_ms > 0) {
        nats_Sleep(*delay_ms);
    }
    if (reply != NULL) {
        (void)natsConnection_Publish(connection, reply, natsMsg_GetData(message),
                                     natsMsg_GetDataLength(message));
    }
    natsMsg_Destroy(message);
}

static void on_heard(natsConnection *connection, natsSubscription *subscription,
                     natsMsg *message, void *closure)
{
    struct peer *peer = closure;

    (void)connection;
    (void)subscription;
    atomic_fetch_add(&peer->heard_count, 1);
    natsMsg_Destroy(message);
}

void peer_echo(struct peer *peer, const char *subject, int64_t delay_ms)
{
    const size_t index = peer->count++;

    assert_true(index < LISTENED_MAX);
    peer->delays_ms[index] = delay_ms;
    check(natsConnection_Subscribe(&peer->subscriptions[index], peer->connection, subject,
                                   on_echo, &peer->delays_ms[index]));
    check(natsConnection_Flush(peer->connection));
}

void peer_listen(struct peer *peer, const char *subject)
{
    const size_t index = peer->count++;

    assert_true(index < LISTENED_MAX);
    check(natsConnection_Subscribe(&peer->subscriptions[index], peer->connection, subject,
                                   on_heard, peer));
    check(natsConnection_Flush(peer->connection));
}

unsigned peer_count(struct peer *peer)
{
    return atomic_load(&peer->heard_count);
}

void peer_publish(struct peer *peer, const char *subject, const char *text)
{
    check(natsConnection_PublishString(peer->connection, subject, text));
}

bool peer_request(struct peer *peer, const char *subject, const char *text,
                  char *ret_text, size_t size)
{
    natsMsg *answer = NULL;
    const natsStatus status = natsConnection_RequestString(&answer, peer->connection,
                                                           subject, text, ASK_MS_MAX);

    if (status != NATS_OK) {
        return false;
    }
    (void)snprintf(ret_text, size, "%s", natsMsg_GetData(answer));
    natsMsg_Destroy(answer);
    return true;
}

static jsCtx *jetstream_of(struct peer *peer)
{
    if (peer->jetstream == NULL) {
        check(natsConnection_JetStream(&peer->jetstream, peer->connection, NULL));
    }
    return peer->jetstream;
}

static kvStore *open_bucket(struct peer *peer, const char *bucket)
{
    kvStore *store = NULL;

    check(js_KeyValue(&store, jetstream_of(peer), bucket));
    return store;
}

void peer_make_bucket(struct peer *peer, const char *bucket, int history)
{
    kvStore *store = NULL;
    kvConfig config;

    check(kvConfig_Init(&config));
    config.Bucket = bucket;
    config.History = (uint8_t)history;
    check(js_CreateKeyValue(&store, jetstream_of(peer), &config));
    kvStore_Destroy(store);
}

void peer_delete_bucket(struct peer *peer, const char *bucket)
{
    check(js_DeleteKeyValue(jetstream_of(peer), bucket));
}

uint64_t peer_put(struct peer *peer, const char *bucket, const char *key,
                  const char *value)
{
    kvStore *store = open_bucket(peer, bucket);
    uint64_t sequence = 0;

    check(kvStore_PutString(&sequence, store, key, value));
    kvStore_Destroy(store);
    return sequence;
}

void peer_delete(struct peer *peer, const char *bucket, const char *key)
{
    kvStore *store = open_bucket(peer, bucket);

    check(kvStore_Delete(store, key));
    kvStore_Destroy(store);
}

void peer_purge(struct peer *peer, const char *bucket, const char *key)
{
    kvStore *store = open_bucket(peer, bucket);

    check(kvStore_Purge(store, key, NULL));
    kvStore_Destroy(store);
}

void peer_purge_stream(struct peer *peer, const char *bucket, const char *key)
{
    char subject[256];
    char body[256] = "";
    char answer[1024];

    (void)snprintf(subject, sizeof subject, "$JS.API.STREAM.PURGE.KV_%s", bucket);
    if (key != NULL) {
        (void)snprintf(body, sizeof body, "{\"filter\":\"$KV.%s.%s\"}", bucket, key);
    }
    assert_true(peer_request(peer, subject, body, answer, sizeof answer));
    assert_non_null(strstr(answer, "\"success\":true"));
}

void peer_put_many(struct peer *peer, const char *bucket, unsigned count)
{
    jsPubOptions options;
    char subject[128];
    char value[32];

    check(jsPubOptions_Init(&options));
    options.MaxWait = MANY_MS_MAX;
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(subject, sizeof subject, "$KV.%s.key-%05u", bucket, i);
        (void)snprintf(value, sizeof value, "value-%05u", i);
        check(js_PublishAsync(jetstream_of(peer), subject, value, (int)strlen(value),
                              NULL));
    }
    check(js_PublishAsyncComplete(jetstream_of(peer), &options));
}

bool peer_get(struct peer *peer, const char *bucket, const char *key, char *ret_text,
              size_t size)
{
    kvStore *store = NULL;
    kvEntry *entry = NULL;
    natsStatus status = js_KeyValue(&store, jetstream_of(peer), bucket);

    if (status == NATS_OK) {
        status = kvStore_Get(&entry, store, key);
    }
    if (status == NATS_OK) {
        (void)snprintf(ret_text, size, "%s", kvEntry_ValueString(entry));
    }
    kvEntry_Destroy(entry);
    kvStore_Destroy(store);
    return status == NATS_OK;
}
