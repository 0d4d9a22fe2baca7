#include "reconciler/wire/api_pong.h"

#include <jansson.h>

#include "reconciler/wire/api_read.h"
#include "reconciler/wire/json.h"

void api_encode_pong(bool is_converged, struct text *text)
{
    text_append(text, "{");
    json_print_integer(text, "schema", API_SCHEMA);
    json_print_text(text, "result", "ok");
    json_print_bool(text, "converged", is_converged);
    text_append(text, "}");
}

enum err_code api_decode_pong(const char *bytes, size_t length, struct arena *arena,
                              bool *ret_is_converged, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    const char *findings;
    json_t *body = api_read_reply(&reader, bytes, length, &findings);
    const bool is_converged = json_find_bool(&reader, body, "converged");

    json_decref(body);
    if (reader.code == ERR_OK) {
        *ret_is_converged = is_converged;
    }
    return reader.code;
}
