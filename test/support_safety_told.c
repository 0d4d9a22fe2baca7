#include <string.h>

#include "test/support_safety_state.h"

/* A restarted engine knows nothing of what was in flight; it lets so much time pass. */
#define QUIET_MS ((int64_t)500)

/* From when we see again to when somebody may be taken for lost. */
#define SIGHT_MS ((int64_t)30 * 1000)

/* For how long a command counts as in flight when nothing is heard of it. */
#define ENTRY_MS ((int64_t)5000)
#define STOP_MS  ((int64_t)30 * 1000)
#define START_MS ((int64_t)10 * 60 * 1000)

static void confirm_config(struct safety *safety, struct told_config *config)
{
    const struct config_row *row = safety_wanted_config(safety, config->name);

    if (config->content != NULL &&
        ((config->sent != NULL && strcmp(config->content, config->sent) == 0) ||
         (row != NULL && strcmp(config->content, row->content) == 0))) {
        config->is_confirmed = true;
    }
}

static void tell_config(struct safety *safety, const char *name, const char *content)
{
    struct told_config *config = safety_keep_config(safety, name);

    config->is_listed = true;
    config->content = content != NULL ? arena_copy(&safety->arena, content) : NULL;
    confirm_config(safety, config);
}

/* What is wanted has changed: it may be there already. */
static void confirm_all(struct safety *safety)
{
    for (size_t i = 0; i < safety->configs_count; i++) {
        confirm_config(safety, &safety->configs[i]);
    }
    for (size_t i = 0; i < safety->sources_count; i++) {
        safety_confirm_links(safety, &safety->sources[i]);
    }
}

/* From now on the bucket tells of configs, in order: what hosts were asked before is no
 * news when they answer. */
static void end_questions(struct safety *safety)
{
    for (size_t i = 0; i < safety->flights_count; i++) {
        struct own_flight *flight = &safety->flights[i];

        flight->is_over |= flight->command.kind == COMMAND_ASK_CONFIG;
    }
}

static void begin_listing(struct safety *safety, enum bucket bucket)
{
    safety->is_listed[bucket] = false;
    safety->is_denied[bucket] = false;
    if (bucket == BUCKET_CONFIGS) {
        end_questions(safety);
    }
    for (size_t i = 0; bucket == BUCKET_CONFIGS && i < safety->configs_count; i++) {
        safety->configs[i].is_listed = false;
    }
    for (size_t i = 0; bucket == BUCKET_LINKS && i < safety->sources_count; i++) {
        safety->sources[i].is_listed = false;
    }
}

static void end_listing(struct safety *safety, enum bucket bucket)
{
    safety->is_listed[bucket] = true;
    for (size_t i = 0; bucket == BUCKET_CONFIGS && i < safety->configs_count; i++) {
        if (!safety->configs[i].is_listed) {
            tell_config(safety, safety->configs[i].name, NULL);
        }
    }
    for (size_t i = 0; bucket == BUCKET_LINKS && i < safety->sources_count; i++) {
        if (!safety->sources[i].is_listed) {
            safety_tell_links(safety, safety->sources[i].id, NULL, 0);
        }
    }
}

static struct told_host *keep_host(struct safety *safety, const char *id)
{
    struct told_host *host = safety_host(safety, id);

    if (host == NULL) {
        safety->hosts = arena_grow(&safety->arena, safety->hosts, safety->hosts_count,
                                   &safety->hosts_capacity, sizeof *safety->hosts);
        host = &safety->hosts[safety->hosts_count++];
        *host = (struct told_host){.id = arena_copy(&safety->arena, id)};
    }
    return host;
}

/* Nobody waited for what was under way on a host that has been silent for long. */
static void give_up_flights(struct safety *safety, const char *host)
{
    for (size_t i = 0; i < safety->flights_count; i++) {
        safety->flights[i].is_given_up |=
            strcmp(safety->flights[i].command.host, host) == 0;
    }
}

/* Do we see the lattice?  A last host that is gone leaves nobody who could tell. */
static bool is_seeing(const struct safety *safety)
{
    return safety->is_connected && safety_is_seen(safety, BUCKET_LINKS) &&
           safety_is_seen(safety, BUCKET_CONFIGS);
}

/* A host that is silent while we see may be taken for lost; then its next heartbeat may
 * be old news.  Nobody is taken for lost by the blind, nor right after. */
static void doubt(const struct safety *safety, struct told_host *host)
{
    const struct instant since = instant_max(host->heard, safety->connected_at);

    host->is_doubtful |= host->is_known &&
                         safety->now.ms - since.ms >= SAFETY_SILENCE_MS &&
                         safety->now.ms - safety->blind_at.ms >= SIGHT_MS;
}

/* Sight is about to be lost: who may have been taken for lost until now? */
static void doubt_all(const struct safety *safety)
{
    for (size_t i = 0; i < safety->hosts_count; i++) {
        doubt(safety, &safety->hosts[i]);
    }
}

static void hear(struct safety *safety, const char *id)
{
    struct told_host *host = keep_host(safety, id);

    doubt(safety, host);
    if (safety_is_silent(safety, host)) {
        give_up_flights(safety, id);
    }
    host->is_gone = false;
    host->silences = 0;
    host->heard = safety->now;
}

/* Does host run what command asks of it? */
static bool is_done(const struct safety *safety, const struct told_host *host,
                    const struct command *command)
{
    const bool is_component = command->kind == COMMAND_SCALE_COMPONENT;
    const struct host_workload *running =
        safety_running(safety, host->id, command->u.workload.id,
                       is_component ? WORKLOAD_COMPONENT : WORKLOAD_PROVIDER);
    const uint32_t wanted = safety_asked(command);

    return (running != NULL ? running->count : 0) == wanted;
}

static void confirm_starts(struct safety *safety, const struct told_host *host)
{
    for (size_t i = 0; i < host->count; i++) {
        const struct host_workload *running = &host->workloads[i];
        struct own_start *own =
            safety_start(safety, host->id, running->id, running->kind);

        if (own != NULL && !own->is_given_up &&
            (own->image == NULL || safety_is_image(own->image, running->image))) {
            own->is_confirmed = true;
        }
    }
    for (size_t i = 0; i < safety->flights_count; i++) {
        struct own_flight *flight = &safety->flights[i];

        if (safety_is_workload(&flight->command) &&
            strcmp(flight->command.host, host->id) == 0) {
            flight->is_over |= is_done(safety, host, &flight->command);
        }
    }
}

static void tell_inventory(struct safety *safety, const struct inventory *inventory)
{
    struct told_host *host = keep_host(safety, inventory->host);
    struct host_workload *copy =
        arena_array(&safety->arena, inventory->workloads_count, sizeof *copy);

    hear(safety, inventory->host);
    for (size_t i = 0; i < inventory->workloads_count; i++) {
        copy[i] = inventory->workloads[i];
        copy[i].id = arena_copy(&safety->arena, copy[i].id);
        copy[i].image = arena_copy(&safety->arena, copy[i].image);
        copy[i].application = arena_copy(&safety->arena, copy[i].application);
        copy[i].manager = arena_copy(&safety->arena, copy[i].manager);
    }
    host->is_told = true;
    host->is_known = true;
    host->is_doubtful = false;
    host->labels = properties_copy(&inventory->labels, &safety->arena);
    host->workloads = copy;
    host->count = inventory->workloads_count;
    confirm_starts(safety, host);
}

/* A heartbeat of a host that is not there is old news, perhaps, until it is asked: it may
 * be believed, and need not be. */
static void tell_heartbeat(struct safety *safety, const struct inventory *inventory)
{
    struct told_host *host = keep_host(safety, inventory->host);

    hear(safety, inventory->host);
    host->is_heard = host->is_known;
    if (host->is_known && !host->is_doubtful) {
        tell_inventory(safety, inventory);
    }
}

/* What ran there went with the process. */
static void lose_host(struct safety *safety, struct told_host *host)
{
    host->is_gone = true;
    host->is_told = false;
    host->is_heard = false;
    host->is_known = false;
    host->count = 0;
    for (size_t i = 0; i < safety->flights_count; i++) {
        if (strcmp(safety->flights[i].command.host, host->id) == 0) {
            safety->flights[i].is_over = true;
        }
    }
}

/* Nobody listens there; while we are blind that is not yet dead. */
static void fall_silent(struct safety *safety, const char *id)
{
    struct told_host *host = keep_host(safety, id);

    if (host->silences++ == 0) {
        host->since = safety->now;
    } else if (safety->now.ms - host->since.ms >= 1000 && is_seeing(safety)) {
        lose_host(safety, host);
    }
}

static void answered(struct safety *safety, const struct event *event)
{
    for (size_t i = 0; i < safety->flights_count; i++) {
        struct own_flight *flight = &safety->flights[i];

        if (flight->command.id != event->u.answered.command || flight->is_over) {
            continue;
        }
        if (flight->command.kind == COMMAND_ASK_CONFIG &&
            event->u.answered.answer == ANSWER_ACCEPTED) {
            const char *content = event->u.answered.text;

            tell_config(safety, flight->command.u.config.name,
                        content[0] != '\0' ? content : NULL);
        }
        if (event->u.answered.answer != ANSWER_ACCEPTED ||
            command_is_question(flight->command.kind)) {
            flight->is_over = true;
        }
        if (flight->command.kind == COMMAND_ASK_LINKS &&
            event->u.answered.answer != ANSWER_ACCEPTED) {
            safety->heard = (struct agreement){0};
        }
        if (event->u.answered.answer == ANSWER_NO_RESPONDERS &&
            flight->command.host[0] != '\0') {
            fall_silent(safety, flight->command.host);
        }
    }
}

static void failed(struct safety *safety, const struct event *event)
{
    for (size_t i = 0; i < safety->flights_count; i++) {
        const struct command *command = &safety->flights[i].command;

        if ((command->kind == COMMAND_SCALE_COMPONENT ||
             command->kind == COMMAND_START_PROVIDER) &&
            strcmp(command->host, event->u.workload.host) == 0 &&
            strcmp(command->u.workload.id, event->u.workload.id) == 0) {
            safety->flights[i].is_over = true;
        }
    }
    hear(safety, event->u.workload.host);
}

static int64_t patience_ms(const struct command *command)
{
    if (command_is_question(command->kind)) {
        return STOP_MS; /* it is over when it is answered, or given up */
    }
    switch ((int)command->kind) { /* the rest are all alike */
    case COMMAND_START_PROVIDER:
        return START_MS;
    case COMMAND_SCALE_COMPONENT:
        return command->u.workload.count == 0 ? STOP_MS : START_MS;
    case COMMAND_STOP_PROVIDER:
        return STOP_MS;
    default:
        return ENTRY_MS;
    }
}

void safety_forget_flights(struct safety *safety)
{
    size_t kept = 0;

    for (size_t i = 0; i < safety->flights_count; i++) {
        const struct own_flight *flight = &safety->flights[i];

        if (!flight->is_over &&
            safety->now.ms - flight->sent.ms < patience_ms(&flight->command)) {
            safety->flights[kept++] = *flight;
        }
    }
    safety->flights_count = kept;
}

/* A new process: it knows the ledger, and what is wanted. */
static void begin_anew(struct safety *safety)
{
    size_t kept = 0;

    safety->is_connected = false;
    for (size_t i = 0; i < safety->configs_count; i++) {
        safety->configs[i].content = NULL;
    }
    safety->sources_count = 0;
    safety->hosts_count = 0;
    for (size_t i = 0; i < safety->flights_count; i++) {
        struct own_flight flight = safety->flights[i];

        flight.command.id = 0; /* the numbers begin again */
        flight.sent.ms = safety->now.ms - patience_ms(&flight.command) + QUIET_MS;
        if (flight.command.kind == COMMAND_PUT_LINK ||
            flight.command.kind == COMMAND_DELETE_LINK) {
            safety->flights[kept++] = flight;
        }
    }
    safety->flights_count = kept;
}

static void disconnected(struct safety *safety)
{
    doubt_all(safety);
    safety->is_connected = false;
}

static void connected(struct safety *safety)
{
    disconnected(safety);
    safety->is_connected = true;
    safety->connected_at = safety->now;
    for (size_t i = 0; i < SAFETY_BUCKETS; i++) {
        safety->is_listed[i] = false;
        safety->is_denied[i] = false;
    }
    safety_doubt_links(safety);
    for (size_t i = 0; i < safety->hosts_count; i++) {
        safety->hosts[i].is_told = false;
        safety->hosts[i].is_heard = false;
        safety->hosts[i].silences = 0;
    }
}

static void tell_host(struct safety *safety, const struct event *event)
{
    if (event->kind == EVENT_HOST_STOPPED) {
        lose_host(safety, keep_host(safety, event->u.host.id));
    } else {
        hear(safety, event->u.host.id);
    }
}

void safety_take(struct safety *safety, const struct event *event)
{
    if (!is_seeing(safety)) {
        safety->blind_at = safety->now;
    }
    switch ((int)event->kind) { /* the rest says nothing of what there is */
    case EVENT_DECLARED:
    case EVENT_RETRACTED:
        safety_load_wishes(safety, event);
        confirm_all(safety);
        break;
    case EVENT_REMEMBERED:
        begin_anew(safety);
        for (size_t i = 0; safety->store == NULL && i < event->u.remembered.count; i++) {
            safety_remember(safety, &event->u.remembered.rows[i]);
        }
        break;
    case EVENT_CONNECTED:
        connected(safety);
        break;
    case EVENT_DISCONNECTED:
        disconnected(safety);
        break;
    case EVENT_INVENTORY:
        tell_inventory(safety, event->u.inventory);
        break;
    case EVENT_HEARTBEAT:
        tell_heartbeat(safety, event->u.inventory);
        break;
    case EVENT_HOST_STARTED:
    case EVENT_HOST_STOPPED:
    case EVENT_HOST_PINGED:
    case EVENT_HOST_CHANGED:
        tell_host(safety, event);
        break;
    case EVENT_WORKLOAD_FAILED:
        failed(safety, event);
        break;
    case EVENT_BUCKET_LISTING:
        doubt_all(safety);
        begin_listing(safety, event->u.bucket.bucket);
        break;
    case EVENT_BUCKET_LISTED:
        end_listing(safety, event->u.bucket.bucket);
        break;
    case EVENT_BUCKET_LOST:
        doubt_all(safety);
        safety->is_listed[event->u.bucket.bucket] = false;
        safety->is_denied[event->u.bucket.bucket] = event->u.bucket.loss == LOSS_DENIED;
        break;
    case EVENT_HEARD:
        safety_hear_links(safety, event);
        break;
    case EVENT_LINKS:
        safety_tell_links(safety, event->u.links.source_id, event->u.links.links,
                          event->u.links.count);
        break;
    case EVENT_CONFIG:
        tell_config(safety, event->u.config.name, event->u.config.content);
        break;
    case EVENT_ANSWERED:
        answered(safety, event);
        break;
    default:
        break;
    }
    safety_note_entry(safety, event);
}
