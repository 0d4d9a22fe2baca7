/*
 * support_soak.h - what is wanted in a soak, what a lattice has then, and what happens.
 *
 * A slot is a place for one application after the other: a component on one host, with a
 * link to a store and one from a web server, and a config for each.  The component of the
 * second slot runs on every host with the label.
 */
#ifndef TEST_SUPPORT_SOAK_H
#define TEST_SUPPORT_SOAK_H

#include <stdbool.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "reconciler/sim/prng.h"
#include "test/support_lines.h"
#include "test/support_stage.h"

#define SOAK_SLOTS 4
#define SOAK_API   3 /* the slot that is put through the API; the others have files */

/* Hosts that things happen to, host-1 and so on; on others, what others have. */
#define SOAK_HOSTS 3

/* Of its images; the last image cannot be fetched, and its rollout halts. */
#define SOAK_VARIANTS 3
#define SOAK_BROKEN   9U

/* Of the hosts that all of it may run on, as in a manifest. */
#define SOAK_LABEL "whose: ours"

struct soak_slot {
    unsigned int generation; /* each is an application of another name */
    unsigned int variant;    /* of its images and configs */
    unsigned int version;
    unsigned int undone; /* how often somebody undid something of this generation */
    bool is_wanted;
};

/* s0g0 and so on, in arena; so are all texts below. */
const char *soak_name(const struct soak_slot *slot, unsigned int number,
                      struct arena *arena);

const char *soak_image(const struct soak_slot *slot, struct arena *arena);

const char *soak_manifest(const struct soak_slot *slot, unsigned int number,
                          struct arena *arena);

/* Append what reader_world has of it, where so many hosts have the label. */
void soak_add_world(const struct soak_slot *slot, unsigned int number, unsigned int hosts,
                    struct lines *lines);

/* What the simulator says of it when requests are served by its image alone. */
const char *soak_serving(const struct soak_slot *slot, unsigned int number,
                         struct arena *arena);

struct soak {
    struct stage *stage;
    struct arena arena; /* of one thing that happens */
    struct sim_prng prng;
    struct soak_slot slots[SOAK_SLOTS];
    bool is_renamed[SOAK_SLOTS];  /* the file has its other name */
    bool is_doubtful[SOAK_HOSTS]; /* what serves there only a restart can put right */
    int64_t begun_ms;
    int64_t span_ms;
    unsigned int count; /* of things that happened */
};

/* One of bound numbers from 0. */
unsigned int soak_below(struct soak *soak, unsigned int bound);

/* Print what happens, and when. */
void soak_say(const struct soak *soak, const char *what);

/* Tell the simulator, which may have its reasons not to obey. */
void soak_order(struct soak *soak, const char *line);
#define SOAK_ORDER(...) soak_order(soak, arena_print(&soak->arena, __VA_ARGS__))

void soak_start_daemon(struct stage *stage);

/* Ask the daemon for verb; until it answers, where that is needed. */
void soak_ask(struct soak *soak, const char *verb, const char *body, bool is_needed);

/* Have text be the file of the slot of this number. */
void soak_write(struct soak *soak, unsigned int number, const char *text);

/* Have the application of the slot of this number wanted as it is now, or not at all. */
void soak_declare(struct soak *soak, unsigned int number, bool is_needed);

/* Have something happen. */
void soak_act(struct soak *soak);

#endif
