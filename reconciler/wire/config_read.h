/*
 * config_read.h - a config in JSON, as its bucket has it and as hosts tell it.
 *
 * The policy of a secret is printed by others in any order of its keys: it is made
 * comparable here.
 */
#ifndef RECONCILER_WIRE_CONFIG_READ_H
#define RECONCILER_WIRE_CONFIG_READ_H

#include "reconciler/wire/json.h"

/* The canonical content of object, in the reader's arena; NULL when object is, or after
 * an error, which is the reader's.  name NULL: not known. */
const char *config_read(struct json_reader *reader, struct json_t *object,
                        const char *name);

#endif
