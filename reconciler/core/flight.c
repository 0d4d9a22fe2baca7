#include "reconciler/core/flight.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/core/asking.h"
#include "reconciler/core/history.h"
#include "reconciler/core/timing.h"

bool flight_has_room(struct engine *engine, struct item *item, struct host_item *host,
                     struct verdict *ret_verdict)
{
    struct item *full = NULL;

    if (host != NULL && host->flights_count >= HOST_FLIGHTS_MAX) {
        full = &host->item;
    } else if (engine->common_count >= FLIGHTS_MAX) {
        full = &engine->room;
    }
    if (full != NULL) {
        state_wait(item, full);
        *ret_verdict = (struct verdict){REASON_ROOM, full};
    }
    return full == NULL;
}

static int64_t lifetime_ms(const struct engine *engine, enum command_kind kind)
{
    switch (kind) {
    case COMMAND_PUT_LINK:
    case COMMAND_DELETE_LINK:
        return asking_is_on(engine, BUCKET_LINKS) ? asking_expiry_ms(engine)
                                                  : EXPIRY_ENTRY_MS;
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
    case COMMAND_MAKE_BUCKET:
        return EXPIRY_ENTRY_MS;
    case COMMAND_START_PROVIDER:
    case COMMAND_SCALE_COMPONENT:
        return EXPIRY_START_MS;
    case COMMAND_STOP_PROVIDER:
        return EXPIRY_STOP_MS;
    case COMMAND_ASK_HOSTS:
    case COMMAND_ASK_HOST:
    case COMMAND_ASK_CONFIG:
    case COMMAND_ASK_LINKS:
        return EXPIRY_QUESTION_MS;
    }
    abort();
}

/* Remember whose the next command is, and number it. */
static uint64_t owner_add(struct engine *engine, struct item *item,
                          struct placement *placement)
{
    engine->owners = arena_grow(&engine->arena, engine->owners, engine->owners_count,
                                &engine->owners_capacity, sizeof *engine->owners);
    engine->commands_count++;
    engine->owners[engine->owners_count++] = (struct flight_owner){
        .command = engine->commands_count,
        .item = item,
        .placement = placement,
        .sent = engine->now,
    };
    return engine->commands_count;
}

static struct command *update_add(struct engine *engine)
{
    engine->commands =
        arena_grow(&engine->scratch, engine->commands, engine->update_commands_count,
                   &engine->update_commands_capacity, sizeof *engine->commands);
    return &engine->commands[engine->update_commands_count++];
}

struct command *flight_issue(struct engine *engine, struct item *item,
                             struct placement *placement, struct flight *flight,
                             enum command_kind kind)
{
    struct command *command = update_add(engine);

    assert(flight->command == 0);
    assert(!engine->is_observer || command_is_question(kind));

    *flight = (struct flight){
        .command = owner_add(engine, item, placement),
        .kind = kind,
    };
    flight_limit(engine, item, flight, lifetime_ms(engine, kind));
    engine->flights_count += command_is_question(kind) ? 0 : 1;
    engine->common_count += command_is_question(kind) ? 0 : 1;
    if (placement != NULL) {
        placement->host->flights_count++;
    }
    *command = (struct command){
        .id = flight->command,
        .kind = kind,
        .application = "",
        .reason = "",
        .host = placement != NULL ? placement->host->item.name : "",
    };
    return command;
}

void flight_limit(struct engine *engine, struct item *item, struct flight *flight,
                  int64_t ms)
{
    flight->expires = instant_after(engine->now, ms);
    state_wake(engine, item, flight->expires);
}

static struct flight_owner *find(const struct engine *engine, uint64_t command)
{
    size_t low = 0;
    size_t high = engine->owners_count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (engine->owners[middle].command == command) {
            return &engine->owners[middle];
        }
        if (engine->owners[middle].command < command) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const struct flight_owner *flight_owner(const struct engine *engine, uint64_t command)
{
    return find(engine, command);
}

int64_t flight_ms(const struct engine *engine, const struct flight *flight)
{
    const struct flight_owner *owner = find(engine, flight->command);

    return owner != NULL ? engine->now.ms - owner->sent.ms : 0;
}

const char *flight_in_vain(struct engine *engine, const struct flight *flight)
{
    return arena_print(&engine->scratch, "no effect was seen in %lld s",
                       (long long)(flight_ms(engine, flight) + 999) / 1000);
}

/* Does it take room that is for all, and not for one host? */
static bool is_common(const struct engine *engine, const struct flight *flight)
{
    const struct flight_owner *owner = find(engine, flight->command);

    assert(owner != NULL);

    return !command_is_question(flight->kind) &&
           (owner->placement == NULL || !flight->is_accepted);
}

void flight_accepted_there(struct engine *engine, struct flight *flight)
{
    engine->common_count -= is_common(engine, flight) ? 1 : 0;
    flight->is_accepted = true;
}

void flight_end(struct engine *engine, struct flight *flight)
{
    struct flight_owner *owner;

    if (flight->command == 0) {
        return;
    }
    owner = find(engine, flight->command);
    assert(owner != NULL);
    history_ended(engine, flight->command,
                  instant_is_before(engine->now, flight->expires)
                      ? NULL
                      : flight_in_vain(engine, flight));

    engine->flights_count -= command_is_question(flight->kind) ? 0 : 1;
    engine->common_count -= is_common(engine, flight) ? 1 : 0;
    if (owner->placement != NULL) {
        owner->placement->host->flights_count--;
    }
    engine->owners_count--;
    memmove(owner, owner + 1,
            (size_t)(&engine->owners[engine->owners_count] - owner) * sizeof *owner);
    *flight = (struct flight){0};
}

bool flight_has_expired(struct engine *engine, struct item *item,
                        const struct flight *flight)
{
    if (flight->command == 0) {
        return false;
    }
    if (!instant_is_before(engine->now, flight->expires)) {
        return true;
    }
    state_wake(engine, item, flight->expires);
    return false;
}
