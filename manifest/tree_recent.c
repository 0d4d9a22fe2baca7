#include "manifest/tree_recent.h"

#include <string.h>

#define RECENT_BYTES_MAX ((size_t)32)

const char *tree_recent_copy(struct tree_recent *recent, struct arena *arena,
                             const char *text, size_t length)
{
    size_t i;

    if (length == 0 || length > RECENT_BYTES_MAX) {
        return arena_text(arena, text, length);
    }
    i = (length + 7 * (size_t)(unsigned char)text[0] +
         31 * (size_t)(unsigned char)text[length - 1]) %
        TREE_RECENT_COUNT;
    if (recent->items[i].text == NULL || recent->items[i].length != length ||
        memcmp(recent->items[i].text, text, length) != 0) {
        recent->items[i].text = arena_text(arena, text, length);
        recent->items[i].length = length;
    }
    return recent->items[i].text;
}
