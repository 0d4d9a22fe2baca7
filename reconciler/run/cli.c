#include "reconciler/run/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/diag.h"
#include "manifest/limits.h"
#include "reconciler/run/log.h"
#include "reconciler/wire/api.h"

#define TEXT_BYTES_MAX ((size_t)8192)

static const struct cli_command *const commands[] = {
    &cmd_apply,  &cmd_canon,   &cmd_daemon,   &cmd_delete,   &cmd_doctor, &cmd_drift,
    &cmd_events, &cmd_explain, &cmd_export,   &cmd_history,  &cmd_import, &cmd_migrate,
    &cmd_pause,  &cmd_plan,    &cmd_prune,    &cmd_resume,   &cmd_resync, &cmd_rollback,
    &cmd_status, &cmd_store,   &cmd_simulate, &cmd_validate,
};

#define COMMANDS_COUNT (sizeof commands / sizeof commands[0])

int cli_exit_status(enum err_code code)
{
    switch (code) {
    case ERR_OK:
        return EXIT_DONE;
    case ERR_USAGE:
        return EXIT_USAGE;
    case ERR_SYNTAX:
    case ERR_INVALID:
    case ERR_LIMIT:
        return EXIT_INVALID;
    case ERR_TIMEOUT:
        return EXIT_TIMEOUT;
    case ERR_CONFLICT:
        return EXIT_CONFLICT;
    case ERR_UNREACHABLE:
    case ERR_BUSY:
        return EXIT_UNREACHABLE;
    case ERR_NOTFOUND:
        return EXIT_NOTFOUND;
    case ERR_IO:
        return EXIT_FAILED;
    }
    abort();
}

static void print_json(const struct err *err, const char *findings)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_error(err, findings, &text);
    (void)printf("%s\n", text.bytes);
    arena_free(&arena);
}

static void print(const struct err *err)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, TEXT_BYTES_MAX);
    if (err->source[0] != '\0' && err->place.line > 0) {
        text_append_escaped(&text, err->source, strlen(err->source));
        text_append(&text, ":%u:%u: ", (unsigned int)err->place.line,
                    (unsigned int)err->place.column);
    }
    /* It may be a host's own words, of which there is to be one line. */
    text_append_escaped(&text, err->message, strlen(err->message));
    (void)fprintf(stderr, "trellis: %s\n", text.bytes);
    arena_free(&arena);
}

int cli_fail(const struct options *options, const struct err *err)
{
    return cli_refuse(options, err, "");
}

int cli_refuse(const struct options *options, const struct err *err, const char *findings)
{
    const int status = cli_exit_status(err->code);

    if (options->is_json) {
        print_json(err, findings);
    } else if (status == EXIT_INVALID && findings[0] != '\0') {
        (void)fputs(findings, stderr);
    } else {
        print(err);
    }
    return status;
}

/* Does command take as many operands as it was given? */
static enum err_code check_operands(const struct cli_command *command,
                                    const struct options *options, struct err *err)
{
    if (options->operands.count < command->operands_min) {
        return err_set(err, ERR_USAGE, "an argument is missing: trellis %s %s",
                       command->name, command->usage);
    }
    if (options->operands.count > command->operands_max) {
        return err_set(err, ERR_USAGE, "'%s' is one too many: trellis %s%s%s",
                       options->operands.items[command->operands_max], command->name,
                       command->usage[0] != '\0' ? " " : "", command->usage);
    }
    return ERR_OK;
}

static int show_usage(FILE *file)
{
    (void)fprintf(file, "usage: trellis VERB [OPTION...] [ARGUMENT...]\n\n");
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        (void)fprintf(file, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    }
    (void)fprintf(file, "\ntrellis VERB --help shows the options of a verb; "
                        "trellis --version the version.\n");
    return file == stderr ? EXIT_USAGE : EXIT_DONE;
}

static int show_help(const struct cli_command *command)
{
    struct arena arena = {0};
    struct text text;

    text_init(&text, &arena, TEXT_BYTES_MAX);
    options_print(command->verb, &text);
    (void)printf("usage: trellis %s [OPTION...]%s%s\n\n%s\n\n%s", command->name,
                 command->usage[0] != '\0' ? " " : "", command->usage, command->summary,
                 text.bytes);
    arena_free(&arena);
    return EXIT_DONE;
}

static const struct cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

static enum log_level log_level(const struct options *options)
{
    if (options->verbosity < 0) {
        return LOG_LEVEL_WARNING;
    }
    return options->verbosity > 0 ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

static int run_command(const struct cli_command *command, int count, char **words)
{
    struct arena arena = {0};
    struct options options = {0};
    struct err err;
    int status;
    enum err_code code =
        options_read(command->verb, count, words, &arena, &options, &err);

    if (code == ERR_OK && !options.is_help) {
        code = check_operands(command, &options, &err);
    }
    if (code != ERR_OK) {
        status = cli_fail(&options, &err);
    } else if (options.is_help) {
        status = show_help(command);
    } else {
        log_open(log_level(&options), options.log_form);
        status = command->run(&options);
    }
    arena_free(&arena);
    if (fflush(stdout) != 0 && status == EXIT_DONE) {
        perror("trellis: standard output");
        status = EXIT_FAILED;
    }
    return status;
}

static int refuse_verb(const char *word)
{
    const char *names[COMMANDS_COUNT];
    const char *near;

    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        names[i] = commands[i]->name;
    }
    near = diag_near(word, names, COMMANDS_COUNT);
    if (word[0] == '-') {
        (void)fprintf(stderr, "trellis: options follow the verb: trellis VERB %s...\n",
                      word);
    } else if (near != NULL) {
        (void)fprintf(stderr, "trellis: there is no verb '%s': did you mean '%s'?\n",
                      word, near);
    } else {
        (void)fprintf(stderr, "trellis: there is no verb '%s': see trellis --help\n",
                      word);
    }
    return EXIT_USAGE;
}

int cli_run(int count, char **words)
{
    const struct cli_command *command;

    if (count < 2) {
        return show_usage(stderr);
    }
    if (strcmp(words[1], "--help") == 0 || strcmp(words[1], "-h") == 0 ||
        strcmp(words[1], "help") == 0) {
        return show_usage(stdout);
    }
    if (strcmp(words[1], "--version") == 0 || strcmp(words[1], "-V") == 0) {
        (void)printf("trellis %s\n", TRELLIS_VERSION);
        return EXIT_DONE;
    }
    command = find_command(words[1]);
    if (command == NULL) {
        return refuse_verb(words[1]);
    }
    return run_command(command, count - 1, words + 1);
}
