/*
 * support_model_lattice.h - the perfect lattice of support_model.h.
 */
#ifndef TEST_SUPPORT_MODEL_LATTICE_H
#define TEST_SUPPORT_MODEL_LATTICE_H

#include "reconciler/core/engine.h"
#include "test/support_model.h"

#define MODEL_COMMANDS_MAX 64
#define MODEL_EVENTS_MAX   32
#define MODEL_LINKS_MAX    2 /* in one slot */

struct model_running {
    uint32_t count;
    const char *image; /* static text */
    bool is_ours;      /* it has the annotation of our application */
};

struct model_slot {
    struct link links[MODEL_LINKS_MAX]; /* of static text */
    size_t count;
};

struct model_lattice {
    bool has_y;
    struct model_running components[MODEL_COMPONENTS][MODEL_HOSTS];
    struct model_running providers[MODEL_HOSTS];
    struct model_slot slots[MODEL_COMPONENTS];
};

/* lattice as it is found in world. */
void model_make(struct model_lattice *lattice, const struct model_world *world);

/* The events before any of lattice: what the ledger remembers, what is wanted, and that
 * we are connected; how many there are. */
size_t model_begin(const struct model_world *world, struct arena *arena,
                   struct event *events);

/* Everything there is to tell, as events; how many there are. */
size_t model_tell(const struct model_lattice *lattice, struct arena *arena,
                  struct event *events);

/* Do what command says; NULL, or why it is refused. */
const char *model_obey(struct model_lattice *lattice, const struct command *command);

/* In what lattice is not as it should be in the end, after world; NULL: in nothing. */
const char *model_problem(const struct model_lattice *lattice,
                          const struct model_world *world);

struct command model_copy_command(const struct command *command, struct arena *arena);

#endif
