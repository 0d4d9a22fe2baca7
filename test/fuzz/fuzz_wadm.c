/*
 * Any bytes as a request of wadm's API, the subject on the first line and the body after
 * it; whatever they hold, what is answered is JSON.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "manifest/limits.h"
#include "reconciler/wire/subject.h"
#include "reconciler/wire/wadm.h"

static void check_json(const struct text *text)
{
    json_error_t error;
    json_t *root = json_loadb(text->bytes, text->count, JSON_REJECT_DUPLICATES, &error);

    assert(!text->is_cut);
    assert(root != NULL);
    json_decref(root);
}

static void answer_error(enum wadm_op op, const char *message, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    wadm_encode_error(op, message, &text);
    check_json(&text);
}

/* A list in which all that may come from outside is what came from outside. */
static void answer_list(const struct wadm_request *request, struct arena *arena)
{
    const char *name = request->application;
    const char *version = request->version != NULL ? request->version : "";
    const struct resource_status resource = {.kind = LEDGER_COMPONENT,
                                             .name = name,
                                             .id = name,
                                             .scaler_id = version,
                                             .word = STATUS_FAILED,
                                             .reason = version};
    const struct application_status status = {.application = name,
                                              .word = STATUS_BLIND,
                                              .reason = version,
                                              .resources = &resource,
                                              .resources_count = 1};
    const struct wadm_model model = {name, version, request->version, name, &status};
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    wadm_encode_list(&model, 1, &text);
    check_json(&text);
}

// NOLINTNEXTLINE(readability-identifier-naming): the name libFuzzer calls
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    const char *line = arena_text(&arena, (const char *)data, size);
    const size_t length = strcspn(line, "\n");
    const char *subject = arena_text(&arena, line, length);
    const size_t body = length < size ? length + 1 : size;
    struct wadm_request request = {0};
    struct err err = {0};

    if (wadm_read_subject(SUBJECT_WADM, subject, &arena, &request, &err) != ERR_OK) {
        assert(request.op == WADM_UNSUPPORTED);
        answer_error(request.op, err.message, &arena);
    } else if (wadm_decode_body(line + body, size - body, &arena, &request, &err) !=
               ERR_OK) {
        answer_error(request.op, err.message, &arena);
    } else {
        assert(request.application[0] == '\0' || subject_is_token(request.application));
        answer_list(&request, &arena);
    }
    arena_free(&arena);
    return 0;
}
