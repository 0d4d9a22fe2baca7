#include <stdlib.h>

#include "reconciler/core/link_need.h"
#include "reconciler/core/plan.h"
#include "reconciler/core/retry.h"

bool plan_link_is_pending(const struct link_item *link)
{
    if (retry_look(&link->retry)->failures > 0) {
        return false;
    }
    switch (link->verdict.reason) {
    case REASON_NEW:
    case REASON_IN_FLIGHT:
    case REASON_LINKS:
    case REASON_QUIET:
    case REASON_ROOM:
    case REASON_RETRY:
        return true;
    case REASON_STARTING:
        return !link_is_redelivered(link); /* who starts takes what is in place */
    case REASON_CONFIG:
        return plan_config_is_coming((const struct config_item *)link->verdict.about);
    case REASON_NONE:
    case REASON_BLIND:
    case REASON_UNTOLD:
    case REASON_FOREIGN:
    case REASON_SLOT:
    case REASON_SHARED:
    case REASON_PAYLOAD:
    case REASON_USED:
    case REASON_HELD:
    case REASON_DEAF:
    case REASON_EMPTIED:
    case REASON_HOSTS:
    case REASON_YOUNG:
    case REASON_OFF:
    case REASON_CORDON:
    case REASON_LABELS:
    case REASON_APART:
    case REASON_DRAIN:
    case REASON_ROLLOUT:
    case REASON_HALTED:
    case REASON_UNSURE:
    case REASON_PAUSED:
    case REASON_OBSERVER:
        return false;
    }
    abort();
}
