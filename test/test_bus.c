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
#include "reconciler/run/loop.h"
#include "reconciler/run/slots.h"
#include "support_bus.h"
#include "support_nats.h"
#include "support_peer.h"

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

static void gather(struct bus *bus, const char *subject, uint64_t tag, int64_t span_ms)
{
    const struct bus_message message = {.subject = subject};
    struct err err;

    assert_int_equal(
        bus_gather(bus, &message, tag, instant_after(clock_now(), span_ms), &err),
        ERR_OK);
}

/* Wait until what was sent before has been through the server and back. */
static void settle(struct bus *bus)
{
    static const char subject[] = "test.settle";

    subscribe(bus, subject, 99);
    assert_int_equal(publish(bus, subject, ""), ERR_OK);
    bus_expect(bus, MAIL_MESSAGE, 99, BUS_MS);
    bus_unsubscribe(bus, 99);
}

struct fixture {
    struct server *server;
    struct peer *peer;
    struct bus *bus;
};

static int start_all(void **state)
{
    static struct fixture fixture;

    fixture.server = server_start(&(struct server_options){0});
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

    bus_close(fixture->bus);
    return 0;
}

static void test_request(void **state)
{
    struct fixture *fixture = *state;
    struct mail *mail;

    peer_echo(fixture->peer, "test.request", 0);
    bus_ask(fixture->bus, "test.request", "hello", 5, BUS_LONG_MS);
    mail = bus_await(fixture->bus, MAIL_ANSWER, 5, BUS_MS);
    assert_int_equal(mail->length, 5);
    assert_string_equal(mail->bytes, "hello");
    mail_free(mail);
    bus_expect_silence(fixture->bus, 50);
    assert_int_equal(bus_deadline(fixture->bus).ms, INSTANT_NEVER.ms);
}

static void test_many_requests(void **state)
{
    enum { COUNT = 3000 };
    static bool is_answered[COUNT];
    struct fixture *fixture = *state;

    peer_echo(fixture->peer, "test.many", 0);
    for (uint64_t i = 0; i < COUNT; i++) {
        char text[16];

        (void)snprintf(text, sizeof text, "%d", (int)i);
        bus_ask(fixture->bus, "test.many", text, i, BUS_LONG_MS);
    }
    for (size_t i = 0; i < COUNT; i++) {
        struct mail *mail = bus_next(fixture->bus, BUS_MS);
        char text[16];

        assert_non_null(mail);
        assert_int_equal(mail->kind, MAIL_ANSWER);
        assert_false(is_answered[mail->tag]);
        is_answered[mail->tag] = true;
        (void)snprintf(text, sizeof text, "%d", (int)mail->tag);
        assert_string_equal(mail->bytes, text);
        mail_free(mail);
    }
    bus_expect_silence(fixture->bus, 20);
}

static void test_too_many_requests(void **state)
{
    const struct bus_message message = {.subject = "test.deaf"};
    struct fixture *fixture = *state;
    struct err err;

    peer_listen(fixture->peer, "test.deaf");
    for (uint64_t i = 0; i < SLOTS_COUNT_MAX; i++) {
        bus_ask(fixture->bus, "test.deaf", "", i, 300);
    }
    assert_int_equal(bus_request(fixture->bus, &message, 1, clock_now(), &err),
                     ERR_LIMIT);
    for (uint64_t i = 0; i < SLOTS_COUNT_MAX; i++) {
        struct mail *mail = bus_next(fixture->bus, BUS_MS);

        assert_int_equal(mail->kind, MAIL_TIMEOUT);
        mail_free(mail);
    }
    bus_expect_silence(fixture->bus, 20);
}

static void test_no_responders(void **state)
{
    struct fixture *fixture = *state;

    bus_ask(fixture->bus, "test.nobody", "", 6, BUS_LONG_MS);
    bus_expect(fixture->bus, MAIL_NO_RESPONDERS, 6, BUS_MS);
    bus_expect_silence(fixture->bus, 20);
}

static void test_timeout(void **state)
{
    struct fixture *fixture = *state;
    struct instant start;
    struct instant end;

    peer_listen(fixture->peer, "test.mute");
    start = clock_now();
    bus_ask(fixture->bus, "test.mute", "", 7, 100);
    end = clock_now();
    assert_in_range(bus_deadline(fixture->bus).ms, start.ms + 100, end.ms + 100);
    bus_expect(fixture->bus, MAIL_TIMEOUT, 7, BUS_MS);
    assert_true(clock_now().ms - start.ms >= 100);
    bus_expect_silence(fixture->bus, 20);
}

/* Answer what mail asks, which is freed. */
static void answer(struct bus *bus, struct mail *mail, const char *text)
{
    assert_int_equal(publish(bus, mail->reply, text), ERR_OK);
    mail_free(mail);
}

static void test_late_answer(void **state)
{
    struct fixture *fixture = *state;
    struct bus *slow = bus_start(server_url(fixture->server));
    struct mail *first;
    struct mail *second;
    struct mail *mail;

    subscribe(slow, "test.slow", 50);
    settle(slow);
    bus_ask(fixture->bus, "test.slow", "", 8, 30);
    first = bus_await(slow, MAIL_MESSAGE, 50, BUS_MS);
    bus_expect(fixture->bus, MAIL_TIMEOUT, 8, BUS_MS);

    /* The second has the same slot when the answer to the first comes. */
    bus_ask(fixture->bus, "test.slow", "", 9, BUS_LONG_MS);
    second = bus_await(slow, MAIL_MESSAGE, 50, BUS_MS);
    answer(slow, first, "first");
    answer(slow, second, "second");
    mail = bus_next(fixture->bus, BUS_MS);
    assert_non_null(mail);
    assert_int_equal(mail->kind, MAIL_ANSWER);
    assert_int_equal(mail->tag, 9);
    assert_string_equal(mail->bytes, "second");
    mail_free(mail);
    bus_expect_silence(fixture->bus, 20);
    bus_close(slow);
}

static void test_answer_taken_late(void **state)
{
    struct fixture *fixture = *state;

    peer_echo(fixture->peer, "test.taken", 0);
    bus_ask(fixture->bus, "test.taken", "x", 10, 50);
    bus_expect_waiting(fixture->bus, 1);
    (void)poll(NULL, 0, 100); /* the loop was busy elsewhere */
    bus_expect(fixture->bus, MAIL_ANSWER, 10, 0);
    bus_expect_silence(fixture->bus, 20);
}

static void test_gather(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 3; i++) {
        peer_echo(fixture->peer, "test.gather", 0);
    }
    gather(fixture->bus, "test.gather", 11, 200);
    bus_expect_waiting(fixture->bus, 3);
    for (int i = 0; i < 3; i++) {
        struct mail *mail = bus_next(fixture->bus, 0);

        assert_non_null(mail);
        assert_int_equal(mail->kind, MAIL_ANSWER);
        assert_int_equal(mail->tag, 11);
        mail_free(mail);
    }
    bus_expect(fixture->bus, MAIL_TIMEOUT, 11, BUS_MS);

    gather(fixture->bus, "test.nobody", 12, BUS_LONG_MS);
    bus_expect(fixture->bus, MAIL_NO_RESPONDERS, 12, BUS_MS);
    bus_expect_silence(fixture->bus, 20);
}

static void test_subscribe(void **state)
{
    struct fixture *fixture = *state;
    struct mail *mail;

    subscribe(fixture->bus, "test.sub.*", 20);
    subscribe(fixture->bus, "test.other", 20);
    settle(fixture->bus);
    peer_publish(fixture->peer, "test.sub.a", "1");
    peer_publish(fixture->peer, "test.other", "2");
    mail = bus_await(fixture->bus, MAIL_MESSAGE, 20, BUS_MS);
    assert_string_equal(mail->subject, "test.sub.a");
    assert_string_equal(mail->bytes, "1");
    mail_free(mail);
    bus_expect(fixture->bus, MAIL_MESSAGE, 20, BUS_MS);

    bus_unsubscribe(fixture->bus, 20);
    settle(fixture->bus);
    peer_publish(fixture->peer, "test.sub.a", "3");
    bus_expect_silence(fixture->bus, 50);
}

static void test_subscribe_often(void **state)
{
    struct fixture *fixture = *state;

    for (uint64_t tag = 1000; tag < 1200; tag++) {
        subscribe(fixture->bus, "test.often", tag);
        assert_int_equal(publish(fixture->bus, "test.often", ""), ERR_OK);
        bus_expect(fixture->bus, MAIL_MESSAGE, tag, BUS_MS);
        bus_unsubscribe(fixture->bus, tag);
    }
}

static void test_queue(void **state)
{
    struct fixture *fixture = *state;
    struct bus *other = bus_start(server_url(fixture->server));
    const struct instant start = clock_now();
    struct err err;
    unsigned counts[2] = {0};
    struct mail *mail;

    assert_int_equal(bus_subscribe(fixture->bus, "test.queue", "q", 21, &err), ERR_OK);
    assert_int_equal(bus_subscribe(other, "test.queue", "q", 21, &err), ERR_OK);
    settle(fixture->bus);
    settle(other);
    for (int i = 0; i < 100; i++) {
        peer_publish(fixture->peer, "test.queue", "");
    }
    while (bus_mails_count(fixture->bus) + bus_mails_count(other) < 100) {
        assert_true(clock_now().ms - start.ms < BUS_MS);
        (void)poll(NULL, 0, 1);
    }
    while ((mail = bus_next(fixture->bus, 20)) != NULL) {
        counts[0]++;
        mail_free(mail);
    }
    while ((mail = bus_next(other, 20)) != NULL) {
        counts[1]++;
        mail_free(mail);
    }
    assert_int_equal(counts[0] + counts[1], 100);
    assert_true(counts[0] > 0 && counts[1] > 0);
    bus_close(other);
}

static void test_bad_subject(void **state)
{
    static const char *const subjects[] = {"", "a b", "a\r\nPING", "a\tb", " a"};
    struct fixture *fixture = *state;
    struct err err;

    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        const struct bus_message message = {.subject = subjects[i]};

        assert_int_equal(bus_publish(fixture->bus, &message, &err), ERR_INVALID);
        assert_int_equal(bus_request(fixture->bus, &message, 1, clock_now(), &err),
                         ERR_INVALID);
        assert_int_equal(bus_subscribe(fixture->bus, subjects[i], NULL, 1, &err),
                         ERR_INVALID);
    }
    settle(fixture->bus);
    bus_expect_silence(fixture->bus, 20);
}

/* nats.c calls back for what has come in the order in which it came, and requests wait
 * apart: behind this one everything is in the mailbox, or was dropped. */
static void expect_mark(struct bus *bus)
{
    const struct instant start = clock_now();
    struct mail *mail;

    while ((mail = bus_take_request(bus)) == NULL) {
        assert_true(clock_now().ms - start.ms < BUS_MS);
        (void)poll(NULL, 0, 1);
    }
    mail_free(mail);
}

static void test_overflow(void **state)
{
    struct fixture *fixture = *state;
    const struct bus_options options = {
        .connection.url = server_url(fixture->server), .name = "test", .mails_max = 10};
    unsigned overflows_count = 0;
    unsigned messages_count = 0;
    struct bus *bus = NULL;
    struct mail *mail;
    struct err err;

    assert_int_equal(bus_open(&options, &bus, &err), ERR_OK);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    subscribe(bus, "test.flood", 30);
    assert_int_equal(bus_serve(bus, "test.mark", NULL, 32, &err), ERR_OK);
    settle(bus);
    bus_ask(bus, "test.flood", "", 31, 500); /* nobody answers */
    for (int i = 0; i < 1000; i++) {
        peer_publish(fixture->peer, "test.flood", "");
    }
    peer_publish(fixture->peer, "test.mark", "");
    expect_mark(bus);
    while ((mail = bus_next(bus, 0)) != NULL) {
        overflows_count += mail->kind == MAIL_OVERFLOWED;
        messages_count += mail->kind == MAIL_MESSAGE;
        mail_free(mail);
    }
    assert_int_equal(overflows_count, 1);
    assert_int_equal(messages_count, 10);
    bus_expect(bus, MAIL_TIMEOUT, 31, BUS_MS);
    bus_close(bus);
}

static void test_answer_lost_in_overflow(void **state)
{
    struct fixture *fixture = *state;
    const struct bus_options options = {
        .connection.url = server_url(fixture->server), .name = "test", .mails_max = 1};
    const struct bus_message last = {.subject = "test.lost", .reply = "test.mark"};
    unsigned answers_count = 0;
    unsigned timeouts_count = 0;
    struct bus *bus = NULL;
    struct mail *mail;
    struct err err;

    peer_echo(fixture->peer, "test.lost", 0);
    assert_int_equal(bus_open(&options, &bus, &err), ERR_OK);
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    assert_int_equal(bus_serve(bus, "test.mark", NULL, 32, &err), ERR_OK);
    for (uint64_t i = 0; i < 20; i++) {
        bus_ask(bus, "test.lost", "", i, 300);
    }
    assert_int_equal(bus_publish(bus, &last, &err), ERR_OK);
    expect_mark(bus);
    while (answers_count + timeouts_count < 20 &&
           (mail = bus_next(bus, BUS_MS)) != NULL) {
        answers_count += mail->kind == MAIL_ANSWER;
        timeouts_count += mail->kind == MAIL_TIMEOUT;
        mail_free(mail);
    }
    assert_int_equal(answers_count + timeouts_count, 20);
    assert_int_equal(answers_count, 1);
    bus_close(bus);
}

static void test_close_under_way(void **state)
{
    struct fixture *fixture = *state;
    struct peer *peer = peer_start(server_url(fixture->server));

    peer_listen(peer, "test.last");
    subscribe(fixture->bus, "test.>", 40);
    for (uint64_t i = 0; i < 500; i++) {
        bus_ask(fixture->bus, "test.last", "", i, BUS_LONG_MS);
    }
    bus_close(fixture->bus);
    fixture->bus = NULL;
    for (int ms = 0; peer_count(peer) < 500 && ms < BUS_MS; ms++) {
        (void)poll(NULL, 0, 1);
    }
    assert_int_equal(peer_count(peer), 500); /* what was published was sent */
    peer_stop(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"a request is answered", test_request, open_bus, close_bus, 0},
        {"3,000 requests at once are each answered once", test_many_requests, open_bus,
         close_bus, 0},
        {"more requests than there are slots are refused", test_too_many_requests,
         open_bus, close_bus, 0},
        {"nobody there is told at once", test_no_responders, open_bus, close_bus, 0},
        {"no answer is told at the deadline", test_timeout, open_bus, close_bus, 0},
        {"a late answer is not taken for one to the next request", test_late_answer,
         open_bus, close_bus, 0},
        {"an answer in time counts, however late it is taken", test_answer_taken_late,
         open_bus, close_bus, 0},
        {"gathering takes every answer until the deadline", test_gather, open_bus,
         close_bus, 0},
        {"messages come by subscription and end with it", test_subscribe, open_bus,
         close_bus, 0},
        {"a subject is subscribed to again and again", test_subscribe_often, open_bus,
         close_bus, 0},
        {"a queue gives each message to one", test_queue, open_bus, close_bus, 0},
        {"what is no subject does not reach the wire", test_bad_subject, open_bus,
         close_bus, 0},
        {"too much mail is dropped and told once", test_overflow, open_bus, close_bus, 0},
        {"an answer dropped for lack of room ends in a timeout",
         test_answer_lost_in_overflow, open_bus, close_bus, 0},
        {"a bus is closed with everything under way", test_close_under_way, open_bus,
         close_bus, 0},
    };

    (void)alarm(250);
    loop_block_signals();
    return cmocka_run_group_tests_name("bus", tests, start_all, stop_all);
}
