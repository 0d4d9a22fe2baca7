/* Bytes of the simulated host against bytes of a real one: fixtures/wire/samples.jsonl.
 *
 * The host is led through what the real ones were led through.  All that it says, with
 * times, ids and the names of the two hosts masked, must contain every captured reply,
 * event, entry and message that an unsigned image can cause. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "reconciler/sim/host_faults.h"
#include "test/support_sim.h"

#define SAMPLES "fixtures/wire/samples.jsonl"
#define OTHER   "NCDJCJ3EKNAPEQXTOFR7XUYQFNSG53IRBKCI2DAFUC57BJ3FXWMM4EMI"

/* How many of the captured lines are of the kinds compared here. */
#define SAMPLES_COUNT 73

#define HELLO  "file:///srv/components/hello.wasm"
#define HELLO2 "file:///srv/components/hello2.wasm"
#define HELLO4 "file:///srv/components/hello4.wasm"

/* Everything that was said, masked, one line each. */
struct said {
    struct bench bench;
    struct text lines;
};

/* Replace what stands from just after start up to end by "*", wherever start is. */
static const char *mask(struct arena *arena, const char *line, const char *start,
                        const char *end)
{
    struct text text;
    const char *found;

    text_init(&text, arena, 1000000);
    while ((found = strstr(line, start)) != NULL) {
        const size_t head = (size_t)(found - line) + strlen(start);

        text_append_bytes(&text, line, head);
        text_append(&text, "*");
        line += head;
        line += strcspn(line, end);
    }
    text_append(&text, "%s", line);
    return text.bytes;
}

static const char *replace(struct arena *arena, const char *line, const char *from,
                           const char *to)
{
    struct text text;
    const char *found;

    text_init(&text, arena, 1000000);
    while ((found = strstr(line, from)) != NULL) {
        text_append_bytes(&text, line, (size_t)(found - line));
        text_append(&text, "%s", to);
        line = found + strlen(from);
    }
    text_append(&text, "%s", line);
    return text.bytes;
}

static const char *masked(struct arena *arena, const char *line)
{
    line = replace(arena, line, OTHER, BENCH_HOST);
    line = replace(arena, line, "fragrant-hamster-6885", "spring-shape-1449");
    line = replace(arena, line, "\"zone\":\"z1\"", "\"zone\":\"z2\"");
    line = mask(arena, line, "\"specversion\":\"1.0\",\"id\":\"", "\"");
    line = mask(arena, line, "\"time\":\"", "\"");
    line = mask(arena, line, "\"uptime_human\":\"", "\"");
    line = mask(arena, line, "\"uptime_seconds\":", ",}");
    return mask(arena, line, "wasmbus.rpc.default.X", ".");
}

static void add_lines(struct said *said, const char *kind, const char *lines)
{
    while (*lines != '\0') {
        const size_t length = strcspn(lines, "\n");
        const char *line = arena_text(&said->bench.arena, lines, length);

        text_append(&said->lines, "%s %s\n", kind, masked(&said->bench.arena, line));
        lines += length + 1;
    }
}

static void collect(struct said *said)
{
    struct bench *bench = &said->bench;

    add_lines(said, "reply", bench_take(bench, &bench->replies));
    add_lines(said, "event", bench_take(bench, &bench->envelopes));
    add_lines(said, "publish", bench_take(bench, &bench->messages));
    add_lines(said, "kv", bench_take(bench, &bench->writes));
}

static void say(struct said *said, const char *verb, const char *body)
{
    bench_send(&said->bench, verb, body);
    collect(said);
}

static void pass(struct said *said, int64_t ms)
{
    bench_wait(&said->bench, ms);
    collect(said);
}

#define WADM                                                                             \
    "\"annotations\":{\"wasmcloud.dev/appspec\":\"hello\",\"wasmcloud.dev/managed-by\":" \
    "\"wadm\",\"wasmcloud.dev/scaler\":\"%s\",\"wasmcloud.dev/"                          \
    "spread_name\":\"default\"}"
#define HOST_ID "\"host_id\":\"" BENCH_HOST "\""

static void deploy_hello(struct said *said)
{
    struct arena *arena = &said->bench.arena;

    say(said, "config.get.hello-default_http", "");
    say(said, "config.put.hello-default_http", "{\"address\":\"127.0.0.1:18080\"}");
    say(said, "config.get.hello-default_http", "");
    say(said, "provider.start.{H}",
        arena_print(arena,
                    "{\"provider_id\":\"hello-httpserver\",\"provider_ref\":"
                    "\"wasmcloud+builtin://http-server\"," HOST_ID ",\"config\":[]," WADM
                    "}",
                    "916a25a13156fb2abb5bff1c580f2c9dbc9d92f5553057648f1ba8ac66a04aed"));
    pass(said, 20);
    say(said, "link.put",
        "{\"source_id\":\"hello-httpserver\",\"target\":\"hello-http_component\","
        "\"name\":\"default\",\"wit_namespace\":\"wasi\",\"wit_package\":\"http\","
        "\"interfaces\":[\"incoming-handler\"],\"source_config\":[\"hello-default_http\"]"
        ",\"target_config\":[]}");
    say(said, "link.get", "");
    pass(said, 30000);
    say(said, "link.del",
        "{\"source_id\":\"hello-httpserver\",\"name\":\"default\",\"wit_namespace\":"
        "\"wasi\",\"wit_package\":\"http\"}");
    say(said, "config.del.hello-default_http", "");
    say(said, "provider.stop.{H}", "{" HOST_ID ",\"provider_id\":\"hello-httpserver\"}");
    say(said, "component.scale.{H}",
        arena_print(arena,
                    "{\"component_ref\":\"" HELLO
                    "\",\"component_id\":\"hello-http_component\"," WADM
                    ",\"count\":2," HOST_ID ",\"config\":[],\"allow_update\":false}",
                    "42045c11991b6c6b8e90c2948a68c2677b06c787b517546f0530c959280c5f1e"));
    pass(said, 30000);
    say(said, "component.scale.{H}", "{\"component_id\":\"hello-http_component\"}");
}

static void scale(struct said *said, const char *id, const char *image, const char *more)
{
    say(said, "component.scale.{H}",
        arena_print(&said->bench.arena,
                    "{\"component_id\":\"%s\",\"component_ref\":\"%s\"," HOST_ID
                    ",\"annotations\":{\"wasmcloud.dev/managed-by\":\"probe\"},%s}",
                    id, image, more));
    pass(said, 2000);
    say(said, "host.get.{H}", "");
}

static void probe_components(struct said *said)
{
    sim_host_refuse(said->bench.host, "file:///nonexistent.wasm", "");
    pass(said, 30000);
    scale(said, "pc", HELLO, "\"count\":1,\"config\":[]");
    scale(said, "pc", HELLO, "\"count\":3");
    scale(said, "pc", HELLO2, "\"count\":2");
    pass(said, 30000);
    scale(said, "pc", HELLO4, "\"count\":2,\"allow_update\":true");
    say(said, "component.update.{H}",
        "{\"component_id\":\"pc\",\"new_component_ref\":\"" HELLO2 "\"," HOST_ID
        ",\"annotations\":{}}");
    pass(said, 2000);
    scale(said, "pmiss", "file:///nonexistent.wasm", "\"count\":1");
    scale(said, "pcfg", HELLO, "\"count\":1,\"config\":[\"nope\"]");
    say(said, "component.scale.{H}", "not json");
    say(said, "component.auction", "not json");
    say(said, "component.auction",
        "{\"component_ref\":\"" HELLO "\",\"component_id\":\"x\",\"constraints\":{}}");
}

static void put_link(struct said *said, const char *target, const char *interfaces,
                     const char *target_config)
{
    say(said, "link.put",
        arena_print(&said->bench.arena,
                    "{\"source_id\":\"s1\",\"target\":\"%s\",\"wit_namespace\":\"wasi\","
                    "\"wit_package\":\"keyvalue\",\"interfaces\":[%s],\"target_config\":"
                    "[%s]}",
                    target, interfaces, target_config));
}

static void probe_links(struct said *said)
{
    static const char delete[] = "{\"source_id\":\"s1\",\"wit_namespace\":\"wasi\","
                                 "\"wit_package\":\"keyvalue\"}";

    say(said, "config.put.c1", "{\"k\":\"v\",\"address\":\"127.0.0.1:18099\"}");
    say(said, "config.get.c1", "");
    say(said, "config.put.x", "not json");
    say(said, "config.put.a.b", "{}");
    put_link(said, "t1", "\"store\"", "\"nope\"");
    put_link(said, "t1", "\"store\"", "");
    put_link(said, "t2", "\"store\"", "");
    put_link(said, "t2", "\"atomics\"", "");
    put_link(said, "t1", "\"store\",\"atomics\"", "");
    put_link(said, "t1", "\"store\"", "\"c1\"");
    say(said, "link.del", delete);
    say(said, "link.del", delete);
    say(said, "link.del", delete);
}

static void start(struct said *said, const char *id, const char *image, const char *notes)
{
    say(said, "provider.start.{H}",
        arena_print(&said->bench.arena,
                    "{\"provider_id\":\"%s\",\"provider_ref\":\"%s\"," HOST_ID
                    ",\"annotations\":{%s},\"config\":[]}",
                    id, image, notes));
    pass(said, 1100);
}

static void probe_providers(struct said *said)
{
    static const char builtin[] = "wasmcloud+builtin://http-server";

    sim_host_refuse(said->bench.host, "file:///nonexistent.par.gz", "");
    start(said, "pp", builtin, "\"x\":\"y\"");
    start(said, "pp", builtin, "\"x\":\"y\"");
    for (int i = 0; i < 2; i++) {
        say(said, "provider.stop.{H}", "{" HOST_ID ",\"provider_id\":\"pp\"}");
    }
    start(said, "pm", "file:///nonexistent.par.gz", "");
    start(said, "web", builtin, "");
    say(said, "provider.stop.{H}", "{" HOST_ID ",\"provider_id\":\"web\"}");
    start(said, "web", "file:///srv/providers/hsp.par.gz", "");
    pass(said, 36000);
    say(said, "provider.stop.{H}", "{" HOST_ID ",\"provider_id\":\"web\"}");
    start(said, "hello-httpserver", "file:///srv/providers/hsp.par.gz", "");
}

static void probe_the_rest(struct said *said)
{
    say(said, "host.ping", "");
    say(said, "link.get", "");
    say(said, "claims.get", "");
    say(said, "label.put.{H}", "{\"key\":\"zone\",\"value\":\"new\"}");
    say(said, "label.put.{H}", "{\"key\":\"hostcore.os\",\"value\":\"new\"}");
    say(said, "label.del.{H}", "{\"key\":\"zone\"}");
}

static const char *text_of(const json_t *sample, const char *key)
{
    const char *text = json_string_value(json_object_get(sample, key));

    return text != NULL ? text : "";
}

/* The line that a sample should be found as; NULL when it is of no kind compared here:
 * requests, other programs' traffic, and what only signed images cause. */
static const char *expected_line(struct arena *arena, const json_t *sample)
{
    const char *kind = text_of(sample, "kind");
    const char *subject = text_of(sample, "subject");
    const char *payload = text_of(sample, "payload");
    const char *key = strstr(subject, "_default.");

    if (strstr(payload, "\"issuer\"") != NULL) {
        return NULL;
    }
    if (strcmp(kind, "reply") == 0) {
        return strncmp(text_of(sample, "to"), "wasmbus.ctl.", 12) == 0
                   ? arena_print(arena, "reply %s\n", payload)
                   : NULL;
    }
    if (strcmp(kind, "event") == 0) {
        return arena_print(arena, "event %s\n", payload);
    }
    if (strcmp(kind, "publish") == 0) {
        return arena_print(arena, "publish %s %s\n", subject, payload);
    }
    if (strcmp(kind, "kv") == 0 && strstr(subject, "DATA_default.") != NULL) {
        return arena_print(arena, "kv %s %s\n", key + strlen("_default."),
                           payload[0] != '\0' ? payload : "(purged)");
    }
    return NULL;
}

/* Is the sample in line among what was said?  1 for one that is compared at all. */
static size_t compare(struct said *said, const char *line)
{
    json_t *sample = json_loads(line, 0, NULL);
    const char *expected;

    assert_non_null(sample);
    expected = expected_line(&said->bench.arena, sample);
    json_decref(sample);
    if (expected == NULL) {
        return 0;
    }
    expected = masked(&said->bench.arena, expected);
    if (strstr(said->lines.bytes, expected) == NULL) {
        fail_msg("never said: %s", expected);
    }
    return 1;
}

static size_t compare_all(struct said *said, FILE *samples)
{
    char line[16384];
    size_t compared = 0;

    while (fgets(line, (int)sizeof line, samples) != NULL) {
        compared += compare(said, line);
    }
    return compared;
}

static void test_samples(void **state)
{
    struct said said;
    FILE *samples = fopen(SAMPLES, "r");
    size_t compared;

    (void)state;
    assert_non_null(samples);
    bench_open(&said.bench);
    text_init(&said.lines, &said.bench.arena, 10000000);
    collect(&said);
    say(&said, "host.ping", "");
    say(&said, "link.get", "");
    deploy_hello(&said);
    probe_components(&said);
    probe_links(&said);
    probe_providers(&said);
    probe_the_rest(&said);
    compared = compare_all(&said, samples);
    assert_int_equal(compared, SAMPLES_COUNT);
    bench_close(&said.bench);
    (void)fclose(samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"every captured sample is said byte by byte", test_samples, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
