/*
 * order.h - the language in which somebody tells a simulated lattice what happens to
 * it: the lines of scenario files and of simulate's standard input.
 *
 *   start HOST [KEY=VALUE...]         a host with this friendly name and these labels
 *   kill HOST | stop HOST             without a word, or as host.stop does
 *   restart HOST                      killed, and started with its labels under a new id
 *   pause HOST MS | delay HOST MS     silent for a while; slow from now on
 *   mute HOST | unmute HOST           no events from it, or again
 *   crash HOST PROVIDER               its process is replaced by a new one
 *   break HOST PROVIDER               its process is gone, and still listed
 *   sicken HOST PROVIDER | heal HOST PROVIDER    it fails its health checks, or no more
 *   refuse IMAGE [TEXT...] | accept IMAGE
 *   refuse-on HOST IMAGE [TEXT...] | accept-on HOST IMAGE    the same on one host
 *   disable HOST BUILTIN | enable HOST BUILTIN    it is not part of the host, or is again
 *   drop-link SOURCE TARGET [NAME]    taken out of the bucket by hand
 *   drop-config NAME
 *   put-link SOURCE TARGET NAMESPACE PACKAGE INTERFACE[,...] [NAME]    by another client
 *   del-link SOURCE NAMESPACE PACKAGE [NAME]                           by another client
 *   scale HOST ID COUNT IMAGE | update HOST ID IMAGE                   by another client
 *   start-provider HOST ID IMAGE | stop-provider HOST ID               by another client
 *   label HOST KEY=VALUE | unlabel HOST KEY                            by another client
 *   lose-buckets | make-buckets
 *
 * HOST is a friendly name or an id.  Words are separated by blanks.
 */
#ifndef RECONCILER_SIM_ORDER_H
#define RECONCILER_SIM_ORDER_H

#include "reconciler/sim/host.h"

enum sim_order_kind {
    SIM_ORDER_START,
    SIM_ORDER_RESTART,

    /* what is done to a host or its image store: see sim_order_apply */
    SIM_ORDER_KILL,
    SIM_ORDER_PAUSE,
    SIM_ORDER_DELAY,
    SIM_ORDER_MUTE,
    SIM_ORDER_UNMUTE,
    SIM_ORDER_CRASH,
    SIM_ORDER_BREAK,
    SIM_ORDER_SICKEN,
    SIM_ORDER_HEAL,
    SIM_ORDER_REFUSE_ON,
    SIM_ORDER_ACCEPT_ON,
    SIM_ORDER_DISABLE,
    SIM_ORDER_ENABLE,
    SIM_ORDER_REFUSE,
    SIM_ORDER_ACCEPT,

    /* what is asked of hosts by another client: see sim_order_request */
    SIM_ORDER_STOP,
    SIM_ORDER_PUT_LINK,
    SIM_ORDER_DELETE_LINK,
    SIM_ORDER_SCALE,
    SIM_ORDER_UPDATE,
    SIM_ORDER_START_PROVIDER,
    SIM_ORDER_STOP_PROVIDER,
    SIM_ORDER_LABEL,
    SIM_ORDER_UNLABEL,

    /* what is done to the buckets */
    SIM_ORDER_DROP_LINK, /* see sim_links_without in links.h */
    SIM_ORDER_DROP_CONFIG,
    SIM_ORDER_LOSE_BUCKETS,
    SIM_ORDER_MAKE_BUCKETS,
};

/* What a line says; what its kind has no use for is NULL or 0. */
struct sim_order {
    enum sim_order_kind kind;
    const char *host;
    const char *id; /* of a component, a provider or a config; the name of a built-in */
    const char *image;
    const char *text;         /* refuse, refuse-on: why, "" when the line does not say */
    struct properties labels; /* sorted; unlabel: the key alone, with value "" */
    struct link link;         /* name NULL where drop-link means any */
    uint32_t count;
    int64_t ms;
};

/*
 * Read line into *ret_order, which points into arena.  Returns false, with the reason in
 * *ret_reason (static text), for a line that is no order; an empty one is none.
 */
bool sim_order_read(const char *line, struct arena *arena, struct sim_order *ret_order,
                    const char **ret_reason);

/*
 * Do to host what order says, for the kinds KILL to ACCEPT; refuse and accept are meant
 * for every host, and for those that start later.  Returns false when crash, break,
 * sicken or heal name a provider that is not there.
 */
bool sim_order_apply(const struct sim_order *order, struct sim_host *host,
                     struct instant now);

/* A message as another client would send it; it asks for no reply. */
struct sim_order_message {
    const char *subject;
    const char *bytes;
};

/* The message that order stands for, for the kinds STOP to UNLABEL; host_id is ignored
 * where any host may take it.  In arena. */
struct sim_order_message sim_order_request(const struct sim_order *order,
                                           const char *lattice, const char *host_id,
                                           struct arena *arena);

#endif
