#include "manifest/manifest.h"

#include <string.h>

#include "manifest/decode.h"
#include "manifest/decode_merge.h"
#include "manifest/lint.h"
#include "manifest/lint_allow.h"
#include "manifest/tree.h"
#include "manifest/validate.h"
#include "manifest/validate_keyed.h"

/* The code of the whole for the rule that was broken first. */
static enum err_code code_of_rule(const char *rule)
{
    if (strcmp(rule, "syntax") == 0 || strcmp(rule, "encoding") == 0) {
        return ERR_SYNTAX;
    }
    return strcmp(rule, "limit") == 0 ? ERR_LIMIT : ERR_INVALID;
}

/* The first error of diags->source; NULL when others took the room for it. */
static const struct diag *find_error(const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];

        if (diag->severity == DIAG_ERROR && strcmp(diag->source, diags->source) == 0) {
            return diag;
        }
    }
    return NULL;
}

static enum err_code set_err(const struct diags *diags, struct err *err)
{
    const struct diag *diag = find_error(diags);
    enum err_code code;

    if (diag == NULL) {
        code = err_set(err, ERR_INVALID, "more errors than are kept: expected none");
        err_locate(err, diags->source, (struct place){1, 1});
        return code;
    }
    code = err_set(err, code_of_rule(diag->rule), "%s", diag->message);
    err_locate(err, diag->source, diag->span.start);
    return code;
}

static void report_name(struct diags *diags, const struct validate_keyed *first,
                        const struct validate_keyed *again)
{
    const struct oam_application *earlier = first->item;
    const struct oam_application *application = again->item;

    if (diags_drop(diags, DIAG_ERROR)) {
        return;
    }
    diags_add(diags, DIAG_ERROR, "duplicate-application", &application->name_span,
              "an application is named %s already: expected another name",
              diag_quoted(application->name, diags->arena));
    diags_relate(diags, NULL, &earlier->name_span, "it has the name first");
}

/* Documents of one text are different applications. */
static void check_names(const struct oam_application *applications, size_t count,
                        struct diags *diags)
{
    struct arena scratch = {0};
    struct validate_keyed *items = arena_array(&scratch, count, sizeof *items);
    size_t named = 0;

    for (size_t i = 0; i < count; i++) {
        if (applications[i].name != NULL) {
            items[named++] = (struct validate_keyed){
                .keys = {applications[i].name}, .item = &applications[i], .index = i};
        }
    }
    validate_keyed_repeats(items, named, report_name, diags);
    arena_free(&scratch);
}

static void read_documents(const struct tree_documents *documents, struct arena *arena,
                           struct diags *diags, struct oam_application *applications)
{
    struct decode decode = {.arena = arena, .diags = diags};

    for (size_t i = 0; i < documents->count; i++) {
        decode_application(&decode, documents->roots[i], &applications[i]);
        validate_application(&applications[i], diags);
        lint_application(&applications[i], diags);
    }
    check_names(applications, documents->count, diags);
}

// NOLINTNEXTLINE(readability-function-size): a text and its origin, and three results
enum err_code manifest_read(const char *text, size_t length, const char *source,
                            struct arena *arena, struct diags *diags,
                            struct manifest *ret_manifest, struct err *err)
{
    const size_t errors_before = diags->errors_count;
    struct oam_application *applications;
    struct tree_documents documents;
    bool is_refused;

    diags->source = arena_copy(diags->arena, source);
    diags->allowances = (struct diag_allowances){0};
    if (tree_read(text, length, arena, diags, &documents) && documents.count == 0) {
        const struct span start = {{1, 1}, {1, 1}};

        diags_add(diags, DIAG_ERROR, "no-application", &start,
                  "the text is empty: expected an application");
    }
    lint_allow_read(text, length, &documents, arena, diags);
    applications = arena_array(arena, documents.count, sizeof *applications);
    read_documents(&documents, arena, diags, applications);
    is_refused = diags->errors_count > errors_before;
    diags_sort(diags);
    if (is_refused) {
        return set_err(diags, err);
    }
    for (size_t i = 0; i < documents.count; i++) {
        decode_merge_links(&applications[i], arena);
    }
    *ret_manifest = (struct manifest){
        .source = arena_copy(arena, source),
        .applications = applications,
        .applications_count = documents.count,
        .allowances = diags->allowances,
    };
    return ERR_OK;
}
