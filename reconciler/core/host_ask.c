#include "reconciler/core/hosts.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/placement.h"
#include "reconciler/core/timing.h"

void host_ask(struct engine *engine, struct host_item *host, int64_t ms)
{
    host->ask_at = instant_min(host->ask_at, instant_after(engine->now, ms));
    state_mark(engine, &host->item);
}

/* How much longer to wait with a question, for what is under way on host may be told of
 * by the same answer. */
static int64_t patience_ms(const struct host_item *host)
{
    const size_t told = host->inventory != NULL ? host->inventory->workloads_count : 0;
    const size_t many = told > ASK_MANY_WORKLOADS ? told - ASK_MANY_WORKLOADS : 0;
    const size_t flights =
        host->flights_count < ASK_MANY_FLIGHTS ? host->flights_count : ASK_MANY_FLIGHTS;

    return (int64_t)(many * flights / ASK_MANY_FLIGHTS);
}

void host_look(struct engine *engine, struct host_item *host)
{
    const size_t count = host->inventory != NULL ? host->inventory->workloads_count : 0;

    host_ask(engine, host,
             ASK_HINT_MS + (int64_t)count / ASK_HINT_WORKLOADS + patience_ms(host));
}

void host_watch(struct engine *engine, struct host_item *host)
{
    host->ask_step_ms = ASK_STEP_MS_FIRST;
    host_ask(engine, host, ASK_STEP_MS_FIRST + patience_ms(host));
}

void host_ask_all(struct engine *engine)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];

    for (size_t i = 0; i < table->count; i++) {
        struct host_item *host = (struct host_item *)table->items[i];

        if (host_is_present(host)) {
            host_ask(engine, host, 0);
        }
    }
}

void host_ask_silent(struct engine *engine, struct instant moment)
{
    const struct item_list *table = &engine->tables[ITEM_HOST];

    for (size_t i = 0; i < table->count; i++) {
        struct host_item *host = (struct host_item *)table->items[i];

        if (host->state != HOST_GONE && host->ask.command == 0 &&
            instant_is_before(host->heard, moment)) {
            host_ask(engine, host, 0);
        }
    }
}
