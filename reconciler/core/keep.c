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

const struct inventory *keep_inventory(struct pool *pool,
                                       const struct inventory *inventory,
                                       struct arena *arena)
{
    struct inventory *kept = arena_alloc(arena, sizeof *kept);
    struct host_workload *workloads =
        arena_array(arena, inventory->workloads_count, sizeof *workloads);

    for (size_t i = 0; i < inventory->workloads_count; i++) {
        const struct host_workload *from = &inventory->workloads[i];

        workloads[i] = *from;
        workloads[i].id = pool_keep(pool, from->id);
        workloads[i].image = pool_keep(pool, from->image);
        workloads[i].application = pool_keep(pool, from->application);
        workloads[i].manager = pool_keep(pool, from->manager);
    }
    *kept = *inventory;
    kept->host = arena_copy(arena, inventory->host);
    kept->name = arena_copy(arena, inventory->name);
    kept->version = arena_copy(arena, inventory->version);
    kept->labels = properties_copy(&inventory->labels, arena);
    kept->workloads = workloads;
    return kept;
}

void forget_inventory(struct pool *pool, const struct inventory *inventory)
{
    for (size_t i = 0; inventory != NULL && i < inventory->workloads_count; i++) {
        pool_drop(pool, inventory->workloads[i].id);
        pool_drop(pool, inventory->workloads[i].image);
        pool_drop(pool, inventory->workloads[i].application);
        pool_drop(pool, inventory->workloads[i].manager);
    }
}
