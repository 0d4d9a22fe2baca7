/*
 * prune.h - which applications go because their files went, and which had better not.
 *
 * An application that the folder declared and does not declare any more is missing.  One
 * that has been missing for the grace time goes, unless the folder looks as if something
 * had happened to it: then all that is missing is held, until it is there again or
 * somebody confirms that it is meant.
 *
 * Pure but for the memory of since when what is missing.
 */
#ifndef RECONCILER_RUN_PRUNE_H
#define RECONCILER_RUN_PRUNE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/model.h"
#include "reconciler/core/instant.h"

enum prune_mode {
    PRUNE_GUARDED,
    PRUNE_ALWAYS, /* an empty folder, and however many: what cannot be seen stays though
                   */
    PRUNE_NEVER,
};

struct prune_options {
    enum prune_mode mode;
    int64_t grace_ms;
    uint32_t most_percent; /* of the folder's applications, in one go; 3 always may */
};

/* An application that the folder declared: name and file. */
struct prune_owned {
    const char *application;
    const char *file;
    bool is_missing; /* there is no such file any more, as far as can be seen */
};

/* The folder as the last look found it. */
struct prune_view {
    const struct prune_owned *owned;
    size_t owned_count;
    size_t files_count;
    const char *unseen;  /* why the folder, or part of it, could not be seen; or NULL */
    const char *unknown; /* a file that cannot be read, and of which it is not known what
                            it declares; or NULL */
};

struct prune_verdict {
    struct names doomed;     /* applications: they go now */
    struct names held;       /* missing, and they stay */
    const char *reason;      /* why those are held, in one sentence; NULL when none are */
    struct instant deadline; /* decide again, when the grace of one is over */
};

struct prune;

struct prune *prune_new(const struct prune_options *options);
void prune_free(struct prune *prune);

/* Decide, into arena. */
void prune_decide(struct prune *prune, const struct prune_view *view, struct instant now,
                  struct arena *arena, struct prune_verdict *ret_verdict);

/* What was held when prune_decide was called last may go after all.  It holds for these
 * applications, while they are missing, and for no other. */
void prune_confirm(struct prune *prune);

#endif
