#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/loop.h"
#include "support_bus.h"
#include "support_nats.h"
#include "support_peer.h"

/* What no call of a daemon may take, in the worst moment: the try to connect that nats.c
 * begins as it notices, under its lock, and what a busy machine adds.  One that waits for
 * the server waits for ever: it is frozen until this is over. */
#define CALL_MS_MAX 3000
#define FROZEN_MS   4500

static const char two_users[] =
    "authorization { users = [ {user: a, password: secret}, {user: b, password: b} ] }";
static const char one_user[] = "authorization { users = [ {user: b, password: b} ] }";

static enum err_code publish(struct bus *bus, const char *subject, const char *text)
{
    const struct bus_message message = {
        .subject = subject, .bytes = text, .length = strlen(text)};
    struct err err;

    return bus_publish(bus, &message, &err);
}

static void subscribe(struct bus *bus, const char *subject, uint64_t tag)
{
    struct err err;

    assert_int_equal(bus_subscribe(bus, subject, NULL, tag, &err), ERR_OK);
}

/* Does a message to subject come back to bus, which subscribes to it under tag? */
static void expect_loop(struct bus *bus, const char *subject, uint64_t tag)
{
    assert_int_equal(publish(bus, subject, "around"), ERR_OK);
    bus_expect(bus, MAIL_MESSAGE, tag, BUS_MS);
}

static void test_restart(void **state)
{
    struct server *server = server_start(&(struct server_options){0});
    struct bus *bus = bus_start(server_url(server));
    struct mail *mail;

    (void)state;
    subscribe(bus, "test.a", 1);
    subscribe(bus, "test.mute", 2);
    for (uint64_t i = 10; i < 20; i++) {
        bus_ask(bus, "test.mute", "", i, BUS_LONG_MS);
    }
    expect_loop(bus, "test.a", 1);
    server_kill(server);

    mail = bus_await(bus, MAIL_DISCONNECTED, 0, BUS_MS);
    assert_non_null(strstr(mail->bytes, server_host_port(server)));
    assert_non_null(strstr(mail->bytes, "connection lost"));
    mail_free(mail);
    assert_false(bus_is_connected(bus));
    for (uint64_t i = 10; i < 20; i++) {
        bus_expect(bus, MAIL_TIMEOUT, i, BUS_MS);
    }

    subscribe(bus, "test.b", 3); /* while there is no server */
    bus_unsubscribe(bus, 1);
    server_restart(server);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    expect_loop(bus, "test.b", 3);
    assert_int_equal(publish(bus, "test.a", ""), ERR_OK);
    bus_expect_silence(bus, 50);
    bus_close(bus);
    server_stop(server);
}

static void test_nothing_stale(void **state)
{
    struct server *server = server_start(&(struct server_options){0});
    struct peer *peer = peer_start(server_url(server));
    struct bus *bus = bus_start(server_url(server));
    unsigned refused_count = 0;

    (void)state;
    peer_listen(peer, "test.command");
    server_kill(server);
    while (publish(bus, "test.command", "") == ERR_OK) {
        (void)poll(NULL, 0, 1); /* those may have left, or have been lost */
    }
    for (int i = 0; i < 1000; i++) {
        refused_count += publish(bus, "test.command", "") == ERR_UNREACHABLE;
    }
    assert_int_equal(refused_count, 1000);
    server_restart(server);
    peer_expect_connected(peer);

    /* The connection comes back by itself; until it was told nothing leaves. */
    (void)poll(NULL, 0, 1000);
    assert_int_equal(publish(bus, "test.command", ""), ERR_UNREACHABLE);
    bus_expect(bus, MAIL_DISCONNECTED, 0, 0);
    assert_int_equal(publish(bus, "test.command", ""), ERR_UNREACHABLE);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    assert_int_equal(publish(bus, "test.command", ""), ERR_OK);

    for (int ms = 0; peer_count(peer) == 0 && ms < BUS_MS; ms++) {
        (void)poll(NULL, 0, 1);
    }
    (void)poll(NULL, 0, 100);
    assert_int_equal(peer_count(peer), 1);
    bus_close(bus);
    peer_stop(peer);
    server_stop(server);
}

static void test_many_restarts(void **state)
{
    struct server *server = server_start(&(struct server_options){0});
    struct bus *bus = bus_start(server_url(server));

    (void)state;
    subscribe(bus, "test.a", 1);
    for (int i = 0; i < 4; i++) {
        server_end(server);
        bus_expect(bus, MAIL_DISCONNECTED, 0, BUS_MS);
        server_restart(server);
        bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
        expect_loop(bus, "test.a", 1);
    }
    bus_close(bus);
    server_stop(server);
}

static void test_frozen(void **state)
{
    static char large[256 * 1024];
    struct server *server = server_start(&(struct server_options){0});
    struct bus *bus = bus_start_patient(server_url(server));
    const struct bus_message message = {"test.a", NULL, large, sizeof large, 0, 0, 0};
    const struct instant start = clock_now();
    unsigned refused_count = 0;
    int64_t longest_ms = 0;
    struct err err;

    (void)state;
    subscribe(bus, "test.a", 1);
    expect_loop(bus, "test.a", 1);
    server_freeze(server);
    while (clock_now().ms - start.ms < FROZEN_MS ||
           (bus_is_connected(bus) && clock_now().ms - start.ms < BUS_MS)) {
        const struct instant before = clock_now();

        refused_count += bus_publish(bus, &message, &err) == ERR_UNREACHABLE;
        bus_unsubscribe(bus, 2);
        subscribe(bus, "test.b", 2);
        mail_free(bus_take(bus, clock_now()));
        if (clock_now().ms - before.ms > longest_ms) {
            longest_ms = clock_now().ms - before.ms;
        }
        (void)poll(NULL, 0, 1);
    }
    assert_in_range(longest_ms, 0, CALL_MS_MAX);
    assert_true(refused_count > 0);
    assert_false(bus_is_connected(bus));
    server_thaw(server);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    expect_loop(bus, "test.a", 1);
    expect_loop(bus, "test.b", 2);
    bus_close(bus);
    server_stop(server);
}

static void test_frozen_idle(void **state)
{
    struct server *server = server_start(&(struct server_options){0});
    struct bus *bus = bus_start(server_url(server));

    (void)state;
    server_freeze(server);
    bus_expect(bus, MAIL_DISCONNECTED, 0, BUS_MS);
    server_thaw(server);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    bus_close(bus);
    server_stop(server);
}

static void test_refused_for_a_while(void **state)
{
    struct server *server = server_start(&(struct server_options){.config = two_users});
    char url[64];
    struct bus *bus;
    struct mail *mail;

    (void)state;
    (void)snprintf(url, sizeof url, "a:secret@%s", server_host_port(server));
    bus = bus_start(url);
    subscribe(bus, "test.a", 1);
    bus_ask(bus, "test.a", "", 10, BUS_LONG_MS); /* to ourselves, who do not answer */
    expect_loop(bus, "test.a", 1);

    server_configure(server, one_user);
    bus_expect(bus, MAIL_DISCONNECTED, 0, BUS_MS);
    bus_expect(bus, MAIL_TIMEOUT, 10, BUS_MS);
    mail = bus_await(bus, MAIL_DISCONNECTED, 0, BUS_MS);
    assert_non_null(strstr(mail->bytes, "refuses the user"));
    assert_null(strstr(mail->bytes, "secret"));
    mail_free(mail);
    bus_expect_silence(bus, 1500); /* refused again and again, told once */

    subscribe(bus, "test.b", 2);
    server_configure(server, two_users);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    expect_loop(bus, "test.a", 1);
    expect_loop(bus, "test.b", 2);
    bus_ask(bus, "test.nobody", "", 11, 2000);
    bus_expect(bus, MAIL_NO_RESPONDERS, 11, BUS_MS);
    bus_close(bus);
    server_stop(server);
}

static void test_payload(void **state)
{
    static char bytes[3000];
    struct server *server =
        server_start(&(struct server_options){.config = "max_payload: 1024"});
    struct bus *bus = bus_start(server_url(server));
    struct bus_message message = {.subject = "test.a", .bytes = bytes, .length = 1025};
    struct err err;

    (void)state;
    subscribe(bus, "test.a", 1);
    assert_int_equal(bus_payload_max(bus), 1024);
    assert_int_equal(bus_publish(bus, &message, &err), ERR_LIMIT);
    assert_non_null(strstr(err.message, "1025"));
    assert_non_null(strstr(err.message, "1024"));
    assert_int_equal(bus_request(bus, &message, 1, clock_now(), &err), ERR_LIMIT);
    message.length = 1024;
    assert_int_equal(bus_publish(bus, &message, &err), ERR_OK);
    bus_expect(bus, MAIL_MESSAGE, 1, BUS_MS);
    message.has_expected_sequence = true; /* headers count too */
    assert_int_equal(bus_publish(bus, &message, &err), ERR_LIMIT);
    expect_loop(bus, "test.a", 1);

    server_configure(server, "max_payload: 2048");
    server_end(server);
    server_restart(server);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    assert_int_equal(bus_payload_max(bus), 2048);
    bus_close(bus);
    server_stop(server);
}

static void test_denied(void **state)
{
    struct server *server = server_start(&(struct server_options){
        .config =
            "authorization { users = [ {user: a, password: a, permissions: {\n"
            "  publish: {deny: [\"no.>\"]}, subscribe: {deny: [\"no.>\"]} } } ] }"});
    char longer[400] = "no.";
    char url[64];
    struct bus *bus;
    struct mail *mail;

    (void)state;
    (void)snprintf(url, sizeof url, "a:a@%s", server_host_port(server));
    bus = bus_start(url);
    bus_ask(bus, "no.request", "", 10, BUS_LONG_MS);
    bus_ask(bus, "no.request", "", 11, BUS_LONG_MS);
    bus_expect(bus, MAIL_DENIED, 10, BUS_MS);
    mail = bus_await(bus, MAIL_DENIED, 11, BUS_MS);
    assert_string_equal(mail->subject, "no.request");
    assert_string_equal(mail->bytes,
                        "Permissions Violation for Publish to \"no.request\"");
    mail_free(mail);

    memset(longer + 3, 'x', sizeof longer - 4);
    bus_ask(bus, longer, "", 12, BUS_LONG_MS);
    bus_expect(bus, MAIL_DENIED, 12, BUS_MS);

    subscribe(bus, "no.messages", 13);
    bus_expect(bus, MAIL_DENIED, 13, BUS_MS);
    bus_ask(bus, "no.messages", "", 14, BUS_LONG_MS); /* the other way */
    bus_expect(bus, MAIL_DENIED, 14, BUS_MS);
    assert_int_equal(publish(bus, "no.publish", ""), ERR_OK);
    mail = bus_await(bus, MAIL_DENIED, 0, BUS_MS);
    assert_string_equal(mail->subject, "no.publish");
    mail_free(mail);

    assert_true(bus_is_connected(bus));
    bus_expect_silence(bus, 50);
    bus_close(bus);
    server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a restarted server is found again, and what was asked for too", test_restart, 0,
         0, 0},
        {"nothing sent during an outage arrives after it", test_nothing_stale, 0, 0, 0},
        {"a server is restarted again and again", test_many_restarts, 0, 0, 0},
        {"no call waits for a frozen server", test_frozen, 0, 0, 0},
        {"a frozen server is noticed though nothing is sent", test_frozen_idle, 0, 0, 0},
        {"a user refused for a while is let in again", test_refused_for_a_while, 0, 0, 0},
        {"too large a message is refused before it is sent", test_payload, 0, 0, 0},
        {"a refused subject is told to who asked", test_denied, 0, 0, 0},
    };

    (void)alarm(250);
    loop_block_signals();
    return cmocka_run_group_tests_name("bus outage", tests, NULL, NULL);
}
