/* Any bytes as an event from a host: an event or an error, never harm. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "reconciler/wire/event_decode.h"
#include "reconciler/wire/subject.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name libFuzzer calls
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event event = {.kind = EVENT_UNSAVED};
    struct arena arena = {0};
    struct err err = {0};
    const enum err_code code =
        wire_decode_event((const char *)data, size, &arena, &event, &err);

    assert(code == err.code);
    assert((code == ERR_OK) == (event.kind != EVENT_UNSAVED));
    if (event.kind == EVENT_HEARTBEAT) {
        assert(subject_is_token(event.u.inventory->host));
        assert(event.u.inventory->uptime_seconds >= 0);
    }
    arena_free(&arena);
    return 0;
}
