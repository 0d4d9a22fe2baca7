#include "reconciler/wire/writer.h"

#include <jansson.h>

#include "reconciler/wire/json.h"

void wire_encode_writer(const struct wire_writer *writer, struct text *text)
{
    text_append(text, "{");
    json_print_text(text, "identity", writer->identity);
    json_print_text(text, "host", writer->host);
    json_print_integer(text, "pid", writer->pid);
    json_print_text(text, "since", writer->since);
    text_append(text, "}");
}

enum err_code wire_decode_writer(const char *bytes, size_t length, struct arena *arena,
                                 struct wire_writer *ret_writer, struct err *err)
{
    static const char *const keys[] = {"identity", "host", "pid", "since"};
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    struct wire_writer writer;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_require(&reader, root, keys[i]);
    }
    writer = (struct wire_writer){
        .identity = json_find_text(&reader, root, "identity", ""),
        .host = json_find_text(&reader, root, "host", ""),
        .pid = (uint64_t)json_find_integer(&reader, root, "pid", INT64_MAX),
        .since = json_find_text(&reader, root, "since", ""),
    };
    if (reader.code == ERR_OK) {
        *ret_writer = writer;
    }
    return reader.code;
}
