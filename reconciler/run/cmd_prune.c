#include <stdio.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/client.h"
#include "reconciler/wire/api.h"

static void show(const struct options *options, const struct api_pruning *pruning)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    if (options->is_json) {
        api_encode_prune(pruning, &text);
        (void)printf("%s\n", text.bytes);
    } else if (pruning->held.count == 0) {
        (void)printf("no application is held\n");
    } else {
        for (size_t i = 0; i < pruning->held.count; i++) {
            (void)printf("%s: %s\n", pruning->held.items[i],
                         pruning->is_confirmed ? "removed" : "held");
        }
        if (!pruning->is_confirmed) {
            (void)printf("%s; trellis prune --confirm removes them\n", pruning->reason);
        }
    }
    arena_free(&arena);
}

/* *ret_status is that something is held, which --confirm would remove. */
static enum err_code prune(const struct options *options, struct client *client,
                           struct arena *arena, int *ret_status, struct err *err)
{
    const char *body = options->is_confirmed ? "confirm" : "";
    const struct client_request request = {"prune", NULL, body, strlen(body)};
    struct api_pruning pruning = {.reason = ""};
    struct client_reply reply;
    bool has_daemon;
    enum err_code code = client_find_daemon(client, &has_daemon, err);

    if (code != ERR_OK) {
        return code;
    }
    if (!has_daemon) {
        return err_set(err, ERR_UNREACHABLE,
                       "no daemon answers on lattice '%s': what a folder of manifests "
                       "holds, only its daemon knows",
                       options->lattice);
    }
    code = client_ask(client, &request, arena, &reply, err);
    if (code == ERR_OK) {
        code = api_decode_prune(reply.bytes, reply.length, arena, &pruning, err);
    }
    if (code == ERR_OK) {
        show(options, &pruning);
        *ret_status =
            pruning.held.count > 0 && !pruning.is_confirmed ? EXIT_PENDING : EXIT_DONE;
    }
    return code;
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct client *client;
    struct err err;
    int status = EXIT_DONE;
    enum err_code code = client_open(options, &client, &err);

    if (code == ERR_OK) {
        code = prune(options, client, &arena, &status, &err);
        client_close(client);
    }
    if (code != ERR_OK) {
        status = cli_fail(options, &err);
    }
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_prune = {
    .name = "prune",
    .verb = VERB_PRUNE,
    .run = run,
    .usage = "",
    .summary = "show what is held though its file is gone, or let it go",
};
