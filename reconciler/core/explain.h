/*
 * explain.h - why a resource is as it is: what is wanted, what is there, what follows,
 * and what was tried.
 */
#ifndef RECONCILER_CORE_EXPLAIN_H
#define RECONCILER_CORE_EXPLAIN_H

#include "reconciler/core/status.h"

/* At most so many commands of one resource. */
#define EXPLAINED_COMMANDS_MAX 8

/* A command that was sent for it. */
struct explained_command {
    const char *text; /* command_print, without the newline: what, and why */
    struct instant sent;
    struct instant ended; /* NEVER: it is under way */
    const char *outcome;  /* in words: what was answered, what was seen */
};

/* Contents of configs are nowhere in it. */
struct explanation {
    enum ledger_kind kind;
    const char *name;     /* id, config name; of a link "web -(wasi:http)-> app" */
    const char *desired;  /* what, by which application, declared where */
    const char *observed; /* what the lattice has of it, and where */
    const char *ledger;   /* what we put there */
    enum status_word word;
    struct instant since; /* it has this word */
    const char *decision; /* what follows, in one sentence */
    struct status_wait waits_for;
    const struct explained_command *commands; /* oldest first */
    size_t commands_count;
};

/*
 * Explain the resources of kind that are called name, in arena and valid until the next
 * step: a link by the name that its status has, or all links of a source by its id.
 * Returns how many there are; 0 when engine knows nothing of that name.
 */
size_t engine_explain(const struct engine *engine, enum ledger_kind kind,
                      const char *name, struct arena *arena,
                      const struct explanation **ret_explanations);

#endif
