/*
 * support_heal.h - the end of all faults, and whether a world comes to rest.
 *
 * heal undoes what a script did that would keep a lattice from ever being as wanted: the
 * network works, the buckets are there, the daemon lives and is connected, hosts answer
 * and are neither cordoned nor drained, images can be fetched, and what others put in our
 * way is taken away.  A host starts anew, for nothing else helps, on which somebody
 * updated an image, or on which the process of a provider was replaced, of which nobody
 * tells, while it was cut off or configs were not as they should be; and, for nothing
 * else helps at once, one that is deaf to changes of links, or, where we may not look
 * into the buckets, that remembers links which those have lost.  Hosts h1, h2 and h3 are
 * there, h1 and h3 in zone a, h2 in zone b.  What belongs to others and is not in our way
 * stays.
 *
 * A link goes that no engine could have known of: where we may not look into the buckets,
 * hosts are asked, and those that are deaf do not know what the bucket has.  What they
 * lack time and again is given up, and is nobody's from then on.
 */
#ifndef TEST_SUPPORT_HEAL_H
#define TEST_SUPPORT_HEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkstore/ledger.h"

struct world;

struct heal_notes {
    const char **undo; /* lines that undo what was done */
    size_t undo_count;
    size_t undo_capacity;
    struct link *hidden; /* given up, while it could not be seen */
    size_t hidden_count;
    size_t hidden_capacity;
    bool has_lost_buckets;
    bool is_healed;
    bool is_checked;         /* since */
    uint64_t commands_count; /* of the world when it was healed */
    size_t differences;      /* between the lattice and what was wanted then */
};

/* line was obeyed. */
void heal_note(struct world *world, const char *line);

/* The ledger was changed. */
void heal_note_change(struct world *world, const struct ledger_change *change);

void heal_world(struct world *world);

/* It was healed, and is not as wanted yet: a start that was not answered, say, may come
 * about for ten minutes, and what it names is kept for so long. */
bool heal_is_waiting(const struct world *world);

/*
 * Print "= as wanted", or what is not; and since it was healed, whether the commands sent
 * are bounded by the differences there were.
 */
void heal_check(struct world *world);

#endif
