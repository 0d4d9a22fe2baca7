/* Any bytes as an answer of JetStream, a writer's entry, and a reply subject. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/wire/jetstream.h"
#include "reconciler/wire/writer.h"

static void try_answer(const char *bytes, size_t length, struct arena *arena)
{
    struct wire_jetstream answer;
    struct err err;

    if (wire_decode_jetstream(bytes, length, arena, &answer, &err) == ERR_OK) {
        assert(answer.error_text != NULL);
        assert(answer.created != NULL);
    }
}

/* What is read is read again from what is written of it. */
static void try_writer(const char *bytes, size_t length, struct arena *arena)
{
    struct wire_writer writer;
    struct wire_writer again;
    struct text text;
    struct err err;

    if (wire_decode_writer(bytes, length, arena, &writer, &err) == ERR_OK) {
        enum err_code code;

        text_init(&text, arena, MESSAGE_BYTES_MAX);
        wire_encode_writer(&writer, &text);
        code = wire_decode_writer(text.bytes, text.count, arena, &again, &err);
        assert(code == ERR_OK);
        assert(strcmp(again.identity, writer.identity) == 0);
        assert(strcmp(again.host, writer.host) == 0);
        assert(again.pid == writer.pid);
    }
}

static void try_subject(const char *bytes, size_t length, struct arena *arena)
{
    const char *text = arena_text(arena, bytes, length);
    struct wire_delivery delivery;
    uint64_t number;

    if (wire_decode_delivery(text, &delivery)) {
        assert(strncmp(text, "$JS.ACK.", strlen("$JS.ACK.")) == 0);
    }
    if (wire_decode_number(text, &number)) {
        assert(strspn(text, "0123456789") == strlen(text));
    }
}

// NOLINTNEXTLINE(readability-identifier-naming): the name libFuzzer calls
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};

    try_answer((const char *)data, size, &arena);
    try_writer((const char *)data, size, &arena);
    try_subject((const char *)data, size, &arena);
    arena_free(&arena);
    return 0;
}
