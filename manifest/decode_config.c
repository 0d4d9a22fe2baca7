#include "manifest/decode_config.h"

#include "manifest/decode_name.h"

enum config_key { CONFIG_NAME, CONFIG_PROPERTIES };

static const struct decode_key config_keys[] = {
    [CONFIG_NAME] = {"name", "the name of the config"},
    [CONFIG_PROPERTIES] = {"properties", NULL},
};

static const struct decode_shape config_shape = {
    .what = "a config",
    .unknown = DIAG_ERROR,
    .keys = config_keys,
    .keys_count = sizeof config_keys / sizeof *config_keys,
};

enum secret_key { SECRET_NAME, SECRET_PROPERTIES };

static const struct decode_key secret_keys[] = {
    [SECRET_NAME] = {"name", "the name of the secret"},
    [SECRET_PROPERTIES] = {"properties", "a 'policy' and a 'key'"},
};

static const struct decode_shape secret_shape = {
    .what = "a secret",
    .unknown = DIAG_WARNING,
    .keys = secret_keys,
    .keys_count = sizeof secret_keys / sizeof *secret_keys,
};

enum fetch_key { FETCH_POLICY, FETCH_KEY, FETCH_FIELD, FETCH_VERSION };

static const struct decode_key fetch_keys[] = {
    [FETCH_POLICY] = {"policy", "the name of a policy of the application"},
    [FETCH_KEY] = {"key", "the key in the backend"},
    [FETCH_FIELD] = {"field", NULL},
    [FETCH_VERSION] = {"version", NULL},
};

static const struct decode_shape fetch_shape = {
    .what = "a secret",
    .unknown = DIAG_WARNING,
    .keys = fetch_keys,
    .keys_count = sizeof fetch_keys / sizeof *fetch_keys,
};

/* Without properties it is named as hosts keep it, and must be a name they can keep. */
static void check_external(struct decode *decode, const struct oam_config *config,
                           const struct tree_node *const *values)
{
    if (values[CONFIG_PROPERTIES] != NULL) {
        diags_add(decode->diags, DIAG_WARNING, "empty-value",
                  &values[CONFIG_PROPERTIES]->span,
                  "'properties' has no value, so the config is one that exists already: "
                  "expected properties, or no such key");
    }
    if (config->name != NULL && !decode_name_is_bucket_key(config->name) &&
        !diags_drop(decode->diags, DIAG_ERROR)) {
        diags_add(decode->diags, DIAG_ERROR, "bad-name", &values[CONFIG_NAME]->span,
                  "no host can keep a config with the name %s: expected letters, digits, "
                  "and '-', '_', '=', '/' or '.'",
                  diag_quoted(config->name, decode->arena));
    }
}

static void decode_config(struct decode *decode, const struct tree_node *node,
                          struct oam_config *config)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    config->span = node->span;
    if (!decode_object(decode, node, &config_shape, values)) {
        return;
    }
    config->name = decode_string(decode, values[CONFIG_NAME], "'name'");
    config->has_properties = decode_is_given(values[CONFIG_PROPERTIES]);
    if (config->has_properties) {
        config->properties =
            decode_string_map(decode, values[CONFIG_PROPERTIES], "'properties'");
    } else {
        check_external(decode, config, values);
    }
}

struct oam_configs decode_configs(struct decode *decode, const struct tree_node *node,
                                  const char *what)
{
    const size_t count = decode_list_or_null(decode, node, what);
    struct oam_config *items;

    if (count == 0) {
        return (struct oam_configs){0};
    }
    items = arena_array(decode->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        decode_config(decode, node->items[i], &items[i]);
    }
    return (struct oam_configs){.items = items, .count = count};
}

/* A string that may be left out, or null. */
static const char *decode_optional(struct decode *decode, const struct tree_node *node,
                                   const char *what)
{
    return decode_is_given(node) ? decode_string(decode, node, what) : NULL;
}

static void decode_secret(struct decode *decode, const struct tree_node *node,
                          struct oam_secret *secret)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    secret->span = node->span;
    if (!decode_object(decode, node, &secret_shape, values)) {
        return;
    }
    secret->name = decode_string(decode, values[SECRET_NAME], "'name'");
    if (!decode_object(decode, values[SECRET_PROPERTIES], &fetch_shape, values)) {
        return;
    }
    secret->policy = decode_string(decode, values[FETCH_POLICY], "'policy'");
    secret->key = decode_string(decode, values[FETCH_KEY], "'key'");
    secret->field = decode_optional(decode, values[FETCH_FIELD], "'field'");
    secret->version = decode_optional(decode, values[FETCH_VERSION], "'version'");
    if (values[FETCH_POLICY] != NULL) {
        secret->policy_span = values[FETCH_POLICY]->span;
    }
}

struct oam_secrets decode_secrets(struct decode *decode, const struct tree_node *node)
{
    const size_t count = decode_list(decode, node, "'secrets'");
    struct oam_secret *items;

    if (count == 0) {
        return (struct oam_secrets){0};
    }
    items = arena_array(decode->arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        decode_secret(decode, node->items[i], &items[i]);
    }
    return (struct oam_secrets){.items = items, .count = count};
}
