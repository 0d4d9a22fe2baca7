#include "reconciler/sim/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* number of RFC 8259: what YAML takes for one is more. */
static bool is_number(const char *text)
{
    const char *at = text + (*text == '-' ? 1 : 0);
    const size_t whole = strspn(at, "0123456789");

    if (whole == 0 || (at[0] == '0' && whole > 1)) {
        return false;
    }
    at += whole;
    if (*at == '.') {
        const size_t fraction = strspn(at + 1, "0123456789");

        if (fraction == 0) {
            return false;
        }
        at += 1 + fraction;
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        if (*at == '\0') {
            return false;
        }
        at += strspn(at, "0123456789");
    }
    return *at == '\0';
}

static bool is_scalar(const struct tree_node *node)
{
    assert(node->kind == TREE_SCALAR);
    if (!node->is_plain) {
        return node->is_double_quoted;
    }
    return strcmp(node->text, "null") == 0 || strcmp(node->text, "true") == 0 ||
           strcmp(node->text, "false") == 0 || is_number(node->text);
}

static bool is_string(const struct tree_node *node)
{
    return node->kind == TREE_SCALAR && node->is_double_quoted;
}

static bool is_null(const struct tree_node *node)
{
    return node->kind == TREE_SCALAR && node->is_plain && strcmp(node->text, "null") == 0;
}

/* Says the tree nothing that JSON could not have said? */
// NOLINTNEXTLINE(misc-no-recursion): depth is capped by TREE_DEPTH_MAX
static bool is_json(const struct tree_node *node)
{
    if (node->tag != TREE_TAG_NONE) {
        return false;
    }
    if (node->kind == TREE_SCALAR) {
        return is_scalar(node);
    }
    for (size_t i = 0; i < node->count; i++) {
        const bool is_key = node->kind == TREE_MAPPING && i % 2 == 0;

        if (is_key ? !is_string(node->items[i]) : !is_json(node->items[i])) {
            return false;
        }
    }
    return true;
}

const struct tree_node *sim_json_read(const char *bytes, size_t length,
                                      struct arena *arena)
{
    struct diags diags;
    struct tree_documents documents = {0};

    assert(bytes != NULL || length == 0);
    diags_init(&diags, arena, "");
    if (length == 0 || !tree_read(bytes, length, arena, &diags, &documents)) {
        return NULL;
    }
    if (documents.count != 1 || !is_json(documents.roots[0])) {
        return NULL;
    }
    return documents.roots[0];
}

/* A whole number up to max. */
static bool read_number(const struct tree_node *node, uint64_t max, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (node->kind != TREE_SCALAR || !node->is_plain || node->length == 0 ||
        (node->text[0] == '0' && node->length > 1)) {
        return false;
    }
    for (const char *at = node->text; *at != '\0'; at++) {
        const uint64_t digit = (uint64_t)(*at - '0');

        if (*at < '0' || *at > '9' || number > (max - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

static bool read_names(const struct tree_node *node, struct arena *arena,
                       struct names *ret_names)
{
    const char **items;

    if (node->kind != TREE_SEQUENCE) {
        return false;
    }
    items = arena_array(arena, node->count, sizeof *items);
    for (size_t i = 0; i < node->count; i++) {
        if (!is_string(node->items[i])) {
            return false;
        }
        items[i] = node->items[i]->text;
    }
    *ret_names = (struct names){.items = items, .count = node->count};
    return true;
}

static int compare_keys(const void *a, const void *b)
{
    const struct property *left = a;
    const struct property *right = b;

    return strcmp(left->key, right->key);
}

bool sim_json_decode_map(const struct tree_node *object, struct arena *arena,
                         struct properties *ret_map)
{
    struct property *items;
    size_t count;

    if (object->kind != TREE_MAPPING) {
        return false;
    }
    assert(object->count % 2 == 0);
    count = object->count / 2;
    items = arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        if (!is_string(object->items[2 * i + 1])) {
            return false;
        }
        items[i].key = object->items[2 * i]->text;
        items[i].value = object->items[2 * i + 1]->text;
    }
    qsort(items, count, sizeof *items, compare_keys);
    *ret_map = (struct properties){.items = items, .count = count};
    return true;
}

bool sim_json_read_map(const char *bytes, size_t length, struct arena *arena,
                       struct properties *ret_map)
{
    const struct tree_node *root = sim_json_read(bytes, length, arena);

    return root != NULL && sim_json_decode_map(root, arena, ret_map);
}

static bool read_bool(const struct tree_node *node, bool *ret_bool)
{
    if (node->kind != TREE_SCALAR || !node->is_plain ||
        (strcmp(node->text, "true") != 0 && strcmp(node->text, "false") != 0)) {
        return false;
    }
    *ret_bool = node->text[0] == 't';
    return true;
}

/* Put one value where it belongs; false when it is of another type. */
static bool store(const struct tree_node *node, enum sim_field_kind kind,
                  struct arena *arena, void *place)
{
    uint64_t number;

    assert(place != NULL);
    switch (kind) {
    case SIM_FIELD_TEXT:
        if (is_string(node)) {
            *(const char **)place = node->text;
        }
        return is_string(node);
    case SIM_FIELD_U32:
        if (!read_number(node, UINT32_MAX, &number)) {
            return false;
        }
        *(uint32_t *)place = (uint32_t)number;
        return true;
    case SIM_FIELD_U64:
        return read_number(node, UINT64_MAX, place);
    case SIM_FIELD_BOOL:
        return read_bool(node, place);
    case SIM_FIELD_NAMES:
        return read_names(node, arena, place);
    case SIM_FIELD_MAP:
        return sim_json_decode_map(node, arena, place);
    }
    abort();
}

/* The value of field; *ret_is_twice where its other name is there as well. */
static const struct tree_node *find_value(const struct tree_node *object,
                                          const struct sim_field *fields, size_t i,
                                          bool *ret_is_twice)
{
    const struct tree_node *value = tree_find(object, fields[i].name);

    *ret_is_twice = value != NULL && i > 0 && fields[i - 1].offset == fields[i].offset &&
                    tree_find(object, fields[i - 1].name) != NULL;
    return value;
}

bool sim_json_decode(const struct tree_node *object, const struct sim_field *fields,
                     size_t fields_count, struct arena *arena, void *record)
{
    assert(fields_count > 0 && record != NULL);
    if (object->kind != TREE_MAPPING) {
        return false;
    }
    for (size_t i = 0; i < fields_count; i++) {
        const struct sim_field *field = &fields[i];
        bool is_twice;
        const struct tree_node *value = find_value(object, fields, i, &is_twice);

        if (is_twice || (value == NULL && field->need == SIM_REQUIRED)) {
            return false;
        }
        if (value == NULL || (field->need == SIM_NULLABLE && is_null(value))) {
            continue;
        }
        if (!store(value, field->kind, arena, (char *)record + field->offset)) {
            return false;
        }
    }
    return true;
}
