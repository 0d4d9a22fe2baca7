#include "test/support_truth_delivery.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/sim/json.h"
#include "test/support_words.h"

#define KEYS_MAX        64
#define PRINT_BYTES_MAX ((size_t)1024 * 1024)

struct merged {
    struct property items[KEYS_MAX];
    size_t count;
};

static void merge_one(struct merged *merged, const struct property *property)
{
    size_t at = 0;

    while (at < merged->count && strcmp(merged->items[at].key, property->key) < 0) {
        at++;
    }
    if (at == merged->count || strcmp(merged->items[at].key, property->key) != 0) {
        if (merged->count == KEYS_MAX) {
            abort();
        }
        memmove(&merged->items[at + 1], &merged->items[at],
                (merged->count - at) * sizeof *merged->items);
        merged->count++;
    }
    merged->items[at] = *property;
}

/* What configs come to now: later ones win. */
static const char *contents(const struct sim_lattice *lattice,
                            const struct names *configs, struct arena *arena)
{
    struct merged merged = {.count = 0};
    struct text text;

    for (size_t i = 0; i < configs->count; i++) {
        struct properties map = {0};
        size_t length;
        const char *bytes =
            sim_lattice_get(lattice, "CONFIGDATA_default", configs->items[i], &length);

        if (bytes != NULL && strncmp(configs->items[i], "SECRET", 6) != 0 &&
            sim_json_read_map(bytes, length, arena, &map)) {
            for (size_t k = 0; k < map.count; k++) {
                merge_one(&merged, &map.items[k]);
            }
        }
    }
    text_init(&text, arena, PRINT_BYTES_MAX);
    sim_json_print_map(&(struct properties){merged.items, merged.count}, &text);
    return text.bytes;
}

static bool is_of_link(const struct sim_route *route, const struct link *link)
{
    return strcmp(route->source, link->source_id) == 0 &&
           strcmp(route->target, link->target) == 0 &&
           strcmp(route->name, link->name) == 0 &&
           strcmp(route->wit_namespace, link->wit_namespace) == 0 &&
           strcmp(route->wit_package, link->wit_package) == 0;
}

/* Was link given to that provider of host, with the contents of now? */
static void check_end(const struct sim_lattice *lattice, const struct sim_host *host,
                      const struct link *link, const char *provider,
                      struct text *problems)
{
    struct arena arena = {0};
    const char *source = contents(lattice, &link->source_config, &arena);
    const char *target = contents(lattice, &link->target_config, &arena);
    const char *problem = "was never given";
    struct sim_route route;

    for (size_t i = 0; sim_host_delivery(host, i, &route); i++) {
        if (strcmp(route.provider, provider) == 0 && is_of_link(&route, link)) {
            problem = strcmp(route.source_config, source) == 0 &&
                              strcmp(route.target_config, target) == 0
                          ? NULL
                          : "was given with other contents";
        }
    }
    if (problem != NULL) {
        text_append(problems, "link %s %s -> %s %s to %s on %s\n", link->source_id,
                    link->name, link->target, problem, provider, sim_host_name(host));
    }
    arena_free(&arena);
}

static const struct workload_row *find_row(const struct desired *desired, const char *id)
{
    for (size_t i = 0; i < desired->workloads_count; i++) {
        if (strcmp(desired->workloads[i].id, id) == 0) {
            return &desired->workloads[i];
        }
    }
    return NULL;
}

/* Where links alone are given anew, a provider of an old SDK does not take them back; and
 * one of another application is started anew when that application says so. */
static bool may_lack(const struct desired *desired, const struct link_row *link,
                     const struct workload_row *provider)
{
    return link->source_shared != NULL || link->target_shared != NULL ||
           (desired->redeliver == REDELIVER_LINK &&
            (provider == NULL || strstr(provider->image, "builtin://") == NULL));
}

/* What a provider that runs on host, a line of its print, was given. */
static void check_provider(const struct sim_lattice *lattice, const struct sim_host *host,
                           const struct desired *desired, const struct names *line,
                           struct text *problems)
{
    const struct workload_row *row = find_row(desired, line->items[1]);
    struct arena arena = {0};

    for (size_t i = 0; i < desired->links_count; i++) {
        const struct link *link = &desired->links[i].link;

        if (!may_lack(desired, &desired->links[i], row) &&
            (strcmp(link->source_id, line->items[1]) == 0 ||
             strcmp(link->target, line->items[1]) == 0)) {
            check_end(lattice, host, link, line->items[1], problems);
        }
    }
    if (row != NULL && desired->redeliver != REDELIVER_LINK &&
        strcmp(line->count > 7 ? line->items[7] : "{}",
               contents(lattice, &row->configs, &arena)) != 0) {
        text_append(problems, "provider %s on %s was started with other contents\n",
                    row->id, sim_host_name(host));
    }
    arena_free(&arena);
}

/* What the secrets among configs refer to now. */
static const char *references(const struct sim_lattice *lattice,
                              const struct names *configs, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, PRINT_BYTES_MAX);
    text_append(&text, "%s", "");
    for (size_t i = 0; i < configs->count; i++) {
        size_t length;
        const char *bytes =
            sim_lattice_get(lattice, "CONFIGDATA_default", configs->items[i], &length);

        if (bytes != NULL && strncmp(configs->items[i], "SECRET", 6) == 0) {
            text_append(&text, "%.*s", (int)length, bytes);
        }
    }
    return text.bytes;
}

/* With which secrets a component was started that runs on host, a line of its print. */
static void check_component(const struct sim_lattice *lattice,
                            const struct sim_host *host, const struct desired *desired,
                            const struct names *line, struct text *problems)
{
    const struct workload_row *row = find_row(desired, line->items[1]);
    struct arena arena = {0};

    if (row != NULL && desired->redeliver != REDELIVER_LINK &&
        strcmp(line->count > 9 ? line->items[9] : "",
               references(lattice, &row->configs, &arena)) != 0) {
        text_append(problems, "component %s on %s was started with other secrets\n",
                    row->id, sim_host_name(host));
    }
    arena_free(&arena);
}

static void check_host(const struct sim_lattice *lattice, const struct sim_host *host,
                       const struct desired *desired, struct text *problems)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, PRINT_BYTES_MAX);
    sim_host_print(host, &text);
    for (const char *at = text.bytes; *at != '\0';) {
        const size_t length = strcspn(at, "\n");
        const struct names line =
            script_split(&arena, arena_text(&arena, at, length), ' ');

        if (line.count > 5 && strcmp(line.items[0], "provider") == 0) {
            check_provider(lattice, host, desired, &line, problems);
        } else if (line.count > 5 && strcmp(line.items[0], "component") == 0) {
            check_component(lattice, host, desired, &line, problems);
        }
        at += length + (at[length] == '\n');
    }
    arena_free(&arena);
}

void truth_check_delivery(const struct sim_lattice *lattice,
                          const struct desired *desired, struct text *problems)
{
    for (size_t i = 0;
         desired->redeliver != REDELIVER_NEVER && i < sim_lattice_hosts_count(lattice);
         i++) {
        const struct sim_host *host = sim_lattice_host_at(lattice, i);

        if (sim_host_is_running(host)) {
            check_host(lattice, host, desired, problems);
        }
    }
}
