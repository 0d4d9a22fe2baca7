/*
 * support_samples.h - captured messages for tests, and golden files.
 */
#ifndef TEST_SUPPORT_SAMPLES_H
#define TEST_SUPPORT_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>

#include "manifest/arena.h"
#include "manifest/text.h"
#include "reconciler/core/event.h"

/* A line of fixtures/wire/samples.jsonl. */
struct sample {
    const char *kind;    /* event, request, reply, publish, kv */
    const char *subject; /* of a reply: what it answers */
    const char *payload;
    const char *headers; /* "" none */
};

struct samples {
    const struct sample *items;
    size_t count;
};

/* All samples, in arena; fails the test when there are none. */
struct samples samples_read(struct arena *arena);

/* Of kind and with a subject that begins with prefix. */
bool sample_is(const struct sample *sample, const char *kind, const char *prefix);

/* The whole of a file, NUL-terminated, in arena; fails the test when it is not there. */
const char *samples_file(const char *path, struct arena *arena);

/*
 * Fail unless the file at path holds just what actual does, and show the lines that
 * differ.  With GOLDEN=rewrite in the environment the file is written instead.
 */
void samples_assert_golden(const char *path, const struct text *actual);

/* Do both texts hold the same JSON, whatever the order of keys? */
bool samples_is_same_json(const char *a, const char *b);

/* Append an inventory, a line for itself and one for each label and workload. */
void samples_print_inventory(const struct inventory *inventory, struct text *text);

/* Append an event of those that come from bytes: one line, and more for lists. */
void samples_print_event(const struct event *event, struct text *text);

#endif
