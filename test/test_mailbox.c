#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/run/mailbox.h"

#define PUTTERS_COUNT 4
#define PUTS_COUNT    20000

static struct mailbox *open_box(size_t count_max, size_t bytes_max)
{
    struct mailbox *mailbox = NULL;
    struct err err;

    assert_int_equal(mailbox_open(count_max, bytes_max, &mailbox, &err), ERR_OK);
    return mailbox;
}

static bool is_readable(const struct mailbox *mailbox)
{
    struct pollfd fd = {.fd = mailbox_fd(mailbox), .events = POLLIN};

    return poll(&fd, 1, 0) == 1;
}

static bool put_tag(struct mailbox *mailbox, uint64_t tag)
{
    return mailbox_put(mailbox, &(struct mail){.kind = MAIL_MESSAGE, .tag = tag});
}

static void test_copies(void **state)
{
    struct mailbox *mailbox = open_box(10, 10000);
    char subject[] = "a.b";
    char bytes[] = "x\0y";
    struct mail mail = {.kind = MAIL_MESSAGE,
                        .tag = mail_tag(7, 9),
                        .subject = subject,
                        .bytes = bytes,
                        .length = 3,
                        .headers = {[HEADER_STATUS] = "100"}};
    struct mail *taken;

    (void)state;
    assert_true(mailbox_put(mailbox, &mail));
    memset(subject, '!', sizeof subject - 1);
    memset(bytes, '!', sizeof bytes - 1);

    taken = mailbox_take(mailbox);
    assert_non_null(taken);
    assert_string_equal(taken->subject, "a.b");
    assert_int_equal(taken->length, 3);
    assert_memory_equal(taken->bytes, "x\0y\0", 4);
    assert_string_equal(taken->headers[HEADER_STATUS], "100");
    assert_int_equal(mail_owner(taken), 7);
    assert_int_equal(mail_number(taken), 9);
    mail_free(taken);
    mailbox_close(mailbox);
}

static void test_nothing_is_empty_text(void **state)
{
    struct mailbox *mailbox = open_box(10, 10000);
    struct mail *taken;

    (void)state;
    assert_true(put_tag(mailbox, 1));
    taken = mailbox_take(mailbox);
    assert_string_equal(taken->subject, "");
    assert_string_equal(taken->reply, "");
    assert_string_equal(taken->bytes, "");
    for (size_t i = 0; i < MAIL_HEADERS_COUNT; i++) {
        assert_string_equal(taken->headers[i], "");
    }
    mail_free(taken);
    mail_free(NULL);
    mailbox_close(mailbox);
    mailbox_close(NULL);
}

static void test_order(void **state)
{
    struct mailbox *mailbox = open_box(100, 100000);

    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        assert_true(put_tag(mailbox, i));
    }
    for (uint64_t i = 0; i < 100; i++) {
        struct mail *taken = mailbox_take(mailbox);

        assert_int_equal(taken->tag, i);
        mail_free(taken);
    }
    assert_null(mailbox_take(mailbox));
    mailbox_close(mailbox);
}

static bool put_request(struct mailbox *mailbox, uint64_t tag, size_t length)
{
    static const char bytes[16 * 1024 * 1024];

    return mailbox_put(mailbox, &(struct mail){.kind = MAIL_REQUEST,
                                               .tag = tag,
                                               .subject = "s",
                                               .reply = "r",
                                               .bytes = bytes,
                                               .length = length,
                                               .headers = {[HEADER_STATUS] = "1"}});
}

static void expect_taken(struct mail *mail, enum mail_kind kind, uint64_t tag)
{
    assert_non_null(mail);
    assert_int_equal(mail->kind, kind);
    assert_int_equal(mail->tag, tag);
    mail_free(mail);
}

static void test_requests_wait_apart(void **state)
{
    struct mailbox *mailbox = open_box(1, 10000);

    (void)state;
    assert_true(put_request(mailbox, 1, 0));
    assert_true(put_request(mailbox, 2, 0));
    assert_true(put_tag(mailbox, 3)); /* which they leave room for */
    assert_int_equal(mailbox_count(mailbox), 3);
    expect_taken(mailbox_take(mailbox), MAIL_MESSAGE, 3);
    assert_null(mailbox_take(mailbox));
    assert_true(is_readable(mailbox));
    expect_taken(mailbox_take_request(mailbox), MAIL_REQUEST, 1);
    expect_taken(mailbox_take_request(mailbox), MAIL_REQUEST, 2);
    assert_null(mailbox_take_request(mailbox));
    assert_false(is_readable(mailbox));
    mailbox_close(mailbox);
}

static void test_who_asks_too_much_is_known(void **state)
{
    struct mailbox *mailbox = open_box(10, 10000);
    struct mail *taken;
    size_t count = 0;

    (void)state;
    for (uint64_t i = 0; i <= MAILBOX_REQUESTS_MAX; i++) {
        assert_true(put_request(mailbox, i, 5));
    }
    assert_true(put_tag(mailbox, 7));
    expect_taken(mailbox_take(mailbox), MAIL_MESSAGE, 7);
    taken = mailbox_take(mailbox);
    assert_int_equal(taken->kind, MAIL_EXCESS);
    assert_int_equal(taken->tag, MAILBOX_REQUESTS_MAX);
    assert_string_equal(taken->subject, "s");
    assert_string_equal(taken->reply, "r");
    assert_int_equal(taken->length, 0);
    assert_string_equal(taken->headers[HEADER_STATUS], "");
    mail_free(taken);
    while ((taken = mailbox_take_request(mailbox)) != NULL) {
        expect_taken(taken, MAIL_REQUEST, count++);
    }
    assert_int_equal(count, MAILBOX_REQUESTS_MAX);
    assert_false(mailbox_take_loss(mailbox));
    mailbox_close(mailbox);
}

/* Neither their bytes nor the number of those that are too many grow without end, and no
 * loss of theirs has the lattice asked again. */
static void test_requests_have_bounds(void **state)
{
    const size_t length = (size_t)16 * 1024 * 1024;
    struct mailbox *mailbox = open_box(10, 10000);
    struct mail *taken;
    size_t count = 0;

    (void)state;
    while (put_request(mailbox, count, count < 10 ? length : 0)) {
        count++;
    }
    assert_int_equal(count, MAILBOX_REQUESTS_MAX + MAILBOX_EXCESS_MAX);
    assert_true(put_tag(mailbox, 1));
    assert_false(mailbox_take_loss(mailbox));
    expect_taken(mailbox_take(mailbox), MAIL_MESSAGE, 1);
    taken = mailbox_take(mailbox);
    expect_taken(taken, MAIL_EXCESS, 9); /* the tenth of 16 MB found no room */
    taken = mailbox_take_request(mailbox);
    assert_int_equal(taken->length, length);
    mail_free(taken);
    assert_true(put_request(mailbox, 1, 0)); /* there is room again */
    mailbox_close(mailbox);
}

static void test_count_bound(void **state)
{
    struct mailbox *mailbox = open_box(2, 100000);
    struct mail *taken;

    (void)state;
    assert_true(put_tag(mailbox, 1));
    assert_true(put_tag(mailbox, 2));
    assert_false(mailbox_take_loss(mailbox));
    assert_false(put_tag(mailbox, 3));
    assert_true(mailbox_take_loss(mailbox));
    assert_false(mailbox_take_loss(mailbox));

    taken = mailbox_take(mailbox);
    assert_int_equal(taken->tag, 1);
    mail_free(taken);
    assert_true(put_tag(mailbox, 4));
    mailbox_close(mailbox); /* with mail inside */
}

static void test_bytes_bound(void **state)
{
    static const char kilobytes[4000];
    struct mailbox *mailbox = open_box(100, 10000);
    const struct mail mail = {.bytes = kilobytes, .length = sizeof kilobytes};

    (void)state;
    assert_true(mailbox_put(mailbox, &mail));
    assert_true(mailbox_put(mailbox, &mail));
    assert_false(mailbox_put(mailbox, &mail));
    assert_true(mailbox_take_loss(mailbox));
    mail_free(mailbox_take(mailbox));
    assert_true(mailbox_put(mailbox, &mail));
    mailbox_close(mailbox);
}

static void test_readable(void **state)
{
    struct mailbox *mailbox = open_box(10, 10000);

    (void)state;
    assert_false(is_readable(mailbox));
    assert_true(put_tag(mailbox, 1));
    assert_true(put_tag(mailbox, 2));
    assert_true(is_readable(mailbox));
    mail_free(mailbox_take(mailbox));
    assert_true(is_readable(mailbox));
    mail_free(mailbox_take(mailbox));
    assert_null(mailbox_take(mailbox));
    assert_false(is_readable(mailbox));

    mailbox_wake(mailbox);
    assert_true(is_readable(mailbox));
    assert_null(mailbox_take(mailbox));
    assert_false(is_readable(mailbox));

    mailbox_put_loss(mailbox);
    assert_true(is_readable(mailbox));
    assert_true(mailbox_take_loss(mailbox));
    mailbox_close(mailbox);
}

struct putter {
    struct mailbox *mailbox;
    uint32_t owner;
    atomic_uint dropped_count;
};

static void *put_many(void *argument)
{
    struct putter *putter = argument;
    char bytes[32];

    for (uint32_t i = 0; i < PUTS_COUNT; i++) {
        const int length = snprintf(bytes, sizeof bytes, "%u.%u", putter->owner, i);
        const struct mail mail = {
            .tag = mail_tag(putter->owner, i), .bytes = bytes, .length = (size_t)length};

        if (!mailbox_put(putter->mailbox, &mail)) {
            atomic_fetch_add(&putter->dropped_count, 1);
        }
    }
    return NULL;
}

/* Take until putters have put all; check order and content; return how many came. */
static size_t take_many(struct mailbox *mailbox, struct putter *putters)
{
    uint32_t next[PUTTERS_COUNT] = {0};
    size_t taken_count = 0;
    struct pollfd fd = {.fd = mailbox_fd(mailbox), .events = POLLIN};
    struct mail *mail;

    for (;;) {
        size_t dropped_count = 0;

        while ((mail = mailbox_take(mailbox)) != NULL) {
            char expected[32];
            const uint32_t owner = mail_owner(mail);

            (void)snprintf(expected, sizeof expected, "%u.%u", owner, mail_number(mail));
            assert_string_equal(mail->bytes, expected);
            assert_true(mail_number(mail) >= next[owner]);
            next[owner] = mail_number(mail) + 1;
            taken_count++;
            mail_free(mail);
        }
        for (size_t i = 0; i < PUTTERS_COUNT; i++) {
            dropped_count += atomic_load(&putters[i].dropped_count);
        }
        if (taken_count + dropped_count == (size_t)PUTTERS_COUNT * PUTS_COUNT) {
            return taken_count;
        }
        (void)poll(&fd, 1, 100);
    }
}

static void hammer(size_t count_max, size_t *ret_taken_count, bool *ret_has_loss)
{
    struct mailbox *mailbox = open_box(count_max, SIZE_MAX / 2);
    struct putter putters[PUTTERS_COUNT];
    pthread_t threads[PUTTERS_COUNT];

    for (uint32_t i = 0; i < PUTTERS_COUNT; i++) {
        putters[i].mailbox = mailbox;
        putters[i].owner = i;
        atomic_init(&putters[i].dropped_count, 0);
        assert_int_equal(pthread_create(&threads[i], NULL, put_many, &putters[i]), 0);
    }
    *ret_taken_count = take_many(mailbox, putters);
    for (size_t i = 0; i < PUTTERS_COUNT; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_null(mailbox_take(mailbox));
    *ret_has_loss = mailbox_take_loss(mailbox);
    mailbox_close(mailbox);
}

static void test_threads(void **state)
{
    size_t taken_count;
    bool has_loss;

    (void)state;
    hammer((size_t)PUTTERS_COUNT * PUTS_COUNT, &taken_count, &has_loss);
    assert_int_equal(taken_count, (size_t)PUTTERS_COUNT * PUTS_COUNT);
    assert_false(has_loss);
}

static void test_threads_and_overflow(void **state)
{
    size_t taken_count;
    bool has_loss;

    (void)state;
    hammer(3, &taken_count, &has_loss);
    assert_int_equal(has_loss, taken_count < (size_t)PUTTERS_COUNT * PUTS_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"mail is a copy, NUL bytes and headers included", test_copies, 0, 0, 0},
        {"what mail does not have is empty text", test_nothing_is_empty_text, 0, 0, 0},
        {"mail is taken in the order it was put", test_order, 0, 0, 0},
        {"requests wait apart from all other mail", test_requests_wait_apart, 0, 0, 0},
        {"of too many requests it is known who asked", test_who_asks_too_much_is_known, 0,
         0, 0},
        {"requests have bounds of their own", test_requests_have_bounds, 0, 0, 0},
        {"a full box drops and says so once", test_count_bound, 0, 0, 0},
        {"the bytes of mail are bounded too", test_bytes_bound, 0, 0, 0},
        {"the descriptor is readable exactly while there is news", test_readable, 0, 0,
         0},
        {"four threads put and nothing is lost or mixed", test_threads, 0, 0, 0},
        {"four threads overflow a tiny box and every loss counts",
         test_threads_and_overflow, 0, 0, 0},
    };

    (void)alarm(60);
    return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
