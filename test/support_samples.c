#include "test/support_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "reconciler/wire/json.h"

#define SAMPLES_PATH "fixtures/wire/samples.jsonl"

const char *samples_file(const char *path, struct arena *arena)
{
    FILE *file = fopen(path, "rb");
    struct text text;
    char chunk[4096];
    size_t count;

    if (file == NULL) {
        fail_msg("%s is not there", path);
    }
    text_init(&text, arena, (size_t)16 * 1024 * 1024);
    while ((count = fread(chunk, 1, sizeof chunk, file)) > 0) {
        text_append_bytes(&text, chunk, count);
    }
    assert_int_equal(fclose(file), 0);
    assert_false(text.is_cut);
    return text.bytes;
}

static struct sample read_sample(const char *line, size_t length, struct arena *arena)
{
    struct json_reader reader = {.arena = arena};
    json_auto_t *root = json_read_object(&reader, line, length);
    const char *to = json_find_text(&reader, root, "to", "");
    const struct sample sample = {
        .kind = json_find_text(&reader, root, "kind", ""),
        .subject = json_find_text(&reader, root, "subject", to),
        .payload = json_find_text(&reader, root, "payload", ""),
        .headers = json_find_text(&reader, root, "headers", ""),
    };

    assert_int_equal(reader.code, ERR_OK);
    return sample;
}

struct samples samples_read(struct arena *arena)
{
    const char *at = samples_file(SAMPLES_PATH, arena);
    struct sample *items = NULL;
    size_t capacity = 0;
    size_t count = 0;

    while (*at != '\0') {
        const size_t length = strcspn(at, "\n");

        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = read_sample(at, length, arena);
        at += length + (at[length] == '\n');
    }
    assert_true(count > 100);
    return (struct samples){.items = items, .count = count};
}

bool sample_is(const struct sample *sample, const char *kind, const char *prefix)
{
    return strcmp(sample->kind, kind) == 0 &&
           strncmp(sample->subject, prefix, strlen(prefix)) == 0;
}

static void rewrite(const char *path, const struct text *actual)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(actual->bytes, 1, actual->count, file), actual->count);
    assert_int_equal(fclose(file), 0);
}

/* Print the lines from start to end, each after mark. */
static void print_lines(const char *mark, const char *start, const char *end)
{
    while (start < end) {
        const size_t length = strcspn(start, "\n");

        print_error("%s%.*s\n", mark, (int)length, start);
        start += length + (start[length] == '\n');
    }
}

/* Show what is left when the lines alike at both ends are taken away. */
static void print_difference(const char *expected, const char *actual)
{
    const char *expected_end = expected + strlen(expected);
    const char *actual_end = actual + strlen(actual);
    size_t same = 0;
    size_t line = 1;

    for (size_t i = 0; expected[i] != '\0' && expected[i] == actual[i]; i++) {
        if (expected[i] == '\n') {
            same = i + 1;
            line++;
        }
    }
    expected += same;
    actual += same;
    while (expected_end > expected && actual_end > actual &&
           expected_end[-1] == actual_end[-1]) {
        expected_end--;
        actual_end--;
    }
    print_error("from line %zu on:\n", line);
    print_lines("- ", expected, expected_end);
    print_lines("+ ", actual, actual_end);
}

void samples_assert_golden(const char *path, const struct text *actual)
{
    const char *wish = getenv("GOLDEN"); // NOLINT(concurrency-mt-unsafe): one thread
    struct arena arena = {0};
    const char *expected;
    bool is_same;

    assert_false(actual->is_cut);
    if (wish != NULL && strcmp(wish, "rewrite") == 0) {
        rewrite(path, actual);
    }
    expected = samples_file(path, &arena);
    is_same = strcmp(expected, actual->bytes) == 0;
    if (!is_same) {
        print_difference(expected, actual->bytes);
    }
    arena_free(&arena);
    if (!is_same) {
        fail_msg("%s differs; GOLDEN=rewrite writes it", path);
    }
}

bool samples_is_same_json(const char *a, const char *b)
{
    json_auto_t *first = json_loads(a, JSON_DECODE_ANY, NULL);
    json_auto_t *second = json_loads(b, JSON_DECODE_ANY, NULL);

    return first != NULL && second != NULL && json_equal(first, second) != 0;
}

void samples_print_inventory(const struct inventory *inventory, struct text *text)
{
    text_append(text, "host %s name %s version %s uptime %lld s\n", inventory->host,
                inventory->name, inventory->version,
                (long long)inventory->uptime_seconds);
    for (size_t i = 0; i < inventory->labels.count; i++) {
        text_append(text, "  label %s=%s\n", inventory->labels.items[i].key,
                    inventory->labels.items[i].value);
    }
    for (size_t i = 0; i < inventory->workloads_count; i++) {
        const struct host_workload *workload = &inventory->workloads[i];

        text_append(text, "  %s %s image %s count %u of '%s' by '%s'\n",
                    workload->kind == WORKLOAD_PROVIDER ? "provider" : "component",
                    workload->id, workload->image, (unsigned int)workload->count,
                    workload->application, workload->manager);
    }
}

static void print_names(const char *title, const struct names *names, struct text *text)
{
    text_append(text, " %s", title);
    for (size_t i = 0; i < names->count; i++) {
        text_append(text, "%c%s", i == 0 ? ' ' : ',', names->items[i]);
    }
}

static void print_links(const struct event *event, struct text *text)
{
    text_append(text, "links %s at %llu%s\n", event->u.links.source_id,
                (unsigned long long)event->u.links.sequence,
                event->u.links.is_deleted ? " deleted" : "");
    for (size_t i = 0; i < event->u.links.count; i++) {
        const struct link *link = &event->u.links.links[i];

        text_append(text, "  %s -[%s %s:%s]-> %s", link->source_id, link->name,
                    link->wit_namespace, link->wit_package, link->target);
        print_names("interfaces", &link->interfaces, text);
        print_names("source", &link->source_config, text);
        print_names("target", &link->target_config, text);
        text_append(text, "\n");
    }
}

void samples_print_event(const struct event *event, struct text *text)
{
    if (event->kind == EVENT_IGNORED) {
        text_append(text, "ignored\n");
    } else if (event->kind == EVENT_HOST_STARTED) {
        text_append(text, "host-started %s\n", event->u.host.id);
    } else if (event->kind == EVENT_HOST_STOPPED) {
        text_append(text, "host-stopped %s\n", event->u.host.id);
    } else if (event->kind == EVENT_HOST_CHANGED) {
        text_append(text, "host-changed %s\n", event->u.host.id);
    } else if (event->kind == EVENT_HEARTBEAT) {
        text_append(text, "heartbeat ");
        samples_print_inventory(event->u.inventory, text);
    } else if (event->kind == EVENT_WORKLOAD_FAILED) {
        text_append(text, "workload-failed %s on %s of %s: %s\n", event->u.workload.id,
                    event->u.workload.host, event->u.workload.image,
                    event->u.workload.text);
    } else if (event->kind == EVENT_WORKLOAD_HEALTHY) {
        text_append(text, "workload-healthy %s on %s\n", event->u.workload.id,
                    event->u.workload.host);
    } else if (event->kind == EVENT_WORKLOAD_UNHEALTHY) {
        text_append(text, "workload-unhealthy %s on %s\n", event->u.workload.id,
                    event->u.workload.host);
    } else if (event->kind == EVENT_LINKS) {
        print_links(event, text);
    } else if (event->kind == EVENT_CONFIG) {
        text_append(text, "config %s %s\n", event->u.config.name,
                    event->u.config.content != NULL ? event->u.config.content
                                                    : "deleted");
    } else {
        fail_msg("an event of kind %d does not come from bytes", (int)event->kind);
    }
}
