#include "reconciler/run/loop.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "manifest/arena.h"
#include "reconciler/run/clock.h"

/* In the order they are told: to stop matters more than to read again. */
static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
#define SIGNALS_COUNT (sizeof signals / sizeof *signals)

struct loop {
    struct arena arena;
    struct pollfd fds[LOOP_FDS_MAX + 1]; /* the first is the signals' */
    nfds_t fds_count;
    bool is_pending[SIGNALS_COUNT];
};

static void fill_signals(sigset_t *ret_set)
{
    (void)sigemptyset(ret_set);
    for (size_t i = 0; i < SIGNALS_COUNT; i++) {
        (void)sigaddset(ret_set, signals[i]);
    }
}

void loop_block_signals(void)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t set;

    fill_signals(&set);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

enum err_code loop_open(struct loop **ret_loop, struct err *err)
{
    struct arena arena = {0};
    struct loop *loop;
    sigset_t set;
    int fd;

    fill_signals(&set);
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        return err_set(err, ERR_IO, "no signal descriptor: error %d of the system",
                       errno);
    }
    loop = arena_alloc(&arena, sizeof *loop);
    loop->arena = arena;
    loop->fds[0] = (struct pollfd){.fd = fd, .events = POLLIN};
    loop->fds_count = 1;
    *ret_loop = loop;
    return ERR_OK;
}

void loop_close(struct loop *loop)
{
    if (loop != NULL) {
        struct arena arena = loop->arena;

        (void)close(loop->fds[0].fd);
        arena_free(&arena);
    }
}

/* The entry of a watched descriptor; NULL when fd is not watched. */
static struct pollfd *find(struct loop *loop, int fd)
{
    for (nfds_t i = 1; i < loop->fds_count; i++) {
        if (loop->fds[i].fd == fd) {
            return &loop->fds[i];
        }
    }
    return NULL;
}

void loop_watch(struct loop *loop, int fd)
{
    if (fd < 0) {
        return;
    }
    assert(find(loop, fd) == NULL);
    assert(loop->fds_count <= LOOP_FDS_MAX);

    loop->fds[loop->fds_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

void loop_unwatch(struct loop *loop, int fd)
{
    struct pollfd *entry = find(loop, fd);

    if (fd < 0) {
        return;
    }
    assert(entry != NULL);
    *entry = loop->fds[--loop->fds_count];
}

/* What poll shall wait: rounded to its unit, -1 for ever. */
static int span_until(struct instant deadline)
{
    int64_t span_ms;

    if (deadline.ms == INSTANT_NEVER.ms) {
        return -1;
    }
    span_ms = deadline.ms - clock_now().ms;
    if (span_ms < 0) {
        return 0;
    }
    return span_ms < INT_MAX ? (int)span_ms : INT_MAX;
}

static void read_signals(struct loop *loop)
{
    struct signalfd_siginfo info;

    while (read(loop->fds[0].fd, &info, sizeof info) == (ssize_t)sizeof info) {
        for (size_t i = 0; i < SIGNALS_COUNT; i++) {
            loop->is_pending[i] |= info.ssi_signo == (uint32_t)signals[i];
        }
    }
}

void loop_wait(struct loop *loop, struct instant deadline)
{
    const int count = poll(loop->fds, loop->fds_count, span_until(deadline));

    assert(count >= 0 || errno == EINTR);

    for (nfds_t i = 0; count <= 0 && i < loop->fds_count; i++) {
        loop->fds[i].revents = 0; /* after an interruption they are the last wait's */
    }
    if (loop->fds[0].revents != 0) {
        read_signals(loop);
    }
}

bool loop_is_ready(const struct loop *loop, int fd)
{
    for (nfds_t i = 1; i < loop->fds_count; i++) {
        if (loop->fds[i].fd == fd) {
            return loop->fds[i].revents != 0;
        }
    }
    return false;
}

int loop_take_signal(struct loop *loop)
{
    for (size_t i = 0; i < SIGNALS_COUNT; i++) {
        if (loop->is_pending[i]) {
            loop->is_pending[i] = false;
            return signals[i];
        }
    }
    return 0;
}
