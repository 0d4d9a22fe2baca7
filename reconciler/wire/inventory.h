/*
 * inventory.h - what a host says of itself, from JSON: in the answer to host.get and in
 * its heartbeat the same object.
 */
#ifndef RECONCILER_WIRE_INVENTORY_H
#define RECONCILER_WIRE_INVENTORY_H

#include "reconciler/core/event.h"
#include "reconciler/wire/json.h"

/*
 * Read object into reader's arena, all but the host's id, which is host: the two
 * messages name it in different places.
 *
 * Refused besides wrong types: no list of components (or of its older name, actors) or
 * of providers, and one id twice in a list; a host that is not understood whole must
 * not look empty.
 *
 * Source: wasmCloud 1.9.2 host inventory; reference lattice-protocol-v1 2.2.
 */
struct inventory inventory_read(struct json_reader *reader, struct json_t *object,
                                const char *host);

#endif
