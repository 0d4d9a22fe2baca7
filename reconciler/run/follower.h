/*
 * follower.h - a JetStream KV bucket followed from its present content on.
 *
 * A push consumer of our own, one generation after the other: any doubt (reconnect, a
 * gap, silence, a bucket made again) starts the next, and the whole content comes
 * again.  Never blocks.  Until a generation is complete the bucket is unknown, not
 * empty.
 *
 * Source: reference library-facts section 1.
 */
#ifndef RECONCILER_RUN_FOLLOWER_H
#define RECONCILER_RUN_FOLLOWER_H

#include "reconciler/core/event.h"
#include "reconciler/run/bus.h"

struct follower;

enum follower_kind {
    FOLLOWER_NOTHING, /* this mail said nothing new */
    FOLLOWER_LISTING, /* the content comes, from the start */
    FOLLOWER_ENTRY,   /* key has bytes now; or is deleted */
    FOLLOWER_LISTED,  /* all keys have been told */
    FOLLOWER_LOST,    /* cannot be followed; text says why and what to do */
};

struct follower_news {
    enum follower_kind kind;
    const char *key;   /* without the prefix $KV.{bucket}. ; points into the mail */
    const char *bytes; /* NULL: deleted or purged */
    size_t length;
    uint64_t sequence;
    const char *text; /* FOLLOWER_LOST: why */
};

/*
 * Follow bucket on bus.  Mail of its subscriptions and requests bears tags from
 * tag_first up to, and without, tag_first + FOLLOWER_TAGS_COUNT.
 */
#define FOLLOWER_TAGS_COUNT 4096
struct follower *follower_new(struct bus *bus, const char *bucket, uint64_t tag_first);
void follower_free(struct follower *follower);

/* Is mail for this follower? */
bool follower_owns(const struct follower *follower, const struct mail *mail);

/*
 * Take in mail (one that follower_owns, or MAIL_CONNECTED and MAIL_DISCONNECTED).  One
 * mail can be two pieces of news (the last entry also ends the listing): call again
 * with mail NULL until FOLLOWER_NOTHING comes.
 */
void follower_take(struct follower *follower, const struct mail *mail, struct instant now,
                   struct follower_news *ret_news);

/* Call when the deadline has come; news as above. */
void follower_at_deadline(struct follower *follower, struct instant now,
                          struct follower_news *ret_news);
struct instant follower_deadline(const struct follower *follower);

#endif
