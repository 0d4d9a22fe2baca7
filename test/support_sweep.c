#include "test/support_sweep.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* So many seeds have each kind of fault. */
#define SEEDS_MANY 500

struct failure {
    uint64_t seed;
    char problem[PROBLEM_BYTES];
};

/* What one process says, in one piece. */
struct saying {
    uint64_t seed;
    struct seeds_outcome outcome;
};
_Static_assert(sizeof(struct saying) <= PIPE_BUF, "pipes keep it whole");

struct running {
    pid_t pid; /* 0: none */
    uint64_t seed;
};

struct sweeping {
    const struct sweep *sweep;
    int ends[2]; /* of a pipe from all processes */
    struct running running[SWEEP_PROCESSES_MAX];
    size_t running_count;
    struct seeds_total total;
    struct arena arena;
    struct failure *failures;
    size_t failures_count;
    size_t failures_capacity;
};

static void add_failure(struct sweeping *sweeping, uint64_t seed, const char *problem)
{
    struct failure *failure;

    sweeping->failures =
        arena_grow(&sweeping->arena, sweeping->failures, sweeping->failures_count,
                   &sweeping->failures_capacity, sizeof *failure);
    failure = &sweeping->failures[sweeping->failures_count++];
    failure->seed = seed;
    (void)snprintf(failure->problem, sizeof failure->problem, "%s", problem);
}

static void limit_time(const struct sweep *sweep)
{
    const rlim_t seconds = sweep->cpu_seconds;

    if (seconds > 0) {
        (void)setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds});
    }
}

static void run_one(const struct sweeping *sweeping, uint64_t seed)
{
    struct saying saying = {.seed = seed};

    limit_time(sweeping->sweep);
    sweeping->sweep->judge(seed, sweeping->sweep->steps, &saying.outcome);
    _exit(write(sweeping->ends[1], &saying, sizeof saying) == (ssize_t)sizeof saying
              ? EXIT_SUCCESS
              : EXIT_FAILURE);
}

static void start(struct sweeping *sweeping, uint64_t seed)
{
    const pid_t pid = fork();

    if (pid < 0) {
        abort();
    }
    if (pid == 0) {
        run_one(sweeping, seed);
    }
    sweeping->running[sweeping->running_count++] = (struct running){pid, seed};
}

/* What some process that ended well has said: one saying for each of them. */
static void hear(struct sweeping *sweeping)
{
    struct saying saying;

    if (read(sweeping->ends[0], &saying, sizeof saying) != (ssize_t)sizeof saying) {
        abort();
    }
    seeds_add(&sweeping->total, &saying.outcome.total);
    if (saying.outcome.problem[0] != '\0') {
        add_failure(sweeping, saying.seed, saying.outcome.problem);
    }
}

/* Wait for any process, and take what it said. */
static void finish(struct sweeping *sweeping)
{
    int status;
    const pid_t pid = wait(&status);
    size_t i = 0;

    while (i < sweeping->running_count && sweeping->running[i].pid != pid) {
        i++;
    }
    if (i == sweeping->running_count) {
        abort();
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) {
        hear(sweeping);
    } else if (WIFSIGNALED(status) &&
               (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)) {
        add_failure(sweeping, sweeping->running[i].seed,
                    "endless: stopped, it took too long");
    } else {
        add_failure(sweeping, sweeping->running[i].seed, "crash: see what it printed");
    }
    sweeping->running[i] = sweeping->running[--sweeping->running_count];
}

static int compare_failures(const void *a, const void *b)
{
    const struct failure *one = a;
    const struct failure *two = b;

    return one->seed < two->seed ? -1 : one->seed > two->seed;
}

/* How many failures are of the kind of the one at i; 0 when an earlier one is, too. */
static size_t count_alike(const struct sweeping *sweeping, size_t i)
{
    size_t count = 0;

    for (size_t j = 0; j < sweeping->failures_count; j++) {
        if (seeds_is_alike(sweeping->failures[i].problem,
                           sweeping->failures[j].problem)) {
            if (j < i) {
                return 0;
            }
            count++;
        }
    }
    return count;
}

static void print(struct sweeping *sweeping, struct text *text)
{
    const struct sweep *sweep = sweeping->sweep;
    const char *missing = seeds_missing(&sweeping->total);

    seeds_print(&sweeping->total, text);
    for (size_t i = 0; i < sweeping->failures_count; i++) {
        const struct failure *failure = &sweeping->failures[i];

        text_append(text, "seed %llu: %s\n    %s %llu %u\n",
                    (unsigned long long)failure->seed, failure->problem, sweep->program,
                    (unsigned long long)failure->seed, (unsigned int)sweep->steps);
    }
    text_append(text, "%zu seeds failed", sweeping->failures_count);
    for (size_t i = 0; i < sweeping->failures_count; i++) {
        const char *problem = sweeping->failures[i].problem;
        const size_t count = count_alike(sweeping, i);

        if (count > 0) {
            text_append(text, ", %zu %.*s", count, (int)strcspn(problem, ":"), problem);
        }
    }
    text_append(text, "\n");
    if (missing != NULL && sweeping->total.scripts >= SEEDS_MANY) {
        text_append(text, "no seed had the fault '%s'\n", missing);
    }
}

static void shrink_one(const struct sweep *sweep, uint64_t seed)
{
    const pid_t pid = fork();

    if (pid < 0) {
        abort();
    }
    if (pid == 0) {
        limit_time(sweep);
        sweep->shrink(seed, sweep->steps);
        (void)fflush(NULL);
        _exit(EXIT_SUCCESS);
    }
    (void)waitpid(pid, NULL, 0);
}

/* One of each kind. */
static void shrink(struct sweeping *sweeping)
{
    for (size_t i = 0; i < sweeping->failures_count; i++) {
        if (count_alike(sweeping, i) > 0) {
            shrink_one(sweeping->sweep, sweeping->failures[i].seed);
        }
    }
}

uint64_t sweep_run(const struct sweep *sweep, struct text *text)
{
    struct sweeping sweeping = {.sweep = sweep};
    uint64_t failed_count;

    if (pipe(sweeping.ends) != 0) {
        abort();
    }
    (void)fflush(NULL);
    for (uint64_t seed = sweep->first; seed <= sweep->last; seed++) {
        if (sweeping.running_count == sweep->processes) {
            finish(&sweeping);
        }
        start(&sweeping, seed);
    }
    while (sweeping.running_count > 0) {
        finish(&sweeping);
    }
    (void)close(sweeping.ends[0]);
    (void)close(sweeping.ends[1]);
    if (sweeping.failures_count > 0) {
        qsort(sweeping.failures, sweeping.failures_count, sizeof *sweeping.failures,
              compare_failures);
    }
    shrink(&sweeping);
    print(&sweeping, text);
    failed_count = sweeping.failures_count;
    failed_count +=
        sweeping.total.scripts >= SEEDS_MANY && seeds_missing(&sweeping.total) != NULL;
    arena_free(&sweeping.arena);
    return failed_count;
}
