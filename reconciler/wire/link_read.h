/*
 * link_read.h - a link in JSON, as hosts keep it in their bucket and as they tell it.
 *
 * Source: reference lattice-protocol-v1 section 2.12.
 */
#ifndef RECONCILER_WIRE_LINK_READ_H
#define RECONCILER_WIRE_LINK_READ_H

#include "linkstore/desired.h"
#include "reconciler/wire/json.h"

/* The link that item holds, its interfaces as a set; errors are the reader's. */
struct link link_read(struct json_reader *reader, struct json_t *item);

#endif
