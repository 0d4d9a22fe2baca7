#include <stdio.h>
#include <string.h>

#include "linkstore/store_history.h"
#include "manifest/limits.h"
#include "reconciler/run/cli.h"
#include "reconciler/wire/api.h"
#include "reconciler/wire/json.h"
#include "reconciler/wire/utc.h"

/* More than a store keeps of all applications. */
#define HAPPENINGS_MAX ((size_t)200000)

static void print_json(const struct store_happenings *happenings, struct text *text)
{
    text_append(text, "{");
    json_print_integer(text, "schema", API_SCHEMA);
    json_print_text(text, "result", "ok");
    json_print_key(text, "history");
    text_append(text, "[");
    for (size_t i = 0; i < happenings->count; i++) {
        const struct store_happening *item = &happenings->items[i];
        char when[UTC_TEXT_BYTES];

        utc_print(item->unix_ms, when);
        text_append(text, i > 0 ? ",{" : "{");
        json_print_text(text, "at", when);
        json_print_text(text, "application", item->application);
        json_print_text(text, "kind", item->kind);
        json_print_text(text, "version", item->version != NULL ? item->version : "");
        json_print_text(text, "text", item->text);
        text_append(text, "}");
    }
    text_append(text, "]}\n");
}

/* The line of a command begins with its kind. */
static void print_human(const struct store_happenings *happenings, struct text *text)
{
    for (size_t i = 0; i < happenings->count; i++) {
        const struct store_happening *item = &happenings->items[i];
        const bool is_command = strncmp(item->text, item->kind, strlen(item->kind)) == 0;
        char when[UTC_TEXT_BYTES];

        utc_print(item->unix_ms, when);
        text_append(text, "%s %s", when, item->application);
        if (!is_command) {
            text_append(text, " %s", item->kind);
        }
        if (item->version != NULL) {
            text_append(text, " %s", item->version);
        }
        if (item->text[0] != '\0') {
            text_append(text, "%s", is_command ? " " : ": ");
            text_append_escaped(text, item->text, strlen(item->text));
        }
        text_append(text, "\n");
    }
}

/* It is read beside the daemon, which need not run; NATS need not either. */
static enum err_code read_history(const struct options *options, struct arena *arena,
                                  struct store_happenings *ret_happenings,
                                  struct err *err)
{
    const char *application =
        options->operands.count > 0 ? options->operands.items[0] : NULL;
    struct store *store;
    enum err_code code =
        store_open_copy(options_store(options, arena), options->lattice, &store, err);

    if (code != ERR_OK) {
        return code;
    }
    code = store_history(store, application, HAPPENINGS_MAX, arena, ret_happenings, err);
    store_close(store);
    if (code == ERR_OK && application != NULL && ret_happenings->count == 0) {
        code = err_set(err, ERR_NOTFOUND,
                       "nothing is known of an application '%s': see trellis status",
                       application);
    }
    return code;
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct store_happenings happenings;
    struct text text;
    struct err err;
    int status = EXIT_DONE;

    if (read_history(options, &arena, &happenings, &err) != ERR_OK) {
        status = cli_fail(options, &err);
    } else {
        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        if (options->is_json) {
            print_json(&happenings, &text);
        } else {
            print_human(&happenings, &text);
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
