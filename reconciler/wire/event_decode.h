/*
 * event_decode.h - what hosts publish, and what the two buckets hold, as events.
 *
 * The host of an event is its CloudEvent source, never the host_id in its data.
 * Errors as in reply.h.
 *
 * Source: wasmCloud CloudEvents, reference lattice-protocol-v1 sections 4 and 5.
 */
#ifndef RECONCILER_WIRE_EVENT_DECODE_H
#define RECONCILER_WIRE_EVENT_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "reconciler/core/event.h"

/* May a message on subject, as below, be one that we act on?  While much is deployed
 * every second one is not, and need not be read. */
bool wire_is_event(const char *subject);

/*
 * A message on wasmbus.evt.{lattice}.{name}.  A kind we do not act on is
 * EVENT_IGNORED, not an error.
 */
enum err_code wire_decode_event(const char *bytes, size_t length, struct arena *arena,
                                struct event *ret_event, struct err *err)
    __attribute__((warn_unused_result));

/*
 * The entry of key in LATTICEDATA_{lattice}.  Keys that are not COMPONENT_ are
 * EVENT_IGNORED.  bytes NULL: the entry is deleted.
 */
enum err_code wire_decode_links(const char *key, const char *bytes, size_t length,
                                uint64_t sequence, struct arena *arena,
                                struct event *ret_event, struct err *err)
    __attribute__((warn_unused_result));

/*
 * The entry of key in CONFIGDATA_{lattice}.  bytes NULL: the entry is deleted.  Of a
 * secret that means the same as one of ours, the content is the same.
 */
enum err_code wire_decode_config(const char *key, const char *bytes, size_t length,
                                 struct arena *arena, struct event *ret_event,
                                 struct err *err) __attribute__((warn_unused_result));

#endif
