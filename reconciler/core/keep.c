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
