#include "support_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nats/nats.h>

#define WORDS_MAX 24
#define LOOK_MS   50

const char stage_quickstart[] = STAGE_QUICKSTART(1);

struct stage *stage_start_with(const struct server_options *options)
{
    struct stage *stage = calloc(1, sizeof *stage);

    assert_non_null(stage);
    process_find_trellis(stage->trellis, sizeof stage->trellis);
    (void)snprintf(stage->directory, sizeof stage->directory, "%.40s/trellis-e2e-XXXXXX",
                   process_temporary());
    assert_non_null(mkdtemp(stage->directory));
    (void)snprintf(stage->store, sizeof stage->store, "%s/store.db", stage->directory);
    (void)snprintf(stage->manifests, sizeof stage->manifests, "%s/manifests",
                   stage->directory);
    assert_int_equal(mkdir(stage->manifests, 0700), 0);
    stage->server = server_start(options);
    stage->has_jetstream = options->has_jetstream;
    stage->reader = reader_start(server_url(stage->server), "default");
    return stage;
}

struct stage *stage_start(void)
{
    return stage_start_with(&(struct server_options){.has_jetstream = true});
}

static void remove_directory(const char *directory)
{
    struct process *process =
        process_start((const char *[]){"rm", "-rf", "--", directory, NULL});

    (void)process_wait(process, STAGE_MS);
    process_free(process);
}

void stage_free(struct stage *stage)
{
    if (stage == NULL) {
        return;
    }
    for (size_t i = 0; i < stage->runs_count; i++) {
        process_free(stage->runs[i]);
    }
    process_free(stage->daemon);
    process_free(stage->simulator);
    reader_stop(stage->reader);
    server_stop(stage->server);
    remove_directory(stage->directory);
    free(stage);
}

int stage_setup(void **state)
{
    *state = stage_start();
    return 0;
}

/* Did a sanitizer, or an assertion of the program's own, have anything to say? */
static bool has_complaint(struct process *process)
{
    static const char *const words[] = {"Sanitizer", "runtime error:", "Assertion"};
    const char *errors = process_errors(process);
    const char *first = NULL;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *place = strstr(errors, words[i]);

        first = place != NULL && (first == NULL || place < first) ? place : first;
    }
    if (first != NULL) {
        (void)fprintf(stderr, "%s\n", first); /* cmocka would cut it */
    }
    return first != NULL;
}

/* End it as an operator does, so that a leak is told, too. */
static bool ends_well(struct process *process)
{
    int status;

    if (process == NULL) {
        return true;
    }
    status = process_is_running(process) ? process_end(process, STAGE_MS) : 0;
    if (status != 0) {
        print_error("ended with %d\n%s\n", status, process_errors(process));
    }
    return !has_complaint(process) && status == 0;
}

int stage_teardown(void **state)
{
    struct stage *stage = *state;
    bool is_well = ends_well(stage->daemon);

    is_well = ends_well(stage->simulator) && is_well;
    for (size_t i = 0; i < stage->runs_count; i++) {
        is_well = !has_complaint(stage->runs[i]) && is_well;
    }
    stage_free(stage);
    *state = NULL;
    return is_well ? 0 : -1;
}

static size_t add_words(const char **words, size_t count, const char *const *more)
{
    for (; more != NULL && *more != NULL; more++) {
        assert_true(count < WORDS_MAX);
        words[count++] = *more;
    }
    words[count] = NULL;
    return count;
}

/* Nobody makes the buckets then. */
static bool has_no_hosts(const char *const *more)
{
    return more != NULL && strcmp(more[0], "--hosts") == 0 && strcmp(more[1], "0") == 0;
}

void stage_simulate(struct stage *stage, const char *const *more)
{
    const char *words[WORDS_MAX + 1] = {
        stage->trellis, "simulate", "--server",       server_url(stage->server),
        "--heartbeat",  "600ms",    "--health-delay", "100ms",
    };

    assert_null(stage->simulator);
    (void)add_words(words, 8, more);
    stage->simulator = process_start(words);
    process_expect_errors(stage->simulator, "simulating", STAGE_MS);
    if (stage->has_jetstream && !has_no_hosts(more)) {
        reader_expect_buckets(stage->reader, STAGE_MS);
    }
}

const char *stage_order(struct stage *stage, const char *order)
{
    const size_t before = strlen(process_output(stage->simulator));

    process_tell(stage->simulator, order);
    process_expect_output(stage->simulator, before, "ok\n", STAGE_MS);
    return process_output(stage->simulator) + before;
}

void stage_host_id(struct stage *stage, const char *name,
                   char ret_id[static STAGE_ID_BYTES])
{
    const char *id = strstr(stage_order(stage, "hosts"), name);

    assert_non_null(id);
    id += strlen(name) + 1;
    assert_int_equal(strcspn(id, " \n"), STAGE_ID_BYTES - 1);
    (void)snprintf(ret_id, STAGE_ID_BYTES, "%s", id);
}

void stage_daemon(struct stage *stage)
{
    stage_daemon_with(stage, (const char *[]){NULL});
}

void stage_daemon_with(struct stage *stage, const char *const *more)
{
    const char *words[WORDS_MAX + 1] = {
        stage->trellis, "daemon",     "--server",    server_url(stage->server),
        "--store",      stage->store, "--manifests", stage->manifests,
        "--http",       "0",
    };
    size_t count = 10;

    while (*more != NULL) {
        assert_true(count < WORDS_MAX);
        words[count++] = *more++;
    }
    process_free(stage->daemon);
    stage->daemon = process_start(words);
}

void stage_expect_daemon(struct stage *stage)
{
    const int64_t until = nats_Now() + STAGE_MS;
    json_t *answer = NULL;

    do {
        assert_true(nats_Now() < until);
        (void)poll(NULL, 0, LOOK_MS);
        answer = reader_ask(stage->reader, "trellis.api.default.ping", "");
    } while (answer == NULL);
    json_decref(answer);
}

void stage_crash_daemon(struct stage *stage)
{
    process_kill(stage->daemon);
    stage_daemon(stage);
}

void stage_end_daemon(struct stage *stage)
{
    process_signal(stage->daemon, SIGTERM);
    assert_int_equal(process_wait(stage->daemon, STAGE_MS), 0);
}

static struct process *start_verb(struct stage *stage, const char *verb,
                                  va_list arguments)
{
    const bool is_offline = strcmp(verb, "validate") == 0;
    const char *words[WORDS_MAX + 1] = {
        stage->trellis, verb,         "--server", server_url(stage->server),
        "--store",      stage->store,
    };
    size_t count = is_offline ? 2 : 6;
    const char *word;

    while ((word = va_arg(arguments, const char *)) != NULL) {
        assert_true(count < WORDS_MAX);
        words[count++] = word;
    }
    words[count] = NULL;
    if (stage->runs_count == STAGE_RUNS_MAX) {
        process_free(stage->runs[0]);
        stage->runs_count--;
        for (size_t i = 0; i < stage->runs_count; i++) {
            stage->runs[i] = stage->runs[i + 1];
        }
    }
    return stage->runs[stage->runs_count++] = process_start(words);
}

struct process *stage_start_verb(struct stage *stage, const char *verb, ...)
{
    struct process *process;
    va_list arguments;

    va_start(arguments, verb);
    process = start_verb(stage, verb, arguments);
    va_end(arguments);
    return process;
}

int stage_run(struct stage *stage, const char *verb, ...)
{
    struct process *process;
    va_list arguments;

    va_start(arguments, verb);
    process = start_verb(stage, verb, arguments);
    va_end(arguments);
    return process_wait(process, 2 * STAGE_MS);
}

static struct process *last(const struct stage *stage)
{
    assert_true(stage->runs_count > 0);
    return stage->runs[stage->runs_count - 1];
}

const char *stage_output(struct stage *stage)
{
    return process_output(last(stage));
}

const char *stage_errors(struct stage *stage)
{
    return process_errors(last(stage));
}

void stage_expect_late(struct stage *stage, const char *path, const char *words)
{
    static const char *const spans[] = {"1s", "4s", "16s", "32s"};
    bool is_so = false;

    for (size_t i = 0; i < sizeof spans / sizeof *spans && !is_so; i++) {
        assert_int_equal(
            stage_run(stage, "apply", "--wait", "--timeout", spans[i], path, NULL), 5);
        is_so = strstr(stage_errors(stage), words) != NULL;
    }
    stage_expect_errors(stage, words);
}

void stage_expect_output(struct stage *stage, const char *words)
{
    process_expect_output(last(stage), 0, words, 1);
}

void stage_expect_errors(struct stage *stage, const char *words)
{
    process_expect_errors(last(stage), words, 1);
}

const char *stage_path(const struct stage *stage, const char *name, char *ret_path,
                       size_t size)
{
    (void)snprintf(ret_path, size, "%s/%s", stage->manifests, name);
    return ret_path;
}

void stage_write(struct stage *stage, const char *name, const char *text)
{
    char path[256];
    char draft[256];
    FILE *file;

    (void)stage_path(stage, name, path, sizeof path);
    (void)snprintf(draft, sizeof draft, "%s/draft", stage->directory);
    file = fopen(draft, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(draft, path), 0);
}

void stage_copy(struct stage *stage, const char *name, const char *fixture)
{
    char path[256];
    char text[16384];
    size_t length;
    FILE *file;

    (void)snprintf(path, sizeof path, "fixtures/%s", fixture);
    file = fopen(path, "re");
    assert_non_null(file);
    length = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(fclose(file), 0);
    text[length] = '\0';
    stage_write(stage, name, text);
}

/* Wait a moment; is there time left? */
static bool may_look_again(int64_t until)
{
    (void)poll(NULL, 0, LOOK_MS);
    return nats_Now() <= until;
}

void stage_expect_converged(struct stage *stage)
{
    const int64_t until = nats_Now() + STAGE_MS;
    bool is_so;

    do {
        is_so = stage_run(stage, "status", "--check", NULL) == 0;
    } while (!is_so && may_look_again(until));
    if (!is_so) {
        fail_msg("not converged:\n%s%s\n--- the daemon\n%s", stage_output(stage),
                 stage_errors(stage),
                 stage->daemon != NULL ? process_errors(stage->daemon) : "none");
    }
}

void stage_expect_status(struct stage *stage, const char *words)
{
    const int64_t until = nats_Now() + STAGE_MS;
    bool is_so;

    do {
        assert_int_equal(stage_run(stage, "status", NULL), 0);
        is_so = strstr(stage_output(stage), words) != NULL;
    } while (!is_so && may_look_again(until));
    if (!is_so) {
        fail_msg("no '%s' in\n%s", words, stage_output(stage));
    }
}

void stage_expect_serving(struct stage *stage, const char *words)
{
    const int64_t until = nats_Now() + STAGE_MS;
    const char *answer;
    bool is_so;

    do {
        answer = stage_order(stage, "serving");
        is_so = strstr(answer, words) != NULL;
    } while (!is_so && may_look_again(until));
    if (!is_so) {
        fail_msg("not served: %s\nbut\n%s", words, answer);
    }
}

void stage_converge_quickstart(struct stage *stage)
{
    stage_simulate(stage, NULL);
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    stage_daemon(stage);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
}
