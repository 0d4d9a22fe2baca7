#include "manifest/lint_port.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/lint_image.h"

/* Of more spreads it is not asked whether they have a host in common. */
#define SPREADS_COMPARED_MAX ((size_t)16)

/* Somebody listens. */
struct port {
    const char *host; /* "" for all addresses of the machine */
    size_t host_length;
    uint32_t number;
    struct span span; /* of what says so */
    const struct oam_component *provider;
    const struct manifest *manifest;
    size_t index;
};

struct ports {
    struct port *items;
    size_t count;
    size_t capacity;
    struct arena arena;
};

/* The value of key that the provider gets, where later configs override earlier ones;
 * NULL when there is none, or a config that is not here may override it. */
static const char *find_value(const struct oam_configs *configs, const char *key)
{
    for (size_t i = configs->count; i-- > 0;) {
        const struct oam_config *config = &configs->items[i];

        if (!config->has_properties) {
            return NULL;
        }
        for (size_t j = 0; j < config->properties.count; j++) {
            if (strcmp(config->properties.items[j].key, key) == 0) {
                return config->properties.items[j].value;
            }
        }
    }
    return NULL;
}

/* The number that text is made of; 0 when it is no port. */
static uint32_t read_number(const char *text)
{
    uint32_t number = 0;

    for (; *text >= '0' && *text <= '9' && number <= UINT16_MAX; text++) {
        number = number * 10 + (uint32_t)(*text - '0');
    }
    return *text == '\0' && number <= UINT16_MAX ? number : 0;
}

static bool is_wildcard(const char *host, size_t length)
{
    return (length == 7 && memcmp(host, "0.0.0.0", length) == 0) ||
           (length == 4 && memcmp(host, "[::]", length) == 0);
}

/* port holds all but the address; what is none is for the provider to refuse. */
static void add_port(struct ports *ports, const char *address, struct port port)
{
    const char *colon = address != NULL ? strrchr(address, ':') : NULL;

    if (colon == NULL || read_number(colon + 1) == 0) {
        return;
    }
    port.host = address;
    port.host_length = (size_t)(colon - address);
    port.number = read_number(colon + 1);
    port.index = ports->count;
    if (is_wildcard(port.host, port.host_length)) {
        port.host_length = 0;
    }
    ports->items = arena_grow(&ports->arena, ports->items, ports->count, &ports->capacity,
                              sizeof *ports->items);
    ports->items[ports->count++] = port;
}

/* Unless it routes by path or host name, the server listens once for each link. */
static void add_server(struct ports *ports, const struct manifest *manifest,
                       const struct oam_component *provider)
{
    const char *mode = find_value(&provider->configs, "routing_mode");
    const char *otherwise = find_value(&provider->configs, "default_address");
    struct port port = {
        .provider = provider, .manifest = manifest, .span = provider->name_span};

    if (mode != NULL && strcmp(mode, "address") != 0) {
        add_port(ports, otherwise, port);
        return;
    }
    for (size_t i = 0; i < provider->links_count; i++) {
        const struct oam_link *link = &provider->links[i];
        const char *address = find_value(&link->source_config, "address");

        port.span = link->span;
        add_port(ports, address != NULL ? address : otherwise, port);
    }
}

static void add_application(struct ports *ports, const struct manifest *manifest,
                            const struct oam_application *application)
{
    for (size_t i = 0; i < application->components_count; i++) {
        const struct oam_component *component = &application->components[i];

        if (component->kind == OAM_CAPABILITY && component->image != NULL &&
            lint_image_is_http_server(component->image)) {
            add_server(ports, manifest, component);
        }
    }
}

static int compare_hosts(const struct port *a, const struct port *b)
{
    if (a->host_length != b->host_length) {
        return a->host_length < b->host_length ? -1 : 1;
    }
    return memcmp(a->host, b->host, a->host_length);
}

/* By number; those that listen everywhere come first. */
static int compare_ports(const void *left, const void *right)
{
    const struct port *a = left;
    const struct port *b = right;
    int order = (a->number > b->number) - (a->number < b->number);

    if (order == 0) {
        order = compare_hosts(a, b);
    }
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* Can no host have the labels of both? */
static bool are_apart(const struct properties *a, const struct properties *b)
{
    size_t i = 0;
    size_t j = 0;

    while (i < a->count && j < b->count) {
        const int order = strcmp(a->items[i].key, b->items[j].key);

        if (order == 0 && strcmp(a->items[i].value, b->items[j].value) != 0) {
            return true;
        }
        i += order <= 0;
        j += order >= 0;
    }
    return false;
}

/* Can some host run both? */
static bool can_meet(const struct oam_scaler *a, const struct oam_scaler *b)
{
    if (a->spreads_count == 0 || b->spreads_count == 0 ||
        a->spreads_count > SPREADS_COMPARED_MAX ||
        b->spreads_count > SPREADS_COMPARED_MAX) {
        return true;
    }
    for (size_t i = 0; i < a->spreads_count; i++) {
        for (size_t j = 0; j < b->spreads_count; j++) {
            if (!are_apart(&a->spreads[i].requirements, &b->spreads[j].requirements)) {
                return true;
            }
        }
    }
    return false;
}

/* Warn at the later of two. */
static void report(struct diags *diags, const struct port *a, const struct port *b)
{
    const struct port *first = a->index < b->index ? a : b;
    const struct port *again = a->index < b->index ? b : a;

    assert(a->number == b->number && a->index != b->index);

    diags->source = again->manifest->source;
    diags->allowances = again->manifest->allowances;
    diags_add(diags, DIAG_WARNING, "http-port", &again->span,
              "two HTTP servers cannot listen at port %u of a host: expected another "
              "port",
              (unsigned int)again->number);
    diags_relate(diags, first->manifest->source, &first->span, "one listens there here");
}

static void compare_all(const struct ports *ports, struct diags *diags)
{
    const struct port *first = ports->items;

    assert(ports->count > 0);

    for (size_t i = 1; i < ports->count; i++) {
        const struct port *port = &ports->items[i];

        if (port->number != first->number ||
            (first->host_length > 0 && compare_hosts(first, port) != 0)) {
            first = port;
        } else if (first->provider == port->provider ||
                   can_meet(&first->provider->scaler, &port->provider->scaler)) {
            report(diags, first, port);
        }
    }
}

void lint_ports(const struct manifest *manifests, size_t count, struct diags *diags)
{
    struct ports ports = {0};

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < manifests[i].applications_count; j++) {
            add_application(&ports, &manifests[i], &manifests[i].applications[j]);
        }
    }
    if (ports.count > 1) {
        qsort(ports.items, ports.count, sizeof *ports.items, compare_ports);
        compare_all(&ports, diags);
    }
    arena_free(&ports.arena);
}
