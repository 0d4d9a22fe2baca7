/*
 * record.h - what the ledger says of one key, as the engine keeps it.  Internal to core/.
 *
 * A row of the ledger without its key, which the item has, and without what is seldom
 * there: of a link or a start there are as many as there are rows, so bytes count.
 */
#ifndef RECONCILER_CORE_RECORD_H
#define RECONCILER_CORE_RECORD_H

#include "linkstore/ledger.h"
#include "manifest/pool.h"

/* What is seldom to be said of a start. */
struct record_past {
    struct ledger_past past;
    struct names lost;
};

struct record_start {
    const char *image;
    struct names configs;
    struct record_past *past; /* NULL: nothing, but for has_run */
};

struct record {
    const char *application; /* the last that wanted it */
    struct names delivered;
    union {
        const char *content; /* of a config */
        const struct link *link;
        struct record_start *start;
    } u;
    enum ledger_kind kind;
    enum ledger_state state;
    bool is_dropped;
    bool is_pruned;
    bool has_run; /* of a start: it was seen to run, just as it is here */
};

/* All parts are kept; whoever has it forgets it again. */
struct record *record_keep(struct pool *pool, const struct ledger_row *row);
void record_forget(struct pool *pool, struct record *record);

/* What became of the starts before, and what was lost since: see ledger.h. */
struct ledger_past record_past(const struct record *record);
struct names record_lost(const struct record *record);

/* The row again, of the same parts: name is that of a config, or the id of what was
 * started on host; of a link there is neither. */
struct ledger_row record_row(const struct record *record, const char *name,
                             const char *host);

#endif
