#include "support_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/text.h"
#include "reconciler/run/clock.h"
#include "reconciler/run/follower.h"
#include "support_bus.h"

#define OWNER_FIRST   7
#define STORY_BYTES   4096
#define CONTENT_BYTES 4096
#define LATE_MAX      256

struct entry {
    const char *text; /* KEY=VALUE */
    size_t key_bytes; /* with the '=' */
    bool is_seen;     /* in this listing */
};

/* A message that comes later. */
struct late {
    struct mail *mail;
    struct instant due;
};

struct watch {
    struct watch *first; /* of those on the same bus */
    struct watch *next;
    struct bus *bus;
    struct follower *follower;
    struct arena arena;    /* of the texts */
    struct entry *entries; /* sorted by key */
    size_t count;
    size_t capacity;
    bool is_known;
    bool is_lost;
    char lost[512];
    unsigned listings;
    unsigned losses;
    uint64_t sequence;
    struct late late[LATE_MAX]; /* in order */
    size_t late_count;
    int64_t late_ms; /* of the last one */
    int64_t later_ms;
    char story[STORY_BYTES];
};

static struct watch *watch_new(struct bus *bus, const char *bucket, uint32_t owner)
{
    struct watch *watch = calloc(1, sizeof *watch);

    assert_non_null(watch);
    watch->first = watch;
    watch->bus = bus;
    watch->follower = follower_new(bus, bucket, owner);
    return watch;
}

struct watch *watch_start(struct bus *bus, const char *bucket)
{
    return watch_new(bus, bucket, OWNER_FIRST);
}

struct watch *watch_add(struct watch *first, const char *bucket)
{
    struct watch *last = first;
    uint32_t owner = OWNER_FIRST + 1;

    for (; last->next != NULL; owner++) {
        last = last->next;
    }
    last->next = watch_new(first->bus, bucket, owner);
    last->next->first = first;
    return last->next;
}

void watch_stop(struct watch *first)
{
    while (first != NULL) {
        struct watch *next = first->next;

        for (size_t i = 0; i < first->late_count; i++) {
            mail_free(first->late[i].mail);
        }
        arena_free(&first->arena);
        free(first->entries);
        follower_free(first->follower);
        free(first);
        first = next;
    }
}

static void add_story(struct watch *watch, const char *word)
{
    const size_t length = strlen(watch->story);

    (void)snprintf(watch->story + length, sizeof watch->story - length, "%s ", word);
}

/* Where key is, or would be. */
static size_t place_of(const struct watch *watch, const char *key, bool *ret_is_there)
{
    const size_t key_bytes = strlen(key) + 1;
    size_t low = 0;
    size_t high = watch->count;
    char text[512];

    (void)snprintf(text, sizeof text, "%s=", key);
    while (low < high) {
        const size_t middle = (low + high) / 2;

        if (strncmp(watch->entries[middle].text, text, key_bytes) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_is_there = low < watch->count && watch->entries[low].key_bytes == key_bytes &&
                    strncmp(watch->entries[low].text, text, key_bytes) == 0;
    return low;
}

static void drop_entry(struct watch *watch, size_t at)
{
    memmove(&watch->entries[at], &watch->entries[at + 1],
            (watch->count - at - 1) * sizeof *watch->entries);
    watch->count--;
}

static void put_entry(struct watch *watch, size_t at, bool is_there, const char *text)
{
    if (is_there) {
        drop_entry(watch, at);
    }
    if (watch->count == watch->capacity) {
        watch->capacity = watch->capacity > 0 ? watch->capacity * 2 : 16;
        watch->entries =
            realloc(watch->entries, watch->capacity * sizeof *watch->entries);
        assert_non_null(watch->entries);
    }
    memmove(&watch->entries[at + 1], &watch->entries[at],
            (watch->count - at) * sizeof *watch->entries);
    watch->entries[at] = (struct entry){arena_copy(&watch->arena, text),
                                        (size_t)(strchr(text, '=') - text) + 1, true};
    watch->count++;
}

static void keep_entry(struct watch *watch, const struct follower_news *news)
{
    bool is_there;
    const size_t at = place_of(watch, news->key, &is_there);
    char text[512];

    if (news->bytes != NULL) {
        (void)snprintf(text, sizeof text, "%s=%s", news->key, news->bytes);
        put_entry(watch, at, is_there, text);
    } else {
        (void)snprintf(text, sizeof text, "-%s", news->key);
        if (is_there) {
            drop_entry(watch, at);
        }
    }
    watch->sequence = news->sequence;
    add_story(watch, text);
}

static void forget(struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++) {
        watch->entries[i].is_seen = false;
    }
}

/* Drop what was not seen in this listing. */
static void sweep(struct watch *watch)
{
    for (size_t i = watch->count; i > 0; i--) {
        if (!watch->entries[i - 1].is_seen) {
            drop_entry(watch, i - 1);
        }
    }
}

static void take_news(struct watch *watch, const struct follower_news *news)
{
    switch (news->kind) {
    case FOLLOWER_LISTING:
        forget(watch);
        watch->is_known = false;
        watch->is_lost = false;
        add_story(watch, "LISTING");
        return;
    case FOLLOWER_ENTRY:
        assert_false(watch->is_lost);
        keep_entry(watch, news);
        return;
    case FOLLOWER_LISTED:
        sweep(watch);
        assert_false(watch->is_known);
        watch->is_known = true;
        watch->listings++;
        add_story(watch, "LISTED");
        return;
    case FOLLOWER_LOST:
        watch->is_known = false;
        watch->is_lost = true;
        watch->losses++;
        (void)snprintf(watch->lost, sizeof watch->lost, "%s", news->text);
        add_story(watch, "LOST");
        return;
    }
    abort();
}

static void take(struct watch *watch, struct mail *mail)
{
    struct follower_news news[FOLLOWER_NEWS_MAX];
    size_t count = 0;

    if (mail != NULL && follower_owns(watch->follower, mail)) {
        count = follower_take(watch->follower, mail, clock_now(), news);
    } else if (mail == NULL) {
        count = follower_at_deadline(watch->follower, clock_now(), news);
    }
    for (size_t i = 0; i < count; i++) {
        take_news(watch, &news[i]);
    }
}

void watch_slow_down(struct watch *watch, int64_t ms)
{
    watch->later_ms = ms;
    watch->late_ms = 0;
}

static bool is_slow(const struct watch *watch, const struct mail *mail)
{
    return watch->later_ms > 0 && mail->kind == MAIL_MESSAGE &&
           follower_owns(watch->follower, mail);
}

/* Keep mail for later where that is due; false: it was not kept. */
static bool hold(struct watch *first, struct mail *mail)
{
    struct watch *watch = first;

    while (watch != NULL && !is_slow(watch, mail)) {
        watch = watch->next;
    }
    if (watch == NULL) {
        return false;
    }
    assert_true(watch->late_count < LATE_MAX);
    watch->late_ms += watch->later_ms;
    watch->late[watch->late_count++] =
        (struct late){mail, instant_after(clock_now(), watch->late_ms)};
    return true;
}

static void take_late(struct watch *watch)
{
    while (watch->late_count > 0 &&
           (watch->later_ms == 0 || instant_is_due(watch->late[0].due, clock_now()))) {
        struct mail *mail = watch->late[0].mail;

        watch->late_count--;
        memmove(watch->late, watch->late + 1, watch->late_count * sizeof *watch->late);
        take(watch, mail);
        mail_free(mail);
    }
}

/* Take one mail, or a deadline, or let a little time pass. */
static void step(struct watch *first)
{
    struct mail *mail = bus_next(first->bus, 5);
    const bool is_held = mail != NULL && hold(first, mail);

    for (struct watch *watch = first; watch != NULL; watch = watch->next) {
        take_late(watch);
        if (!is_held) {
            take(watch, mail);
        }
    }
    if (!is_held) {
        mail_free(mail);
    }
}

void watch_run(struct watch *watch, int64_t span_ms)
{
    const struct instant end = instant_after(clock_now(), span_ms);

    while (!instant_is_due(end, clock_now())) {
        step(watch->first);
    }
}

static bool is_content(const struct watch *watch, const char *content)
{
    char text[CONTENT_BYTES] = "";
    size_t used = 0;

    for (size_t i = 0; i < watch->count && used < sizeof text; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                 i > 0 ? " " : "", watch->entries[i].text);
    }
    return watch->is_known && strcmp(text, content) == 0;
}

void watch_expect(struct watch *watch, const char *content, int64_t span_ms)
{
    const struct instant end = instant_after(clock_now(), span_ms);

    while (!is_content(watch, content) && !instant_is_due(end, clock_now())) {
        step(watch->first);
    }
    if (!is_content(watch, content)) {
        fail_msg("not '%s'; story: %s", content, watch->story);
    }
}

void watch_expect_count(struct watch *watch, size_t count, int64_t span_ms)
{
    const struct instant end = instant_after(clock_now(), span_ms);

    while (!(watch->is_known && watch->count == count) &&
           !instant_is_due(end, clock_now())) {
        step(watch->first);
    }
    assert_true(watch->is_known);
    assert_int_equal(watch->count, count);
}

void watch_expect_lost(struct watch *watch, const char *words, int64_t span_ms)
{
    const struct instant end = instant_after(clock_now(), span_ms);

    while (!(watch->is_lost && strstr(watch->lost, words) != NULL) &&
           !instant_is_due(end, clock_now())) {
        step(watch->first);
    }
    if (!watch->is_lost || strstr(watch->lost, words) == NULL) {
        fail_msg("not lost for '%s' but '%s'; story: %s", words, watch->lost,
                 watch->story);
    }
}

const char *watch_story(const struct watch *watch)
{
    return watch->story;
}

unsigned watch_listings(const struct watch *watch)
{
    return watch->listings;
}

unsigned watch_losses(const struct watch *watch)
{
    return watch->losses;
}

const char *watch_why_lost(const struct watch *watch)
{
    return watch->lost;
}

bool watch_is_known(const struct watch *watch)
{
    return watch->is_known;
}

uint64_t watch_sequence(const struct watch *watch)
{
    return watch->sequence;
}
