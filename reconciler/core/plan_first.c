#include "reconciler/core/delivery.h"
#include "reconciler/core/plan.h"

static bool must_let_link(struct workload_item *workload, const struct link_item *link,
                          struct verdict *ret_verdict)
{
    if (!plan_link_is_pending(link)) {
        return false;
    }
    state_wait(&workload->item, &link->source->item);
    *ret_verdict = (struct verdict){REASON_LINKS, &link->source->item};
    return true;
}

/* A provider that starts is given link, which is in place, with what its configs hold. */
static bool must_let_config(struct engine *engine, struct workload_item *workload,
                            const struct link_item *link, struct verdict *ret_verdict)
{
    struct config_item *config = link->claims != NULL && link->observed != NULL
                                     ? delivery_config_in_way(engine, link)
                                     : NULL;

    if (config == NULL || !plan_config_is_coming(config)) {
        return false;
    }
    state_wait(&workload->item, &config->item);
    *ret_verdict = (struct verdict){REASON_CONFIG, &config->item};
    return true;
}

bool plan_must_let_links(struct engine *engine, struct workload_item *workload,
                         enum workload_kind kind, struct verdict *ret_verdict)
{
    struct source_item *source = workload->source;
    const struct link_item *link;

    for (size_t i = 0; source != NULL && i < source->links_count; i++) {
        if (must_let_link(workload, source->links[i], ret_verdict) ||
            (kind == WORKLOAD_PROVIDER &&
             must_let_config(engine, workload, source->links[i], ret_verdict))) {
            return true;
        }
    }
    if (source != NULL && source->flight.command != 0) {
        state_wait(&workload->item, &source->item);
        *ret_verdict = (struct verdict){REASON_LINKS, &source->item};
        return true;
    }
    LIST_FOREACH(link, &workload->inbound, inbound)
    {
        if (kind == WORKLOAD_PROVIDER &&
            (must_let_link(workload, link, ret_verdict) ||
             must_let_config(engine, workload, link, ret_verdict))) {
            return true;
        }
    }
    return false;
}
