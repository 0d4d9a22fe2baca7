#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/loop.h"

static struct loop *open_loop(void)
{
    struct loop *loop = NULL;
    struct err err;

    assert_int_equal(loop_open(&loop, &err), ERR_OK);
    return loop;
}

static struct instant in_ms(int64_t span_ms)
{
    return instant_after(clock_now(), span_ms);
}

static void test_deadline(void **state)
{
    struct loop *loop = open_loop();
    const struct instant start = clock_now();
    int64_t took_ms;

    (void)state;
    loop_wait(loop, instant_after(start, 30));
    took_ms = clock_now().ms - start.ms;
    assert_in_range(took_ms, 30, 5000);

    loop_wait(loop, start); /* past: at once */
    loop_wait(loop, (struct instant){0});
    assert_in_range(clock_now().ms - start.ms, took_ms, took_ms + 1000);
    assert_int_equal(loop_take_signal(loop), 0);
    loop_close(loop);
    loop_close(NULL);
}

static void test_descriptors(void **state)
{
    struct loop *loop = open_loop();
    int first[2];
    int second[2];

    (void)state;
    assert_int_equal(pipe(first), 0);
    assert_int_equal(pipe(second), 0);
    loop_watch(loop, first[0]);
    loop_watch(loop, second[0]);

    assert_int_equal(write(second[1], "x", 1), 1);
    loop_wait(loop, INSTANT_NEVER);
    assert_false(loop_is_ready(loop, first[0]));
    assert_true(loop_is_ready(loop, second[0]));

    loop_unwatch(loop, second[0]);
    assert_false(loop_is_ready(loop, second[0]));
    loop_wait(loop, in_ms(10));
    assert_false(loop_is_ready(loop, first[0]));

    assert_int_equal(close(first[1]), 0); /* the other end is gone */
    loop_wait(loop, INSTANT_NEVER);
    assert_true(loop_is_ready(loop, first[0]));

    loop_unwatch(loop, first[0]);
    (void)close(first[0]);
    (void)close(second[0]);
    (void)close(second[1]);
    loop_close(loop);
}

static void test_signals(void **state)
{
    struct loop *loop = open_loop();

    (void)state;
    assert_int_equal(kill(getpid(), SIGHUP), 0);
    assert_int_equal(kill(getpid(), SIGTERM), 0);
    loop_wait(loop, INSTANT_NEVER);
    assert_int_equal(loop_take_signal(loop), SIGTERM);
    assert_int_equal(loop_take_signal(loop), SIGHUP);
    assert_int_equal(loop_take_signal(loop), 0);

    assert_int_equal(kill(getpid(), SIGINT), 0);
    loop_wait(loop, INSTANT_NEVER);
    assert_int_equal(loop_take_signal(loop), SIGINT);
    loop_close(loop);
}

static void *signal_from_thread(void *argument)
{
    (void)argument;
    (void)kill(getpid(), SIGTERM);
    return NULL;
}

static void test_signal_with_threads(void **state)
{
    struct loop *loop = open_loop();
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, signal_from_thread, NULL), 0);
    loop_wait(loop, in_ms(5000));
    assert_int_equal(loop_take_signal(loop), SIGTERM);
    assert_int_equal(pthread_join(thread, NULL), 0);
    loop_close(loop);
}

static void test_broken_pipe(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(write(ends[1], "x", 1), -1);
    (void)close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a wait ends at its deadline, at once when that is past", test_deadline, 0, 0,
         0},
        {"a wait tells which descriptor is readable or closed", test_descriptors, 0, 0,
         0},
        {"signals are told once, the one to stop first", test_signals, 0, 0, 0},
        {"a signal reaches the loop whatever thread it hits", test_signal_with_threads, 0,
         0, 0},
        {"a broken pipe is an error and not the end", test_broken_pipe, 0, 0, 0},
    };

    (void)alarm(60);
    loop_block_signals();
    return cmocka_run_group_tests_name("loop", tests, NULL, NULL);
}
