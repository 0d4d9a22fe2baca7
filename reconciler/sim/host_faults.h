/*
 * host_faults.h - what can be done to a simulated host, and go wrong in it.
 */
#ifndef RECONCILER_SIM_HOST_FAULTS_H
#define RECONCILER_SIM_HOST_FAULTS_H

#include "reconciler/sim/host.h"

/* The process dies: no event, no answer, nothing. */
void sim_host_kill(struct sim_host *host);

/* Stop answering and publishing for a while, as a host under a lock does. */
void sim_host_pause(struct sim_host *host, struct instant until);

/*
 * An image that cannot be fetched, and why, in the words that follow "failed to fetch
 * component: "; "" stands for those about a missing file.  NULL: it can again.
 */
void sim_host_refuse(struct sim_host *host, const char *image, const char *text);

/* Publish no events (wasmbus.evt) from now on, or again. */
void sim_host_mute(struct sim_host *host, bool is_muted);

void sim_host_set_delay(struct sim_host *host, int64_t delay_ms);

/* How long a request that comes now waits until it is looked at. */
int64_t sim_host_held_ms(const struct sim_host *host, struct instant now);

/*
 * The process of a provider ends.  crash: a new one takes over at once, started with
 * the links of now; no event.  break: none does, and the provider stays listed.  False
 * when there is no such provider, or it was broken before.
 */
bool sim_host_crash(struct sim_host *host, const char *provider_id);
bool sim_host_break(struct sim_host *host, const char *provider_id);

/* A provider answers that it is not well when it is asked, or that it is, from now on.
 * False when there is no such provider. */
bool sim_host_set_health(struct sim_host *host, const char *provider_id, bool is_healthy);

/*
 * The built-in provider of this name, as in wasmcloud+builtin://NAME, is switched off in
 * the host, or on again: no start of it is answered, but for http-client's, which fails
 * with an event.
 */
void sim_host_disable(struct sim_host *host, const char *builtin, bool is_disabled);

#endif
