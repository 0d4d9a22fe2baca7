/*
 * support_watch.h - a follower's owner in a test: keeps what it is told of a bucket.
 */
#ifndef TEST_SUPPORT_WATCH_H
#define TEST_SUPPORT_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "reconciler/run/bus.h"

struct watch;

struct watch *watch_start(struct bus *bus, const char *bucket);

/* One more, on the same bus and run together with the first, which it is freed with. */
struct watch *watch_add(struct watch *first, const char *bucket);
void watch_stop(struct watch *first); /* NULL is fine */

/* Take mail for span_ms. */
void watch_run(struct watch *watch, int64_t span_ms);

/* From here on each message comes ms later than it would beside the one before it; with
 * 0 they come at once again. */
void watch_slow_down(struct watch *watch, int64_t ms);

/* Take mail until the bucket is known to hold exactly content, "KEY=VALUE KEY=VALUE"
 * sorted by key; fail after span_ms. */
void watch_expect(struct watch *watch, const char *content, int64_t span_ms);
/* The same for a number of keys. */
void watch_expect_count(struct watch *watch, size_t count, int64_t span_ms);

/* Take mail until it is lost for a reason with words in it. */
void watch_expect_lost(struct watch *watch, const char *words, int64_t span_ms);

/* The news so far, as words; cut where it is long. */
const char *watch_story(const struct watch *watch);
unsigned watch_listings(const struct watch *watch); /* completed */
unsigned watch_losses(const struct watch *watch);
const char *watch_why_lost(const struct watch *watch); /* last; "" never */
bool watch_is_known(const struct watch *watch);
uint64_t watch_sequence(const struct watch *watch); /* of the last entry */

#endif
