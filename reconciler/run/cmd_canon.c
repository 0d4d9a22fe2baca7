#include <stdio.h>

#include "manifest/canon.h"
#include "manifest/limits.h"
#include "manifest/manifest.h"
#include "reconciler/run/cli.h"
#include "reconciler/run/files.h"

/* A canon may be longer than what it is of: names are spelt out, maps have lines. */
#define CANON_BYTES_MAX    (4 * MANIFEST_BYTES_MAX)
#define FINDINGS_BYTES_MAX ((size_t)1024 * 1024)

/* Append all of manifests as one text of several documents. */
static enum err_code print_all(const struct api_manifests *manifests, struct diags *diags,
                               struct text *text, struct err *err)
{
    for (size_t i = 0; i < manifests->count; i++) {
        const struct api_manifest *given = &manifests->items[i];
        struct manifest manifest;
        enum err_code code = manifest_read(given->text, given->length, given->source,
                                           diags->arena, diags, &manifest, err);

        if (code != ERR_OK) {
            return code;
        }
        text_append(text, i > 0 ? "---\n" : "");
        canon_print_manifest(&manifest, text);
    }
    if (text->is_cut) {
        return err_set(err, ERR_LIMIT, "the canon is over %zu bytes: expected less",
                       CANON_BYTES_MAX);
    }
    return ERR_OK;
}

static int run(const struct options *options)
{
    struct arena arena = {0};
    struct api_manifests manifests;
    struct diags diags;
    struct text canon;
    struct text findings;
    struct err err;
    int status = EXIT_DONE;
    enum err_code code = files_read_as_given(options, &arena, &manifests, &err);

    diags_init(&diags, &arena, "");
    text_init(&canon, &arena, CANON_BYTES_MAX);
    text_init(&findings, &arena, FINDINGS_BYTES_MAX);
    if (code == ERR_OK) {
        code = print_all(&manifests, &diags, &canon, &err);
        diags_print(&diags, &findings);
    }
    if (code == ERR_OK) {
        (void)fwrite(canon.bytes, 1, canon.count, stdout);
    } else {
        status = cli_refuse(options, &err, findings.bytes);
    }
    arena_free(&arena);
    return status;
}

const struct cli_command cmd_canon = {
    .name = "canon",
    .verb = VERB_CANON,
    .run = run,
    .usage = "FILE...",
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .summary = "print manifests so that the same meaning is the same text",
};
