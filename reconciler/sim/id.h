/*
 * id.h - the names that a host makes up and the times it writes.
 *
 * Source: reference lattice-protocol-v1 sections 2.1, 4.1 and 8.
 */
#ifndef RECONCILER_SIM_ID_H
#define RECONCILER_SIM_ID_H

#include "manifest/arena.h"
#include "manifest/text.h"
#include "reconciler/sim/prng.h"

/* What a public nkey is the key of: the first of its letters. */
enum sim_key_kind {
    SIM_KEY_HOST,  /* N...: a server */
    SIM_KEY_CURVE, /* X...: what a provider's messages are sealed with */
};

/* A public nkey of 56 letters: prefix, 32 bytes of chance, CRC-16, as base32. */
const char *sim_id_key(struct sim_prng *prng, enum sim_key_kind kind,
                       struct arena *arena);

/* A friendly name, "spring-shape-1449". */
const char *sim_id_name(struct sim_prng *prng, struct arena *arena);

/* Append the 128 bits of a ULID made at unix_ms, written as a UUID. */
void sim_id_print_event(struct sim_prng *prng, int64_t unix_ms, struct text *text);

/* Append unix_ms as RFC 3339 in UTC with nine digits of fraction, as hosts do. */
void sim_id_print_time(int64_t unix_ms, struct text *text);

/* Append seconds as hosts print an uptime: "0s", "1m 1s", "2days 1h". */
void sim_id_print_uptime(int64_t seconds, struct text *text);

#endif
