/*
 * model.h - an OAM application as plain structs: what the manifest says, typed.
 *
 * No functions and no meaning added: ids, defaults of the lattice and canonical
 * forms are linkstore/expand.h's.  Everything lives in the arena the manifest was
 * read into.
 *
 * Source: the fields are those of wadm-types 0.8.3.
 */
#ifndef MANIFEST_MODEL_H
#define MANIFEST_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/diag.h"

/* A list of names in the order given. */
struct names {
    const char *const *items;
    size_t count;
};

struct property {
    const char *key;
    const char *value;
};

/* String to string, sorted by key, no key twice. */
struct properties {
    const struct property *items;
    size_t count;
};

struct oam_config {
    const char *name;
    bool has_properties; /* false: it exists already, and is only named */
    struct properties properties;
    struct span span;
};

struct oam_configs {
    const struct oam_config *items;
    size_t count;
};

/* What a host fetches from a secrets backend before it starts something. */
struct oam_secret {
    const char *name;
    const char *policy; /* the name of a policy of the application */
    const char *key;
    const char *field;   /* NULL: all of it */
    const char *version; /* NULL: the newest */
    struct span span;
    struct span policy_span; /* where the policy is named */
};

struct oam_secrets {
    const struct oam_secret *items;
    size_t count;
};

/*
 * A trait of type link: its component is the source.  No two links of a component have
 * the same target, name, namespace and package: where the manifest has several that
 * differ in nothing but their interfaces, they are one here, with all of these.  No two
 * of the same name, namespace and package have an interface in common.
 */
struct oam_link {
    const char *name; /* "default" when the manifest gives none */
    const char *wit_namespace;
    const char *wit_package;
    struct names interfaces;
    const char *target; /* a component of the same application */
    struct oam_configs source_config;
    struct oam_configs target_config;
    struct oam_secrets source_secrets;
    struct oam_secrets target_secrets;
    struct span span;        /* the trait */
    struct span name_span;   /* its name, or the trait */
    struct span target_span; /* where the target is named */
};

/* Of a spread that names no weight. */
#define OAM_WEIGHT_DEFAULT 100

/* Where a part of the instances may run. */
struct oam_spread {
    const char *name;
    uint64_t weight;                /* its share of the instances */
    struct properties requirements; /* labels that a host must have; none: any host */
    struct span span;
};

enum oam_scaler_kind {
    OAM_SCALER_NONE,
    OAM_SCALER_SPREAD, /* instances in all */
    OAM_SCALER_DAEMON, /* instances on each host */
};

struct oam_scaler {
    enum oam_scaler_kind kind;
    uint32_t instances;               /* replicas is its older name */
    const struct oam_spread *spreads; /* none: one named "default" for any host */
    size_t spreads_count;
    struct span span;
};

/* A component of another application, which runs it. */
struct oam_shared {
    const char *application; /* NULL: the component is this application's own */
    const char *component;
    struct span span;
};

enum oam_kind {
    OAM_COMPONENT,  /* type: component, or its older name actor */
    OAM_CAPABILITY, /* type: capability: a provider */
};

struct oam_component {
    enum oam_kind kind;
    const char *name;
    const char *image; /* NULL: it is shared */
    struct oam_shared shared;
    const char *id; /* NULL: made from application and name */
    struct oam_configs configs;
    struct oam_secrets secrets;
    struct oam_scaler scaler;
    const struct oam_link *links;
    size_t links_count;
    struct span span;       /* the whole component */
    struct span name_span;  /* its name */
    struct span image_span; /* its image, when it has one */
    struct span id_span;    /* its id, when it has one */
};

struct oam_policy {
    const char *name;
    const char *type;
    struct properties properties;
    struct span span;
};

/* What brings changed contents of configs to the providers that run with older ones. */
enum oam_redeliver {
    REDELIVER_AUTO,    /* the link is put anew; a provider that would miss it restarts */
    REDELIVER_LINK,    /* the link is put anew */
    REDELIVER_RESTART, /* the link is put anew, and every external provider restarts */
    REDELIVER_NEVER,   /* nothing does */
};

struct oam_application {
    const char *name;
    const char *version;     /* annotation "version"; NULL when there is none */
    const char *description; /* annotation "description"; NULL when there is none */
    struct properties annotations;
    struct properties labels;
    bool is_shared; /* others may link to its components */
    enum oam_redeliver redeliver;
    bool is_rebalancing; /* instances move for the sake of evenness */
    const struct oam_policy *policies;
    size_t policies_count;
    const struct oam_component *components;
    size_t components_count;
    struct span span;
    struct span name_span;
};

/* What one text holds: an application a document. */
struct manifest {
    const char *source; /* file name, URL or NATS subject */
    const struct oam_application *applications;
    size_t applications_count;
    struct diag_allowances allowances; /* by comments in the text */
};

#endif
