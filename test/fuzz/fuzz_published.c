/*
 * Any bytes as an event that a daemon publishes, and as the reply that has many of them.
 * What can be read is written again as what reads alike.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/wire/api_event.h"

static void try_event(const char *bytes, size_t length, struct arena *arena)
{
    struct api_event event;
    struct api_event again;
    struct text first;
    struct text second;
    struct err err;

    if (api_decode_event(bytes, length, arena, &event, &err) != ERR_OK) {
        assert(err.code != ERR_OK && err.message[0] != '\0');
        return;
    }
    text_init(&first, arena, MESSAGE_BYTES_MAX);
    text_init(&second, arena, MESSAGE_BYTES_MAX);
    api_encode_event(&event, &first);
    if (api_decode_event(first.bytes, first.count, arena, &again, &err) != ERR_OK) {
        assert(false && "what was written cannot be read");
    }
    api_encode_event(&again, &second);
    assert(strcmp(first.bytes, second.bytes) == 0);
}

static void try_events(const char *bytes, size_t length, struct arena *arena)
{
    struct api_events events;
    struct err err;

    if (api_decode_events(bytes, length, arena, &events, &err) != ERR_OK) {
        assert(err.code != ERR_OK);
        return;
    }
    for (size_t i = 0; i < events.events.count; i++) {
        try_event(events.events.items[i], strlen(events.events.items[i]), arena);
    }
}

// NOLINTNEXTLINE(readability-identifier-naming): the name libFuzzer calls
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};

    try_event((const char *)data, size, &arena);
    try_events((const char *)data, size, &arena);
    arena_free(&arena);
    return 0;
}
