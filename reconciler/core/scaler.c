#include "reconciler/core/scaler.h"

#include <string.h>

#include "manifest/arena.h"

static const char digits[] = "0123456789abcdef";

/* The value of a digit; -1: it is none. */
static int value_of(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_digest(const char *id)
{
    size_t i = 0;

    while (value_of(id[i]) >= 0) {
        i++;
    }
    return i == (size_t)2 * SCALER_BYTES && id[i] == '\0';
}

struct scaler scaler_keep(struct pool *pool, const char *id)
{
    struct scaler scaler = {.is_text = !is_digest(id)};

    if (scaler.is_text) {
        const char *kept = pool_keep(pool, id);

        memcpy(scaler.bytes, &kept, sizeof kept);
        return scaler;
    }
    for (size_t i = 0; i < SCALER_BYTES; i++) {
        scaler.bytes[i] =
            (unsigned char)(value_of(id[2 * i]) * 16 + value_of(id[2 * i + 1]));
    }
    return scaler;
}

static const char *kept_text(const struct scaler *scaler)
{
    const char *kept;

    memcpy(&kept, scaler->bytes, sizeof kept);
    return kept;
}

void scaler_forget(struct pool *pool, const struct scaler *scaler)
{
    if (scaler->is_text) {
        pool_drop(pool, kept_text(scaler));
    }
}

const char *scaler_text(const struct scaler *scaler, struct arena *arena)
{
    char text[2 * SCALER_BYTES];

    if (scaler->is_text) {
        return arena_copy(arena, kept_text(scaler));
    }
    for (size_t i = 0; i < SCALER_BYTES; i++) {
        text[2 * i] = digits[scaler->bytes[i] / 16];
        text[2 * i + 1] = digits[scaler->bytes[i] % 16];
    }
    return arena_text(arena, text, sizeof text);
}
