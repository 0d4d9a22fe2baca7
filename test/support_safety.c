#include "test/support_safety.h"

#include <stdlib.h>
#include <string.h>

#include "test/support_safety_state.h"

#define LINE_BYTES 4096
#define LACKING_MS ((int64_t)10 * 60 * 1000)

struct safety *safety_new(struct store *store,
                          void (*on_violation)(void *context, const char *text),
                          void *context)
{
    struct safety *safety = calloc(1, sizeof *safety);

    if (safety == NULL) {
        abort();
    }
    safety->store = store;
    safety->on_violation = on_violation;
    safety->context = context;
    return safety;
}

void safety_free(struct safety *safety)
{
    arena_free(&safety->arena);
    arena_free(&safety->wish_arena);
    free(safety);
}

void safety_violate(struct safety *safety, const char *rule, const char *detail,
                    const struct command *command)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, LINE_BYTES);
    text_append(&text, "%s: %s: ", rule, detail);
    command_print(command, &text);
    safety->on_violation(safety->context, text.bytes);
    arena_free(&arena);
}

static bool has_name(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

enum workload_kind safety_kind(const struct command *command)
{
    return command->kind == COMMAND_SCALE_COMPONENT ? WORKLOAD_COMPONENT
                                                    : WORKLOAD_PROVIDER;
}

/* --- foreign ----------------------------------------------------------------------- */

static bool is_our_config(const struct told_config *config)
{
    return config->is_confirmed ||
           (config->sent != NULL && strcmp(config->sent, config->content) == 0);
}

bool safety_is_our_link(const struct safety *safety, const struct link *link)
{
    const struct own_link *own = safety_link(safety, link);

    return own != NULL && !own->is_given_up &&
           (own->is_confirmed || link_is_equal(&own->sent, link));
}

bool safety_is_ours(const struct safety *safety, const char *host,
                    const struct host_workload *running)
{
    const struct own_start *own = safety_start(safety, host, running->id, running->kind);

    return safety_is_application(safety, running->application) ||
           (own != NULL && !own->is_given_up &&
            (own->is_confirmed ||
             (own->image != NULL && safety_is_image(own->image, running->image))));
}

static void check_foreign_link(struct safety *safety, const struct command *command)
{
    const struct told_source *source = safety_source(safety, command->u.link.source_id);
    const bool is_put = command->kind == COMMAND_PUT_LINK;

    for (size_t i = 0; source != NULL && i < source->count; i++) {
        const struct link *told = &source->links[i];

        if (is_put ? link_compare(told, &command->u.link) != 0
                   : !link_is_same_slot(told, &command->u.link)) {
            continue;
        }
        if (!safety_is_our_link(safety, told) && !link_is_equal(told, &command->u.link)) {
            safety_violate(safety, "foreign", "a link of others", command);
        }
        return; /* a delete takes the first of the slot, and no other */
    }
}

static void check_foreign(struct safety *safety, const struct command *command)
{
    if (command->kind == COMMAND_PUT_LINK || command->kind == COMMAND_DELETE_LINK) {
        check_foreign_link(safety, command);
    } else if (command->kind == COMMAND_PUT_CONFIG ||
               command->kind == COMMAND_DELETE_CONFIG) {
        const struct told_config *config = safety_config(safety, command->u.config.name);

        if (config != NULL && config->content != NULL && !is_our_config(config)) {
            safety_violate(safety, "foreign", "a config of others", command);
        }
    } else if (safety_is_workload(command)) {
        const struct host_workload *running = safety_running(
            safety, command->host, command->u.workload.id, safety_kind(command));

        if (running != NULL && !safety_is_ours(safety, command->host, running)) {
            safety_violate(safety, "foreign", "what others run", command);
        }
    }
}

/* --- twice -------------------------------------------------------------------------- */

/* The source that command is a mutation of; NULL none. */
static const char *mutated(const struct safety *safety, const struct command *command,
                           bool *ret_is_start)
{
    *ret_is_start = false;
    if (command->kind == COMMAND_PUT_LINK || command->kind == COMMAND_DELETE_LINK) {
        return command->u.link.source_id;
    }
    if (command->kind == COMMAND_START_PROVIDER ||
        (command->kind == COMMAND_SCALE_COMPONENT && command->u.workload.count > 0 &&
         safety_running(safety, command->host, command->u.workload.id,
                        WORKLOAD_COMPONENT) == NULL)) {
        *ret_is_start = true;
        return command->u.workload.id;
    }
    return NULL;
}

/* Nobody waits for a start on a host that fell silent, nor for one whose image or configs
 * are not wanted any more: it may come about late, like one that was not answered. */
static bool is_given_up(const struct safety *safety, const struct own_flight *flight)
{
    const struct told_host *host = safety_host(safety, flight->command.host);

    return flight->is_given_up || (host != NULL && safety_is_silent(safety, host));
}

static void give_up_starts(struct safety *safety)
{
    for (size_t i = 0; i < safety->flights_count; i++) {
        const struct command *start = &safety->flights[i].command;
        const struct workload_row *row =
            safety_is_workload(start)
                ? safety_wanted_workload(safety, start->u.workload.id)
                : NULL;

        safety->flights[i].is_given_up |=
            row != NULL &&
            (!safety_is_image(row->image, start->u.workload.image) ||
             names_compare(&row->configs, &start->u.workload.configs) != 0);
    }
}

static const char *other_kind(const struct command *command)
{
    return command->kind == COMMAND_PUT_LINK      ? "a put"
           : command->kind == COMMAND_DELETE_LINK ? "a delete"
                                                  : "the start";
}

static void check_twice(struct safety *safety, const struct command *command)
{
    bool is_start;
    const char *source = mutated(safety, command, &is_start);

    for (size_t i = 0; source != NULL && i < safety->flights_count; i++) {
        bool is_other_start;
        const struct own_flight *flight = &safety->flights[i];
        const char *other = mutated(safety, &flight->command, &is_other_start);

        if (!flight->is_over && other != NULL && strcmp(other, source) == 0 &&
            !(is_start && is_other_start) &&
            !(is_other_start && is_given_up(safety, flight))) {
            safety_violate(safety, "twice",
                           arena_print(&safety->arena,
                                       "%s of its source%s%s is in flight for %lld ms",
                                       other_kind(&flight->command),
                                       is_other_start ? " on " : "", flight->command.host,
                                       (long long)(safety->now.ms - flight->sent.ms)),
                           command);
            return;
        }
    }
}

bool safety_is_seen(const struct safety *safety, enum bucket bucket)
{
    return safety->is_listed[bucket] ||
           (safety->is_denied[bucket] && safety->heard.is_enough);
}

bool safety_is_mutated(const struct safety *safety, const char *source)
{
    for (size_t i = 0; i < safety->flights_count; i++) {
        const struct own_flight *flight = &safety->flights[i];

        if (!flight->is_over &&
            (flight->command.kind == COMMAND_PUT_LINK ||
             flight->command.kind == COMMAND_DELETE_LINK) &&
            strcmp(flight->command.u.link.source_id, source) == 0) {
            return true;
        }
    }
    return false;
}

bool safety_is_silent(const struct safety *safety, const struct told_host *host)
{
    return safety->now.ms - host->heard.ms >= SAFETY_SILENCE_MS;
}

/* --- blind, gone, in use -------------------------------------------------------------
 */

/* Takes something away? */
static bool is_fall(const struct safety *safety, const struct command *command)
{
    const struct host_workload *running;

    if (command->kind != COMMAND_SCALE_COMPONENT) {
        return command->kind == COMMAND_DELETE_CONFIG ||
               command->kind == COMMAND_DELETE_LINK ||
               command->kind == COMMAND_STOP_PROVIDER;
    }
    running =
        safety_running(safety, command->host, command->u.workload.id, WORKLOAD_COMPONENT);
    return running != NULL && command->u.workload.count < running->count;
}

static void check_blind(struct safety *safety, const struct command *command)
{
    bool has_host = false;

    for (size_t i = 0; i < safety->hosts_count; i++) {
        const struct told_host *host = &safety->hosts[i];

        has_host |= (host->is_told || host->is_heard) && !host->is_gone;
    }
    if (!safety->is_connected) {
        safety_violate(safety, "blind", "not connected", command);
    } else if (command->kind == COMMAND_MAKE_BUCKET) {
        if (safety->is_listed[command->u.bucket.which]) {
            safety_violate(safety, "idle", "the bucket is there", command);
        }
    } else if (!safety_is_seen(safety, BUCKET_LINKS) ||
               !safety_is_seen(safety, BUCKET_CONFIGS)) {
        safety_violate(safety, "blind", "a bucket is not listed", command);
    } else if (!has_host && is_fall(safety, command)) {
        safety_violate(safety, "blind", "no host has told its inventory", command);
    }
}

static void check_gone(struct safety *safety, const struct command *command)
{
    const struct told_host *host = safety_host(safety, command->host);

    if (command->host[0] != '\0' && host != NULL && host->is_gone) {
        safety_violate(safety, "gone", "the host has left", command);
    }
}

/* Is what was started there running, or coming? */
static bool is_alive(const struct safety *safety, const struct own_start *start)
{
    const struct told_host *host = safety_host(safety, start->host);

    if (host == NULL || host->is_gone || safety_is_silent(safety, host)) {
        return false;
    }
    if (safety_running(safety, start->host, start->id, start->kind) != NULL) {
        return true;
    }
    for (size_t i = 0; i < safety->flights_count; i++) {
        const struct command *command = &safety->flights[i].command;

        if (!safety->flights[i].is_over && safety_is_workload(command) &&
            safety_kind(command) == start->kind &&
            strcmp(command->host, start->host) == 0 &&
            strcmp(command->u.workload.id, start->id) == 0) {
            return true;
        }
    }
    return false;
}

static void check_use(struct safety *safety, const struct command *command)
{
    const char *name = command->u.config.name;

    if (command->kind != COMMAND_DELETE_CONFIG) {
        return;
    }
    for (size_t i = 0; i < safety->sources_count; i++) {
        for (size_t j = 0; j < safety->sources[i].count; j++) {
            const struct link *link = &safety->sources[i].links[j];

            if (has_name(&link->source_config, name) ||
                has_name(&link->target_config, name)) {
                safety_violate(safety, "in use",
                               arena_print(&safety->arena, "the link %s to %s names it",
                                           link->source_id, link->target),
                               command);
                return;
            }
        }
    }
    for (size_t i = 0; i < safety->starts_count; i++) {
        const struct own_start *start = &safety->starts[i];

        if (!start->is_given_up && has_name(&start->configs, name) &&
            is_alive(safety, start)) {
            safety_violate(safety, "in use",
                           arena_print(&safety->arena, "%s on %s was started with it",
                                       start->id, start->host),
                           command);
            return;
        }
    }
}

/* --- idle ----------------------------------------------------------------------------
 */

static bool has_link(const struct safety *safety, const struct link *link, bool is_exact)
{
    const struct told_source *source = safety_source(safety, link->source_id);

    for (size_t i = 0; source != NULL && i < source->count; i++) {
        if (is_exact ? link_is_equal(&source->links[i], link)
                     : link_is_same_slot(&source->links[i], link)) {
            return true;
        }
    }
    return false;
}

/* A host told that it lacks it: it is deaf, perhaps, and must be told again. */
static bool is_lacking(const struct safety *safety, const struct link *link)
{
    const struct own_link *own = safety_link(safety, link);

    return own != NULL && own->lacked.ms != INSTANT_NEVER.ms &&
           safety->now.ms - own->lacked.ms < LACKING_MS;
}

static void check_idle(struct safety *safety, const struct command *command)
{
    const struct told_config *config;
    bool is_idle = false;

    switch ((int)command->kind) { /* a scale says more than its count */
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
        config = safety_config(safety, command->u.config.name);
        is_idle = command->kind == COMMAND_DELETE_CONFIG
                      ? config == NULL || config->content == NULL
                      : config != NULL && config->content != NULL &&
                            strcmp(config->content, command->u.config.content) == 0 &&
                            !safety_is_unheard(safety, command);
        break;
    case COMMAND_PUT_LINK: /* again, to a host that is deaf */
        is_idle = has_link(safety, &command->u.link, true) &&
                  !is_lacking(safety, &command->u.link) &&
                  !safety_is_unheard(safety, command);
        break;
    case COMMAND_DELETE_LINK:
        is_idle = !has_link(safety, &command->u.link, false);
        break;
    case COMMAND_STOP_PROVIDER:
        is_idle = safety_running(safety, command->host, command->u.workload.id,
                                 WORKLOAD_PROVIDER) == NULL;
        break;
    default:
        break;
    }
    if (is_idle) {
        safety_violate(safety, "idle", "nothing would change", command);
    }
}

/* --- lost ----------------------------------------------------------------------------
 */

/* What others lost to a command of ours is told, with the command that restores it. */
static void check_lost(const struct safety *safety, const struct engine_update *update)
{
    for (size_t i = 0; i < safety->lost_count; i++) {
        struct arena arena = {0};
        const char *restore = loss_restore(&safety->lost[i], &arena);
        bool is_told = false;

        for (size_t j = 0; j < update->losses_count; j++) {
            is_told |= strcmp(update->losses[j].restore, restore) == 0;
        }
        if (!is_told) {
            safety->on_violation(
                safety->context,
                arena_print(&arena, "lost: nothing was said of it: %s", restore));
        }
        arena_free(&arena);
    }
}

/* --- all of them ----------------------------------------------------------------------
 */

void safety_update(struct safety *safety, struct instant now, const struct event *events,
                   size_t count, const struct engine_update *update)
{
    safety->now = now;
    safety->lost_count = 0;
    safety_forget_flights(safety);
    safety->are_wishes_new = false;
    for (size_t i = 0; i < count; i++) {
        safety_take(safety, &events[i]);
    }
    check_lost(safety, update);
    give_up_starts(safety);
    for (size_t i = 0; i < update->changes_count; i++) {
        safety_change(safety, &update->changes[i]);
    }
    for (size_t i = 0; i < update->commands_count; i++) {
        const struct command *command = &update->commands[i];

        if (!command_is_question(command->kind)) {
            check_blind(safety, command);
            check_gone(safety, command);
            check_foreign(safety, command);
            check_twice(safety, command);
            check_use(safety, command);
            check_idle(safety, command);
        }
        safety_note(safety, command);
    }
    /* Some commands of one step make room for others. */
    for (size_t i = 0; i < update->commands_count; i++) {
        safety_check_above(safety, &update->commands[i]);
    }
}
