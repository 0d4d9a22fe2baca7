/*
 * links.h - links as hosts keep them: the entry COMPONENT_{source} of LATTICEDATA.
 *
 * Lists are in the order in which they were put, not sorted.
 *
 * Source: reference lattice-protocol-v1 sections 2.12, 2.13 and 5.
 */
#ifndef RECONCILER_SIM_LINKS_H
#define RECONCILER_SIM_LINKS_H

#include "manifest/text.h"
#include "reconciler/sim/json.h"

#define SIM_SPEC_PREFIX "COMPONENT_"

/* What a host keeps under COMPONENT_{id}. */
struct sim_spec {
    const char *url; /* of the image it was first started from; "" when it never was */
    struct link *links;
    size_t links_count;
    size_t links_capacity;
};

/* Links as a link.put carries them; the default name is "default". */
bool sim_link_decode(const struct tree_node *object, struct arena *arena,
                     struct link *ret_link);
/* The same of a link.del, which names neither target nor interfaces. */
bool sim_link_decode_slot(const struct tree_node *object, struct arena *arena,
                          struct link *ret_link);
void sim_link_print(const struct link *link, struct text *text);
struct link sim_link_copy(const struct link *link, struct arena *arena);

/* Equal in all eight fields, lists in order. */
bool sim_link_is_equal(const struct link *a, const struct link *b);

/* Same source, namespace, package and name: what a link.del can tell apart. */
bool sim_link_is_same_slot(const struct link *a, const struct link *b);

/* Of one slot, with other targets and an interface in common: never both. */
bool sim_link_is_conflict(const struct link *a, const struct link *b);

/* False when bytes are no entry. */
bool sim_spec_read(const char *bytes, size_t length, struct arena *arena,
                   struct sim_spec *ret_spec);
const char *sim_spec_print(const struct sim_spec *spec, struct arena *arena);

/* Append an entry with these links and no url, for a copy of a bucket. */
void sim_links_print(const struct link *links, size_t count, struct text *text);

/* The key of the entry of id. */
const char *sim_spec_key(const char *id, struct arena *arena);

/*
 * What the start of a component or provider writes: the entry as it is, or, when bytes
 * is NULL, a new one with url.  NULL when bytes are no entry.
 */
const char *sim_spec_renew(const char *bytes, size_t length, const char *url,
                           struct arena *arena);

/* Is link in spec, field for field?  It is looked for at hint first. */
bool sim_spec_has(const struct sim_spec *spec, const struct link *link, size_t hint);

/* Put link in the place of the one with its key, or at the end; borrows its strings. */
void sim_spec_put(struct sim_spec *spec, const struct link *link, struct arena *arena);

/* Take out the link at i as hosts do: the last one moves into the hole. */
void sim_spec_remove(struct sim_spec *spec, size_t i);

/*
 * The value of an entry without its links to target, of that name (NULL: any), and the
 * others in their order; NULL when there are none such, or bytes are no entry.  What
 * somebody writes who deletes a link from the bucket by hand.
 */
const char *sim_links_without(const char *bytes, size_t length, const char *target,
                              const char *name, struct arena *arena);

#endif
