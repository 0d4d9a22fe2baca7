/*
 * api_pong.h - what the daemon answers to ping; see api.h.
 */
#ifndef RECONCILER_WIRE_API_PONG_H
#define RECONCILER_WIRE_API_PONG_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/err.h"
#include "manifest/text.h"

/* is_converged: all that is wanted is there, and nothing is under way. */
void api_encode_pong(bool is_converged, struct text *text);

/* Errors as in api.h.  A daemon of before does not say: false. */
enum err_code api_decode_pong(const char *bytes, size_t length, struct arena *arena,
                              bool *ret_is_converged, struct err *err)
    __attribute__((warn_unused_result));

#endif
