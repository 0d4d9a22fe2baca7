/*
 * support_safety.h - what the engine must never do, whatever happens.
 *
 * A watcher that is told what the engine is told, and sees every command it wants to
 * send, and keeps its own, simpler account of both: it shares the declarations of
 * core/ and none of its code.  Its rules, by the word with which a violation begins:
 *
 *   foreign   a command, applied to the state last told, alters what is not ours: what
 *             we neither sent, nor saw as we want it while we wanted it, nor found with
 *             the annotation of an application of ours; where we sent two contents, one
 *             after the other, the key is ours, for either may come about
 *   twice     a second mutation of a source while one of ours is in flight (put or
 *             delete of one of its links, or the start of what has its id; starts of
 *             one id on several hosts go together, for all write the same; one that
 *             another wish took the place of, or whose host fell silent, is not waited
 *             for)
 *   above     more instances asked for than are wanted, on hosts that may have them, and
 *             of the image and configs that are wanted, or asked for now; but what moves,
 *             off a host that is to be emptied, to be even or beside something, may be
 *             replaced first, and what a spread lacks is not above, whatever is on its
 *             way to hosts that the spread does not fit
 *   blind     any command while not connected, or while a bucket has not been listed
 *             since; or one that takes away while no host has told what it runs since;
 *             but a bucket that is told to be missing may be made
 *   in use    a config deleted that a told link, or a running start of ours, names
 *   gone      a command to a host that said it stops, or at whose subject twice, a
 *             second apart, nobody listened
 *   lost      nothing told, with the command that restores it, of a link of others that
 *             was put while a mutation of its source by us was in flight, and went or
 *             was replaced before that was over
 *   idle      a command that would change nothing in the state last told
 */
#ifndef TEST_SUPPORT_SAFETY_H
#define TEST_SUPPORT_SAFETY_H

#include "linkstore/store.h"
#include "reconciler/core/engine.h"

struct safety;

/* on_violation is told each, in one line; store is borrowed, and may be NULL where there
 * is one application only, and what declares it outlives the watcher. */
struct safety *safety_new(struct store *store,
                          void (*on_violation)(void *context, const char *text),
                          void *context);
void safety_free(struct safety *safety);

/* One step of the engine. */
void safety_update(struct safety *safety, struct instant now, const struct event *events,
                   size_t count, const struct engine_update *update);

#endif
