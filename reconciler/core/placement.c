#include "reconciler/core/placement.h"

#include <assert.h>
#include <string.h>

#include "reconciler/core/claim.h"
#include "reconciler/core/flight.h"
#include "reconciler/core/history.h"
#include "reconciler/core/moment.h"
#include "reconciler/core/provider_image.h"
#include "reconciler/core/rollout.h"
#include "reconciler/core/taint.h"
#include "reconciler/core/timing.h"

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
    const struct record *ledger = placement->ledger;
    const struct workload_row *row = claim_workload(workload);

    if (placement->observed == NULL) {
        return ledger != NULL;
    }
    if (ledger != NULL &&
        (ledger->state == LEDGER_CONFIRMED ||
         image_is_same(placement->kind, placement->observed->image,
                       ledger->u.start->image) ||
         strcmp(placement->observed->application, ledger->application) == 0)) {
        return true;
    }
    return row != NULL && row->kind == placement->kind &&
           claim_is_of(workload->claims, placement->observed->application);
}

uint32_t placement_instances(const struct engine *engine,
                             const struct placement *placement,
                             const struct workload_item *workload)
{
    if (placement->flight.command != 0 || retry_look(&placement->retry)->failures > 0 ||
        placement->is_replacing || placement_may_appear(engine, placement)) {
        return placement->asked;
    }
    if (placement->observed == NULL || !placement_is_ours(placement, workload)) {
        return 0;
    }
    return placement->observed->count;
}

uint32_t placement_coming(const struct placement *placement)
{
    const uint32_t there = placement->observed != NULL ? placement->observed->count : 0;

    return placement->flight.command != 0 && !placement->is_replacing &&
                   placement->asked > there
               ? placement->asked
               : 0;
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
    case COMMAND_ASK_CONFIG:
    case COMMAND_ASK_LINKS:
        break;
    }
    return false;
}

bool placement_is_stopping(const struct placement *placement)
{
    return placement->flight.kind == COMMAND_STOP_PROVIDER ||
           (placement->flight.kind == COMMAND_SCALE_COMPONENT &&
            (placement->asked == 0 || placement->is_replacing));
}

bool placement_may_appear(const struct engine *engine, const struct placement *placement)
{
    return placement->observed == NULL && host_is_present(placement->host) &&
           instant_is_before(engine->now, placement->unsure_until);
}

struct instant placement_unsure_until(const struct placement *placement)
{
    const struct instant denied = moment_of(placement, MOMENT_DENIED);

    return denied.ms == INSTANT_NEVER.ms
               ? placement->unsure_until
               : instant_max(placement->unsure_until,
                             instant_after(denied, UNSURE_RUNS_MS));
}

bool placement_counts(const struct placement *placement,
                      const struct workload_item *workload)
{
    return placement->wanted > 0 || placement->flight.command != 0 ||
           (host_is_present(placement->host) &&
            ((placement->ledger != NULL && placement_is_ours(placement, workload)) ||
             (workload->claims != NULL && taint_is_on(placement))));
}

struct ledger_row placement_row(const struct placement *placement)
{
    return record_row(placement->ledger, NULL, NULL);
}

bool placement_is_confirmed(const struct placement *placement, const char *application)
{
    const struct record *ledger = placement->ledger;

    return ledger->state == LEDGER_CONFIRMED && ledger->has_run &&
           strcmp(ledger->application, application) == 0;
}

void placement_confirm(struct engine *engine, struct workload_item *workload,
                       struct placement *placement, const char *application)
{
    struct ledger_row row = placement_row(placement);
    struct ledger_past *past = &row.u.workload.past;

    row.state = LEDGER_CONFIRMED;
    row.unsure_ms = instant_left(engine->now, placement->unsure_until);
    row.application = application;
    past->good_image = row.u.workload.image;
    past->good_configs = row.u.workload.configs;
    if (past->failed_image != NULL &&
        image_is_same(placement->kind, past->failed_image, past->good_image)) {
        past->failed_image = NULL;
        past->failure = NULL;
    }
    placement_put_ledger(engine, workload, placement, &row);
}

/* Those it was started with last, and those that it may have to come back with. */
static void use_row(struct engine *engine, const struct ledger_row *row, int change)
{
    state_use(engine, &row->u.workload.configs, change);
    state_use(engine, &row->u.workload.past.good_configs, change);
}

static void use_record(struct engine *engine, const struct placement *placement,
                       int change)
{
    const struct ledger_row row = placement_row(placement);

    use_row(engine, &row, change);
}

static void use(struct engine *engine, const struct placement *placement, int change)
{
    if (placement->ledger != NULL && host_is_present(placement->host)) {
        use_record(engine, placement, change);
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
        use_row(engine, row, 1);
    }
    use(engine, placement, -1);
    state_put_ledger(engine, &placement->ledger, &complete);
}

void placement_doubt(struct engine *engine, struct workload_item *workload,
                     struct placement *placement, bool is_doubtful)
{
    struct ledger_row row;

    if (placement->ledger == NULL ||
        record_past(placement->ledger).is_doubtful == is_doubtful) {
        return;
    }
    row = placement_row(placement);
    /* As it was sent, while it is under way. */
    row.unsure_ms = placement->flight.command != 0
                        ? UNSURE_START_MS
                        : instant_left(engine->now, placement->unsure_until);
    row.u.workload.past.is_doubtful = is_doubtful;
    placement_put_ledger(engine, workload, placement, &row);
}

void placement_drop_ledger(struct engine *engine, const struct workload_item *workload,
                           struct placement *placement)
{
    use(engine, placement, -1);
    state_drop_ledger(engine, &placement->ledger, workload->item.name,
                      placement->host->item.name);
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
                use_record(engine, placement, change);
            }
        }
    }
}

/* The host says that a start or a stop finds things as it would make them. */
static bool is_moot(const char *text)
{
    return strstr(text, "already running") != NULL ||
           strstr(text, "is not running") != NULL;
}

void placement_switched_off(struct engine *engine, struct placement *placement,
                            const char *text)
{
    history_ended(engine, placement->flight.command, text);
    flight_end(engine, &placement->flight);
    retry_clear(engine, &placement->retry);
    placement->unsure_until = engine->now;
    moment_set(engine, placement, MOMENT_OFF, retry_seldom(engine));
}

/* The host says that the built-in it is to start is not part of it. */
static bool is_not_enabled(const struct placement *placement, const char *text)
{
    return placement->kind == WORKLOAD_PROVIDER && placement->ledger != NULL &&
           provider_image_is_builtin(placement->ledger->u.start->image) &&
           strstr(text, "is not enabled") != NULL;
}

void placement_fail(struct engine *engine, struct workload_item *workload,
                    struct placement *placement, const char *text)
{
    if (placement->kind == WORKLOAD_PROVIDER && is_moot(text)) {
        if (placement_is_starting(placement) && placement->observed == NULL) {
            placement->unsure_until = instant_max(
                placement->unsure_until, instant_after(engine->now, UNSURE_RUNS_MS));
        }
        history_ended(engine, placement->flight.command, text);
        flight_end(engine, &placement->flight);
        retry_moot(engine, &placement->retry, text);
    } else if (is_not_enabled(placement, text)) {
        placement_switched_off(engine, placement, text);
    } else {
        if (placement_is_starting(placement) && placement->observed == NULL) {
            moment_set(engine, placement, MOMENT_DENIED, engine->now);
        }
        rollout_fail(engine, workload, placement, text);
    }
    state_mark(engine, &workload->item);
    state_changed(engine, &workload->item);
}

void placement_lose(struct engine *engine, struct placement *placement, bool is_stopped)
{
    if (!is_stopped && !placement_is_stopping(placement)) {
        placement->unsure_until =
            instant_max(placement->unsure_until, placement->flight.expires);
    }
    history_ended(engine, placement->flight.command, "its host is gone");
    flight_end(engine, &placement->flight);
    placement->is_replacing = false;
}

/* What was sent last to go up is what runs. */
static bool is_up(const struct placement *placement)
{
    const struct host_workload *observed = placement->observed;

    return observed != NULL && placement->ledger != NULL &&
           image_is_same(placement->kind, observed->image,
                         placement->ledger->u.start->image) &&
           (placement->kind == WORKLOAD_PROVIDER || observed->count == placement->asked);
}

static bool has_effect(const struct placement *placement)
{
    return placement_is_stopping(placement) ? placement->observed == NULL
                                            : is_up(placement);
}

/* Another image came up than the one that is being started. */
static bool has_contrary(const struct placement *placement)
{
    return placement->observed != NULL && placement->ledger != NULL &&
           placement->flight.kind != COMMAND_STOP_PROVIDER && placement->asked > 0 &&
           !placement->is_replacing &&
           !image_is_same(placement->kind, placement->observed->image,
                          placement->ledger->u.start->image);
}

/* What is under way has had no effect so far. */
static void wait_for_effect(struct engine *engine, struct workload_item *workload,
                            struct placement *placement)
{
    const bool is_contrary = has_contrary(placement);

    if (is_contrary &&
        instant_left(engine->now, placement->flight.expires) > CONTRARY_MS) {
        flight_limit(engine, &workload->item, &placement->flight, CONTRARY_MS);
    }
    if (!flight_has_expired(engine, &workload->item, &placement->flight)) {
        return;
    }
    retry_fail(engine, &placement->retry,
               is_contrary ? arena_print(&engine->scratch, "image %s runs instead",
                                         placement->observed->image)
                           : flight_in_vain(engine, &placement->flight));
    flight_end(engine, &placement->flight);
    state_changed(engine, &workload->item);
}

/* What is in doubt has come about after all, and nothing else can. */
static void end_doubt(struct engine *engine, struct workload_item *workload,
                      struct placement *placement)
{
    if (!placement->is_alone || !is_up(placement) ||
        !instant_is_before(engine->now, placement->unsure_until)) {
        return;
    }
    placement->unsure_until = engine->now;
    placement_confirm(engine, workload, placement, placement->ledger->application);
    state_changed(engine, &workload->item);
}

void placement_settle(struct engine *engine, struct workload_item *workload,
                      struct placement *placement)
{
    if (placement->flight.command == 0) {
        end_doubt(engine, workload, placement);
        return;
    }
    if (!has_effect(placement)) {
        wait_for_effect(engine, workload, placement);
        return;
    }
    flight_end(engine, &placement->flight);
    retry_clear(engine, &placement->retry);
    if (placement->observed == NULL) {
        /* What comes up next comes up alone. */
        placement_doubt(engine, workload, placement, false);
    } else {
        placement_confirm(engine, workload, placement, placement->ledger->application);
    }
    /* The links of its id may go on. */
    state_changed(engine, &workload->item);
}
