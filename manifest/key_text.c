#include "manifest/key_text.h"

#include <assert.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* CRC-16/XMODEM: polynomial 0x1021, nothing in, nothing out. */
static unsigned int checksum(const unsigned char *bytes, size_t length)
{
    unsigned int crc = 0;

    for (size_t i = 0; i < length; i++) {
        crc ^= (unsigned int)bytes[i] << 8;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 0x8000U) != 0 ? (crc << 1) ^ 0x1021U : crc << 1;
        }
        crc &= 0xffffU;
    }
    return crc;
}

void key_text_seal(unsigned char *bytes, size_t length)
{
    const unsigned int crc = checksum(bytes, length);

    bytes[length] = (unsigned char)(crc & 0xffU);
    bytes[length + 1] = (unsigned char)(crc >> 8);
}

bool key_text_is_sealed(const unsigned char *bytes, size_t length)
{
    return checksum(bytes, length) ==
           ((unsigned int)bytes[length] | (unsigned int)bytes[length + 1] << 8);
}

void key_text_write(const unsigned char *bytes, size_t length, char *ret_letters)
{
    unsigned int window = 0;
    unsigned int bits = 0;

    assert(length % 5 == 0);
    for (size_t i = 0; i < length; i++) {
        window = (window << 8 | bytes[i]) & 0xffffU;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            *ret_letters++ = alphabet[window >> bits & 0x1fU];
        }
    }
    *ret_letters = '\0';
}

bool key_text_read(const char *text, size_t letters, unsigned char *ret_bytes)
{
    unsigned int window = 0;
    unsigned int bits = 0;
    size_t count = 0;

    for (size_t i = 0; i < letters; i++) {
        const char *letter = text[i] != '\0' ? strchr(alphabet, text[i]) : NULL;

        if (letter == NULL) {
            return false;
        }
        window = (window << 5 | (unsigned int)(letter - alphabet)) & 0xfffU;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            ret_bytes[count++] = (unsigned char)(window >> bits & 0xffU);
        }
    }
    return true;
}
