/*
 * support_safety_state.h - the inside of the watcher, for support_safety*.c.
 */
#ifndef TEST_SUPPORT_SAFETY_STATE_H
#define TEST_SUPPORT_SAFETY_STATE_H

#include "test/support_safety.h"
#include "test/support_safety_deaf.h"

#define SAFETY_BUCKETS 2
/* A host of which nothing was heard for so long may be taken for lost. */
#define SAFETY_SILENCE_MS ((int64_t)60 * 1000)

/* The newest told of a key; all live in the arena of the watcher. */
struct told_config {
    const char *name;
    const char *content; /* NULL: not there */
    bool is_listed;      /* in the listing under way */
    const char *sent;    /* by us, last; NULL: never, or given up since */
    bool is_confirmed;   /* told as we sent or wanted it, and not given up since */
    uint64_t sequence;   /* of the entry */
};

struct told_source {
    const char *id;
    const struct link *links;
    bool *are_amid;             /* each was told while a mutation of ours was in flight */
    struct agreement *absences; /* answers that lack each of them as it was told */
    size_t count;
    bool is_listed;
    uint64_t sequence; /* of the entry */
};

struct told_host {
    const char *id;
    bool is_gone;
    bool is_told;         /* its inventory, since we are connected */
    bool is_heard;        /* a heartbeat that tells it, true or old, since then */
    bool is_doubtful;     /* was silent, and has not told since what it runs still */
    bool is_known;        /* told ever, and not lost since: its heartbeats tell it, too */
    uint32_t silences;    /* in a row: nobody listened there */
    struct instant since; /* the first of them */
    struct instant heard; /* anything of it */
    struct properties labels;
    const struct host_workload *workloads;
    size_t count;
};

/* A link or a start that is, or was, ours. */
struct own_link {
    struct link sent;  /* last */
    bool is_confirmed; /* told so, or as wanted */
    bool is_given_up;
    struct instant lacked; /* by a host that told what it has, last; NEVER: by none */
};

struct own_start {
    const char *host;
    const char *id;
    enum workload_kind kind;
    const char *image; /* sent last; NULL: adopted */
    uint32_t asked;    /* instances, last, whatever became of it */
    struct names configs;
    const char *secrets; /* what those of them refer to that are; NULL: not known */
    bool is_confirmed;
    bool is_given_up;
};

struct own_flight {
    struct command command; /* copied */
    struct instant sent;
    uint32_t before; /* instances that one under way asked for, whose place it takes */
    bool is_over;
    bool is_given_up; /* a start that another wish took the place of */
};

struct safety {
    struct arena arena;
    struct store *store;
    void (*on_violation)(void *context, const char *text);
    void *context;
    struct instant now;
    bool is_connected;
    struct instant connected_at;
    struct instant blind_at; /* when we did not see the lattice, last */
    bool is_listed[SAFETY_BUCKETS];
    bool is_denied[SAFETY_BUCKETS]; /* hosts are asked instead */
    struct agreement heard; /* hosts have told their links, since we are connected */

    struct told_bucket buckets[SAFETY_BUCKETS];
    struct told_config *configs;
    size_t configs_count;
    size_t configs_capacity;
    struct told_source *sources;
    size_t sources_count;
    size_t sources_capacity;
    struct told_host *hosts;
    size_t hosts_count;
    size_t hosts_capacity;
    struct own_link *links;
    size_t links_count;
    size_t links_capacity;
    struct own_start *starts;
    size_t starts_count;
    size_t starts_capacity;
    struct own_flight *flights; /* the oldest first; those that are over go */
    size_t flights_count;
    size_t flights_capacity;

    struct link *lost; /* in this step: links of others, amid a mutation of ours */
    size_t lost_count;
    size_t lost_capacity;
    struct arena wish_arena;
    const struct desired *wishes; /* of all applications */
    bool are_wishes_new;          /* loaded amid this step already */
    size_t wishes_count;
};

/* support_safety.c: */

void safety_violate(struct safety *safety, const char *rule, const char *detail,
                    const struct command *command);
enum workload_kind safety_kind(const struct command *command);
bool safety_is_ours(const struct safety *safety, const char *host,
                    const struct host_workload *running);
/* Where we may not follow a bucket hosts are asked. */
bool safety_is_seen(const struct safety *safety, enum bucket bucket);
/* A host that was silent for so long may be taken for lost, with all that ran there. */
bool safety_is_silent(const struct safety *safety, const struct told_host *host);
bool safety_is_our_link(const struct safety *safety, const struct link *link);
/* A put or delete of ours of a link of source is in flight. */
bool safety_is_mutated(const struct safety *safety, const char *source);

/* support_safety_above.c: */
void safety_check_above(struct safety *safety, const struct command *command);

/* support_safety_told.c: */

void safety_take(struct safety *safety, const struct event *event);
/* What is over, or was long ago, is not in flight any more. */
void safety_forget_flights(struct safety *safety);

/* support_safety_links.c: */

void safety_rest_links(const struct safety *safety, const char *source);
/* The entry of a source. */
void safety_tell_links(struct safety *safety, const char *id, const struct link *links,
                       size_t count);
/* From now on hosts are asked what they have: nobody has agreed on anything yet. */
void safety_doubt_links(struct safety *safety);
/* All that one host has in memory; of what it lacks another may know. */
void safety_hear_links(struct safety *safety, const struct event *event);
/* What is told as we sent or want it is ours. */
void safety_confirm_links(struct safety *safety, const struct told_source *source);

/* support_safety_own.c: */

/* A change of the ledger: what is dropped is given up. */
void safety_change(struct safety *safety, const struct ledger_change *change);
/* A row of the ledger from a life that was not watched. */
void safety_remember(struct safety *safety, const struct ledger_row *row);
/* Our command goes out: note what it makes ours, and that it is in flight. */
void safety_note(struct safety *safety, const struct command *command);
/* What is there under a key, or a new one. */
struct told_config *safety_keep_config(struct safety *safety, const char *name);
struct own_link *safety_keep_link(struct safety *safety, const struct link *link);

/* support_safety_find.c: */

/* What is wanted now, by the store, or by event where there is none. */
void safety_load_wishes(struct safety *safety, const struct event *event);
/* NULL where nothing was told, or we own nothing. */
struct told_config *safety_config(const struct safety *safety, const char *name);
struct told_source *safety_source(const struct safety *safety, const char *id);
struct told_host *safety_host(const struct safety *safety, const char *id);
struct own_link *safety_link(const struct safety *safety, const struct link *key);
struct own_start *safety_start(const struct safety *safety, const char *host,
                               const char *id, enum workload_kind kind);
const struct host_workload *safety_running(const struct safety *safety, const char *host,
                                           const char *id, enum workload_kind kind);

/* What applications want; NULL when none does. */
const struct config_row *safety_wanted_config(const struct safety *safety,
                                              const char *name);
const struct link_row *safety_wanted_link(const struct safety *safety,
                                          const struct link *key);
const struct workload_row *safety_wanted_workload(const struct safety *safety,
                                                  const char *id);
bool safety_is_application(const struct safety *safety, const char *name);

/* A start, a stop or a scale? */
bool safety_is_workload(const struct command *command);
/* How many instances one of these asks for. */
uint32_t safety_asked(const struct command *command);
/* The same image, but for the scheme that hosts leave out. */
bool safety_is_image(const char *a, const char *b);
/* Is config what a secret refers to? */
bool safety_is_secret(const char *config);

#endif
