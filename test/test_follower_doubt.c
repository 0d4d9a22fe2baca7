#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/run/loop.h"
#include "support_bus.h"
#include "support_nats.h"
#include "support_peer.h"
#include "support_watch.h"

/* Five buckets over one bus, so that what takes its time does so side by side. */
struct fixture {
    struct server *server;
    struct peer *peer;
    struct bus *bus;
    struct watch *quiet;
    struct watch *again;
    struct watch *gone;
    struct watch *bare;
    struct watch *late;
};

static void make_bucket(struct peer *peer, const char *bucket, int history)
{
    peer_make_bucket(peer, bucket, history);
    (void)peer_put(peer, bucket, "a", "1");
    (void)peer_put(peer, bucket, "b", "1");
    (void)peer_put(peer, bucket, "b", "2");
    peer_delete(peer, bucket, "b");
    (void)peer_put(peer, bucket, "a", "2");
    (void)peer_put(peer, bucket, "c", "1");
}

static int start_all(void **state)
{
    static struct fixture fixture;

    fixture.server = server_start(&(struct server_options){.has_jetstream = true});
    fixture.peer = peer_start(server_url(fixture.server));
    fixture.bus = bus_start(server_url(fixture.server));
    make_bucket(fixture.peer, "quiet", 5); /* somebody's that keeps a history */
    make_bucket(fixture.peer, "again", 1);
    make_bucket(fixture.peer, "gone", 1);
    make_bucket(fixture.peer, "bare", 1);
    make_bucket(fixture.peer, "late", 1);

    fixture.quiet = watch_start(fixture.bus, "quiet");
    fixture.again = watch_add(fixture.quiet, "again");
    fixture.gone = watch_add(fixture.quiet, "gone");
    fixture.bare = watch_add(fixture.quiet, "bare");
    fixture.late = watch_add(fixture.quiet, "late");
    watch_expect(fixture.quiet, "a=2 c=1", BUS_MS);
    watch_expect(fixture.again, "a=2 c=1", BUS_MS);
    watch_expect(fixture.gone, "a=2 c=1", BUS_MS);
    watch_expect(fixture.bare, "a=2 c=1", BUS_MS);
    watch_expect(fixture.late, "a=2 c=1", BUS_MS);
    *state = &fixture;
    return 0;
}

static int stop_all(void **state)
{
    struct fixture *fixture = *state;

    watch_stop(fixture->quiet);
    bus_close(fixture->bus);
    peer_stop(fixture->peer);
    server_stop(fixture->server);
    return 0;
}

static void test_made_again(void **state)
{
    const struct fixture *fixture = *state;

    peer_delete_bucket(fixture->peer, "gone"); /* for the test after this */
    peer_delete_bucket(fixture->peer, "again");
    peer_make_bucket(fixture->peer, "again", 1);
    (void)peer_put(fixture->peer, "again", "d", "3");
    watch_expect(fixture->again, "d=3", BUS_MS);
    assert_int_equal(watch_losses(fixture->again), 0);
}

static void test_gone(void **state)
{
    const struct fixture *fixture = *state;

    peer_purge_stream(fixture->peer, "bare", "a"); /* for the test after this */
    watch_expect_lost(fixture->gone, "does not exist", BUS_MS);
    peer_make_bucket(fixture->peer, "gone", 1);
    watch_expect(fixture->gone, "", BUS_MS);
}

static void test_purged(void **state)
{
    const struct fixture *fixture = *state;

    watch_expect(fixture->bare, "c=1", BUS_MS);
    peer_purge_stream(fixture->peer, "bare", NULL);
    watch_expect(fixture->bare, "", BUS_MS);
}

static void test_settled(void **state)
{
    const struct fixture *fixture = *state;
    const unsigned listings = watch_listings(fixture->bare);

    watch_run(fixture->bare, 4500); /* with two looks at the stream */
    assert_int_equal(watch_listings(fixture->bare), listings);
    (void)peer_put(fixture->peer, "bare", "a", "1");
    watch_expect(fixture->bare, "a=1", BUS_MS);
}

/* What comes is ever older, though something always comes. */
static void test_late(void **state)
{
    const struct fixture *fixture = *state;
    struct watch *late = fixture->late;

    watch_slow_down(late, 300);
    for (int i = 0; watch_is_known(late) && i < 50; i++) {
        (void)peer_put(fixture->peer, "late", "a", "9");
        watch_run(late, 150);
    }
    assert_false(watch_is_known(late));
    assert_true(watch_sequence(late) > 6); /* something had come */
    watch_slow_down(late, 0);
    watch_expect(late, "a=9 c=1", BUS_MS);
}

static void test_quiet(void **state)
{
    const struct fixture *fixture = *state;

    /* through all the time that the tests before have taken */
    assert_string_equal(watch_story(fixture->quiet), "LISTING -b a=2 c=1 LISTED ");
}

/* As a host purges, but without waiting for the answer. */
static void purge_at_once(struct peer *peer, const char *bucket, const char *key)
{
    natsMsg *message = NULL;
    char subject[64];

    (void)snprintf(subject, sizeof subject, "$KV.%s.%s", bucket, key);
    assert_int_equal(natsMsg_Create(&message, subject, NULL, NULL, 0), NATS_OK);
    assert_int_equal(natsMsgHeader_Set(message, "KV-Operation", "PURGE"), NATS_OK);
    assert_int_equal(natsMsgHeader_Set(message, "Nats-Rollup", "sub"), NATS_OK);
    assert_int_equal(natsConnection_PublishMsg(peer_connection(peer), message), NATS_OK);
    natsMsg_Destroy(message);
}

static void test_skipped(void **state)
{
    const struct fixture *fixture = *state;

    for (int i = 0; i < 5; i++) {
        (void)peer_put(fixture->peer, "bare", "a", "1");
        (void)peer_put(fixture->peer, "bare", "b", "1");
        (void)peer_put(fixture->peer, "bare", "c", "1");
        watch_expect(fixture->bare, "a=1 b=1 c=1", BUS_MS);
        purge_at_once(fixture->peer, "bare", "a");
        purge_at_once(fixture->peer, "bare", "b");
        watch_expect(fixture->bare, "c=1", BUS_MS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a bucket made again at once is told from the first", test_made_again, 0, 0, 0},
        {"a bucket that is gone is lost until it is made again", test_gone, 0, 0, 0},
        {"what is removed without a marker is noticed", test_purged, 0, 0, 0},
        {"an emptied bucket is listed once, and followed", test_settled, 0, 0, 0},
        {"purges at once are all heard of", test_skipped, 0, 0, 0},
        {"what was in the bucket two seconds ago and has not come is late", test_late, 0,
         0, 0},
        {"a bucket where nothing happens is listed once", test_quiet, 0, 0, 0},
    };

    (void)alarm(250);
    loop_block_signals();
    return cmocka_run_group_tests_name("follower in doubt", tests, start_all, stop_all);
}
