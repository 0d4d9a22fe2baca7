#include "reconciler/run/nkey.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "manifest/key_text.h"
#include "reconciler/run/library.h"

#define KEY_BYTES   ((size_t)32)
#define SEED_BYTES  (2 + KEY_BYTES + 2)
#define PREFIX_SEED (18U << 3) /* S */
#define PREFIX_USER (20U << 3) /* U */

/* libcrypto's name for ed25519: NID_ED25519. */
#define TYPE_ED25519 1087

static bool read_seed(const char *text, unsigned char raw[static SEED_BYTES])
{
    return key_text_read(text, NKEY_SEED_LETTERS, raw) &&
           raw[0] == (PREFIX_SEED | PREFIX_USER >> 5) &&
           raw[1] == (PREFIX_USER << 3 & 0xffU) && key_text_is_sealed(raw, 2 + KEY_BYTES);
}

bool nkey_is_seed(const char *text)
{
    unsigned char raw[SEED_BYTES];

    return read_seed(text, raw);
}

/* libcrypto is in the process already, for nats.c signs with it. */
static enum err_code derive(const unsigned char *private,
                            unsigned char ret_public[static KEY_BYTES], struct err *err)
{
    static const char *const files[] = {"libcrypto.so.3", "libcrypto.so.1.1", NULL};
    static const struct library libcrypto = {files, "an nkey is made public", "libssl3"};
    void *(*new_key)(int type, void *engine, const unsigned char *bytes, size_t length);
    int (*get_public)(const void *key, unsigned char *ret_bytes, size_t *length);
    void (*free_key)(void *key);
    const struct library_function functions[] = {
        {"EVP_PKEY_new_raw_private_key", &new_key},
        {"EVP_PKEY_get_raw_public_key", &get_public},
        {"EVP_PKEY_free", &free_key},
    };
    const enum err_code code = library_load(&libcrypto, functions, 3, err);
    size_t length = KEY_BYTES;
    bool is_made;
    void *key;

    if (code != ERR_OK) {
        return code;
    }
    key = new_key(TYPE_ED25519, NULL, private, KEY_BYTES);
    is_made = key != NULL && get_public(key, ret_public, &length) == 1;
    free_key(key);
    return is_made ? ERR_OK : err_set(err, ERR_IO, "libcrypto knows no ed25519");
}

enum err_code nkey_public(const char *seed,
                          char ret_public[static NKEY_PUBLIC_LETTERS + 1],
                          struct err *err)
{
    unsigned char private[SEED_BYTES];
    unsigned char public[1 + KEY_BYTES + 2] = {PREFIX_USER};
    enum err_code code;

    if (!read_seed(seed, private)) {
        return err_set(err, ERR_USAGE, "that is no seed of a user");
    }
    code = derive(private + 2, public + 1, err);
    if (code != ERR_OK) {
        return code;
    }
    key_text_seal(public, 1 + KEY_BYTES);
    key_text_write(public, sizeof public, ret_public);
    return ERR_OK;
}
