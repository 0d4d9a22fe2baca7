#include "test/support_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"

static void begin_record(struct bench *bench, struct text *record)
{
    text_init(record, &bench->arena, MESSAGE_BYTES_MAX);
}

void bench_open_with(struct bench *bench, struct sim_host_options options)
{
    static const struct property label = {"zone", "z2"};

    *bench = (struct bench){.now = {1000}};
    begin_record(bench, &bench->replies);
    begin_record(bench, &bench->events);
    begin_record(bench, &bench->messages);
    begin_record(bench, &bench->envelopes);
    begin_record(bench, &bench->writes);
    options.lattice = "default";
    options.id = BENCH_HOST;
    options.name = "spring-shape-1449";
    options.labels = (struct properties){.items = &label, .count = 1};
    bench->host = sim_host_new(&options);
    sim_host_start(bench->host, bench->now);
    sim_host_scanned(bench->host, bench->now);
    bench_pump(bench);
    (void)bench_take(bench, &bench->events);
}

void bench_open(struct bench *bench)
{
    bench_open_with(bench, (struct sim_host_options){.fetch_ms = 1100});
}

void bench_close(struct bench *bench)
{
    sim_host_free(bench->host);
    arena_free(&bench->arena);
}

int bench_setup(void **state)
{
    static struct bench bench;

    bench_open(&bench);
    *state = &bench;
    return 0;
}

int bench_teardown(void **state)
{
    bench_close(*state);
    return 0;
}

const char *bench_take(struct bench *bench, struct text *record)
{
    const char *taken = record->bytes;

    begin_record(bench, record);
    return taken;
}

/* The index of an entry; entries_count when there is none. */
static size_t find_entry(const struct bench *bench, const char *bucket, const char *key)
{
    size_t i = 0;

    while (i < bench->entries_count && (strcmp(bench->entries[i].bucket, bucket) != 0 ||
                                        strcmp(bench->entries[i].key, key) != 0)) {
        i++;
    }
    return i;
}

const char *bench_get(const struct bench *bench, const char *bucket, const char *key)
{
    const size_t i = find_entry(bench, bucket, key);

    return i < bench->entries_count ? bench->entries[i].bytes : NULL;
}

static void store(struct bench *bench, const char *bucket, const char *key,
                  const char *bytes)
{
    const size_t i = find_entry(bench, bucket, key);
    struct bench_entry *entry = &bench->entries[i];

    assert_true(i < BENCH_ENTRIES_MAX);
    if (i == bench->entries_count) {
        bench->entries_count++;
        entry->bucket = arena_copy(&bench->arena, bucket);
        entry->key = arena_copy(&bench->arena, key);
    }
    entry->bytes = bytes != NULL ? arena_copy(&bench->arena, bytes) : NULL;
    if (bench->is_deaf) {
        return;
    }
    if (strcmp(bucket, LINKS) == 0) {
        sim_host_watched(bench->host, bench->now, entry->key, entry->bytes,
                         entry->bytes != NULL ? strlen(entry->bytes) : 0);
    } else {
        sim_host_config_changed(bench->host, bench->now, entry->key);
    }
}

void bench_put(struct bench *bench, const char *bucket, const char *key,
               const char *bytes)
{
    store(bench, bucket, key, bytes);
    bench_pump(bench);
}

static void record_event(struct bench *bench, const struct sim_effect *effect)
{
    const char *name = strrchr(effect->subject, '.') + 1;
    const char *data = strstr(effect->bytes, "\"data\":");

    assert_non_null(data);
    data += strlen("\"data\":");
    text_append(&bench->envelopes, "%s\n", effect->bytes);
    text_append(&bench->events, "%s ", name);
    text_append_bytes(&bench->events, data, strlen(data) - 1);
    text_append(&bench->events, "\n");
}

static void record(struct bench *bench, const struct sim_effect *effect)
{
    assert_int_equal(strlen(effect->bytes), effect->length);
    if (strcmp(effect->subject, "_INBOX.1") == 0) {
        text_append(&bench->replies, "%s\n", effect->bytes);
    } else if (strncmp(effect->subject, "wasmbus.evt.", 12) == 0) {
        record_event(bench, effect);
    } else {
        text_append(&bench->messages, "%s %s\n", effect->subject, effect->bytes);
    }
}

/* Messages to providers come back to the host that runs them. */
static void loop_back(struct bench *bench, const struct sim_effect *effect)
{
    const size_t length = strlen(effect->subject);
    const char tail[] = ".linkdefs.del";

    if (length > strlen(tail) &&
        strcmp(effect->subject + length - strlen(tail), tail) == 0) {
        const char *subject = arena_copy(&bench->arena, effect->subject);
        const char *bytes = arena_copy(&bench->arena, effect->bytes);

        sim_host_request(bench->host, bench->now, subject, "", bytes, strlen(bytes));
    }
}

static void read_entry(struct bench *bench, const struct sim_effect *effect)
{
    const char *bytes =
        bench->are_buckets_missing ? NULL : bench_get(bench, effect->bucket, effect->key);

    sim_host_read(bench->host, bench->now, effect->token, bytes,
                  bytes != NULL ? strlen(bytes) : 0, bench->are_buckets_missing);
}

static void write_entry(struct bench *bench, const struct sim_effect *effect)
{
    const uint64_t token = effect->token;

    if (!bench->are_buckets_missing) {
        text_append(&bench->writes, "%s %s\n", effect->key,
                    effect->bytes != NULL ? effect->bytes : "(purged)");
        store(bench, arena_copy(&bench->arena, effect->bucket),
              arena_copy(&bench->arena, effect->key),
              effect->bytes != NULL ? arena_copy(&bench->arena, effect->bytes) : NULL);
    }
    sim_host_written(bench->host, bench->now, token, !bench->are_buckets_missing);
}

void bench_pump(struct bench *bench)
{
    struct sim_effect effect;

    while (sim_host_take(bench->host, &effect)) {
        switch (effect.kind) {
        case SIM_PUBLISH:
            record(bench, &effect);
            loop_back(bench, &effect);
            break;
        case SIM_READ:
            read_entry(bench, &effect);
            break;
        case SIM_WRITE:
        case SIM_PURGE:
            write_entry(bench, &effect);
            break;
        case SIM_LEAVE:
            bench->has_left = true;
            break;
        }
    }
}

void bench_send(struct bench *bench, const char *verb, const char *body)
{
    const char *addressed = strstr(verb, "{H}");
    const size_t length = addressed != NULL ? (size_t)(addressed - verb) : strlen(verb);
    const char *subject =
        arena_print(&bench->arena, "wasmbus.ctl.v1.default.%.*s%s", (int)length, verb,
                    addressed != NULL ? BENCH_HOST : "");

    sim_host_request(bench->host, bench->now, subject, "_INBOX.1", body, strlen(body));
    bench_pump(bench);
}

const char *bench_ask(struct bench *bench, const char *verb, const char *body)
{
    char *reply;
    size_t length;

    (void)bench_take(bench, &bench->replies);
    bench_send(bench, verb, body);
    reply = arena_copy(&bench->arena, bench_take(bench, &bench->replies));
    length = strlen(reply);
    if (length > 0) {
        assert_true(strchr(reply, '\n') == reply + length - 1);
        reply[length - 1] = '\0';
    }
    return reply;
}

void bench_wait(struct bench *bench, int64_t ms)
{
    const int64_t until = bench->now.ms + ms;

    for (;;) {
        const struct instant due = sim_host_deadline(bench->host);

        if (due.ms > until) {
            break;
        }
        bench->now.ms = due.ms > bench->now.ms ? due.ms : bench->now.ms;
        sim_host_advance(bench->host, bench->now);
        bench_pump(bench);
    }
    bench->now.ms = until;
    sim_host_advance(bench->host, bench->now);
    bench_pump(bench);
}

const char *bench_runs(struct bench *bench)
{
    struct text text;

    begin_record(bench, &text);
    sim_host_print(bench->host, &text);
    return text.bytes;
}

const char *bench_serves(struct bench *bench)
{
    struct text text;

    begin_record(bench, &text);
    sim_print_serving(&bench->host, 1, &text);
    return text.bytes;
}

const char *bench_scale(struct bench *bench, const char *id, uint32_t count,
                        const char *image)
{
    return arena_print(&bench->arena,
                       "{\"component_id\":\"%s\",\"component_ref\":\"%s\",\"count\":%u,"
                       "\"host_id\":\"" BENCH_HOST "\","
                       "\"annotations\":{\"by\":\"test\"},\"config\":[]}",
                       id, image, (unsigned int)count);
}

const char *bench_start(struct bench *bench, const char *id, const char *image)
{
    return arena_print(&bench->arena,
                       "{\"provider_id\":\"%s\",\"provider_ref\":\"%s\","
                       "\"host_id\":\"" BENCH_HOST "\",\"annotations\":{},\"config\":[]}",
                       id, image);
}

const char *bench_link(struct bench *bench, const char *source, const char *target,
                       const char *interface, const char *source_config)
{
    return arena_print(&bench->arena,
                       "{\"source_id\":\"%s\",\"target\":\"%s\",\"name\":\"default\","
                       "\"wit_namespace\":\"wasi\",\"wit_package\":\"http\","
                       "\"interfaces\":[\"%s\"],\"source_config\":[%s],"
                       "\"target_config\":[]}",
                       source, target, interface, source_config);
}
