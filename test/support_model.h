/*
 * support_model.h - a small world as plain data, and a lattice that does what it is told.
 *
 * The lattice is perfect: it has no time of its own, loses nothing, and tells at once.
 * What can go wrong is the fate of the first commands of the engine.
 */
#ifndef TEST_SUPPORT_MODEL_H
#define TEST_SUPPORT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_HOSTS         2
#define MODEL_COMPONENTS    2
#define MODEL_COUNT_MAX     2
#define MODEL_PROBLEM_BYTES 1024

/* Whose it is that runs. */
enum model_owner {
    OWNER_CONFIRMED, /* ours, by the ledger */
    OWNER_SENT,      /* ours, by the ledger, which has not seen it */
    OWNER_BEFORE,    /* ours, of the image before */
    OWNER_FOREIGN,   /* somebody else's of our id */
    OWNERS_COUNT,
};

/* What is in the slot of a link. */
enum model_found {
    FOUND_NOTHING,
    FOUND_OURS,    /* as it is wanted, when it is */
    FOUND_CHANGED, /* ours, and somebody gave it another interface */
    FOUND_RIVAL,   /* somebody else's, with another target */
    FOUND_COUNT,
};

enum model_fate {
    FATE_DONE,
    FATE_UNANSWERED, /* and not done */
    FATE_LATE,       /* accepted, and done seconds later */
    FATE_EXPIRED,    /* accepted, and never done */
    FATE_REFUSED,
    FATES_COUNT,
};

struct model_part {
    uint32_t wanted;
    uint32_t found[MODEL_HOSTS];
    enum model_owner owner;
};

struct model_link {
    bool is_wanted;
    enum model_found found;
};

struct model_world {
    bool has_y; /* or x alone */
    struct model_part components[MODEL_COMPONENTS];
    struct model_link links[MODEL_COMPONENTS]; /* of each component to the provider */
    struct model_part provider;
    enum model_fate fate;
};

struct model_counts {
    uint64_t worlds;
    uint64_t steps;
    uint64_t commands;
};

/* Let the engine work on world; false when a rule was broken or the goal was not reached,
 * with what in problem. */
bool model_try(const struct model_world *world, struct model_counts *counts,
               char *problem);

/* world in one line. */
void model_describe(const struct model_world *world, char *text);

#endif
