/*
 * digest.h - SHA-256, as lower-case hex.
 *
 * libmd's, because a digest is all that is needed and libnats's libcrypto costs
 * a verb without NATS its start-up time.
 */
#ifndef MANIFEST_DIGEST_H
#define MANIFEST_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_BYTES 65 /* 64 digits and the NUL */

/* Cannot fail. */
void digest_bytes(const char *bytes, size_t length,
                  char ret_hex[static DIGEST_HEX_BYTES]);

#endif
