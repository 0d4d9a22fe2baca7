#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linkstore/across.h"
#include "linkstore/across_names.h"
#include "manifest/limits.h"
#include "manifest/manifest.h"
#include "manifest/render.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/files.h"

/* A validation under way. */
struct validation {
    const struct options *options;
    struct arena *arena;
    struct api_manifests manifests;
    struct diags diags;
    bool is_conflict; /* each is valid, and together they are not */
};

/* Every manifest by itself, and all against each other. */
static void check_all(struct validation *validation)
{
    const struct api_manifests *manifests = &validation->manifests;
    struct diags *diags = &validation->diags;
    struct manifest *readings =
        arena_array(validation->arena, manifests->count, sizeof *readings);
    size_t count = 0;

    diags_init(diags, validation->arena, "");
    diags->allowed = validation->options->allowed.items;
    diags->allowed_count = validation->options->allowed.count;
    for (size_t i = 0; i < manifests->count; i++) {
        const struct api_manifest *manifest = &manifests->items[i];
        struct manifest *reading = &readings[count];
        struct err ignored; /* it is one of the findings */

        if (manifest_read(manifest->text, manifest->length, manifest->source,
                          validation->arena, diags, reading, &ignored) == ERR_OK) {
            for (size_t j = 0; j < reading->applications_count; j++) {
                across_check_names(&reading->applications[j], diags);
            }
            count++;
        }
    }
    validation->is_conflict = diags->errors_count == 0;
    across_check(readings, count, count == manifests->count, diags);
    validation->is_conflict &= diags->errors_count > 0;
}

static bool has_colors(const struct options *options)
{
    return options->color == COLOR_ALWAYS ||
           (options->color == COLOR_AUTO && isatty(STDOUT_FILENO) == 1);
}

static struct render rendering(const struct validation *validation)
{
    const struct api_manifests *manifests = &validation->manifests;
    struct render_source *sources =
        arena_array(validation->arena, manifests->count, sizeof *sources);

    for (size_t i = 0; i < manifests->count; i++) {
        sources[i] =
            (struct render_source){manifests->items[i].source, manifests->items[i].text,
                                   manifests->items[i].length};
    }
    return (struct render){
        .diags = &validation->diags,
        .sources = sources,
        .sources_count = manifests->count,
        .is_strict = validation->options->is_strict,
        .has_lines = validation->options->verbosity >= 0,
        .has_colors = has_colors(validation->options),
    };
}

static void append_count(struct text *text, size_t count, const char *what)
{
    text_append(text, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

/* The last line for people: "2 manifests are valid", "1 error, 3 warnings". */
static void summarize(const struct validation *validation, const struct render *render,
                      struct text *text)
{
    const struct diags *diags = &validation->diags;
    const size_t warnings_count =
        diags->count + diags->dropped_count - diags->errors_count;

    if (!render_is_invalid(render)) {
        append_count(text, validation->manifests.count, "manifest");
        text_append(text, validation->manifests.count == 1 ? " is valid" : " are valid");
        text_append(text, warnings_count > 0 ? ", with " : "");
    }
    if (diags->errors_count > 0) {
        append_count(text, diags->errors_count, "error");
        text_append(text, warnings_count > 0 ? ", " : "");
    }
    if (warnings_count > 0) {
        append_count(text, warnings_count, "warning");
    }
    text_append(text, diags->errors_count == 0 && render_is_invalid(render)
                          ? " under --strict\n"
                          : "\n");
}

static int show(const struct validation *validation)
{
    const struct render render = rendering(validation);
    struct text text;

    text_init(&text, validation->arena, MESSAGE_BYTES_MAX);
    switch (validation->options->output) {
    case OUTPUT_HUMAN:
        render_human(&render, &text);
        if (validation->options->verbosity >= 0) {
            summarize(validation, &render, &text);
        }
        break;
    case OUTPUT_JSON:
        render_json(&render, &text);
        break;
    case OUTPUT_SARIF:
        render_sarif(&render, &text);
        break;
    case OUTPUT_GITHUB:
        render_github(&render, &text);
        break;
    }
    (void)fputs(text.bytes, stdout);
    if (validation->is_conflict) {
        return EXIT_CONFLICT;
    }
    return render_is_invalid(&render) ? EXIT_INVALID : EXIT_DONE;
}

static enum err_code read_manifests(struct validation *validation, struct err *err)
{
    const enum err_code code = files_read_as_given(validation->options, validation->arena,
                                                   &validation->manifests, err);

    if (code == ERR_OK && validation->manifests.count == 0) {
        return err_set(err, ERR_NOTFOUND,
                       "%s: no manifest in there: expected files that end in .yaml, .yml "
                       "or .json",
                       validation->options->operands.items[0]);
    }
    return code;
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct validation validation = {.options = options, .arena = &arena};
    struct err err;
    int status;

    if (read_manifests(&validation, &err) != ERR_OK) {
        status = cli_fail(options, &err);
    } else {
        check_all(&validation);
        status = show(&validation);
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
