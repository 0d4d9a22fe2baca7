/*
 * deaf.h - hosts that have outlived a bucket, and from which of its entries on they hear
 * of it.  Internal to core/.
 *
 * When JetStream is lost under a running host and a bucket is made again, the host goes
 * on to follow it at the number after the last that it heard of, while the entries of the
 * new stream count from 1: it is deaf to all that come before.  Which numbers those are
 * follows from what the bucket had told when it was lost, so nobody has to be asked.  A
 * bucket that we make again begins with a number beyond.  One that somebody else made is
 * moved on: what is ours in it is put again, one entry every few milliseconds, until the
 * numbers have passed; then, once, all of ours that came before.
 *
 * And it goes on to have in memory all links that it had.  One of them that is put again
 * is nothing new to it: its providers hold what they were given before, and are given
 * nothing, neither what configs hold now nor, where one has started meanwhile, the link
 * at all.  So, unless they are known to hold it as it was, what was not seen yet in a
 * bucket that hosts have outlived is put twice, and deleted in between.  And one that
 * nobody wants any more is put and deleted, where nothing else has been told of its
 * source since: hosts hear of nothing else that it is gone.
 *
 * What starts writes its entry anew, and if the number has passed by then, hosts hear by
 * that of links which they had missed, and give them to providers: one that starts beside
 * that misses them, so they are put twice as well.  Where the number is not known, what
 * hosts have in memory then says whether that may be so.
 *
 * What was told before this engine began it is told at the start: see EVENT_RECALLED; or
 * else it is not known, see hearing.h.
 *
 * Source: reference real-host section 6.
 */
#ifndef RECONCILER_CORE_DEAF_H
#define RECONCILER_CORE_DEAF_H

#include "reconciler/core/state.h"

/* All of a bucket was told: is it another one than before? */
void deaf_listed(struct engine *engine, const struct event *event);

/* An entry of bucket with this number was told; 0: its number is not known. */
void deaf_told(struct engine *engine, enum bucket bucket, uint64_t sequence);

/* Move the buckets on, if they must be, and it is time to. */
void deaf_plan(struct engine *engine);

/* Hosts that run do not hear of what comes next in bucket. */
bool deaf_is_on(const struct engine *engine, enum bucket bucket);
/* Hosts that run have not heard of the entry with this number. */
bool deaf_has_missed(const struct engine *engine, enum bucket bucket, uint64_t sequence);
/* Hosts may have link in memory, though it is not in their bucket: to put it gives it to
 * nobody. */
bool deaf_may_remember(const struct engine *engine, const struct link_item *link);
/* An entry that was told with the number before is told anew with the number sequence,
 * and hosts that run hear only by this of the links in it. */
bool deaf_hears_late(const struct engine *engine, uint64_t before, uint64_t sequence);
/* From which number on they hear of the bucket is not known ... */
bool deaf_is_unnumbered(const struct engine *engine);
/* ... so that may be so whatever number the entry has now. */
bool deaf_may_hear_late(const struct engine *engine, uint64_t before);
/* By all they answer they have heard of the entry with this number. */
void deaf_heard(struct engine *engine, uint64_t sequence);
/* Nobody wants link any more, and it went with the bucket before: hosts that have
 * outlived that have it in memory, and are to hear that it goes. */
bool deaf_must_tell(const struct engine *engine, const struct link_item *link);
/* link is ours, and there as it was put: to put it again moves the bucket on. */
bool deaf_is_mover(const struct link_item *link);
/* link was in the bucket before, and its providers have not started since: they hold it.
 */
bool deaf_is_held(const struct engine *engine, const struct link_item *link);
/* Nothing is deleted from bucket yet, for they would not hear of it: it is moved on. */
bool deaf_must_wait(const struct engine *engine, enum bucket bucket);

/* The number that a bucket which is made again is to begin with; 0: any. */
uint64_t deaf_first(const struct engine *engine, enum bucket bucket);

/* Why the entry with this number is put again, in the engine's scratch. */
const char *deaf_reason(struct engine *engine, enum bucket bucket, uint64_t sequence);
/* A link that nobody wants is put, to be deleted: why, in the engine's scratch. */
const char *deaf_tell(struct engine *engine);
/* What the status says of it, in arena. */
const char *deaf_text(const struct engine *engine, enum bucket bucket,
                      struct arena *arena);
/* The same of a link that nobody wants, and that hosts are to hear of. */
const char *deaf_memory_text(const struct engine *engine, struct arena *arena);

#endif
