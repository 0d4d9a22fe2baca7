/*
 * Any bytes are refused with a place, or accepted; what is accepted has a canonical text
 * that is accepted, and is its own.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest/canon.h"
#include "manifest/manifest.h"
#include "test/fuzz/fuzz.h"

#define TEXT_BYTES ((size_t)16 * 1024 * 1024)

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

/* Read bytes; true, with their canon, when they are accepted. */
static bool read_bytes(const char *bytes, size_t length, struct arena *arena,
                       struct text *ret_canon)
{
    struct manifest manifest;
    struct diags diags;
    struct err err;
    enum err_code code;

    diags_init(&diags, arena, "fuzz");
    code = manifest_read(bytes, length, "fuzz", arena, &diags, &manifest, &err);
    require((code == ERR_OK) == (diags.errors_count == 0));
    for (size_t i = 0; i < diags.count; i++) {
        const struct span *span = &diags.items[i].span;

        require(span->start.line > 0 && span->start.column > 0);
        require(span->end.line > span->start.line ||
                (span->end.line == span->start.line &&
                 span->end.column >= span->start.column));
    }
    if (code != ERR_OK) {
        require(err.code == code && err.place.line > 0 && err.message[0] != '\0');
        return false;
    }
    text_init(ret_canon, arena, TEXT_BYTES);
    for (size_t i = 0; i < manifest.applications_count; i++) {
        text_append(ret_canon, "---\n");
        canon_print(&manifest.applications[i], ret_canon);
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct text canon;
    struct text again;

    if (read_bytes((const char *)data, size, &arena, &canon) && !canon.is_cut) {
        require(read_bytes(canon.bytes, canon.count, &arena, &again));
        require(strcmp(canon.bytes, again.bytes) == 0);
    }
    arena_free(&arena);
    return 0;
}
