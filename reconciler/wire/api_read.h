/*
 * api_read.h - what the decoders of api.h have in common.  Internal to wire/.
 */
#ifndef RECONCILER_WIRE_API_READ_H
#define RECONCILER_WIRE_API_READ_H

#include "reconciler/wire/api.h"

struct json_reader;
struct json_t;

/* An object of ours, of a schema we know; the caller's. */
struct json_t *api_read_body(struct json_reader *reader, const char *bytes,
                             size_t length);

/* The same of a reply: the error that it carries, if it carries one, becomes the
 * reader's. */
struct json_t *api_read_reply(struct json_reader *reader, const char *bytes,
                              size_t length, const char **ret_findings);

/* NEVER when it is absent or null. */
struct instant api_read_moment(struct json_reader *reader, struct json_t *object,
                               const char *key);

/* Both NULL when it is absent or null. */
struct status_wait api_read_wait(struct json_reader *reader, struct json_t *object);

#endif
