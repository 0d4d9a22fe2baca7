/*
 * hearing.h - what hosts have in memory of the links, beside what is in the bucket.
 * Internal to core/.
 *
 * The bucket is what hosts read when they start; link.get is what one of them, at
 * random, acts on.  A host that ran while JetStream was lost and made again follows the
 * new bucket from a number that it has not come to yet: it is deaf to all changes until
 * then.  So link.get is asked with every survey, and soon after what we put; a link of
 * ours that answers lack time and again is put once more, with back-off, until hosts
 * have heard of it.  Every put moves the bucket on, so this heals by itself.
 *
 * No answer, or one too large to be delivered, is no knowledge.
 *
 * Source: reference real-host section 6.
 */
#ifndef RECONCILER_CORE_HEARING_H
#define RECONCILER_CORE_HEARING_H

#include "reconciler/core/state.h"

/* Hosts may not have heard of a link that is in the bucket: see hearing.h. */
struct deafness {
    struct arena arena;       /* holds the deafness itself */
    struct instant since;     /* the first answer without it */
    struct instant missed_at; /* the first since it was put last */
    uint32_t missed;          /* answers without it, since it was put last */
    uint32_t heard;           /* answers with it, since the last one without */
    uint32_t repeats;         /* how often it was put again */
    struct instant repeat_at; /* not again before */
    bool is_deaf;             /* enough answers agree */
    bool is_doubtful;         /* they may have heard of it while a provider started */
    uint32_t lacked;          /* answers without it in a row, since that is so */
};

/* The links that one host has in memory. */
void hearing_take(struct engine *engine, const struct event *event);

/* The question has ended, as event says. */
void hearing_answered(struct engine *engine, const struct event *event);

/* We are connected again. */
void hearing_start(struct engine *engine);

/* A link of ours was put: look soon whether hosts have heard of it. */
void hearing_put(struct engine *engine, struct link_item *link);

/* A change of links was accepted: look what became of it, where only asking tells. */
void hearing_look(struct engine *engine);

/* Ask, if it is time to. */
void hearing_plan(struct engine *engine);

/* link is in the bucket, and hosts have not heard of it. */
bool hearing_is_deaf(const struct engine *engine, const struct link_item *link);
/* Hosts would not hear that a link goes, but will soon. */
bool hearing_must_wait(const struct engine *engine, struct verdict *ret_verdict);
/* The same, and it is time to put it again.  source is planned again when it may be. */
bool hearing_must_repeat(struct engine *engine, struct source_item *source,
                         const struct link_item *link);
/* It is put again; why, in the engine's scratch. */
const char *hearing_repeat(struct engine *engine, struct link_item *link);

/* What the status says of a link, or of a config (NULL), that hosts are deaf to; in
 * arena.
 */
const char *hearing_text(const struct engine *engine, const struct link_item *link,
                         struct arena *arena);

/* Hosts may have heard of link, which is in the bucket, only now, while a provider of it
 * starts: when their answers agree that they have, it is to be given again. */
void hearing_doubt(struct engine *engine, struct link_item *link);
/* They have not agreed so far. */
bool hearing_is_doubted(const struct link_item *link);

/* One answer more without link as it is: do enough agree? */
bool hearing_miss(struct engine *engine, struct link_item *link);
void hearing_forget(struct link_item *link);
/* What answers lacked so far says nothing any more. */
void hearing_forget_all(struct engine *engine);

#endif
