/*
 * support_safety_deaf.h - what the watcher knows of buckets as a whole: those that were
 * made again, which hosts do not hear all of, and those that nobody can follow.
 */
#ifndef TEST_SUPPORT_SAFETY_DEAF_H
#define TEST_SUPPORT_SAFETY_DEAF_H

#include <stdbool.h>
#include <stdint.h>

#include "reconciler/core/event.h"
#include "reconciler/core/instant.h"

struct safety;

/* Where no bucket can be followed: so many answers of hosts, one after the other. */
struct agreement {
    uint32_t count;
    struct instant since;
    bool is_enough; /* as of the last of them: time alone adds nothing */
};

/* A bucket, and what hosts that have outlived one of its name do not hear of. */
struct told_bucket {
    const char *made;
    uint64_t reached; /* its last entry */
    uint64_t unheard; /* up to this one */
};

/* Which entry was told; after safety_take. */
void safety_note_entry(struct safety *safety, const struct event *event);
/* What a put would change is as it is wanted, but some hosts have not heard of it. */
bool safety_is_unheard(const struct safety *safety, const struct command *command);

#endif
