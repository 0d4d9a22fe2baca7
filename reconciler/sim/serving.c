#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "reconciler/sim/host.h"
#include "reconciler/sim/host_state.h"
#include "reconciler/sim/host_steps.h"

/* More different images than would ever answer to one id. */
#define IMAGES_MAX 32

/* Put image into a sorted set, unless it is there or the set is full. */
static size_t add_image(const char **images, size_t count, size_t max, const char *image)
{
    size_t at = 0;

    while (at < count && strcmp(images[at], image) < 0) {
        at++;
    }
    if (count == max || (at < count && strcmp(images[at], image) == 0)) {
        return count;
    }
    assert(count < max);
    memmove(&images[at + 1], &images[at], (count - at) * sizeof *images);
    images[at] = image;
    return count + 1;
}

void sim_serving_haunt(struct sim_host *host, const char *id, const char *image)
{
    struct sim_ghost *ghost = sim_table_find(&host->ghosts, id);

    if (ghost == NULL) {
        ghost = arena_alloc(&host->arena, sizeof *ghost);
        (void)sim_table_put(&host->ghosts, &host->arena, sim_host_keep(host, id), ghost);
    }
    ghost->images = arena_grow(&host->arena, ghost->images, ghost->count,
                               &ghost->capacity, sizeof *ghost->images);
    assert(ghost->count < ghost->capacity);
    ghost->count = add_image(ghost->images, ghost->count, ghost->capacity,
                             sim_host_keep(host, image));
}

size_t sim_host_serving(const struct sim_host *host, const char *component,
                        const char **ret_images, size_t images_max)
{
    const struct sim_component *running = sim_table_find(&host->components, component);
    const struct sim_ghost *ghost = sim_table_find(&host->ghosts, component);
    size_t count = 0;

    for (size_t i = 0; ghost != NULL && i < ghost->count; i++) {
        count = add_image(ret_images, count, images_max, ghost->images[i]);
    }
    if (running != NULL && running->is_subscribed) {
        count = add_image(ret_images, count, images_max, running->code);
    }
    assert(count <= images_max);
    return count;
}

const char *sim_host_serving_inside(const struct sim_host *host, const char *component)
{
    const struct sim_component *running = sim_table_find(&host->components, component);

    return running != NULL ? running->code : NULL;
}

static void print_images(const char *const *images, size_t count, struct text *text)
{
    for (size_t i = 0; i < count; i++) {
        text_append(text, "%s%s", i > 0 ? "," : "", images[i]);
    }
}

static void print_component(const struct sim_host *host, const char *id,
                            struct text *text)
{
    const struct sim_component *running = sim_table_find(&host->components, id);
    const char *images[IMAGES_MAX];
    const size_t count = sim_host_serving(host, id, images, IMAGES_MAX);

    assert(running != NULL || count > 0);
    text_append(text, "component %s count %u image %s serving ", id,
                running != NULL ? (unsigned int)running->count : 0U,
                running != NULL ? running->image : "-");
    print_images(images, count, text);
    text_append(text, count > 0 ? "" : "-");
    if (running != NULL && running->secrets[0] != '\0') {
        text_append(text, " secrets %s", running->secrets);
    }
    text_append(text, "\n");
}

static void print_components(const struct sim_host *host, struct text *text)
{
    size_t running = 0;
    size_t ghost = 0;

    while (running < host->components.count || ghost < host->ghosts.count) {
        const char *id =
            running < host->components.count ? host->components.rows[running].key : NULL;
        const char *other =
            ghost < host->ghosts.count ? host->ghosts.rows[ghost].key : NULL;
        const int order = id == NULL ? 1 : other == NULL ? -1 : strcmp(id, other);

        print_component(host, order <= 0 ? id : other, text);
        assert(order <= 0 || other != NULL);
        running += order <= 0 ? 1 : 0;
        ghost += order >= 0 ? 1 : 0;
    }
}

void sim_host_print(const struct sim_host *host, struct text *text)
{
    print_components(host, text);
    for (size_t i = 0; i < host->providers.count; i++) {
        const struct sim_provider *provider = host->providers.rows[i].item;

        text_append(text, "provider %s image %s links %zu", provider->id, provider->image,
                    provider->deliveries.count);
        if (strcmp(provider->config, "{}") != 0) {
            text_append(text, " config %s", provider->config);
        }
        text_append(text, "\n");
    }
}

/* Every line of what host runs, after its name. */
static void print_named(const struct sim_host *host, struct text *text)
{
    struct arena arena = {0};
    struct text lines;

    text_init(&lines, &arena, MESSAGE_BYTES_MAX);
    text_append(&lines, "%s\n", sim_host_id(host));
    sim_host_print(host, &lines);
    for (const char *line = lines.bytes; *line != '\0';) {
        const size_t length = strcspn(line, "\n") + 1;

        text_append(text, "%s ", sim_host_name(host));
        text_append_bytes(text, line, length);
        line += length;
    }
    arena_free(&arena);
}

void sim_print_inventory(struct sim_host *const *hosts, size_t count, struct text *text)
{
    for (size_t i = 0; i < count; i++) {
        print_named(hosts[i], text);
    }
}

static struct sim_route describe(const struct sim_provider *provider,
                                 const struct sim_delivery *delivery)
{
    return (struct sim_route){
        .provider = provider->id,
        .source = delivery->link.source_id,
        .target = delivery->link.target,
        .name = delivery->link.name,
        .wit_namespace = delivery->link.wit_namespace,
        .wit_package = delivery->link.wit_package,
        .source_config = delivery->source_config,
        .target_config = delivery->target_config,
        .is_builtin = provider->is_builtin,
    };
}

/* A place among the deliveries of all providers of a host. */
struct cursor {
    size_t provider;
    size_t delivery;
};

/* The delivery at cursor, which moves past it; NULL behind the last. */
static const struct sim_delivery *next_delivery(const struct sim_host *host,
                                                struct cursor *cursor,
                                                const struct sim_provider **ret_provider)
{
    for (; cursor->provider < host->providers.count; cursor->provider++) {
        const struct sim_provider *provider = host->providers.rows[cursor->provider].item;

        if (cursor->delivery < provider->deliveries.count) {
            *ret_provider = provider;
            return provider->deliveries.rows[cursor->delivery++].item;
        }
        cursor->delivery = 0;
    }
    return NULL;
}

/* The next delivery whose provider is its source. */
static bool next_route(const struct sim_host *host, struct cursor *cursor,
                       struct sim_route *ret_route)
{
    const struct sim_provider *provider = NULL;
    const struct sim_delivery *delivery;

    while ((delivery = next_delivery(host, cursor, &provider)) != NULL) {
        assert(provider != NULL);
        if (strcmp(delivery->link.source_id, provider->id) == 0) {
            *ret_route = describe(provider, delivery);
            return true;
        }
    }
    return false;
}

bool sim_host_route(const struct sim_host *host, size_t i, struct sim_route *ret_route)
{
    struct cursor cursor = {0};
    struct sim_route route;

    do {
        if (!next_route(host, &cursor, &route)) {
            return false;
        }
    } while (i-- > 0);
    *ret_route = route;
    return true;
}

bool sim_host_delivery(const struct sim_host *host, size_t i, struct sim_route *ret_route)
{
    struct cursor cursor = {0};
    const struct sim_provider *provider = NULL;
    const struct sim_delivery *delivery;

    do {
        delivery = next_delivery(host, &cursor, &provider);
        if (delivery == NULL) {
            return false;
        }
    } while (i-- > 0);
    *ret_route = describe(provider, delivery);
    return true;
}

static void print_inside(const struct sim_host *host, const char *component,
                         struct text *text)
{
    const char *image = sim_host_serving_inside(host, component);

    if (image != NULL) {
        text_append(text, "ok %s\n", image);
    } else {
        text_append(text, "reset (not on this host)\n");
    }
}

static void print_outside(struct sim_host *const *hosts, size_t count,
                          const char *component, struct text *text)
{
    const char *images[IMAGES_MAX];
    size_t images_count = 0;

    for (size_t i = 0; i < count; i++) {
        const char *own[IMAGES_MAX];
        const size_t own_count = sim_host_serving(hosts[i], component, own, IMAGES_MAX);

        for (size_t j = 0; j < own_count; j++) {
            images_count = add_image(images, images_count, IMAGES_MAX, own[j]);
        }
    }
    text_append(text, images_count > 0 ? "ok " : "hangs (runs nowhere)");
    print_images(images, images_count, text);
    text_append(text, "\n");
}

static int compare_lines(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;

    return strcmp(*left, *right);
}

/* Lines on their way to be sorted. */
struct lines {
    struct arena arena;
    const char **items;
    size_t count;
    size_t capacity;
};

/* One line for every route of one host. */
static void collect(struct sim_host *const *hosts, size_t count,
                    const struct sim_host *host, struct lines *lines)
{
    struct cursor cursor = {0};
    struct sim_route route;

    while (next_route(host, &cursor, &route)) {
        struct text line;

        text_init(&line, &lines->arena, MESSAGE_BYTES_MAX);
        text_append(&line, "%s %s -[%s %s:%s]-> %s: ", host->name, route.provider,
                    route.name, route.wit_namespace, route.wit_package, route.target);
        if (route.is_builtin) {
            print_inside(host, route.target, &line);
        } else {
            print_outside(hosts, count, route.target, &line);
        }
        lines->items = arena_grow(&lines->arena, lines->items, lines->count,
                                  &lines->capacity, sizeof *lines->items);
        lines->items[lines->count++] = line.bytes;
    }
}

void sim_print_serving(struct sim_host *const *hosts, size_t count, struct text *text)
{
    struct lines lines = {0};

    for (size_t i = 0; i < count; i++) {
        collect(hosts, count, hosts[i], &lines);
    }
    if (lines.count > 0) {
        qsort(lines.items, lines.count, sizeof *lines.items, compare_lines);
    }
    for (size_t i = 0; i < lines.count; i++) {
        text_append_bytes(text, lines.items[i], strlen(lines.items[i]));
    }
    arena_free(&lines.arena);
}
