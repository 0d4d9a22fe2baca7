#include "test/support_contract.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum presence {
    REQUIRED,
    DEFAULTED, /* may be absent, but not null */
    OPTIONAL,  /* may be absent or null */
};

enum type {
    STRING,
    WORD, /* a string out of words */
    BOOLEAN,
    COUNT, /* an integer, not below 0 */
    OBJECT,
    ARRAY,
};

struct shape;

struct field {
    const char *key;
    enum presence presence;
    enum type type;
    const char *words;         /* WORD: each with a blank before and after it */
    const struct shape *shape; /* of an object, or of the items of an array; NULL any */
};

struct shape {
    const struct field *fields;
    size_t count;
    bool is_closed; /* other fields are refused */
};

#define SHAPE(array)                                                                     \
    {                                                                                    \
        .fields = (array), .count = COUNT_OF(array)                                      \
    }

#define TYPE_WORDS                                                                       \
    " waiting undeployed reconciling compensating deployed ready failed unhealthy "

static const struct field type_fields[] = {
    {"type", REQUIRED, WORD, TYPE_WORDS, NULL},
    {"message", DEFAULTED, STRING, NULL, NULL},
};
static const struct shape type_shape = SHAPE(type_fields);

static const struct field scaler_fields[] = {
    {"status", REQUIRED, OBJECT, NULL, &type_shape},
    {"id", DEFAULTED, STRING, NULL, NULL},
    {"kind", DEFAULTED, STRING, NULL, NULL},
    {"name", DEFAULTED, STRING, NULL, NULL},
};
static const struct shape scaler_shape = SHAPE(scaler_fields);

static const struct field component_fields[] = {
    {"name", REQUIRED, STRING, NULL, NULL},
    {"type", REQUIRED, STRING, NULL, NULL},
    {"status", REQUIRED, OBJECT, NULL, &type_shape},
    {"traits", DEFAULTED, ARRAY, NULL, NULL},
};
static const struct shape component_shape = SHAPE(component_fields);

static const struct field status_fields[] = {
    {"status", REQUIRED, OBJECT, NULL, &type_shape},
    {"scalers", DEFAULTED, ARRAY, NULL, &scaler_shape},
    {"version", DEFAULTED, STRING, NULL, NULL},
    {"components", DEFAULTED, ARRAY, NULL, &component_shape},
};
static const struct shape status_shape = SHAPE(status_fields);

static const struct field model_fields[] = {
    {"name", REQUIRED, STRING, NULL, NULL},
    {"version", REQUIRED, STRING, NULL, NULL},
    {"status", REQUIRED, WORD, TYPE_WORDS, NULL},
    {"detailed_status", DEFAULTED, OBJECT, NULL, &status_shape},
    {"description", OPTIONAL, STRING, NULL, NULL},
    {"deployed_version", OPTIONAL, STRING, NULL, NULL},
    {"status_message", OPTIONAL, STRING, NULL, NULL},
};
static const struct shape model_shape = SHAPE(model_fields);

static const struct field metadata_fields[] = {
    {"name", REQUIRED, STRING, NULL, NULL},
    {"annotations", REQUIRED, OBJECT, NULL, NULL},
    {"labels", DEFAULTED, OBJECT, NULL, NULL},
};
static const struct shape metadata_shape = SHAPE(metadata_fields);

static const struct field spec_fields[] = {
    {"components", REQUIRED, ARRAY, NULL, NULL},
};
static const struct shape spec_shape = SHAPE(spec_fields);

static const struct field manifest_fields[] = {
    {"apiVersion", REQUIRED, STRING, NULL, NULL},
    {"kind", REQUIRED, STRING, NULL, NULL},
    {"metadata", REQUIRED, OBJECT, NULL, &metadata_shape},
    {"spec", REQUIRED, OBJECT, NULL, &spec_shape},
};
static const struct shape manifest_shape = {
    .fields = manifest_fields, .count = COUNT_OF(manifest_fields), .is_closed = true};

static const struct field put_fields[] = {
    {"result", REQUIRED, WORD, " error created newversion ", NULL},
    {"total_versions", DEFAULTED, COUNT, NULL, NULL},
    {"current_version", DEFAULTED, STRING, NULL, NULL},
    {"message", DEFAULTED, STRING, NULL, NULL},
    {"name", DEFAULTED, STRING, NULL, NULL},
};
static const struct shape put_shape = SHAPE(put_fields);

static const struct field envelope_fields[] = {
    {"result", REQUIRED, WORD, " error success notfound ", NULL},
    {"models", REQUIRED, ARRAY, NULL, &model_shape},
    {"message", DEFAULTED, STRING, NULL, NULL},
};
static const struct shape envelope_shape = SHAPE(envelope_fields);

static const struct field get_fields[] = {
    {"result", REQUIRED, WORD, " error success notfound ", NULL},
    {"message", DEFAULTED, STRING, NULL, NULL},
    {"manifest", OPTIONAL, OBJECT, NULL, &manifest_shape},
};
static const struct shape get_shape = SHAPE(get_fields);

static const struct field version_fields[] = {
    {"version", REQUIRED, STRING, NULL, NULL},
    {"deployed", REQUIRED, BOOLEAN, NULL, NULL},
};
static const struct shape version_shape = SHAPE(version_fields);

static const struct field versions_fields[] = {
    {"result", REQUIRED, WORD, " error success notfound ", NULL},
    {"versions", REQUIRED, ARRAY, NULL, &version_shape},
    {"message", DEFAULTED, STRING, NULL, NULL},
};
static const struct shape versions_shape = SHAPE(versions_fields);

static const struct field delete_fields[] = {
    {"result", REQUIRED, WORD, " deleted error noop ", NULL},
    {"message", DEFAULTED, STRING, NULL, NULL},
    {"undeploy", DEFAULTED, BOOLEAN, NULL, NULL},
};
static const struct shape delete_shape = SHAPE(delete_fields);

static const struct field deploy_fields[] = {
    {"result", REQUIRED, WORD, " error acknowledged notfound ", NULL},
    {"message", DEFAULTED, STRING, NULL, NULL},
    {"name", DEFAULTED, STRING, NULL, NULL},
    {"version", OPTIONAL, STRING, NULL, NULL},
};
static const struct shape deploy_shape = SHAPE(deploy_fields);

static const struct field status_reply_fields[] = {
    {"result", REQUIRED, WORD, " error ok notfound ", NULL},
    {"message", DEFAULTED, STRING, NULL, NULL},
    {"status", OPTIONAL, OBJECT, NULL, &status_shape},
};
static const struct shape status_reply_shape = SHAPE(status_reply_fields);

/* The kinds of replies. */
static const struct field replies[] = {
    {"put", REQUIRED, OBJECT, NULL, &put_shape},
    {"list", REQUIRED, ARRAY, NULL, &model_shape},
    {"envlist", REQUIRED, OBJECT, NULL, &envelope_shape},
    {"get", REQUIRED, OBJECT, NULL, &get_shape},
    {"ver", REQUIRED, OBJECT, NULL, &versions_shape},
    {"del", REQUIRED, OBJECT, NULL, &delete_shape},
    {"dep", REQUIRED, OBJECT, NULL, &deploy_shape},
    {"status", REQUIRED, OBJECT, NULL, &status_reply_shape},
    {"rawstatus", REQUIRED, OBJECT, NULL, &status_shape},
};

static bool accepts(const struct field *field, const json_t *value);

// NOLINTNEXTLINE(misc-no-recursion): as deep as the shapes above
static bool accepts_object(const struct shape *shape, const json_t *object)
{
    size_t known = 0;

    if (!json_is_object(object)) {
        return false;
    }
    for (size_t i = 0; i < shape->count; i++) {
        const json_t *value = json_object_get(object, shape->fields[i].key);

        known += value != NULL;
        if (!accepts(&shape->fields[i], value)) {
            return false;
        }
    }
    return !shape->is_closed || known == json_object_size(object);
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the shapes above
static bool accepts_array(const struct shape *shape, const json_t *array)
{
    const json_t *item;
    size_t i;

    json_array_foreach(array, i, item)
    {
        if (shape != NULL && !accepts_object(shape, item)) {
            return false;
        }
    }
    return json_is_array(array);
}

static bool is_among(const char *words, const char *word)
{
    char between_blanks[32];

    (void)snprintf(between_blanks, sizeof between_blanks, " %s ", word);
    return strstr(words, between_blanks) != NULL;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the shapes above
static bool accepts(const struct field *field, const json_t *value)
{
    if (value == NULL) {
        return field->presence != REQUIRED;
    }
    if (json_is_null(value)) {
        return field->presence == OPTIONAL;
    }
    switch (field->type) {
    case STRING:
        return json_is_string(value);
    case WORD:
        return json_is_string(value) && is_among(field->words, json_string_value(value));
    case BOOLEAN:
        return json_is_boolean(value);
    case COUNT:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case OBJECT:
        return field->shape != NULL ? accepts_object(field->shape, value)
                                    : json_is_object(value);
    case ARRAY:
        return accepts_array(field->shape, value);
    }
    abort();
}

static const struct field *find_reply(const char *kind)
{
    for (size_t i = 0; i < COUNT_OF(replies); i++) {
        if (strcmp(replies[i].key, kind) == 0) {
            return &replies[i];
        }
    }
    return NULL;
}

bool contract_has(const char *kind)
{
    return find_reply(kind) != NULL;
}

bool contract_accepts(const char *kind, const char *json)
{
    const struct field *reply = find_reply(kind);
    json_auto_t *root = json_loads(json, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);

    return reply != NULL && root != NULL && accepts(reply, root);
}
