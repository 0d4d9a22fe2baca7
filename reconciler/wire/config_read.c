#include "reconciler/wire/config_read.h"

#include <string.h>

#include <jansson.h>

#include "linkstore/desired.h"
#include "linkstore/expand_secret.h"

#define SECRET_TYPE "secret.wasmcloud.dev/"

/*
 * The policy of a secret as we write it, where it means what we could mean: others print
 * the same object in any order.  NULL: it is something else, and stays as it is.
 */
static const char *same_policy(const char *policy, struct arena *arena)
{
    struct json_reader reader = {.arena = arena};
    json_auto_t *root = json_read_object(&reader, policy, strlen(policy));
    const char *type = json_find_text(&reader, root, "type", NULL);
    const struct properties properties =
        json_find_properties(&reader, root, "properties");

    return reader.code == ERR_OK && type != NULL && json_object_size(root) == 2 &&
                   json_is_object(json_object_get(root, "properties"))
               ? expand_secret_policy(type, &properties, arena)
               : NULL;
}

/* Make the policy among the fields of a secret comparable. */
static struct properties settle_policy(const struct properties *fields,
                                       struct arena *arena)
{
    struct property *items = arena_array(arena, fields->count, sizeof *items);

    for (size_t i = 0; i < fields->count; i++) {
        const char *policy = strcmp(fields->items[i].key, "policy") == 0
                                 ? same_policy(fields->items[i].value, arena)
                                 : NULL;

        items[i] = fields->items[i];
        items[i].value = policy != NULL ? policy : items[i].value;
    }
    return (struct properties){items, fields->count};
}

/* By its name; where that is not known, by what it says of itself. */
static bool is_secret(const struct properties *properties, const char *name)
{
    if (name != NULL) {
        return strncmp(name, EXPAND_SECRET_PREFIX, strlen(EXPAND_SECRET_PREFIX)) == 0;
    }
    for (size_t i = 0; i < properties->count; i++) {
        if (strcmp(properties->items[i].key, "type") == 0) {
            return strncmp(properties->items[i].value, SECRET_TYPE,
                           strlen(SECRET_TYPE)) == 0;
        }
    }
    return false;
}

const char *config_read(struct json_reader *reader, json_t *object, const char *name)
{
    struct properties properties = json_to_properties(reader, object, "the config");

    if (object == NULL || reader->code != ERR_OK) {
        return NULL;
    }
    if (is_secret(&properties, name)) {
        properties = settle_policy(&properties, reader->arena);
    }
    return desired_content(&properties, reader->arena);
}
