#include "reconciler/core/foreign.h"

bool link_is_foreign(const struct link_item *link)
{
    const struct record *ledger = link->ledger;

    if (link->observed == NULL || link->claims != NULL) {
        return false;
    }
    return ledger == NULL || (ledger->state != LEDGER_CONFIRMED &&
                              !link_is_equal(link->observed, ledger->u.link));
}

const struct link_item *foreign_link(const struct workload_item *workload)
{
    const struct source_item *source = workload->source;
    const struct link_item *link;

    for (size_t i = 0; source != NULL && i < source->links_count; i++) {
        if (link_is_foreign(source->links[i])) {
            return source->links[i];
        }
    }
    LIST_FOREACH(link, &workload->inbound, inbound)
    {
        if (link_is_foreign(link)) {
            return link;
        }
    }
    return NULL;
}

const char *link_name(const struct link *link, struct arena *arena)
{
    return arena_print(arena, "%s -(%s:%s)-> %s", link->source_id, link->wit_namespace,
                       link->wit_package, link->target);
}

const char *link_key(const struct link *link, struct arena *arena)
{
    return arena_print(arena, "%s -[%s %s:%s]-> %s", link->source_id, link->name,
                       link->wit_namespace, link->wit_package, link->target);
}

const char *foreign_end(struct engine *engine, const struct workload_item *workload,
                        const struct placement *placement)
{
    const struct link_item *link = foreign_link(workload);

    return link != NULL && placement->kind == WORKLOAD_PROVIDER
               ? arena_print(&engine->scratch,
                             "no application wants it, though a link that is not ours "
                             "names it: %s",
                             link_name(link->key, &engine->scratch))
               : "no application wants it";
}

bool foreign_holds(struct workload_item *workload, const struct placement *placement,
                   struct verdict *ret_verdict)
{
    const struct link_item *link = foreign_link(workload);

    if (link == NULL || placement->kind != WORKLOAD_PROVIDER ||
        !placement->ledger->is_pruned) {
        return false;
    }
    state_wait(&workload->item, &link->source->item);
    *ret_verdict = (struct verdict){REASON_HELD, &link->source->item};
    return true;
}
