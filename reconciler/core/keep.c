#include "reconciler/core/keep.h"

static void forget_parts(struct pool *pool, const struct link *kept)
{
    pool_drop(pool, kept->source_id);
    pool_drop(pool, kept->target);
    pool_drop(pool, kept->name);
    pool_drop(pool, kept->wit_namespace);
    pool_drop(pool, kept->wit_package);
    pool_drop_names(pool, &kept->interfaces);
    pool_drop_names(pool, &kept->source_config);
    pool_drop_names(pool, &kept->target_config);
}

/* A link has its parts once, however many have it.  One that is kept is found by where
 * its parts are, which is quicker than by what they say. */
const struct link *keep_link(struct pool *pool, const struct link *link)
{
    const struct link *again = pool_keep_again(pool, link, sizeof *link);
    struct link kept;

    if (again != NULL) {
        return again;
    }
    kept = (struct link){
        .source_id = pool_keep(pool, link->source_id),
        .target = pool_keep(pool, link->target),
        .name = pool_keep(pool, link->name),
        .wit_namespace = pool_keep(pool, link->wit_namespace),
        .wit_package = pool_keep(pool, link->wit_package),
        .interfaces = pool_keep_names(pool, &link->interfaces),
        .source_config = pool_keep_names(pool, &link->source_config),
        .target_config = pool_keep_names(pool, &link->target_config),
    };
    again = pool_keep_again(pool, &kept, sizeof kept);
    if (again != NULL) {
        forget_parts(pool, &kept);
        return again;
    }
    return pool_keep_bytes(pool, &kept, sizeof kept);
}

void forget_link(struct pool *pool, const struct link *link)
{
    const struct link kept = *link; /* it may go before its parts */

    if (pool_drop_bytes(pool, link)) {
        forget_parts(pool, &kept);
    }
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
