#include "manifest/migrate.h"

#include "manifest/manifest.h"
#include "manifest/migrate_edit.h"
#include "manifest/migrate_parts.h"
#include "manifest/tree.h"

/* A text of 0.82, and what is made of it. */
struct work {
    const char *text; /* with a NUL behind it */
    size_t length;
    const char *source;
    struct arena *arena;
    struct diags *diags;
};

/* What is left to a human is the first error. */
static enum err_code leave(const struct work *work, size_t first, struct err *err)
{
    const struct diag *diag = &work->diags->items[first];
    const enum err_code code = err_set(err, ERR_INVALID, "%s", diag->message);

    err_locate(err, diag->source, diag->span.start);
    return code;
}

/* Whether what was made of it is a manifest. */
static enum err_code check(const struct work *work, const char *text, size_t length,
                           bool is_changed, struct err *err)
{
    const char *source = is_changed
                             ? arena_print(work->arena, "%s, migrated", work->source)
                             : work->source;
    struct manifest manifest;

    return manifest_read(text, length, source, work->arena, work->diags, &manifest, err);
}

static enum err_code migrate(const struct work *work, struct text *output,
                             struct err *err)
{
    const size_t count_before = work->diags->count;
    const size_t output_before = output->count;
    struct tree_documents documents;
    struct edits edits;

    if (!tree_read(work->text, work->length, work->arena, work->diags, &documents)) {
        return check(work, work->text, work->length, false, err);
    }
    edit_init(&edits, work->text, work->length, work->arena);
    for (size_t i = 0; i < documents.count; i++) {
        migrate_document(documents.roots[i], &edits, work->diags);
    }
    if (!edit_apply(&edits, output)) {
        return err_set(err, ERR_INVALID,
                       "%s cannot be edited: expected a linkdef on lines of its own",
                       work->source);
    }
    if (work->diags->count > count_before) {
        return leave(work, count_before, err);
    }
    return check(work, output->bytes + output_before, output->count - output_before,
                 edits.count > 0, err);
}

// NOLINTNEXTLINE(readability-function-size): see the header
enum err_code migrate_print(const char *text, size_t length, const char *source,
                            struct diags *diags, struct text *output, struct err *err)
{
    const struct work work = {
        .text = arena_text(diags->arena, text, length),
        .length = length,
        .source = source,
        .arena = diags->arena,
        .diags = diags,
    };
    enum err_code code;

    diags->source = arena_copy(diags->arena, source);
    code = migrate(&work, output, err);
    diags_sort(diags);
    return code;
}
