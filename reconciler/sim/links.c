#include "reconciler/sim/links.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "manifest/limits.h"

static const struct sim_field slot_fields[] = {
    {"source_id", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct link, source_id)},
    {"name", SIM_FIELD_TEXT, SIM_OPTIONAL, offsetof(struct link, name)},
    {"wit_namespace", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct link, wit_namespace)},
    {"wit_package", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct link, wit_package)},
};

static const struct sim_field other_fields[] = {
    {"target", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct link, target)},
    {"interfaces", SIM_FIELD_NAMES, SIM_REQUIRED, offsetof(struct link, interfaces)},
    {"source_config", SIM_FIELD_NAMES, SIM_OPTIONAL,
     offsetof(struct link, source_config)},
    {"target_config", SIM_FIELD_NAMES, SIM_OPTIONAL,
     offsetof(struct link, target_config)},
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

bool sim_link_decode_slot(const struct tree_node *object, struct arena *arena,
                          struct link *ret_link)
{
    struct link link = {.name = "default"};

    if (!sim_json_decode(object, slot_fields, COUNT_OF(slot_fields), arena, &link)) {
        return false;
    }
    assert(link.source_id != NULL && link.name != NULL);
    *ret_link = link;
    return true;
}

bool sim_link_decode(const struct tree_node *object, struct arena *arena,
                     struct link *ret_link)
{
    struct link link;

    if (!sim_link_decode_slot(object, arena, &link) ||
        !sim_json_decode(object, other_fields, COUNT_OF(other_fields), arena, &link)) {
        return false;
    }
    *ret_link = link;
    return true;
}

void sim_link_print(const struct link *link, struct text *text)
{
    assert(link->target != NULL && link->name != NULL);
    sim_json_print_field("{", "source_id", link->source_id, text);
    sim_json_print_field(",", "target", link->target, text);
    sim_json_print_field(",", "name", link->name, text);
    sim_json_print_field(",", "wit_namespace", link->wit_namespace, text);
    sim_json_print_field(",", "wit_package", link->wit_package, text);
    text_append(text, ",\"interfaces\":");
    sim_json_print_names(&link->interfaces, text);
    text_append(text, ",\"source_config\":");
    sim_json_print_names(&link->source_config, text);
    text_append(text, ",\"target_config\":");
    sim_json_print_names(&link->target_config, text);
    text_append(text, "}");
}

struct link sim_link_copy(const struct link *link, struct arena *arena)
{
    return (struct link){
        .source_id = arena_copy(arena, link->source_id),
        .target = arena_copy(arena, link->target),
        .name = arena_copy(arena, link->name),
        .wit_namespace = arena_copy(arena, link->wit_namespace),
        .wit_package = arena_copy(arena, link->wit_package),
        .interfaces = sim_json_copy_names(&link->interfaces, arena),
        .source_config = sim_json_copy_names(&link->source_config, arena),
        .target_config = sim_json_copy_names(&link->target_config, arena),
    };
}

static bool is_equal_names(const struct names *a, const struct names *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0) {
            return false;
        }
    }
    return true;
}

bool sim_link_is_same_slot(const struct link *a, const struct link *b)
{
    return strcmp(a->source_id, b->source_id) == 0 &&
           strcmp(a->wit_namespace, b->wit_namespace) == 0 &&
           strcmp(a->wit_package, b->wit_package) == 0 && strcmp(a->name, b->name) == 0;
}

bool sim_link_is_equal(const struct link *a, const struct link *b)
{
    return sim_link_is_same_slot(a, b) && strcmp(a->target, b->target) == 0 &&
           is_equal_names(&a->interfaces, &b->interfaces) &&
           is_equal_names(&a->source_config, &b->source_config) &&
           is_equal_names(&a->target_config, &b->target_config);
}

static bool has_name(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool sim_link_is_conflict(const struct link *a, const struct link *b)
{
    if (!sim_link_is_same_slot(a, b) || strcmp(a->target, b->target) == 0) {
        return false;
    }
    for (size_t i = 0; i < a->interfaces.count; i++) {
        if (has_name(&b->interfaces, a->interfaces.items[i])) {
            return true;
        }
    }
    return false;
}

/* The array of links of an entry; absent is none. */
static bool read_links(const struct tree_node *array, struct arena *arena,
                       struct sim_spec *spec)
{
    if (array == NULL) {
        return true;
    }
    if (array->kind != TREE_SEQUENCE) {
        return false;
    }
    spec->links = arena_array(arena, array->count, sizeof *spec->links);
    spec->links_capacity = array->count;
    for (size_t i = 0; i < array->count; i++) {
        if (!sim_link_decode(array->items[i], arena, &spec->links[i])) {
            return false;
        }
        spec->links_count++;
    }
    return true;
}

bool sim_spec_read(const char *bytes, size_t length, struct arena *arena,
                   struct sim_spec *ret_spec)
{
    static const struct sim_field fields[] = {
        {"url", SIM_FIELD_TEXT, SIM_REQUIRED, offsetof(struct sim_spec, url)},
    };
    const struct tree_node *root = sim_json_read(bytes, length, arena);
    struct sim_spec spec = {0};

    if (root == NULL || !sim_json_decode(root, fields, 1, arena, &spec) ||
        !read_links(tree_find(root, "links"), arena, &spec)) {
        return false;
    }
    assert(spec.url != NULL && spec.links_count <= spec.links_capacity);
    *ret_spec = spec;
    return true;
}

static void print_entry(const char *url, const struct link *links, size_t count,
                        struct text *text)
{
    assert(url != NULL && (links != NULL || count == 0));
    sim_json_print_field("{", "url", url, text);
    text_append(text, ",\"links\":[");
    for (size_t i = 0; i < count; i++) {
        text_append(text, i > 0 ? "," : "");
        sim_link_print(&links[i], text);
    }
    text_append(text, "]}");
}

const char *sim_spec_print(const struct sim_spec *spec, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, MESSAGE_BYTES_MAX);
    print_entry(spec->url, spec->links, spec->links_count, &text);
    return text.bytes;
}

void sim_links_print(const struct link *links, size_t count, struct text *text)
{
    print_entry("", links, count, text);
}

const char *sim_spec_key(const char *id, struct arena *arena)
{
    return arena_print(arena, SIM_SPEC_PREFIX "%s", id);
}

const char *sim_spec_renew(const char *bytes, size_t length, const char *url,
                           struct arena *arena)
{
    struct sim_spec spec = {.url = url};

    if (bytes != NULL && !sim_spec_read(bytes, length, arena, &spec)) {
        return NULL;
    }
    return sim_spec_print(&spec, arena);
}

bool sim_spec_has(const struct sim_spec *spec, const struct link *link, size_t hint)
{
    if (hint < spec->links_count && sim_link_is_equal(&spec->links[hint], link)) {
        return true;
    }
    for (size_t i = 0; i < spec->links_count; i++) {
        if (sim_link_is_equal(&spec->links[i], link)) {
            return true;
        }
    }
    return false;
}

void sim_spec_put(struct sim_spec *spec, const struct link *link, struct arena *arena)
{
    for (size_t i = 0; i < spec->links_count; i++) {
        if (sim_link_is_same_slot(&spec->links[i], link) &&
            strcmp(spec->links[i].target, link->target) == 0) {
            spec->links[i] = *link;
            return;
        }
    }
    spec->links = arena_grow(arena, spec->links, spec->links_count, &spec->links_capacity,
                             sizeof *spec->links);
    assert(spec->links_count < spec->links_capacity);
    spec->links[spec->links_count++] = *link;
}

void sim_spec_remove(struct sim_spec *spec, size_t i)
{
    assert(i < spec->links_count);

    spec->links[i] = spec->links[--spec->links_count];
}

const char *sim_links_without(const char *bytes, size_t length, const char *target,
                              const char *name, struct arena *arena)
{
    struct sim_spec spec;
    size_t kept = 0;

    if (!sim_spec_read(bytes, length, arena, &spec)) {
        return NULL;
    }
    for (size_t i = 0; i < spec.links_count; i++) {
        const struct link *link = &spec.links[i];

        if (strcmp(link->target, target) != 0 ||
            (name != NULL && strcmp(link->name, name) != 0)) {
            spec.links[kept++] = *link;
        }
    }
    assert(kept <= spec.links_count);
    if (kept == spec.links_count) {
        return NULL;
    }
    spec.links_count = kept;
    return sim_spec_print(&spec, arena);
}
