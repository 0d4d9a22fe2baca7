/*
 * hash.h - a quick hash of bytes: for tables, and to notice that something has changed.
 *
 * Not against whoever looks for two texts of one hash; see digest.h for that.  The same
 * bytes have the same hash in every run of one machine, and nothing may depend on which.
 */
#ifndef MANIFEST_HASH_H
#define MANIFEST_HASH_H

#include <stddef.h>
#include <stdint.h>

/* seed is the hash of what goes before, or any number. */
uint64_t hash_bytes(const void *bytes, size_t size, uint64_t seed);
uint64_t hash_text(const char *text, uint64_t seed);

#endif
