/*
 * mailbox.h - a bounded queue from the threads of nats.c to the loop.
 *
 * Any thread puts; the loop's thread takes.  A put copies and never blocks for long;
 * when the box is full the mail is dropped and the box says so, once, which means:
 * what is known of the lattice may be wrong, survey it again.
 */
#ifndef RECONCILER_RUN_MAILBOX_H
#define RECONCILER_RUN_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mail_kind {
    MAIL_MESSAGE,       /* on a subscription */
    MAIL_ANSWER,        /* to a request */
    MAIL_NO_RESPONDERS, /* to a request: nobody listens there */
    MAIL_TIMEOUT,       /* to a request: its deadline passed */
    MAIL_CONNECTED,     /* the connection is there, first or again */
    MAIL_DISCONNECTED,  /* requests under way have been given up without an answer */
    MAIL_DENIED,        /* the server refused a subject: bytes is its text */
};

struct mail {
    enum mail_kind kind;
    uint64_t tag;        /* of the subscription or of the request */
    const char *subject; /* "" where there is none */
    const char *reply;   /* where to answer; "" where there is none */
    const char *bytes;   /* NUL-terminated beyond length */
    size_t length;

    /* JetStream headers; "" where absent */
    const char *status;           /* Status */
    const char *operation;        /* KV-Operation */
    const char *last_consumer;    /* Nats-Last-Consumer */
    const char *consumer_stalled; /* Nats-Consumer-Stalled */
};

struct mailbox;

/* At most count_max mails and bytes_max bytes of them at a time. */
struct mailbox *mailbox_new(size_t count_max, size_t bytes_max);
void mailbox_free(struct mailbox *mailbox);

/* Copy mail in; false when it was dropped for lack of room. */
bool mailbox_put(struct mailbox *mailbox, const struct mail *mail);

/*
 * The oldest mail, or NULL when the box is empty.  It is the caller's: mail_free.
 */
struct mail *mailbox_take(struct mailbox *mailbox);
void mail_free(struct mail *mail);

/* Was anything dropped since the last call? */
bool mailbox_has_overflowed(struct mailbox *mailbox);

/* Readable while there is mail. */
int mailbox_fd(const struct mailbox *mailbox);

#endif
