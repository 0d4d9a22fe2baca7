/*
 * slots.h - the requests under way, each in a numbered slot with its deadline.
 *
 * An answer comes back under a name that bears the slot and how often that was used, so
 * that an answer to an earlier use is told from one to the present.  Knows nothing of
 * NATS.
 */
#ifndef RECONCILER_RUN_SLOTS_H
#define RECONCILER_RUN_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "reconciler/core/event.h"

/* As many as hosts work off side by side with room to spare; beyond it the caller is
 * asked to wait. */
#define SLOTS_COUNT_FIRST 256
#define SLOTS_COUNT_MAX   4096

#define SLOT_NAME_BYTES 24

/* What the server quotes of a subject that it refuses; longer ones are cut there too. */
#define SLOT_SUBJECT_BYTES 200

struct slot {
    uint64_t tag;
    struct instant deadline;
    uint64_t order; /* of being opened, over all slots */
    uint32_t use;
    uint32_t next_free; /* of the free ones */
    bool is_open;
    bool is_gathering;
    char subject[SLOT_SUBJECT_BYTES]; /* where it went */
};

struct slots {
    struct slot *items;
    uint32_t count;
    uint32_t open_count;
    uint32_t first_free;     /* count: none */
    uint32_t cursor;         /* where slots_find_late goes on */
    uint64_t opened_count;   /* ever */
    struct instant earliest; /* no deadline is before it */
    struct arena arena;
};

void slots_init(struct slots *slots);
void slots_clear(struct slots *slots);

/* A slot for a request to subject; NULL when SLOTS_COUNT_MAX are under way.  Pointers
 * to other slots end here: the table may grow. */
struct slot *slots_open(struct slots *slots, const char *subject, uint64_t tag,
                        struct instant deadline);
void slots_close(struct slots *slots, struct slot *slot);

/* What answers to the present use of slot bear. */
void slots_print_name(const struct slots *slots, const struct slot *slot,
                      char ret_name[static SLOT_NAME_BYTES]);

/* The open slot of name; NULL when name is none of ours, or of an earlier use. */
struct slot *slots_find(struct slots *slots, const char *name);

/* The open slot opened first among those for subject, of which SLOT_SUBJECT_BYTES - 1
 * bytes are compared; NULL when there is none. */
struct slot *slots_find_subject(struct slots *slots, const char *subject);

/* An open slot whose deadline has come; NULL when there is none. */
struct slot *slots_find_late(struct slots *slots, struct instant now);

/* Make all open slots late. */
void slots_give_up(struct slots *slots);

/* When slots_find_late may find one; INSTANT_NEVER with none open. */
struct instant slots_deadline(const struct slots *slots);

#endif
