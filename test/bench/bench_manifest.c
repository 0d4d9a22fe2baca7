/*
 * bench_manifest - how fast manifests are read and validated, next to the least that can
 * be done with them: libyaml's events, looked at by nobody, over the same bytes.
 *
 * Exit 1 when reading takes more than RATIO_MAX times that, when a component of many
 * costs more than FLAT_MAX times one of few, or when the process that reads needs more
 * than MEMORY_MAX times the size of the text.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <yaml.h>

#include "manifest/manifest.h"
#include "test/bench/generate.h"

#define ROUNDS     7
#define RATIO_MAX  2.0
#define FLAT_MAX   1.5
#define MEMORY_MAX 6.0
#define WORK       ((size_t)10000) /* components a round, of one text or of many */

struct figures {
    double events_seconds; /* a text */
    double read_seconds;
};

/* What the table says of a size. */
struct row {
    double ratio;  /* of both times */
    double cost;   /* microseconds a component */
    double memory; /* of the process, in sizes of the text */
};

/* Processor time: what else runs here is not counted. */
static double now(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void loop_events(const char *text, size_t length)
{
    yaml_parser_t parser;
    bool is_done = false;

    if (yaml_parser_initialize(&parser) == 0) {
        abort();
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    while (!is_done) {
        yaml_event_t event;

        if (yaml_parser_parse(&parser, &event) == 0) {
            abort();
        }
        is_done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

static void read_manifest(const char *text, size_t length)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct diags diags;
    struct err err;

    diags_init(&diags, &arena, "bench");
    if (manifest_read(text, length, "bench", &arena, &diags, &manifest, &err) != ERR_OK) {
        (void)fprintf(stderr, "bench_manifest: %s\n", err.message);
        exit(1); // NOLINT(concurrency-mt-unsafe): one thread
    }
    arena_free(&arena);
}

static double measure(void run(const char *text, size_t length), const char *text,
                      size_t length, size_t times)
{
    const double start = now();

    for (size_t i = 0; i < times; i++) {
        run(text, length);
    }
    return (now() - start) / (double)times;
}

static int compare_seconds(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;

    return (a > b) - (a < b);
}

/* The medians of both, measured in turns so that what else runs slows both down. */
static struct figures measure_both(const char *text, size_t length, size_t times)
{
    double events[ROUNDS];
    double reads[ROUNDS];

    for (size_t i = 0; i < ROUNDS; i++) {
        events[i] = measure(loop_events, text, length, times);
        reads[i] = measure(read_manifest, text, length, times);
    }
    qsort(events, ROUNDS, sizeof *events, compare_seconds);
    qsort(reads, ROUNDS, sizeof *reads, compare_seconds);
    return (struct figures){.events_seconds = events[ROUNDS / 2],
                            .read_seconds = reads[ROUNDS / 2]};
}

/*
 * The most memory of a process that does nothing but make this text and read it, or of
 * one before it: they must be asked in the order of their size.
 */
static double peak_bytes(size_t count)
{
    struct rusage usage;
    const pid_t pid = fork();

    if (pid == 0) {
        size_t length;
        char *text = generate_manifest(count, &length);

        read_manifest(text, length);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, NULL, 0) != pid ||
        getrusage(RUSAGE_CHILDREN, &usage) != 0) {
        abort();
    }
    return (double)usage.ru_maxrss * 1024;
}

static bool require(bool is_so, const char *what)
{
    if (!is_so) {
        printf("out of bounds: %s\n", what);
    }
    return is_so;
}

/* Measure a manifest of count components, print a line, and return the figures. */
static struct row measure_row(size_t count)
{
    const double peak = peak_bytes(count);
    size_t length;
    char *text = generate_manifest(count, &length);
    const struct figures figures = measure_both(text, length, WORK / count);
    const struct row row = {
        .ratio = figures.read_seconds / figures.events_seconds,
        .cost = figures.read_seconds * 1e6 / (double)count,
        .memory = peak / (double)length,
    };

    printf("%10zu %8zu %10.2f %9.2f %6.2f %13.2f %6.1fx\n", count, length,
           figures.events_seconds * 1e3, figures.read_seconds * 1e3, row.ratio, row.cost,
           row.memory);
    free(text);
    return row;
}

int main(void)
{
    static const size_t counts[] = {10, 100, 1000, 10000};
    struct row row = {0};
    double least = 0;
    bool is_within = true;

    printf("components    bytes  events ms   read ms  ratio  us/component  memory\n");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        row = measure_row(counts[i]);
        least = i == 0 || row.cost < least ? row.cost : least;
    }
    is_within &= require(row.ratio <= RATIO_MAX, "reading next to libyaml's events");
    is_within &= require(row.cost <= FLAT_MAX * least, "the cost of a component");
    is_within &= require(row.memory <= MEMORY_MAX, "memory next to the size of the text");
    return is_within ? 0 : 1;
}
