/*
 * writer.h - who writes to a lattice, as it stands in the bucket TRELLIS_{lattice}.
 */
#ifndef RECONCILER_WIRE_WRITER_H
#define RECONCILER_WIRE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "manifest/arena.h"
#include "manifest/err.h"
#include "manifest/text.h"

struct wire_writer {
    const char *identity; /* of its store */
    const char *host;
    uint64_t pid;
    const char *since; /* UTC, as utc_print has it */
};

/* Append writer to text as JSON: one object, the fields in the order above. */
void wire_encode_writer(const struct wire_writer *writer, struct text *text);

/* ERR_SYNTAX or ERR_INVALID when it is not what wire_encode_writer makes; more fields
 * are fine.  Points into arena. */
enum err_code wire_decode_writer(const char *bytes, size_t length, struct arena *arena,
                                 struct wire_writer *ret_writer, struct err *err)
    __attribute__((warn_unused_result));

#endif
