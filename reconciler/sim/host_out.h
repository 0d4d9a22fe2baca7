/*
 * host_out.h - what leaves a host: replies and events.
 *
 * Source: reference lattice-protocol-v1 sections 1.2 and 4; the order of keys is that
 * of wire-samples.jsonl, which in the data of an event is the alphabet.
 */
#ifndef RECONCILER_SIM_HOST_OUT_H
#define RECONCILER_SIM_HOST_OUT_H

#include "reconciler/sim/host_state.h"

struct sim_start;

/* {"success":true,"message":MESSAGE} to whom work answers, if to anybody. */
void sim_out_accept(struct sim_host *host, const struct sim_work *work,
                    const char *message);

/* {"success":false,"message":MESSAGE} */
void sim_out_refuse(struct sim_host *host, const struct sim_work *work,
                    const char *message);

/* {"success":true,"message":"","response":RESPONSE}, which is JSON. */
void sim_out_respond(struct sim_host *host, const struct sim_work *work,
                     const char *response);

/* A message to whoever listens. */
void sim_out_publish(struct sim_host *host, const char *subject, const char *bytes,
                     size_t length);

/* The event wasmbus.evt.{lattice}.{name}; data is a JSON object. */
void sim_out_event(struct sim_host *host, const char *name, const char *data);

/* Events with more than a field or two: */

struct sim_scaled {
    const char *id;
    const char *image;
    const struct properties *annotations;
    uint32_t count;
    const char *host_id; /* as the request had it */
};

/* component_scaled; with error not NULL component_scale_failed. */
void sim_out_scaled(struct sim_host *host, const struct sim_scaled *scaled,
                    const char *error);

/* provider_started and provider_stopped; host_id as the request had it. */
void sim_out_provider_started(struct sim_host *host, const struct sim_provider *provider,
                              const char *host_id);
void sim_out_provider_stopped(struct sim_host *host, const struct sim_provider *provider,
                              const char *host_id);

/* provider_start_failed */
void sim_out_start_failed(struct sim_host *host, const struct sim_start *start,
                          const char *error);

/* health_check_passed, health_check_failed and health_check_status. */
void sim_out_health(struct sim_host *host, const char *event, const char *provider);

/* linkdef_set; with error not NULL linkdef_set_failed. */
void sim_out_link_set(struct sim_host *host, const struct link *link, const char *error);

/* linkdef_deleted; link without target and interfaces when nothing was removed. */
void sim_out_link_deleted(struct sim_host *host, const struct link *link,
                          bool is_removed);

/* config_set and config_deleted. */
void sim_out_config(struct sim_host *host, const char *event, const char *name);

/* host_started, host_heartbeat, host_stopped and labels_changed. */
void sim_out_host_started(struct sim_host *host);
void sim_out_heartbeat(struct sim_host *host);
void sim_out_host_stopped(struct sim_host *host);
void sim_out_labels_changed(struct sim_host *host);

#endif
