#include <stdio.h>
#include <string.h>

#include "linkstore/store_file.h"
#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/handover.h"
#include "reconciler/wire/api.h"
#include "reconciler/wire/json.h"

/* An export under way. */
struct export
{
    const struct options *options;
    struct client *client;
    struct store *store; /* a copy: nothing is written to it */
    struct arena *arena;
    struct handover handover;
};

/* Whoever serves wadm's API would write over what is exported, or never see it. */
static enum err_code check_silence(const struct export *export, struct err *err)
{
    const struct options *options = export->options;
    const char *subject = arena_print(export->arena, "%s.%s.model.list",
                                      options->api_prefix, options->lattice);
    struct client_answer answer = {.status = ""};
    bool has_daemon = false;
    enum err_code code = client_find_daemon(export->client, &has_daemon, err);

    if (code == ERR_OK && has_daemon) {
        /* That one answers for wadm, and has the lattice alone if it does. */
        return options->is_dry_run
                   ? ERR_OK
                   : err_set(err, ERR_CONFLICT,
                             "a trellis daemon keeps lattice %s: stop it first, so that "
                             "nothing is put after the export",
                             options->lattice);
    }
    if (code == ERR_OK) {
        code = client_fetch(export->client, subject, export->arena, &answer, err);
    }
    if (code == ERR_OK) {
        return err_set(err, ERR_CONFLICT,
                       "a wadm answers for lattice %s: stop it first, it would not "
                       "notice what is exported",
                       options->lattice);
    }
    if (code == ERR_TIMEOUT) {
        return err_set(err, ERR_CONFLICT,
                       "somebody listens to %s and does not answer: stop that wadm first",
                       subject);
    }
    return code == ERR_NOTFOUND ? ERR_OK : code;
}

static enum err_code export_all(struct export *export, struct err *err)
{
    enum err_code code = check_silence(export, err);

    if (code == ERR_OK) {
        code = handover_plan(export->client, export->store, export->arena,
                             &export->handover, err);
    }
    if (code == ERR_OK && !export->options->is_dry_run) {
        code = handover_write(export->client, &export->handover, export->arena, err);
    }
    return code;
}

static enum err_code check_options(const struct options *options, struct err *err)
{
    if (!options->is_wadm) {
        return err_set(err, ERR_USAGE, "say where to: export --to-wadm");
    }
    if (strncmp(options->api_prefix, "*.", 2) == 0) {
        return err_set(err, ERR_USAGE,
                       "a wadm for many accounts keeps manifests by account: give the "
                       "prefix of one that serves one account");
    }
    return ERR_OK;
}

static void print_item(const struct handover_item *item, size_t index, bool is_json,
                       struct text *text)
{
    const bool is_new = item->before.bytes == NULL;

    if (is_json) {
        text_append(text, index > 0 ? ",{" : "{");
        json_print_text(text, "name", item->application);
        json_print_integer(text, "versions", item->versions_count);
        json_print_text(text, "deployed", item->deployed);
        json_print_bool(text, "replaced", !is_new && handover_is_due(item));
        text_append(text, "}");
        return;
    }
    text_append(text, "%s: %zu version%s", item->application, item->versions_count,
                item->versions_count == 1 ? "" : "s");
    text_append(text, ", %s deployed%s\n",
                item->deployed != NULL ? item->deployed : "none",
                is_new                  ? ""
                : handover_is_due(item) ? ", in place of what is in the bucket"
                                        : ", as it is in the bucket already");
}

static void print(const struct export *export)
{
    const struct handover *handover = &export->handover;
    const bool is_json = export->options->is_json;
    const bool is_dry = export->options->is_dry_run;
    const size_t count = handover->count - 1; /* without the list */
    struct text text;

    text_init(&text, export->arena, MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        print_item(&handover->items[i], i, is_json, &text);
    }
    if (is_json) {
        (void)printf("{\"schema\":%d,\"result\":\"ok\",\"dry_run\":%s,"
                     "\"applications\":[%s]}\n",
                     API_SCHEMA, is_dry ? "true" : "false", text.bytes);
        return;
    }
    (void)printf("%s%zu application%s %s\n", text.bytes, count, count == 1 ? "" : "s",
                 is_dry ? "would be exported: this was a dry run"
                        : "exported: now start wadm");
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct export export = {.options = options, .arena = &arena};
    int status = EXIT_DONE;
    struct err err;
    enum err_code code = check_options(options, &err);

    if (code == ERR_OK) {
        code = store_open_copy(options_store(options, &arena), options->lattice,
                               &export.store, &err);
    }
    if (code == ERR_OK) {
        code = client_open(options, &export.client, &err);
    }
    if (code == ERR_OK) {
        code = export_all(&export, &err);
    }
    if (code == ERR_OK) {
        print(&export);
    } else {
        status = cli_fail(options, &err);
    }
    client_close(export.client);
    store_close(export.store);
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_export = {
    .name = "export",
    .verb = VERB_EXPORT,
    .run = run,
    .usage = "--to-wadm",
    .summary = "give what is kept of the lattice to a wadm",
};
