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
    struct span span;        /* the trait */
    struct span target_span; /* where the target is named */
};

enum oam_scaler_kind {
    OAM_SCALER_NONE,
    OAM_SCALER_SPREAD, /* instances in all */
    OAM_SCALER_DAEMON, /* instances on each host */
};

struct oam_scaler {
    enum oam_scaler_kind kind;
    uint32_t instances;      /* replicas is its older name */
    const char *spread_name; /* the only spread's, or "default" */
    struct span span;
};

enum oam_kind {
    OAM_COMPONENT,  /* type: component, or its older name actor */
    OAM_CAPABILITY, /* type: capability: a provider */
};

struct oam_component {
    enum oam_kind kind;
    const char *name;
    const char *image;
    const char *id; /* NULL: made from application and name */
    struct oam_configs configs;
    struct oam_scaler scaler;
    const struct oam_link *links;
    size_t links_count;
    struct span span;      /* the whole component */
    struct span name_span; /* its name */
    struct span id_span;   /* its id, when it has one */
};

struct oam_application {
    const char *name;
    const char *version;     /* annotation "version"; NULL when there is none */
    const char *description; /* annotation "description"; NULL when there is none */
    struct properties annotations;
    struct properties labels;
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
};

#endif
