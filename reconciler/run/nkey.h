/*
 * nkey.h - the keys by which NATS knows users: ed25519, in letters.
 *
 * Source: github.com/nats-io/nkeys, its README; reference lattice-protocol-v1 section 9.
 */
#ifndef RECONCILER_RUN_NKEY_H
#define RECONCILER_RUN_NKEY_H

#include <stdbool.h>

#include "manifest/err.h"

#define NKEY_SEED_LETTERS   58
#define NKEY_PUBLIC_LETTERS 56

/* Is text, of NKEY_SEED_LETTERS, the seed of a user?  Its checksum is looked at, too. */
bool nkey_is_seed(const char *text);

/* The public key of a user's seed, with a NUL.  ERR_IO without libcrypto. */
enum err_code nkey_public(const char *seed,
                          char ret_public[static NKEY_PUBLIC_LETTERS + 1],
                          struct err *err) __attribute__((warn_unused_result));

#endif
