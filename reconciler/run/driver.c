#include "reconciler/run/driver.h"

#include <string.h>

#include "linkstore/step.h"
#include "linkstore/store_history.h"
#include "linkstore/store_memory.h"
#include "linkstore/store_taint.h"
#include "reconciler/run/clock.h"

/* Until a store that failed is tried again. */
#define STORE_RETRY_MS 1000
/* Between two notes of when hosts were heard and how far buckets have come, if there is
 * nothing else to be kept. */
#define REMEMBER_MS ((int64_t)60 * 1000)
/* Of a command in the history. */
#define LINE_BYTES_MAX ((size_t)4096)

static void report(struct driver *driver, const struct err *err)
{
    if (driver->on_error != NULL) {
        driver->on_error(driver->context, err);
    }
}

/* What failed on a host, for the history. */
static enum err_code note_failures(struct driver *driver, struct instant now,
                                   const struct event_list *events, struct err *err)
{
    enum err_code code = ERR_OK;
    struct arena arena = {0};

    for (size_t i = 0; i < events->count && code == ERR_OK; i++) {
        const struct event *event = &events->items[i];

        if (event->kind == EVENT_WORKLOAD_FAILED) {
            code = store_note_failure(
                driver->store, event->u.workload.id,
                arena_print(&arena, "%s on host %s: %s", event->u.workload.id,
                            event->u.workload.host, event->u.workload.text),
                driver->unix_ms + now.ms, err);
        }
    }
    arena_free(&arena);
    return code;
}

static enum err_code note_commands(struct driver *driver, struct instant now,
                                   const struct engine_update *update, struct err *err)
{
    struct arena arena = {0};
    struct store_command *commands =
        arena_array(&arena, update->commands_count, sizeof *commands);
    size_t count = 0;
    enum err_code code;

    for (size_t i = 0; i < update->commands_count; i++) {
        const struct command *command = &update->commands[i];
        struct text text;

        if (command_is_question(command->kind)) {
            continue;
        }
        text_init(&text, &arena, LINE_BYTES_MAX);
        command_print(command, &text);
        text.bytes[strcspn(text.bytes, "\n")] = '\0';
        commands[count++] = (struct store_command){
            command->application, command_kind_name(command->kind), text.bytes};
    }
    code = store_note_commands(driver->store, commands, count, driver->unix_ms + now.ms,
                               err);
    arena_free(&arena);
    return code;
}

/* Is what is known of the lattice other than what was kept, or that long ago? */
static bool has_memory(const struct driver *driver, struct instant now)
{
    return driver->is_remembering &&
           (driver->memory_revision != engine_memory_revision(driver->engine) ||
            instant_is_due(driver->remember_at, now));
}

static enum err_code write_memory(struct driver *driver, struct instant now,
                                  struct err *err)
{
    struct arena arena = {0};
    struct memory memory;
    enum err_code code = ERR_OK;

    if (engine_remember(driver->engine, &arena, &memory)) {
        code = store_write_memory(driver->store, &memory, driver->unix_ms + now.ms, err);
    }
    if (code == ERR_OK) {
        driver->memory_revision = engine_memory_revision(driver->engine);
        driver->remember_at = instant_after(now, REMEMBER_MS);
    }
    arena_free(&arena);
    return code;
}

/* Does this turn leave anything to be kept? */
static bool has_news(const struct event_list *events, const struct engine_update *update)
{
    for (size_t i = 0; i < update->commands_count; i++) {
        if (!command_is_question(update->commands[i].kind)) {
            return true;
        }
    }
    for (size_t i = 0; i < events->count; i++) {
        if (events->items[i].kind == EVENT_WORKLOAD_FAILED) {
            return true;
        }
    }
    return update->changes_count > 0;
}

/* One transaction a turn. */
static enum err_code write_turn(struct driver *driver, struct instant now,
                                const struct event_list *events,
                                const struct engine_update *update, struct err *err)
{
    enum err_code code = store_begin(driver->store, err);

    if (code != ERR_OK) {
        return code;
    }
    code = store_write_ledger(driver->store, update->changes, update->changes_count,
                              driver->unix_ms + now.ms, err);
    if (code == ERR_OK) {
        code = note_commands(driver, now, update, err);
    }
    if (code == ERR_OK) {
        code = note_failures(driver, now, events, err);
    }
    if (code == ERR_OK && has_memory(driver, now)) {
        code = write_memory(driver, now, err);
    }
    if (code == ERR_OK) {
        return store_commit(driver->store, err);
    }
    store_rollback(driver->store);
    return code;
}

/* Store what update says; on failure nothing of it may be sent. */
static bool store_turn(struct driver *driver, struct instant now,
                       const struct event_list *events,
                       const struct engine_update *update)
{
    struct err err;
    enum err_code code;
    int64_t begun_us;

    if (driver->store == NULL ||
        (!has_news(events, update) && !has_memory(driver, now))) {
        return true;
    }
    begun_us = driver->on_stored != NULL ? clock_us() : 0;
    code = write_turn(driver, now, events, update, &err);
    if (driver->on_stored != NULL) {
        driver->on_stored(driver->context, clock_us() - begun_us);
    }
    if (code == ERR_OK) {
        driver->is_store_failing = false;
        return true;
    }
    if (!driver->is_store_failing) {
        report(driver, &err);
    }
    driver->is_store_failing = true;
    return false;
}

static void carry_unsent(struct driver *driver, const struct command *command)
{
    event_list_add(&driver->carried, &(struct event){
                                         .kind = EVENT_ANSWERED,
                                         .u.answered = {command->id, ANSWER_UNSENT, ""},
                                     });
}

static void send_commands(struct driver *driver, struct instant now,
                          const struct engine_update *update)
{
    for (size_t i = 0; i < update->commands_count; i++) {
        const struct command *command = &update->commands[i];
        struct err err;

        step_pass();
        if (driver->lattice.send(driver->lattice.context, command, now, &err) != ERR_OK) {
            carry_unsent(driver, command);
            driver->deadline = now;
            continue;
        }
        step_pass();
        driver->commands_count += command_is_question(command->kind) ? 0 : 1;
        if (driver->on_command != NULL) {
            driver->on_command(driver->context, command);
        }
    }
}

/* Nothing was stored, so nothing goes out, not even a question. */
static void give_back(struct driver *driver, struct instant now,
                      const struct engine_update *update)
{
    event_list_add(&driver->carried, &(struct event){.kind = EVENT_UNSAVED});
    for (size_t i = 0; i < update->commands_count; i++) {
        carry_unsent(driver, &update->commands[i]);
    }
    driver->deadline.ms = now.ms + STORE_RETRY_MS;
}

void driver_step(struct driver *driver, struct instant now, const struct event *events,
                 size_t count)
{
    struct event_list all = driver->carried;
    struct engine_update update;

    driver->carried = (struct event_list){0};
    for (size_t i = 0; i < count; i++) {
        event_list_add(&all, &events[i]);
    }
    engine_step(driver->engine, now, all.items, all.count, &update);
    driver->deadline = update.deadline;
    if (driver->on_update != NULL) {
        driver->on_update(driver->context, all.items, all.count, &update);
    }
    for (size_t i = 0; driver->on_loss != NULL && i < update.losses_count; i++) {
        driver->on_loss(driver->context, &update.losses[i]);
    }
    if (store_turn(driver, now, &all, &update)) {
        send_commands(driver, now, &update);
    } else {
        give_back(driver, now, &update);
    }
    if (driver->is_remembering && !driver->is_store_failing) {
        driver->deadline = instant_min(driver->deadline, driver->remember_at);
    }
    event_list_clear(&all);
}

static void add_retracted(struct event_list *list, const char *application,
                          bool is_pruned)
{
    event_list_add(list, &(struct event){.kind = EVENT_RETRACTED,
                                         .u.retracted = {application, is_pruned}});
}

static void add_pause(struct event_list *list, const char *application, bool is_paused)
{
    event_list_add(list, &(struct event){.kind = EVENT_PAUSED,
                                         .u.paused = {application, is_paused}});
}

/* Whether application, which may be gone, is paused. */
static enum err_code add_pause_of(struct driver *driver, const char *application,
                                  struct event_list *list, struct err *err)
{
    struct store_application known = {0};
    const enum err_code code =
        store_find(driver->store, application, &list->arena, &known, err);

    add_pause(list, application, known.paused_unix_ms != 0);
    return code == ERR_NOTFOUND ? ERR_OK : code;
}

static enum err_code add_application(struct driver *driver, const char *application,
                                     struct event_list *list, struct err *err)
{
    struct desired *desired = arena_alloc(&list->arena, sizeof *desired);
    const enum err_code code =
        store_desired(driver->store, application, &list->arena, desired, err);

    if (code == ERR_NOTFOUND) { /* it is not deployed: then it wants nothing */
        add_retracted(list, application, false);
        return ERR_OK;
    }
    if (code == ERR_OK) {
        event_list_add(list,
                       &(struct event){.kind = EVENT_DECLARED, .u.declared = desired});
    }
    return code;
}

static bool is_among(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Those among applications come anyway. */
static enum err_code add_users(struct driver *driver, const struct names *applications,
                               const char *application, struct event_list *list,
                               struct err *err)
{
    struct names users = {0};
    enum err_code code =
        store_users(driver->store, application, &list->arena, &users, err);

    for (size_t i = 0; i < users.count && code == ERR_OK; i++) {
        if (!is_among(applications, users.items[i])) {
            code = add_application(driver, users.items[i], list, err);
        }
    }
    return code;
}

enum err_code driver_reload(struct driver *driver, struct instant now,
                            const char *const *applications, size_t count,
                            struct err *err)
{
    const struct names names = {applications, count};
    struct event_list list = {0};
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < count && code == ERR_OK; i++) {
        code = add_pause_of(driver, applications[i], &list, err);
        if (code == ERR_OK) {
            code = add_application(driver, applications[i], &list, err);
        }
        if (code == ERR_OK) {
            code = add_users(driver, &names, applications[i], &list, err);
        }
    }
    if (code == ERR_OK) {
        driver_step(driver, now, list.items, list.count);
    }
    event_list_clear(&list);
    return code;
}

enum err_code driver_prune(struct driver *driver, struct instant now,
                           const char *const *applications, size_t count, struct err *err)
{
    const struct names names = {applications, count};
    struct event_list list = {0};
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < count && code == ERR_OK; i++) {
        add_pause(&list, applications[i], false);
        add_retracted(&list, applications[i], true);
        code = add_users(driver, &names, applications[i], &list, err);
    }
    if (code == ERR_OK) {
        driver_step(driver, now, list.items, list.count);
    }
    event_list_clear(&list);
    return code;
}

static enum err_code add_ledger(struct driver *driver, struct instant now,
                                struct event_list *list, struct err *err)
{
    struct ledger_rows rows;
    const enum err_code code = store_read_ledger(driver->store, driver->unix_ms + now.ms,
                                                 &list->arena, &rows, err);

    if (code == ERR_OK) {
        event_list_add(list, &(struct event){
                                 .kind = EVENT_REMEMBERED,
                                 .u.remembered = {rows.items, rows.count},
                             });
    }
    return code;
}

static enum err_code add_taints(struct driver *driver, struct event_list *list,
                                struct err *err)
{
    struct ledger_rows rows;
    const enum err_code code = store_read_taints(driver->store, &list->arena, &rows, err);

    if (code == ERR_OK && rows.count > 0) {
        event_list_add(list, &(struct event){
                                 .kind = EVENT_REMEMBERED,
                                 .u.remembered = {rows.items, rows.count},
                             });
    }
    return code;
}

static enum err_code add_memory(struct driver *driver, struct instant now,
                                struct event_list *list, struct err *err)
{
    struct memory *memory = arena_alloc(&list->arena, sizeof *memory);
    const enum err_code code = store_read_memory(driver->store, driver->unix_ms + now.ms,
                                                 &list->arena, memory, err);

    if (code == ERR_OK) {
        event_list_add(list,
                       &(struct event){.kind = EVENT_RECALLED, .u.recalled = memory});
    }
    return code;
}

enum err_code driver_load(struct driver *driver, struct instant now, struct err *err)
{
    struct event_list list = {0};
    struct store_applications applications;
    enum err_code code = ERR_OK;

    driver->remember_at = instant_after(now, REMEMBER_MS);
    if (driver->is_remembering) {
        code = add_memory(driver, now, &list, err);
    }
    if (code == ERR_OK) {
        code = add_ledger(driver, now, &list, err);
    }
    if (code == ERR_OK) {
        code = add_taints(driver, &list, err);
    }
    if (code == ERR_OK) {
        code = store_list(driver->store, &list.arena, &applications, err);
    }
    for (size_t i = 0; code == ERR_OK && i < applications.count; i++) {
        if (applications.items[i].paused_unix_ms != 0) {
            add_pause(&list, applications.items[i].name, true);
        }
        if (applications.items[i].deployed != NULL) {
            code = add_application(driver, applications.items[i].name, &list, err);
        }
    }
    if (code == ERR_OK) {
        driver_step(driver, now, list.items, list.count);
    }
    event_list_clear(&list);
    return code;
}

void driver_remember(struct driver *driver, struct instant now)
{
    struct err err;

    if (driver->is_remembering && !driver->is_store_failing &&
        write_memory(driver, now, &err) != ERR_OK) {
        report(driver, &err);
    }
}

void driver_clear(struct driver *driver)
{
    event_list_clear(&driver->carried);
}
