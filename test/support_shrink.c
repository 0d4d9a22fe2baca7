#include "test/support_shrink.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/text.h"

#define SCRIPT_BYTES ((size_t)4 * 1024 * 1024)

struct shrinking {
    const char **lines;
    bool *is_out;
    size_t count;
    const char *end;
    bool (*still_fails)(void *context, const char *script);
    void *context;
};

/* An indented line belongs to the one before: it goes with it, or alone. */
static bool is_part(const char *line)
{
    return line[0] == ' ';
}

static const char *join(const struct shrinking *shrinking, struct arena *arena)
{
    struct text text;
    bool is_owner_out = false;

    text_init(&text, arena, SCRIPT_BYTES);
    for (size_t i = 0; i < shrinking->count; i++) {
        const char *line = shrinking->lines[i];

        if (!is_part(line)) {
            is_owner_out = shrinking->is_out[i];
        }
        if (!shrinking->is_out[i] && !is_owner_out) {
            text_append(&text, "%s\n", line);
        }
    }
    text_append(&text, "%s", shrinking->end);
    return text.bytes;
}

static bool fails(const struct shrinking *shrinking)
{
    struct arena arena = {0};
    const bool is_failing =
        shrinking->still_fails(shrinking->context, join(shrinking, &arena));

    arena_free(&arena);
    return is_failing;
}

static void leave_out(const struct shrinking *shrinking, const size_t *indices,
                      size_t count, bool is_out)
{
    for (size_t i = 0; i < count; i++) {
        shrinking->is_out[indices[i]] = is_out;
    }
}

/* The lines that are still there, of one sort. */
static size_t collect(const struct shrinking *shrinking, bool is_part_wanted,
                      size_t *indices)
{
    size_t count = 0;
    bool is_owner_out = false;

    for (size_t i = 1; i < shrinking->count; i++) {
        const bool is_of_other = is_part(shrinking->lines[i]);

        if (!is_of_other) {
            is_owner_out = shrinking->is_out[i];
        }
        if (is_of_other == is_part_wanted && !shrinking->is_out[i] && !is_owner_out) {
            indices[count++] = i;
        }
    }
    return count;
}

/* Leave out all that can be, in pieces of half of it, a quarter ... one line; whether
 * any could. */
static bool reduce(const struct shrinking *shrinking, bool is_part_wanted,
                   size_t *indices)
{
    size_t count = collect(shrinking, is_part_wanted, indices);
    bool is_reduced = false;

    for (size_t size = count / 2 > 0 ? count / 2 : 1; count > 0;) {
        bool has_found = false;

        for (size_t i = 0; i < count; i += size) {
            const size_t piece = count - i < size ? count - i : size;

            leave_out(shrinking, &indices[i], piece, true);
            if (fails(shrinking)) {
                has_found = true;
            } else {
                leave_out(shrinking, &indices[i], piece, false);
            }
        }
        is_reduced |= has_found;
        count = collect(shrinking, is_part_wanted, indices);
        if (size == 1 && !has_found) {
            break;
        }
        size = size > 1 ? size / 2 : 1;
    }
    return is_reduced;
}

/* run 8000ms: does half of it do, or a round number? */
static void shorten(const struct shrinking *shrinking, struct arena *arena)
{
    for (size_t i = 1; i < shrinking->count; i++) {
        const char *line = shrinking->lines[i];

        while (!shrinking->is_out[i] && strncmp(line, "run ", 4) == 0) {
            const unsigned long ms = strtoul(line + 4, NULL, 10);

            if (ms < 2) {
                break;
            }
            shrinking->lines[i] = arena_print(arena, "run %lums", ms / 2);
            if (!fails(shrinking)) {
                shrinking->lines[i] = line;
                break;
            }
            line = shrinking->lines[i];
        }
    }
}

static void split(struct shrinking *shrinking, const char *script, const char *end,
                  struct arena *arena)
{
    size_t most = 1;

    for (const char *at = script; at < end; at++) {
        most += *at == '\n';
    }
    shrinking->lines = arena_array(arena, most, sizeof(const char *));
    shrinking->is_out = arena_array(arena, most, sizeof(bool));
    while (script < end) {
        const size_t length = strcspn(script, "\n");

        shrinking->lines[shrinking->count++] = arena_text(arena, script, length);
        script += length + 1;
    }
}

const char *shrink_script(const char *script, const char *end,
                          bool (*still_fails)(void *context, const char *script),
                          void *context, struct arena *arena)
{
    struct shrinking shrinking = {
        .end = end, .still_fails = still_fails, .context = context};
    size_t *indices;
    bool is_reduced = true;

    split(&shrinking, script, end, arena);
    indices = arena_array(arena, shrinking.count, sizeof *indices);
    while (is_reduced) {
        is_reduced = reduce(&shrinking, false, indices);
        is_reduced |= reduce(&shrinking, true, indices);
    }
    shorten(&shrinking, arena);
    return join(&shrinking, arena);
}
