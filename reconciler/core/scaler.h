/*
 * scaler.h - wadm's scaler ids, kept: digests, in half the bytes of their text.  Internal
 * to core/.
 */
#ifndef RECONCILER_CORE_SCALER_H
#define RECONCILER_CORE_SCALER_H

#include <stdbool.h>

#include "manifest/pool.h"

#define SCALER_BYTES 32 /* of a SHA-256 */

struct scaler {
    unsigned char bytes[SCALER_BYTES];
    bool is_text; /* it was no digest: a pointer to a kept text is in bytes */
};

struct scaler scaler_keep(struct pool *pool, const char *id);
void scaler_forget(struct pool *pool, const struct scaler *scaler);

/* The id again, in arena. */
const char *scaler_text(const struct scaler *scaler, struct arena *arena);

#endif
