#include "linkstore/desired.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/decode_redeliver.h"

int names_compare(const struct names *a, const struct names *b)
{
    const size_t shared = a->count < b->count ? a->count : b->count;

    for (size_t i = 0; i < shared; i++) {
        const int order = strcmp(a->items[i], b->items[i]);

        if (order != 0) {
            return order;
        }
    }
    return (a->count > b->count) - (a->count < b->count);
}

static int compare_slots(const struct link *a, const struct link *b)
{
    int order = strcmp(a->source_id, b->source_id);

    if (order == 0) {
        order = strcmp(a->wit_namespace, b->wit_namespace);
    }
    if (order == 0) {
        order = strcmp(a->wit_package, b->wit_package);
    }
    return order != 0 ? order : strcmp(a->name, b->name);
}

int link_compare(const struct link *a, const struct link *b)
{
    const int order = compare_slots(a, b);

    return order != 0 ? order : strcmp(a->target, b->target);
}

bool link_is_equal(const struct link *a, const struct link *b)
{
    return link_compare(a, b) == 0 &&
           names_compare(&a->interfaces, &b->interfaces) == 0 &&
           names_compare(&a->source_config, &b->source_config) == 0 &&
           names_compare(&a->target_config, &b->target_config) == 0;
}

bool link_is_same_slot(const struct link *a, const struct link *b)
{
    return compare_slots(a, b) == 0;
}

/* Both sorted: one pass over the two. */
static bool have_common_name(const struct names *a, const struct names *b)
{
    size_t i = 0;
    size_t k = 0;

    while (i < a->count && k < b->count) {
        const int order = strcmp(a->items[i], b->items[k]);

        if (order == 0) {
            return true;
        }
        i += order < 0;
        k += order > 0;
    }
    return false;
}

bool link_is_conflict(const struct link *a, const struct link *b)
{
    return link_is_same_slot(a, b) && strcmp(a->target, b->target) != 0 &&
           have_common_name(&a->interfaces, &b->interfaces);
}

bool properties_are_equal(const struct properties *a, const struct properties *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        if (strcmp(a->items[i].key, b->items[i].key) != 0 ||
            strcmp(a->items[i].value, b->items[i].value) != 0) {
            return false;
        }
    }
    return a->count == b->count;
}

struct properties properties_copy(const struct properties *properties,
                                  struct arena *arena)
{
    struct property *items = arena_array(arena, properties->count, sizeof *items);

    for (size_t i = 0; i < properties->count; i++) {
        items[i].key = arena_copy(arena, properties->items[i].key);
        items[i].value = arena_copy(arena, properties->items[i].value);
    }
    return (struct properties){items, properties->count};
}

struct names names_copy(const struct names *names, struct arena *arena)
{
    const char **items = arena_array(arena, names->count, sizeof *items);

    for (size_t i = 0; i < names->count; i++) {
        items[i] = arena_copy(arena, names->items[i]);
    }
    return (struct names){.items = items, .count = names->count};
}

struct link link_copy(const struct link *link, struct arena *arena)
{
    return (struct link){
        .source_id = arena_copy(arena, link->source_id),
        .target = arena_copy(arena, link->target),
        .name = arena_copy(arena, link->name),
        .wit_namespace = arena_copy(arena, link->wit_namespace),
        .wit_package = arena_copy(arena, link->wit_package),
        .interfaces = names_copy(&link->interfaces, arena),
        .source_config = names_copy(&link->source_config, arena),
        .target_config = names_copy(&link->target_config, arena),
    };
}

void names_print(const struct names *names, struct text *text)
{
    text_append(text, "[");
    for (size_t i = 0; i < names->count; i++) {
        if (i > 0) {
            text_append(text, ",");
        }
        text_append_json(text, names->items[i]);
    }
    text_append(text, "]");
}

const char *desired_content(const struct properties *properties, struct arena *arena)
{
    struct arena scratch = {0};
    struct text text;
    const char *content;

    /* As long as the map it is made of, which was bounded where it came in. */
    text_init(&text, &scratch, SIZE_MAX / 2);
    text_append(&text, "{");
    for (size_t i = 0; i < properties->count; i++) {
        const struct property *property = &properties->items[i];

        assert(i == 0 || strcmp(property[-1].key, property->key) < 0);
        if (i > 0) {
            text_append(&text, ",");
        }
        text_append_json(&text, property->key);
        text_append(&text, ":");
        text_append_json(&text, property->value);
    }
    text_append(&text, "}");
    content = arena_text(arena, text.bytes, text.count);
    arena_free(&scratch);
    return content;
}

const char *workload_kind_name(enum workload_kind kind)
{
    switch (kind) {
    case WORKLOAD_COMPONENT:
        return "component";
    case WORKLOAD_PROVIDER:
        return "provider";
    }
    abort();
}

const char *shared_state_name(enum shared_state state)
{
    switch (state) {
    case SHARED_ABSENT:
        return "absent";
    case SHARED_CLOSED:
        return "closed";
    case SHARED_UNKNOWN:
        return "unknown";
    case SHARED_THERE:
        return "there";
    }
    abort();
}

const struct shared_row *shared_missing(const struct link_row *row)
{
    if (row->source_shared != NULL && row->source_shared->state != SHARED_THERE) {
        return row->source_shared;
    }
    return row->target_shared != NULL && row->target_shared->state != SHARED_THERE
               ? row->target_shared
               : NULL;
}

const struct shared_row *shared_find(const struct shared_row *rows, size_t count,
                                     const char *component)
{
    size_t low = 0;
    size_t high = count;

    while (component != NULL && low < high) {
        const size_t middle = low + (high - low) / 2;
        const int order = strcmp(rows[middle].component, component);

        if (order == 0) {
            return &rows[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static void print_names(const char *title, const struct names *names, struct text *text)
{
    if (names->count > 0) {
        text_append(text, " %s ", title);
        names_print(names, text);
    }
}

static void print_origin(const struct origin *origin, struct text *text)
{
    text_append(text, "  # %s:%u:%u\n", origin->source, (unsigned)origin->place.line,
                (unsigned)origin->place.column);
}

const struct spread_row spread_default = {.name = "default", .weight = 100};

bool desired_spreads_are_equal(const struct workload_row *a, const struct workload_row *b)
{
    for (size_t i = 0; i < a->spreads_count && i < b->spreads_count; i++) {
        if (strcmp(a->spreads[i].name, b->spreads[i].name) != 0 ||
            a->spreads[i].weight != b->spreads[i].weight ||
            !properties_are_equal(&a->spreads[i].requirements,
                                  &b->spreads[i].requirements)) {
            return false;
        }
    }
    return a->spreads_count == b->spreads_count;
}

static void print_link(const struct link_row *row, struct text *text)
{
    const struct link *link = &row->link;

    text_append(text, "link %s -[%s %s:%s/", link->source_id, link->name,
                link->wit_namespace, link->wit_package);
    for (size_t i = 0; i < link->interfaces.count; i++) {
        text_append(text, "%s%s", i > 0 ? "," : "", link->interfaces.items[i]);
    }
    text_append(text, "]-> %s", link->target);
    print_names("source-config", &link->source_config, text);
    print_names("target-config", &link->target_config, text);
    text_append(text, " scaler %s", row->scaler_id);
    print_origin(&row->origin, text);
}

static void print_spread(const struct spread_row *spread, bool has_others,
                         struct text *text)
{
    text_append(text, " %s", spread->name);
    if (has_others) {
        text_append(text, " x%u", (unsigned)spread->weight);
    }
    for (size_t i = 0; i < spread->requirements.count; i++) {
        const struct property *property = &spread->requirements.items[i];

        text_append(text, "%s%s=%s", i == 0 ? "(" : ",", property->key, property->value);
    }
    text_append(text, spread->requirements.count > 0 ? ")" : "");
}

static void print_workload(const struct workload_row *row, struct text *text)
{
    text_append(text, "%s %s %s, %u%s in", workload_kind_name(row->kind), row->id,
                row->image, (unsigned)row->instances, row->is_daemon ? " a host" : "");
    for (size_t i = 0; i < row->spreads_count; i++) {
        print_spread(&row->spreads[i], row->spreads_count > 1, text);
    }
    print_names("config", &row->configs, text);
    text_append(text, " scaler %s", row->scaler_id);
    print_origin(&row->origin, text);
}

static void print_shared(const struct shared_row *row, struct text *text)
{
    text_append(text, "shared %s: %s %s of %s, id %s, %s", row->component,
                workload_kind_name(row->kind), row->name, row->application, row->id,
                shared_state_name(row->state));
    print_origin(&row->origin, text);
}

void desired_print(const struct desired *desired, struct text *text)
{
    text_append(text, "application %s %s", desired->application, desired->version);
    if (desired->is_rebalancing) {
        text_append(text, " rebalance");
    }
    if (desired->redeliver != REDELIVER_AUTO) {
        text_append(text, " redeliver %s", decode_redeliver_word(desired->redeliver));
    }
    text_append(text, desired->is_shared ? " shared\n" : "\n");
    for (size_t i = 0; i < desired->configs_count; i++) {
        text_append(text, "config %s", desired->configs[i].name);
        print_origin(&desired->configs[i].origin, text);
    }
    for (size_t i = 0; i < desired->links_count; i++) {
        print_link(&desired->links[i], text);
    }
    for (size_t i = 0; i < desired->workloads_count; i++) {
        print_workload(&desired->workloads[i], text);
    }
    for (size_t i = 0; i < desired->shared_count; i++) {
        print_shared(&desired->shared[i], text);
    }
}
