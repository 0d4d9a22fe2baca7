/*
 * status_feed.h - the status of each application on wadm.status.{lattice}.{application},
 * whenever it is another one, as wadm's clients follow it; and what changed, to whoever
 * follows trellis.event.{lattice}.
 *
 * Where JetStream lets us the last of each is kept in the stream that wadm keeps them in,
 * which is made if need be; of an application that is deleted none is.  Looks at some
 * applications a turn, and never spends more than a small part of the time on it.
 */
#ifndef RECONCILER_RUN_STATUS_FEED_H
#define RECONCILER_RUN_STATUS_FEED_H

#include "reconciler/run/reconciler.h"

struct status_feed;

/* lattice is borrowed.  Mail bears tags of OWNER_STATUS. */
struct status_feed *status_feed_new(struct reconciler *reconciler, const char *lattice);
void status_feed_free(struct status_feed *feed);

/* Take in mail, of which there is some for all. */
void status_feed_take(struct status_feed *feed, const struct mail *mail,
                      struct instant now);

/* Something was asked of the API that the engine need not have heard of. */
void status_feed_look(struct status_feed *feed);

/* After a turn. */
void status_feed_turn(struct status_feed *feed);
struct instant status_feed_deadline(const struct status_feed *feed);

#endif
