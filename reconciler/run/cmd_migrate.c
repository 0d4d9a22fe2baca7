#include <stdio.h>
#include <string.h>

#include "manifest/limits.h"
#include "manifest/migrate.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/fetch.h"
#include "reconciler/run/files.h"
#include "reconciler/run/replace.h"

#define OUTPUT_BYTES_MAX   (2 * MANIFEST_BYTES_MAX)
#define FINDINGS_BYTES_MAX ((size_t)1024 * 1024)

/* A file under way to its new form. */
struct migration {
    const struct options *options;
    const struct api_manifest *manifest;
    struct arena *arena;
    struct text output;
    const char *findings;
};

static enum err_code migrate(struct migration *migration, struct err *err)
{
    const struct api_manifest *manifest = migration->manifest;
    struct diags diags;
    struct text findings;
    enum err_code code;

    diags_init(&diags, migration->arena, manifest->source);
    text_init(&migration->output, migration->arena, OUTPUT_BYTES_MAX);
    text_init(&findings, migration->arena, FINDINGS_BYTES_MAX);
    code = migrate_print(manifest->text, manifest->length, manifest->source, &diags,
                         &migration->output, err);
    if (code == ERR_OK && migration->output.is_cut) {
        code = err_set(err, ERR_LIMIT, "%s: over %zu bytes once migrated: expected less",
                       manifest->source, OUTPUT_BYTES_MAX);
    }
    if (code != ERR_OK) {
        diags_print(&diags, &findings);
    }
    migration->findings = findings.bytes;
    return code;
}

static bool is_changed(const struct migration *migration)
{
    return migration->output.count != migration->manifest->length ||
           memcmp(migration->output.bytes, migration->manifest->text,
                  migration->output.count) != 0;
}

/* A file of which something is left to a human stays as it is. */
static enum err_code put(const struct migration *migration, struct err *err)
{
    enum err_code code;

    if (!is_changed(migration)) {
        return ERR_OK;
    }
    code = replace_file(migration->manifest->source, migration->output.bytes,
                        migration->output.count, err);
    if (code == ERR_OK && migration->options->verbosity >= 0) {
        (void)printf("%s\n", migration->manifest->source);
    }
    return code;
}

static int run_one(const struct options *options, const struct api_manifest *manifest)
{
    struct arena arena = {0};
    struct migration migration = {
        .options = options, .manifest = manifest, .arena = &arena};
    struct err err;
    int status = EXIT_DONE;
    enum err_code code = migrate(&migration, &err);

    if (options->is_in_place && code == ERR_OK) {
        code = put(&migration, &err);
    } else if (!options->is_in_place && (code == ERR_OK || !options->is_json)) {
        (void)fwrite(migration.output.bytes, 1, migration.output.count, stdout);
    }
    if (code != ERR_OK) {
        status = cli_refuse(options, &err, migration.findings);
    }
    arena_free(&arena);
    return status;
}

/* Whether what is asked for can be done with manifests. */
static enum err_code check(const struct options *options,
                           const struct api_manifests *manifests, struct err *err)
{
    if (!options->is_in_place && manifests->count > 1) {
        return err_set(err, ERR_USAGE,
                       "%zu files to one output: name one, or say --in-place",
                       manifests->count);
    }
    for (size_t i = 0; options->is_in_place && i < options->operands.count; i++) {
        if (strcmp(options->operands.items[i], "-") == 0) {
            return err_set(err, ERR_USAGE,
                           "standard input has no place: leave out --in-place");
        }
        if (fetch_is_url(options->operands.items[i])) {
            return err_set(err, ERR_USAGE,
                           "a URL is not written to: leave out --in-place");
        }
    }
    return ERR_OK;
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct api_manifests manifests;
    struct err err;
    int status = EXIT_DONE;
    enum err_code code = files_read(options, &arena, &manifests, &err);

    if (code == ERR_OK) {
        code = check(options, &manifests, &err);
    }
    if (code != ERR_OK) {
        status = cli_fail(options, &err);
    }
    for (size_t i = 0; code == ERR_OK && i < manifests.count; i++) {
        const int ended = run_one(options, &manifests.items[i]);

        status = status == EXIT_DONE ? ended : status;
    }
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_migrate = {
    .name = "migrate",
    .verb = VERB_MIGRATE,
    .run = run,
    .usage = "FILE...",
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .summary = "write manifests of wasmCloud 0.82 anew",
};
