/*
 * reason.h - why a resource is not as desired.  Internal to core/.
 */
#ifndef RECONCILER_CORE_REASON_H
#define RECONCILER_CORE_REASON_H

#include "reconciler/core/status.h"

struct item;
struct retry;
struct config_item;
struct link_item;
struct workload_item;
struct placement;

/* Why a resource is not as desired. */
enum reason {
    REASON_NONE,      /* it is as desired */
    REASON_NEW,       /* not looked at yet */
    REASON_BLIND,     /* the lattice cannot be seen */
    REASON_UNTOLD,    /* hosts were asked what it is, and have not told */
    REASON_IN_FLIGHT, /* a command was sent and its effect not yet seen */
    REASON_RETRY,     /* refused, or without effect: tried again later */
    REASON_CONFIG,    /* a config it names is not there */
    REASON_LINKS,     /* links that concern it are not in place */
    REASON_STARTING,  /* a component or provider it concerns is being started */
    REASON_QUIET,     /* somebody else has just changed the links of this source */
    REASON_ROOM,      /* as many commands are in flight as may be */
    REASON_FOREIGN,   /* the key is taken by something that is not ours */
    REASON_SLOT,      /* the slot holds another link, which a host would not allow */
    REASON_SHARED,    /* another application does not run what the link names */
    REASON_PAYLOAD,   /* the entry of its source would be too large for the server */
    REASON_USED,      /* something still names this config */
    REASON_HELD,      /* links of others name it, and nobody asked for its end */
    REASON_DEAF,      /* in the bucket, and hosts have not heard of it */
    REASON_EMPTIED,   /* all links vanished at once: nothing is deleted for a while */
    REASON_HOSTS,     /* no host, or too few */
    REASON_OFF,       /* the built-in provider is switched off in hosts */
    REASON_YOUNG,     /* there will be one, which has only just started */
    REASON_CORDON,    /* the hosts there are get nothing new */
    REASON_LABELS,    /* no host has the labels that a spread requires */
    REASON_APART,     /* a built-in provider is not beside what is linked with it */
    REASON_DRAIN,     /* it cannot leave a host that is to be emptied */
    REASON_ROLLOUT,   /* another host is replaced first */
    REASON_HALTED,    /* what is wanted failed on a host, and what ran before runs */
    REASON_UNSURE,    /* what was not answered may still come about */
    REASON_PAUSED,    /* it differs, and its application is paused */
    REASON_OBSERVER,  /* it differs, and this engine only looks on */
} __attribute__((packed));

/* Every row has one of each of these two, which waste nothing for that. */
struct verdict {
    enum reason reason;
    const struct item *about; /* what is in the way; NULL when nothing else is */
} __attribute__((packed, aligned(4)));

/* How long a resource has had its word. */
struct standing {
    enum status_word word;
    enum status_word word_before; /* blind: the last word before that; else word */
    struct instant since;
} __attribute__((packed, aligned(4)));

/* What a verdict is about: one of these, of which the others are NULL. */
struct subject {
    const struct verdict *verdict;
    const struct retry *retry; /* an empty one where there are no commands */
    const struct config_item *config;
    const struct link_item *link;
    const struct workload_item *workload;
    const struct placement *placement; /* of workload; NULL: of what is missing of it */
};

/* The word of verdict; retry says what became of earlier commands. */
enum status_word reason_word(const struct engine *engine, const struct verdict *verdict,
                             const struct retry *retry);

/* Its verdict as one sentence, static or in arena; "" when all is as desired. */
const char *reason_text(const struct engine *engine, const struct subject *subject,
                        struct arena *arena);
/* The same of a verdict whose facts have not changed since. */
const char *reason_text_now(const struct engine *engine, const struct subject *subject,
                            struct arena *arena);

/* What it waits for. */
struct status_wait reason_wait(const struct subject *subject);

/* What is waited for where row is not there, as one sentence, in arena. */
const char *reason_of_absence(const struct shared_row *row, struct arena *arena);

/* Why nothing can be seen of the lattice; NULL when it can. */
const char *reason_of_blindness(const struct engine *engine);
/* The word that goes with it. */
enum status_word reason_blind_word(const struct engine *engine);

#endif
