#include "reconciler/core/placement.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/flight.h"

bool host_is_present(const struct host_item *host)
{
    return host->state == HOST_UP || host->state == HOST_SUSPECT;
}

/* What follows the scheme of image, as hosts give a provider's back. */
static const char *without_scheme(const char *image)
{
    static const char *const schemes[] = {
        "file://", "oci://", "https://", "http://", "wasmcloud+builtin://",
    };

    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        const size_t length = strlen(schemes[i]);

        if (strncmp(image, schemes[i], length) == 0) {
            return image + length;
        }
    }
    return image;
}

bool image_is_same(enum workload_kind kind, const char *a, const char *b)
{
    if (kind == WORKLOAD_PROVIDER) {
        return strcmp(without_scheme(a), without_scheme(b)) == 0;
    }
    return strcmp(a, b) == 0;
}

bool placement_is_ours(const struct placement *placement,
                       const struct workload_item *workload)
{
    const struct ledger_row *ledger = placement->ledger;
    const struct workload_row *row = claim_workload(workload);

    if (placement->observed == NULL) {
        return ledger != NULL;
    }
    if (ledger != NULL &&
        (ledger->state == LEDGER_CONFIRMED ||
         image_is_same(placement->kind, placement->observed->image,
                       ledger->u.workload.image) ||
         strcmp(placement->observed->application, ledger->application) == 0)) {
        return true;
    }
    return row != NULL && row->kind == placement->kind &&
           strcmp(placement->observed->application,
                  claim_application(workload->claims)) == 0;
}

uint32_t placement_instances(const struct placement *placement,
                             const struct workload_item *workload)
{
    if (placement->flight.command != 0 || placement->retry.failures > 0 ||
        placement->is_replacing) {
        return placement->asked;
    }
    if (placement->observed == NULL || !placement_is_ours(placement, workload)) {
        return 0;
    }
    return placement->observed->count;
}

bool placement_is_starting(const struct placement *placement)
{
    switch (placement->flight.kind) {
    case COMMAND_START_PROVIDER:
        return placement->flight.command != 0;
    case COMMAND_SCALE_COMPONENT:
        return placement->flight.command != 0 && placement->observed == NULL;
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
    case COMMAND_PUT_LINK:
    case COMMAND_DELETE_LINK:
    case COMMAND_STOP_PROVIDER:
    case COMMAND_MAKE_BUCKET:
    case COMMAND_ASK_HOSTS:
    case COMMAND_ASK_HOST:
    case COMMAND_ASK_LINKS:
        break;
    }
    return false;
}

bool placement_counts(const struct placement *placement,
                      const struct workload_item *workload)
{
    return placement->wanted > 0 || placement->flight.command != 0 ||
           (host_is_present(placement->host) && placement->ledger != NULL &&
            placement_is_ours(placement, workload));
}

static void use(struct engine *engine, const struct placement *placement, int change)
{
    if (placement->ledger != NULL && host_is_present(placement->host)) {
        state_use(engine, &placement->ledger->u.workload.configs, change);
    }
}

void placement_put_ledger(struct engine *engine, struct workload_item *workload,
                          struct placement *placement, const struct ledger_row *row)
{
    struct ledger_row complete = *row;

    complete.kind =
        placement->kind == WORKLOAD_PROVIDER ? LEDGER_PROVIDER : LEDGER_COMPONENT;
    complete.u.workload.host = placement->host->item.name;
    complete.u.workload.id = workload->item.name;
    if (host_is_present(placement->host)) { /* before use: none may fall to 0 between */
        state_use(engine, &row->u.workload.configs, 1);
    }
    use(engine, placement, -1);
    state_put_ledger(engine, &placement->ledger, &complete);
}

void placement_drop_ledger(struct engine *engine, struct placement *placement)
{
    use(engine, placement, -1);
    state_drop_ledger(engine, &placement->ledger);
}

void placement_use(struct engine *engine, const struct host_item *host, int change)
{
    const struct item_list *table = &engine->tables[ITEM_WORKLOAD];

    for (size_t i = 0; i < table->count && host->placements_count > 0; i++) {
        const struct workload_item *workload =
            (const struct workload_item *)table->items[i];

        for (size_t j = 0; j < workload->placements_count; j++) {
            const struct placement *placement = workload->placements[j];

            if (placement->host == host && placement->ledger != NULL) {
                state_use(engine, &placement->ledger->u.workload.configs, change);
            }
        }
    }
}

static bool has_effect(const struct placement *placement)
{
    const struct host_workload *observed = placement->observed;

    if (placement->flight.kind == COMMAND_STOP_PROVIDER) {
        return observed == NULL;
    }
    if (placement->flight.kind == COMMAND_SCALE_COMPONENT &&
        (placement->asked == 0 || placement->is_replacing)) {
        return observed == NULL;
    }
    return observed != NULL && placement->ledger != NULL &&
           image_is_same(placement->kind, observed->image,
                         placement->ledger->u.workload.image) &&
           (placement->kind == WORKLOAD_PROVIDER || observed->count == placement->asked);
}

void placement_settle(struct engine *engine, struct workload_item *workload,
                      struct placement *placement)
{
    struct ledger_row row;

    if (placement->flight.command == 0) {
        return;
    }
    if (!has_effect(placement)) {
        if (flight_has_expired(engine, &workload->item, &placement->flight)) {
            flight_end(engine, &placement->flight);
            retry_fail(engine, &placement->retry, "no effect was seen in time");
            state_changed(engine, &workload->item);
        }
        return;
    }
    flight_end(engine, &placement->flight);
    retry_clear(&placement->retry);
    if (placement->observed == NULL) {
        placement->is_doubtful = false; /* what comes up next comes up alone */
    } else {
        row = *placement->ledger;
        row.state = LEDGER_CONFIRMED;
        row.unsure_ms = instant_left(engine->now, placement->unsure_until);
        placement_put_ledger(engine, workload, placement, &row);
    }
    /* The links of its id may go on. */
    state_changed(engine, &workload->item);
}
