#include "reconciler/wire/reply.h"

#include <jansson.h>

#include "reconciler/wire/config_read.h"
#include "reconciler/wire/inventory.h"
#include "reconciler/wire/json.h"
#include "reconciler/wire/link_read.h"

static struct wire_reply read_envelope(struct json_reader *reader, json_t *root)
{
    json_require(reader, root, "success");
    return (struct wire_reply){
        .is_success = json_find_bool(reader, root, "success"),
        .message = json_find_text(reader, root, "message", ""),
    };
}

/* The envelope carries something; a refusal carries nothing but its words. */
static void require_response(struct json_reader *reader, json_t *root)
{
    const struct wire_reply reply = read_envelope(reader, root);

    if (!reply.is_success) {
        json_fail(reader, ERR_INVALID, "the host refused: %s", reply.message);
    }
    json_require(reader, root, "response");
}

static json_t *read_response(struct json_reader *reader, json_t *root)
{
    require_response(reader, root);
    return json_find_object(reader, root, "response");
}

enum err_code wire_decode_reply(const char *bytes, size_t length, struct arena *arena,
                                struct wire_reply *ret_reply, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    const struct wire_reply reply = read_envelope(&reader, root);

    if (reader.code == ERR_OK) {
        *ret_reply = reply;
    }
    return reader.code;
}

enum err_code wire_decode_inventory(const char *bytes, size_t length, struct arena *arena,
                                    struct inventory *ret_inventory, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    json_t *response = read_response(&reader, root);
    struct inventory inventory;

    json_require(&reader, response, "host_id");
    inventory =
        inventory_read(&reader, response, json_find_token(&reader, response, "host_id"));
    if (reader.code == ERR_OK) {
        *ret_inventory = inventory;
    }
    return reader.code;
}

enum err_code wire_decode_ping(const char *bytes, size_t length, struct arena *arena,
                               const char **ret_host, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    json_t *response = read_response(&reader, root);
    const char *host;

    json_require(&reader, response, "id");
    host = json_find_token(&reader, response, "id");
    if (reader.code == ERR_OK) {
        *ret_host = host;
    }
    return reader.code;
}

enum err_code wire_decode_content(const char *bytes, size_t length, struct arena *arena,
                                  struct wire_content *ret_content, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    const struct wire_content content = {
        .reply = read_envelope(&reader, root),
        .content =
            config_read(&reader, json_find_object(&reader, root, "response"), NULL),
    };

    if (reader.code == ERR_OK) {
        *ret_content = content;
    }
    return reader.code;
}

enum err_code wire_decode_heard(const char *bytes, size_t length, struct arena *arena,
                                struct event *ret_event, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    struct link *links;
    json_t *array;
    size_t count;

    require_response(&reader, root);
    array = json_find_array(&reader, root, "response");
    count = json_array_size(array);
    links = arena_array(arena, count, sizeof *links);
    reader.list = "response";
    for (reader.index = 0; reader.index < count; reader.index++) {
        links[reader.index] = link_read(&reader, json_array_get(array, reader.index));
    }
    if (reader.code == ERR_OK) {
        *ret_event = (struct event){.kind = EVENT_HEARD, .u.heard = {links, count}};
    }
    return reader.code;
}
