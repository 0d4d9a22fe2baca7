/*
 * host_steps.h - where one file of a host hands over to another.
 *
 * The functions of type sim_step that requests begin with end their work, sooner or
 * later; none of them can fail otherwise than by what they answer and publish.
 */
#ifndef RECONCILER_SIM_HOST_STEPS_H
#define RECONCILER_SIM_HOST_STEPS_H

#include "reconciler/sim/host_state.h"

/* Host_request.c: */

/* Fill in what host subscribes to. */
void sim_request_subscribe(struct sim_host *host, bool has_auctions);

/* Look at the request of work and take the first step of its verb. */
void sim_request_begin(struct sim_host *host, struct sim_work *work);

/* A message to a provider, which is a process of its own: it does not wait for its host.
 */
bool sim_request_is_unlink(const struct sim_host *host, const char *subject);

/* pattern, which may hold * and >, covers subject. */
bool sim_request_matches(const char *pattern, const char *subject);

/* The verbs: */

void sim_query_ping(struct sim_host *host, struct sim_work *work);
void sim_query_inventory(struct sim_host *host, struct sim_work *work);
void sim_query_claims(struct sim_host *host, struct sim_work *work);
void sim_manage_stop(struct sim_host *host, struct sim_work *work);
void sim_manage_put_label(struct sim_host *host, struct sim_work *work);
void sim_manage_delete_label(struct sim_host *host, struct sim_work *work);
void sim_manage_put_registries(struct sim_host *host, struct sim_work *work);
void sim_auction_component(struct sim_host *host, struct sim_work *work);
void sim_auction_provider(struct sim_host *host, struct sim_work *work);
void sim_component_scale(struct sim_host *host, struct sim_work *work);
void sim_component_update(struct sim_host *host, struct sim_work *work);
void sim_provider_start(struct sim_host *host, struct sim_work *work);
void sim_provider_stop(struct sim_host *host, struct sim_work *work);
void sim_link_put(struct sim_host *host, struct sim_work *work);
void sim_link_delete(struct sim_host *host, struct sim_work *work);
void sim_link_get(struct sim_host *host, struct sim_work *work);
void sim_config_put(struct sim_host *host, struct sim_work *work);
void sim_config_delete(struct sim_host *host, struct sim_work *work);
void sim_config_get(struct sim_host *host, struct sim_work *work);

/* Host_config.c: configs that something names: */

/* Names that begin so refer to a secret. */
bool sim_config_is_secret(const char *name);

/* Read each of names; returns the index of the first answer. */
size_t sim_config_ask(struct sim_host *host, struct sim_work *work,
                      const struct names *names);

/*
 * All of names can be used: they are in the bucket, or host has used them before, which
 * is as good, but for secrets.  Returns NULL, or the first name that can not.
 *
 * Source: wasmCloud 1.9.2 fetch_secrets, which reads the bucket for every start.
 */
const char *sim_config_use(struct sim_host *host, const struct sim_work *work,
                           const struct names *names, size_t first);

/* What a host says of a start that names what is missing. */
const char *sim_config_complaint(const char *missing, struct arena *arena);

/* Their contents in one JSON object, later ones winning; what is gone counts as {}. */
const char *sim_config_merge(struct sim_work *work, const struct names *names,
                             size_t first);

/* Host_update.c, serving.c: */

struct sim_update {
    const char *component_id;
    const char *image;
    const char *host_id;
    struct properties annotations;
};

/* Replace the image of what runs, as component.update does; ends work. */
void sim_update_begin(struct sim_host *host, struct sim_work *work,
                      const struct sim_update *update);

/* From now on image answers to id, whatever becomes of the component. */
void sim_serving_haunt(struct sim_host *host, const char *id, const char *image);

/* Host_provider.c, host_start.c: */

struct sim_start {
    const char *provider_id;
    const char *provider_ref; /* as requested, with its scheme */
    const char *host_id;
    struct names configs;
    struct properties annotations;
    size_t answers; /* the first about configs */
};

/* provider, which is host's from now on, runs; was_running: since long ago. */
void sim_provider_run(struct sim_host *host, struct sim_provider *provider,
                      bool was_running);
void sim_provider_free(struct sim_provider *provider);

/* Does what is published to it reach it? */
bool sim_provider_listens(const struct sim_host *host,
                          const struct sim_provider *provider);

/* The config name has changed: tell the providers that were started with it. */
void sim_start_config_changed(struct sim_host *host, const char *name);

/* The process of provider was replaced: it is started with the configs of now. */
void sim_start_renew_config(struct sim_host *host, const struct sim_provider *provider);

/* The provider that start asks for; it does not run yet. */
struct sim_provider *sim_start_new(struct sim_host *host, const struct sim_start *start);

/* Host_sdk.c: */

/*
 * Was that provider built with an SDK before 0.13?  All are that old_sdk.h does not know
 * to be later, the built-in ones aside.
 */
bool sim_sdk_is_old(const char *image);

/* An image, without its scheme, of a provider that is part of the host. */
bool sim_start_is_builtin(const char *image);

/* Host_watch.c: */

/* The watch heard of the entry of source: what is new goes to the providers here. */
void sim_watch_source(struct sim_host *host, const char *source, const char *bytes,
                      size_t length);
void sim_source_free(struct sim_source *source); /* NULL is fine */

/* Give provider, as it starts, every link of the mirror that names it. */
void sim_watch_deliver_all(struct sim_host *host, const struct sim_provider *provider);

/* Publish wasmbus.rpc.{lattice}.{id}.linkdefs.{verb}. */
void sim_watch_publish_link(struct sim_host *host, const char *id, const char *verb,
                            const struct sim_delivery *delivery);

/* A message linkdefs.del to a provider. */
void sim_watch_unlink(struct sim_host *host, struct sim_work *work);

#endif
