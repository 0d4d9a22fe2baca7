/*
 * support_script_state.h - the inside of support_script.h, shared by its files.
 */
#ifndef TEST_SUPPORT_SCRIPT_STATE_H
#define TEST_SUPPORT_SCRIPT_STATE_H

#include "reconciler/core/engine.h"

#define WORDS_MAX    64
#define ROWS_MAX     320
#define COMMANDS_MAX 1024
#define HOSTS_MAX    16

struct outstanding {
    uint64_t id;
    enum command_kind kind;
    const char *host;
    const char *text;
};

struct script {
    struct arena arena;
    struct engine *engine;
    struct text *output;
    int64_t now;
    int64_t deadline;
    size_t payload_max;
    uint64_t number; /* of the next entry; 0: they have none */
    bool is_loud;
    bool is_hushed;
    bool shows_ledger;
    bool shows_hosts;
    struct outstanding outstanding[COMMANDS_MAX];
    size_t outstanding_count;
    struct {
        const char *application;
        struct config_row configs[ROWS_MAX];
        struct link_row links[ROWS_MAX];
        struct workload_row workloads[ROWS_MAX];
        struct shared_row shared[ROWS_MAX];
        struct desired desired;
    } want;
    const struct inventory *hosts[HOSTS_MAX];
    size_t hosts_count;
    const char *entries[ROWS_MAX]; /* lines that told what is in the buckets */
    size_t entries_count;
    const char *words[WORDS_MAX];
    size_t words_count;
};

/* The words of the line, from 0; "" past the last. */
const char *script_word(const struct script *script, size_t i);
/* All words from there on, as one text. */
const char *script_rest(struct script *script, size_t from);

/* Step with one event, and print what follows. */
void script_step(struct script *script, struct event event);

/* Accept the command in flight that begins with prefix, which is printed if there is
 * none. */
void script_answer(struct script *script, const char *prefix);

/* The verbs that tell what is wanted; false when verb is none of them. */
bool script_tell_wanted(struct script *script, const char *verb);
/* The verbs that tell what is observed. */
bool script_tell_observed(struct script *script, const char *verb);

#endif
