#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/loop.h"
#include "support_bus.h"
#include "support_nats.h"
#include "support_peer.h"
#include "support_watch.h"

struct fixture {
    struct server *server;
    struct peer *peer;
    struct bus *bus;
    struct watch *watch;
};

static int start_all(void **state)
{
    static struct fixture fixture;

    fixture.server = server_start(&(struct server_options){.has_jetstream = true});
    fixture.peer = peer_start(server_url(fixture.server));
    *state = &fixture;
    return 0;
}

static int stop_all(void **state)
{
    struct fixture *fixture = *state;

    peer_stop(fixture->peer);
    server_stop(fixture->server);
    return 0;
}

static int open_bus(void **state)
{
    struct fixture *fixture = *state;

    fixture->bus = bus_start(server_url(fixture->server));
    return 0;
}

static int close_bus(void **state)
{
    struct fixture *fixture = *state;

    watch_stop(fixture->watch);
    fixture->watch = NULL;
    bus_close(fixture->bus);
    return 0;
}

static void test_listing(void **state)
{
    struct fixture *fixture = *state;

    peer_make_bucket(fixture->peer, "listing", 1);
    (void)peer_put(fixture->peer, "listing", "COMPONENT_hello-http_component", "1");
    (void)peer_put(fixture->peer, "listing", "app.cfg-1", "old");
    (void)peer_put(fixture->peer, "listing", "app.cfg-1", "");
    (void)peer_put(fixture->peer, "listing", "gone", "1");
    peer_delete(fixture->peer, "listing", "gone");
    (void)peer_put(fixture->peer, "listing", "purged", "1");
    peer_purge(fixture->peer, "listing", "purged");

    fixture->watch = watch_start(fixture->bus, "listing");
    watch_expect(fixture->watch, "COMPONENT_hello-http_component=1 app.cfg-1=", BUS_MS);
    assert_string_equal(
        watch_story(fixture->watch),
        "LISTING COMPONENT_hello-http_component=1 app.cfg-1= -gone -purged LISTED ");
    assert_int_equal(watch_sequence(fixture->watch), 7);
}

static void test_live(void **state)
{
    struct fixture *fixture = *state;

    peer_make_bucket(fixture->peer, "live", 1);
    (void)peer_put(fixture->peer, "live", "a", "1");
    fixture->watch = watch_start(fixture->bus, "live");
    watch_expect(fixture->watch, "a=1", BUS_MS);

    (void)peer_put(fixture->peer, "live", "b", "2");
    (void)peer_put(fixture->peer, "live", "a", "3");
    watch_expect(fixture->watch, "a=3 b=2", BUS_MS);
    peer_delete(fixture->peer, "live", "a");
    watch_expect(fixture->watch, "b=2", BUS_MS);
    peer_purge(fixture->peer, "live", "b");
    watch_expect(fixture->watch, "", BUS_MS);
    (void)peer_put(fixture->peer, "live", "b", "4");
    watch_expect(fixture->watch, "b=4", BUS_MS);
    assert_int_equal(watch_listings(fixture->watch), 1);
}

static void test_empty(void **state)
{
    struct fixture *fixture = *state;

    peer_make_bucket(fixture->peer, "empty", 1);
    fixture->watch = watch_start(fixture->bus, "empty");
    watch_expect(fixture->watch, "", BUS_MS);
    assert_string_equal(watch_story(fixture->watch), "LISTING LISTED ");
    (void)peer_put(fixture->peer, "empty", "a", "1");
    watch_expect(fixture->watch, "a=1", BUS_MS);
}

static void test_missing(void **state)
{
    struct fixture *fixture = *state;

    fixture->watch = watch_start(fixture->bus, "missing");
    watch_expect_lost(fixture->watch,
                      "bucket 'missing' does not exist: a wasmCloud host makes it when "
                      "it starts",
                      1000);
    watch_run(fixture->watch, 4500); /* tried again, told once */
    assert_int_equal(watch_losses(fixture->watch), 1);

    peer_make_bucket(fixture->peer, "missing", 1);
    (void)peer_put(fixture->peer, "missing", "a", "1");
    watch_expect(fixture->watch, "a=1", BUS_MS);
}

/* More than flow control lets pass unanswered. */
static void test_many(void **state)
{
    enum { COUNT = 20000 };
    struct fixture *fixture = *state;

    peer_make_bucket(fixture->peer, "many", 1);
    peer_put_many(fixture->peer, "many", COUNT);
    fixture->watch = watch_start(fixture->bus, "many");
    watch_expect_count(fixture->watch, COUNT, BUS_MS);
    assert_int_equal(watch_listings(fixture->watch), 1);
    watch_run(fixture->watch, 2500); /* with a look at the stream */
    assert_int_equal(watch_listings(fixture->watch), 1);
    if (watch_losses(fixture->watch) > 0) { /* a busy machine, before it began */
        assert_non_null(
            strstr(watch_why_lost(fixture->watch), "JetStream does not answer"));
    }
}

static void test_two(void **state)
{
    struct fixture *fixture = *state;
    struct watch *other;

    peer_make_bucket(fixture->peer, "one", 1);
    peer_make_bucket(fixture->peer, "other", 1);
    (void)peer_put(fixture->peer, "one", "a", "1");
    (void)peer_put(fixture->peer, "other", "b", "2");
    fixture->watch = watch_start(fixture->bus, "one");
    other = watch_add(fixture->watch, "other");
    watch_expect(fixture->watch, "a=1", BUS_MS);
    watch_expect(other, "b=2", BUS_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"what is there is listed, markers too", test_listing, open_bus, close_bus, 0},
        {"what changes is told as it changes", test_live, open_bus, close_bus, 0},
        {"an empty bucket is known to be empty", test_empty, open_bus, close_bus, 0},
        {"a missing bucket is told once and found when it is made", test_missing,
         open_bus, close_bus, 0},
        {"20,000 keys are listed through flow control", test_many, open_bus, close_bus,
         0},
        {"two buckets are followed over one bus", test_two, open_bus, close_bus, 0},
    };

    (void)alarm(250);
    loop_block_signals();
    return cmocka_run_group_tests_name("follower", tests, start_all, stop_all);
}
