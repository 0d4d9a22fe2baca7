#include "reconciler/run/driver.h"

#include <string.h>

/* Until a store that failed is tried again. */
#define STORE_RETRY_MS 1000

static void report(struct driver *driver, const struct err *err)
{
    if (driver->on_error != NULL) {
        driver->on_error(driver->context, err);
    }
}

/* Store what update says; on failure nothing of it may be sent. */
static bool store_changes(struct driver *driver, struct instant now,
                          const struct engine_update *update)
{
    struct err err;

    if (driver->store == NULL || update->changes_count == 0) {
        return true;
    }
    if (store_write_ledger(driver->store, update->changes, update->changes_count,
                           driver->unix_ms + now.ms, &err) == ERR_OK) {
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

        if (driver->lattice.send(driver->lattice.context, command, now, &err) != ERR_OK) {
            carry_unsent(driver, command);
            driver->deadline = now;
            continue;
        }
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
    if (store_changes(driver, now, &update)) {
        send_commands(driver, now, &update);
    } else {
        give_back(driver, now, &update);
    }
    event_list_clear(&all);
}

static enum err_code add_application(struct driver *driver, const char *application,
                                     struct event_list *list, struct err *err)
{
    struct desired *desired = arena_alloc(&list->arena, sizeof *desired);
    const enum err_code code =
        store_desired(driver->store, application, &list->arena, desired, err);

    if (code == ERR_NOTFOUND) { /* it is not deployed: then it wants nothing */
        event_list_add(list, &(struct event){.kind = EVENT_RETRACTED,
                                             .u.retracted = {application, false}});
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
        code = add_application(driver, applications[i], &list, err);
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

enum err_code driver_load(struct driver *driver, struct instant now, struct err *err)
{
    struct event_list list = {0};
    struct store_applications applications;
    enum err_code code = add_ledger(driver, now, &list, err);

    if (code == ERR_OK) {
        code = store_list(driver->store, &list.arena, &applications, err);
    }
    for (size_t i = 0; code == ERR_OK && i < applications.count; i++) {
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

void driver_clear(struct driver *driver)
{
    event_list_clear(&driver->carried);
}
