/*
 * mailbox.h - bounded queues from the threads of nats.c to the loop.
 *
 * Any thread puts; the loop's thread takes.  A put copies and never waits for room:
 * when the box is full the mail is dropped and the box remembers that it was.
 *
 * Requests of others wait apart, so that no number of them takes room or time from the
 * lattice's mail.  Of those that are too many only the subject and the reply subject are
 * kept, to tell who asked.
 *
 * Tags tell mail apart.  The upper half names who asked for it, the lower half is
 * that owner's own: see mail_tag.
 */
#ifndef RECONCILER_RUN_MAILBOX_H
#define RECONCILER_RUN_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/err.h"

enum mail_kind {
    MAIL_MESSAGE, /* on a subscription */
    MAIL_REQUEST, /* on a subscription to requests: taken apart from all other mail */
    MAIL_EXCESS,  /* a request that found too many others: without bytes, headers */
    MAIL_ANSWER,  /* to a request */
    MAIL_NO_RESPONDERS, /* to a request: nobody listens there */
    MAIL_TIMEOUT,       /* to a request: no answer came; it may have been done */
    MAIL_DENIED,        /* the server refused subject: bytes is its text */
    MAIL_CONNECTED,     /* the connection is there, first or again */
    MAIL_DISCONNECTED,  /* there is none: bytes says why */
    MAIL_OVERFLOWED,    /* mail was dropped: what is known may be wrong, ask again */
};

/* The headers we read, in the order of their names in bus.c. */
enum mail_header {
    HEADER_STATUS,           /* Status */
    HEADER_OPERATION,        /* KV-Operation */
    HEADER_SEQUENCE,         /* Nats-Sequence */
    HEADER_LAST_CONSUMER,    /* Nats-Last-Consumer */
    HEADER_CONSUMER_STALLED, /* Nats-Consumer-Stalled */
    HEADER_CONTENT_TYPE,     /* Content-Type */
    HEADER_MESSAGE_ID,       /* Nats-Msg-Id */
};
#define MAIL_HEADERS_COUNT 7

struct mail {
    enum mail_kind kind;
    uint64_t tag;        /* of the subscription or of the request; 0 none */
    const char *subject; /* "" where there is none */
    const char *reply;   /* where to answer; "" where there is none */
    const char *bytes;   /* NUL-terminated beyond length */
    size_t length;
    const char *headers[MAIL_HEADERS_COUNT]; /* by enum mail_header; "" absent */
};

/* The tag of owner's mail number; owner 0 is nobody's. */
static inline uint64_t mail_tag(uint32_t owner, uint32_t number)
{
    return (uint64_t)owner << 32 | number;
}

static inline uint32_t mail_owner(const struct mail *mail)
{
    return (uint32_t)(mail->tag >> 32);
}

static inline uint32_t mail_number(const struct mail *mail)
{
    return (uint32_t)mail->tag;
}

/*
 * A copy of mail in one piece of memory, which mail_free ends; NULL without memory.
 * A NULL text in mail counts as "".
 */
struct mail *mail_new(const struct mail *mail);
void mail_free(struct mail *mail);

struct mailbox;

/* How many requests wait at a time: at ten thousand a second, what comes in a tenth of a
 * second.  Their bytes have room for two of the largest that NATS can be told to take. */
#define MAILBOX_REQUESTS_MAX      1024
#define MAILBOX_REQUEST_BYTES_MAX ((size_t)160 * 1024 * 1024)
/* Of those that are too many, how many are told so. */
#define MAILBOX_EXCESS_MAX       65536
#define MAILBOX_EXCESS_BYTES_MAX ((size_t)32 * 1024 * 1024)

/* A box for count_max mails, and bytes_max bytes of them, at a time; requests beside
 * that.  ERR_IO when the system has no descriptor left. */
enum err_code mailbox_open(size_t count_max, size_t bytes_max,
                           struct mailbox **ret_mailbox, struct err *err)
    __attribute__((warn_unused_result));
void mailbox_close(struct mailbox *mailbox);

/* Copy mail in; false when it was dropped, for lack of room or of memory.  That is no
 * loss when it is a request. */
bool mailbox_put(struct mailbox *mailbox, const struct mail *mail);

/* Mail was lost before it came here: counts as dropped. */
void mailbox_put_loss(struct mailbox *mailbox);

/* Wake the loop though there is no mail for it. */
void mailbox_wake(struct mailbox *mailbox);

/* The oldest mail that is no request, the caller's to mail_free, MAIL_EXCESS last; NULL
 * when there is none. */
struct mail *mailbox_take(struct mailbox *mailbox);

/* The same of requests: MAIL_REQUEST. */
struct mail *mailbox_take_request(struct mailbox *mailbox);

/* How many mails wait. */
size_t mailbox_count(struct mailbox *mailbox);

/* Was anything dropped since the last call? */
bool mailbox_take_loss(struct mailbox *mailbox);

/* Readable while there is mail, and once after a loss or a wake; taking from the empty
 * box ends that. */
int mailbox_fd(const struct mailbox *mailbox);

#endif
