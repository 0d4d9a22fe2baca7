/*
 * json.h - JSON as hosts read and write it.
 *
 * Reading goes by way of the YAML tree and is as strict as serde is where a client
 * could tell: keys quoted and none twice, types exact, null only where it is allowed,
 * whole numbers without sign, point or exponent.  Unknown fields are ignored.
 *
 * Source: reference lattice-protocol-v1 section 1.4.
 */
#ifndef RECONCILER_SIM_JSON_H
#define RECONCILER_SIM_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "linkstore/desired.h"
#include "manifest/text.h"
#include "manifest/tree.h"

/* The one value that bytes are; NULL when they are not JSON. */
const struct tree_node *sim_json_read(const char *bytes, size_t length,
                                      struct arena *arena);

enum sim_field_kind {
    SIM_FIELD_TEXT,  /* const char * */
    SIM_FIELD_U32,   /* uint32_t */
    SIM_FIELD_U64,   /* uint64_t */
    SIM_FIELD_BOOL,  /* bool */
    SIM_FIELD_NAMES, /* struct names: an array of strings */
    SIM_FIELD_MAP,   /* struct properties: an object of strings */
};

enum sim_field_need {
    SIM_OPTIONAL,
    SIM_REQUIRED,
    SIM_NULLABLE, /* optional, and null is as good as absent */
};

/*
 * A field of a request, and where in its struct it goes.  Two in a row that go to one
 * place are two names of one field: to give both is an error.
 */
struct sim_field {
    const char *name;
    enum sim_field_kind kind;
    enum sim_field_need need;
    size_t offset;
};

/*
 * Fill record from object.  A field that is absent leaves its place alone: the caller
 * puts the defaults there.  False when object is no object, a required field is absent
 * or a value is of another type; record may then be half filled.
 */
bool sim_json_decode(const struct tree_node *object, const struct sim_field *fields,
                     size_t fields_count, struct arena *arena, void *record);

/* Read an object of strings, sorted by key; false when bytes are none. */
bool sim_json_read_map(const char *bytes, size_t length, struct arena *arena,
                       struct properties *ret_map);

/* The same of a value already read. */
bool sim_json_decode_map(const struct tree_node *object, struct arena *arena,
                         struct properties *ret_map);

/* Append an array of strings, and an object of strings, without white space. */
void sim_json_print_names(const struct names *names, struct text *text);
void sim_json_print_map(const struct properties *map, struct text *text);

/* Append "key":"value", with before in front of it. */
void sim_json_print_field(const char *before, const char *key, const char *value,
                          struct text *text);

/* Deep copies; a map without items stays one without. */
struct names sim_json_copy_names(const struct names *names, struct arena *arena);
struct properties sim_json_copy_map(const struct properties *map, struct arena *arena);

/* The value of key; NULL when absent. */
const char *sim_json_find(const struct properties *map, const char *key);

#endif
