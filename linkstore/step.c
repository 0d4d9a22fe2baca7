#include "linkstore/step.h"

#ifdef TRELLIS_STEPS

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

static struct {
    void (*watch)(void *context);
    void *context;
} watcher;

/* How many steps are left to live; 0: for ever. */
static unsigned long read_left(void)
{
    const char *digits = getenv("TRELLIS_DIE_AT"); // NOLINT(concurrency-mt-unsafe)
    unsigned long left = 0;

    while (digits != NULL && *digits >= '0' && *digits <= '9') {
        left = 10 * left + (unsigned long)(*digits++ - '0');
    }
    return left;
}

void step_pass(void)
{
    static unsigned long passed; /* the store and its driver have one thread */

    passed++;
    if (passed == read_left()) {
        (void)raise(SIGKILL);
    }
    if (watcher.watch != NULL) {
        watcher.watch(watcher.context);
    }
}

void step_watch(void (*watch)(void *context), void *context)
{
    watcher.watch = watch;
    watcher.context = context;
}

#endif
