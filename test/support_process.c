#include "support_process.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 5

/* What one stream of a program has written, and the copy that was last handed out. */
struct capture {
    int fd; /* of a file without a name */
    char *text;
};

struct process {
    pid_t pid; /* 0: it has ended */
    int status;
    int input;
    char name[64];
    struct capture output;
    struct capture errors;
};

void process_find_trellis(char *ret_path, size_t size)
{
    char own[PATH_MAX] = "";
    const ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);

    assert_true(length > 0);
    for (int i = 0; i < 2; i++) { /* the program, and test/ */
        *strrchr(own, '/') = '\0';
    }
    (void)snprintf(ret_path, size, "%s/trellis", own);
}

const char *process_temporary(void)
{
    const char *path = getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): set by none

    return path != NULL ? path : "/tmp";
}

static int open_nameless(void)
{
    char path[128];
    int fd;

    (void)snprintf(path, sizeof path, "%.90s/trellis-output-XXXXXX", process_temporary());
    fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
    assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
    return fd;
}

static _Noreturn void exec_program(const struct process *process, int input,
                                   const char *const *words)
{
    char *const *arguments; /* execvp changes none */
    sigset_t none;

    memcpy(&arguments, &words, sizeof arguments);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    (void)dup2(input, STDIN_FILENO);
    (void)dup2(process->output.fd, STDOUT_FILENO);
    (void)dup2(process->errors.fd, STDERR_FILENO);
    (void)execvp(words[0], arguments);
    _exit(127);
}

struct process *process_start(const char *const *words)
{
    struct process *process = calloc(1, sizeof *process);
    int input[2];

    assert_non_null(process);
    assert_int_equal(pipe(input), 0);
    assert_int_equal(fcntl(input[1], F_SETFD, FD_CLOEXEC), 0);
    process->input = input[1];
    process->output.fd = open_nameless();
    process->errors.fd = open_nameless();
    (void)snprintf(process->name, sizeof process->name, "%s",
                   words[1] != NULL ? words[1] : words[0]);
    process->pid = fork();
    assert_true(process->pid >= 0);
    if (process->pid == 0) {
        exec_program(process, input[0], words);
    }
    (void)close(input[0]);
    return process;
}

/* Has it ended?  Does not wait. */
static bool reap(struct process *process, int options)
{
    int status = 0;

    if (process->pid == 0) {
        return true;
    }
    if (waitpid(process->pid, &status, options) != process->pid) {
        return false;
    }
    process->pid = 0;
    process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

void process_free(struct process *process)
{
    if (process == NULL) {
        return;
    }
    if (process->pid > 0) {
        (void)kill(process->pid, SIGKILL);
        (void)reap(process, 0);
    }
    (void)close(process->input);
    (void)close(process->output.fd);
    (void)close(process->errors.fd);
    free(process->output.text);
    free(process->errors.text);
    free(process);
}

void process_tell(struct process *process, const char *line)
{
    char text[1024];
    const int length = snprintf(text, sizeof text, "%s\n", line);

    assert_true(length > 0 && (size_t)length < sizeof text);
    assert_int_equal(write(process->input, text, (size_t)length), length);
}

void process_signal(struct process *process, int number)
{
    assert_true(process_is_running(process));
    assert_int_equal(kill(process->pid, number), 0);
}

void process_kill(struct process *process)
{
    process_signal(process, SIGKILL);
    assert_true(reap(process, 0));
}

int process_id(const struct process *process)
{
    assert_true(process->pid > 0);
    return (int)process->pid;
}

bool process_is_running(struct process *process)
{
    return !reap(process, WNOHANG);
}

static const char *read_all(struct capture *capture)
{
    struct stat file;
    size_t size;
    ssize_t count;

    assert_int_equal(fstat(capture->fd, &file), 0);
    size = (size_t)file.st_size;
    free(capture->text);
    capture->text = malloc(size + 1);
    assert_non_null(capture->text);
    count = pread(capture->fd, capture->text, size, 0);
    assert_true(count >= 0);
    capture->text[count] = '\0';
    return capture->text;
}

const char *process_output(struct process *process)
{
    return read_all(&process->output);
}

const char *process_errors(struct process *process)
{
    return read_all(&process->errors);
}

static _Noreturn void fail_of(struct process *process, const char *what)
{
    fail_msg("%s: %s\n--- its output\n%s\n--- its errors\n%s", process->name, what,
             process_output(process), process_errors(process));
    abort();
}

int process_wait(struct process *process, int ms)
{
    while (process_is_running(process)) {
        if (ms <= 0) {
            fail_of(process, "it does not end");
        }
        (void)poll(NULL, 0, LOOK_MS);
        ms -= LOOK_MS;
    }
    return process->status;
}

/* Do words stand in text at least count times? */
static bool stand_in(const char *text, const char *words, int count)
{
    for (; count > 0 && (text = strstr(text, words)) != NULL; count--) {
        text += strlen(words);
    }
    return count == 0;
}

/* What is waited for in a stream. */
struct expectation {
    size_t skip;
    const char *words;
    int count;
};

int process_end(struct process *process, int ms)
{
    if (process_is_running(process)) {
        (void)kill(process->pid, SIGTERM);
    }
    for (; process_is_running(process) && ms > 0; ms -= LOOK_MS) {
        (void)poll(NULL, 0, LOOK_MS);
    }
    if (process_is_running(process)) {
        (void)kill(process->pid, SIGKILL);
        (void)reap(process, 0);
    }
    return process->status;
}

static void expect(struct process *process, const struct capture *stream,
                   const struct expectation *expectation, int ms)
{
    struct capture copy = {.fd = stream->fd};
    bool is_there = false;

    for (; !is_there && ms > 0; ms -= LOOK_MS) {
        const char *text = read_all(&copy);

        is_there =
            strlen(text) >= expectation->skip &&
            stand_in(text + expectation->skip, expectation->words, expectation->count);
        if (!is_there) {
            (void)poll(NULL, 0, LOOK_MS);
        }
    }
    free(copy.text);
    if (!is_there) {
        char what[512];

        (void)snprintf(what, sizeof what, "it does not write '%s'", expectation->words);
        fail_of(process, what);
    }
}

void process_expect_output(struct process *process, size_t skip, const char *words,
                           int ms)
{
    expect(process, &process->output, &(struct expectation){skip, words, 1}, ms);
}

void process_expect_errors(struct process *process, const char *words, int ms)
{
    expect(process, &process->errors, &(struct expectation){0, words, 1}, ms);
}

void process_expect_errors_count(struct process *process, const char *words, int count,
                                 int ms)
{
    expect(process, &process->errors, &(struct expectation){0, words, count}, ms);
}
