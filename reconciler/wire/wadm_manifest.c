#include "reconciler/wire/wadm_manifest.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/wire/json.h"

static void print_optional(struct text *text, const char *key, const char *value)
{
    if (value != NULL) {
        json_print_text(text, key, value);
    }
}

/* Of the items of a list all but the first have a comma before them. */
static void begin_item(struct text *text, size_t index)
{
    text_append(text, index > 0 ? ",{" : "{");
}

static void print_map(struct text *text, const char *key,
                      const struct properties *properties)
{
    json_print_key(text, key);
    text_append(text, "{");
    for (size_t i = 0; i < properties->count; i++) {
        json_print_text(text, properties->items[i].key, properties->items[i].value);
    }
    text_append(text, "}");
}

static void print_configs(struct text *text, const struct oam_configs *configs)
{
    if (configs->count == 0) {
        return;
    }
    json_print_key(text, "config");
    text_append(text, "[");
    for (size_t i = 0; i < configs->count; i++) {
        begin_item(text, i);
        json_print_text(text, "name", configs->items[i].name);
        if (configs->items[i].has_properties) {
            print_map(text, "properties", &configs->items[i].properties);
        }
        text_append(text, "}");
    }
    text_append(text, "]");
}

static void print_secrets(struct text *text, const struct oam_secrets *secrets)
{
    if (secrets->count == 0) {
        return;
    }
    json_print_key(text, "secrets");
    text_append(text, "[");
    for (size_t i = 0; i < secrets->count; i++) {
        const struct oam_secret *secret = &secrets->items[i];

        begin_item(text, i);
        json_print_text(text, "name", secret->name);
        json_print_key(text, "properties");
        text_append(text, "{");
        json_print_text(text, "policy", secret->policy);
        json_print_text(text, "key", secret->key);
        print_optional(text, "field", secret->field);
        print_optional(text, "version", secret->version);
        text_append(text, "}}");
    }
    text_append(text, "]");
}

static void print_spreads(struct text *text, const struct oam_scaler *scaler)
{
    if (scaler->spreads_count == 0) {
        return;
    }
    json_print_key(text, "spread");
    text_append(text, "[");
    for (size_t i = 0; i < scaler->spreads_count; i++) {
        const struct oam_spread *spread = &scaler->spreads[i];

        begin_item(text, i);
        json_print_text(text, "name", spread->name);
        print_map(text, "requirements", &spread->requirements);
        if (spread->weight != OAM_WEIGHT_DEFAULT) {
            json_print_integer(text, "weight", spread->weight);
        }
        text_append(text, "}");
    }
    text_append(text, "]");
}

static void print_scaler(struct text *text, const struct oam_scaler *scaler)
{
    json_print_text(text, "type",
                    scaler->kind == OAM_SCALER_DAEMON ? "daemonscaler" : "spreadscaler");
    json_print_key(text, "properties");
    text_append(text, "{");
    json_print_integer(text, "instances", scaler->instances);
    print_spreads(text, scaler);
    text_append(text, "}");
}

static void print_names(struct text *text, const char *key, const struct names *names)
{
    json_print_key(text, key);
    text_append(text, "[");
    for (size_t i = 0; i < names->count; i++) {
        text_append(text, "%s", i > 0 ? "," : "");
        text_append_json(text, names->items[i]);
    }
    text_append(text, "]");
}

static void print_link(struct text *text, const struct oam_link *link)
{
    json_print_text(text, "type", "link");
    json_print_key(text, "properties");
    text_append(text, "{");
    json_print_text(text, "namespace", link->wit_namespace);
    json_print_text(text, "package", link->wit_package);
    print_names(text, "interfaces", &link->interfaces);
    if (link->source_config.count > 0 || link->source_secrets.count > 0) {
        json_print_key(text, "source");
        text_append(text, "{");
        print_configs(text, &link->source_config);
        print_secrets(text, &link->source_secrets);
        text_append(text, "}");
    }
    json_print_key(text, "target");
    text_append(text, "{");
    json_print_text(text, "name", link->target);
    print_configs(text, &link->target_config);
    print_secrets(text, &link->target_secrets);
    text_append(text, "}");
    if (strcmp(link->name, "default") != 0) {
        json_print_text(text, "name", link->name);
    }
    text_append(text, "}");
}

static bool is_before(const struct span *a, const struct span *b)
{
    return a->start.line < b->start.line ||
           (a->start.line == b->start.line && a->start.column < b->start.column);
}

static void print_traits(struct text *text, const struct oam_component *component)
{
    const struct oam_scaler *scaler = &component->scaler;
    bool is_scaler_due = scaler->kind != OAM_SCALER_NONE;
    size_t count = 0;

    if (component->links_count == 0 && !is_scaler_due) {
        return;
    }
    json_print_key(text, "traits");
    text_append(text, "[");
    for (size_t i = 0; i < component->links_count || is_scaler_due; count++) {
        begin_item(text, count);
        if (is_scaler_due && (i == component->links_count ||
                              is_before(&scaler->span, &component->links[i].span))) {
            print_scaler(text, scaler);
            is_scaler_due = false;
        } else {
            print_link(text, &component->links[i++]);
        }
        text_append(text, "}");
    }
    text_append(text, "]");
}

static const char *kind_word(enum oam_kind kind)
{
    switch (kind) {
    case OAM_COMPONENT:
        return "component";
    case OAM_CAPABILITY:
        return "capability";
    }
    abort();
}

static void print_component(struct text *text, const struct oam_component *component)
{
    json_print_text(text, "name", component->name);
    json_print_text(text, "type", kind_word(component->kind));
    json_print_key(text, "properties");
    text_append(text, "{");
    print_optional(text, "image", component->image);
    if (component->shared.application != NULL) {
        json_print_key(text, "application");
        text_append(text, "{");
        json_print_text(text, "name", component->shared.application);
        json_print_text(text, "component", component->shared.component);
        text_append(text, "}");
    }
    print_optional(text, "id", component->id);
    print_configs(text, &component->configs);
    print_secrets(text, &component->secrets);
    text_append(text, "}");
    print_traits(text, component);
}

static void print_policies(struct text *text, const struct oam_application *application)
{
    if (application->policies_count == 0) {
        return;
    }
    json_print_key(text, "policies");
    text_append(text, "[");
    for (size_t i = 0; i < application->policies_count; i++) {
        const struct oam_policy *policy = &application->policies[i];

        begin_item(text, i);
        json_print_text(text, "name", policy->name);
        print_map(text, "properties", &policy->properties);
        json_print_text(text, "type", policy->type);
        text_append(text, "}");
    }
    text_append(text, "]");
}

/* A version that was made up is among the annotations, too. */
static void print_annotations(struct text *text,
                              const struct oam_application *application,
                              const char *version)
{
    const struct properties *annotations = &application->annotations;
    bool is_done = application->version != NULL;

    json_print_key(text, "annotations");
    text_append(text, "{");
    for (size_t i = 0; i < annotations->count; i++) {
        const struct property *annotation = &annotations->items[i];

        if (!is_done && strcmp(annotation->key, "version") > 0) {
            json_print_text(text, "version", version);
            is_done = true;
        }
        json_print_text(text, annotation->key, annotation->value);
    }
    if (!is_done) {
        json_print_text(text, "version", version);
    }
    text_append(text, "}");
}

static void print_application(struct text *text,
                              const struct oam_application *application,
                              const char *version)
{
    text_append(text, "{");
    json_print_text(text, "apiVersion", "core.oam.dev/v1beta1");
    json_print_text(text, "kind", "Application");
    json_print_key(text, "metadata");
    text_append(text, "{");
    json_print_text(text, "name", application->name);
    print_annotations(text, application, version);
    if (application->labels.count > 0) {
        print_map(text, "labels", &application->labels);
    }
    text_append(text, "}");
    json_print_key(text, "spec");
    text_append(text, "{");
    json_print_key(text, "components");
    text_append(text, "[");
    for (size_t i = 0; i < application->components_count; i++) {
        begin_item(text, i);
        print_component(text, &application->components[i]);
        text_append(text, "}");
    }
    text_append(text, "]");
    print_policies(text, application);
    text_append(text, "}}");
}

/* The bytes of a character at bytes that JSON has as it is, and YAML in quotes has not;
 * 0: it is another.  *ret_code is the character. */
static size_t find_escaped(const char *bytes, unsigned int *ret_code)
{
    const unsigned char *at = (const unsigned char *)bytes;

    if (at[0] == 0x7f) {
        *ret_code = 0x7f;
        return 1;
    }
    if (at[0] == 0xc2 && at[1] < 0xa0) {
        *ret_code = at[1];
        return 2;
    }
    if (at[0] == 0xe2 && at[1] == 0x80 && (at[2] == 0xa8 || at[2] == 0xa9)) {
        *ret_code = 0x2000U + at[2] - 0x80U;
        return 3;
    }
    if (at[0] == 0xef &&
        ((at[1] == 0xbb && at[2] == 0xbf) || (at[1] == 0xbf && at[2] >= 0xbe))) {
        *ret_code = 0xf000U + ((unsigned int)at[1] - 0x80U) * 0x40U + at[2] - 0x80U;
        return 3;
    }
    return 0;
}

/* JSON that a reader of YAML takes for the same. */
void wadm_encode_manifest(const struct oam_application *application, const char *version,
                          struct text *text)
{
    struct arena scratch = {0};
    struct text plain;
    const char *start;
    size_t length;

    text_init(&plain, &scratch, text->bytes_max);
    print_application(&plain, application, version);
    start = plain.bytes;
    for (const char *at = plain.bytes; *at != '\0'; at += length > 0 ? length : 1) {
        unsigned int code = 0;

        length = find_escaped(at, &code);
        if (length > 0) {
            text_append_bytes(text, start, (size_t)(at - start));
            text_append(text, "\\u%04x", code);
            start = at + length;
        }
    }
    text_append_bytes(text, start, strlen(start));
    text->is_cut |= plain.is_cut;
    arena_free(&scratch);
}
