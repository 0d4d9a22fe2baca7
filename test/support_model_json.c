#include "test/support_model_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

/* Set key to value, which is given away; an empty one is not worth a key. */
static void set_list(json_t *object, const char *key, json_t *value)
{
    if (json_array_size(value) > 0 || json_object_size(value) > 0) {
        assert_int_equal(json_object_set_new(object, key, value), 0);
    } else {
        json_decref(value);
    }
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text != NULL) {
        assert_int_equal(json_object_set_new(object, key, json_string(text)), 0);
    }
}

static json_t *of_properties(const struct properties *properties)
{
    json_t *object = json_object();

    for (size_t i = 0; i < properties->count; i++) {
        set_text(object, properties->items[i].key, properties->items[i].value);
    }
    return object;
}

static json_t *of_configs(const struct oam_configs *configs)
{
    json_t *array = json_array();

    for (size_t i = 0; i < configs->count; i++) {
        const struct oam_config *config = &configs->items[i];
        json_t *object = json_pack("{s:s}", "name", config->name);

        if (config->has_properties) {
            (void)json_object_set_new(object, "properties",
                                      of_properties(&config->properties));
        }
        (void)json_array_append_new(array, object);
    }
    return array;
}

static json_t *of_secrets(const struct oam_secrets *secrets)
{
    json_t *array = json_array();

    for (size_t i = 0; i < secrets->count; i++) {
        const struct oam_secret *secret = &secrets->items[i];
        json_t *fetch =
            json_pack("{s:s, s:s}", "policy", secret->policy, "key", secret->key);

        set_text(fetch, "field", secret->field);
        set_text(fetch, "version", secret->version);
        (void)json_array_append_new(
            array, json_pack("{s:s, s:o}", "name", secret->name, "properties", fetch));
    }
    return array;
}

static json_t *of_end(const struct oam_configs *configs,
                      const struct oam_secrets *secrets)
{
    json_t *end = json_object();

    set_list(end, "config", of_configs(configs));
    set_list(end, "secrets", of_secrets(secrets));
    return end;
}

static json_t *of_link(const struct oam_link *link)
{
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:[]}", "name", link->name, "namespace",
                  link->wit_namespace, "package", link->wit_package, "interfaces");
    json_t *target = of_end(&link->target_config, &link->target_secrets);

    for (size_t i = 0; i < link->interfaces.count; i++) {
        (void)json_array_append_new(json_object_get(object, "interfaces"),
                                    json_string(link->interfaces.items[i]));
    }
    set_text(target, "name", link->target);
    set_list(object, "target", target);
    set_list(object, "source", of_end(&link->source_config, &link->source_secrets));
    return object;
}

static json_t *of_scaler(const struct oam_scaler *scaler)
{
    json_t *spreads = json_array();
    json_t *object;

    if (scaler->kind == OAM_SCALER_NONE) {
        json_decref(spreads);
        return json_object();
    }
    for (size_t i = 0; i < scaler->spreads_count; i++) {
        const struct oam_spread *spread = &scaler->spreads[i];
        json_t *item = json_pack("{s:s, s:I}", "name", spread->name, "weight",
                                 (json_int_t)spread->weight);

        set_list(item, "requirements", of_properties(&spread->requirements));
        (void)json_array_append_new(spreads, item);
    }
    object =
        json_pack("{s:s, s:I}", "type",
                  scaler->kind == OAM_SCALER_DAEMON ? "daemonscaler" : "spreadscaler",
                  "instances", (json_int_t)scaler->instances);
    set_list(object, "spread", spreads);
    return object;
}

static json_t *of_component(const struct oam_component *component)
{
    json_t *properties = of_end(&component->configs, &component->secrets);
    json_t *links = json_array();
    json_t *object;

    set_text(properties, "image", component->image);
    set_text(properties, "id", component->id);
    if (component->shared.application != NULL) {
        (void)json_object_set_new(properties, "application",
                                  json_pack("{s:s, s:s}", "name",
                                            component->shared.application, "component",
                                            component->shared.component));
    }
    for (size_t i = 0; i < component->links_count; i++) {
        (void)json_array_append_new(links, of_link(&component->links[i]));
    }
    object = json_pack("{s:s, s:s, s:o}", "name", component->name, "type",
                       component->kind == OAM_CAPABILITY ? "capability" : "component",
                       "properties", properties);
    set_list(object, "links", links);
    set_list(object, "scaler", of_scaler(&component->scaler));
    return object;
}

struct json_t *support_model_json(const struct oam_application *application)
{
    json_t *components = json_array();
    json_t *policies = json_array();
    json_t *metadata = json_pack("{s:s}", "name", application->name);
    json_t *spec = json_object();

    set_list(metadata, "annotations", of_properties(&application->annotations));
    set_list(metadata, "labels", of_properties(&application->labels));
    for (size_t i = 0; i < application->components_count; i++) {
        (void)json_array_append_new(components,
                                    of_component(&application->components[i]));
    }
    for (size_t i = 0; i < application->policies_count; i++) {
        const struct oam_policy *policy = &application->policies[i];

        (void)json_array_append_new(policies,
                                    json_pack("{s:s, s:s, s:o}", "name", policy->name,
                                              "type", policy->type, "properties",
                                              of_properties(&policy->properties)));
    }
    set_list(spec, "components", components);
    set_list(spec, "policies", policies);
    return json_pack("{s:o, s:o}", "metadata", metadata, "spec", spec);
}

/* The properties of trait with its type, for a scaler; the caller's. */
static json_t *reshape_scaler(json_t *trait)
{
    json_t *scaler = json_deep_copy(json_object_get(trait, "properties"));
    json_t *spread;
    size_t i;

    set_text(scaler, "type", json_string_value(json_object_get(trait, "type")));
    json_array_foreach(json_object_get(scaler, "spread"), i, spread)
    {
        if (json_object_get(spread, "weight") == NULL) {
            (void)json_object_set_new(spread, "weight", json_integer(OAM_WEIGHT_DEFAULT));
        }
    }
    return scaler;
}

static json_t *reshape_link(json_t *trait)
{
    json_t *link = json_deep_copy(json_object_get(trait, "properties"));

    if (json_object_get(link, "name") == NULL) {
        set_text(link, "name", "default");
    }
    if (json_object_size(json_object_get(link, "source")) == 0) {
        (void)json_object_del(link, "source");
    }
    return link;
}

static void reshape_component(json_t *component)
{
    json_t *links = json_array();
    json_t *trait;
    size_t i;

    json_array_foreach(json_object_get(component, "traits"), i, trait)
    {
        const char *type = json_string_value(json_object_get(trait, "type"));

        if (strcmp(type, "link") == 0) {
            (void)json_array_append_new(links, reshape_link(trait));
        } else if ((strcmp(type, "spreadscaler") == 0 ||
                    strcmp(type, "daemonscaler") == 0) &&
                   json_object_get(component, "scaler") == NULL) {
            (void)json_object_set_new(component, "scaler", reshape_scaler(trait));
        }
    }
    (void)json_object_del(component, "traits");
    set_list(component, "links", links);
}

void support_model_json_reshape(struct json_t *manifest)
{
    json_t *spec = json_object_get(manifest, "spec");
    json_t *components = json_object_get(spec, "components");
    json_t *component;
    size_t i;

    (void)json_object_del(manifest, "apiVersion");
    (void)json_object_del(manifest, "kind");
    json_array_foreach(components, i, component)
    {
        reshape_component(component);
    }
    if (json_array_size(components) == 0) {
        (void)json_object_del(spec, "components");
    }
}
