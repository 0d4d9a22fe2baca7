/*
 * repeat.h - the same line over and over: some of them are enough.
 *
 * Of lines that are alike REPEAT_COUNT_MAX pass within REPEAT_SPAN_MS; the first that
 * passes again says how many were held back.
 */
#ifndef RECONCILER_RUN_REPEAT_H
#define RECONCILER_RUN_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

#define REPEAT_COUNT_MAX 10
#define REPEAT_SPAN_MS   ((int64_t)60 * 1000)
/* So many different lines are remembered; those that were longest ago are forgotten. */
#define REPEAT_LINES_MAX 64

/* All zero is one that has seen nothing. */
struct repeat {
    struct {
        uint64_t digest; /* of the line; two that share one are taken for alike */
        int64_t since_ms;
        uint32_t passed_count;
        uint32_t held_count;
    } lines[REPEAT_LINES_MAX];
};

/* May a line with digest pass at now_ms?  *ret_held lines like it were held before. */
bool repeat_passes(struct repeat *repeat, uint64_t digest, int64_t now_ms,
                   uint32_t *ret_held);

#endif
