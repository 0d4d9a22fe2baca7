#include "manifest/decode_old.h"

#include <string.h>

/*
 * Source: wasmCloud's documentation, migrating from 0.82; the config that the providers
 * of 1.x read.
 */
static const struct old_contract contracts[] = {
    {
        .id = "wasmcloud:httpserver",
        .wit_namespace = "wasi",
        .wit_package = "http",
        .exports = "incoming-handler",
        .images = {"httpserver", "http-server", "http-server-provider"},
        .values = {{"address", "address", true}},
    },
    {
        .id = "wasmcloud:httpclient",
        .wit_namespace = "wasi",
        .wit_package = "http",
        .imports = "outgoing-handler",
        .images = {"httpclient", "http-client", "http-client-provider"},
    },
    {
        .id = "wasmcloud:keyvalue",
        .wit_namespace = "wasi",
        .wit_package = "keyvalue",
        .imports = "atomics, store",
        .images = {"kvredis", "keyvalue-redis", "kv-redis", "keyvalue-nats"},
        .values = {{"url", "url", false}},
    },
    {
        .id = "wasmcloud:messaging",
        .wit_namespace = "wasmcloud",
        .wit_package = "messaging",
        .imports = "consumer",
        .exports = "handler",
        .images = {"nats_messaging", "nats-messaging", "messaging-nats"},
        .values = {{"uri", "cluster_uris", false},
                   {"subscription", "subscriptions", true}},
    },
    {
        .id = "wasmcloud:blobstore",
        .wit_namespace = "wasi",
        .wit_package = "blobstore",
        .imports = "blobstore",
        .images = {"blobstore_s3", "blobstore-s3", "blobstore_fs", "blobstore-fs"},
        .values = {{"root", "root", false}},
    },
    {.id = "wasmcloud:builtin:logging"},
    {.id = "wasmcloud:builtin:numbergen"},
};

#define CONTRACTS_COUNT (sizeof contracts / sizeof *contracts)

/* The text of the scalar at key of mapping; NULL when there is none. */
static const char *text_at(const struct tree_node *mapping, const char *key)
{
    const struct tree_node *node = mapping == NULL ? NULL : tree_find(mapping, key);

    return node != NULL && node->kind == TREE_SCALAR ? node->text : NULL;
}

/* Whether image is a reference to name: what stands before it, and its tag, may vary. */
static bool is_image_of(const char *image, const char *name)
{
    const char *slash = strrchr(image, '/');
    const char *last = slash == NULL ? image : slash + 1;
    const size_t length = strcspn(last, ":@");

    return length == strlen(name) && strncmp(last, name, length) == 0;
}

static bool has_image(const struct old_contract *contract, const char *image)
{
    for (size_t i = 0; contract->images[i] != NULL; i++) {
        if (is_image_of(image, contract->images[i])) {
            return true;
        }
    }
    return false;
}

const struct old_contract *decode_old_contract(const struct tree_node *node)
{
    const struct tree_node *properties = tree_find(node, "properties");
    const char *id = text_at(properties, "contract");
    const char *image = text_at(properties, "image");

    for (size_t i = 0; i < CONTRACTS_COUNT; i++) {
        if (id != NULL ? strcmp(contracts[i].id, id) == 0
                       : image != NULL && has_image(&contracts[i], image)) {
            return &contracts[i];
        }
    }
    return NULL;
}

/* name is in lower case; what is written may not be. */
static bool is_same_name(const char *name, const char *written)
{
    size_t i = 0;

    for (; name[i] != '\0'; i++) {
        const char byte = written[i];

        if (name[i] != (byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte)) {
            return false;
        }
    }
    return written[i] == '\0';
}

const struct old_value *decode_old_value(const struct old_contract *contract,
                                         const char *name)
{
    for (const struct old_value *value = contract->values; value->name != NULL; value++) {
        if (is_same_name(value->name, name)) {
            return value;
        }
    }
    return NULL;
}

const struct tree_node *decode_old_component(const struct tree_node *components,
                                             const char *name)
{
    for (size_t i = 0; components->kind == TREE_SEQUENCE && i < components->count; i++) {
        const char *text = text_at(components->items[i], "name");

        if (text != NULL && strcmp(text, name) == 0) {
            return components->items[i];
        }
    }
    return NULL;
}

const char *decode_old_target(const struct tree_node *properties)
{
    const struct tree_node *target =
        properties == NULL ? NULL : tree_find(properties, "target");
    const char *name = text_at(properties, "target");

    return name != NULL || target == NULL ? name : text_at(target, "name");
}

bool decode_old_is_link(const struct tree_node *properties)
{
    return properties != NULL && tree_find(properties, "namespace") != NULL &&
           tree_find(properties, "package") != NULL &&
           tree_find(properties, "interfaces") != NULL &&
           tree_find(properties, "values") == NULL;
}

/* What to write for a linkdef of component to a provider of contract. */
static const char *link_of(const struct old_contract *contract, const char *component,
                           const char *provider, struct arena *arena)
{
    const char *interfaces =
        contract->imports != NULL ? contract->imports : contract->exports;
    const char *rest;

    if (interfaces == NULL) {
        return "expected none, hosts bring this themselves";
    }
    rest = arena_print(arena, "'namespace: %s', 'package: %s' and 'interfaces: [%s]'",
                       contract->wit_namespace, contract->wit_package, interfaces);
    if (contract->imports == NULL) {
        return arena_print(arena,
                           "expected a 'link' in the traits of %s, with 'target: %s', "
                           "%s, and 'values' as a config of its source",
                           diag_quoted(provider, arena), component, rest);
    }
    return arena_print(arena,
                       "expected a 'link' with %s, and 'values' as a config of its "
                       "target%s",
                       rest,
                       contract->exports == NULL
                           ? ""
                           : ", and one in the other direction for its 'handler'");
}

static const char *expected_for(const struct decode *decode,
                                const struct tree_node *properties, const char *component)
{
    const char *target = decode_old_target(properties);
    const struct tree_node *provider =
        target == NULL || decode->components == NULL
            ? NULL
            : decode_old_component(decode->components, target);
    const struct old_contract *contract =
        provider == NULL ? NULL : decode_old_contract(provider);

    if (decode_old_is_link(properties)) {
        return "expected 'link'";
    }
    if (contract == NULL || component == NULL) {
        return "expected a 'link' with the 'namespace', 'package' and 'interfaces' that "
               "are called, and 'values' as a config of its target";
    }
    return link_of(contract, component, target, decode->arena);
}

void decode_old_linkdef(struct decode *decode, const struct tree_node *type,
                        const struct tree_node *properties, const char *component)
{
    if (!diags_drop(decode->diags, DIAG_WARNING)) {
        diags_add(decode->diags, DIAG_WARNING, "old-trait", &type->span,
                  "a 'linkdef' has no effect since wasmCloud 1.0: %s",
                  expected_for(decode, properties, component));
    }
}
