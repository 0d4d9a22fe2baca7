#include "reconciler/wire/context.h"

#include <jansson.h>

#include "reconciler/wire/json.h"

#define PORT_MAX 65535

/* wash writes what is not set as "", or as null. */
static const char *find(struct json_reader *reader, json_t *root, const char *key)
{
    const char *text = json_find_text(reader, root, key, "");

    return text[0] != '\0' ? text : NULL;
}

enum err_code wire_decode_context(const char *bytes, size_t length, struct arena *arena,
                                  struct wire_context *ret_context, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    struct wire_context context = {
        .name = find(&reader, root, "name"),
        .host = find(&reader, root, "ctl_host"),
        .port = (uint32_t)json_find_integer(&reader, root, "ctl_port", PORT_MAX),
        .jwt = find(&reader, root, "ctl_jwt"),
        .seed = find(&reader, root, "ctl_seed"),
        .credentials = find(&reader, root, "ctl_credsfile"),
        .authority = find(&reader, root, "ctl_tls_ca_file"),
        .is_tls_first = json_find_bool(&reader, root, "ctl_tls_first"),
        .lattice = find(&reader, root, "lattice"),
        .domain = find(&reader, root, "js_domain"),
    };

    if (context.lattice == NULL) { /* as older ones call it */
        context.lattice = find(&reader, root, "lattice_prefix");
    }
    if (reader.code == ERR_OK) {
        *ret_context = context;
    }
    return reader.code;
}
