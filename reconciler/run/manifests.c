#include "reconciler/run/manifests.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/run/clock.h"
#include "reconciler/run/folder.h"
#include "reconciler/run/log.h"
#include "reconciler/run/manifests_log.h"
#include "reconciler/run/prune.h"

/* A file that was not applied, and why. */
struct refused {
    const char *file;
    const char *reason;
    bool is_broken; /* nobody knows what it declares */
};

struct manifests {
    struct reconciler *reconciler;
    struct folder *folder;
    struct prune *prune;
    struct instant prune_at;

    struct arena arena; /* of all that follows, which the last look found */
    struct folder_view view;
    struct refused *refused;
    size_t refused_count;
    const struct refused *before; /* what the look before this one refused */
    size_t before_count;
    struct names held;
    const char *held_reason;
    const char *unseen; /* why the folder could not be read at all; NULL: it was */
};

enum err_code manifests_open(struct reconciler *reconciler, const struct options *options,
                             struct manifests **ret_manifests, struct err *err)
{
    const struct prune_options rules = {options->prune, options->prune_grace_ms,
                                        options->prune_most_percent};
    struct folder *folder;
    enum err_code code = folder_open(options->manifests, options->poll_ms, &folder, err);
    struct manifests *manifests;

    if (code != ERR_OK) {
        return code;
    }
    manifests = calloc(1, sizeof *manifests);
    if (manifests == NULL) {
        abort();
    }
    manifests->reconciler = reconciler;
    manifests->folder = folder;
    manifests->prune_at = INSTANT_NEVER;
    manifests->prune = prune_new(&rules);
    loop_watch(reconciler_loop(reconciler), folder_fd(folder));
    *ret_manifests = manifests;
    return ERR_OK;
}

void manifests_close(struct manifests *manifests)
{
    if (manifests != NULL) {
        loop_unwatch(reconciler_loop(manifests->reconciler),
                     folder_fd(manifests->folder));
        folder_close(manifests->folder);
        prune_free(manifests->prune);
        arena_free(&manifests->arena);
        free(manifests);
    }
}

struct instant manifests_deadline(const struct manifests *manifests)
{
    return instant_min(folder_deadline(manifests->folder), manifests->prune_at);
}

void manifests_look(struct manifests *manifests)
{
    folder_look(manifests->folder);
}

static int compare_path(const void *path, const void *file)
{
    return strcmp(path, ((const struct folder_file *)file)->path);
}

static bool has_file(void *context, const char *path)
{
    const struct folder_view *view = &((const struct manifests *)context)->view;

    return view->count > 0 && bsearch(path, view->files, view->count, sizeof *view->files,
                                      compare_path) != NULL;
}

struct claims manifests_claims(struct manifests *manifests)
{
    return (struct claims){
        .store = reconciler_store(manifests->reconciler),
        .root = folder_root(manifests->folder),
        .has_file = has_file,
        .context = manifests,
    };
}

/* Is code about the manifests themselves?  A conflict or a full disk may go away. */
static bool is_final(enum err_code code)
{
    return code == ERR_SYNTAX || code == ERR_INVALID || code == ERR_LIMIT;
}

static bool was_refused(const struct manifests *manifests, const char *file,
                        const char *reason)
{
    for (size_t i = 0; i < manifests->before_count; i++) {
        if (strcmp(manifests->before[i].file, file) == 0 &&
            strcmp(manifests->before[i].reason, reason) == 0) {
            return true;
        }
    }
    return false;
}

/* What is tried again at each look is told once. */
static void refuse(struct manifests *manifests, const struct api_manifest *manifest,
                   const char *findings, const struct err *err)
{
    if (!was_refused(manifests, manifest->source, err->message)) {
        manifests_log_findings(findings, &manifests->arena);
        log_say(LOG_LEVEL_ERROR, "a manifest is not applied", "file", manifest->source,
                "reason", err->message, NULL);
    }
    manifests->refused[manifests->refused_count++] =
        (struct refused){manifest->source, arena_copy(&manifests->arena, err->message),
                         is_final(err->code)};
    if (!is_final(err->code)) {
        folder_tell_again(manifests->folder, manifest->source);
    }
}

/* Deploy changed manifests together, and tell the engine. */
static enum err_code deploy(struct manifests *manifests,
                            const struct api_manifests *changed,
                            const char **ret_findings, struct err *err)
{
    const struct claims claims = manifests_claims(manifests);
    struct claims_outcome outcome;
    enum err_code code =
        claims_deploy(&claims, changed, &manifests->arena, &outcome, err);

    *ret_findings = outcome.deployment.report.findings;
    if (code == ERR_OK) {
        manifests_log_applied(&outcome);
        code = reconciler_reload(manifests->reconciler, outcome.deployment.applications,
                                 outcome.deployment.count, err);
    }
    if (code == ERR_OK && outcome.gone.count > 0) {
        code = reconciler_prune(manifests->reconciler, outcome.gone.items,
                                outcome.gone.count, err);
    }
    return code;
}

static void deploy_one(struct manifests *manifests, const struct api_manifest *manifest)
{
    const struct api_manifests one = {manifest, 1};
    const char *findings;
    struct err err;

    if (deploy(manifests, &one, &findings, &err) == ERR_OK) {
        manifests_log_findings(findings, &manifests->arena);
    } else {
        refuse(manifests, manifest, findings, &err);
    }
}

/* Those of changed that are right by themselves; the others are refused. */
static struct api_manifests keep_valid(struct manifests *manifests,
                                       const struct api_manifests *changed)
{
    struct api_manifest *items =
        arena_array(&manifests->arena, changed->count, sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < changed->count; i++) {
        const struct api_manifests one = {&changed->items[i], 1};
        struct arena arena = {0};
        struct diags diags;
        struct err err;

        diags_init(&diags, &arena, "");
        if (deploy_check(&one, &arena, &diags, &err) == ERR_OK) {
            items[count++] = changed->items[i];
        } else {
            refuse(manifests, &changed->items[i], deploy_print(&diags, &arena), &err);
        }
        arena_free(&arena);
    }
    return (struct api_manifests){items, count};
}

/*
 * Together, so that a resource may move from one file to another; without those that are
 * broken, so that they hold up no other; one by one where the rest is at odds.
 */
static void deploy_all(struct manifests *manifests, const struct api_manifests *changed)
{
    struct api_manifests rest;
    const char *findings = "";
    struct err err;

    if (changed->count == 1) {
        deploy_one(manifests, changed->items);
        return;
    }
    if (changed->count == 0 || deploy(manifests, changed, &findings, &err) == ERR_OK) {
        manifests_log_findings(findings, &manifests->arena);
        return;
    }
    rest = keep_valid(manifests, changed);
    if (rest.count > 0 && rest.count < changed->count &&
        deploy(manifests, &rest, &findings, &err) == ERR_OK) {
        manifests_log_findings(findings, &manifests->arena);
        return;
    }
    for (size_t i = 0; i < rest.count; i++) {
        deploy_one(manifests, &rest.items[i]);
    }
}

static struct api_manifests collect_changed(struct manifests *manifests)
{
    const struct folder_view *view = &manifests->view;
    struct api_manifest *items =
        arena_array(&manifests->arena, view->count, sizeof *items);
    size_t count = 0;

    for (size_t i = 0; i < view->count; i++) {
        if (view->files[i].finding == FOLDER_CHANGED) {
            items[count] = view->files[i].manifest;
            items[count++].way = "folder";
        }
    }
    return (struct api_manifests){items, count};
}

/* What was wrong with files that have not changed since is wrong still. */
static void carry_refused(struct manifests *manifests)
{
    const struct folder_view *view = &manifests->view;
    const struct refused *before = manifests->before;
    struct refused *refused =
        arena_array(&manifests->arena, view->count, sizeof *refused);
    size_t count = 0;

    for (size_t i = 0; i < view->count; i++) {
        const struct folder_file *file = &view->files[i];

        if (file->finding == FOLDER_UNREADABLE) {
            refused[count++] = (struct refused){file->path, "it cannot be read", true};
        }
        for (size_t j = 0; file->finding <= FOLDER_WRITTEN && j < manifests->before_count;
             j++) {
            if (file->finding != FOLDER_CHANGED &&
                strcmp(before[j].file, file->path) == 0) {
                refused[count++] = (struct refused){
                    file->path, arena_copy(&manifests->arena, before[j].reason),
                    before[j].is_broken};
            }
        }
    }
    manifests->refused = refused;
    manifests->refused_count = count;
}

/* A broken file of which the store does not know what it declared before. */
static const char *find_unknown(const struct manifests *manifests,
                                const struct store_applications *known)
{
    for (size_t i = 0; i < manifests->refused_count; i++) {
        const struct refused *refused = &manifests->refused[i];
        bool is_known = !refused->is_broken;

        for (size_t j = 0; j < known->count && !is_known; j++) {
            is_known = strcmp(known->items[j].source, refused->file) == 0;
        }
        if (!is_known) {
            return refused->file;
        }
    }
    return NULL;
}

/* The applications that files of the folder declared. */
static struct prune_view view_owned(struct manifests *manifests,
                                    const struct store_applications *known)
{
    const struct claims claims = manifests_claims(manifests);
    struct prune_owned *owned =
        arena_array(&manifests->arena, known->count, sizeof *owned);
    struct prune_view view = {
        .owned = owned,
        .files_count = manifests->view.count,
        .unseen = manifests->view.unreadable,
        .unknown = find_unknown(manifests, known),
    };

    for (size_t i = 0; i < known->count; i++) {
        const struct store_application *application = &known->items[i];

        if (claims_is_folders(&claims, application)) {
            owned[view.owned_count++] =
                (struct prune_owned){application->name, application->source,
                                     !has_file(manifests, application->source)};
        }
    }
    return view;
}

static enum err_code delete_all(struct store *store, const struct names *doomed,
                                struct err *err)
{
    enum err_code code = store_begin(store, err);

    if (code != ERR_OK) {
        return code;
    }
    for (size_t i = 0; i < doomed->count && code == ERR_OK; i++) {
        code = store_delete(store, doomed->items[i], NULL, err);
    }
    if (code == ERR_OK) {
        code = store_commit(store, err);
    }
    if (code != ERR_OK) {
        store_rollback(store);
    }
    return code;
}

static enum err_code remove_all(struct manifests *manifests, const struct names *doomed,
                                struct err *err)
{
    enum err_code code = delete_all(reconciler_store(manifests->reconciler), doomed, err);

    for (size_t i = 0; i < doomed->count && code == ERR_OK; i++) {
        log_say(LOG_LEVEL_WARNING, "removed, for its file is gone", "application",
                doomed->items[i], NULL);
    }
    return code == ERR_OK ? reconciler_prune(manifests->reconciler, doomed->items,
                                             doomed->count, err)
                          : code;
}

static enum err_code prune(struct manifests *manifests, struct err *err)
{
    struct store_applications known;
    struct prune_verdict verdict;
    struct prune_view view;
    enum err_code code = store_list(reconciler_store(manifests->reconciler),
                                    &manifests->arena, &known, err);

    if (code != ERR_OK) {
        return code;
    }
    view = view_owned(manifests, &known);
    prune_decide(manifests->prune, &view, clock_now(), &manifests->arena, &verdict);
    manifests->prune_at = verdict.deadline;
    manifests->held = verdict.held;
    manifests->held_reason = verdict.reason;
    manifests_log_held(&manifests->held, manifests->held_reason);
    return verdict.doomed.count > 0 ? remove_all(manifests, &verdict.doomed, err)
                                    : ERR_OK;
}

static void look(struct manifests *manifests)
{
    struct arena old = manifests->arena;
    struct arena arena = {0};
    struct folder_view view;
    struct api_manifests changed;
    struct err err;

    if (folder_scan(manifests->folder, clock_now(), &arena, &view, &err) != ERR_OK) {
        log_say(LOG_LEVEL_ERROR,
                "the folder of manifests cannot be read: all that it declared stays",
                "reason", err.message, NULL);
        manifests->unseen = arena_copy(&manifests->arena, err.message);
        manifests->prune_at = INSTANT_NEVER;
        arena_free(&arena);
        return;
    }
    manifests->arena = arena;
    manifests->view = view;
    manifests->unseen = NULL;
    manifests->before = manifests->refused;
    manifests->before_count = manifests->refused_count;
    carry_refused(manifests);
    changed = collect_changed(manifests);
    deploy_all(manifests, &changed);
    manifests->before_count = 0;
    arena_free(&old);
    if (prune(manifests, &err) != ERR_OK) {
        log_say(LOG_LEVEL_ERROR, "what has no file any more is not removed", "reason",
                err.message, NULL);
    }
}

void manifests_before_turn(struct manifests *manifests)
{
    if (instant_is_due(manifests_deadline(manifests), clock_now())) {
        look(manifests);
    }
}

void manifests_after_turn(struct manifests *manifests)
{
    if (loop_is_ready(reconciler_loop(manifests->reconciler),
                      folder_fd(manifests->folder))) {
        folder_take(manifests->folder, clock_now());
    }
}

const struct names *manifests_held(const struct manifests *manifests)
{
    return &manifests->held;
}

const char *manifests_held_reason(const struct manifests *manifests)
{
    return manifests->held_reason;
}

void manifests_confirm(struct manifests *manifests)
{
    prune_confirm(manifests->prune);
    manifests_look(manifests);
}

struct names manifests_notes(const struct manifests *manifests, struct arena *arena)
{
    const char **notes = arena_array(arena, manifests->refused_count + 2, sizeof *notes);
    size_t count = 0;

    if (manifests->unseen != NULL) {
        notes[count++] = arena_print(arena, "the folder of manifests cannot be read: %s",
                                     manifests->unseen);
    }
    if (manifests->held_reason != NULL) {
        notes[count++] =
            arena_print(arena, "%zu applications whose files are gone are held: %s",
                        manifests->held.count, manifests->held_reason);
    }
    for (size_t i = 0; i < manifests->refused_count; i++) {
        notes[count++] =
            arena_print(arena, "%s is not applied, and what it declared before stays: %s",
                        manifests->refused[i].file, manifests->refused[i].reason);
    }
    return (struct names){notes, count};
}
