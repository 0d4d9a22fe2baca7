#include "linkstore/ledger.h"

#include <stdlib.h>
#include <string.h>

static int compare_workloads(const struct ledger_row *a, const struct ledger_row *b)
{
    const int order = strcmp(a->u.workload.id, b->u.workload.id);

    return order != 0 ? order : strcmp(a->u.workload.host, b->u.workload.host);
}

int ledger_compare(const struct ledger_row *a, const struct ledger_row *b)
{
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    switch (a->kind) {
    case LEDGER_CONFIG:
        return strcmp(a->u.config.name, b->u.config.name);
    case LEDGER_LINK:
        return link_compare(a->u.link, b->u.link);
    case LEDGER_COMPONENT:
    case LEDGER_PROVIDER:
        return compare_workloads(a, b);
    }
    abort();
}
