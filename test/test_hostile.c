/*
 * Texts made to do harm are refused with a place, in little memory and time.
 *
 * Each is read by a process of its own, whose whole memory counts.  How long it took is
 * printed, and where BENCH is set it must not be long.  Sanitizers need many times of
 * both, so there only the findings count.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/manifest.h"
#include "test/support_hostile.h"

#define MB             ((size_t)1024 * 1024)
#define MEMORY_MAX     (64 * MB) /* beside the text */
#define SECONDS_MAX    1.0
#define RULE_BYTES_MAX 32

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

/* What a child tells of itself. */
struct outcome {
    char rule[RULE_BYTES_MAX];
    struct place place;
    size_t length;
    size_t memory;
    double seconds;
};

static double seconds_used(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static struct outcome read_hostile(const struct hostile *hostile)
{
    struct outcome outcome = {0};
    struct arena arena = {0};
    struct manifest manifest;
    struct rusage before;
    struct rusage after;
    struct draft draft;
    struct diags diags;
    struct err err;

    hostile->make(&draft);
    diags_init(&diags, &arena, "hostile");
    (void)getrusage(RUSAGE_SELF, &before);
    if (manifest_read(draft.bytes, draft.length, "hostile", &arena, &diags, &manifest,
                      &err) != ERR_OK) {
        const struct diag *diag = diags.items;

        while (diag->severity != DIAG_ERROR) {
            diag++;
        }
        (void)snprintf(outcome.rule, sizeof outcome.rule, "%s", diag->rule);
        outcome.place = diag->span.start;
    }
    (void)getrusage(RUSAGE_SELF, &after);
    outcome.length = draft.length;
    outcome.memory = (size_t)after.ru_maxrss * 1024;
    outcome.seconds = seconds_used(&after) - seconds_used(&before);
    return outcome;
}

static struct outcome ask_child(const struct hostile *hostile)
{
    struct outcome outcome;
    int ends[2];
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        outcome = read_hostile(hostile);
        _exit(write(ends[1], &outcome, sizeof outcome) != sizeof outcome);
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &outcome, sizeof outcome), sizeof outcome);
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return outcome;
}

static void test_hostile(void **state)
{
    const struct hostile *hostile = *state;
    const struct outcome outcome = ask_child(hostile);

    printf("# %-48s %6.1f MB of text, %6.1f MB beside it, %.2f s\n", hostile->name,
           (double)outcome.length / (double)MB,
           ((double)outcome.memory - (double)outcome.length) / (double)MB,
           outcome.seconds);
    assert_string_equal(outcome.rule, hostile->rule);
    assert_int_equal(outcome.place.line, hostile->place.line);
    assert_int_equal(outcome.place.column, hostile->place.column);
    if (!IS_SANITIZED) {
        assert_true(outcome.memory <= outcome.length + MEMORY_MAX);
    }
    if (getenv("BENCH") != NULL) { // NOLINT(concurrency-mt-unsafe): one thread
        assert_true(outcome.seconds <= SECONDS_MAX);
    }
}

int main(void)
{
    struct CMUnitTest tests[SUPPORT_HOSTILE_MAX];
    struct hostile cases[SUPPORT_HOSTILE_MAX];
    size_t count;

    support_hostile_cases(cases, &count);
    for (size_t i = 0; i < count; i++) {
        tests[i] = (struct CMUnitTest){
            .name = cases[i].name,
            .test_func = test_hostile,
            .initial_state = &cases[i],
        };
    }
    return _cmocka_run_group_tests("hostile", tests, count, NULL, NULL);
}
