/*
 * history.h - the last commands of the engine, and what became of them.  Internal to
 * core/.
 *
 * One ring for all keys, so that it costs the same however much there is.
 */
#ifndef RECONCILER_CORE_HISTORY_H
#define RECONCILER_CORE_HISTORY_H

#include "reconciler/core/explain.h"
#include "reconciler/core/state.h"

/* So many of all keys together; a key has those of them that are its own. */
#define HISTORY_COUNT 512

/* A command that was sent. */
struct past_command {
    struct arena arena; /* holds the texts */
    uint64_t command;
    enum item_kind kind; /* of whose key it was ... */
    const char *key;     /* ... and its name; of a link, link_key */
    const char *host;    /* it was sent to; "" to any */
    const char *application;
    const char *text; /* as command_print has it, without the newline */
    struct instant sent;
    struct instant ended; /* NEVER: it is under way */
    bool is_accepted;
    const char *words; /* why it had no effect; NULL: it had, or is under way */
};

struct history {
    struct past_command commands[HISTORY_COUNT]; /* by command, in a ring */
    uint64_t count;                              /* ever; the next is at count % COUNT */
};

/* The commands of the update are sent now. */
void history_sent(struct engine *engine);

/* A command was answered, or is over; of those that are not kept nothing is. */
void history_answered(struct engine *engine, const struct event *event);
/* words: why it had no effect, unless that is known already; NULL: its effect is seen. */
void history_ended(struct engine *engine, uint64_t command, const char *words);

/* NULL when it is not kept. */
const struct past_command *history_find(const struct engine *engine, uint64_t command);

/* Which commands; NULL: any. */
struct history_filter {
    enum item_kind kind;
    const char *key; /* of kind */
    const char *host;
    const char *application;
};

/* The last commands that filter lets pass, oldest first; returns how many. */
size_t history_of(const struct engine *engine, const struct history_filter *filter,
                  const struct past_command *ret_commands[static EXPLAINED_COMMANDS_MAX]);

size_t history_bytes(const struct engine *engine);
void history_free(struct engine *engine);

#endif
