#include <stdio.h>

#include "reconciler/run/cli.h"
#include "reconciler/run/deploy.h"
#include "reconciler/run/files.h"
#include "reconciler/wire/api.h"

#define TEXT_BYTES_MAX ((size_t)1024 * 1024)

static enum err_code validate(const struct options *options, struct arena *arena,
                              const char **ret_findings, struct err *err)
{
    struct api_manifests manifests;
    struct diags diags;
    size_t warnings_count = 0;
    enum err_code code = files_read(&options->operands, arena, &manifests, err);

    diags_init(&diags, arena, "");
    diags.allowed = options->allowed.items;
    diags.allowed_count = options->allowed.count;
    if (code == ERR_OK) {
        code = deploy_check(&manifests, arena, &diags, err);
        *ret_findings = deploy_print(&diags, arena);
        warnings_count = diags.count + diags.dropped_count - diags.errors_count;
    }
    if (code == ERR_OK && options->is_strict && warnings_count > 0) {
        return err_set(err, ERR_INVALID, "%zu warning%s under --strict", warnings_count,
                       warnings_count == 1 ? "" : "s");
    }
    return code;
}

static void show(const struct options *options, const char *findings, struct arena *arena)
{
    const size_t count = options->operands.count;
    struct text text;

    text_init(&text, arena, TEXT_BYTES_MAX);
    if (options->is_json) {
        api_encode_findings(findings, &text);
        text_append(&text, "\n");
    } else {
        text_append(&text, "%s", findings);
        if (options->verbosity >= 0) {
            text_append(&text, "%zu argument%s valid\n", count,
                        count == 1 ? " is" : "s are");
        }
    }
    (void)printf("%s", text.bytes);
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    const char *findings = "";
    struct err err;
    int status = EXIT_DONE;

    if (validate(options, &arena, &findings, &err) == ERR_OK) {
        show(options, findings, &arena);
    } else if (options->is_json || findings[0] == '\0') {
        status = cli_refuse(options, &err, findings);
    } else { /* the findings are what was asked for: not on stderr */
        (void)printf("%s", findings);
        status = cli_exit_status(err.code);
        if ((status != EXIT_INVALID && status != EXIT_CONFLICT) ||
            err.source[0] == '\0') { /* it is none of them */
            status = cli_fail(options, &err);
        }
    }
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_validate = {
    .name = "validate",
    .verb = VERB_VALIDATE,
    .run = run,
    .usage = "FILE...",
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .summary = "check manifests, and say all that is wrong with them",
};
