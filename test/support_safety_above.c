#include <string.h>

#include "test/support_safety_state.h"

static bool has_labels(const struct told_host *host, const struct properties *required)
{
    size_t found = 0;

    for (size_t i = 0; i < required->count; i++) {
        for (size_t j = 0; j < host->labels.count; j++) {
            found += strcmp(host->labels.items[j].key, required->items[i].key) == 0 &&
                     strcmp(host->labels.items[j].value, required->items[i].value) == 0;
        }
    }
    return found == required->count;
}

/* Does host fit a spread of row? */
static bool fits(const struct told_host *host, const struct workload_row *row)
{
    for (size_t i = 0; i < row->spreads_count; i++) {
        if (has_labels(host, &row->spreads[i].requirements)) {
            return true;
        }
    }
    return false;
}

/* Does host have label "true"? */
static bool has_flag(const struct told_host *host, const char *label)
{
    const struct property flag = {label, "true"};

    return has_labels(host, &(const struct properties){&flag, 1});
}

static bool is_builtin(const struct workload_row *row)
{
    return row != NULL && strncmp(row->image, "wasmcloud+builtin://", 20) == 0;
}

/* Is row, or what it is linked with, a provider that reaches only its own host? */
static bool is_beside(const struct safety *safety, const struct workload_row *row)
{
    for (size_t i = 0; i < safety->wishes_count; i++) {
        for (size_t j = 0; j < safety->wishes[i].links_count; j++) {
            const struct link *link = &safety->wishes[i].links[j].link;
            const bool is_source = strcmp(link->source_id, row->id) == 0;
            const char *other = is_source ? link->target : link->source_id;

            if ((is_source || strcmp(link->target, row->id) == 0) &&
                (is_builtin(row) || is_builtin(safety_wanted_workload(safety, other)))) {
                return true;
            }
        }
    }
    return false;
}

static bool is_rebalancing(const struct safety *safety, const struct workload_row *row)
{
    for (size_t i = 0; i < safety->wishes_count; i++) {
        const struct desired *wish = &safety->wishes[i];

        for (size_t j = 0; j < wish->workloads_count; j++) {
            if (&wish->workloads[j] == row) {
                return wish->is_rebalancing;
            }
        }
    }
    return false;
}

/* May what runs or starts on host be counted on? */
static bool is_counted(const struct safety *safety, const struct told_host *host,
                       const struct workload_row *row)
{
    return !host->is_gone && !host->is_doubtful && host->silences == 0 &&
           fits(host, row) && !safety_is_silent(safety, host);
}

/* Was it started as row says? */
static bool is_wanted(const struct workload_row *row, const char *image,
                      const struct names *configs)
{
    return safety_is_image(image, row->image) &&
           names_compare(configs, &row->configs) == 0;
}

/* Do its secrets refer to what they did when it was started, by all that is known? */
static bool has_its_secrets(const struct safety *safety, const struct own_start *own)
{
    const char *rest = own->secrets;

    for (size_t i = 0; rest != NULL && i < own->configs.count; i++) {
        const char *name = own->configs.items[i];
        const struct config_row *row = safety_wanted_config(safety, name);

        if (safety_is_secret(name) && row != NULL) {
            if (strncmp(rest, row->content, strlen(row->content)) != 0) {
                return false;
            }
            rest += strlen(row->content);
        }
    }
    return true;
}

/* Is what runs on host what is wanted, or that of which more is asked for now? */
static bool is_of(const struct safety *safety, const struct told_host *host,
                  const struct workload_row *row, const struct command *command)
{
    const struct host_workload *running =
        safety_running(safety, host->id, row->id, row->kind);
    const struct own_start *own = safety_start(safety, host->id, row->id, row->kind);

    if (running == NULL || !safety_is_ours(safety, host->id, running)) {
        return false;
    }
    if (!is_wanted(row, command->u.workload.image, &command->u.workload.configs)) {
        return safety_is_image(running->image, command->u.workload.image);
    }
    return safety_is_image(running->image, row->image) &&
           (own == NULL || own->is_given_up || own->image == NULL ||
            (is_wanted(row, own->image, &own->configs) && has_its_secrets(safety, own)));
}

/* Is it under way to what is wanted, or to that of which more is asked for now? */
static bool is_towards(const struct workload_row *row, const struct command *flight,
                       const struct command *command)
{
    return is_wanted(row, flight->u.workload.image, &flight->u.workload.configs) ||
           (safety_is_image(flight->u.workload.image, command->u.workload.image) &&
            names_compare(&flight->u.workload.configs, &command->u.workload.configs) ==
                0);
}

/*
 * What is asked of host, or, where nothing is in flight, runs there: of what is wanted,
 * and of what command asks for more of, where a rollout is halted.  What else runs there,
 * or was asked for before, is replaced, and is not resized before.
 */
static uint64_t target(const struct safety *safety, const struct told_host *host,
                       const struct workload_row *row, const struct command *command)
{
    const struct host_workload *running =
        safety_running(safety, host->id, row->id, row->kind);
    uint64_t count = is_of(safety, host, row, command) ? running->count : 0;
    const struct own_start *own = safety_start(safety, host->id, row->id, row->kind);

    if (own != NULL && own->asked < count) {
        count = own->asked; /* not done yet, and asked again and again */
    }
    for (size_t i = 0; i < safety->flights_count; i++) {
        const struct command *flight = &safety->flights[i].command;

        if (safety->flights[i].is_over || !safety_is_workload(flight) ||
            strcmp(flight->host, host->id) != 0 ||
            strcmp(flight->u.workload.id, row->id) != 0) {
            continue;
        }
        /* Where another image came up that one is replaced, too. */
        count = is_towards(row, flight, command) &&
                        (running == NULL ||
                         safety_is_image(running->image, flight->u.workload.image))
                    ? safety_asked(flight)
                    : 0;
    }
    return count;
}

/*
 * What moves is replaced first: as many more may be asked for as run, or were asked
 * for, on hosts that are to be emptied; where row is to be beside something, on all; or,
 * where it is to be even, which goes host by host, on the one that has most.
 */
static uint64_t count_moving(const struct safety *safety, const struct workload_row *row,
                             const struct command *command)
{
    const bool is_all_moving = is_beside(safety, row);
    uint64_t moving = 0;
    uint64_t most = 0;

    for (size_t i = 0; i < safety->hosts_count; i++) {
        const struct told_host *host = &safety->hosts[i];
        const struct host_workload *running =
            safety_running(safety, host->id, row->id, row->kind);
        const uint64_t asked = target(safety, host, row, command);
        const uint64_t count =
            running != NULL && running->count > asked ? running->count : asked;

        moving += is_all_moving || has_flag(host, "trellis.dev/drain") ? count : 0;
        most = count > most ? count : most;
    }
    return moving + (is_rebalancing(safety, row) ? most : 0);
}

/* Asks for more than runs there, or was asked for just before? */
static bool is_rise(const struct safety *safety, const struct command *command)
{
    const struct host_workload *running;
    uint32_t before = 0;

    if (!safety_is_workload(command)) {
        return false;
    }
    running = safety_running(safety, command->host, command->u.workload.id,
                             safety_kind(command));
    for (size_t i = 0; i < safety->flights_count; i++) {
        if (safety->flights[i].command.id == command->id) {
            before = safety->flights[i].before;
        }
    }
    if (running != NULL && command->kind == COMMAND_SCALE_COMPONENT &&
        running->count > before) {
        before = running->count;
    }
    return safety_asked(command) > before;
}

/*
 * Does a spread lack what is asked for, whatever there is on hosts that it does not fit?
 * What is on its way to these, and fitted when it was sent, cannot be called back.
 */
static bool is_lacking(const struct safety *safety, const struct workload_row *row,
                       const struct command *command)
{
    const struct told_host *asked = safety_host(safety, command->host);
    uint64_t weights = 0;

    for (size_t i = 0; i < row->spreads_count; i++) {
        weights += row->spreads[i].weight;
    }
    for (size_t i = 0; asked != NULL && i < row->spreads_count; i++) {
        const struct spread_row *spread = &row->spreads[i];
        const uint64_t most =
            ((uint64_t)row->instances * spread->weight + weights - 1) / weights;
        uint64_t sum = 0;

        for (size_t j = 0; j < safety->hosts_count; j++) {
            const struct told_host *host = &safety->hosts[j];

            sum +=
                has_labels(host, &spread->requirements) && is_counted(safety, host, row)
                    ? target(safety, host, row, command)
                    : 0;
        }
        if (has_labels(asked, &spread->requirements) && sum <= most) {
            return true;
        }
    }
    return false;
}

void safety_check_above(struct safety *safety, const struct command *command)
{
    const struct workload_row *row;
    uint64_t sum = 0;

    if (!is_rise(safety, command)) {
        return;
    }
    row = safety_wanted_workload(safety, command->u.workload.id);
    if (row == NULL) {
        safety_violate(safety, "above", "nobody wants it", command);
        return;
    }
    for (size_t i = 0; i < safety->hosts_count; i++) {
        const struct told_host *host = &safety->hosts[i];
        const uint64_t count =
            is_counted(safety, host, row) ? target(safety, host, row, command) : 0;

        sum += count;
        if (row->is_daemon && strcmp(host->id, command->host) == 0 &&
            count > row->instances) {
            safety_violate(safety, "above", "more than are wanted on that host", command);
        }
    }
    if (!row->is_daemon && sum > row->instances + count_moving(safety, row, command) &&
        !is_lacking(safety, row, command)) {
        safety_violate(safety, "above", "more than are wanted", command);
    }
}
