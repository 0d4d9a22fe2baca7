/*
 * support_bus.h - taking from a bus in a test, with a limit in time.
 */
#ifndef TEST_SUPPORT_BUS_H
#define TEST_SUPPORT_BUS_H

#include "reconciler/run/bus.h"

/* How long anything may take that must come, under a sanitizer on a busy machine too. */
#define BUS_MS 40000
/* For a request that is to end by other means than by its deadline. */
#define BUS_LONG_MS 90000

/* A connected bus; the test fails without. */
struct bus *bus_start(const char *url);
/* The same of a daemon's, which tries again and again. */
struct bus *bus_start_patient(const char *url);

/* The next mail within span_ms, NULL when none comes. */
struct mail *bus_next(struct bus *bus, int64_t span_ms);

/* Drop mail until one of kind and tag comes, for span_ms at most; then fail the test.
 * The mail is the caller's. */
struct mail *bus_await(struct bus *bus, enum mail_kind kind, uint64_t tag,
                       int64_t span_ms);

/* The same, for a test that does not look into it. */
void bus_expect(struct bus *bus, enum mail_kind kind, uint64_t tag, int64_t span_ms);

/* Wait until count mails wait to be taken. */
void bus_expect_waiting(struct bus *bus, size_t count);

/* Fail when any mail comes within span_ms. */
void bus_expect_silence(struct bus *bus, int64_t span_ms);

/* Ask and expect to be told that it was sent. */
void bus_ask(struct bus *bus, const char *subject, const char *bytes, uint64_t tag,
             int64_t span_ms);

const char *mail_kind_name(enum mail_kind kind);

#endif
