#include "manifest/decode.h"

#include <string.h>

#include "manifest/decode_component.h"
#include "manifest/decode_name.h"
#include "manifest/decode_redeliver.h"
#include "manifest/limits.h"

#define API_VERSION "core.oam.dev/v1beta1"
#define KIND        "Application"

/* "true", and nothing else, lets other applications link to the components of this. */
#define ANNOTATION_SHARED    "experimental.wasmcloud.dev/shared"
#define ANNOTATION_REBALANCE "trellis.dev/rebalance"

enum top_key { TOP_API_VERSION, TOP_KIND, TOP_METADATA, TOP_SPEC };

static const struct decode_key top_keys[] = {
    [TOP_API_VERSION] = {"apiVersion", "'" API_VERSION "'"},
    [TOP_KIND] = {"kind", "'" KIND "'"},
    [TOP_METADATA] = {"metadata", "the name and annotations of the application"},
    [TOP_SPEC] = {"spec", "the components of the application"},
};

static const struct decode_shape top_shape = {
    .what = "a manifest",
    .unknown = DIAG_ERROR,
    .keys = top_keys,
    .keys_count = sizeof top_keys / sizeof *top_keys,
};

enum metadata_key { METADATA_NAME, METADATA_ANNOTATIONS, METADATA_LABELS };

static const struct decode_key metadata_keys[] = {
    [METADATA_NAME] = {"name", "the name of the application"},
    [METADATA_ANNOTATIONS] = {"annotations", "at least 'annotations: {}'"},
    [METADATA_LABELS] = {"labels", NULL},
};

static const struct decode_shape metadata_shape = {
    .what = "'metadata'",
    .unknown = DIAG_WARNING,
    .keys = metadata_keys,
    .keys_count = sizeof metadata_keys / sizeof *metadata_keys,
};

enum spec_key { SPEC_COMPONENTS, SPEC_POLICIES };

static const struct decode_key spec_keys[] = {
    [SPEC_COMPONENTS] = {"components", "a list of components"},
    [SPEC_POLICIES] = {"policies", NULL},
};

static const struct decode_shape spec_shape = {
    .what = "'spec'",
    .unknown = DIAG_WARNING,
    .keys = spec_keys,
    .keys_count = sizeof spec_keys / sizeof *spec_keys,
};

enum policy_key { POLICY_NAME, POLICY_TYPE, POLICY_PROPERTIES };

static const struct decode_key policy_keys[] = {
    [POLICY_NAME] = {"name", "the name that secrets refer to"},
    [POLICY_TYPE] = {"type", "'policy.secret.wasmcloud.dev/v1alpha1'"},
    [POLICY_PROPERTIES] = {"properties", "the properties of its type"},
};

static const struct decode_shape policy_shape = {
    .what = "a policy",
    .unknown = DIAG_WARNING,
    .keys = policy_keys,
    .keys_count = sizeof policy_keys / sizeof *policy_keys,
};

/* Warn of a value that is not the only one there is; wadm does not look at it. */
static void check_constant(struct decode *decode, const struct tree_node *node,
                           const char *what, const char *constant)
{
    const char *text = decode_text(decode, node, what);

    if (text != NULL && strcmp(text, constant) != 0) {
        diags_add(decode->diags, DIAG_WARNING, "not-application", &node->span,
                  "%s is %s and is not looked at: expected '%s'", what,
                  diag_quoted(text, decode->arena), constant);
    }
}

static void decode_name(struct decode *decode, const struct tree_node *node,
                        struct oam_application *application)
{
    application->name = decode_text(decode, node, "'name'");
    if (node != NULL) {
        application->name_span = node->span;
    }
    if (application->name != NULL && !decode_name_is_application(application->name)) {
        diags_add(decode->diags, DIAG_ERROR, "bad-name", &node->span,
                  "an application cannot be named %s: expected letters, digits, '-' and "
                  "'_'",
                  diag_quoted(application->name, decode->arena));
    }
}

/* Check the keys of the mapping node, if it is one; what is "a label" or alike. */
static void check_labels(struct decode *decode, const struct tree_node *node,
                         const char *what)
{
    if (node == NULL || node->kind != TREE_MAPPING) {
        return;
    }
    for (size_t i = 0; i < node->count; i += 2) {
        const struct tree_node *key = node->items[i];

        if (key->kind == TREE_SCALAR && !decode_name_is_label(key->text) &&
            !diags_drop(decode->diags, DIAG_ERROR)) {
            diags_add(decode->diags, DIAG_ERROR, "bad-label", &key->span,
                      "%s cannot have the key %s: expected up to 63 letters, digits, "
                      "'-', '_' and '.', perhaps after a host name and '/'",
                      what, diag_quoted(key->text, decode->arena));
        }
    }
}

static const char *property_find(const struct properties *properties, const char *key)
{
    for (size_t i = 0; i < properties->count; i++) {
        if (strcmp(properties->items[i].key, key) == 0) {
            return properties->items[i].value;
        }
    }
    return NULL;
}

static void decode_redeliver(struct decode *decode, const struct tree_node *node,
                             struct oam_application *application)
{
    const char *word = property_find(&application->annotations, ANNOTATION_REDELIVER);

    if (word != NULL && !decode_redeliver_find(word, &application->redeliver)) {
        diags_add(decode->diags, DIAG_ERROR, "redeliver",
                  &tree_find(node, ANNOTATION_REDELIVER)->span,
                  "'" ANNOTATION_REDELIVER "' is %s: expected " REDELIVER_WORDS,
                  diag_quoted(word, decode->arena));
    }
}

static void decode_rebalance(struct decode *decode, const struct tree_node *node,
                             struct oam_application *application)
{
    const char *word = property_find(&application->annotations, ANNOTATION_REBALANCE);

    application->is_rebalancing = word != NULL && strcmp(word, "true") == 0;
    if (word != NULL && !application->is_rebalancing && strcmp(word, "false") != 0) {
        diags_add(decode->diags, DIAG_ERROR, "rebalance",
                  &tree_find(node, ANNOTATION_REBALANCE)->span,
                  "'" ANNOTATION_REBALANCE "' is %s: expected 'true' or 'false'",
                  diag_quoted(word, decode->arena));
    }
}

static void decode_annotations(struct decode *decode, const struct tree_node *node,
                               struct oam_application *application)
{
    const char *shared;

    application->annotations = decode_text_map(decode, node, "'annotations'");
    application->version = property_find(&application->annotations, "version");
    application->description = property_find(&application->annotations, "description");
    shared = property_find(&application->annotations, ANNOTATION_SHARED);
    application->is_shared = shared != NULL && strcmp(shared, "true") == 0;
    check_labels(decode, node, "an annotation");
    decode_redeliver(decode, node, application);
    decode_rebalance(decode, node, application);
    if (application->version != NULL && strcmp(application->version, "latest") == 0) {
        diags_add(decode->diags, DIAG_ERROR, "version-latest",
                  &tree_find(node, "version")->span,
                  "'latest' stands for the newest version and cannot be the name of "
                  "one: expected one like 'v0.0.1'");
    }
}

static void decode_metadata(struct decode *decode, const struct tree_node *node,
                            struct oam_application *application)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    if (!decode_object(decode, node, &metadata_shape, values)) {
        return;
    }
    decode_name(decode, values[METADATA_NAME], application);
    decode_annotations(decode, values[METADATA_ANNOTATIONS], application);
    if (decode_is_given(values[METADATA_LABELS])) {
        application->labels =
            decode_text_map(decode, values[METADATA_LABELS], "'labels'");
        check_labels(decode, values[METADATA_LABELS], "a label");
    }
}

static void decode_policy(struct decode *decode, const struct tree_node *node,
                          struct oam_policy *policy)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    policy->span = node->span;
    if (decode_object(decode, node, &policy_shape, values)) {
        policy->name = decode_text(decode, values[POLICY_NAME], "'name'");
        policy->type = decode_text(decode, values[POLICY_TYPE], "'type'");
        policy->properties =
            decode_text_map(decode, values[POLICY_PROPERTIES], "'properties'");
    }
}

static void decode_policies(struct decode *decode, const struct tree_node *node,
                            struct oam_application *application)
{
    const size_t count = decode_list_or_null(decode, node, "'policies'");
    struct oam_policy *policies;

    if (count > POLICIES_MAX) {
        diags_add(decode->diags, DIAG_ERROR, "limit", &node->span,
                  "%zu policies: expected at most %d", count, POLICIES_MAX);
        return;
    }
    policies = arena_array(decode->arena, count, sizeof *policies);
    for (size_t i = 0; i < count; i++) {
        decode_policy(decode, node->items[i], &policies[i]);
    }
    application->policies = policies;
    application->policies_count = count;
}

static void decode_spec(struct decode *decode, const struct tree_node *node,
                        struct oam_application *application)
{
    const struct tree_node *values[DECODE_KEYS_MAX];
    struct oam_component *components;
    size_t count;

    if (!decode_object(decode, node, &spec_shape, values)) {
        return;
    }
    count = decode_list_or_null(decode, values[SPEC_COMPONENTS], "'components'");
    if (count > COMPONENTS_MAX) {
        diags_add(decode->diags, DIAG_ERROR, "limit", &values[SPEC_COMPONENTS]->span,
                  "%zu components: expected at most %d", count, COMPONENTS_MAX);
        count = 0;
    }
    components = arena_array(decode->arena, count, sizeof *components);
    decode->components = values[SPEC_COMPONENTS];
    for (size_t i = 0; i < count; i++) {
        decode_component(decode, values[SPEC_COMPONENTS]->items[i], &components[i]);
    }
    application->components = components;
    application->components_count = count;
    decode_policies(decode, values[SPEC_POLICIES], application);
}

void decode_application(struct decode *decode, const struct tree_node *root,
                        struct oam_application *ret_application)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    *ret_application = (struct oam_application){.span = root->span};
    decode->items_count = 0;
    decode->traits_count = 0;
    if (!decode_object(decode, root, &top_shape, values)) {
        return;
    }
    check_constant(decode, values[TOP_API_VERSION], "'apiVersion'", API_VERSION);
    check_constant(decode, values[TOP_KIND], "'kind'", KIND);
    decode_metadata(decode, values[TOP_METADATA], ret_application);
    decode_spec(decode, values[TOP_SPEC], ret_application);
}
