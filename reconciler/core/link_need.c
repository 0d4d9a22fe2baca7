#include "reconciler/core/link_need.h"

#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/deaf.h"
#include "reconciler/core/delivery.h"
#include "reconciler/core/difference.h"
#include "reconciler/core/hearing.h"
#include "reconciler/core/slot.h"

/* The ledger knows that link is as row says, and what its providers were given. */
static bool is_confirmed_as(struct engine *engine, const struct link_item *link,
                            const struct link_wish *row)
{
    const struct record *ledger = link->ledger;

    return ledger != NULL && ledger->state == LEDGER_CONFIRMED &&
           link_is_equal(ledger->u.link, row->link) &&
           strcmp(ledger->application, claim_application(link->claims)) == 0 &&
           (ledger->delivered.count ==
                row->link->source_config.count + row->link->target_config.count ||
            delivery_contents(engine, &row->link->source_config,
                              &row->link->target_config)
                    .count == 0);
}

/* It is there, as wanted. */
static enum need need_in_place(struct engine *engine, struct link_item *link,
                               const struct link_wish *row)
{
    if (!is_confirmed_as(engine, link, row)) {
        return NEED_CONFIRM;
    }
    if (!delivery_is_stale(engine, link)) {
        return hearing_is_deaf(engine, link) ? NEED_REPEAT : NEED_NOTHING;
    }
    return delivery_has_provider(link) ? NEED_DELETE : NEED_CONFIRM;
}

enum need link_need(struct engine *engine, struct link_item *link)
{
    const struct link_wish *row = claim_link(link);

    if (row == NULL) {
        if (link->ledger == NULL) {
            return NEED_NOTHING;
        }
        if (link->observed != NULL && link_is_ours(link)) {
            return NEED_DELETE;
        }
        return deaf_must_tell(engine, link) ? NEED_TELL : NEED_FORGET;
    }
    if (row->missing != NULL) {
        return NEED_SHARED;
    }
    if (link->observed == NULL) {
        return NEED_PUT;
    }
    if (link_is_equal(link->observed, row->link)) {
        return need_in_place(engine, link, row);
    }
    return link_is_ours(link) ? NEED_DELETE : NEED_FOREIGN;
}

bool link_is_redelivered(const struct link_item *link)
{
    const struct link_wish *row = claim_link(link);

    return row != NULL && link->observed != NULL &&
           link_is_equal(link->observed, row->link);
}

const char *link_difference(struct engine *engine, const struct link_item *link)
{
    const struct link *wanted = claim_link(link)->link;
    const struct names *lists[2] = {&wanted->source_config, &wanted->target_config};
    const char *text = difference_of_link(link, &engine->scratch);
    const struct config_item *config;

    if (text != NULL) {
        return text;
    }
    config = delivery_changed(engine, lists, &link->ledger->delivered, DELIVERY_OURS);
    return config != NULL ? arena_print(&engine->scratch,
                                        "it was delivered with other content of %s",
                                        config->item.name)
                          : "its providers may have dropped or missed it";
}
