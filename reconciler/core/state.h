/*
 * state.h - the engine's memory: its items by key, who is dirty, who waits, what time
 * wakes whom, and the update under way.  Internal to core/.
 */
#ifndef RECONCILER_CORE_STATE_H
#define RECONCILER_CORE_STATE_H

#include "manifest/pool.h"
#include "reconciler/core/bucket_state.h"
#include "reconciler/core/engine.h"
#include "reconciler/core/host_news.h"
#include "reconciler/core/item.h"
#include "reconciler/core/known_state.h"
#include "reconciler/core/loss_note.h"

struct item_list {
    struct arena arena;
    struct item **items;
    size_t count;
    size_t capacity;
};

struct hearing { /* see hearing.h */
    struct flight ask;
    struct instant ask_at;
    struct instant asked_at;
    uint32_t answers;  /* counts them */
    uint32_t looks;    /* answers since something was missed first, or put again */
    uint32_t silences; /* questions in a row that were not answered */
    uint32_t agreed;   /* answers since one was missing: see asking.h */
    struct instant agreed_since;
    struct arena arena;
    const char *text;     /* why the last question was refused; NULL: it was not */
    size_t links_count;   /* in the last answer */
    size_t missing_count; /* of our links, by the last answers */
};

struct engine {
    struct arena arena; /* holds the engine itself */
    struct pool pool;   /* the items, and all they keep */
    bool is_observer;
    size_t keys_max;            /* planned in one step */
    uint32_t missed_heartbeats; /* of engine_options */
    int64_t heartbeat_slack_ms;
    uint64_t random; /* the generator's state */
    struct instant now;

    TAILQ_HEAD(, application) applications;     /* by name */
    struct item_list tables[ITEM_TABLES_COUNT]; /* each sorted by name */
    struct item sight;
    struct item room;
    struct item hosts;
    struct item pauses;

    const char **paused; /* applications, sorted */
    size_t paused_count;
    size_t paused_capacity;
    const char *suspended; /* nothing is sent at all: why; NULL: it is */

    bool is_connected;
    size_t payload_max;  /* of the server; 0: not known */
    uint32_t connection; /* counts them */
    struct instant connected_at;
    bool is_listed;   /* a survey has ended since we connected */
    bool is_surveyed; /* and every host it found has told its inventory */
    struct instant survey_at;
    struct instant survey_sent;
    struct arena survey_arena;
    const char *survey_text; /* why hosts cannot be asked; NULL: they can */
    bool is_sighted;         /* the opposite of blind, as of the last planning */
    struct instant sighted_at;
    struct instant surveyed_by; /* at the latest, whoever has not answered */
    struct flight survey;
    struct hearing hearing;
    struct known known;
    struct instant configs_at;   /* all are asked for again: see asking.h */
    struct instant configs_wait; /* none is asked for before: one was in vain */
    struct bucket_state buckets[2];
    uint32_t hosts_up;
    bool is_blind;
    struct instant sight_since; /* is_blind, or is not */

    struct flight_owner *owners; /* sorted by command, questions included */
    size_t owners_count;
    size_t owners_capacity;
    size_t flights_count;    /* commands in flight, without questions ... */
    size_t common_count;     /* ... and those of them that no host is at work on */
    uint64_t commands_count; /* ever issued */
    uint64_t drifts_count;   /* found in all */
    uint64_t planned_count;  /* keys ever planned */
    uint64_t rounds_count;
    struct history *history; /* the last of them */
    struct losses losses;
    struct host_news_list host_news; /* of this step */
    struct item_list heap;           /* by wake; from index 1 */
    struct item_list dirty;
    struct item_list batch;           /* what was dirty, while it is planned ... */
    size_t batch_index;               /* ... from here on */
    struct item_list changed_configs; /* whose users are not marked yet */
    struct source_item *redelivering; /* whose links are given anew; NULL: none's */

    struct arena scratch; /* of the update; freed at the next step */
    struct command *commands;
    size_t update_commands_count;
    size_t update_commands_capacity;
    struct ledger_change *changes;
    size_t changes_count;
    size_t changes_capacity;
};

/* Items by key: */

/* The item of one of the kept kinds; made if it is not there. */
struct host_item *state_host(struct engine *engine, const char *id);
struct config_item *state_config(struct engine *engine, const char *name);
struct source_item *state_source(struct engine *engine, const char *id);
struct workload_item *state_workload(struct engine *engine, const char *id);
struct link_item *state_link(struct engine *engine, const struct link *key);
struct placement *state_placement(struct engine *engine, struct workload_item *workload,
                                  struct host_item *host, enum workload_kind kind);

/* NULL when there is none. */
struct item *state_find(const struct engine *engine, enum item_kind kind,
                        const char *name);
struct link_item *state_find_link(const struct source_item *source,
                                  const struct link *key);
/* Of one that is there: where it is among the links of source. */
size_t state_link_index(const struct source_item *source, const struct link *key);
struct placement *state_find_placement(const struct workload_item *workload,
                                       const struct host_item *host,
                                       enum workload_kind kind);

/* Take item out of its table, without freeing it. */
void state_remove(struct engine *engine, const struct item *item);

/* The bytes of an item of one of the kept kinds. */
size_t state_item_size(enum item_kind kind);

/* What the engine holds, but for what is of one update. */
size_t state_bytes(const struct engine *engine);

/* Free all items. */
void state_free(struct engine *engine);

/*
 * Forget the parts of item that say nothing any more, and item itself when nothing is
 * left and nobody waits for it.
 */
void state_prune(struct engine *engine, struct item *item);

/* Who is planned, and when: */

/* Plan item at the end of this step, or of one after it. */
void state_mark(struct engine *engine, struct item *item);

/* item has changed: all who wait for it are planned again. */
void state_changed(struct engine *engine, struct item *item);

/* Plan again the count that have waited longest for item; returns how many there were. */
size_t state_changed_for(struct engine *engine, struct item *item, size_t count);

/* item cannot go on until about changes; forgotten when item is planned again. */
void state_wait(struct item *item, struct item *about);
void state_wait_no_more(struct item *item);

/* Plan item again at moment, or sooner. */
void state_wake(struct engine *engine, struct item *item, struct instant moment);
/* Mark all whose moment has come. */
void state_mark_due(struct engine *engine);
/* The next moment of any item; INSTANT_NEVER when there is none. */
struct instant state_deadline(const struct engine *engine);
void state_wake_never(struct engine *engine, struct item *item);

/* Room in list for one item more. */
void state_list_grow(struct item_list *list);

/* Claims, uses, the ledger: */

/* Add change, which is 1 or -1, to the uses of every config in names. */
void state_use(struct engine *engine, const struct names *names, int change);

/* The state of a row that is about to be sent, with the content of before or another. */
enum ledger_state state_when_sent(const struct record *before, bool is_same);

/* Let *record_of be what row says, and row part of the update. */
void state_put_ledger(struct engine *engine, struct record **record_of,
                      const struct ledger_row *row);
/* Make a row that is nobody's part of the update, or that it goes. */
void state_note_ledger(struct engine *engine, enum ledger_change_kind kind,
                       const struct ledger_row *row);
/* The same without the update: the row comes from the store. */
void state_keep_ledger(struct engine *engine, struct record **record_of,
                       const struct ledger_row *row);
/* A change of an update before is part of this one, too. */
void state_change_again(struct engine *engine, const struct ledger_change *change);
/* Drop the row of *record_of, if there is one, with the key that record_row has it. */
void state_drop_ledger(struct engine *engine, struct record **record_of, const char *name,
                       const char *host);

#endif
