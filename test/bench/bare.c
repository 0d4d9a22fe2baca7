/*
 * bare - the least that can be done: the commands that bench.sh's manifest needs, one
 * after the other with WINDOW unanswered, and nothing looked at but the answers.
 *
 *   bare URL LATTICE COMPONENTS
 *
 * Prints the milliseconds it took.  It shares no code with trellis, and checks nothing
 * that makes a deployment right: no effect is awaited, no update lost to another noticed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <nats/nats.h>

#define WINDOW     256
#define HOSTS_MAX  16
#define ID_BYTES   64
#define TEXT_BYTES 1024
#define GATHER_MS  300
#define ANSWER_MS  30000

struct bare {
    natsConnection *connection;
    natsSubscription *answers;
    const char *lattice;
    char hosts[HOSTS_MAX][ID_BYTES];
    size_t hosts_count;
    size_t unanswered;
    size_t refused;
    char refusal[TEXT_BYTES]; /* the first */
};

static void check(natsStatus status, const char *what)
{
    if (status != NATS_OK) {
        (void)fprintf(stderr, "bare: %s: %s\n", what, natsStatus_GetText(status));
        exit(1); // NOLINT(concurrency-mt-unsafe): nothing is to be done at its end
    }
}

static double milliseconds(void)
{
    return (double)nats_NowInNanoSeconds() / 1e6;
}

static void take_answer(struct bare *bare)
{
    natsMsg *answer = NULL;

    check(natsSubscription_NextMsg(&answer, bare->answers, ANSWER_MS), "no answer");
    if (strstr(natsMsg_GetData(answer), "\"success\":true") == NULL &&
        bare->refused++ == 0) {
        (void)snprintf(bare->refusal, sizeof bare->refusal, "%s",
                       natsMsg_GetData(answer));
    }
    bare->unanswered--;
    natsMsg_Destroy(answer);
}

static void take_all(struct bare *bare)
{
    while (bare->unanswered > 0) {
        take_answer(bare);
    }
}

static void send(struct bare *bare, const char *verb, const char *token, const char *body)
{
    char subject[TEXT_BYTES];

    if (bare->unanswered == WINDOW) {
        take_answer(bare);
    }
    (void)snprintf(subject, sizeof subject, "wasmbus.ctl.v1.%s.%s%s%s", bare->lattice,
                   verb, token[0] != '\0' ? "." : "", token);
    check(natsConnection_PublishRequestString(bare->connection, subject,
                                              "_INBOX.bare.answers", body),
          subject);
    bare->unanswered++;
}

static void send_config(struct bare *bare, size_t n)
{
    char name[TEXT_BYTES];
    char body[TEXT_BYTES];

    (void)snprintf(name, sizeof name, "bare-bucket-%zu", n);
    (void)snprintf(body, sizeof body, "{\"bucket\":\"bench-%zu\"}", n);
    send(bare, "config.put", name, body);
}

static void send_link(struct bare *bare, size_t n, bool is_first)
{
    char config[TEXT_BYTES] = "";
    char body[2 * TEXT_BYTES];

    if (is_first) {
        (void)snprintf(config, sizeof config, "\"bare-bucket-%zu\"", n);
    }
    (void)snprintf(body, sizeof body,
                   "{\"source_id\":\"bare-c%zu\",\"target\":\"%s\",\"name\":\"default\","
                   "\"wit_namespace\":\"%s\",\"wit_package\":\"%s\",\"interfaces\":"
                   "[\"%s\"],\"source_config\":[],\"target_config\":[%s]}",
                   n, is_first ? "bare-kv" : "bare-messages",
                   is_first ? "wasi" : "wasmcloud", is_first ? "keyvalue" : "messaging",
                   is_first ? "store" : "consumer", config);
    send(bare, "link.put", "", body);
}

static void send_scale(struct bare *bare, size_t n)
{
    const char *host = bare->hosts[n % bare->hosts_count];
    char body[2 * TEXT_BYTES];

    (void)snprintf(body, sizeof body,
                   "{\"component_ref\":\"ghcr.io/wasmcloud/components/echo:0.1.%zu\","
                   "\"component_id\":\"bare-c%zu\",\"annotations\":{"
                   "\"wasmcloud.dev/appspec\":\"bare\","
                   "\"wasmcloud.dev/managed-by\":\"wadm\","
                   "\"wasmcloud.dev/scaler\":\"%064zx\"},"
                   "\"count\":1,\"host_id\":\"%s\",\"config\":[]}",
                   n % 10, n, n, host);
    send(bare, "component.scale", host, body);
}

static void send_start(struct bare *bare, const char *id, const char *image)
{
    char body[2 * TEXT_BYTES];

    (void)snprintf(body, sizeof body,
                   "{\"provider_id\":\"%s\",\"provider_ref\":\"%s\",\"host_id\":\"%s\","
                   "\"config\":[],\"annotations\":{\"wasmcloud.dev/appspec\":\"bare\"}}",
                   id, image, bare->hosts[0]);
    send(bare, "provider.start", bare->hosts[0], body);
}

/* Every host answers a ping, and nobody knows how many there are. */
static void find_hosts(struct bare *bare)
{
    natsMsg *answer = NULL;

    send(bare, "host.ping", "", "");
    bare->unanswered = 0;
    while (bare->hosts_count < HOSTS_MAX &&
           natsSubscription_NextMsg(&answer, bare->answers, GATHER_MS) == NATS_OK) {
        json_t *reply = json_loads(natsMsg_GetData(answer), 0, NULL);
        const char *id =
            json_string_value(json_object_get(json_object_get(reply, "response"), "id"));

        if (id != NULL && strlen(id) < ID_BYTES) {
            memcpy(bare->hosts[bare->hosts_count++], id, strlen(id) + 1);
        }
        json_decref(reply);
        natsMsg_Destroy(answer);
    }
    check(bare->hosts_count > 0 ? NATS_OK : NATS_NOT_FOUND, "hosts");
}

int main(int argc, char **argv)
{
    struct bare bare = {0};
    size_t count;
    double start;

    if (argc != 4) {
        (void)fprintf(stderr, "usage: bare URL LATTICE COMPONENTS\n");
        return 2;
    }
    bare.lattice = argv[2];
    count = strtoul(argv[3], NULL, 10);
    check(natsConnection_ConnectTo(&bare.connection, argv[1]), argv[1]);
    check(natsConnection_SubscribeSync(&bare.answers, bare.connection,
                                       "_INBOX.bare.answers"),
          "subscribe");
    check(natsSubscription_SetPendingLimits(bare.answers, -1, -1), "limits");
    find_hosts(&bare);

    /* What names another waits for its answer, and two links of one source are far
     * apart: the least care that such a program takes. */
    start = milliseconds();
    for (size_t i = 1; i <= count; i++) {
        send_config(&bare, i);
    }
    take_all(&bare);
    for (size_t i = 1; i <= count; i++) {
        send_link(&bare, i, true);
    }
    take_all(&bare);
    for (size_t i = 1; i <= count; i++) {
        send_link(&bare, i, false);
    }
    take_all(&bare);
    send_start(&bare, "bare-kv", "ghcr.io/wasmcloud/keyvalue-nats:0.3.1");
    send_start(&bare, "bare-messages", "ghcr.io/wasmcloud/messaging-nats:0.27.0");
    for (size_t i = 1; i <= count; i++) {
        send_scale(&bare, i);
    }
    take_all(&bare);
    (void)printf("%.0f\n", milliseconds() - start);

    natsSubscription_Destroy(bare.answers);
    natsConnection_Destroy(bare.connection);
    nats_Close();
    if (bare.refused > 0) {
        (void)fprintf(stderr, "bare: %zu commands were refused, the first with %s\n",
                      bare.refused, bare.refusal);
    }
    return bare.refused > 0;
}
