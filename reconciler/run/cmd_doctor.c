#include <stdio.h>
#include <string.h>

#include "linkstore/store_file.h"
#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/doctor.h"
#include "reconciler/run/look.h"

static void append(struct text *text, const char *words)
{
    text_append_escaped(text, words != NULL ? words : "",
                        words != NULL ? strlen(words) : 0);
}

static void print_human(const struct api_sheet *sheet, struct text *text)
{
    for (size_t i = 0; i < sheet->rows_count; i++) {
        const char *const *row = api_sheet_row(sheet, i);

        text_append(text, "%-7s  %-12s  ",
                    row[DOCTOR_STATUS] != NULL ? row[DOCTOR_STATUS] : "",
                    row[DOCTOR_CHECK] != NULL ? row[DOCTOR_CHECK] : "");
        append(text, row[DOCTOR_TEXT]);
        text_append(text, "\n");
        if (row[DOCTOR_ADVICE] != NULL) {
            text_append(text, "%-7s  %-12s  -> ", "", "");
            append(text, row[DOCTOR_ADVICE]);
            text_append(text, "\n");
        }
    }
}

/* What keeps trellis from its work is a failure; a warning is none. */
static int show(const struct options *options, const struct api_sheet *sheet,
                struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    if (options->is_json) {
        api_encode_sheet(sheet, &text);
        text_append(&text, "\n");
    } else {
        print_human(sheet, &text);
    }
    (void)printf("%s", text.bytes);
    return strcmp(sheet->head[DOCTOR_ERRORS], "0") != 0 ? EXIT_FAILED : EXIT_DONE;
}

static enum err_code ask(const struct options *options, struct client *client,
                         struct arena *arena, int *ret_status, struct err *err)
{
    const struct client_request request = {.verb = "doctor", .bytes = ""};
    struct api_sheet sheet = api_sheet_new(&api_doctor, arena);
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

/* The file itself, all through; a daemon has no time for that. */
static void examine(const struct options *options, struct api_sheet *sheet,
                    struct arena *arena)
{
    const char *path = options_store(options, arena);
    struct check check = {
        .name = "file", .finding = FINDING_OK, .text = "all through good"};
    struct names findings = {0};
    struct err err;
    const enum err_code code = store_examine(path, arena, &findings, &err);

    if (code == ERR_NOTFOUND) {
        check.text = arena_print(arena, "there is no store at %s yet", path);
    } else if (code != ERR_OK || findings.count > 0) {
        check.finding = FINDING_ERROR;
        check.text = code != ERR_OK ? arena_copy(arena, err.message) : findings.items[0];
        check.advice = "trellis store check shows all of it";
    }
    doctor_add(sheet, &check, arena);
}

static enum err_code look(const struct options *options, struct reconciler *reconciler,
                          struct arena *arena, int *ret_status, struct err *err)
{
    const struct api_params params = {0};
    const struct operation operation = {
        .reconciler = reconciler,
        .claims.store = reconciler_store(reconciler),
        .params = &params,
        .server = "store",
        .arena = arena,
    };
    struct api_sheet sheet = api_sheet_new(&api_doctor, arena);
    enum err_code code;

    doctor_add(
        &sheet,
        &(struct check){
            .name = "daemon",
            .finding = FINDING_WARNING,
            .text = arena_print(arena, "none answers on lattice %s", options->lattice),
            .advice = "start trellis daemon, to have applications kept as they "
                      "are declared",
        },
        arena);
    code = operate_doctor(&operation, &sheet, err);
    if (code == ERR_OK) {
        examine(options, &sheet, arena);
        *ret_status = show(options, &sheet, arena);
    }
    return code;
}

static int run(const struct options *options)
{
    static const struct look_verb verb = {ask, look};

    return look_run(options, &verb);
}

const struct cli_command cmd_doctor = {
    .name = "doctor",
    .verb = VERB_OPERATE,
    .run = run,
    .usage = "",
    .summary = "check all that trellis needs, and say what to do",
};
