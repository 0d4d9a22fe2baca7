#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/lease.h"
#include "reconciler/run/loop.h"
#include "support_bus.h"
#include "support_nats.h"
#include "support_peer.h"

/* What must come: sooner than a lease of 15 s expires, so not for want of renewal. */
#define SOON_MS 12000
/* For what may wait until a lease has been renewed, or has expired. */
#define EXPIRY_MS 40000

static const char *const state_names[] = {
    [LEASE_TRYING] = "trying",
    [LEASE_HELD] = "held",
    [LEASE_TAKEN] = "taken",
    [LEASE_UNGUARDED] = "unguarded",
};

/* A process that wants to write; several are run side by side. */
struct holder {
    struct holder *next;
    struct bus *bus;
    struct lease *lease;
    unsigned changes_count;
};

static struct holder *holders;

static struct holder *join(const char *url, const char *lattice, const char *identity)
{
    struct holder *holder = calloc(1, sizeof *holder);

    assert_non_null(holder);
    holder->bus = bus_start(url);
    holder->lease = lease_new(holder->bus, lattice, identity, 3);
    holder->next = holders;
    holders = holder;
    return holder;
}

/* The process is gone, without a word. */
static void vanish(struct holder *holder)
{
    struct holder **at = &holders;

    while (*at != holder) {
        at = &(*at)->next;
    }
    *at = holder->next;
    lease_free(holder->lease);
    bus_close(holder->bus);
    free(holder);
}

static void step(void)
{
    for (struct holder *holder = holders; holder != NULL; holder = holder->next) {
        const enum lease_state before = lease_state(holder->lease);
        struct mail *mail = bus_next(holder->bus, 2);

        if (mail == NULL) {
            lease_at_deadline(holder->lease, clock_now());
        } else if (lease_owns(holder->lease, mail)) {
            lease_take(holder->lease, mail, clock_now());
        }
        mail_free(mail);
        holder->changes_count += lease_state(holder->lease) != before;
    }
}

static void run_for(int64_t span_ms)
{
    const struct instant end = instant_after(clock_now(), span_ms);

    while (!instant_is_due(end, clock_now())) {
        step();
    }
}

static bool stands(const struct holder *holder, enum lease_state state, const char *words)
{
    return lease_state(holder->lease) == state &&
           strstr(lease_text(holder->lease), words) != NULL;
}

static void expect(const struct holder *holder, enum lease_state state, const char *words,
                   int64_t span_ms)
{
    const struct instant end = instant_after(clock_now(), span_ms);

    while (!stands(holder, state, words) && !instant_is_due(end, clock_now())) {
        step();
    }
    if (!stands(holder, state, words)) {
        fail_msg("%s: '%s', expected %s: '%s'", state_names[lease_state(holder->lease)],
                 lease_text(holder->lease), state_names[state], words);
    }
}

/* Those that wait for the next renewal do so side by side, from the start. */
struct fixture {
    struct server *server;
    struct peer *peer;
    struct holder *keeper;
    struct holder *gone;
    struct holder *foreign;
    struct holder *copied;
    struct holder *copy;
    struct holder *waiting; /* for the dead */
};

/* A bucket that forgets sooner than ours does, and a holder in it that dies. */
static void start_dead(struct fixture *fixture)
{
    struct holder *dead;
    char answer[2048];

    assert_true(peer_request(
        fixture->peer, "$JS.API.STREAM.CREATE.KV_TRELLIS_dead",
        "{\"name\":\"KV_TRELLIS_dead\",\"subjects\":[\"$KV.TRELLIS_dead.>\"],"
        "\"max_msgs_per_subject\":1,\"max_age\":4000000000,"
        "\"duplicate_window\":4000000000,\"allow_rollup_hdrs\":true,"
        "\"allow_direct\":true}",
        answer, sizeof answer));
    assert_null(strstr(answer, "\"error\""));
    dead = join(server_url(fixture->server), "dead", "store-1");
    expect(dead, LEASE_HELD, "", SOON_MS);
    fixture->waiting = join(server_url(fixture->server), "dead", "store-2");
    expect(fixture->waiting, LEASE_TAKEN, "process ", SOON_MS);
    vanish(dead);
}

static int start_all(void **state)
{
    static struct fixture fixture;
    const char *url;

    fixture.server = server_start(&(struct server_options){.has_jetstream = true});
    fixture.peer = peer_start(server_url(fixture.server));
    url = server_url(fixture.server);
    fixture.keeper = join(url, "keeper", "store-1");
    fixture.gone = join(url, "gone", "store-1");
    fixture.foreign = join(url, "foreign", "store-1");
    fixture.copied = join(url, "copied", "store-1");
    expect(fixture.keeper, LEASE_HELD, "", SOON_MS);
    expect(fixture.gone, LEASE_HELD, "", SOON_MS);
    expect(fixture.foreign, LEASE_HELD, "", SOON_MS);
    expect(fixture.copied, LEASE_HELD, "", SOON_MS);

    fixture.copy = join(url, "copied", "store-1");
    peer_delete_bucket(fixture.peer, "TRELLIS_gone");
    (void)peer_put(fixture.peer, "TRELLIS_foreign", "writer", "not ours");
    start_dead(&fixture);
    *state = &fixture;
    return 0;
}

static int stop_all(void **state)
{
    struct fixture *fixture = *state;

    while (holders != NULL) {
        vanish(holders);
    }
    peer_stop(fixture->peer);
    server_stop(fixture->server);
    return 0;
}

static void test_entry(void **state)
{
    const struct fixture *fixture = *state;
    const struct holder *holder = join(server_url(fixture->server), "entry", "store-1");
    char text[2048];
    char pid[32];

    expect(holder, LEASE_HELD, "", SOON_MS);
    assert_true(peer_get(fixture->peer, "TRELLIS_entry", "writer", text, sizeof text));
    (void)snprintf(pid, sizeof pid, "\"pid\":%d,", (int)getpid());
    assert_ptr_equal(strstr(text, "{\"identity\":\"store-1\",\"host\":\""), text);
    assert_non_null(strstr(text, pid));
    assert_non_null(strstr(text, "\"since\":\"20"));

    assert_true(peer_request(fixture->peer, "$JS.API.STREAM.INFO.KV_TRELLIS_entry", "",
                             text, sizeof text));
    assert_non_null(strstr(text, "\"max_age\":15000000000"));
    assert_non_null(strstr(text, "\"max_msgs_per_subject\":1,"));
    assert_non_null(strstr(text, "\"last_seq\":1,"));
}

static void test_taken(void **state)
{
    const struct fixture *fixture = *state;
    struct holder *first = join(server_url(fixture->server), "taken", "store-1");
    struct holder *second;
    struct holder *elsewhere;
    char words[64];

    expect(first, LEASE_HELD, "", SOON_MS);
    second = join(server_url(fixture->server), "taken", "store-2");
    elsewhere = join(server_url(fixture->server), "other", "store-2");
    (void)snprintf(words, sizeof words, "process %d on host ", (int)getpid());
    expect(second, LEASE_TAKEN, words, SOON_MS);
    assert_non_null(strstr(lease_text(second->lease), ", since 20"));
    expect(elsewhere, LEASE_HELD, "", SOON_MS);

    lease_release(first->lease);
    assert_int_equal(lease_state(first->lease), LEASE_TRYING);
    vanish(first); /* what it sent is seen off */
    expect(second, LEASE_HELD, "", SOON_MS);
    lease_release(second->lease);
    first = join(server_url(fixture->server), "taken", "store-1");
    expect(first, LEASE_HELD, "", SOON_MS);
}

static void test_restarted(void **state)
{
    const struct fixture *fixture = *state;
    struct holder *holder = join(server_url(fixture->server), "restarted", "store-1");

    expect(holder, LEASE_HELD, "", SOON_MS);
    vanish(holder);
    (void)poll(NULL, 0, 5); /* the entries tell the two apart by the time */
    holder = join(server_url(fixture->server), "restarted", "store-1");
    expect(holder, LEASE_HELD, "", SOON_MS);
    assert_int_equal(holder->changes_count, 1);
}

static void test_dead(void **state)
{
    const struct fixture *fixture = *state;

    expect(fixture->waiting, LEASE_HELD, "", EXPIRY_MS);
}

static void test_copy(void **state)
{
    const struct fixture *fixture = *state;

    expect(fixture->copy, LEASE_HELD, "", SOON_MS);
    expect(fixture->copied, LEASE_TAKEN, "process ", EXPIRY_MS); /* at its renewal */
    run_for(2500);
    assert_int_equal(lease_state(fixture->copied->lease), LEASE_TAKEN);
    assert_int_equal(lease_state(fixture->copy->lease), LEASE_HELD);
}

static void test_renewed(void **state)
{
    const struct fixture *fixture = *state;
    const struct instant start = clock_now();
    char text[2048];

    do {
        run_for(100);
        assert_true(clock_now().ms - start.ms < EXPIRY_MS);
        assert_true(peer_request(fixture->peer, "$JS.API.STREAM.INFO.KV_TRELLIS_keeper",
                                 "", text, sizeof text));
    } while (strstr(text, "\"last_seq\":1,") != NULL);
    assert_int_equal(lease_state(fixture->keeper->lease), LEASE_HELD);
    assert_int_equal(fixture->keeper->changes_count, 1);
}

static void test_bucket_gone(void **state)
{
    const struct fixture *fixture = *state;
    char text[2048];

    assert_int_equal(lease_state(fixture->gone->lease), LEASE_HELD);
    assert_true(peer_get(fixture->peer, "TRELLIS_gone", "writer", text, sizeof text));
}

static void test_foreign_entry(void **state)
{
    const struct fixture *fixture = *state;

    expect(fixture->foreign, LEASE_TAKEN, "somebody", EXPIRY_MS);
    peer_delete(fixture->peer, "TRELLIS_foreign", "writer");
    expect(fixture->foreign, LEASE_HELD, "", SOON_MS);
}

static void test_outage(void **state)
{
    struct server *server = server_start(&(struct server_options){.has_jetstream = true});
    struct holder *holder = join(server_url(server), "outage", "store-1");

    (void)state;
    expect(holder, LEASE_HELD, "", SOON_MS);
    server_kill(server);
    expect(holder, LEASE_TRYING, "not connected", SOON_MS);
    server_restart(server);
    expect(holder, LEASE_HELD, "", SOON_MS);
    server_kill(server);
    server_wipe(server);
    server_restart(server);
    expect(holder, LEASE_TRYING, "not connected", SOON_MS);
    expect(holder, LEASE_HELD, "", SOON_MS);
    vanish(holder);
    server_stop(server);
}

static void test_unguarded(void **state)
{
    struct server *server = server_start(&(struct server_options){0});
    struct holder *holder = join(server_url(server), "plain", "store-1");

    (void)state;
    expect(holder, LEASE_UNGUARDED, "JetStream is not enabled at the server", SOON_MS);
    vanish(holder);
    server_stop(server);
}

static void test_denied(void **state)
{
    static const char *const users[][2] = {
        {"a", "Permissions Violation for Publish to \"$KV.TRELLIS_x.writer\""},
        {"b", "Permissions Violation for Publish to \"$JS.API.STREAM.CREATE."},
    };
    struct server *server = server_start(&(struct server_options){
        .has_jetstream = true,
        .config =
            "authorization { users = [\n"
            "  {user: a, password: x, permissions: {publish: {deny: [\"$KV.>\"]}}}\n"
            "  {user: b, password: x, permissions: {publish: {deny: "
            "[\"$JS.API.STREAM.>\"]}}} ] }"});

    (void)state;
    for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
        char url[64];
        struct holder *holder;

        (void)snprintf(url, sizeof url, "%s:x@%s", users[i][0], server_host_port(server));
        holder = join(url, "x", "store-1");
        expect(holder, LEASE_UNGUARDED, users[i][1], SOON_MS);
        vanish(holder);
    }
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a free lease is taken, and names who took it", test_entry, 0, 0, 0},
        {"a lease that is held is not had until it is given back", test_taken, 0, 0, 0},
        {"a restarted process takes its own lease over", test_restarted, 0, 0, 0},
        {"a lease is taken again after an outage, and after a wipe", test_outage, 0, 0,
         0},
        {"without JetStream the lease is unguarded", test_unguarded, 0, 0, 0},
        {"without the rights the lease is unguarded", test_denied, 0, 0, 0},
        {"a dead holder's lease is had when it expires", test_dead, 0, 0, 0},
        {"a copy of the store does not fight for the lease", test_copy, 0, 0, 0},
        {"a lease is renewed and kept", test_renewed, 0, 0, 0},
        {"a bucket that is gone is made again", test_bucket_gone, 0, 0, 0},
        {"an entry that says nothing is somebody's", test_foreign_entry, 0, 0, 0},
    };

    (void)alarm(250);
    loop_block_signals();
    return cmocka_run_group_tests_name("lease", tests, start_all, stop_all);
}
