#include <stdlib.h>
#include <string.h>

#include "linkstore/expand_secret.h"
#include "test/support_safety_state.h"

struct told_config *safety_config(const struct safety *safety, const char *name)
{
    for (size_t i = 0; i < safety->configs_count; i++) {
        if (strcmp(safety->configs[i].name, name) == 0) {
            return &safety->configs[i];
        }
    }
    return NULL;
}

struct told_source *safety_source(const struct safety *safety, const char *id)
{
    for (size_t i = 0; i < safety->sources_count; i++) {
        if (strcmp(safety->sources[i].id, id) == 0) {
            return &safety->sources[i];
        }
    }
    return NULL;
}

struct told_host *safety_host(const struct safety *safety, const char *id)
{
    for (size_t i = 0; i < safety->hosts_count; i++) {
        if (strcmp(safety->hosts[i].id, id) == 0) {
            return &safety->hosts[i];
        }
    }
    return NULL;
}

struct own_link *safety_link(const struct safety *safety, const struct link *key)
{
    for (size_t i = 0; i < safety->links_count; i++) {
        if (link_compare(&safety->links[i].sent, key) == 0) {
            return &safety->links[i];
        }
    }
    return NULL;
}

struct own_start *safety_start(const struct safety *safety, const char *host,
                               const char *id, enum workload_kind kind)
{
    for (size_t i = 0; i < safety->starts_count; i++) {
        struct own_start *start = &safety->starts[i];

        if (start->kind == kind && strcmp(start->id, id) == 0 &&
            strcmp(start->host, host) == 0) {
            return start;
        }
    }
    return NULL;
}

const struct host_workload *safety_running(const struct safety *safety, const char *host,
                                           const char *id, enum workload_kind kind)
{
    const struct told_host *told = safety_host(safety, host);

    for (size_t i = 0; told != NULL && i < told->count; i++) {
        if (told->workloads[i].kind == kind && strcmp(told->workloads[i].id, id) == 0) {
            return &told->workloads[i];
        }
    }
    return NULL;
}

const struct config_row *safety_wanted_config(const struct safety *safety,
                                              const char *name)
{
    for (size_t i = 0; i < safety->wishes_count; i++) {
        for (size_t j = 0; j < safety->wishes[i].configs_count; j++) {
            if (strcmp(safety->wishes[i].configs[j].name, name) == 0) {
                return &safety->wishes[i].configs[j];
            }
        }
    }
    return NULL;
}

const struct link_row *safety_wanted_link(const struct safety *safety,
                                          const struct link *key)
{
    for (size_t i = 0; i < safety->wishes_count; i++) {
        for (size_t j = 0; j < safety->wishes[i].links_count; j++) {
            if (link_compare(&safety->wishes[i].links[j].link, key) == 0) {
                return &safety->wishes[i].links[j];
            }
        }
    }
    return NULL;
}

const struct workload_row *safety_wanted_workload(const struct safety *safety,
                                                  const char *id)
{
    for (size_t i = 0; i < safety->wishes_count; i++) {
        for (size_t j = 0; j < safety->wishes[i].workloads_count; j++) {
            if (strcmp(safety->wishes[i].workloads[j].id, id) == 0) {
                return &safety->wishes[i].workloads[j];
            }
        }
    }
    return NULL;
}

bool safety_is_application(const struct safety *safety, const char *name)
{
    for (size_t i = 0; i < safety->wishes_count; i++) {
        if (strcmp(safety->wishes[i].application, name) == 0) {
            return true;
        }
    }
    return false;
}

uint32_t safety_asked(const struct command *command)
{
    return command->kind == COMMAND_START_PROVIDER    ? 1
           : command->kind == COMMAND_SCALE_COMPONENT ? command->u.workload.count
                                                      : 0;
}

bool safety_is_workload(const struct command *command)
{
    return command->kind == COMMAND_START_PROVIDER ||
           command->kind == COMMAND_STOP_PROVIDER ||
           command->kind == COMMAND_SCALE_COMPONENT;
}

bool safety_is_image(const char *a, const char *b)
{
    const char *left = strstr(a, "://");
    const char *right = strstr(b, "://");

    return strcmp(left != NULL ? left + 3 : a, right != NULL ? right + 3 : b) == 0;
}

void safety_load_wishes(struct safety *safety, const struct event *event)
{
    struct store_applications applications;
    struct desired *wishes;
    struct err err;

    if (safety->store == NULL) {
        safety->wishes = event->u.declared;
        safety->wishes_count = event->kind == EVENT_DECLARED ? 1 : 0;
        return;
    }
    if (safety->are_wishes_new) {
        return;
    }
    safety->are_wishes_new = true;
    arena_free(&safety->wish_arena);
    if (store_list(safety->store, &safety->wish_arena, &applications, &err) != ERR_OK) {
        abort();
    }
    wishes = arena_array(&safety->wish_arena, applications.count, sizeof *wishes);
    safety->wishes_count = 0;
    for (size_t i = 0; i < applications.count; i++) {
        if (applications.items[i].deployed != NULL &&
            store_desired(safety->store, applications.items[i].name, &safety->wish_arena,
                          &wishes[safety->wishes_count++], &err) != ERR_OK) {
            abort();
        }
    }
    safety->wishes = wishes;
}

bool safety_is_secret(const char *config)
{
    return strncmp(config, EXPAND_SECRET_PREFIX, strlen(EXPAND_SECRET_PREFIX)) == 0;
}
