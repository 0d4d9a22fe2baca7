/*
 * desired.h - what an application wants of the lattice, as rows sorted by key.
 *
 * Plain data and its order; no SQL.  Everything lives in the arena the rows were
 * made in.
 */
#ifndef LINKSTORE_DESIRED_H
#define LINKSTORE_DESIRED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/model.h"
#include "manifest/text.h"

/* The file and the line that ask for a row. */
struct origin {
    const char *source; /* file name, URL or NATS subject */
    struct place place;
};

/*
 * A link as hosts keep it.  The store key of a host is (source_id, target, name,
 * wit_namespace, wit_package); its slot is the key without target.
 *
 * Source: wasmCloud 1.9.2, link.put.
 */
struct link {
    const char *source_id;
    const char *target;
    const char *name; /* "default" where nobody said otherwise */
    const char *wit_namespace;
    const char *wit_package;
    struct names interfaces; /* a set: sorted, none twice */
    struct names source_config;
    struct names target_config;
};

enum workload_kind {
    WORKLOAD_COMPONENT,
    WORKLOAD_PROVIDER,
} __attribute__((packed));

/* "component" or "provider", in the store's columns, too. */
const char *workload_kind_name(enum workload_kind kind);

struct config_row {
    const char *name;
    const char *content; /* JSON object of strings, canonical: see desired_content */
    struct origin origin;
};

/* Is a component of another application there? */
enum shared_state {
    SHARED_ABSENT,  /* that application is not deployed */
    SHARED_CLOSED,  /* it is, and shares nothing */
    SHARED_UNKNOWN, /* it runs no component or provider of that name */
    SHARED_THERE,
};

/* "absent", "closed", "unknown", "there": in the store's columns, too. */
const char *shared_state_name(enum shared_state state);

/* A component or provider that another application runs, for links to name it. */
struct shared_row {
    const char *component; /* its name in this manifest */
    enum workload_kind kind;
    const char *application; /* the other one */
    const char *name;        /* its name there */
    const char *id;          /* which it was last seen to have there, or would get */
    enum shared_state state;
    struct origin origin;
};

struct link_row {
    struct link link;
    const char *scaler_id; /* wadm's, shown by its status API */
    struct origin origin;
    /* Which of shared an end is; NULL: one that the application itself runs. */
    const struct shared_row *source_shared;
    const struct shared_row *target_shared;
};

/* Where a part of the instances may run. */
struct spread_row {
    const char *name;               /* wadm's annotation wasmcloud.dev/spread_name */
    uint32_t weight;                /* its share of the instances */
    struct properties requirements; /* labels that a host must have */
};

struct workload_row {
    enum workload_kind kind;
    const char *id;        /* component or provider id */
    const char *component; /* its name in the manifest */
    const char *image;
    uint32_t instances; /* in all, or on each host when is_daemon */
    bool is_daemon;
    struct names configs;             /* names, in order: later ones override */
    const char *scaler_id;            /* wadm's annotation wasmcloud.dev/scaler */
    const struct spread_row *spreads; /* one at the least, and one weight over 0 */
    size_t spreads_count;
    struct origin origin;
};

/* All that one version of one application wants. */
struct desired {
    const char *application;
    const char *version;
    enum oam_redeliver redeliver;
    bool is_rebalancing; /* instances move to be even, see trellis-manifest.5 */
    const struct config_row *configs; /* sorted by name */
    size_t configs_count;
    const struct link_row *links; /* sorted by link_compare */
    size_t links_count;
    const struct workload_row *workloads; /* sorted by id */
    size_t workloads_count;
    const struct shared_row *shared; /* sorted by component */
    size_t shared_count;
    bool is_shared; /* other applications may use what it runs */
};

/* qsort order of names: length first has no meaning here, item by item. */
int names_compare(const struct names *a, const struct names *b);

/* Order by store key: source_id, wit_namespace, wit_package, name, target. */
int link_compare(const struct link *a, const struct link *b);

/* Equal in all eight fields; interfaces as sets, config names in order. */
bool link_is_equal(const struct link *a, const struct link *b);

/* Of one slot: same source_id, wit_namespace, wit_package and name. */
bool link_is_same_slot(const struct link *a, const struct link *b);

/*
 * A host refuses to hold both: one slot, other targets, an interface in common.
 *
 * Source: wasmCloud 1.9.2 link.put, rule 3.
 */
bool link_is_conflict(const struct link *a, const struct link *b);

/* What row waits for: an end that another application does not run; NULL: nothing. */
const struct shared_row *shared_missing(const struct link_row *row);

/* The one of count rows with this component; NULL when there is none, or it is NULL. */
const struct shared_row *shared_find(const struct shared_row *rows, size_t count,
                                     const char *component);

/* A copy of link, strings and lists too, in arena. */
struct link link_copy(const struct link *link, struct arena *arena);

struct names names_copy(const struct names *names, struct arena *arena);
bool properties_are_equal(const struct properties *a, const struct properties *b);
struct properties properties_copy(const struct properties *properties,
                                  struct arena *arena);

/* Append names as a JSON array of strings. */
void names_print(const struct names *names, struct text *text);

/*
 * The canonical text of a map: a JSON object, keys sorted by byte, no white space.
 * Equal maps give equal bytes, and the bytes go on the wire as they are.
 */
const char *desired_content(const struct properties *properties, struct arena *arena);

/* The spread of a row whose manifest has none: any host. */
extern const struct spread_row spread_default;

/* Do both say the same of where their instances may run? */
bool desired_spreads_are_equal(const struct workload_row *a,
                               const struct workload_row *b);

/* Append one line a row, kind by kind; configs without their values. */
void desired_print(const struct desired *desired, struct text *text);

#endif
