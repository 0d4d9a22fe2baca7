/*
 * Any bytes as a message of trellis's own API.  What a decoder takes can be sent on, and
 * is then the same message; what it refuses is refused in words that can be sent, too.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/wire/api_sheet.h"
#include "test/fuzz/fuzz.h"

/* Decode bytes as one kind of message, and append its encoding to text. */
typedef enum err_code recode_function(const char *bytes, size_t length,
                                      struct arena *arena, struct text *text,
                                      struct err *err);

static enum err_code recode_manifests(const char *bytes, size_t length,
                                      struct arena *arena, struct text *text,
                                      struct err *err)
{
    struct api_manifests manifests;
    enum err_code code = api_decode_manifests(bytes, length, arena, &manifests, err);

    if (code == ERR_OK) {
        api_encode_manifests(&manifests, text);
    }
    return code;
}

static enum err_code recode_upload(const char *bytes, size_t length, struct arena *arena,
                                   struct text *text, struct err *err)
{
    const char *id;
    enum err_code code = api_decode_upload(bytes, length, arena, &id, err);

    if (code == ERR_OK) {
        api_encode_upload(id, text);
    }
    return code;
}

static enum err_code recode_pieces(const char *bytes, size_t length, struct arena *arena,
                                   struct text *text, struct err *err)
{
    const char *id;
    uint32_t count;
    enum err_code code = api_decode_pieces(bytes, length, arena, &id, &count, err);

    if (code == ERR_OK) {
        api_encode_pieces(id, count, text);
    }
    return code;
}

static enum err_code recode_apply(const char *bytes, size_t length, struct arena *arena,
                                  struct text *text, struct err *err)
{
    struct api_apply_report report;
    enum err_code code = api_decode_apply(bytes, length, arena, &report, err);

    if (code == ERR_OK) {
        api_encode_apply(&report, text);
    }
    return code;
}

static enum err_code recode_status(const char *bytes, size_t length, struct arena *arena,
                                   struct text *text, struct err *err)
{
    struct api_status_report report;
    enum err_code code = api_decode_status(bytes, length, arena, &report, err);

    if (code == ERR_OK) {
        api_encode_status(&report, text);
    }
    return code;
}

static enum err_code recode_explain(const char *bytes, size_t length, struct arena *arena,
                                    struct text *text, struct err *err)
{
    struct api_explain_report report;
    enum err_code code = api_decode_explain(bytes, length, arena, &report, err);

    if (code == ERR_OK) {
        api_encode_explain(&report, text);
    }
    return code;
}

static enum err_code recode_key(const char *bytes, size_t length, struct arena *arena,
                                struct text *text, struct err *err)
{
    const char *key;
    enum err_code code = api_decode_key(bytes, length, arena, &key, err);

    if (code == ERR_OK) {
        api_encode_key(key, text);
    }
    return code;
}

static enum err_code recode_params(const char *bytes, size_t length, struct arena *arena,
                                   struct text *text, struct err *err)
{
    struct api_params params;
    enum err_code code = api_decode_params(bytes, length, arena, &params, err);

    if (code == ERR_OK) {
        api_encode_params(&params, text);
    }
    return code;
}

/* Its form has texts and numbers, in the rows and before them. */
static enum err_code recode_sheet(const char *bytes, size_t length, struct arena *arena,
                                  struct text *text, struct err *err)
{
    struct api_sheet sheet = api_sheet_new(&api_drift, arena);
    enum err_code code = api_decode_sheet(bytes, length, arena, &sheet, err);

    if (code == ERR_OK) {
        api_encode_sheet(&sheet, text);
    }
    return code;
}

static enum err_code recode_plan(const char *bytes, size_t length, struct arena *arena,
                                 struct text *text, struct err *err)
{
    struct api_plan_report report;
    enum err_code code = api_decode_plan(bytes, length, arena, &report, err);

    if (code == ERR_OK) {
        api_encode_plan(&report, text);
    }
    return code;
}

static enum err_code recode_delete(const char *bytes, size_t length, struct arena *arena,
                                   struct text *text, struct err *err)
{
    struct api_removal removal;
    enum err_code code = api_decode_delete(bytes, length, arena, &removal, err);

    if (code == ERR_OK) {
        api_encode_delete(&removal, text);
    }
    return code;
}

static enum err_code recode_done(const char *bytes, size_t length, struct arena *arena,
                                 struct text *text, struct err *err)
{
    enum err_code code = api_decode_done(bytes, length, arena, err);

    if (code == ERR_OK) {
        api_encode_done(text);
    }
    return code;
}

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

/* The error can be told to whoever asked, and is then the same. */
static void pass_on(const struct err *err, struct arena *arena)
{
    struct text text;
    struct err back;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    api_encode_error(err, "", &text);
    require(api_decode_done(text.bytes, text.count, arena, &back) == err->code);
    require(back.place.line == err->place.line && back.place.column == err->place.column);
}

static void recode_twice(recode_function *recode, const char *bytes, size_t length,
                         struct arena *arena)
{
    struct text once;
    struct text twice;
    struct err err = {.code = ERR_OK};
    enum err_code code;

    text_init(&once, arena, MESSAGE_BYTES_MAX);
    text_init(&twice, arena, MESSAGE_BYTES_MAX);
    code = recode(bytes, length, arena, &once, &err);
    require(err.code == code);
    if (code != ERR_OK) {
        pass_on(&err, arena);
        return;
    }
    require(recode(once.bytes, once.count, arena, &twice, &err) == ERR_OK);
    require(strcmp(once.bytes, twice.bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static recode_function *const functions[] = {
        recode_manifests, recode_upload,  recode_pieces, recode_apply,
        recode_status,    recode_explain, recode_key,    recode_plan,
        recode_delete,    recode_done,    recode_params, recode_sheet,
    };

    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        struct arena arena = {0};

        recode_twice(functions[i], (const char *)data, size, &arena);
        arena_free(&arena);
    }
    return 0;
}
