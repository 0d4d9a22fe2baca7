#include <stdio.h>
#include <unistd.h>

#include "linkstore/store_lock.h"
#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/look.h"
#include "reconciler/run/report.h"
#include "reconciler/run/show.h"
#include "reconciler/wire/api_sheet.h"

/* Is all as it is wanted, as far as that is known? */
static bool is_settled(const struct api_status_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const enum status_word word = report->items[i].status.word;

        if (word != STATUS_DEPLOYED && word != STATUS_UNDEPLOYED) {
            return false;
        }
    }
    return report->notes.count == 0;
}

static int show(const struct options *options, const struct api_status_report *report,
                struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    if (options->is_json) {
        api_encode_status(report, &text);
        text_append(&text, "\n");
    } else {
        show_status(report, true, &text);
    }
    (void)printf("%s", text.bytes);
    return options->is_check && !is_settled(report) ? EXIT_PENDING : EXIT_DONE;
}

static enum err_code ask(const struct options *options, struct client *client,
                         struct arena *arena, int *ret_status, struct err *err)
{
    const struct api_params params = {.states = options->states};
    struct client_request request = {
        .verb = "status",
        .application = options->operands.count > 0 ? options->operands.items[0] : NULL,
    };
    struct api_status_report report;
    struct client_reply reply;
    struct text body;
    enum err_code code;

    text_init(&body, arena, MESSAGE_BYTES_MAX);
    if (params.states.count > 0) { /* a daemon from before knows no parameters */
        api_encode_params(&params, &body);
    }
    request.bytes = body.bytes;
    request.length = body.count;
    code = client_ask(client, &request, arena, &reply, err);
    if (code == ERR_OK) {
        code = api_decode_status(reply.bytes, reply.length, arena, &report, err);
    }
    if (code == ERR_OK) {
        *ret_status = show(options, &report, arena);
    }
    return code;
}

/* What is wanted may be other than the store says, when that is not there yet, or
 * somebody writes to it who does not answer yet; NULL: it is not. */
static const char *doubt(const struct options *options, struct arena *arena)
{
    const char *path = options_store(options, arena);
    const long writer = store_lock_writer(path);

    if (writer != 0) {
        return arena_print(
            arena,
            "process %ld writes to the store and does not answer: a daemon "
            "that starts, or a verb at work; ask again",
            writer);
    }
    if (access(path, F_OK) != 0) {
        return arena_print(
            arena,
            "no daemon answers, and there is no store %s: nothing is known "
            "of what is wanted",
            path);
    }
    return NULL;
}

static enum err_code look(const struct options *options, struct reconciler *reconciler,
                          struct arena *arena, int *ret_status, struct err *err)
{
    struct api_status_report report;
    const char *note = doubt(options, arena);
    const enum err_code code =
        report_status(reconciler_engine(reconciler), reconciler_store(reconciler),
                      options->operands.count > 0 ? options->operands.items[0] : NULL,
                      arena, &report, err);

    if (code == ERR_OK) {
        report_filter(&report, &options->states, arena);
        report.server = "store";
        report.lattice = options->lattice;
        report.notes = (struct names){&note, note != NULL ? 1 : 0};
        *ret_status = show(options, &report, arena);
    }
    return code;
}

static int run(const struct options *options)
{
    static const struct look_verb verb = {ask, look};

    return look_run(options, &verb);
}

const struct cli_command cmd_status = {
    .name = "status",
    .verb = VERB_STATUS,
    .run = run,
    .usage = "[APPLICATION]",
    .operands_max = 1,
    .summary = "show how far applications are, and why not further",
};
