/*
 * support_schema.h - does a JSON text satisfy one of schemas/?
 *
 * Of JSON Schema (draft 2020-12) as much as those use: type, enum, minimum, required,
 * properties, additionalProperties: false, items, and $ref to "#/$defs/NAME".  A schema
 * with any other keyword is refused, for nobody would check it.
 */
#ifndef TEST_SUPPORT_SCHEMA_H
#define TEST_SUPPORT_SCHEMA_H

#include <stddef.h>

#include "manifest/arena.h"

/*
 * NULL when text satisfies the schema in the file at path; else the first thing that it
 * does not, with its place, like "/applications/0/name: missing"; in arena.
 */
const char *schema_check(const char *path, const char *text, struct arena *arena);

#endif
