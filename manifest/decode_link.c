#include "manifest/decode_link.h"

#include "manifest/decode_config.h"
#include "manifest/decode_interface.h"

enum link_key {
    LINK_NAME,
    LINK_NAMESPACE,
    LINK_PACKAGE,
    LINK_INTERFACES,
    LINK_TARGET,
    LINK_SOURCE,
    LINK_TARGET_CONFIG,
    LINK_SOURCE_CONFIG,
    LINK_VALUES,
    LINK_LINK_NAME,
    LINK_CONTRACT,
};

static const struct decode_key link_keys[] = {
    [LINK_NAME] = {"name", NULL},
    [LINK_NAMESPACE] = {"namespace", "the namespace of the interfaces, like 'wasi'"},
    [LINK_PACKAGE] = {"package", "the package of the interfaces, like 'keyvalue'"},
    [LINK_INTERFACES] = {"interfaces", "a list of interfaces, like [store]"},
    [LINK_TARGET] = {"target", "the name of the component that is called"},
    [LINK_SOURCE] = {"source", NULL},
    [LINK_TARGET_CONFIG] = {"target_config", NULL},
    [LINK_SOURCE_CONFIG] = {"source_config", NULL, NULL},
    [LINK_VALUES] = {"values", NULL,
                     "the properties of a config of its source or target"},
    [LINK_LINK_NAME] = {"link_name", NULL, "'name'"},
    [LINK_CONTRACT] = {"contract", NULL, "'namespace', 'package' and 'interfaces'"},
};

static const struct decode_shape link_shape = {
    .what = "a link",
    .unknown = DIAG_WARNING,
    .keys = link_keys,
    .keys_count = sizeof link_keys / sizeof *link_keys,
};

enum end_key { END_CONFIG, END_SECRETS, END_NAME };

static const struct decode_key source_keys[] = {
    [END_CONFIG] = {"config", NULL},
    [END_SECRETS] = {"secrets", NULL},
};

static const struct decode_shape source_shape = {
    .what = "the source of a link",
    .unknown = DIAG_WARNING,
    .keys = source_keys,
    .keys_count = sizeof source_keys / sizeof *source_keys,
};

static const struct decode_key target_keys[] = {
    [END_CONFIG] = {"config", NULL},
    [END_SECRETS] = {"secrets", NULL},
    [END_NAME] = {"name", "the name of the component that is called"},
};

static const struct decode_shape target_shape = {
    .what = "the target of a link",
    .unknown = DIAG_WARNING,
    .keys = target_keys,
    .keys_count = sizeof target_keys / sizeof *target_keys,
};

/* The flat key, which the nested one has made useless. */
static void report_ignored(struct decode *decode, const struct tree_node *node,
                           const char *flat, const char *nested)
{
    if (node != NULL) {
        diags_add(decode->diags, DIAG_WARNING, "ignored-key", &node->span,
                  "'%s' is ignored because '%s' is a mapping: expected its configs as "
                  "'config' in there",
                  flat, nested);
    }
}

static void decode_target(struct decode *decode, const struct tree_node *target,
                          const struct tree_node *target_config, struct oam_link *link)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    if (target == NULL) {
        return;
    }
    link->target_span = target->span;
    if (target->kind == TREE_SCALAR) {
        link->target = decode_string(decode, target, "'target'");
        link->target_config = decode_configs(decode, target_config, "'target_config'");
        return;
    }
    if (!decode_object(decode, target, &target_shape, values)) {
        return;
    }
    if (values[END_NAME] != NULL) {
        link->target_span = values[END_NAME]->span;
    }
    link->target = decode_string(decode, values[END_NAME], "'name'");
    link->target_config = decode_configs(decode, values[END_CONFIG], "'config'");
    link->target_secrets = decode_secrets(decode, values[END_SECRETS]);
    report_ignored(decode, target_config, "target_config", "target");
}

static void decode_source(struct decode *decode, const struct tree_node *source,
                          const struct tree_node *source_config, struct oam_link *link)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    if (source == NULL) {
        link->source_config = decode_configs(decode, source_config, "'source_config'");
        return;
    }
    if (!decode_object(decode, source, &source_shape, values)) {
        return;
    }
    link->source_config = decode_configs(decode, values[END_CONFIG], "'config'");
    link->source_secrets = decode_secrets(decode, values[END_SECRETS]);
    report_ignored(decode, source_config, "source_config", "source");
}

void decode_link(struct decode *decode, const struct tree_node *node,
                 struct oam_link *link)
{
    const struct tree_node *values[DECODE_KEYS_MAX];

    link->name = "default";
    link->name_span = link->span;
    if (!decode_object(decode, node, &link_shape, values)) {
        return;
    }
    if (values[LINK_NAME] != NULL) {
        link->name = decode_string(decode, values[LINK_NAME], "'name'");
        link->name_span = values[LINK_NAME]->span;
    }
    link->wit_namespace = decode_string(decode, values[LINK_NAMESPACE], "'namespace'");
    link->wit_package = decode_string(decode, values[LINK_PACKAGE], "'package'");
    link->interfaces =
        decode_interfaces(decode, values[LINK_INTERFACES], values[LINK_PACKAGE], link);
    decode_target(decode, values[LINK_TARGET], values[LINK_TARGET_CONFIG], link);
    decode_source(decode, values[LINK_SOURCE], values[LINK_SOURCE_CONFIG], link);
}
