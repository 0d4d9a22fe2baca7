/*
 * reader.c - a stranger's look at a lattice, for `make run` and `make bench`.
 *
 *   reader URL LATTICE now          what the buckets and the hosts say, a line a thing
 *   reader URL LATTICE watch        every command and every entry written, as they come
 *   reader URL LATTICE mark WORD    a line "mark WORD" in what watch prints
 *
 * It shares no code with trellis, so that a promise is not checked by who made it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <nats/nats.h>

#define GATHER_MS     300
#define ANSWER_MS     2000
#define KEYS_MS       60000 /* without a limit nats.c waits for ever for what was lost */
#define SUBJECT_BYTES 512

/* What a client sends to change a lattice; host.stop and labels are not ours to send. */
static const char *const commands[] = {
    "config.put.",      "config.del.",       "link.put",        "link.del",
    "component.scale.", "component.update.", "provider.start.", "provider.stop.",
};

struct reader {
    natsConnection *connection;
    const char *lattice;
    char control[SUBJECT_BYTES]; /* before each subject of the control interface */
};

static void check(natsStatus status, const char *what)
{
    if (status != NATS_OK) {
        (void)fprintf(stderr, "reader: %s: %s\n", what, natsStatus_GetText(status));
        exit(1); // NOLINT(concurrency-mt-unsafe): nothing is to be done at its end
    }
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static json_t *parse(natsMsg *message)
{
    return json_loadb(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message), 0,
                      NULL);
}

/* "TARGET/NAME" of every link of an entry. */
static void print_links(const json_t *entry, const char *before, const char *after)
{
    size_t i;
    json_t *link;

    json_array_foreach(json_object_get(entry, "links"), i, link)
    {
        (void)printf("%s%s/%s%s", before, text_of(link, "target"), text_of(link, "name"),
                     after);
    }
}

/* --- now -----------------------------------------------------------------------------
 */

static void print_bucket(const struct reader *reader, jsCtx *jetstream, const char *kind)
{
    char name[SUBJECT_BYTES];
    kvStore *bucket = NULL;
    kvKeysList keys = {0};
    kvWatchOptions options;
    natsStatus status;

    (void)snprintf(name, sizeof name, "%s_%s", kind, reader->lattice);
    check(kvWatchOptions_Init(&options), name);
    options.Timeout = KEYS_MS;
    if (js_KeyValue(&bucket, jetstream, name) != NATS_OK) {
        (void)printf("no bucket %s\n", name);
        return;
    }
    status = kvStore_Keys(&keys, bucket, &options);
    check(status == NATS_NOT_FOUND ? NATS_OK : status, name);
    for (int i = 0; i < keys.Count; i++) {
        char before[SUBJECT_BYTES];
        kvEntry *entry = NULL;
        json_t *value;

        if (kvStore_Get(&entry, bucket, keys.Keys[i]) != NATS_OK) {
            continue; /* deleted since */
        }
        value = json_loads(kvEntry_ValueString(entry), 0, NULL);
        if (strncmp(keys.Keys[i], "COMPONENT_", 10) == 0) {
            (void)snprintf(before, sizeof before, "link %s ", keys.Keys[i] + 10);
            print_links(value, before, "\n");
        } else if (strcmp(kind, "CONFIGDATA") == 0) {
            (void)printf("config %s\n", keys.Keys[i]);
        }
        json_decref(value);
        kvEntry_Destroy(entry);
    }
    kvKeysList_Destroy(&keys);
    kvStore_Destroy(bucket);
}

static void print_inventory(const struct reader *reader, const json_t *host)
{
    char subject[2 * SUBJECT_BYTES];
    natsMsg *answer = NULL;
    json_t *reply;
    json_t *inventory;
    json_t *item;
    size_t i;

    (void)snprintf(subject, sizeof subject, "%shost.get.%s", reader->control,
                   text_of(host, "id"));
    check(
        natsConnection_RequestString(&answer, reader->connection, subject, "", ANSWER_MS),
        subject);
    reply = parse(answer);
    inventory = json_object_get(reply, "response");
    (void)printf("host %s %s\n", text_of(host, "friendly_name"), text_of(host, "id"));
    json_array_foreach(json_object_get(inventory, "components"), i, item)
    {
        (void)printf("component %s %lld on %s\n", text_of(item, "id"),
                     json_integer_value(json_object_get(item, "max_instances")),
                     text_of(host, "friendly_name"));
    }
    json_array_foreach(json_object_get(inventory, "providers"), i, item)
    {
        (void)printf("provider %s on %s\n", text_of(item, "id"),
                     text_of(host, "friendly_name"));
    }
    json_decref(reply);
    natsMsg_Destroy(answer);
}

/* Every host answers a ping, and nobody knows how many there are. */
static void print_hosts(const struct reader *reader)
{
    char subject[2 * SUBJECT_BYTES];
    char inbox[] = "_INBOX.reader.hosts";
    natsSubscription *subscription = NULL;
    natsMsg *answer = NULL;

    (void)snprintf(subject, sizeof subject, "%shost.ping", reader->control);
    check(natsConnection_SubscribeSync(&subscription, reader->connection, inbox), inbox);
    check(natsConnection_PublishRequestString(reader->connection, subject, inbox, ""),
          subject);
    while (natsSubscription_NextMsg(&answer, subscription, GATHER_MS) == NATS_OK) {
        json_t *reply = parse(answer);

        if (reply != NULL) {
            print_inventory(reader, json_object_get(reply, "response"));
        }
        json_decref(reply);
        natsMsg_Destroy(answer);
    }
    natsSubscription_Destroy(subscription);
}

static void print_now(const struct reader *reader)
{
    jsCtx *jetstream = NULL;

    check(natsConnection_JetStream(&jetstream, reader->connection, NULL), "JetStream");
    print_bucket(reader, jetstream, "LATTICEDATA");
    print_bucket(reader, jetstream, "CONFIGDATA");
    jsCtx_Destroy(jetstream);
    print_hosts(reader);
}

/* --- watch ---------------------------------------------------------------------------
 */

static void on_control(natsConnection *connection, natsSubscription *subscription,
                       natsMsg *message, void *closure)
{
    const struct reader *reader = closure;
    const char *rest = natsMsg_GetSubject(message) + strlen(reader->control);

    (void)connection;
    (void)subscription;
    if (strncmp(rest, "reader.mark.", 12) == 0) {
        (void)printf("mark %s\n", rest + 12);
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strncmp(rest, commands[i], strlen(commands[i])) == 0) {
            (void)printf("command %s\n", rest);
        }
    }
    natsMsg_Destroy(message);
}

static void on_entry(natsConnection *connection, natsSubscription *subscription,
                     natsMsg *message, void *closure)
{
    const char *key = strrchr(natsMsg_GetSubject(message), '.') + 1;
    json_t *entry = parse(message);

    (void)connection;
    (void)subscription;
    (void)closure;
    (void)printf("entry %s", key);
    print_links(entry, " ", "");
    (void)printf("\n");
    json_decref(entry);
    natsMsg_Destroy(message);
}

/* Until it is ended.  One thread delivers all, so the order is the server's. */
static void watch(struct reader *reader)
{
    char subject[2 * SUBJECT_BYTES];
    natsSubscription *subscription;

    (void)snprintf(subject, sizeof subject, "%s>", reader->control);
    check(natsConnection_Subscribe(&subscription, reader->connection, subject, on_control,
                                   reader),
          subject);
    check(natsSubscription_SetPendingLimits(subscription, -1, -1), subject);
    (void)snprintf(subject, sizeof subject, "$KV.LATTICEDATA_%s.>", reader->lattice);
    check(natsConnection_Subscribe(&subscription, reader->connection, subject, on_entry,
                                   reader),
          subject);
    check(natsSubscription_SetPendingLimits(subscription, -1, -1), subject);
    check(natsConnection_Flush(reader->connection), "flush");
    (void)printf("watching\n");
    for (;;) {
        nats_Sleep(1000);
    }
}

static void connect_to(struct reader *reader, const char *url)
{
    natsOptions *options = NULL;

    check(natsOptions_Create(&options), "options");
    check(natsOptions_SetURL(options, url), url);
    check(natsOptions_UseGlobalMessageDelivery(options, true), "options");
    check(natsConnection_Connect(&reader->connection, options), url);
    natsOptions_Destroy(options);
}

int main(int count, char **words)
{
    struct reader reader = {.lattice = count > 2 ? words[2] : ""};
    const char *verb = count > 3 ? words[3] : "";
    char subject[2 * SUBJECT_BYTES];

    if (count < 4) {
        (void)fprintf(stderr, "usage: reader URL LATTICE now|watch|mark WORD\n");
        return 2;
    }
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)snprintf(reader.control, sizeof reader.control, "wasmbus.ctl.v1.%s.",
                   reader.lattice);
    connect_to(&reader, words[1]);
    if (strcmp(verb, "watch") == 0) {
        watch(&reader);
    } else if (strcmp(verb, "mark") == 0 && count > 4) {
        (void)snprintf(subject, sizeof subject, "%sreader.mark.%s", reader.control,
                       words[4]);
        check(natsConnection_PublishString(reader.connection, subject, ""), subject);
        check(natsConnection_Flush(reader.connection), subject);
    } else {
        print_now(&reader);
    }
    natsConnection_Destroy(reader.connection);
    nats_Close();
    return 0;
}
