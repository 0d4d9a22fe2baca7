/*
 * support_hang.c - a test program that is ended because it hangs says where it was.
 *
 * test/suite.sh sends SIGTERM first; the names of functions come from -rdynamic.
 */
#include <execinfo.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#define FRAMES_MAX 32

static void tell(int number)
{
    void *frames[FRAMES_MAX];
    const int count = backtrace(frames, FRAMES_MAX);

    backtrace_symbols_fd(frames, count, STDERR_FILENO);
    _exit(128 + number);
}

__attribute__((constructor)) static void listen_for_the_end(void)
{
    struct sigaction action = {.sa_handler = tell};
    void *frame;

    (void)backtrace(&frame, 1); /* loads now what it needs; a handler may not */
    (void)sigaction(SIGTERM, &action, NULL);
}
