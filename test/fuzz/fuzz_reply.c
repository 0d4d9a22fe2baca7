/* Any bytes as what a host answers, and as an entry of either bucket. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "reconciler/wire/event_decode.h"
#include "reconciler/wire/reply.h"
#include "reconciler/wire/subject.h"

static void try_replies(const char *bytes, size_t length, struct arena *arena)
{
    struct inventory inventory;
    struct wire_reply reply;
    const char *host;
    struct err err;

    if (wire_decode_reply(bytes, length, arena, &reply, &err) == ERR_OK) {
        assert(reply.message != NULL);
    }
    if (wire_decode_ping(bytes, length, arena, &host, &err) == ERR_OK) {
        assert(subject_is_token(host));
    }
    if (wire_decode_inventory(bytes, length, arena, &inventory, &err) == ERR_OK) {
        for (size_t i = 1; i < inventory.workloads_count; i++) {
            assert(strcmp(inventory.workloads[i - 1].id, inventory.workloads[i].id) <= 0);
        }
    }
}

static void check_set(const struct names *names)
{
    for (size_t i = 1; i < names->count; i++) {
        assert(strcmp(names->items[i - 1], names->items[i]) < 0);
    }
}

static void try_links(const char *bytes, size_t length, struct arena *arena)
{
    struct event event;
    struct err err;

    if (wire_decode_links("COMPONENT_s1", bytes, length, 1, arena, &event, &err) !=
        ERR_OK) {
        return;
    }
    for (size_t i = 0; i < event.u.links.count; i++) {
        assert(strcmp(event.u.links.links[i].source_id, "s1") == 0);
        check_set(&event.u.links.links[i].interfaces);
    }
}

/* What is canonical reads as itself. */
static void try_config(const char *bytes, size_t length, struct arena *arena)
{
    struct event event;
    struct event again;
    struct err err;

    if (wire_decode_config("c", bytes, length, arena, &event, &err) == ERR_OK) {
        const char *content = event.u.config.content;
        const enum err_code code =
            wire_decode_config("c", content, strlen(content), arena, &again, &err);

        assert(code == ERR_OK);
        assert(strcmp(again.u.config.content, content) == 0);
    }
}

// NOLINTNEXTLINE(readability-identifier-naming): the name libFuzzer calls
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};

    try_replies((const char *)data, size, &arena);
    try_links((const char *)data, size, &arena);
    try_config((const char *)data, size, &arena);
    arena_free(&arena);
    return 0;
}
