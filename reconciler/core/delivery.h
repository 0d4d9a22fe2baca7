/*
 * delivery.h - what providers that run were given, and whether that is still right.
 * Internal to core/.
 *
 * A provider is given the contents of configs once: those of its own when it starts,
 * those of a link when that is put, or when it starts with the link in place.  The
 * lattice cannot be asked for them; the ledger keeps a digest of each.  A component reads
 * its configs itself; the secrets that it refers to are fetched once, when it starts.
 *
 * Deleting a link makes its providers drop all links between its two ids; and those of an
 * old SDK never take one back, until they start anew.
 */
#ifndef RECONCILER_CORE_DELIVERY_H
#define RECONCILER_CORE_DELIVERY_H

#include "reconciler/core/state.h"

/* The digest of what was given when a config was not as wanted. */
#define DELIVERY_DOUBTFUL "?"

/* Note that the content of config, or whose it is, may have changed for those who use
 * it. */
void delivery_note_config(struct engine *engine, struct config_item *config);

/* Plan again who uses the configs that were noted. */
void delivery_mark_users(struct engine *engine);

/* The digest of content. */
void delivery_digest(const char *content, char ret_digest[static CONFIG_DIGEST_BYTES]);

/* Does one of names refer to a secret? */
bool delivery_has_secret(const struct names *names);

/* Of what the configs of a, and then of b, hold now, one digest each, in engine's
 * scratch; none when one of them is not there. */
struct names delivery_contents(struct engine *engine, const struct names *a,
                               const struct names *b);

/* How a config was changed since it was delivered. */
enum delivery_owner {
    DELIVERY_OURS,    /* an application of ours wants its content */
    DELIVERY_FOREIGN, /* it is only named by ours */
};

/* The first config of a, and then of b, that is of owner and has another content than
 * delivered says; NULL: none has. */
const struct config_item *delivery_changed(const struct engine *engine,
                                           const struct names *lists[2],
                                           const struct names *delivered,
                                           enum delivery_owner owner);

/* What is to be said of link, which is in place, or of workload, which runs: a config
 * that is not ours has changed since, and nothing is done about it.  In arena; NULL:
 * nothing. */
const char *delivery_link_text(const struct engine *engine, const struct link_item *link,
                               struct arena *arena);
const char *delivery_start_text(const struct engine *engine,
                                const struct workload_item *workload,
                                struct arena *arena);

/* What is to be said of link, which is wanted: a provider that is not ours has lost it,
 * and may not have taken it back, and we do not restart what is not ours.  In arena;
 * NULL: nothing. */
const char *delivery_lost_text(const struct engine *engine, const struct link_item *link,
                               struct arena *arena);

/* One end of link, or both, is a provider that runs, or that may still run. */
bool delivery_has_provider(const struct link_item *link);

/* A config that link, which is wanted, names, and that is not there as it is wanted; NULL
 * when there is none. */
struct config_item *delivery_config_in_way(struct engine *engine,
                                           const struct link_item *link);

/* link, which the ledger has, must be given to its providers again; not before its
 * configs are as wanted, for which its source waits. */
bool delivery_is_stale(struct engine *engine, struct link_item *link);

/* A provider that took link, which is in place, now would be given what is not right, for
 * a config of it is not there as it is wanted; or something else than those before. */
bool delivery_is_doubtful(struct engine *engine, const struct link_item *link);
/* One takes it about now: it must be given again, whatever the configs are later. */
void delivery_note_doubt(struct engine *engine, struct link_item *link);
/* A provider of workload starts: those of its links that are doubtful are noted. */
void delivery_note_start(struct engine *engine, const struct workload_item *workload);

/*
 * What was not answered may undo once more what is given anew, and where hosts are asked
 * nobody sees it: until it can come no more, link waits, and *ret_verdict says so.
 */
bool delivery_must_settle(struct engine *engine, const struct link_item *link,
                          struct verdict *ret_verdict);

/*
 * The links of one source are given anew at a time, for that stops what they carry: until
 * it is the turn of link's, it waits, and *ret_verdict says so.  One that was dropped
 * carries nothing, and does not wait.
 */
bool delivery_must_queue(struct engine *engine, struct link_item *link,
                         struct verdict *ret_verdict);
/* It is the next one's turn if the links of source are in place, or cannot be soon. */
void delivery_end_turn(struct engine *engine, struct source_item *source);

/* The entry of source is about to be observed with the number sequence, whatever is in
 * it: hosts that were deaf to it give its links only now to providers that run, and those
 * that start miss them. */
void delivery_note_entry(struct engine *engine, struct source_item *source,
                         uint64_t sequence);

/* link is about to be observed as told; NULL: it is not there. */
void delivery_note_link(struct engine *engine, struct link_item *link,
                        const struct link *told);

/* Links of source have gone: their providers have dropped them, and with them all that
 * have the same two ids.  The ledger is told, before anything is put again. */
void delivery_note_drops(struct engine *engine, struct source_item *source);

/* What is starting at placement takes its configs about now: where one has other content
 * than when the start was sent, what it was given is doubtful whatever that is later. */
void delivery_note_taking(struct engine *engine, struct workload_item *workload,
                          struct placement *placement);

/* What a workload that is started now with configs is given once and for all: a provider
 * all of them, a component the secrets among them. */
struct names delivery_given(struct engine *engine, enum workload_kind kind,
                            const struct names *configs);

/* Why what runs at placement, as it is wanted, must start anew; NULL when it need not. */
const char *delivery_difference(struct engine *engine,
                                const struct workload_item *workload,
                                const struct placement *placement);

/* What runs of workload at placement has lost link, and does not take it back: it starts
 * anew once that is in place. */
bool delivery_must_start(const struct workload_item *workload,
                         const struct placement *placement, const struct link_item *link);

/* What the ledger does not know of placement is taken as right. */
bool delivery_is_unknown(struct engine *engine, const struct placement *placement);

#endif
