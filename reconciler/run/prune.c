#include "reconciler/run/prune.h"

#include <stdlib.h>
#include <string.h>

#include "manifest/arena.h"

/* So few at a time are nobody's accident. */
#define FEW 3

/* An application that is missing. */
struct missing {
    const char *application;
    struct instant since;
    bool is_held;      /* by the last decision */
    bool is_confirmed; /* it may go whatever the folder looks like */
};

struct prune {
    struct prune_options options;
    struct arena arena; /* of the list, anew with each decision */
    struct missing *missing;
    size_t count;
};

struct prune *prune_new(const struct prune_options *options)
{
    struct prune *prune = calloc(1, sizeof *prune);

    if (prune == NULL) {
        abort();
    }
    prune->options = *options;
    return prune;
}

void prune_free(struct prune *prune)
{
    if (prune != NULL) {
        arena_free(&prune->arena);
        free(prune);
    }
}

static const struct missing *find(const struct prune *prune, const char *application)
{
    for (size_t i = 0; i < prune->count; i++) {
        if (strcmp(prune->missing[i].application, application) == 0) {
            return &prune->missing[i];
        }
    }
    return NULL;
}

/* Remember what view misses, and since when. */
static void note_missing(struct prune *prune, const struct prune_view *view,
                         struct instant now)
{
    struct arena arena = {0};
    struct missing *missing = arena_array(&arena, view->owned_count, sizeof *missing);
    size_t count = 0;

    for (size_t i = 0; i < view->owned_count; i++) {
        const struct prune_owned *owned = &view->owned[i];
        const struct missing *before = find(prune, owned->application);

        if (owned->is_missing) {
            missing[count] = before != NULL ? *before : (struct missing){.since = now};
            missing[count].application = arena_copy(&arena, owned->application);
            count++;
        }
    }
    arena_free(&prune->arena);
    prune->arena = arena;
    prune->missing = missing;
    prune->count = count;
}

/* How many may go in one go. */
static size_t most(const struct prune *prune, const struct prune_view *view)
{
    const size_t share = view->owned_count * prune->options.most_percent / 100;

    return share > FEW ? share : FEW;
}

static size_t count_unconfirmed(const struct prune *prune)
{
    size_t count = 0;

    for (size_t i = 0; i < prune->count; i++) {
        count += !prune->missing[i].is_confirmed;
    }
    return count;
}

/* Why nothing may go that nobody confirms, or NULL. */
static const char *doubt(const struct prune *prune, const struct prune_view *view,
                         struct arena *arena)
{
    const size_t unconfirmed_count = count_unconfirmed(prune);

    if (prune->options.mode == PRUNE_NEVER) {
        return "the daemon was started with --prune never";
    }
    if (view->unseen != NULL) {
        return arena_print(arena, "not all of the folder can be seen: %s", view->unseen);
    }
    if (view->unknown != NULL) {
        return arena_print(arena, "%s cannot be read, and may declare them",
                           view->unknown);
    }
    if (prune->options.mode == PRUNE_ALWAYS) {
        return NULL;
    }
    if (view->files_count == 0) {
        return "there is no manifest in the folder at all";
    }
    if (unconfirmed_count > most(prune, view)) {
        return arena_print(
            arena,
            "%zu of the folder's %zu applications are missing, and at most "
            "%zu go in one go",
            unconfirmed_count, view->owned_count, most(prune, view));
    }
    return NULL;
}

void prune_decide(struct prune *prune, const struct prune_view *view, struct instant now,
                  struct arena *arena, struct prune_verdict *ret_verdict)
{
    struct prune_verdict verdict = {.deadline = INSTANT_NEVER};
    const char **doomed;
    const char **held;
    const char *reason;

    note_missing(prune, view, now);
    reason = prune->count > 0 ? doubt(prune, view, arena) : NULL;
    doomed = arena_array(arena, prune->count, sizeof *doomed);
    held = arena_array(arena, prune->count, sizeof *held);
    for (size_t i = 0; i < prune->count; i++) {
        struct missing *missing = &prune->missing[i];
        const struct instant end = instant_after(missing->since, prune->options.grace_ms);
        const char *application = arena_copy(arena, missing->application);

        missing->is_held = reason != NULL && !missing->is_confirmed;
        if (missing->is_held) {
            held[verdict.held.count++] = application;
        } else if (missing->is_confirmed || instant_is_due(end, now)) {
            doomed[verdict.doomed.count++] = application;
        } else {
            verdict.deadline = instant_min(verdict.deadline, end);
        }
    }
    verdict.doomed.items = doomed;
    verdict.held.items = held;
    verdict.reason = verdict.held.count > 0 ? reason : NULL;
    *ret_verdict = verdict;
}

void prune_confirm(struct prune *prune)
{
    for (size_t i = 0; i < prune->count; i++) {
        prune->missing[i].is_confirmed |= prune->missing[i].is_held;
    }
}
