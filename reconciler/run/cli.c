#include "reconciler/run/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/run/log.h"

#define HELP_BYTES_MAX ((size_t)8192)

static const struct cli_command *const commands[] = {
    &cmd_apply,  &cmd_daemon,   &cmd_delete,   &cmd_plan,
    &cmd_status, &cmd_simulate, &cmd_validate,
};

#define COMMANDS_COUNT (sizeof commands / sizeof *commands)

static int exit_status(enum err_code code)
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
        return EXIT_UNREACHABLE;
    case ERR_NOTFOUND:
        return EXIT_NOTFOUND;
    case ERR_IO:
        return EXIT_FAILED;
    }
    abort();
}

int cli_fail(const struct err *err)
{
    if (err->source[0] != '\0' && err->place.line > 0) {
        (void)fprintf(stderr, "trellis: %s:%u:%u: %s\n", err->source,
                      (unsigned int)err->place.line, (unsigned int)err->place.column,
                      err->message);
    } else {
        (void)fprintf(stderr, "trellis: %s\n", err->message);
    }
    return exit_status(err->code);
}

int cli_refuse(const struct err *err, const char *findings)
{
    const bool is_refusal =
        err->code == ERR_SYNTAX || err->code == ERR_INVALID || err->code == ERR_LIMIT;

    (void)printf("%s", findings);
    return is_refusal && findings[0] != '\0' ? exit_status(err->code) : cli_fail(err);
}

enum err_code cli_check_operands(const struct options *options, size_t least, size_t most,
                                 struct err *err)
{
    if (options->operands.count < least) {
        return err_set(err, ERR_USAGE, "an argument is missing: see --help");
    }
    if (options->operands.count > most) {
        return err_set(err, ERR_USAGE, "argument '%s' is one too many: see --help",
                       options->operands.items[most]);
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

    text_init(&text, &arena, HELP_BYTES_MAX);
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
    struct options options;
    struct err err;
    int status;

    if (options_read(command->verb, count, words, &arena, &options, &err) != ERR_OK) {
        status = cli_fail(&err);
    } else if (options.is_help) {
        status = show_help(command);
    } else {
        log_open(log_level(&options));
        status = command->run(&options);
    }
    arena_free(&arena);
    if (fflush(stdout) != 0 && status == EXIT_DONE) {
        perror("trellis: standard output");
        status = EXIT_FAILED;
    }
    return status;
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
        (void)fprintf(stderr, "trellis: there is no verb '%s': see trellis --help\n",
                      words[1]);
        return EXIT_USAGE;
    }
    return run_command(command, count - 1, words + 1);
}
