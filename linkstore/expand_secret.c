#include "linkstore/expand_secret.h"

#include <assert.h>
#include <string.h>

#include "linkstore/desired.h"
#include "manifest/validate_secret.h"

#define SECRET_TYPE     "secret.wasmcloud.dev/v1alpha1"
#define PROPERTIES_TYPE "properties.secret.wasmcloud.dev/v1alpha1"

#define FIELDS_MAX 7

const char *expand_secret_policy(const char *type, const struct properties *properties,
                                 struct arena *arena)
{
    struct arena scratch = {0};
    struct text text;
    const char *policy;

    /* As long as what it is made of, which was bounded where it came in. */
    text_init(&text, &scratch, SIZE_MAX / 2);
    text_append(&text, "{\"type\":");
    text_append_json(&text, type);
    text_append(&text, ",\"properties\":");
    text_append(&text, "%s}", desired_content(properties, &scratch));
    policy = arena_text(arena, text.bytes, text.count);
    arena_free(&scratch);
    return policy;
}

/* The properties of policy without the backend, and the backend. */
static struct properties take_backend(const struct oam_policy *policy,
                                      struct arena *arena, const char **ret_backend)
{
    struct property *rest = arena_array(arena, policy->properties.count, sizeof *rest);
    size_t count = 0;

    *ret_backend = NULL;
    for (size_t i = 0; i < policy->properties.count; i++) {
        const struct property *property = &policy->properties.items[i];

        if (strcmp(property->key, "backend") == 0) {
            *ret_backend = property->value;
        } else {
            rest[count++] = *property;
        }
    }
    return (struct properties){rest, count};
}

/* Add a field, unless it has no value. */
static void add(struct property *fields, size_t *count, const char *key,
                const char *value)
{
    assert(*count < FIELDS_MAX);

    if (value != NULL) {
        fields[(*count)++] = (struct property){key, value};
    }
}

const char *expand_secret_content(const struct oam_application *application,
                                  const struct oam_secret *secret, struct arena *arena)
{
    const struct oam_policy *policy = validate_find_policy(application, secret->policy);
    struct property fields[FIELDS_MAX];
    size_t count = 0;
    struct arena scratch = {0};
    struct properties rest;
    const char *backend;
    const char *content;

    assert(policy != NULL); /* validated: a secret names a policy of its application */

    rest = take_backend(policy, &scratch, &backend);
    assert(backend != NULL); /* validated, too */
    add(fields, &count, "backend", backend);
    add(fields, &count, "field", secret->field);
    add(fields, &count, "key", secret->key);
    add(fields, &count, "name", secret->name);
    add(fields, &count, "policy", expand_secret_policy(PROPERTIES_TYPE, &rest, &scratch));
    add(fields, &count, "type", SECRET_TYPE);
    add(fields, &count, "version", secret->version);
    content = desired_content(&(struct properties){fields, count}, arena);
    arena_free(&scratch);
    return content;
}
