#include "manifest/canon.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "manifest/canon_order.h"
#include "manifest/tree.h"

/* libyaml takes a key of up to 1024 characters, of which one byte may need six. */
#define KEY_BYTES_MAX ((size_t)160)

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static void indent(struct text *text, int levels)
{
    text_append(text, "%*s", 2 * levels, "");
}

/* What YAML 1.1 takes for a bool, and serde_yaml does not. */
static bool is_old_bool(const char *string)
{
    static const char *const words[] = {"y",  "Y",   "yes", "Yes", "YES", "n",
                                        "N",  "no",  "No",  "NO",  "on",  "On",
                                        "ON", "off", "Off", "OFF"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(string, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether string, without quotes, is read as itself by every YAML reader. */
static bool is_plain(const char *string)
{
    const size_t length = strlen(string);
    const struct tree_node scalar = {
        .kind = TREE_SCALAR,
        .text = string,
        .length = (uint32_t)length,
        .is_plain = true,
    };

    return length > 0 && strspn(string, LETTERS "0123456789-_./:+@") == length &&
           strchr(LETTERS "/", string[0]) != NULL && string[length - 1] != ':' &&
           tree_scalar_type(&scalar) == TREE_STRING && !is_old_bool(string);
}

/* The code point at string, which is UTF-8, in *ret_length bytes. */
static unsigned int code_point(const char *string, size_t *ret_length)
{
    const unsigned char *bytes = (const unsigned char *)string;
    const size_t length = bytes[0] < 0x80   ? 1
                          : bytes[0] < 0xe0 ? 2
                          : bytes[0] < 0xf0 ? 3
                                            : 4;
    unsigned int code = length == 1 ? bytes[0] : bytes[0] & (0x7fU >> length);

    for (size_t i = 1; i < length; i++) {
        assert((bytes[i] & 0xc0) == 0x80);
        code = code << 6 | (bytes[i] & 0x3fU);
    }
    *ret_length = length;
    return code;
}

/* Whether a double-quoted scalar cannot hold the character as it is. */
static bool is_escaped(unsigned int code)
{
    return code < 0x20 || code == '"' || code == '\\' || (code >= 0x7f && code < 0xa0) ||
           code == 0x2028 || code == 0x2029 || code == 0xfeff || code == 0xfffe ||
           code == 0xffff;
}

static void print_escaped(struct text *text, unsigned int code)
{
    switch (code) {
    case '"':
    case '\\':
        text_append(text, "\\%c", (int)code);
        return;
    case '\n':
        text_append(text, "\\n");
        return;
    case '\t':
        text_append(text, "\\t");
        return;
    default:
        text_append(text, "\\u%04x", code);
        return;
    }
}

static void print_quoted(struct text *text, const char *string)
{
    size_t length;

    text_append_bytes(text, "\"", 1);
    for (; *string != '\0'; string += length) {
        const unsigned int code = code_point(string, &length);

        if (is_escaped(code)) {
            print_escaped(text, code);
        } else {
            text_append_bytes(text, string, length);
        }
    }
    text_append_bytes(text, "\"", 1);
}

void canon_print_scalar(const char *string, struct text *text)
{
    if (is_plain(string)) {
        text_append_bytes(text, string, strlen(string));
    } else {
        print_quoted(text, string);
    }
}

/* "key: value" on a line of its own; level counts steps of two spaces. */
static void print_field(struct text *text, int level, const char *key, const char *value)
{
    indent(text, level);
    text_append(text, "%s: ", key);
    canon_print_scalar(value, text);
    text_append(text, "\n");
}

static void print_optional(struct text *text, int level, const char *key,
                           const char *value)
{
    if (value != NULL) {
        print_field(text, level, key, value);
    }
}

static void print_property(struct text *text, int level, const struct property *property)
{
    const bool is_long = strlen(property->key) > KEY_BYTES_MAX;

    indent(text, level);
    text_append(text, is_long ? "? " : "");
    canon_print_scalar(property->key, text);
    if (is_long) {
        text_append(text, "\n");
        indent(text, level);
    }
    text_append(text, ": ");
    canon_print_scalar(property->value, text);
    text_append(text, "\n");
}

static void print_map(struct text *text, int level, const char *key,
                      const struct properties *properties)
{
    indent(text, level);
    text_append(text, properties->count > 0 ? "%s:\n" : "%s: {}\n", key);
    for (size_t i = 0; i < properties->count; i++) {
        print_property(text, level + 1, &properties->items[i]);
    }
}

static void print_configs(struct text *text, int level, const struct oam_configs *configs)
{
    if (configs->count == 0) {
        return;
    }
    indent(text, level);
    text_append(text, "config:\n");
    for (size_t i = 0; i < configs->count; i++) {
        const struct oam_config *config = &configs->items[i];

        print_field(text, level + 1, "- name", config->name);
        if (config->has_properties) {
            print_map(text, level + 2, "properties", &config->properties);
        }
    }
}

static void print_secrets(struct text *text, int level, const struct oam_secrets *secrets)
{
    if (secrets->count == 0) {
        return;
    }
    indent(text, level);
    text_append(text, "secrets:\n");
    for (size_t i = 0; i < secrets->count; i++) {
        const struct oam_secret *secret = &secrets->items[i];

        print_field(text, level + 1, "- name", secret->name);
        indent(text, level + 2);
        text_append(text, "properties:\n");
        print_field(text, level + 3, "policy", secret->policy);
        print_field(text, level + 3, "key", secret->key);
        print_optional(text, level + 3, "field", secret->field);
        print_optional(text, level + 3, "version", secret->version);
    }
}

/* The two lines a trait begins with. */
static void print_trait(struct text *text, const char *type)
{
    print_field(text, 4, "- type", type);
    indent(text, 5);
    text_append(text, "properties:\n");
}

/* What is left out is what a manifest that does not say it gets. */
static void print_spread(struct text *text, const struct oam_spread *spread)
{
    print_field(text, 7, "- name", spread->name);
    print_map(text, 8, "requirements", &spread->requirements);
    if (spread->weight != OAM_WEIGHT_DEFAULT) {
        indent(text, 8);
        text_append(text, "weight: %" PRIu64 "\n", spread->weight);
    }
}

static void print_scaler(struct text *text, const struct oam_scaler *scaler)
{
    if (scaler->kind == OAM_SCALER_NONE) {
        return;
    }
    print_trait(text,
                scaler->kind == OAM_SCALER_SPREAD ? "spreadscaler" : "daemonscaler");
    indent(text, 6);
    text_append(text, "instances: %u\n", scaler->instances);
    if (scaler->spreads_count > 0) {
        indent(text, 6);
        text_append(text, "spread:\n");
    }
    for (size_t i = 0; i < scaler->spreads_count; i++) {
        print_spread(text, &scaler->spreads[i]);
    }
}

static void print_interfaces(struct text *text, const struct names *interfaces)
{
    indent(text, 6);
    text_append(text, "interfaces: [");
    for (size_t i = 0; i < interfaces->count; i++) {
        text_append(text, i > 0 ? ", " : "");
        canon_print_scalar(interfaces->items[i], text);
    }
    text_append(text, "]\n");
}

static void print_link(struct text *text, const struct oam_link *link)
{
    print_trait(text, "link");
    if (strcmp(link->name, "default") != 0) {
        print_field(text, 6, "name", link->name);
    }
    print_field(text, 6, "namespace", link->wit_namespace);
    print_field(text, 6, "package", link->wit_package);
    print_interfaces(text, &link->interfaces);
    if (link->source_config.count > 0 || link->source_secrets.count > 0) {
        indent(text, 6);
        text_append(text, "source:\n");
        print_configs(text, 7, &link->source_config);
        print_secrets(text, 7, &link->source_secrets);
    }
    indent(text, 6);
    text_append(text, "target:\n");
    print_field(text, 7, "name", link->target);
    print_configs(text, 7, &link->target_config);
    print_secrets(text, 7, &link->target_secrets);
}

static void print_component(struct text *text, const struct oam_component *component)
{
    print_field(text, 2, "- name", component->name);
    print_field(text, 3, "type",
                component->kind == OAM_COMPONENT ? "component" : "capability");
    indent(text, 3);
    text_append(text, "properties:\n");
    print_optional(text, 4, "image", component->image);
    if (component->shared.application != NULL) {
        indent(text, 4);
        text_append(text, "application:\n");
        print_field(text, 5, "name", component->shared.application);
        print_field(text, 5, "component", component->shared.component);
    }
    print_optional(text, 4, "id", component->id);
    print_configs(text, 4, &component->configs);
    print_secrets(text, 4, &component->secrets);
    if (component->scaler.kind == OAM_SCALER_NONE && component->links_count == 0) {
        return;
    }
    indent(text, 3);
    text_append(text, "traits:\n");
    print_scaler(text, &component->scaler);
    for (size_t i = 0; i < component->links_count; i++) {
        print_link(text, &component->links[i]);
    }
}

static void print_policies(struct text *text, const struct oam_application *application)
{
    if (application->policies_count > 0) {
        indent(text, 1);
        text_append(text, "policies:\n");
    }
    for (size_t i = 0; i < application->policies_count; i++) {
        const struct oam_policy *policy = &application->policies[i];

        print_field(text, 2, "- name", policy->name);
        print_field(text, 3, "type", policy->type);
        print_map(text, 3, "properties", &policy->properties);
    }
}

static void print_application(const struct oam_application *application,
                              struct text *text)
{
    text_append(text, "apiVersion: core.oam.dev/v1beta1\n"
                      "kind: Application\n"
                      "metadata:\n");
    print_field(text, 1, "name", application->name);
    print_map(text, 1, "annotations", &application->annotations);
    if (application->labels.count > 0) {
        print_map(text, 1, "labels", &application->labels);
    }
    text_append(text, "spec:\n");
    print_policies(text, application);
    indent(text, 1);
    text_append(text,
                application->components_count > 0 ? "components:\n" : "components: []\n");
    for (size_t i = 0; i < application->components_count; i++) {
        print_component(text, &application->components[i]);
    }
}

void canon_print(const struct oam_application *application, struct text *text)
{
    struct arena scratch = {0};
    struct oam_application ordered;

    canon_order(application, &scratch, &ordered);
    print_application(&ordered, text);
    arena_free(&scratch);
}

void canon_print_manifest(const struct manifest *manifest, struct text *text)
{
    for (size_t i = 0; i < manifest->applications_count; i++) {
        text_append(text, i > 0 ? "---\n" : "");
        canon_print(&manifest->applications[i], text);
    }
}
