/*
 * hosts.h - which hosts there are, and whether they live.  Internal to core/.
 *
 * A host is known by its inventory: what it answers, and its heartbeats.  It is gone
 * when it says so, when nobody listens at its subject twice in a row, or when it was
 * silent for long; never while we are not connected.
 */
#ifndef RECONCILER_CORE_HOSTS_H
#define RECONCILER_CORE_HOSTS_H

#include "reconciler/core/state.h"

/* As people call it: its friendly name, or else its id. */
const char *host_name(const struct host_item *host);

/* What is told: */

void host_told(struct engine *engine, const struct inventory *inventory,
               bool is_heartbeat);
void host_started(struct engine *engine, const char *id);
void host_stopped(struct engine *engine, const char *id);
void host_pinged(struct engine *engine, const char *id);
void host_changed(struct engine *engine, const char *id);
void host_workload_failed(struct engine *engine, const struct event *event);
void host_workload_checked(struct engine *engine, const struct event *event);

/* What the update of this step tells of hosts: */

void host_note_heard(struct engine *engine, const struct inventory *inventory);
void host_note_gone(struct engine *engine, const struct host_item *host, const char *why);

/* What follows: */

/* Something is under way there: look at it soon, and again until it is done. */
void host_watch(struct engine *engine, struct host_item *host);

/* Nobody listens at its subject: asked once more, then it is gone. */
void host_has_no_responders(struct engine *engine, struct host_item *host);

/* It was silent for too long: gone, but it may come back with all it ran. */
void host_lost(struct engine *engine, struct host_item *host);

/* It never came back: the ledger forgets what ran there. */
void host_forget(struct engine *engine, struct host_item *host);

/* It was asked what it runs, and did not tell. */
void host_untold(struct engine *engine, struct host_item *host);

/*
 * It answers pings, and has not told what it runs for as long as makes others dead: it is
 * busy, or its inventory exceeds what the server lets pass, and nothing is confirmed
 * there.
 */
bool host_is_mute(const struct engine *engine, const struct host_item *host);
/* It may be there, and what it runs may be other than we know: it has not told since we
 * are connected, nor been found to be gone or mute. */
bool host_is_awaited(const struct engine *engine, const struct host_item *host);
/* It is not there by what we know, but may come back with all that was started there: it
 * was heard of since it was taken for gone, or has not been waited for. */
bool host_may_return(const struct engine *engine, const struct host_item *host);
/* What the status says of it, in arena. */
const char *host_mute_text(const struct engine *engine, const struct host_item *host,
                           struct arena *arena);
/* The first by id, and how many there are; NULL none. */
const struct host_item *host_first_mute(const struct engine *engine, size_t *ret_count);

/* How long it may be silent. */
int64_t host_silence_ms(const struct engine *engine, const struct host_item *host);

/* We are connected again: what was known of hosts must be asked again. */
void host_ask_all(struct engine *engine);

/* A survey sent at moment has ended: those that it did not hear of are asked. */
void host_ask_silent(struct engine *engine, struct instant moment);

/* Something has happened there: ask host what it runs now. */
void host_look(struct engine *engine, struct host_item *host);

/* Ask host within ms. */
void host_ask(struct engine *engine, struct host_item *host, int64_t ms);

#endif
