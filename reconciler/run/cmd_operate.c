#include <stdio.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/client.h"
#include "reconciler/run/outcome.h"
#include "reconciler/wire/api_sheet.h"

/* Verbs that change what a daemon does, and of which only a daemon has any use. */
struct asking {
    const char *verb;
    const struct api_form *form; /* of the reply; NULL: it says no more than that it is */
    void (*show)(const struct api_sheet *sheet, struct text *text);
    struct api_params params;
};

static void append(struct text *text, const char *words)
{
    text_append_escaped(text, words != NULL ? words : "",
                        words != NULL ? strlen(words) : 0);
}

static void show_pauses(const struct api_sheet *sheet, struct text *text)
{
    for (size_t i = 0; i < sheet->rows_count; i++) {
        const char *const *row = api_sheet_row(sheet, i);
        const char *reason = row[PAUSES_REASON];

        append(text, row[PAUSES_NAME]);
        text_append(text, ": %s",
                    row[PAUSES_PAUSED] != NULL ? "paused since " : "resumed");
        append(text, row[PAUSES_PAUSED]);
        text_append(text, "; ");
        append(text, row[PAUSES_STATUS]);
        text_append(text, "%s", reason != NULL && reason[0] != '\0' ? ": " : "");
        append(text, reason);
        text_append(text, "\n");
    }
}

static void show_rollback(const struct api_sheet *sheet, struct text *text)
{
    for (size_t i = 0; i < sheet->rows_count; i++) {
        const char *const *row = api_sheet_row(sheet, i);

        append(text, row[ROLLBACK_NAME]);
        text_append(text, ": version ");
        append(text, row[ROLLBACK_VERSION]);
        text_append(text, " is wanted (revision %s), before ", row[ROLLBACK_REVISION]);
        append(text, row[ROLLBACK_BEFORE] != NULL ? row[ROLLBACK_BEFORE] : "none");
        text_append(text, "\n");
    }
}

/* What the daemon said, as people or programs read it. */
static void show(const struct options *options, const struct asking *asking,
                 const struct api_sheet *sheet, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    if (!options->is_json && asking->form == NULL) {
        text_append(&text, "the lattice is being asked for all there is\n");
    } else if (!options->is_json) {
        asking->show(sheet, &text);
    } else {
        if (asking->form == NULL) {
            api_encode_done(&text);
        } else {
            api_encode_sheet(sheet, &text);
        }
        text_append(&text, "\n");
    }
    (void)printf("%s", text.bytes);
}

static enum err_code ask(const struct options *options, const struct asking *asking,
                         struct client *client, struct arena *arena, struct err *err)
{
    struct client_request request = {
        .verb = asking->verb,
        .application = options->operands.count > 0 ? options->operands.items[0] : NULL,
    };
    struct api_sheet sheet = {0};
    struct client_reply reply;
    struct text body;
    bool has_daemon;
    enum err_code code = client_find_daemon(client, &has_daemon, err);

    if (code != ERR_OK) {
        return code;
    }
    if (!has_daemon) {
        return err_set(
            err, ERR_UNREACHABLE,
            "no daemon answers on lattice '%s': there is nobody to %s anything",
            options->lattice, asking->verb);
    }
    text_init(&body, arena, MESSAGE_BYTES_MAX);
    api_encode_params(&asking->params, &body);
    request.bytes = body.bytes;
    request.length = body.count;
    code = client_ask(client, &request, arena, &reply, err);
    if (code == ERR_OK && asking->form == NULL) {
        code = api_decode_done(reply.bytes, reply.length, arena, err);
    } else if (code == ERR_OK) {
        sheet = api_sheet_new(asking->form, arena);
        code = api_decode_sheet(reply.bytes, reply.length, arena, &sheet, err);
    }
    if (code == ERR_OK) {
        show(options, asking, &sheet, arena);
    }
    if (code == ERR_OK && options->is_waiting) {
        const struct outcome outcome = {&request.application, 1, false};

        code = outcome_await_daemon(client, &outcome, options->timeout_ms, err);
    }
    return code;
}

static int run(const struct options *options, const struct asking *asking)
{
    struct arena arena = {0};
    struct client *client;
    struct err err;
    enum err_code code = client_open(options, &client, &err);

    if (code == ERR_OK) {
        code = ask(options, asking, client, &arena, &err);
        client_close(client);
    }
    arena_free(&arena);
    return code == ERR_OK ? EXIT_DONE : cli_fail(options, &err);
}

static int run_pause(const struct options *options)
{
    return run(options, &(struct asking){"pause", &api_pauses, show_pauses, {{NULL, 0}}});
}

static int run_resume(const struct options *options)
{
    return run(options,
               &(struct asking){"resume", &api_pauses, show_pauses, {{NULL, 0}}});
}

static int run_resync(const struct options *options)
{
    return run(options, &(struct asking){.verb = "resync"});
}

static int run_rollback(const struct options *options)
{
    const struct asking asking = {
        .verb = "rollback",
        .form = &api_rollback,
        .show = show_rollback,
        .params.version = options->operands.count > 1 ? options->operands.items[1] : NULL,
    };

    return run(options, &asking);
}

const struct cli_command cmd_pause = {
    .name = "pause",
    .verb = VERB_OPERATE,
    .run = run_pause,
    .usage = "APPLICATION",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "send nothing for an application, until it is resumed",
};

const struct cli_command cmd_resume = {
    .name = "resume",
    .verb = VERB_OPERATE,
    .run = run_resume,
    .usage = "APPLICATION",
    .operands_min = 1,
    .operands_max = 1,
    .summary = "let a paused application go on",
};

const struct cli_command cmd_resync = {
    .name = "resync",
    .verb = VERB_OPERATE,
    .run = run_resync,
    .usage = "",
    .summary = "have the daemon look at all of the lattice anew",
};

const struct cli_command cmd_rollback = {
    .name = "rollback",
    .verb = VERB_ROLLBACK,
    .run = run_rollback,
    .usage = "APPLICATION [VERSION]",
    .operands_min = 1,
    .operands_max = 2,
    .summary = "want the version before, or another one that is kept",
};
