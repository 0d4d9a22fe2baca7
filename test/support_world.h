/*
 * support_world.h - a lattice, a store and an engine in virtual time, told by a script.
 *
 * Lines are the orders of reconciler/sim/order.h, and these:
 *
 *   apply FILE...      manifests of fixtures/scenarios, put and wanted together
 *   delete APP         as trellis delete does
 *   run TIME           let time pass: 500ms, 30s, 5m; then, where it must be, the store
 *                      is bound to the lattice anew, see world_rebind
 *   converge TIME      run until converged, at most TIME, and print whether; after
 *                      end-faults, until the lattice is as wanted
 *   connect | disconnect    ours to the lattice; it begins connected
 *   deny-buckets | allow-buckets    ours may not follow them from now on, or may again
 *   restart-daemon [forgetful]    the engine ends as it does when it is told to, if it is
 *                      not dead, and is made again from the store; which has forgotten
 *                      the buckets, as one whose daemon could never follow them
 *   keys NUMBER        restart-daemon, and it plans so many keys a step from now on
 *   put-config NAME CONTENT    by somebody else
 *   apply-text NAME    the indented lines that follow are a manifest of that name
 *   seed NUMBER        of all chance; in the first line or not at all
 *   faults DROP DUPLICATE REORDER MS [LATE LIE]    see struct sim_faults
 *   cut HOST [in | out] | mend HOST                see sim_lattice_cut
 *   die-before N | die-after N    the daemon dies at the Nth command from now on: when
 *                      it is stored and not sent, or sent and not answered
 *   clock MS           the wall clock jumps, forth or (negative) back; a daemon looks
 *                      at it when it starts
 *   race LINE          obey LINE as soon as we send a command for the source, config or
 *                      component that is its second word
 *   end-faults         all that fails ends, see support_heal.h
 *   truth              print what is not as wanted since
 *   quiet TIME         let time pass in which no command may be sent, but for a link that
 *                      a host does not have in memory
 *   status APP | show | serving    print that; show is what the lattice holds and runs
 *   plan FILE...       print what apply would send, as trellis plan does
 *   table [APP] | json [APP]   print the report of trellis status
 *   loud               print questions and, after "$", each line, too
 *
 * What others lost to a command of ours is printed after "~".
 * Every command is printed as it is sent, with the virtual time in ms and the host by
 * its friendly name; so are the findings about manifests.  What must never be, whatever
 * the script is, begins with WORLD_WRONG: support_safety.h watches every world.
 */
#ifndef TEST_SUPPORT_WORLD_H
#define TEST_SUPPORT_WORLD_H

#include "linkstore/store.h"
#include "manifest/text.h"
#include "reconciler/run/rehearsal.h"
#include "reconciler/sim/lattice.h"
#include "reconciler/wire/api.h"
#include "test/support_heal.h"
#include "test/support_safety.h"

#define WORLD_WRONG "!! "

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
    uint32_t keys_max; /* of the daemon's engine; 0: all */
    int64_t unix_ms;   /* the wall clock at instant 0, as a daemon that starts sees it */
    struct safety *safety;
    struct heal_notes notes;
    uint64_t commands_count; /* ever sent, without questions */
    uint64_t missed_count;   /* of these, puts of links that a host lacks in memory */
    uint64_t moved_count;    /* and puts that move a bucket on, for hosts deaf to it */
    uint64_t violations_count;

    bool is_dead;         /* the daemon */
    uint32_t dies_before; /* so many commands from now; 0: it does not */
    uint32_t dies_after;
    uint64_t deaths_count;
    const char *race; /* the line; NULL none */
    uint64_t races_count;
};

/* A world without hosts at time 0, connected, whose chance follows from seed. */
void world_init(struct world *world, uint64_t seed, struct text *output);
void world_clear(struct world *world);

/* Obey one line; false when it makes no sense, which is printed. */
bool world_obey(struct world *world, const char *line);

/* The next line of *script, with the indented ones after it, in arena. */
const char *world_next_line(struct arena *arena, const char **script);

/* The seed that script asks for. */
uint64_t world_seed(const char *script);

void world_connect(struct world *world, bool is_connected);
/* Ours may not follow the buckets, or may again: a change of rights closes the
 * connection. */
void world_deny(struct world *world, bool is_denied);
void world_restart_daemon(struct world *world);
/* Where this is another lattice than the store's, and none of the hosts that it knows is
 * there any more: what the status says, trellis store rebind. */
void world_rebind(struct world *world);

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
