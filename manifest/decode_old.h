/*
 * decode_old.h - manifests of wasmCloud 0.82: what their words are now.
 *
 * A provider had a contract then, and a trait linkdef, always of the component, gave it
 * values.  Now a link names interfaces, and is a trait of the side that calls.
 */
#ifndef MANIFEST_DECODE_OLD_H
#define MANIFEST_DECODE_OLD_H

#include "manifest/decode_shape.h"

#define OLD_VALUES_MAX 4
#define OLD_IMAGES_MAX 4

/* A value of a linkdef, and the property of a config that it is now. */
struct old_value {
    const char *name; /* in lower case; providers did not care */
    const char *property;
    bool is_of_handler; /* it is for calls of the component, where there are both */
};

/* A contract in interfaces.  With neither imports nor exports it needs no link. */
struct old_contract {
    const char *id;
    const char *wit_namespace;
    const char *wit_package;
    const char *imports; /* what the component calls, as a list; NULL: nothing */
    const char *exports; /* what the provider calls in the component; NULL: nothing */
    const char *images[OLD_IMAGES_MAX + 1]; /* last parts of their names, then NULL */
    struct old_value values[OLD_VALUES_MAX + 1]; /* behind the last: no name */
};

/*
 * The contract of the provider node, which says it, or has an image that is known; NULL
 * when neither is.
 */
const struct old_contract *decode_old_contract(const struct tree_node *node);

/* The value that name stands for; NULL when it is not known. */
const struct old_value *decode_old_value(const struct old_contract *contract,
                                         const char *name);

/* The component of the list node that is named name; NULL when there is none. */
const struct tree_node *decode_old_component(const struct tree_node *components,
                                             const char *name);

/* The name that the properties of a linkdef give as target; NULL when there is none. */
const char *decode_old_target(const struct tree_node *properties);

/* Whether the properties of a linkdef are those of a link already. */
bool decode_old_is_link(const struct tree_node *properties);

/* Report a trait whose type node is linkdef, and what to write in its place. */
void decode_old_linkdef(struct decode *decode, const struct tree_node *type,
                        const struct tree_node *properties, const char *component);

#endif
