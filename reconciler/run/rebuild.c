#include "reconciler/run/rebuild.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/run/client.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/reconciler.h"

struct rebuilding {
    const struct options *options;
    const char *path;
    struct arena *arena;
    struct ledger_rows ledger;
    struct rebuild_rest *rest;
    size_t rest_count;
    size_t rest_capacity;
};

static enum err_code check_alone(const struct rebuilding *rebuilding, struct err *err)
{
    struct client *client;
    struct stat status;
    enum err_code code;
    bool has_daemon = false;

    if (stat(rebuilding->path, &status) == 0) {
        return err_set(err, ERR_CONFLICT,
                       "store %s is there: trellis apply uses it; if it is damaged, move "
                       "it away first",
                       rebuilding->path);
    }
    code = client_open(rebuilding->options, &client, err);
    if (code != ERR_OK) {
        return code;
    }
    code = client_find_daemon(client, &has_daemon, err);
    client_close(client);
    if (code == ERR_OK && has_daemon) {
        code = err_set(err, ERR_CONFLICT,
                       "a daemon of lattice '%s' answers, which has a store: stop it "
                       "first",
                       rebuilding->options->lattice);
    }
    return code;
}

static int compare_rows(const void *a, const void *b)
{
    return ledger_compare(a, b);
}

static bool is_claimed(const struct rebuilding *rebuilding, const struct ledger_row *row)
{
    return bsearch(row, rebuilding->ledger.items, rebuilding->ledger.count, sizeof *row,
                   compare_rows) != NULL;
}

static void add(struct rebuilding *rebuilding, const struct ledger_row *row,
                struct rebuild_rest rest)
{
    if (is_claimed(rebuilding, row)) {
        return;
    }
    rebuilding->rest =
        arena_grow(rebuilding->arena, rebuilding->rest, rebuilding->rest_count,
                   &rebuilding->rest_capacity, sizeof *rebuilding->rest);
    rest.name = arena_copy(rebuilding->arena, rest.name);
    rest.host = arena_copy(rebuilding->arena, rest.host);
    rest.application = arena_copy(rebuilding->arena, rest.application);
    rebuilding->rest[rebuilding->rest_count++] = rest;
}

static void add_config(struct rebuilding *rebuilding, const char *name)
{
    const struct ledger_row row = {.kind = LEDGER_CONFIG, .u.config.name = name};

    add(rebuilding, &row, (struct rebuild_rest){"config", name, "", ""});
}

static void add_links(struct rebuilding *rebuilding, const struct event *event)
{
    for (size_t i = 0; i < event->u.links.count; i++) {
        const struct link *link = &event->u.links.links[i];
        const struct ledger_row row = {.kind = LEDGER_LINK, .u.link = link};
        const char *name =
            arena_print(rebuilding->arena, "%s -[%s %s:%s]-> %s", link->source_id,
                        link->name, link->wit_namespace, link->wit_package, link->target);

        add(rebuilding, &row, (struct rebuild_rest){"link", name, "", ""});
    }
}

static void add_workloads(struct rebuilding *rebuilding,
                          const struct inventory *inventory)
{
    for (size_t i = 0; i < inventory->workloads_count; i++) {
        const struct host_workload *workload = &inventory->workloads[i];
        const struct ledger_row row = {
            .kind =
                workload->kind == WORKLOAD_PROVIDER ? LEDGER_PROVIDER : LEDGER_COMPONENT,
            .u.workload = {.host = inventory->host, .id = workload->id},
        };

        add(rebuilding, &row,
            (struct rebuild_rest){workload_kind_name(workload->kind), workload->id,
                                  inventory->name, workload->application});
    }
}

/* What is seen, and in no row of the ledger. */
static enum err_code find_rest(struct rebuilding *rebuilding,
                               struct reconciler *reconciler, struct err *err)
{
    const struct event *events;
    size_t count;
    const enum err_code code = store_read_ledger(
        reconciler_store(reconciler), 0, rebuilding->arena, &rebuilding->ledger, err);

    if (code != ERR_OK) {
        return code;
    }
    engine_export(reconciler_engine(reconciler), rebuilding->arena, &events, &count);
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind == EVENT_CONFIG) {
            add_config(rebuilding, events[i].u.config.name);
        } else if (events[i].kind == EVENT_LINKS) {
            add_links(rebuilding, &events[i]);
        } else if (events[i].kind == EVENT_INVENTORY) {
            add_workloads(rebuilding, events[i].u.inventory);
        }
    }
    return ERR_OK;
}

/* Want all of manifests, and see what of it is there. */
static enum err_code claim(struct rebuilding *rebuilding, struct reconciler *reconciler,
                           const struct api_manifests *manifests,
                           struct rebuilt *ret_rebuilt, struct err *err)
{
    struct deployment deployment;
    enum err_code code = deploy_manifests(reconciler_store(reconciler), manifests,
                                          rebuilding->arena, &deployment, err);

    ret_rebuilt->findings = deployment.report.findings;
    if (code == ERR_OK) {
        code =
            reconciler_reload(reconciler, deployment.applications, deployment.count, err);
    }
    if (code == ERR_OK) {
        code = reconciler_see(reconciler, rebuilding->options->timeout_ms, err);
    }
    if (code == ERR_OK) {
        code = find_rest(rebuilding, reconciler, err);
    }
    if (code == ERR_OK) {
        ret_rebuilt->applications_count = deployment.count;
        ret_rebuilt->claimed_count = rebuilding->ledger.count;
        ret_rebuilt->rest = rebuilding->rest;
        ret_rebuilt->rest_count = rebuilding->rest_count;
    }
    return code;
}

/* Half a store is worse than none: it would be taken for one. */
static void remove_store(const struct rebuilding *rebuilding)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        (void)unlink(
            arena_print(rebuilding->arena, "%s%s", rebuilding->path, suffixes[i]));
    }
}

enum err_code rebuild_store(const struct options *options,
                            const struct api_manifests *manifests, struct arena *arena,
                            struct rebuilt *ret_rebuilt, struct err *err)
{
    struct rebuilding rebuilding = {
        .options = options, .path = options_store(options, arena), .arena = arena};
    struct reconciler *reconciler = NULL;
    enum err_code code = check_alone(&rebuilding, err);
    bool is_ours;

    *ret_rebuilt = (struct rebuilt){.findings = ""};
    if (code != ERR_OK) {
        return code;
    }
    code = reconciler_open(options, RECONCILER_CLAIMANT, &reconciler, err);
    is_ours = code != ERR_CONFLICT; /* nobody was faster */
    if (code == ERR_OK) {
        code = claim(&rebuilding, reconciler, manifests, ret_rebuilt, err);
        reconciler_close(reconciler);
    }
    if (code != ERR_OK && is_ours) {
        remove_store(&rebuilding);
    }
    return code;
}
