#include "manifest/hash.h"

#include <string.h>

/* An odd number without pattern, as of splitmix64. */
#define FACTOR UINT64_C(0x9e3779b97f4a7c15)

static uint64_t stir(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * FACTOR;
    return hash ^ (hash >> 29);
}

uint64_t hash_bytes(const void *bytes, size_t size, uint64_t seed)
{
    const unsigned char *at = bytes;
    uint64_t hash = stir(seed, size);
    uint64_t word;

    for (; size >= sizeof word; size -= sizeof word) {
        memcpy(&word, at, sizeof word);
        hash = stir(hash, word);
        at += sizeof word;
    }
    word = 0;
    memcpy(&word, at, size);
    hash = stir(hash, word);
    return stir(hash, hash >> 32);
}

uint64_t hash_text(const char *text, uint64_t seed)
{
    return hash_bytes(text, strlen(text), seed);
}
