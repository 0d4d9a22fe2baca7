/*
 * follower.h - a JetStream KV bucket followed from its present content on.
 *
 * A push consumer of our own, one generation after the other: any doubt (reconnect, a
 * gap, silence, a lag of two seconds, a bucket made again or emptied) starts the next,
 * and the whole content comes again.  Never blocks.  Until a generation is complete the
 * bucket is unknown, not empty.
 *
 * Source: reference library-facts section 1.
 */
#ifndef RECONCILER_RUN_FOLLOWER_H
#define RECONCILER_RUN_FOLLOWER_H

#include "reconciler/core/event.h"
#include "reconciler/run/bus.h"

struct follower;

enum follower_kind {
    FOLLOWER_LISTING, /* from here on unknown: the content comes, from the start */
    FOLLOWER_ENTRY,   /* key has bytes now, or is deleted */
    FOLLOWER_LISTED,  /* that was all: what was not told since LISTING is not there */
    FOLLOWER_LOST,    /* cannot be followed: text says why; it is tried again */
};

struct follower_news {
    enum follower_kind kind;
    const char *key;   /* without $KV.{bucket}. ; points into the mail */
    const char *bytes; /* NULL: deleted or purged */
    size_t length;
    uint64_t sequence;     /* of the bucket's stream: the entry's, or (LISTED) the last */
    const char *made;      /* LISTED: when the stream was, as the server says */
    enum bucket_loss loss; /* FOLLOWER_LOST ... */
    const char *text;      /* ... until the next call */
};

/* One mail can begin a listing, be an entry, and end the listing. */
#define FOLLOWER_NEWS_MAX 3

/*
 * Follow bucket on bus.  Its mail bears tags of owner.  Starts with the first call of
 * follower_take or follower_at_deadline.
 */
struct follower *follower_new(struct bus *bus, const char *bucket, uint32_t owner);
void follower_free(struct follower *follower);

/* Is mail for this follower?  MAIL_CONNECTED and MAIL_DISCONNECTED are for all. */
bool follower_owns(const struct follower *follower, const struct mail *mail);

/*
 * Take in mail that follower_owns.  Returns how many news there are.  LOST comes once a
 * reason, however often that is found again.
 */
size_t follower_take(struct follower *follower, const struct mail *mail,
                     struct instant now,
                     struct follower_news ret_news[static FOLLOWER_NEWS_MAX]);

/* Call when the deadline has come, after all mail was taken; news as above. */
size_t follower_at_deadline(struct follower *follower, struct instant now,
                            struct follower_news ret_news[static FOLLOWER_NEWS_MAX]);
struct instant follower_deadline(const struct follower *follower);

#endif
