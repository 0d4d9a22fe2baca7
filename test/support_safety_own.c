#include <string.h>

#include "test/support_safety_state.h"

struct told_config *safety_keep_config(struct safety *safety, const char *name)
{
    struct told_config *config = safety_config(safety, name);

    if (config == NULL) {
        safety->configs =
            arena_grow(&safety->arena, safety->configs, safety->configs_count,
                       &safety->configs_capacity, sizeof *safety->configs);
        config = &safety->configs[safety->configs_count++];
        *config = (struct told_config){.name = arena_copy(&safety->arena, name)};
    }
    return config;
}

struct own_link *safety_keep_link(struct safety *safety, const struct link *link)
{
    struct own_link *own = safety_link(safety, link);

    if (own == NULL) {
        safety->links = arena_grow(&safety->arena, safety->links, safety->links_count,
                                   &safety->links_capacity, sizeof *safety->links);
        own = &safety->links[safety->links_count++];
        *own = (struct own_link){.sent = link_copy(link, &safety->arena),
                                 .lacked = INSTANT_NEVER};
    }
    if (!link_is_equal(&own->sent, link)) {
        own->sent = link_copy(link, &safety->arena);
    }
    own->is_given_up = false;
    return own;
}

/* What was sent before may come about late: once two contents were sent, the key is ours,
 * for the ledger keeps one. */
static void note_link(struct safety *safety, const struct link *link)
{
    const struct own_link *before = safety_link(safety, link);
    const bool is_second =
        before != NULL && !before->is_given_up && !link_is_equal(&before->sent, link);

    safety_keep_link(safety, link)->is_confirmed |= is_second;
}

static void note_config(struct safety *safety, const char *name, const char *content)
{
    struct told_config *config = safety_keep_config(safety, name);

    config->is_confirmed |= config->sent != NULL && strcmp(config->sent, content) != 0;
    config->sent = arena_copy(&safety->arena, content);
}

static void give_up_start(struct safety *safety, const struct ledger_row *row)
{
    struct own_start *own = safety_start(
        safety, row->u.workload.host, row->u.workload.id,
        row->kind == LEDGER_PROVIDER ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT);

    if (own != NULL) {
        own->is_given_up = true;
        own->is_confirmed = false;
    }
}

static struct own_start *keep_start(struct safety *safety, const char *host,
                                    const char *id, enum workload_kind kind)
{
    struct own_start *own = safety_start(safety, host, id, kind);

    if (own == NULL) {
        safety->starts = arena_grow(&safety->arena, safety->starts, safety->starts_count,
                                    &safety->starts_capacity, sizeof *safety->starts);
        own = &safety->starts[safety->starts_count++];
        *own = (struct own_start){
            .host = arena_copy(&safety->arena, host),
            .id = arena_copy(&safety->arena, id),
            .kind = kind,
        };
    }
    own->is_given_up = false;
    return own;
}

/*
 * The ledger keeps that something runs: what the annotation of an application of ours
 * says is adopted by that.  Or it keeps that something was there, and has gone: then it
 * names no configs any more.
 */
static void note_kept(struct safety *safety, const struct ledger_row *row)
{
    const enum workload_kind kind =
        row->kind == LEDGER_PROVIDER ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT;
    const char *host = row->u.workload.host;
    const char *id = row->u.workload.id;
    const struct host_workload *running = safety_running(safety, host, id, kind);
    struct own_start *own = safety_start(safety, host, id, kind);

    if (own != NULL && row->u.workload.configs.count == 0 && running == NULL) {
        own->configs = (struct names){0};
    }
    if ((own == NULL || own->is_given_up) && running != NULL &&
        row->state == LEDGER_CONFIRMED &&
        safety_is_application(safety, running->application)) {
        own = keep_start(safety, host, id, kind);
        own->is_confirmed = true;
        own->image = NULL;
        own->secrets = NULL;
        own->configs = names_copy(&row->u.workload.configs, &safety->arena);
    }
}

void safety_change(struct safety *safety, const struct ledger_change *change)
{
    const struct ledger_row *row = &change->row;

    if (row->application[0] == '\0') {
        return; /* nobody's: it entitles to nothing */
    }
    if (change->kind != LEDGER_DROP) {
        if (row->kind != LEDGER_CONFIG && row->kind != LEDGER_LINK) {
            note_kept(safety, row);
        }
        return;
    }
    if (row->kind == LEDGER_CONFIG) {
        struct told_config *config = safety_config(safety, row->u.config.name);

        if (config != NULL) {
            config->sent = NULL;
            config->is_confirmed = false;
        }
    } else if (row->kind == LEDGER_LINK) {
        struct own_link *own = safety_link(safety, row->u.link);

        if (own != NULL) {
            own->is_given_up = true;
            own->is_confirmed = false;
        }
    } else {
        give_up_start(safety, row);
    }
}

void safety_remember(struct safety *safety, const struct ledger_row *row)
{
    const bool is_confirmed = row->state == LEDGER_CONFIRMED;

    if (row->kind == LEDGER_LINK) {
        safety_keep_link(safety, row->u.link)->is_confirmed = is_confirmed;
    } else if (row->kind != LEDGER_CONFIG) {
        struct own_start *own = keep_start(
            safety, row->u.workload.host, row->u.workload.id,
            row->kind == LEDGER_PROVIDER ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT);

        own->image = arena_copy(&safety->arena, row->u.workload.image);
        own->configs = names_copy(&row->u.workload.configs, &safety->arena);
        own->asked = UINT32_MAX; /* nobody knows */
        own->is_confirmed = is_confirmed;
    }
}

/* What the secrets among configs refer to, as it was told. */
static const char *secrets_of(struct safety *safety, const struct names *configs)
{
    const char *secrets = "";

    for (size_t i = 0; i < configs->count; i++) {
        const struct told_config *config = safety_config(safety, configs->items[i]);

        if (!safety_is_secret(configs->items[i])) {
            continue;
        }
        if (config == NULL || config->content == NULL) {
            return NULL;
        }
        secrets = arena_print(&safety->arena, "%s%s", secrets, config->content);
    }
    return secrets;
}

static void note_start(struct safety *safety, const struct command *command)
{
    const struct own_start *before =
        safety_start(safety, command->host, command->u.workload.id, safety_kind(command));
    const bool is_second = before != NULL && !before->is_given_up &&
                           before->image != NULL &&
                           !safety_is_image(before->image, command->u.workload.image);
    struct own_start *own =
        keep_start(safety, command->host, command->u.workload.id, safety_kind(command));

    own->is_confirmed |= is_second;
    own->image = arena_copy(&safety->arena, command->u.workload.image);
    own->configs = names_copy(&command->u.workload.configs, &safety->arena);
    own->secrets = secrets_of(safety, &own->configs);
    own->asked = command->kind == COMMAND_START_PROVIDER ? 1 : command->u.workload.count;
}

static void note_stop(struct safety *safety, const struct command *command)
{
    struct own_start *own = safety_start(
        safety, command->host, command->u.workload.id,
        command->kind == COMMAND_STOP_PROVIDER ? WORKLOAD_PROVIDER : WORKLOAD_COMPONENT);

    if (own != NULL) {
        own->asked = 0;
    }
}

/* A copy of command, which the engine takes back at the next step. */
static struct command copy_command(struct safety *safety, const struct command *command)
{
    struct command copy = *command;

    copy.host = arena_copy(&safety->arena, command->host);
    switch ((int)command->kind) { /* questions have nothing else */
    case COMMAND_PUT_CONFIG:
    case COMMAND_DELETE_CONFIG:
    case COMMAND_ASK_CONFIG:
        copy.u.config.name = arena_copy(&safety->arena, command->u.config.name);
        break;
    case COMMAND_PUT_LINK:
    case COMMAND_DELETE_LINK:
        copy.u.link = link_copy(&command->u.link, &safety->arena);
        break;
    case COMMAND_START_PROVIDER:
    case COMMAND_STOP_PROVIDER:
    case COMMAND_SCALE_COMPONENT:
        copy.u.workload.id = arena_copy(&safety->arena, command->u.workload.id);
        copy.u.workload.image = arena_copy(&safety->arena, command->u.workload.image);
        copy.u.workload.configs =
            names_copy(&command->u.workload.configs, &safety->arena);
        break;
    default:
        break;
    }
    return copy;
}

/* The last word counts; returns how many of the same the one before asked for. */
static uint32_t end_flights_before(struct safety *safety, const struct command *command)
{
    uint32_t asked = 0;

    for (size_t i = 0; safety_is_workload(command) && i < safety->flights_count; i++) {
        const struct command *before = &safety->flights[i].command;

        if (safety_is_workload(before) && strcmp(before->host, command->host) == 0 &&
            strcmp(before->u.workload.id, command->u.workload.id) == 0) {
            if (!safety->flights[i].is_over &&
                safety_is_image(before->u.workload.image, command->u.workload.image) &&
                names_compare(&before->u.workload.configs,
                              &command->u.workload.configs) == 0) {
                asked = safety_asked(before);
            }
            safety->flights[i].is_over = true;
        }
    }
    return asked;
}

void safety_note(struct safety *safety, const struct command *command)
{
    uint32_t before;

    if (command->kind == COMMAND_PUT_CONFIG) {
        note_config(safety, command->u.config.name, command->u.config.content);
    } else if (command->kind == COMMAND_PUT_LINK) {
        note_link(safety, &command->u.link);
    } else if (command->kind == COMMAND_START_PROVIDER ||
               (command->kind == COMMAND_SCALE_COMPONENT &&
                command->u.workload.count > 0)) {
        note_start(safety, command);
    } else if (command->kind == COMMAND_STOP_PROVIDER ||
               command->kind == COMMAND_SCALE_COMPONENT) {
        note_stop(safety, command);
    }
    if (command->kind == COMMAND_PUT_LINK || command->kind == COMMAND_DELETE_LINK) {
        safety_rest_links(safety, command->u.link.source_id);
    }
    before = end_flights_before(safety, command);
    safety->flights = arena_grow(&safety->arena, safety->flights, safety->flights_count,
                                 &safety->flights_capacity, sizeof *safety->flights);
    safety->flights[safety->flights_count++] = (struct own_flight){
        .command = copy_command(safety, command),
        .sent = safety->now,
        .before = before,
    };
}
