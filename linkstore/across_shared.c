#include "linkstore/across_shared.h"

#include <assert.h>
#include <string.h>

#include "linkstore/expand.h"
#include "linkstore/expand_settle.h"
#include "manifest/validate_keyed.h"

#define NONE SIZE_MAX

enum progress {
    PROGRESS_NEW,
    PROGRESS_OPEN, /* on the path that is walked */
    PROGRESS_DONE,
};

struct walk {
    const struct across_application *applications;
    struct validate_keyed *names; /* of the applications, sorted */
    size_t count;
    bool is_complete;

    enum progress *progress; /* of each application */
    size_t *component;       /* the next one to look at, of each application */
    size_t *path;            /* applications, each used by the one before it */
    size_t path_count;
    struct diags *diags;
};

static void enter(struct diags *diags, const struct manifest *manifest)
{
    diags->source = manifest->source;
    diags->allowances = manifest->allowances;
}

/* The names of count applications, sorted. */
static struct validate_keyed *sort_names(const struct across_application *applications,
                                         size_t count, struct arena *arena)
{
    struct validate_keyed *names = arena_array(arena, count, sizeof *names);

    for (size_t i = 0; i < count; i++) {
        names[i] = (struct validate_keyed){.keys = {applications[i].application->name},
                                           .index = i};
    }
    validate_keyed_sort(names, count);
    return names;
}

/* The index of the application name; NONE when it is not among count names. */
static size_t find_application(const struct validate_keyed *names, size_t count,
                               const char *name)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (strcmp(names[middle].keys[0], name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && strcmp(names[low].keys[0], name) == 0 ? names[low].index : NONE;
}

static const struct oam_component *find_component(
    const struct oam_application *application, const char *name)
{
    for (size_t i = 0; i < application->components_count; i++) {
        if (strcmp(application->components[i].name, name) == 0) {
            return &application->components[i];
        }
    }
    return NULL;
}

/* Does the other application share what user, a component, refers to? */
static void check_reference(const struct walk *walk, const struct oam_component *user,
                            const struct across_application *other)
{
    struct diags *diags = walk->diags;
    const struct oam_application *application = other->application;
    const struct oam_component *component =
        find_component(application, user->shared.component);
    const char *quoted = diag_quoted(application->name, diags->arena);

    if (!application->is_shared) {
        diags_add(diags, DIAG_ERROR, "shared-reference", &user->shared.span,
                  "application %s is not shared: expected its annotation "
                  "'experimental.wasmcloud.dev/shared' to be 'true'",
                  quoted);
    } else if (component == NULL || component->shared.application != NULL) {
        diags_add(diags, DIAG_ERROR, "shared-reference", &user->shared.span,
                  "application %s runs no component %s: expected one of its own", quoted,
                  diag_quoted(user->shared.component, diags->arena));
    } else if (component->kind != user->kind) {
        diags_add(diags, DIAG_ERROR, "shared-reference", &user->shared.span,
                  "in application %s, %s is of another type: expected the same", quoted,
                  diag_quoted(user->shared.component, diags->arena));
    } else {
        return;
    }
    diags_relate(diags, other->manifest->source, &application->name_span,
                 "this is the application");
}

static void report_unknown(const struct walk *walk, const struct oam_component *user)
{
    diags_add(walk->diags, DIAG_WARNING, "unknown-shared", &user->shared.span,
              "application %s is not here: expected it, unless it is deployed already",
              diag_quoted(user->shared.application, walk->diags->arena));
}

/* user, the component where the path has come to, refers to one on the path. */
static void report_cycle(const struct walk *walk, const struct oam_component *user,
                         size_t other)
{
    const struct across_application *back = &walk->applications[other];
    const struct oam_component *onward =
        &back->application->components[walk->component[other] - 1];

    diags_add(walk->diags, DIAG_ERROR, "shared-cycle", &user->shared.span,
              "application %s uses this one in turn: expected one that can be the first",
              diag_quoted(user->shared.application, walk->diags->arena));
    diags_relate(walk->diags, back->manifest->source, &onward->shared.span,
                 "this leads back");
}

static void push(struct walk *walk, size_t index)
{
    assert(walk->progress[index] == PROGRESS_NEW && walk->path_count < walk->count);
    walk->progress[index] = PROGRESS_OPEN;
    walk->path[walk->path_count++] = index;
}

/* One component on, in the application at the end of the path. */
static void step(struct walk *walk, size_t index)
{
    const struct across_application *here = &walk->applications[index];
    const struct oam_component *user =
        &here->application->components[walk->component[index]++];
    size_t other;

    if (user->shared.application == NULL) {
        return;
    }
    enter(walk->diags, here->manifest);
    other = find_application(walk->names, walk->count, user->shared.application);
    if (other == NONE) {
        if (walk->is_complete) {
            report_unknown(walk, user);
        }
        return;
    }
    if (walk->progress[other] == PROGRESS_OPEN) {
        report_cycle(walk, user, other);
        return;
    }
    check_reference(walk, user, &walk->applications[other]);
    if (walk->progress[other] == PROGRESS_NEW) {
        push(walk, other);
    }
}

static void follow(struct walk *walk, size_t start)
{
    push(walk, start);
    while (walk->path_count > 0) {
        const size_t index = walk->path[walk->path_count - 1];

        if (walk->component[index] <
            walk->applications[index].application->components_count) {
            step(walk, index);
        } else {
            walk->progress[index] = PROGRESS_DONE;
            walk->path_count--;
        }
    }
}

void across_check_shared(const struct across_application *applications, size_t count,
                         bool is_complete, struct diags *diags)
{
    struct arena scratch = {0};
    struct walk walk = {
        .applications = applications,
        .names = sort_names(applications, count, &scratch),
        .count = count,
        .is_complete = is_complete,
        .progress = arena_array(&scratch, count, sizeof *walk.progress),
        .component = arena_array(&scratch, count, sizeof *walk.component),
        .path = arena_array(&scratch, count, sizeof *walk.path),
        .diags = diags,
    };

    for (size_t i = 0; i < count; i++) {
        if (walk.progress[i] == PROGRESS_NEW) {
            follow(&walk, i);
        }
    }
    arena_free(&scratch);
}

/* The id that application gives to what row refers to; NULL when it shares no such. */
static const char *shared_id(const struct oam_application *application,
                             const struct shared_row *row, struct arena *arena)
{
    const struct oam_component *component = find_component(application, row->name);
    const enum oam_kind kind =
        row->kind == WORKLOAD_COMPONENT ? OAM_COMPONENT : OAM_CAPABILITY;

    return application->is_shared && component != NULL && component->kind == kind &&
                   component->shared.application == NULL
               ? expand_id(application, component, arena)
               : NULL;
}

/* The id of an end of a link; ids has one for each of the shared rows of desired. */
static const char *end_id(const struct desired *desired, const char *const *ids,
                          const struct shared_row *shared, const char *otherwise)
{
    return shared != NULL ? ids[shared - desired->shared] : otherwise;
}

/* Give the links of desired the ids of what is shared. */
static void rename_ends(struct desired *desired, const char *const *ids,
                        struct arena *arena)
{
    struct link_row *rows = arena_array(arena, desired->links_count, sizeof *rows);

    for (size_t i = 0; i < desired->links_count; i++) {
        struct link_row *row = &rows[i];

        *row = desired->links[i];
        row->link.source_id =
            end_id(desired, ids, row->source_shared, row->link.source_id);
        row->link.target = end_id(desired, ids, row->target_shared, row->link.target);
    }
    desired->links_count = settle_links(rows, desired->links_count, arena);
    desired->links = rows;
}

void across_resolve_shared(const struct across_application *applications,
                           struct desired *desired, size_t count, struct arena *arena)
{
    const struct validate_keyed *names = sort_names(applications, count, arena);

    for (size_t i = 0; i < count; i++) {
        struct desired *user = &desired[i];
        const char **ids = arena_array(arena, user->shared_count, sizeof *ids);

        for (size_t j = 0; j < user->shared_count; j++) {
            const struct shared_row *row = &user->shared[j];
            const size_t other = find_application(names, count, row->application);
            const char *id = other != NONE
                                 ? shared_id(applications[other].application, row, arena)
                                 : NULL;

            ids[j] = id != NULL ? id : row->id;
        }
        if (user->shared_count > 0) {
            rename_ends(user, ids, arena);
        }
    }
}
