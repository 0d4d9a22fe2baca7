/*
 * reply.h - what hosts answer: the envelope, an inventory, a ping, links.
 *
 * The text of an acknowledgement is never looked at; unknown fields are ignored.
 * Every function returns ERR_SYNTAX (not JSON), ERR_INVALID (not what the protocol
 * says) or ERR_LIMIT (longer than MESSAGE_BYTES_MAX), and points into arena.
 */
#ifndef RECONCILER_WIRE_REPLY_H
#define RECONCILER_WIRE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "reconciler/core/event.h"

struct wire_reply {
    bool is_success;
    const char *message; /* the host's own words; "" when there are none */
};

/* The answer to any command. */
enum err_code wire_decode_reply(const char *bytes, size_t length, struct arena *arena,
                                struct wire_reply *ret_reply, struct err *err)
    __attribute__((warn_unused_result));

/* The answer to host.get. */
enum err_code wire_decode_inventory(const char *bytes, size_t length, struct arena *arena,
                                    struct inventory *ret_inventory, struct err *err)
    __attribute__((warn_unused_result));

/* The answer to host.ping: the id of the host. */
enum err_code wire_decode_ping(const char *bytes, size_t length, struct arena *arena,
                               const char **ret_host, struct err *err)
    __attribute__((warn_unused_result));

struct wire_content {
    struct wire_reply reply;
    const char *content; /* canonical; NULL: there is none, or it was refused */
};

/* The answer to config.get. */
enum err_code wire_decode_content(const char *bytes, size_t length, struct arena *arena,
                                  struct wire_content *ret_content, struct err *err)
    __attribute__((warn_unused_result));

/* The answer to link.get, as an event. */
enum err_code wire_decode_heard(const char *bytes, size_t length, struct arena *arena,
                                struct event *ret_event, struct err *err)
    __attribute__((warn_unused_result));

#endif
