/*
 * key_text.h - how NATS and hosts write keys: bytes, then their checksum, in letters.
 *
 * Source: RFC 4648 base32 without padding; CRC-16/XMODEM, its low byte first.
 */
#ifndef MANIFEST_KEY_TEXT_H
#define MANIFEST_KEY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Put the checksum of the first length bytes behind them, where there must be room. */
void key_text_seal(unsigned char *bytes, size_t length);

/* Are the two bytes behind the first length bytes their checksum? */
bool key_text_is_sealed(const unsigned char *bytes, size_t length);

/* length, a multiple of 5, bytes in 8 / 5 as many letters and a NUL. */
void key_text_write(const unsigned char *bytes, size_t length, char *ret_letters);

/* The bytes of letters; false when text, of that many letters at the least, is none. */
bool key_text_read(const char *text, size_t letters, unsigned char *ret_bytes);

#endif
