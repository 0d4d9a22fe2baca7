/*
 * engine.h - the reconciler as a state machine: events in, commands out.
 *
 * Pure.  It reads no clock, does no I/O, logs nothing, starts no thread and keeps no
 * global; time comes in with the events.  The same engine given the same events gives
 * the same updates, byte for byte, which is what the simulation, the plan verb and
 * fixtures/traces rest on.
 *
 * Source: the step-and-update shape is cowsql/raft's raft_step; the ordered duties of
 * the caller are etcd raft's Ready.
 */
#ifndef RECONCILER_CORE_ENGINE_H
#define RECONCILER_CORE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkstore/ledger.h"
#include "reconciler/core/command.h"
#include "reconciler/core/event.h"
#include "reconciler/core/host_news.h"
#include "reconciler/core/loss.h"

struct engine;

struct engine_options {
    uint64_t seed;    /* of the jitter in back-off */
    bool is_observer; /* asks questions, sends no command: status without a daemon */
    size_t keys_max;  /* that one step plans, see engine_is_planning; 0: all */
    /* A host is gone after it was silent for so many of its intervals, and the slack; 0
     * of them: HOST_MISSED and HOST_SILENCE_MS. */
    uint32_t missed_heartbeats;
    int64_t heartbeat_slack_ms;
};

/*
 * What the caller must now do, in this order: store the changes, durably; send the
 * commands, each of which is answered by an EVENT_ANSWERED sooner or later; wait until
 * deadline, then step again, with no event if there is none.
 *
 * When the changes cannot be stored nothing may be sent: step with EVENT_UNSAVED.
 */
struct engine_update {
    const struct ledger_change *changes; /* owned by the engine, until the next step */
    size_t changes_count;
    const struct command *commands; /* likewise */
    size_t commands_count;
    const struct loss *losses; /* likewise; to be told to whoever reads the log */
    size_t losses_count;
    const struct host_news *hosts; /* likewise: heard first, or gone */
    size_t hosts_count;
    struct instant deadline;
};

struct engine *engine_new(const struct engine_options *options);
void engine_free(struct engine *engine);

/*
 * Advance engine to now, which is never before the now of the step before, by count
 * events, and describe what follows from them.
 *
 * Level-based: an event only says where to look; the plan comes from comparing what is
 * desired with what is observed for the keys the events touch, so a lost or doubled
 * event costs time and not correctness.  Cannot fail: what events hold was validated
 * where it came in.
 */
void engine_step(struct engine *engine, struct instant now, const struct event *events,
                 size_t count, struct engine_update *ret_update);

/*
 * Has the last step planned as many keys as it might, and left others?  The deadline is
 * now, then, and the next step goes on with them: in the same order without events, and
 * with events in the order of all that is dirty then, which costs a sort of it.
 */
bool engine_is_planning(const struct engine *engine);

/* Send no command from now on, as an observer; those in flight are still followed. */
void engine_retire(struct engine *engine);

/*
 * What the next process is to be told as EVENT_RECALLED: the hosts that there are, in
 * arena and valid until the next step.  False while this is not the lattice that was
 * recalled, or nobody has seen yet whether it is: then nothing is to be kept.
 */
bool engine_remember(const struct engine *engine, struct arena *arena,
                     struct memory *ret_memory);

/* Changes when something in there is new that is not only a later time or number. */
uint32_t engine_memory_revision(const struct engine *engine);

/* Why this is another lattice than the one that was recalled, to which nothing is sent;
 * NULL: nothing says so. */
const char *engine_stranger(const struct engine *engine);

/* How many commands are in flight, without questions. */
size_t engine_flights_count(const struct engine *engine);

/* What the steps of engine have cost so far: counted, for time depends on the machine. */
struct engine_counters {
    uint64_t planned; /* keys, each time anew */
    uint64_t rounds;
    uint64_t drifts;         /* found: confirmed before, and missing or different since */
    struct instant surveyed; /* all hosts were last asked for; 0: not yet */
    size_t bytes;            /* that the engine holds now, but for those of one update */
    size_t update_bytes;     /* those of the last update */
};

struct engine_counters engine_counters(const struct engine *engine);

/*
 * All that engine has observed of the lattice (inventories, links, configs), as the
 * events that told it; in arena, and valid until the next step.
 */
void engine_export(const struct engine *engine, struct arena *arena,
                   const struct event **ret_events, size_t *ret_count);

#endif
