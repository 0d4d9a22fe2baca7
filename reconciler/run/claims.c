#include "reconciler/run/claims.h"

#include <string.h>
#include <unistd.h>

static bool is_way(const char *way, const char *expected)
{
    return way != NULL && strcmp(way, expected) == 0;
}

bool claims_is_folders(const struct claims *claims,
                       const struct store_application *application)
{
    return claims->root != NULL && is_way(application->way, "folder") &&
           strncmp(application->source, claims->root, strlen(claims->root)) == 0;
}

static const struct store_application *find(const struct store_applications *all,
                                            const char *name)
{
    size_t low = 0;
    size_t high = all->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(all->items[middle].name, name);

        if (order == 0) {
            return &all->items[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static bool is_source(const struct api_manifests *manifests, const char *source)
{
    for (size_t i = 0; i < manifests->count; i++) {
        if (strcmp(manifests->items[i].source, source) == 0) {
            return true;
        }
    }
    return false;
}

/* Manifests that are being put into the store, and what was in there before. */
struct intake {
    const struct claims *claims;
    const struct api_manifests *manifests;
    struct arena *arena;
    struct store_applications before;
};

static bool is_still_declared(const struct intake *intake,
                              const struct store_application *before)
{
    const struct claims *claims = intake->claims;

    return claims_is_folders(claims, before) &&
           !is_source(intake->manifests, before->source) &&
           claims->has_file(claims->context, before->source);
}

/* May a file of the folder, source, have what was before? */
static enum err_code check_folders(const struct intake *intake,
                                   const struct store_application *before,
                                   const char *source, struct err *err)
{
    if (is_way(before->way, "api") || is_way(before->way, "wadm")) {
        return err_set(
            err, ERR_CONFLICT,
            "application '%s' is declared by %s, and was put through the API "
            "(%s): put it from that file (trellis apply %s), or take it out of "
            "the folder",
            before->name, source, before->source, source);
    }
    if (is_still_declared(intake, before)) {
        return err_set(err, ERR_CONFLICT,
                       "application '%s' is declared by %s and by %s: take it out of one",
                       before->name, before->source, source);
    }
    return ERR_OK;
}

/* May somebody else? */
static enum err_code check_others(const struct intake *intake,
                                  const struct store_application *before,
                                  const char *source, struct err *err)
{
    if (is_still_declared(intake, before)) {
        return err_set(err, ERR_CONFLICT,
                       "application '%s' belongs to %s, a file of the daemon's folder, "
                       "and %s would change it: change that file instead",
                       before->name, before->source, source);
    }
    return ERR_OK;
}

/* Was the application of this name ours to put? */
static enum err_code check(const struct intake *intake, const char *name, struct err *err)
{
    const struct store_application *before = find(&intake->before, name);
    const struct api_manifest *first = intake->manifests->items;
    struct store_application now = {0};
    enum err_code code =
        store_find(intake->claims->store, name, intake->arena, &now, err);

    if (code != ERR_OK || before == NULL ||
        is_source(intake->manifests, before->source)) {
        return code;
    }
    return is_way(first->way, "folder")
               ? check_folders(intake, before, now.source, err)
               : check_others(intake, before, first->source, err);
}

enum err_code claims_check(const struct claims *claims,
                           const struct store_application *application, struct err *err)
{
    if (claims_is_folders(claims, application) &&
        claims->has_file(claims->context, application->source)) {
        return err_set(err, ERR_CONFLICT,
                       "application '%s' belongs to %s, a file of the daemon's folder: "
                       "change that file instead",
                       application->name, application->source);
    }
    return ERR_OK;
}

enum err_code claims_check_removal(const struct claims *claims, const char *name,
                                   struct arena *arena, struct err *err)
{
    struct store_application application;
    struct err unknown;
    const enum err_code code =
        store_find(claims->store, name, arena, &application, &unknown);

    if (code != ERR_OK || !claims_is_folders(claims, &application) ||
        !claims->has_file(claims->context, application.source) ||
        access(application.source, F_OK) != 0) { /* not looked at since it went */
        return ERR_OK;
    }
    return err_set(err, ERR_CONFLICT,
                   "application '%s' is declared by %s, a file of the daemon's folder, "
                   "which would bring it back: delete that file instead",
                   name, application.source);
}

static bool is_among(const struct deployment *deployment, const char *name)
{
    for (size_t i = 0; i < deployment->count; i++) {
        if (strcmp(deployment->applications[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Delete what the files declared before and nobody does now. */
static enum err_code delete_gone(const struct intake *intake,
                                 struct claims_outcome *outcome, struct err *err)
{
    const struct store_applications *before = &intake->before;
    const char **gone = arena_array(intake->arena, before->count, sizeof *gone);
    size_t count = 0;
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < before->count && code == ERR_OK; i++) {
        const struct store_application *old = &before->items[i];

        if (claims_is_folders(intake->claims, old) &&
            is_source(intake->manifests, old->source) &&
            !is_among(&outcome->deployment, old->name)) {
            gone[count++] = old->name;
            code = store_delete(intake->claims->store, old->name, NULL, err);
        }
    }
    outcome->gone = (struct names){gone, count};
    return code;
}

/* All that follows from what was deployed, before it is committed. */
static enum err_code follow(const struct intake *intake, struct claims_outcome *outcome,
                            struct err *err)
{
    const struct deployment *deployment = &outcome->deployment;
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < deployment->count && code == ERR_OK; i++) {
        code = check(intake, deployment->applications[i], err);
    }
    if (code == ERR_OK && is_way(intake->manifests->items->way, "folder")) {
        code = delete_gone(intake, outcome, err);
    }
    return code;
}

static bool is_expected(const char *expected, const char *found)
{
    return expected == NULL || strcmp(expected, found) == 0;
}

/* Is all still as whoever sends manifests last saw it? */
static enum err_code check_expected(const struct intake *intake, struct err *err)
{
    for (size_t i = 0; i < intake->manifests->expected_count; i++) {
        const struct api_expected *expected = &intake->manifests->expected[i];
        const struct store_application *found =
            find(&intake->before, expected->application);
        const char *version = found != NULL ? found->version : "";
        const char *digest = found != NULL ? found->digest : "";

        if (!is_expected(expected->version, version) ||
            !is_expected(expected->digest, digest)) {
            return err_set(err, ERR_CONFLICT,
                           "application '%s' is not as it was expected to be: %s%s%s%s; "
                           "look at its status, and decide again",
                           expected->application,
                           found != NULL ? "its newest version is " : "there is none",
                           version, found != NULL ? " with digest " : "", digest);
        }
    }
    return ERR_OK;
}

enum err_code claims_deploy(const struct claims *claims,
                            const struct api_manifests *manifests, struct arena *arena,
                            struct claims_outcome *ret_outcome, struct err *err)
{
    struct intake intake = {claims, manifests, arena, {NULL, 0}};
    const char *findings;
    enum err_code code = store_list(claims->store, arena, &intake.before, err);

    *ret_outcome = (struct claims_outcome){.deployment = {.report = {.findings = ""}}};
    if (code == ERR_OK) {
        code = check_expected(&intake, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    code = deploy_tentatively(claims->store, manifests, arena, &ret_outcome->deployment,
                              err);
    if (code != ERR_OK) {
        return code;
    }
    findings = ret_outcome->deployment.report.findings;
    if (manifests->count > 0) {
        code = follow(&intake, ret_outcome, err);
    }
    if (code == ERR_OK && manifests->is_dry_run) {
        ret_outcome->deployment.report.is_dry_run = true;
        store_rollback(claims->store);
        return ERR_OK;
    }
    if (code == ERR_OK) {
        code = store_commit(claims->store, err);
    }
    if (code != ERR_OK) {
        store_rollback(claims->store);
        *ret_outcome =
            (struct claims_outcome){.deployment = {.report = {.findings = findings}}};
    }
    return code;
}

enum err_code claims_keep(const struct claims *claims,
                          const struct api_manifest *manifest, struct arena *arena,
                          struct deploy_kept *ret_kept, struct err *err)
{
    const struct api_manifests one = {manifest, 1};
    struct intake intake = {claims, &one, arena, {NULL, 0}};
    enum err_code code = store_list(claims->store, arena, &intake.before, err);

    if (code == ERR_OK) {
        code = store_begin(claims->store, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    code = deploy_keep(claims->store, manifest, arena, ret_kept, err);
    if (code == ERR_OK) {
        code = check(&intake, ret_kept->application, err);
    }
    if (code == ERR_OK) {
        code = store_commit(claims->store, err);
    }
    if (code != ERR_OK) {
        store_rollback(claims->store);
    }
    return code;
}
