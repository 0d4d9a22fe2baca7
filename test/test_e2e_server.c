/*
 * What a nats-server may do to a lattice and its daemon: stand still, and come back
 * without what it kept.  Nobody takes that for a wish: nothing is deleted or stopped, and
 * all is as it is wanted, and served, when it is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include <nats/nats.h>

#include "support_peer.h"
#include "support_stage.h"

/* A provider that has just started may have missed its links, and would be given them
 * anew.  So long, and some more. */
#define WINDOW_MS 10500

/* What others run; their links are lost with the store, and nobody else's to put again.
 */
#define FOREIGN_COMPONENT                                                                \
    "component zz-theirs on 1 hosts, 2 instances of ghcr.io/acme/theirs:1\n"

/* The quickstart and what is theirs, in order. */
static char world[2048];

static void set_scene(struct stage *stage)
{
    const size_t head = (size_t)(strchr(stage_quickstart, '\n') + 1 - stage_quickstart);

    (void)snprintf(world, sizeof world, "%.*s" FOREIGN_COMPONENT "%s", (int)head,
                   stage_quickstart, stage_quickstart + head);
    stage_converge_quickstart(stage);
    (void)stage_order(stage, "scale host-1 zz-theirs 2 ghcr.io/acme/theirs:1");
    reader_expect(stage->reader, world, STAGE_MS);
    reader_forget(stage->reader);
}

/* Nothing that runs or is kept was taken away. */
static void expect_nothing_deleted(struct stage *stage)
{
    assert_int_equal(reader_count(stage->reader, "link.del"), 0);
    assert_int_equal(reader_count(stage->reader, "config.del"), 0);
    assert_int_equal(reader_count(stage->reader, "provider."), 0);
    assert_int_equal(reader_count(stage->reader, "component.scale"), 0);
}

/* All is as it was, and was never anything else. */
static void expect_as_before(struct stage *stage, const char *what, int64_t since)
{
    reader_expect(stage->reader, world, STAGE_MS);
    stage_expect_converged(stage);
    stage_expect_serving(stage, STAGE_SERVES);
    expect_nothing_deleted(stage);
    print_message("# %s: all is well again after %lld ms\n", what,
                  (long long)(nats_Now() - since));
}

/* Hosts hear of links again, and the daemon of what is done to them. */
static void expect_repair(struct stage *stage)
{
    (void)stage_order(stage,
                      "drop-link hello_world-httpserver hello_world-http_component");
    reader_expect(stage->reader, world, STAGE_MS);
    stage_expect_converged(stage);
    stage_expect_serving(stage, STAGE_SERVES);
}

static void freeze(struct stage *stage)
{
    int64_t thawed_at;

    server_freeze(stage->server);
    process_expect_errors(stage->daemon, "not connected", STAGE_MS);
    server_thaw(stage->server);
    thawed_at = nats_Now();
    expect_as_before(stage, "thawed", thawed_at);
    assert_string_equal(reader_commands(stage->reader), "");
}

/* It is the daemon's outage of this number. */
static void wipe(struct stage *stage, int number)
{
    server_kill(stage->server);
    process_expect_errors_count(stage->daemon, "not connected", number, STAGE_MS);
    server_wipe(stage->server);
    server_restart(stage->server);
}

/* Somebody else makes the buckets, as a host does that starts. */
static void make_buckets(struct stage *stage)
{
    struct peer *peer = peer_start(server_url(stage->server));

    peer_make_bucket(peer, "LATTICEDATA_default", 1);
    peer_make_bucket(peer, "CONFIGDATA_default", 1);
    peer_stop(peer);
}

/* The daemon makes the buckets again, with numbers that hosts have not come to. */
static void lose_store(struct stage *stage)
{
    int64_t restarted_at;

    wipe(stage, 2);
    restarted_at = nats_Now();
    process_expect_errors(stage->daemon, "missing for 5 s, while 3 hosts run", STAGE_MS);
    expect_as_before(stage, "wiped", restarted_at);
}

/* Others make them, and hosts that run hear of nothing until the numbers have passed what
 * they have heard. */
static void lose_store_for_deaf_hosts(struct stage *stage)
{
    int64_t restarted_at;

    wipe(stage, 3);
    restarted_at = nats_Now();
    make_buckets(stage);
    process_expect_errors(stage->daemon, "that ran before the bucket was made again",
                          STAGE_MS);
    expect_as_before(stage, "wiped, and made by others", restarted_at);
}

static void whatever_a_server_does_nothing_is_deleted(void **state)
{
    struct stage *stage = *state;
    int64_t window_until;

    set_scene(stage);
    window_until = nats_Now() + WINDOW_MS;
    freeze(stage);
    while (nats_Now() < window_until) {
        (void)poll(NULL, 0, 100);
    }
    lose_store(stage);
    lose_store_for_deaf_hosts(stage);
    expect_repair(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(whatever_a_server_does_nothing_is_deleted),
    };

    return cmocka_run_group_tests_name("e2e_server", tests, NULL, NULL);
}
