/*
 * support_world.h - a lattice, a store and an engine in virtual time, told by a script.
 *
 * Lines are the orders of reconciler/sim/order.h, and these:
 *
 *   apply FILE...      manifests of fixtures/scenarios, put and wanted together
 *   delete APP         as trellis delete does
 *   run TIME           let time pass: 500ms, 30s, 5m
 *   converge TIME      run until converged, at most TIME, and print whether
 *   connect | disconnect    ours to the lattice; it begins connected
 *   deny-buckets | allow-buckets    ours may not follow them from now on, or may again
 *   restart-daemon     the engine dies and is made again from the store
 *   put-config NAME CONTENT    by somebody else
 *   status APP | show | serving    print that; show is what the lattice holds and runs
 *   plan FILE...       print what apply would send, as trellis plan does
 *   table [APP] | json [APP]   print the report of trellis status
 *   loud               print questions, too
 *
 * Every command is printed as it is sent, with the virtual time in ms and the host by
 * its friendly name; so is what a manifest is refused for.
 */
#ifndef TEST_SUPPORT_WORLD_H
#define TEST_SUPPORT_WORLD_H

#include "linkstore/store.h"
#include "manifest/text.h"
#include "reconciler/run/rehearsal.h"
#include "reconciler/sim/lattice.h"
#include "reconciler/wire/api.h"

struct world {
    struct arena arena;
    struct sim_lattice *lattice;
    struct store *store;
    struct engine *engine;
    struct rehearsal *rehearsal;
    struct text *output; /* borrowed */
    uint64_t seed;
    bool is_connected;
    bool is_denied;
    bool is_loud;
    /* Told of every command, after it was printed; may be NULL. */
    void (*on_command)(void *context, const struct command *command);
    void *context;
};

/* A world without hosts at time 0, connected, whose chance follows from seed. */
void world_init(struct world *world, uint64_t seed, struct text *output);
void world_clear(struct world *world);

/* Obey one line; false when it makes no sense, which is printed. */
bool world_obey(struct world *world, const char *line);

/* Want one manifest; false when it is refused, which is printed. */
bool world_apply(struct world *world, const char *source, const char *manifest);

/* Print what apply would send; false when manifests are refused, which is printed. */
bool world_plan(struct world *world, const struct api_manifests *manifests);

/* Print the status of application, or of all when it is NULL; false when there is none,
 * which is printed. */
bool world_report(struct world *world, const char *application, bool is_json);

/* Append text to the output, with friendly names instead of the ids of hosts. */
void world_print(const struct world *world, const char *text);

/* A whole script in a world of its own. */
void world_run(const char *script, struct text *output);

#endif
