#include <stdio.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/look.h"
#include "reconciler/run/operate.h"
#include "reconciler/run/show.h"

static int show(const struct options *options, const struct api_sheet *sheet,
                struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    if (options->is_json) {
        api_encode_sheet(sheet, &text);
        text_append(&text, "\n");
    } else {
        show_drift(sheet, options->lattice, &text);
    }
    (void)printf("%s", text.bytes);
    return options->is_check && sheet->rows_count > 0 ? EXIT_PENDING : EXIT_DONE;
}

static const char *application_of(const struct options *options)
{
    return options->operands.count > 0 ? options->operands.items[0] : NULL;
}

static enum err_code ask(const struct options *options, struct client *client,
                         struct arena *arena, int *ret_status, struct err *err)
{
    const struct client_request request = {
        .verb = "drift", .application = application_of(options), .bytes = ""};
    struct api_sheet sheet = api_sheet_new(&api_drift, arena);
    struct client_reply reply;
    enum err_code code = client_ask(client, &request, arena, &reply, err);

    if (code == ERR_OK) {
        code = api_decode_sheet(reply.bytes, reply.length, arena, &sheet, err);
    }
    if (code == ERR_OK) {
        *ret_status = show(options, &sheet, arena);
    }
    return code;
}

static enum err_code look(const struct options *options, struct reconciler *reconciler,
                          struct arena *arena, int *ret_status, struct err *err)
{
    const struct api_params params = {0};
    const struct operation operation = {
        .reconciler = reconciler,
        .claims.store = reconciler_store(reconciler),
        .application = application_of(options),
        .params = &params,
        .server = "store",
        .arena = arena,
    };
    struct api_sheet sheet = api_sheet_new(&api_drift, arena);
    const enum err_code code = operate_drift(&operation, &sheet, err);

    if (code == ERR_OK) {
        *ret_status = show(options, &sheet, arena);
    }
    return code;
}

static int run(const struct options *options)
{
    static const struct look_verb verb = {ask, look};

    return look_run(options, &verb);
}

const struct cli_command cmd_drift = {
    .name = "drift",
    .verb = VERB_DRIFT,
    .run = run,
    .usage = "[APPLICATION]",
    .operands_max = 1,
    .summary = "show what is not as it is wanted, and why",
};
