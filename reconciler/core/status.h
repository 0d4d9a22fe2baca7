/*
 * status.h - how far an application is, resource by resource, and why not further.
 */
#ifndef RECONCILER_CORE_STATUS_H
#define RECONCILER_CORE_STATUS_H

#include "reconciler/core/engine.h"

/* In the order of precedence: an application is as its worst resource. */
enum status_word {
    STATUS_DEPLOYED,    /* observed equals desired */
    STATUS_RECONCILING, /* a command is in flight, or is about to be sent */
    STATUS_DEGRADED,    /* what runs serves, something is missing */
    STATUS_WAITING,     /* for something that is not ours to do; the reason says what */
    STATUS_BLIND,       /* the lattice cannot be seen; nothing is touched */
    STATUS_UNDEPLOYED,  /* nothing is wanted, nothing is left */
    STATUS_STUCK,       /* the same command was without effect again and again */
    STATUS_FAILED,      /* refused, or in conflict; the reason is the host's own words */
} __attribute__((packed));

/* A thing, by kind and name; both NULL when there is none. */
struct status_wait {
    const char *kind; /* "config", "component", "provider", "application", "links",
                       * "host", "hosts", "commands", "lattice", "resume" */
    const char *name; /* "" where the kind says it all */
};

struct resource_status {
    enum ledger_kind kind;
    const char *name;     /* component, provider or config name; "A -(ns:pkg)-> B" */
    const char *id;       /* component or provider id, config name, link source */
    const char *wanted;   /* what is wanted of it, e.g. "2 instances", or which of another
                             application it is; "" when doomed */
    const char *where;    /* hosts with counts, or the bucket's key; "" nowhere yet */
    struct origin origin; /* source "" when no application wants it any more */
    const char *scaler_id; /* wadm's; "" for configs */
    bool is_daemon;        /* as many as wanted on each host */
    enum status_word word;
    enum status_word word_before; /* blind: the last word before that; else word */
    struct instant since;         /* it has this word, as far as engine knows */
    bool is_conflict;   /* somebody else's is in the way: it will not heal by itself */
    bool is_halted;     /* a rollout of it failed, and is not tried again soon */
    const char *reason; /* why it is not deployed, or a remark, in one sentence; or "" */
    struct status_wait waits_for;
};

struct application_status {
    const char *application;
    enum status_word word;
    enum status_word word_before; /* blind: the last word before that; else word */
    struct instant since;         /* NEVER: not known */
    bool is_conflict;             /* one of its resources is */
    bool is_halted;               /* one of its resources is */
    const char *reason; /* of the word, in one sentence, and what others lost to a
                           command of ours: see loss.h; else "" when deployed */
    struct status_wait waits_for; /* what the resource waits for that gave the reason */
    const struct resource_status *resources; /* components, providers, links, configs */
    size_t resources_count;
};

const char *status_word_name(enum status_word word);

/* The status of application after the last step, in arena and valid until the next.
 * One that engine does not know, and of which the ledger has nothing, is
 * STATUS_UNDEPLOYED without resources. */
void engine_status(const struct engine *engine, const char *application,
                   struct arena *arena, struct application_status *ret_status);

/* The lattice in one sentence: hosts seen, or why we are blind; in arena. */
const char *engine_lattice_status(const struct engine *engine, struct arena *arena);

/* We see the lattice; or we looked, and it has no hosts. */
bool engine_has_looked(const struct engine *engine);

/* We do not see the lattice, or it has no hosts: nothing is deleted or stopped. */
bool engine_is_blind(const struct engine *engine);

/* Not yet, but before long: hosts are being asked what cannot be followed. */
bool engine_is_asking(const struct engine *engine);

/* A bucket cannot be followed, so hosts are asked again and again. */
bool engine_is_polling(const struct engine *engine);

/* Every command there was to send has been confirmed or refused, or waits for
 * something that is not ours to do. */
bool engine_is_idle(const struct engine *engine);

/* We see the lattice, and nothing that is wanted or was put there differs or is in
 * flight, for any application. */
bool engine_is_converged(const struct engine *engine);

#endif
