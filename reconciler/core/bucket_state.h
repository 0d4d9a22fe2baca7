/*
 * bucket_state.h - what the engine knows of a bucket as a whole.  Internal to core/.
 */
#ifndef RECONCILER_CORE_BUCKET_STATE_H
#define RECONCILER_CORE_BUCKET_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "reconciler/core/attempt.h"
#include "reconciler/core/event.h"

struct bucket_state {
    bool is_known;
    uint32_t listing;    /* counts them */
    uint32_t connection; /* the connection it was last listed on */
    struct instant
        emptied_until; /* all that was in it vanished at once not long before */
    enum bucket_loss loss;
    struct instant lost_at;
    struct arena lost_arena;
    const char *lost_text; /* why it is not known; NULL: it is being read */
    struct flight making;
    struct retry retry; /* of making it */
    struct arena arena;
    const char *text; /* lost_text, and why it cannot be made */

    /* See deaf.h. */
    const char *made;       /* which it is of all of its name; NULL: not known */
    uint32_t remade;        /* how often that has changed */
    struct instant made_at; /* and since when */
    struct instant lost_by; /* the one before, at the latest */
    uint64_t sequence;      /* of its last entry that was told */
    uint64_t deaf_to;       /* hosts that have outlived one hear from the next entry on */
    uint32_t outlived;      /* how many such hosts there are */
    /* When the first one was made that this engine saw; 0: what was before is known.
     * Hosts that have outlived it may be deaf up to any number. */
    struct instant unnumbered_at;
    uint64_t heard_from; /* they hear of this entry and of those after; 0: not known */
    bool is_moving;      /* something can be put to move it on */
    size_t next_mover;
    struct instant move_at;
};

#endif
