#include "reconciler/run/repeat.h"

#include <stddef.h>

/* The line of digest, or the one to forget for it. */
static size_t find(const struct repeat *repeat, uint64_t digest)
{
    size_t oldest = 0;

    for (size_t i = 0; i < REPEAT_LINES_MAX; i++) {
        if (repeat->lines[i].digest == digest && repeat->lines[i].passed_count > 0) {
            return i;
        }
        if (repeat->lines[i].since_ms < repeat->lines[oldest].since_ms) {
            oldest = i;
        }
    }
    return oldest;
}

bool repeat_passes(struct repeat *repeat, uint64_t digest, int64_t now_ms,
                   uint32_t *ret_held)
{
    const size_t i = find(repeat, digest);
    const bool is_known = repeat->lines[i].digest == digest;

    *ret_held = 0;
    if (is_known && now_ms - repeat->lines[i].since_ms < REPEAT_SPAN_MS) {
        if (repeat->lines[i].passed_count == REPEAT_COUNT_MAX) {
            repeat->lines[i].held_count++;
            return false;
        }
        repeat->lines[i].passed_count++;
        return true;
    }
    *ret_held = is_known ? repeat->lines[i].held_count : 0;
    repeat->lines[i].digest = digest;
    repeat->lines[i].since_ms = now_ms;
    repeat->lines[i].passed_count = 1;
    repeat->lines[i].held_count = 0;
    return true;
}
