#include <stdio.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/look.h"
#include "reconciler/run/report.h"
#include "reconciler/run/show.h"
#include "reconciler/wire/api_sheet.h"

static int show(const struct options *options, const struct api_explain_report *report,
                struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    if (options->is_json) {
        api_encode_explain(report, &text);
        text_append(&text, "\n");
    } else {
        show_explain(report, &text);
    }
    (void)printf("%s", text.bytes);
    return report->count == 1 ? EXIT_DONE : EXIT_USAGE;
}

/* "KEY" or "KIND" "KEY". */
static const char *typed_key(const struct options *options, struct arena *arena)
{
    const struct names *operands = &options->operands;

    return operands->count == 1
               ? operands->items[0]
               : arena_print(arena, "%s %s", operands->items[0], operands->items[1]);
}

static enum err_code ask(const struct options *options, struct client *client,
                         struct arena *arena, int *ret_status, struct err *err)
{
    struct client_request request = {.verb = "explain"};
    struct api_explain_report report;
    struct client_reply reply;
    struct text body;
    enum err_code code;

    text_init(&body, arena, MESSAGE_BYTES_MAX);
    api_encode_key(typed_key(options, arena), &body);
    request.bytes = body.bytes;
    request.length = body.count;
    code = client_ask(client, &request, arena, &reply, err);
    if (code == ERR_OK) {
        code = api_decode_explain(reply.bytes, reply.length, arena, &report, err);
    }
    if (code == ERR_OK) {
        *ret_status = show(options, &report, arena);
    }
    return code;
}

/* Without a daemon there is no history: only what is wanted, there, and remembered. */
static enum err_code look(const struct options *options, struct reconciler *reconciler,
                          struct arena *arena, int *ret_status, struct err *err)
{
    struct api_explain_report report;
    const enum err_code code = report_explain(
        reconciler_engine(reconciler), typed_key(options, arena), arena, &report, err);

    if (code == ERR_OK) {
        report.server = "store";
        report.lattice = options->lattice;
        *ret_status = show(options, &report, arena);
    }
    return code;
}

static int run(const struct options *options)
{
    static const struct look_verb verb = {ask, look};

    return look_run(options, &verb);
}

const struct cli_command cmd_explain = {
    .name = "explain",
    .verb = VERB_EXPLAIN,
    .run = run,
    .usage = "[KIND] KEY",
    .operands_min = 1,
    .operands_max = 2,
    .summary = "why something is as it is, and what was tried",
};
