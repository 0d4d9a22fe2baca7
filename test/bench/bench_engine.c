/*
 * bench_engine - what a decision costs: the engine alone, against a lattice that does
 * all it is told at once, in virtual time.
 *
 *   bench_engine [COMPONENTS]...
 *
 * Every component has two links; the hundred of an application share a config.  Time is
 * the processor's, of engine_step alone; memory is all that the engine holds when
 * everything is deployed. Exit 1 when a command was sent that was not needed.
 */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "reconciler/core/inventory_digest.h"
#include "reconciler/core/status.h"

#define HOSTS              10
#define LINKS              2
#define APPLICATION_SIZE   100 /* components of one application */
#define BEAT_MS            ((int64_t)30 * 1000)
#define EVENTS_PER_COMMAND 2

static const char *const packages[LINKS] = {"keyvalue", "messaging"};
static const char *const interface[1] = {"store"};

struct worker {
    char *id;
    char *image;
    struct link links[LINKS];
    const char *config_names[1]; /* of its application */
    bool is_linked[LINKS];
    bool is_running;
};

struct bench_host {
    char id[32];
    struct host_workload *workloads; /* sorted by id; room for all */
    size_t count;
    struct instant beats_at;
};

/* The lattice, and how far it is. */
struct bench {
    size_t count; /* components */
    struct worker *workers;
    struct bench_host hosts[HOSTS];
    struct event *events; /* for the next step */
    size_t events_count;
    size_t events_capacity;
    struct arena arena; /* of events, until the next step */
    size_t commands;    /* that were not questions */
    double seconds;     /* in engine_step */
    struct instant now;
};

static double processor_seconds(void)
{
    struct rusage usage;

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static size_t bytes_in_use(void)
{
    const struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

static void tell(struct bench *bench, const struct event *event)
{
    if (bench->events_count == bench->events_capacity) {
        abort();
    }
    bench->events[bench->events_count++] = *event;
}

/* The number at the end of a component's id or a config's name. */
static struct worker *worker_of(const struct bench *bench, const char *name)
{
    return &bench->workers[strtoul(strrchr(name, '-') + 1, NULL, 10)];
}

static char *name_of(struct arena *arena, const char *kind, size_t index)
{
    return arena_print(arena, "shop%04zu-%s-%06zu", index / APPLICATION_SIZE, kind,
                       index);
}

static void make_workers(struct bench *bench, struct arena *arena)
{
    for (size_t i = 0; i < bench->count; i++) {
        struct worker *worker = &bench->workers[i];

        worker->id = name_of(arena, "component", i);
        worker->config_names[0] = i % APPLICATION_SIZE == 0
                                      ? name_of(arena, "config", i)
                                      : bench->workers[i - 1].config_names[0];
        worker->image =
            arena_print(arena, "ghcr.io/example/components/worker-%06zu:0.1.0", i);
    }
    for (size_t i = 0; i < bench->count; i++) {
        struct worker *worker = &bench->workers[i];

        for (size_t j = 0; j < LINKS; j++) {
            worker->links[j] = (struct link){
                .source_id = worker->id,
                .target = bench->workers[(i + j + 1) % bench->count].id,
                .name = "default",
                .wit_namespace = "wasi",
                .wit_package = packages[j],
                .interfaces = {interface, 1},
                .target_config = {worker->config_names, j == 0 ? 1 : 0},
            };
        }
    }
}

/* Declare the application of count components from first on. */
static void declare(struct bench *bench, size_t first, size_t count)
{
    struct arena *arena = &bench->arena;
    struct config_row *config = arena_alloc(arena, sizeof *config);
    struct link_row *links = arena_array(arena, LINKS * count, sizeof *links);
    struct workload_row *workloads = arena_array(arena, count, sizeof *workloads);
    struct desired *desired = arena_alloc(arena, sizeof *desired);
    const struct origin origin = {.source = "shop.yaml"};

    *config = (struct config_row){bench->workers[first].config_names[0],
                                  "{\"level\":\"3\"}", origin};
    for (size_t i = 0; i < count; i++) {
        const struct worker *worker = &bench->workers[first + i];
        for (size_t j = 0; j < LINKS; j++) {
            links[LINKS * i + j] = (struct link_row){
                worker->links[j], arena_print(arena, "%064zx", LINKS * (first + i) + j),
                origin};
        }
        workloads[i] = (struct workload_row){
            .kind = WORKLOAD_COMPONENT,
            .id = worker->id,
            .component = worker->id + strlen("shop0000-"),
            .image = worker->image,
            .instances = 1,
            .configs = {worker->config_names, 1},
            .scaler_id = arena_print(arena, "%064zx", first + i),
            .spreads = &spread_default,
            .spreads_count = 1,
            .origin = origin,
        };
    }
    *desired = (struct desired){
        .application = arena_print(arena, "shop%04zu", first / APPLICATION_SIZE),
        .version = "v1",
        .configs = config,
        .configs_count = 1,
        .links = links,
        .links_count = LINKS * count,
        .workloads = workloads,
        .workloads_count = count,
    };
    tell(bench, &(struct event){.kind = EVENT_DECLARED, .u.declared = desired});
}

static void tell_inventory(struct bench *bench, const struct bench_host *host,
                           enum event_kind kind)
{
    struct inventory *inventory = arena_alloc(&bench->arena, sizeof *inventory);

    *inventory = (struct inventory){
        .host = host->id,
        .name = host->id,
        .version = "1.9.2",
        .uptime_seconds = 1000,
        .workloads = host->workloads,
        .workloads_count = host->count,
    };
    inventory->digest = inventory_digest(inventory);
    tell(bench, &(struct event){.kind = kind, .u.inventory = inventory});
}

static void tell_links(struct bench *bench, const struct worker *worker)
{
    struct link *links = arena_array(&bench->arena, LINKS, sizeof *links);
    size_t count = 0;

    for (size_t i = 0; i < LINKS; i++) {
        if (worker->is_linked[i]) {
            links[count++] = worker->links[i];
        }
    }
    tell(bench,
         &(struct event){
             .kind = EVENT_LINKS,
             .u.links = {.source_id = worker->id, .links = links, .count = count}});
}

static struct bench_host *host_of(struct bench *bench, const char *id)
{
    return &bench->hosts[strtoul(strrchr(id, '-') + 1, NULL, 10)];
}

static void not_needed(const struct command *command)
{
    (void)fprintf(stderr, "bench_engine: not needed: %s\n", command->reason);
    exit(1); // NOLINT(concurrency-mt-unsafe): one thread
}

/* Where host has id, or would have it. */
static size_t place_of(const struct bench_host *host, const char *id)
{
    size_t low = 0;
    size_t high = host->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(host->workloads[middle].id, id) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* A component that is not there comes up; nothing else is ever asked of this lattice. */
static void scale(struct bench *bench, const struct command *command)
{
    struct bench_host *host = host_of(bench, command->host);
    struct worker *worker = worker_of(bench, command->u.workload.id);
    const size_t at = place_of(host, worker->id);

    if (worker->is_running) {
        not_needed(command);
    }
    worker->is_running = true;
    memmove(&host->workloads[at + 1], &host->workloads[at],
            (host->count - at) * sizeof *host->workloads);
    host->count++;
    host->workloads[at] = (struct host_workload){
        .kind = WORKLOAD_COMPONENT,
        .id = worker->id,
        .image = worker->image,
        .count = command->u.workload.count,
        .application = command->application,
        .manager = "wadm",
    };
    host->workloads[at].digest = workload_digest(&host->workloads[at]);
    tell(bench, &(struct event){.kind = EVENT_HOST_CHANGED, .u.host.id = host->id});
}

/* Every host has all links in memory. */
static void tell_heard(struct bench *bench)
{
    struct link *links = arena_array(&bench->arena, LINKS * bench->count, sizeof *links);
    size_t count = 0;

    for (size_t i = 0; i < bench->count; i++) {
        for (size_t j = 0; j < LINKS; j++) {
            if (bench->workers[i].is_linked[j]) {
                links[count++] = bench->workers[i].links[j];
            }
        }
    }
    tell(bench, &(struct event){.kind = EVENT_HEARD, .u.heard = {links, count}});
}

static void answer(struct bench *bench, const struct command *command)
{
    if (command->kind == COMMAND_ASK_HOSTS) {
        for (size_t i = 0; i < HOSTS; i++) {
            tell(bench, &(struct event){.kind = EVENT_HOST_PINGED,
                                        .u.host.id = bench->hosts[i].id});
        }
    } else if (command->kind == COMMAND_ASK_LINKS) {
        tell_heard(bench);
    } else {
        tell_inventory(bench, host_of(bench, command->host), EVENT_INVENTORY);
    }
}

/* Do what command says; what follows is told at the next step. */
static void obey(struct bench *bench, const struct command *command)
{
    struct worker *worker;

    if (command_is_question(command->kind)) {
        answer(bench, command);
    } else if (command->kind == COMMAND_PUT_CONFIG) {
        tell(bench,
             &(struct event){
                 .kind = EVENT_CONFIG,
                 .u.config = {worker_of(bench, command->u.config.name)->config_names[0],
                              arena_copy(&bench->arena, command->u.config.content)}});
    } else if (command->kind == COMMAND_PUT_LINK) {
        worker = worker_of(bench, command->u.link.source_id);
        worker->is_linked[strcmp(command->u.link.wit_package, packages[0]) != 0] = true;
        tell_links(bench, worker);
    } else if (command->kind == COMMAND_SCALE_COMPONENT) {
        scale(bench, command);
    } else {
        not_needed(command);
    }
    bench->commands += command_is_question(command->kind) ? 0 : 1;
    tell(bench, &(struct event){.kind = EVENT_ANSWERED,
                                .u.answered = {command->id, ANSWER_ACCEPTED, ""}});
}

static void beat(struct bench *bench)
{
    for (size_t i = 0; i < HOSTS; i++) {
        if (instant_is_due(bench->hosts[i].beats_at, bench->now)) {
            bench->hosts[i].beats_at = instant_after(bench->now, BEAT_MS);
            tell_inventory(bench, &bench->hosts[i], EVENT_HEARTBEAT);
        }
    }
}

/* What is done is told by whoever is asked at the same time, as one list of a host. */
static void obey_all(struct bench *bench, const struct engine_update *update)
{
    for (int is_question = 0; is_question <= 1; is_question++) {
        for (size_t i = 0; i < update->commands_count; i++) {
            if (command_is_question(update->commands[i].kind) == (is_question == 1)) {
                obey(bench, &update->commands[i]);
            }
        }
    }
}

/* One step with all that was told; then the lattice does what it is told. */
static void step(struct bench *bench, struct engine *engine)
{
    struct arena told;
    struct engine_update update;
    double start;

    beat(bench);
    told = bench->arena;
    bench->arena = (struct arena){0};
    start = processor_seconds();
    engine_step(engine, bench->now, bench->events, bench->events_count, &update);
    bench->seconds += processor_seconds() - start;
    bench->events_count = 0;
    arena_free(&told);
    obey_all(bench, &update);
    bench->now = bench->events_count > 0
                     ? instant_after(bench->now, 1)
                     : instant_max(instant_after(bench->now, 1), update.deadline);
}

static void bench_init(struct bench *bench, size_t count, struct arena *arena)
{
    *bench = (struct bench){.count = count, .now = {1}};
    bench->workers = arena_array(arena, count, sizeof *bench->workers);
    bench->events_capacity = EVENTS_PER_COMMAND * count + 1000;
    bench->events = arena_array(arena, bench->events_capacity, sizeof *bench->events);
    make_workers(bench, arena);
    for (size_t i = 0; i < HOSTS; i++) {
        struct bench_host *host = &bench->hosts[i];

        (void)snprintf(host->id, sizeof host->id, "NHOST-%zu", i);
        host->beats_at = instant_after(bench->now, BEAT_MS);
        host->workloads = arena_array(arena, count, sizeof *host->workloads);
    }
}

static void look(struct bench *bench)
{
    static const enum bucket buckets[] = {BUCKET_LINKS, BUCKET_CONFIGS};

    tell(bench, &(struct event){.kind = EVENT_CONNECTED});
    for (size_t i = 0; i < 2; i++) {
        tell(bench, &(struct event){.kind = EVENT_BUCKET_LISTING,
                                    .u.bucket.bucket = buckets[i]});
        tell(bench,
             &(struct event){.kind = EVENT_BUCKET_LISTED, .u.bucket.bucket = buckets[i]});
    }
}

struct figures {
    size_t rows;
    double nanoseconds; /* a row */
    double bytes;       /* a row */
};

static struct figures measure(size_t count)
{
    const struct engine_options options = {.seed = 1};
    struct arena arena = {0};
    struct bench bench;
    struct engine *engine;
    struct figures figures = {.rows = (1 + LINKS) * count};
    const size_t needed = (1 + LINKS) * count + (count - 1) / APPLICATION_SIZE + 1;
    size_t before;

    bench_init(&bench, count, &arena);
    before = bytes_in_use();
    engine = engine_new(&options);
    look(&bench);
    for (size_t i = 0; i < count; i += APPLICATION_SIZE) {
        declare(&bench, i, count - i < APPLICATION_SIZE ? count - i : APPLICATION_SIZE);
    }
    do {
        step(&bench, engine);
    } while (bench.events_count > 0 || !engine_is_converged(engine));
    step(&bench, engine);     /* what the last update held is freed */
    arena_free(&bench.arena); /* and what is to be told next is the lattice's */
    figures.nanoseconds = bench.seconds * 1e9 / (double)figures.rows;
    figures.bytes = (double)(bytes_in_use() - before) / (double)figures.rows;
    (void)printf("%10zu %10zu %8.2f s %8.0f %8.0f %6zu/%zu", count, figures.rows,
                 bench.seconds, figures.nanoseconds, figures.bytes, bench.commands,
                 needed);
    engine_free(engine);
    arena_free(&arena);
    if (bench.commands != needed) {
        (void)printf("\nbench_engine: the commands are not those needed\n");
        exit(1); // NOLINT(concurrency-mt-unsafe): one thread
    }
    return figures;
}

/* How the time grows with the rows, and what each of those that were added takes. */
static void print_growth(const struct figures *before, const struct figures *after)
{
    const double rows_before = (double)before->rows;
    const double rows = (double)after->rows;

    (void)printf(
        "  %.2f, %.0f bytes a further row",
        1 + log(after->nanoseconds / before->nanoseconds) / log(rows / rows_before),
        (after->bytes * rows - before->bytes * rows_before) / (rows - rows_before));
}

int main(int argc, char **argv)
{
    static const size_t counts[] = {1000, 10000, 100000};
    const size_t rounds = argc > 1 ? (size_t)argc - 1 : sizeof counts / sizeof *counts;
    struct figures before = {0};

    (void)printf(
        "engine alone, %d hosts; a row is a component or a link\n"
        "components       rows processor   ns/row bytes/row  sent/needed  slope\n",
        HOSTS);
    for (size_t i = 0; i < rounds; i++) {
        const size_t count = argc > 1 ? strtoul(argv[i + 1], NULL, 10) : counts[i];
        const struct figures figures = measure(count);

        if (i > 0) {
            print_growth(&before, &figures);
        }
        (void)printf("\n");
        (void)fflush(stdout);
        before = figures;
    }
    return 0;
}
