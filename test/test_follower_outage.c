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

/* Wait until the peer's own connection is back. */
static void await_peer(struct peer *peer)
{
    while (natsConnection_Flush(peer_connection(peer)) != NATS_OK) {
        nats_Sleep(10);
    }
}

static void test_killed(void **state)
{
    struct server *server = server_start(&(struct server_options){.has_jetstream = true});
    struct peer *peer = peer_start(server_url(server));
    struct bus *bus = bus_start(server_url(server));
    struct watch *watch;

    (void)state;
    peer_make_bucket(peer, "b", 1);
    (void)peer_put(peer, "b", "a", "1");
    (void)peer_put(peer, "b", "gone", "1");
    watch = watch_start(bus, "b");
    watch_expect(watch, "a=1 gone=1", BUS_MS);
    for (int i = 0; i < 3; i++) {
        char value[16];
        char content[32];

        server_kill(server);
        watch_run(watch, 300);
        server_restart(server);
        await_peer(peer);
        (void)snprintf(value, sizeof value, "%d", i);
        (void)snprintf(content, sizeof content, "a=%d", i);
        (void)peer_put(peer, "b", "a", value);
        if (i == 0) {
            peer_purge(peer, "b", "gone");
        }
        watch_expect(watch, content, BUS_MS);
    }
    assert_int_equal(watch_losses(watch), 0);
    watch_stop(watch);
    bus_close(bus);
    peer_stop(peer);
    server_stop(server);
}

static void test_wiped(void **state)
{
    struct server *server = server_start(&(struct server_options){.has_jetstream = true});
    struct peer *peer = peer_start(server_url(server));
    struct bus *bus = bus_start(server_url(server));
    struct watch *watch;

    (void)state;
    peer_make_bucket(peer, "b", 1);
    peer_put_many(peer, "b", 100);
    watch = watch_start(bus, "b");
    watch_expect_count(watch, 100, BUS_MS);

    server_kill(server);
    server_wipe(server);
    server_restart(server);
    watch_expect_lost(watch, "does not exist", BUS_MS);
    await_peer(peer);
    peer_make_bucket(peer, "b", 1);
    (void)peer_put(peer, "b", "new", "1");
    watch_expect(watch, "new=1", BUS_MS);
    watch_stop(watch);
    bus_close(bus);
    peer_stop(peer);
    server_stop(server);
}

static void test_frozen(void **state)
{
    struct server *server = server_start(&(struct server_options){.has_jetstream = true});
    struct peer *peer = peer_start(server_url(server));
    struct bus *bus = bus_start(server_url(server));
    struct watch *watch;

    (void)state;
    peer_make_bucket(peer, "b", 1);
    (void)peer_put(peer, "b", "a", "1");
    watch = watch_start(bus, "b");
    watch_expect(watch, "a=1", BUS_MS);
    server_freeze(server);
    watch_run(watch, 4500);
    server_thaw(server);
    await_peer(peer);
    (void)peer_put(peer, "b", "a", "2");
    watch_expect(watch, "a=2", BUS_MS);
    watch_stop(watch);
    bus_close(bus);
    peer_stop(peer);
    server_stop(server);
}

static void test_no_jetstream(void **state)
{
    struct server *server = server_start(&(struct server_options){0});
    struct bus *bus = bus_start(server_url(server));
    struct watch *watch = watch_start(bus, "b");

    (void)state;
    watch_expect_lost(watch, "JetStream is not enabled at the server", BUS_MS);
    watch_run(watch, 2500);
    assert_int_equal(watch_losses(watch), 1);
    watch_stop(watch);
    bus_close(bus);
    server_stop(server);
}

static void test_no_jetstream_for_account(void **state)
{
    struct server *server = server_start(&(struct server_options){
        .has_jetstream = true,
        .config = "accounts { A: { users: [ {user: a, password: a} ] } }"});
    char url[64];
    struct bus *bus;
    struct watch *watch;

    (void)state;
    (void)snprintf(url, sizeof url, "a:a@%s", server_host_port(server));
    bus = bus_start(url);
    watch = watch_start(bus, "b");
    watch_expect_lost(watch, "JetStream is not enabled", BUS_MS);
    watch_stop(watch);
    bus_close(bus);
    server_stop(server);
}

static const char rights[] =
    "authorization { users = [\n"
    "  {user: all, password: all},\n"
    "  {user: blind, password: x, permissions: {publish: {deny: [\"$JS.API.>\"]}}},\n"
    "  {user: deaf, password: x, permissions: {subscribe: {deny: "
    "[\"_INBOX.*.kv.>\"]}}},\n"
    "  {user: mute, password: x, permissions: {publish: {deny: [\"$JS.FC.>\"]}}} ] }";

static void test_denied(void **state)
{
    static const char *const cases[][2] = {
        {"blind", "Permissions Violation for Publish to \"$JS.API.STREAM.INFO.KV_b\""},
        {"deaf", "Permissions Violation for Subscription to \"_INBOX."},
    };
    struct server *server =
        server_start(&(struct server_options){.has_jetstream = true, .config = rights});
    char url[64];
    struct peer *peer;

    (void)state;
    (void)snprintf(url, sizeof url, "nats://all:all@%s", server_host_port(server));
    peer = peer_start(url);
    peer_make_bucket(peer, "b", 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bus *bus;
        struct watch *watch;

        (void)snprintf(url, sizeof url, "%s:x@%s", cases[i][0], server_host_port(server));
        bus = bus_start(url);
        watch = watch_start(bus, "b");
        watch_expect_lost(watch, cases[i][1], BUS_MS);
        watch_run(watch, 500);
        assert_int_equal(watch_losses(watch), 1);
        watch_stop(watch);
        bus_close(bus);
    }
    peer_stop(peer);
    server_stop(server);
}

/* Without the right to answer flow control a large listing stops for ever. */
static void test_denied_flow_control(void **state)
{
    struct server *server =
        server_start(&(struct server_options){.has_jetstream = true, .config = rights});
    char url[64];
    struct peer *peer;
    struct bus *bus;
    struct watch *watch;

    (void)state;
    (void)snprintf(url, sizeof url, "nats://all:all@%s", server_host_port(server));
    peer = peer_start(url);
    peer_make_bucket(peer, "b", 1);
    peer_put_many(peer, "b", 20000);
    (void)snprintf(url, sizeof url, "mute:x@%s", server_host_port(server));
    bus = bus_start(url);
    watch = watch_start(bus, "b");
    watch_expect_lost(watch, "Permissions Violation for Publish to \"$JS.FC.KV_b.",
                      BUS_MS);
    watch_stop(watch);
    bus_close(bus);
    peer_stop(peer);
    server_stop(server);
}

#define BURSTS_MAX 6

/* A burst for which there was no room, and of which little is left, is followed by a
 * value.  Is that known within ms?  On a busy machine it may take longer. */
static bool is_listed_soon(struct peer *peer, struct watch *watch, int wait_ms, int ms)
{
    static int value;
    struct instant start;
    char text[16];
    char content[24];

    (void)snprintf(text, sizeof text, "%d", ++value);
    (void)snprintf(content, sizeof content, "a=%d", value);
    peer_put_many(peer, "b", 1000); /* taken by nobody meanwhile */
    peer_purge_stream(peer, "b", NULL);
    watch_run(watch, wait_ms);
    (void)peer_put(peer, "b", "a", text);
    start = clock_now();
    watch_expect(watch, content, BUS_MS);
    return clock_now().ms - start.ms < ms;
}

static void test_overflow(void **state)
{
    struct server *server = server_start(&(struct server_options){.has_jetstream = true});
    struct peer *peer = peer_start(server_url(server));
    const struct bus_options options = {
        .connection.url = server_url(server), .name = "test", .mails_max = 100};
    struct bus *bus = NULL;
    struct watch *watch;
    struct err err;
    bool is_soon = false;

    (void)state;
    peer_make_bucket(peer, "b", 1);
    assert_int_equal(bus_open(&options, &bus, &err), ERR_OK);
    watch = watch_start(bus, "b");
    watch_expect(watch, "", BUS_MS);
    for (int i = 0; !is_soon && i < BURSTS_MAX; i++) {
        is_soon = is_listed_soon(peer, watch, 0, 1500); /* by the next heartbeat */
    }
    assert_true(is_soon);
    assert_true(watch_listings(watch) > 1);
    is_soon = false;
    for (int i = 0; !is_soon && i < BURSTS_MAX; i++) {
        is_soon = is_listed_soon(peer, watch, 100, 800); /* by the gap before it */
    }
    assert_true(is_soon);
    watch_stop(watch);
    bus_close(bus);
    peer_stop(peer);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a killed server's bucket is listed again", test_killed, 0, 0, 0},
        {"a wiped store is not taken for the old one", test_wiped, 0, 0, 0},
        {"a frozen server loses nothing", test_frozen, 0, 0, 0},
        {"a server without JetStream is told", test_no_jetstream, 0, 0, 0},
        {"an account without JetStream is told", test_no_jetstream_for_account, 0, 0, 0},
        {"a missing right is told in the server's words", test_denied, 0, 0, 0},
        {"a missing right to flow control is told", test_denied_flow_control, 0, 0, 0},
        {"what was dropped for lack of room is listed again", test_overflow, 0, 0, 0},
    };

    (void)alarm(250);
    loop_block_signals();
    return cmocka_run_group_tests_name("follower outage", tests, NULL, NULL);
}
