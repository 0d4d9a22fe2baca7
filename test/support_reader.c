#include "support_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nats/nats.h>

#include "support_lines.h"
#include "support_roll.h"

#define ASK_MS   10000
#define LOOK_MS  50
#define FLUSH_MS 10000

struct reader {
    natsConnection *connection;
    jsCtx *jetstream;
    natsSubscription *requests; /* all that is asked of hosts */
    natsSubscription *retired;  /* of the last look at hosts */
    char lattice[64];
    char prefix[96]; /* of the subjects of requests */
    struct lines commands;
    char *commands_text;
    char *world_text;
    json_t *inventories; /* of the last look */
};

static void check(natsStatus status)
{
    if (status != NATS_OK) {
        fail_msg("reader: %s", natsStatus_GetText(status));
    }
}

struct reader *reader_start(const char *url, const char *lattice)
{
    struct reader *reader = calloc(1, sizeof *reader);
    natsOptions *options = NULL;
    char subject[128];

    assert_non_null(reader);
    (void)snprintf(reader->lattice, sizeof reader->lattice, "%s", lattice);
    (void)snprintf(reader->prefix, sizeof reader->prefix, "wasmbus.ctl.v1.%s.", lattice);
    (void)snprintf(subject, sizeof subject, "%s>", reader->prefix);
    check(natsOptions_Create(&options));
    check(natsOptions_SetURL(options, url));
    check(natsOptions_SetTimeout(options, ASK_MS));
    check(natsOptions_SetMaxReconnect(options, -1));
    check(natsOptions_SetReconnectWait(options, 20));
    check(natsOptions_SetReconnectJitter(options, 0, 0));
    check(natsOptions_SetNoEcho(options, true)); /* it does not count itself */
    check(natsConnection_Connect(&reader->connection, options));
    natsOptions_Destroy(options);
    check(natsConnection_JetStream(&reader->jetstream, reader->connection, NULL));
    check(natsConnection_SubscribeSync(&reader->requests, reader->connection, subject));
    check(natsConnection_Flush(reader->connection));
    return reader;
}

void reader_turn_deaf(struct reader *reader)
{
    natsSubscription_Destroy(reader->requests);
    reader->requests = NULL;
}

void reader_stop(struct reader *reader)
{
    if (reader == NULL) {
        return;
    }
    reader_turn_deaf(reader);
    jsCtx_Destroy(reader->jetstream);
    natsConnection_Close(reader->connection);
    natsSubscription_Destroy(reader->retired);
    natsConnection_Destroy(reader->connection);
    lines_clear(&reader->commands);
    json_decref(reader->inventories);
    free(reader->commands_text);
    free(reader->world_text);
    free(reader);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "?";
}

/* Strings of an array, with commas in between. */
static void join(const json_t *array, char *ret_text, size_t size)
{
    const json_t *item;
    size_t index;
    size_t length = 0;

    ret_text[0] = '\0';
    json_array_foreach(array, index, item)
    {
        length += (size_t)snprintf(ret_text + length, size - length, "%s%s",
                                   index > 0 ? "," : "", json_string_value(item));
        assert_true(length < size);
    }
}

static void add_links(struct lines *lines, const char *value)
{
    json_t *entry = json_loads(value, 0, NULL);
    const json_t *link;
    size_t index;

    json_array_foreach(json_object_get(entry, "links"), index, link)
    {
        char interfaces[256];
        char source[256];
        char target[256];

        join(json_object_get(link, "interfaces"), interfaces, sizeof interfaces);
        join(json_object_get(link, "source_config"), source, sizeof source);
        join(json_object_get(link, "target_config"), target, sizeof target);
        lines_add(lines, "link %s -[%s %s:%s/%s]-> %s source [%s] target [%s]",
                  text_of(link, "source_id"), text_of(link, "name"),
                  text_of(link, "wit_namespace"), text_of(link, "wit_package"),
                  interfaces, text_of(link, "target"), source, target);
    }
    json_decref(entry);
}

static void add_config(struct lines *lines, const char *name, const char *value)
{
    json_t *config = json_loads(value, 0, NULL);
    char *text = json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS);

    lines_add(lines, "config %s %s", name, text != NULL ? text : "broken");
    free(text);
    json_decref(config);
}

/* A component's entry, whose value is its links; other keys are nobody's business. */
static void add_entry(struct lines *lines, bool is_links, const char *key,
                      const char *value)
{
    if (!is_links) {
        add_config(lines, key, value);
    } else if (strncmp(key, "COMPONENT_", 10) == 0) {
        add_links(lines, value);
    }
}

static void add_keys(kvStore *store, bool is_links, const kvKeysList *keys,
                     struct lines *lines)
{
    for (int i = 0; i < keys->Count; i++) {
        kvEntry *entry = NULL;

        if (kvStore_Get(&entry, store, keys->Keys[i]) == NATS_OK) {
            add_entry(lines, is_links, keys->Keys[i], kvEntry_ValueString(entry));
        }
        kvEntry_Destroy(entry);
    }
}

static void add_bucket(struct reader *reader, bool is_links, struct lines *lines)
{
    kvStore *store = NULL;
    kvKeysList keys = {0};
    kvWatchOptions options = {.Timeout = ASK_MS}; /* else nats.c may wait for ever */
    char bucket[96];

    (void)snprintf(bucket, sizeof bucket, "%s_%s",
                   is_links ? "LATTICEDATA" : "CONFIGDATA", reader->lattice);
    if (js_KeyValue(&store, reader->jetstream, bucket) == NATS_OK &&
        kvStore_Keys(&keys, store, &options) == NATS_OK) {
        add_keys(store, is_links, &keys, lines);
        kvKeysList_Destroy(&keys);
    }
    kvStore_Destroy(store);
}

static json_t *ask(struct reader *reader, const char *subject, const char *body,
                   bool has_type)
{
    natsMsg *request = NULL;
    natsMsg *answer = NULL;
    natsStatus status;
    json_t *json = NULL;

    check(natsMsg_Create(&request, subject, NULL, body, (int)strlen(body)));
    if (has_type) {
        check(natsMsgHeader_Set(request, "Content-Type", "application/json"));
    }
    status = natsConnection_RequestMsg(&answer, reader->connection, request, ASK_MS);
    if (status == NATS_OK) {
        json = json_loadb(natsMsg_GetData(answer), (size_t)natsMsg_GetDataLength(answer),
                          JSON_DECODE_ANY, NULL);
    }
    natsMsg_Destroy(request);
    natsMsg_Destroy(answer);
    return json;
}

json_t *reader_ask(struct reader *reader, const char *subject, const char *body)
{
    return ask(reader, subject, body, false);
}

json_t *reader_ask_json(struct reader *reader, const char *subject, const char *body)
{
    return ask(reader, subject, body, true);
}

static void look_at_hosts(struct reader *reader)
{
    char ids[ROLL_HOSTS_MAX][ROLL_ID_BYTES];
    const size_t count =
        roll_call(reader->connection, reader->prefix, &reader->retired, ids);

    json_decref(reader->inventories);
    reader->inventories = json_array();
    for (size_t i = 0; i < count; i++) {
        char subject[ROLL_ID_BYTES + 128];
        json_t *reply;

        (void)snprintf(subject, sizeof subject, "%shost.get.%.63s", reader->prefix,
                       ids[i]);
        reply = reader_ask(reader, subject, "");
        if (reply != NULL) {
            (void)json_array_append(reader->inventories,
                                    json_object_get(reply, "response"));
        }
        json_decref(reply);
    }
}

static void increase(json_t *sum, const char *key, json_int_t by)
{
    const json_int_t before = json_integer_value(json_object_get(sum, key));

    (void)json_integer_set(json_object_get(sum, key), before + by);
}

/* One host runs item, too. */
static void add_up(json_t *sums, const json_t *item)
{
    char name[512];
    json_t *sum;

    (void)snprintf(name, sizeof name, "%s %s", text_of(item, "id"),
                   text_of(item, "image_ref"));
    sum = json_object_get(sums, name);
    if (sum == NULL) {
        sum = json_pack("{s:s,s:s,s:i,s:i}", "id", text_of(item, "id"), "image",
                        text_of(item, "image_ref"), "hosts", 0, "instances", 0);
        (void)json_object_set_new(sums, name, sum);
    }
    increase(sum, "hosts", 1);
    increase(sum, "instances",
             json_integer_value(json_object_get(item, "max_instances")));
}

/* What all hosts together run of one kind, by id and image. */
static json_t *sum_up(const struct reader *reader, const char *kind)
{
    json_t *sums = json_object();

    for (size_t host = 0; host < json_array_size(reader->inventories); host++) {
        const json_t *inventory = json_array_get(reader->inventories, host);
        const json_t *items = json_object_get(inventory, kind);

        for (size_t i = 0; i < json_array_size(items); i++) {
            add_up(sums, json_array_get(items, i));
        }
    }
    return sums;
}

static void add_workloads(const struct reader *reader, struct lines *lines)
{
    json_t *components = sum_up(reader, "components");
    json_t *providers = sum_up(reader, "providers");
    const char *name;
    const json_t *sum;

    json_object_foreach(components, name, sum)
    {
        lines_add(lines, "component %s on %d hosts, %d instances of %s",
                  text_of(sum, "id"),
                  (int)json_integer_value(json_object_get(sum, "hosts")),
                  (int)json_integer_value(json_object_get(sum, "instances")),
                  text_of(sum, "image"));
    }
    json_object_foreach(providers, name, sum)
    {
        lines_add(lines, "provider %s on %d hosts of %s", text_of(sum, "id"),
                  (int)json_integer_value(json_object_get(sum, "hosts")),
                  text_of(sum, "image"));
    }
    json_decref(components);
    json_decref(providers);
}

const char *reader_world(struct reader *reader)
{
    struct lines lines = {.count = 0};

    if (natsConnection_Status(reader->connection) == NATS_CONN_STATUS_CONNECTED) {
        look_at_hosts(reader);
        add_workloads(reader, &lines);
        add_bucket(reader, true, &lines);
        add_bucket(reader, false, &lines);
    }
    lines_sort(&lines);
    reader->world_text = lines_join(&lines, reader->world_text);
    lines_clear(&lines);
    return reader->world_text;
}

/* Wait a moment; is there time left? */
static bool may_look_again(int64_t until)
{
    (void)poll(NULL, 0, LOOK_MS);
    return nats_Now() <= until;
}

void reader_expect(struct reader *reader, const char *expected, int ms)
{
    const int64_t until = nats_Now() + ms;
    bool is_so;

    do {
        is_so = strcmp(reader_world(reader), expected) == 0;
    } while (!is_so && may_look_again(until));
    if (!is_so) {
        fail_msg("the lattice is\n%sand not\n%s\ncommands:\n%s", reader->world_text,
                 expected, reader_commands(reader));
    }
}

void reader_expect_line(struct reader *reader, const char *start, int ms)
{
    const int64_t until = nats_Now() + ms;
    bool is_so;

    do {
        is_so = lines_have(reader_world(reader), start);
    } while (!is_so && may_look_again(until));
    if (!is_so) {
        fail_msg("the lattice is\n%swithout\n%s\n", reader->world_text, start);
    }
}

static bool has_bucket(struct reader *reader, const char *kind)
{
    kvStore *store = NULL;
    char bucket[96];
    natsStatus status;

    (void)snprintf(bucket, sizeof bucket, "%s_%s", kind, reader->lattice);
    status = js_KeyValue(&store, reader->jetstream, bucket);
    kvStore_Destroy(store);
    return status == NATS_OK;
}

void reader_expect_buckets(struct reader *reader, int ms)
{
    const int64_t until = nats_Now() + ms;

    while (!has_bucket(reader, "LATTICEDATA") || !has_bucket(reader, "CONFIGDATA")) {
        assert_true(may_look_again(until));
    }
}

static bool runs(const json_t *inventory, const char *kind, const char *id)
{
    const json_t *item;
    size_t index;

    json_array_foreach(json_object_get(inventory, kind), index, item)
    {
        if (strcmp(text_of(item, "id"), id) == 0) {
            return true;
        }
    }
    return false;
}

void reader_where(struct reader *reader, const char *id, char *ret_names, size_t size)
{
    struct lines names = {.count = 0};
    const json_t *inventory;
    size_t index;
    size_t length = 0;

    look_at_hosts(reader);
    json_array_foreach(reader->inventories, index, inventory)
    {
        if (runs(inventory, "components", id) || runs(inventory, "providers", id)) {
            lines_add(&names, "%s", text_of(inventory, "friendly_name"));
        }
    }
    lines_sort(&names);
    ret_names[0] = '\0';
    for (size_t i = 0; i < names.count; i++) {
        length += (size_t)snprintf(ret_names + length, size - length, "%s%s",
                                   i > 0 ? " " : "", names.items[i]);
        assert_true(length < size);
    }
    lines_clear(&names);
}

static bool is_question(const char *tail)
{
    return strncmp(tail, "host.ping", 9) == 0 || strncmp(tail, "host.get.", 9) == 0 ||
           strcmp(tail, "link.get") == 0 || strncmp(tail, "config.get.", 11) == 0 ||
           strcmp(tail, "claims.get") == 0;
}

/* Everything the server had for us before now has come, and is written down. */
static void hear(struct reader *reader)
{
    natsMsg *message = NULL;

    (void)natsConnection_FlushTimeout(reader->connection, FLUSH_MS);
    while (natsSubscription_NextMsg(&message, reader->requests, 0) == NATS_OK) {
        const char *tail = natsMsg_GetSubject(message) + strlen(reader->prefix);

        if (!is_question(tail)) {
            lines_add(&reader->commands, "%s", tail);
        }
        natsMsg_Destroy(message);
    }
}

const char *reader_commands(struct reader *reader)
{
    hear(reader);
    reader->commands_text = lines_join(&reader->commands, reader->commands_text);
    return reader->commands_text;
}

size_t reader_count(struct reader *reader, const char *start)
{
    size_t count = 0;

    hear(reader);
    for (size_t i = 0; i < reader->commands.count; i++) {
        count += strncmp(reader->commands.items[i], start, strlen(start)) == 0;
    }
    return count;
}

void reader_forget(struct reader *reader)
{
    hear(reader);
    lines_clear(&reader->commands);
}
