#include <stdio.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/client.h"
#include "reconciler/run/outcome.h"
#include "reconciler/run/removal.h"
#include "reconciler/run/report.h"
#include "reconciler/wire/api.h"

static void show_users(const struct api_removal *removal)
{
    const struct names *users = &removal->users;

    for (size_t i = 0; i < users->count; i++) {
        (void)printf("%s: application %s uses it, and waits for it now\n",
                     removal->application, users->items[i]);
    }
}

static void show(const struct options *options, const struct api_removal *removal,
                 const char *by)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    if (options->is_json) {
        api_encode_delete(removal, &text);
        (void)printf("%s\n", text.bytes);
    } else if (removal->waits[0] != '\0') {
        (void)printf("%s: removal recorded by %s; %s\n", removal->application, by,
                     removal->waits);
        show_users(removal);
    } else {
        (void)printf("%s: removed by %s\n", removal->application, by);
        show_users(removal);
    }
    arena_free(&arena);
}

/* It is gone; what is left of it stays, and the status says why. */
static enum err_code find_rest(const struct options *options, struct client *client,
                               struct arena *arena, const char **ret_rest,
                               struct err *err)
{
    const struct client_request request = {"status", options->operands.items[0], "", 0};
    struct api_status_report report;
    struct client_reply reply;
    enum err_code code = client_ask(client, &request, arena, &reply, err);

    if (code == ERR_OK) {
        code = api_decode_status(reply.bytes, reply.length, arena, &report, err);
    }
    if (code == ERR_OK && report.count > 0) {
        *ret_rest = report.items[0].status.reason;
    }
    return code == ERR_NOTFOUND ? ERR_OK : code;
}

static enum err_code delete_by_daemon(const struct options *options,
                                      struct client *client, struct arena *arena,
                                      struct err *err)
{
    const char *application = options->operands.items[0];
    const struct client_request request = {"delete", application, "", 0};
    const struct outcome gone = {&application, 1, true};
    struct api_removal removal = {0};
    struct client_reply reply;
    enum err_code code = client_ask(client, &request, arena, &reply, err);

    if (code == ERR_OK) {
        code = api_decode_delete(reply.bytes, reply.length, arena, &removal, err);
    }
    if (code == ERR_OK && options->is_waiting) {
        code = outcome_await_daemon(client, &gone, options->timeout_ms, err);
        removal.waits = "";
        if (code == ERR_OK) {
            code = find_rest(options, client, arena, &removal.waits, err);
        }
    }
    if (code == ERR_OK) {
        removal.application = application;
        show(options, &removal, "the daemon of this lattice");
    }
    return code;
}

/* Record the wish, then remove what can be removed now. */
static enum err_code delete_with(const struct options *options,
                                 struct reconciler *reconciler, struct arena *arena,
                                 struct err *err)
{
    const char *application = options->operands.items[0];
    const struct outcome gone = {&application, 1, true};
    struct api_removal removal;
    enum err_code code = reconciler_admit(reconciler, options->timeout_ms, err);

    if (code == ERR_OK) {
        code = remove_application(reconciler, application, arena, &removal, err);
    }
    if (code == ERR_OK) {
        code = outcome_await(reconciler, &gone, options->is_waiting, options->timeout_ms,
                             err);
        removal.waits = report_removal(reconciler_engine(reconciler), application, arena);
        show(options, &removal, "this process, for no daemon answers");
    }
    return code;
}

static enum err_code run_delete(const struct options *options, struct arena *arena,
                                struct err *err)
{
    struct client *client;
    struct reconciler *reconciler;
    bool has_daemon;
    enum err_code code = client_open(options, &client, err);

    if (code != ERR_OK) {
        return code;
    }
    code = client_find_daemon(client, &has_daemon, err);
    if (code == ERR_OK && has_daemon) {
        code = delete_by_daemon(options, client, arena, err);
    }
    client_close(client);
    if (has_daemon || code != ERR_OK) {
        return code;
    }
    code = reconciler_open(options, RECONCILER_ONE_SHOT, &reconciler, err);
    if (code == ERR_OK) {
        code = delete_with(options, reconciler, arena, err);
        reconciler_close(reconciler);
    }
    return code;
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct err err;
    int status = EXIT_DONE;

    if (run_delete(options, &arena, &err) != ERR_OK) {
        status = cli_fail(options, &err);
    }
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_delete = {
    .name = "delete",
    .verb = VERB_DELETE,
    .run = run,
    .usage = "APPLICATION",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "want an application no more, and remove what it left",
};
