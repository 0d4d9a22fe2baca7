#include "manifest/decode_redeliver.h"

#include <string.h>

static const char *const words[] = {
    [REDELIVER_AUTO] = "auto",
    [REDELIVER_LINK] = "link",
    [REDELIVER_RESTART] = "restart",
    [REDELIVER_NEVER] = "never",
};

#define WORDS_COUNT (sizeof words / sizeof *words)

const char *decode_redeliver_word(enum oam_redeliver redeliver)
{
    return words[redeliver];
}

bool decode_redeliver_find(const char *word, enum oam_redeliver *ret_redeliver)
{
    for (size_t i = 0; i < WORDS_COUNT; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret_redeliver = (enum oam_redeliver)i;
            return true;
        }
    }
    return false;
}
