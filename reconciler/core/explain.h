/*
 * explain.h - why something is as it is: what is wanted, what is there, what follows,
 * and what was tried.
 *
 * What is meant is named by a key, as somebody types it.  Contents of configs are
 * nowhere in an explanation.
 */
#ifndef RECONCILER_CORE_EXPLAIN_H
#define RECONCILER_CORE_EXPLAIN_H

#include "reconciler/core/status.h"

/* What there is to explain. */
enum explained_kind {
    EXPLAINED_APPLICATION,
    EXPLAINED_COMPONENT,
    EXPLAINED_PROVIDER,
    EXPLAINED_LINK,
    EXPLAINED_CONFIG,
    EXPLAINED_HOST,
};

/* "application", "component" and so on. */
const char *explained_kind_name(enum explained_kind kind);

struct explained_key {
    enum explained_kind kind;
    /* Its full key, which names nothing else of its kind: the name of an application or
     * config, the id of a component, provider or host, or of a link
     * "web -[default wasi:http]-> app". */
    const char *name;
};

/*
 * All that typed may mean, in arena, applications first; returns how many.
 *
 * A full key, or a name that the status shows: APPLICATION, COMPONENT or
 * APPLICATION/COMPONENT; "A -> B" or "A -(wasi:http)-> B", where A and B are that too; a
 * config's; a host's.  A kind before it leaves the others out; "links A" are all links
 * of the source A.
 */
size_t explain_match(const struct engine *engine, const char *typed, struct arena *arena,
                     const struct explained_key **ret_keys);

/* Names of what there is that typed is likely a misspelling or a part of, in arena; at
 * most EXPLAIN_NEAR_MAX. */
#define EXPLAIN_NEAR_MAX 5
struct names explain_near(const struct engine *engine, const char *typed,
                          struct arena *arena);

/* At most so many commands of one key. */
#define EXPLAINED_COMMANDS_MAX 8

/* A command that was sent for it. */
struct explained_command {
    const char *text; /* command_print, without the newline: what, and why */
    struct instant sent;
    struct instant ended; /* NEVER: it is under way */
    const char *outcome;  /* in words: what was answered, what was seen */
};

/* A component or provider on one host, or what a host has of one. */
struct explained_part {
    const char *name; /* of the host, or the id of the component or provider */
    uint32_t wanted;  /* instances; 1 for a provider */
    uint32_t running;
    const char *image;  /* that runs; "" none */
    const char *reason; /* why it is not as wanted; "" it is */
};

struct explanation {
    struct explained_key key;
    const char *desired;  /* what, by which application, declared where */
    const char *observed; /* what the lattice has of it */
    const char *ledger;   /* what we put there */
    const char *word;     /* status_word_name; of a host "up", "suspect", "gone" */
    struct instant since; /* it has this word; NEVER: not known */
    const char *decision; /* what follows, in a few words */
    const char *reason;   /* why, in one sentence; "" nothing differs */
    struct status_wait waits_for;
    const struct explained_part *parts; /* by name of host, or by id */
    size_t parts_count;
    const struct explained_command *commands; /* oldest first */
    size_t commands_count;
};

/* Explain what key names, which is of explain_match since the last step; in arena, and
 * valid until the next. */
struct explanation engine_explain(const struct engine *engine,
                                  const struct explained_key *key, struct arena *arena);

#endif
