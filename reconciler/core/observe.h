/*
 * observe.h - what the lattice tells, taken in: one side of the items.  Internal to
 * core/.
 */
#ifndef RECONCILER_CORE_OBSERVE_H
#define RECONCILER_CORE_OBSERVE_H

#include "reconciler/core/state.h"

/* The ledger, once, before anything else. */
void observe_ledger(struct engine *engine, const struct ledger_row *rows, size_t count);

void observe_listing(struct engine *engine, enum bucket bucket);
void observe_listed(struct engine *engine, const struct event *event);
void observe_lost(struct engine *engine, const struct event *event);
void observe_config(struct engine *engine, const char *name, const char *content,
                    uint64_t sequence);
void observe_links(struct engine *engine, const struct event *event);
/* Forget links, which were observed of a source. */
void observe_drop_links(struct engine *engine, const struct link **links, uint32_t count);

/* It was as desired when it was planned last, and we had put it. */
bool observe_was_put(const struct claim *claims, const struct verdict *verdict,
                     const struct record *ledger);

/* A new inventory of host, compared with the one before. */
void observe_inventory(struct engine *engine, struct host_item *host,
                       const struct inventory *inventory);
/* host has nothing any more that we could see. */
void observe_nothing(struct engine *engine, struct host_item *host);
/* The same without a look at what it had: all items are freed. */
void observe_drop_inventory(struct engine *engine, struct host_item *host);

#endif
