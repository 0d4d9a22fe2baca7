#include "reconciler/core/keep.h"

const struct link *keep_link(struct pool *pool, const struct link *link)
{
    const struct link kept = {
        .source_id = pool_keep(pool, link->source_id),
        .target = pool_keep(pool, link->target),
        .name = pool_keep(pool, link->name),
        .wit_namespace = pool_keep(pool, link->wit_namespace),
        .wit_package = pool_keep(pool, link->wit_package),
        .interfaces = pool_keep_names(pool, &link->interfaces),
        .source_config = pool_keep_names(pool, &link->source_config),
        .target_config = pool_keep_names(pool, &link->target_config),
    };

    return pool_keep_bytes(pool, &kept, sizeof kept);
}

void forget_link(struct pool *pool, const struct link *link)
{
    const struct link kept = *link; /* it may go before its parts */

    pool_drop_bytes(pool, link, sizeof *link);
    pool_drop(pool, kept.source_id);
    pool_drop(pool, kept.target);
    pool_drop(pool, kept.name);
    pool_drop(pool, kept.wit_namespace);
    pool_drop(pool, kept.wit_package);
    pool_drop_names(pool, &kept.interfaces);
    pool_drop_names(pool, &kept.source_config);
    pool_drop_names(pool, &kept.target_config);
}

static void keep_past(struct pool *pool, struct ledger_past *past)
{
    past->good_image = pool_keep(pool, past->good_image);
    past->good_configs = pool_keep_names(pool, &past->good_configs);
    past->failed_image = pool_keep(pool, past->failed_image);
    past->failure = pool_keep(pool, past->failure);
}

static void forget_past(struct pool *pool, const struct ledger_past *past)
{
    pool_drop(pool, past->good_image);
    pool_drop_names(pool, &past->good_configs);
    pool_drop(pool, past->failed_image);
    pool_drop(pool, past->failure);
}

struct ledger_row *keep_ledger(struct pool *pool, const struct ledger_row *row)
{
    struct ledger_row *kept = pool_new(pool, sizeof *kept);

    *kept = *row;
    kept->application = pool_keep(pool, row->application);
    kept->delivered = pool_keep_names(pool, &row->delivered);
    kept->lost = pool_keep_names(pool, &row->lost);
    if (row->kind == LEDGER_CONFIG) {
        kept->u.config.name = pool_keep(pool, row->u.config.name);
        kept->u.config.content = pool_keep(pool, row->u.config.content);
    } else if (row->kind == LEDGER_LINK) {
        kept->u.link = keep_link(pool, row->u.link);
    } else {
        kept->u.workload.host = pool_keep(pool, row->u.workload.host);
        kept->u.workload.id = pool_keep(pool, row->u.workload.id);
        kept->u.workload.image = pool_keep(pool, row->u.workload.image);
        kept->u.workload.configs = pool_keep_names(pool, &row->u.workload.configs);
        keep_past(pool, &kept->u.workload.past);
    }
    return kept;
}

void forget_ledger(struct pool *pool, struct ledger_row *row)
{
    if (row == NULL) {
        return;
    }
    pool_drop(pool, row->application);
    pool_drop_names(pool, &row->delivered);
    pool_drop_names(pool, &row->lost);
    if (row->kind == LEDGER_CONFIG) {
        pool_drop(pool, row->u.config.name);
        pool_drop(pool, row->u.config.content);
    } else if (row->kind == LEDGER_LINK) {
        forget_link(pool, row->u.link);
    } else {
        pool_drop(pool, row->u.workload.host);
        pool_drop(pool, row->u.workload.id);
        pool_drop(pool, row->u.workload.image);
        pool_drop_names(pool, &row->u.workload.configs);
        forget_past(pool, &row->u.workload.past);
    }
    pool_delete(pool, row, sizeof *row);
}

struct host_workload keep_workload(struct pool *pool,
                                   const struct host_workload *workload)
{
    struct host_workload kept = *workload;

    kept.id = pool_keep(pool, workload->id);
    kept.image = pool_keep(pool, workload->image);
    kept.application = pool_keep(pool, workload->application);
    kept.manager = pool_keep(pool, workload->manager);
    return kept;
}

void forget_workload(struct pool *pool, const struct host_workload *workload)
{
    pool_drop(pool, workload->id);
    pool_drop(pool, workload->image);
    pool_drop(pool, workload->application);
    pool_drop(pool, workload->manager);
}
