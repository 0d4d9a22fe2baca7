/*
 * host_state.h - the inside of a simulated host, for host*.c, work.c and serving.c.
 *
 * What changes lives in an arena of its own and is replaced whole; what is in the
 * arena of the host stays as long as the host, and is bounded by how many different
 * names it has met.
 */
#ifndef RECONCILER_SIM_HOST_STATE_H
#define RECONCILER_SIM_HOST_STATE_H

#include "reconciler/sim/host.h"
#include "reconciler/sim/links.h"
#include "reconciler/sim/outbox.h"
#include "reconciler/sim/prng.h"
#include "reconciler/sim/table.h"
#include "reconciler/sim/work.h"

#define SIM_SUBSCRIPTIONS_MAX 12

/* A running component. */
struct sim_component {
    struct arena arena; /* holds the component itself */
    const char *id;
    const char *image; /* what the inventory says */
    const char *code;  /* the image that was loaded */
    struct properties annotations;
    uint32_t count;
    struct names configs;     /* in order, without names of secrets */
    const char *secrets;      /* what those referred to when they were fetched; "" */
    struct properties limits; /* items NULL: none were given */
    bool is_subscribed;       /* it answers on NATS; an update ends that, unseen */
};

/* A link as a provider was given it. */
struct sim_delivery {
    struct arena arena; /* holds the delivery itself */
    const char *key;    /* source, target, namespace, package and name */
    struct link link;
    const char *source_config; /* contents as they were then: a JSON object */
    const char *target_config;
};

/* A running provider. */
struct sim_provider {
    struct arena arena; /* holds the provider itself */
    const char *id;
    const char *image; /* without its scheme */
    struct properties annotations;
    struct names configs; /* that it was started with */
    const char *curve;    /* the public key its messages are sent to */
    uint64_t serial;      /* which of all starts on its host */
    bool is_builtin;
    bool is_old;                 /* built with an SDK that takes no lost link back */
    bool is_broken;              /* its process is gone for good; still listed */
    bool is_sick;                /* it says so when it is asked */
    struct instant listens_at;   /* what comes before is lost */
    const char *config;          /* merged, as its process was started with */
    struct arena config_arena;   /* of config */
    struct sim_table deliveries; /* by key; rows in the arena of the provider */
    struct sim_table lost;       /* of an old one: keys it takes for known; likewise */
};

/* Images that answer to an id for ever, whatever the inventory says. */
struct sim_ghost {
    const char **images; /* sorted; in the arena of the host */
    size_t count;
    size_t capacity;
};

/* The links of one source, as the watch told them. */
struct sim_source {
    struct arena arena; /* holds the source itself */
    const char *id;
    struct sim_spec spec;
};

struct sim_host {
    struct arena arena; /* holds the host itself */
    const char *lattice;
    const char *id;
    const char *name;
    const char *version;
    const char *buckets[2]; /* names, by enum sim_bucket_kind */
    struct sim_subscription subscriptions[SIM_SUBSCRIPTIONS_MAX];
    size_t subscriptions_count;

    struct arena labels_arena;
    struct properties labels;

    struct sim_prng prng;
    int64_t heartbeat_ms;
    int64_t health_delay_ms;
    int64_t fetch_ms;
    int64_t delay_ms;
    int64_t epoch_unix_ms;

    struct instant now; /* of the last call */
    struct instant started;
    struct instant heartbeat_due;
    struct instant paused_until;
    bool is_running;
    bool is_muted;
    uint64_t serial_last; /* of provider starts */

    struct sim_table components; /* by id: struct sim_component */
    struct sim_table providers;  /* by id: struct sim_provider */
    struct sim_table ghosts;     /* by component id: struct sim_ghost */
    struct sim_table mirror;     /* by id: struct sim_source */
    struct sim_table used;       /* names of configs once used here, no secrets */
    struct sim_table refused;    /* by image: in which words */
    struct sim_table disabled;   /* names of built-ins that are switched off */
    struct sim_table kept;       /* every text that stays as long as the host */

    struct sim_table changing; /* by component id: the work that changes it */
    struct sim_work **waiting; /* for such a change to end, oldest first */
    size_t waiting_count;
    size_t waiting_capacity;

    struct sim_works works;
    struct sim_outbox outbox;
};

/* A copy of text that stays as long as host, the same one for equal texts. */
char *sim_host_keep(struct sim_host *host, const char *text);

/* The words in which host refuses image; NULL when it can be fetched. */
const char *sim_host_refusal(const struct sim_host *host, const char *image);

bool sim_host_is_disabled(const struct sim_host *host, const char *builtin);

/* How long fetching image takes; a file that is not there is noticed at once. */
int64_t sim_host_fetch_ms(const struct sim_host *host, const char *image);

/* Set one label; value NULL: remove it. */
void sim_host_set_label(struct sim_host *host, const char *key, const char *value);

/* A copy of component runs from now on, in the place of what ran under its id. */
void sim_host_put_component(struct sim_host *host, const struct sim_component *component);
void sim_host_remove_component(struct sim_host *host, const char *id);

/* The process ends: all works and everything that runs with it. */
void sim_host_end(struct sim_host *host);

#endif
