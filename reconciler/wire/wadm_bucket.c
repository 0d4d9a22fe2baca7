#include "reconciler/wire/wadm_bucket.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "reconciler/wire/json.h"

enum err_code wadm_decode_names(const char *bytes, size_t length, struct arena *arena,
                                struct names *ret_names, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read(&reader, bytes, length);
    const size_t count = json_array_size(root);
    const char **names = arena_array(arena, count, sizeof *names);

    if (reader.code == ERR_OK && !json_is_array(root)) {
        json_fail(&reader, ERR_INVALID, "no list of names");
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(root, i));

        if (name == NULL) {
            json_fail(&reader, ERR_INVALID, "name %zu is no string", i + 1);
            break;
        }
        names[i] = arena_copy(arena, name);
    }
    if (reader.code == ERR_OK) {
        *ret_names = (struct names){names, count};
    }
    return reader.code;
}

/* The value of key in object, made if it is not there. */
static json_t *find_or_make(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);

    if (value == NULL && json_is_object(object)) {
        (void)json_object_set_new(object, key, json_object());
        value = json_object_get(object, key);
    }
    return value;
}

static void complete_traits(json_t *component)
{
    const json_t *trait;
    json_t *spread;
    size_t i;
    size_t j;

    json_array_foreach(json_object_get(component, "traits"), i, trait)
    {
        const json_t *properties = json_object_get(trait, "properties");

        json_array_foreach(json_object_get(properties, "spread"), j, spread)
        {
            (void)find_or_make(spread, "requirements");
        }
    }
}

static void complete(json_t *manifest, const char *version)
{
    json_t *annotations = find_or_make(find_or_make(manifest, "metadata"), "annotations");
    json_t *component;
    size_t i;

    if (json_is_object(annotations) && json_object_get(annotations, "version") == NULL) {
        (void)json_object_set_new(annotations, "version", json_string(version));
    }
    json_array_foreach(json_object_get(json_object_get(manifest, "spec"), "components"),
                       i, component)
    {
        complete_traits(component);
    }
}

static const char *print(struct json_reader *reader, const json_t *manifest)
{
    char *text = json_dumps(manifest, JSON_COMPACT | JSON_ENSURE_ASCII);
    const char *copy = text != NULL ? arena_copy(reader->arena, text) : NULL;

    free(text);
    if (copy == NULL) {
        json_fail(reader, ERR_INVALID, "a manifest that is no JSON");
    }
    return copy;
}

static const char *name_of(const json_t *manifest)
{
    const char *name =
        json_string_value(json_object_get(json_object_get(manifest, "metadata"), "name"));

    return name != NULL ? name : "";
}

/* The name in all of manifests. */
static const char *find_application(json_t *manifests, struct arena *arena)
{
    const char *name = name_of(json_object_iter_value(json_object_iter(manifests)));
    const char *version;
    json_t *manifest;

    json_object_foreach(manifests, version, manifest)
    {
        if (strcmp(name_of(manifest), name) != 0) {
            return NULL;
        }
    }
    return name[0] != '\0' ? arena_copy(arena, name) : NULL;
}

enum err_code wadm_decode_kept(const char *bytes, size_t length, struct arena *arena,
                               struct wadm_kept *ret_kept, struct err *err)
{
    struct json_reader reader = {.arena = arena, .err = err};
    json_auto_t *root = json_read_object(&reader, bytes, length);
    json_t *manifests = json_find_object(&reader, root, "manifests");
    struct wadm_kept kept = {.deployed =
                                 json_find_text(&reader, root, "deployed_version", NULL)};
    struct wadm_kept_version *items =
        arena_array(arena, json_object_size(manifests), sizeof *items);
    const char *version;
    json_t *manifest;

    json_object_foreach(manifests, version, manifest)
    {
        complete(manifest, version);
        items[kept.count++] = (struct wadm_kept_version){arena_copy(arena, version),
                                                         print(&reader, manifest)};
    }
    kept.items = items;
    kept.application = find_application(manifests, arena);
    if (reader.code == ERR_OK) {
        *ret_kept = kept;
    }
    return reader.code;
}

void wadm_encode_names(const struct names *names, struct text *text)
{
    text_append(text, "[");
    for (size_t i = 0; i < names->count; i++) {
        text_append(text, "%s", i > 0 ? "," : "");
        text_append_json(text, names->items[i]);
    }
    text_append(text, "]");
}

void wadm_encode_kept(const struct wadm_kept *kept, struct text *text)
{
    text_append(text, "{\"manifests\":{");
    for (size_t i = 0; i < kept->count; i++) {
        text_append(text, "%s", i > 0 ? "," : "");
        text_append_json(text, kept->items[i].version);
        text_append(text, ":");
        text_append_bytes(text, kept->items[i].text, strlen(kept->items[i].text));
    }
    text_append(text, "},\"deployed_version\":");
    if (kept->deployed != NULL) {
        text_append_json(text, kept->deployed);
    } else {
        text_append(text, "null");
    }
    text_append(text, "}");
}
