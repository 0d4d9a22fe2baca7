#include "manifest/decode_component.h"

#include <string.h>

#include "manifest/decode_config.h"
#include "manifest/decode_name.h"
#include "manifest/decode_trait.h"

enum component_key {
    COMPONENT_NAME,
    COMPONENT_TYPE,
    COMPONENT_PROPERTIES,
    COMPONENT_TRAITS
};

static const struct decode_key component_keys[] = {
    [COMPONENT_NAME] = {"name", "the name that links refer to"},
    [COMPONENT_TYPE] = {"type", "'component' or 'capability'"},
    [COMPONENT_PROPERTIES] = {"properties", "at least an 'image'"},
    [COMPONENT_TRAITS] = {"traits", NULL},
};

static const struct decode_shape component_shape = {
    .what = "a component",
    .unknown = DIAG_WARNING,
    .keys = component_keys,
    .keys_count = sizeof component_keys / sizeof *component_keys,
};

enum workload_key {
    WORKLOAD_IMAGE,
    WORKLOAD_APPLICATION,
    WORKLOAD_ID,
    WORKLOAD_CONFIG,
    WORKLOAD_SECRETS,
    WORKLOAD_CONTRACT,
    WORKLOAD_LINK_NAME
};

static const struct decode_key workload_keys[] = {
    [WORKLOAD_IMAGE] = {"image", NULL, NULL},
    [WORKLOAD_APPLICATION] = {"application", NULL, NULL},
    [WORKLOAD_ID] = {"id", NULL, NULL},
    [WORKLOAD_CONFIG] = {"config", NULL, NULL},
    [WORKLOAD_SECRETS] = {"secrets", NULL, NULL},
    [WORKLOAD_CONTRACT] = {"contract", NULL,
                           "none, links name the interfaces that are called"},
    [WORKLOAD_LINK_NAME] = {"link_name", NULL, "the 'name' of each link instead"},
};

/* A trait, a level too deep. */
static const char *advise_trait(const char *key)
{
    static const char *const names[] = {"traits", "link", "spreadscaler", "daemonscaler"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(key, names[i]) == 0) {
            return i == 0 ? "expected it beside 'properties'"
                          : "expected it as a trait, under 'traits' beside 'properties'";
        }
    }
    return NULL;
}

static const struct decode_shape workload_shape = {
    .what = "the 'properties' of a component",
    .unknown = DIAG_ERROR,
    .keys = workload_keys,
    .keys_count = sizeof workload_keys / sizeof *workload_keys,
    .advise = advise_trait,
};

enum shared_key { SHARED_NAME, SHARED_COMPONENT };

static const struct decode_key shared_keys[] = {
    [SHARED_NAME] = {"name", "the name of the other application"},
    [SHARED_COMPONENT] = {"component", "the name of the component in there"},
};

static const struct decode_shape shared_shape = {
    .what = "'application'",
    .unknown = DIAG_WARNING,
    .keys = shared_keys,
    .keys_count = sizeof shared_keys / sizeof *shared_keys,
};

static enum oam_kind decode_kind(struct decode *decode, const struct tree_node *node)
{
    static const char *const names[] = {"component", "capability"};
    const char *type = decode_string(decode, node, "'type'");

    if (type == NULL || strcmp(type, "component") == 0) {
        return OAM_COMPONENT;
    }
    if (strcmp(type, "actor") == 0) {
        diags_add(decode->diags, DIAG_WARNING, "old-type", &node->span,
                  "'actor' is the older name of a type: expected 'component'");
        return OAM_COMPONENT;
    }
    if (strcmp(type, "capability") != 0 && !diags_drop(decode->diags, DIAG_ERROR)) {
        diags_add(decode->diags, DIAG_ERROR, "unknown-type", &node->span,
                  "a component cannot be of type %s: %s",
                  diag_quoted(type, decode->arena),
                  decode_expected(decode, type, names, sizeof names / sizeof *names));
    }
    return OAM_CAPABILITY;
}

static void decode_image(struct decode *decode, const struct tree_node *node,
                         struct oam_component *component)
{
    component->image = decode_string(decode, node, "'image'");
    component->image_span = node->span;
    if (component->image != NULL && *component->image == '\0') {
        diags_add(decode->diags, DIAG_ERROR, "bad-image", &node->span,
                  "'image' is empty: expected a reference like "
                  "'ghcr.io/wasmcloud/http-server:0.22.0'");
    }
}

static void decode_shared(struct decode *decode, const struct tree_node *node,
                          struct oam_shared *shared)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    shared->span = node->span;
    if (decode_object(decode, node, &shared_shape, values)) {
        shared->application = decode_string(decode, values[SHARED_NAME], "'name'");
        shared->component =
            decode_string(decode, values[SHARED_COMPONENT], "'component'");
    }
}

/* Exactly one of image and application says what to run. */
static void decode_origin(struct decode *decode, const struct tree_node *node,
                          const struct tree_node *const *values,
                          struct oam_component *component)
{
    const bool has_image = decode_is_given(values[WORKLOAD_IMAGE]);
    const bool has_application = decode_is_given(values[WORKLOAD_APPLICATION]);

    if (has_image && has_application) {
        diags_add(decode->diags, DIAG_ERROR, "both-keys",
                  &values[WORKLOAD_APPLICATION]->span,
                  "a component has both 'image' and 'application': expected one of them");
    } else if (has_image) {
        decode_image(decode, values[WORKLOAD_IMAGE], component);
    } else if (has_application) {
        decode_shared(decode, values[WORKLOAD_APPLICATION], &component->shared);
    } else {
        diags_add(decode->diags, DIAG_ERROR, "missing-key", &node->span,
                  "the 'properties' of a component have no 'image': expected one, or the "
                  "'application' that shares it");
    }
}

static void decode_id(struct decode *decode, const struct tree_node *node,
                      struct oam_component *component)
{
    if (!decode_is_given(node)) {
        return;
    }
    component->id = decode_string(decode, node, "'id'");
    component->id_span = node->span;
    if (component->id != NULL && !decode_name_is_bucket_key(component->id) &&
        !diags_drop(decode->diags, DIAG_ERROR)) {
        diags_add(decode->diags, DIAG_ERROR, "bad-name", &node->span,
                  "no host can run a component with the id %s: expected letters, digits, "
                  "and '-', '_', '=', '/' or '.'",
                  diag_quoted(component->id, decode->arena));
    }
}

static void decode_workload(struct decode *decode, const struct tree_node *node,
                            struct oam_component *component)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    if (!decode_object(decode, node, &workload_shape, values)) {
        return;
    }
    decode_origin(decode, node, values, component);
    decode_id(decode, values[WORKLOAD_ID], component);
    component->configs = decode_configs(decode, values[WORKLOAD_CONFIG], "'config'");
    component->secrets = decode_secrets(decode, values[WORKLOAD_SECRETS]);
}

void decode_component(struct decode *decode, const struct tree_node *node,
                      struct oam_component *component)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    component->span = node->span;
    component->name_span = node->span;
    if (!decode_object(decode, node, &component_shape, values)) {
        return;
    }
    if (values[COMPONENT_NAME] != NULL) {
        component->name = decode_text(decode, values[COMPONENT_NAME], "'name'");
        component->name_span = values[COMPONENT_NAME]->span;
    }
    component->kind = decode_kind(decode, values[COMPONENT_TYPE]);
    decode_workload(decode, values[COMPONENT_PROPERTIES], component);
    decode_traits(decode, values[COMPONENT_TRAITS], component);
}
