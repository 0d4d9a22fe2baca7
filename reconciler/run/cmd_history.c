#include <stdio.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/operate.h"

/* The line of a command begins with its kind. */
static void print_human(const struct api_sheet *sheet, struct text *text)
{
    for (size_t i = 0; i < sheet->rows_count; i++) {
        const char *const *row = api_sheet_row(sheet, i);
        const char *kind = row[HISTORY_KIND];
        const char *words = row[HISTORY_TEXT];
        const bool is_command = strncmp(words, kind, strlen(kind)) == 0;

        text_append(text, "%s %s", row[HISTORY_AT], row[HISTORY_APPLICATION]);
        if (!is_command) {
            text_append(text, " %s", kind);
        }
        if (row[HISTORY_VERSION][0] != '\0') {
            text_append(text, " %s", row[HISTORY_VERSION]);
        }
        if (words[0] != '\0') {
            text_append(text, "%s", is_command ? " " : ": ");
            text_append_escaped(text, words, strlen(words));
        }
        text_append(text, "\n");
    }
}

/* It is read beside the daemon, which need not run; NATS need not either. */
static enum err_code read_history(const struct options *options, struct arena *arena,
                                  struct api_sheet *sheet, struct err *err)
{
    const struct api_params params = {0};
    struct operation operation = {
        .application = options->operands.count > 0 ? options->operands.items[0] : NULL,
        .params = &params,
        .arena = arena,
    };
    struct store *store;
    enum err_code code =
        store_open_copy(options_store(options, arena), options->lattice, &store, err);

    if (code != ERR_OK) {
        return code;
    }
    operation.claims.store = store;
    code = operate_history(&operation, sheet, err);
    store_close(store);
    return code;
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct api_sheet sheet = api_sheet_new(&api_history, &arena);
    struct text text;
    struct err err;
    int status = EXIT_DONE;

    if (read_history(options, &arena, &sheet, &err) != ERR_OK) {
        status = cli_fail(options, &err);
    } else {
        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        if (options->is_json) {
            api_encode_sheet(&sheet, &text);
            text_append(&text, "\n");
        } else {
            print_human(&sheet, &text);
        }
        (void)printf("%s", text.bytes);
    }
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_history = {
    .name = "history",
    .verb = VERB_HISTORY,
    .run = run,
    .usage = "[APPLICATION]",
    .operands_max = 1,
    .summary = "show what was done and what happened, oldest first",
};
