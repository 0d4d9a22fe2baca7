#include "support_bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/run/clock.h"

static const char *const kind_names[] = {
    [MAIL_MESSAGE] = "message",
    [MAIL_REQUEST] = "request",
    [MAIL_EXCESS] = "excess",
    [MAIL_ANSWER] = "answer",
    [MAIL_NO_RESPONDERS] = "nobody",
    [MAIL_TIMEOUT] = "timeout",
    [MAIL_DENIED] = "denied",
    [MAIL_CONNECTED] = "connected",
    [MAIL_DISCONNECTED] = "disconnected",
    [MAIL_OVERFLOWED] = "overflowed",
};

const char *mail_kind_name(enum mail_kind kind)
{
    return kind_names[kind];
}

static struct bus *start(const char *url, bool is_patient)
{
    const struct bus_options options = {
        .connection.url = url, .name = "test", .is_patient = is_patient};
    struct bus *bus = NULL;
    struct err err = {0};

    if (bus_open(&options, &bus, &err) != ERR_OK) {
        fail_msg("%s", err.message);
    }
    bus_expect(bus, MAIL_CONNECTED, 0, BUS_MS);
    return bus;
}

struct bus *bus_start(const char *url)
{
    return start(url, false);
}

struct bus *bus_start_patient(const char *url)
{
    return start(url, true);
}

struct mail *bus_next(struct bus *bus, int64_t span_ms)
{
    const struct instant end = instant_after(clock_now(), span_ms);
    struct pollfd readable = {.fd = bus_fd(bus), .events = POLLIN};

    for (;;) {
        const struct instant now = clock_now();
        struct mail *mail = bus_take(bus, now);
        int64_t wait_ms = instant_min(bus_deadline(bus), end).ms - now.ms;

        if (mail != NULL || instant_is_due(end, now)) {
            return mail;
        }
        wait_ms = wait_ms > 0 ? wait_ms : 0;
        (void)poll(&readable, 1, (int)wait_ms);
    }
}

struct mail *bus_await(struct bus *bus, enum mail_kind kind, uint64_t tag,
                       int64_t span_ms)
{
    const struct instant end = instant_after(clock_now(), span_ms);
    struct mail *mail = bus_next(bus, span_ms);

    while (mail != NULL && (mail->kind != kind || mail->tag != tag)) {
        mail_free(mail);
        mail = bus_next(bus, end.ms - clock_now().ms);
    }
    if (mail == NULL) {
        fail_msg("no %s with tag %llu within %lld ms", kind_names[kind],
                 (unsigned long long)tag, (long long)span_ms);
    }
    return mail;
}

void bus_expect(struct bus *bus, enum mail_kind kind, uint64_t tag, int64_t span_ms)
{
    mail_free(bus_await(bus, kind, tag, span_ms));
}

void bus_expect_waiting(struct bus *bus, size_t count)
{
    const struct instant end = instant_after(clock_now(), BUS_MS);

    while (bus_mails_count(bus) < count) {
        if (instant_is_due(end, clock_now())) {
            fail_msg("%zu mails and not %zu", bus_mails_count(bus), count);
        }
        (void)poll(NULL, 0, 1);
    }
}

void bus_expect_silence(struct bus *bus, int64_t span_ms)
{
    struct mail *mail = bus_next(bus, span_ms);

    if (mail != NULL) {
        fail_msg("unexpected %s on '%s': %s", kind_names[mail->kind], mail->subject,
                 mail->bytes);
    }
}

void bus_ask(struct bus *bus, const char *subject, const char *bytes, uint64_t tag,
             int64_t span_ms)
{
    const struct bus_message message = {
        .subject = subject, .bytes = bytes, .length = strlen(bytes)};
    struct err err = {0};

    if (bus_request(bus, &message, tag, instant_after(clock_now(), span_ms), &err) !=
        ERR_OK) {
        fail_msg("%s", err.message);
    }
}
