#include "reconciler/core/record.h"

#include <string.h>

#include "reconciler/core/keep.h"

static bool is_same_text(const char *a, const char *b)
{
    return a != NULL && strcmp(a, b) == 0;
}

/* Was it seen to run as it was started last? */
static bool has_run(const struct ledger_row *row)
{
    return is_same_text(row->u.workload.past.good_image, row->u.workload.image) &&
           names_compare(&row->u.workload.past.good_configs, &row->u.workload.configs) ==
               0;
}

static bool has_past(const struct ledger_row *row)
{
    const struct ledger_past *past = &row->u.workload.past;

    return row->lost.count > 0 || past->failed_image != NULL || past->failure != NULL ||
           past->is_tainted || past->is_doubtful ||
           (past->good_image != NULL && !has_run(row));
}

static struct record_past *keep_past(struct pool *pool, const struct ledger_row *row)
{
    const struct ledger_past *past = &row->u.workload.past;
    struct record_past *kept = pool_new(pool, sizeof *kept);

    kept->past = *past;
    kept->past.good_image = pool_keep(pool, past->good_image);
    kept->past.good_configs = pool_keep_names(pool, &past->good_configs);
    kept->past.failed_image = pool_keep(pool, past->failed_image);
    kept->past.failure = pool_keep(pool, past->failure);
    kept->lost = pool_keep_names(pool, &row->lost);
    return kept;
}

static void forget_past(struct pool *pool, struct record_past *kept)
{
    if (kept == NULL) {
        return;
    }
    pool_drop(pool, kept->past.good_image);
    pool_drop_names(pool, &kept->past.good_configs);
    pool_drop(pool, kept->past.failed_image);
    pool_drop(pool, kept->past.failure);
    pool_drop_names(pool, &kept->lost);
    pool_delete(pool, kept, sizeof *kept);
}

static struct record_start *keep_start(struct pool *pool, const struct ledger_row *row)
{
    struct record_start *start = pool_new(pool, sizeof *start);

    start->image = pool_keep(pool, row->u.workload.image);
    start->configs = pool_keep_names(pool, &row->u.workload.configs);
    start->past = has_past(row) ? keep_past(pool, row) : NULL;
    return start;
}

static void forget_start(struct pool *pool, struct record_start *start)
{
    pool_drop(pool, start->image);
    pool_drop_names(pool, &start->configs);
    forget_past(pool, start->past);
    pool_delete(pool, start, sizeof *start);
}

struct record *record_keep(struct pool *pool, const struct ledger_row *row)
{
    struct record *record = pool_new(pool, sizeof *record);

    record->kind = row->kind;
    record->state = row->state;
    record->is_dropped = row->is_dropped;
    record->is_pruned = row->is_pruned;
    record->application = pool_keep(pool, row->application);
    record->delivered = pool_keep_names(pool, &row->delivered);
    if (row->kind == LEDGER_CONFIG) {
        record->u.content = pool_keep(pool, row->u.config.content);
    } else if (row->kind == LEDGER_LINK) {
        record->u.link = keep_link(pool, row->u.link);
    } else {
        record->u.start = keep_start(pool, row);
        record->has_run = has_run(row);
    }
    return record;
}

void record_forget(struct pool *pool, struct record *record)
{
    if (record == NULL) {
        return;
    }
    pool_drop(pool, record->application);
    pool_drop_names(pool, &record->delivered);
    if (record->kind == LEDGER_CONFIG) {
        pool_drop(pool, record->u.content);
    } else if (record->kind == LEDGER_LINK) {
        forget_link(pool, record->u.link);
    } else {
        forget_start(pool, record->u.start);
    }
    pool_delete(pool, record, sizeof *record);
}

struct ledger_past record_past(const struct record *record)
{
    const struct record_start *start = record->u.start;

    if (start->past != NULL) {
        return start->past->past;
    }
    return record->has_run ? (struct ledger_past){.good_image = start->image,
                                                  .good_configs = start->configs}
                           : (struct ledger_past){0};
}

struct names record_lost(const struct record *record)
{
    const struct record_past *past = record->u.start->past;

    return past != NULL ? past->lost : (struct names){0};
}

struct ledger_row record_row(const struct record *record, const char *name,
                             const char *host)
{
    struct ledger_row row = {
        .kind = record->kind,
        .state = record->state,
        .application = record->application,
        .delivered = record->delivered,
        .is_dropped = record->is_dropped,
        .is_pruned = record->is_pruned,
    };

    if (record->kind == LEDGER_CONFIG) {
        row.u.config.name = name;
        row.u.config.content = record->u.content;
    } else if (record->kind == LEDGER_LINK) {
        row.u.link = record->u.link;
    } else {
        row.lost = record_lost(record);
        row.u.workload.host = host;
        row.u.workload.id = name;
        row.u.workload.image = record->u.start->image;
        row.u.workload.configs = record->u.start->configs;
        row.u.workload.past = record_past(record);
    }
    return row;
}
