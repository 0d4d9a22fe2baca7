#include "manifest/decode_shape.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"

#define EXPECTED_BYTES_MAX ((size_t)512)

/* What was expected where node stands; NULL when node is that. */
typedef const char *find_fault(const struct tree_node *node);

static bool is_null(const struct tree_node *node)
{
    return node->kind == TREE_SCALAR && tree_scalar_type(node) == TREE_NULL;
}

bool decode_is_given(const struct tree_node *node)
{
    return node != NULL && !is_null(node);
}

/* What node is, for a message, without what may be secret: the text of a scalar. */
static const char *describe_type(const struct tree_node *node)
{
    if (node->kind != TREE_SCALAR) {
        return node->kind == TREE_MAPPING ? "a mapping" : "a list";
    }
    if (node->length == 0) {
        return "empty";
    }
    switch (tree_scalar_type(node)) {
    case TREE_NULL:
        return "null";
    case TREE_STRING:
        return "a text";
    case TREE_INTEGER:
        return "an integer";
    case TREE_FLOAT:
        return "a float";
    case TREE_BOOL:
        return "a bool";
    }
    abort();
}

/* The same with the text. */
static const char *describe(struct decode *decode, const struct tree_node *node)
{
    const char *type = describe_type(node);

    if (node->kind != TREE_SCALAR || node->length == 0 || is_null(node)) {
        return type;
    }
    return arena_print(decode->arena, "the%s %s", strchr(type, ' '),
                       diag_quoted(node->text, decode->arena));
}

void decode_wrong_type(struct decode *decode, const struct tree_node *node,
                       const char *what, const char *expected)
{
    if (diags_drop(decode->diags, DIAG_ERROR)) {
        return;
    }
    diags_add(decode->diags, DIAG_ERROR, "wrong-type", &node->span,
              "%s is %s: expected %s", what, describe(decode, node), expected);
}

const char *decode_expected(struct decode *decode, const char *word,
                            const char *const *candidates, size_t count)
{
    const char *near = diag_near(word, candidates, count);
    struct text expected;

    assert(count > 0);

    if (near != NULL) {
        return arena_print(decode->arena, "did you mean '%s'?", near);
    }
    text_init(&expected, decode->arena, EXPECTED_BYTES_MAX);
    text_append(&expected, "expected ");
    for (size_t i = 0; i < count; i++) {
        text_append(&expected, "%s'%s'",
                    i == 0          ? ""
                    : i < count - 1 ? ", "
                                    : " or ",
                    candidates[i]);
    }
    return expected.bytes;
}

/* What should be there instead of key. */
static const char *advise(struct decode *decode, const char *key,
                          const struct decode_shape *shape)
{
    const char *advice = shape->advise != NULL ? shape->advise(key) : NULL;
    const char *names[DECODE_KEYS_MAX];
    size_t count = 0;

    if (strcmp(key, "<<") == 0) {
        return "merge keys are not applied, write the keys out";
    }
    if (advice != NULL) {
        return advice;
    }
    for (size_t i = 0; i < shape->keys_count; i++) {
        if (shape->keys[i].old == NULL) {
            names[count++] = shape->keys[i].name;
        }
    }
    return decode_expected(decode, key, names, count);
}

static void report_unknown(struct decode *decode, const struct tree_node *key,
                           const struct decode_shape *shape)
{
    if (diags_drop(decode->diags, shape->unknown)) {
        return;
    }
    diags_add(decode->diags, shape->unknown, "unknown-key", &key->span,
              "unknown key %s in %s%s: %s", diag_quoted(key->text, decode->arena),
              shape->what, shape->unknown == DIAG_WARNING ? ", ignored" : "",
              advise(decode, key->text, shape));
}

static void report_old(struct decode *decode, const struct tree_node *key,
                       const struct decode_shape *shape, const char *expected)
{
    diags_add(decode->diags, shape->unknown, "old-key", &key->span,
              "'%s' is no key of %s since wasmCloud 1.0: expected %s", key->text,
              shape->what, expected);
}

static size_t index_of_key(const struct decode_shape *shape, const char *name)
{
    size_t i = 0;

    while (i < shape->keys_count && (shape->keys[i].name[0] != name[0] ||
                                     strcmp(shape->keys[i].name, name) != 0)) {
        i++;
    }
    return i;
}

static void report_missing(struct decode *decode, const struct tree_node *node,
                           const struct decode_shape *shape,
                           const struct tree_node *const *values)
{
    for (size_t i = 0; i < shape->keys_count; i++) {
        if (values[i] == NULL && shape->keys[i].required != NULL) {
            diags_add(decode->diags, DIAG_ERROR, "missing-key", &node->span,
                      "%s has no '%s': expected %s", shape->what, shape->keys[i].name,
                      shape->keys[i].required);
        }
    }
}

bool decode_object(struct decode *decode, const struct tree_node *node,
                   const struct decode_shape *shape,
                   const struct tree_node *values[static DECODE_KEYS_MAX])
{
    assert(shape->keys_count <= DECODE_KEYS_MAX);

    for (size_t i = 0; i < DECODE_KEYS_MAX; i++) {
        values[i] = NULL;
    }
    if (node == NULL) {
        return false;
    }
    if (node->kind != TREE_MAPPING) {
        decode_wrong_type(decode, node, shape->what, "a mapping");
        return false;
    }
    for (size_t i = 0; i < node->count; i += 2) {
        const struct tree_node *key = node->items[i];
        size_t index;

        if (key->kind != TREE_SCALAR) {
            decode_wrong_type(decode, key, "a key", "a string");
            continue;
        }
        index = index_of_key(shape, key->text);
        if (index == shape->keys_count) {
            report_unknown(decode, key, shape);
        } else if (shape->keys[index].old != NULL) {
            report_old(decode, key, shape, shape->keys[index].old);
        } else {
            values[index] = node->items[i + 1];
        }
    }
    report_missing(decode, node, shape, values);
    return true;
}

static const char *string_fault(const struct tree_node *node)
{
    if (node->kind != TREE_SCALAR || is_null(node)) {
        return "a string";
    }
    if (node->tag == TREE_TAG_OTHER) {
        return "a string without a tag of its own";
    }
    if (tree_scalar_type(node) != TREE_STRING) {
        return "a string, write it in quotes";
    }
    return NULL;
}

static const char *text_fault(const struct tree_node *node)
{
    return node->kind == TREE_SCALAR ? NULL : "a string";
}

static const char *read_scalar(struct decode *decode, const struct tree_node *node,
                               const char *what, find_fault *find)
{
    const char *fault;

    if (node == NULL) {
        return NULL;
    }
    fault = find(node);
    if (fault != NULL) {
        decode_wrong_type(decode, node, what, fault);
        return NULL;
    }
    return node->text;
}

const char *decode_string(struct decode *decode, const struct tree_node *node,
                          const char *what)
{
    return read_scalar(decode, node, what, string_fault);
}

const char *decode_text(struct decode *decode, const struct tree_node *node,
                        const char *what)
{
    return read_scalar(decode, node, what, text_fault);
}

/* Count the items of node; false when they are too many, which is reported once. */
static bool count_items(struct decode *decode, const struct tree_node *node)
{
    const bool was_within = decode->items_count <= ITEMS_MAX;

    decode->items_count += node->count;
    if (decode->items_count <= ITEMS_MAX) {
        return true;
    }
    if (was_within) {
        diags_add(decode->diags, DIAG_ERROR, "limit", &node->span,
                  "%zu items in lists so far: expected at most %d in one application",
                  decode->items_count, ITEMS_MAX);
    }
    return false;
}

size_t decode_list(struct decode *decode, const struct tree_node *node, const char *what)
{
    if (node == NULL) {
        return 0;
    }
    if (node->kind != TREE_SEQUENCE) {
        decode_wrong_type(decode, node, what, "a list");
        return 0;
    }
    return count_items(decode, node) ? node->count : 0;
}

/* Whether node is null, which is reported as the empty value it is taken for. */
static bool is_empty(struct decode *decode, const struct tree_node *node,
                     const char *what)
{
    if (node == NULL || !is_null(node)) {
        return false;
    }
    diags_add(decode->diags, DIAG_WARNING, "empty-value", &node->span,
              "%s has no value and is taken as empty: expected one, or no such key",
              what);
    return true;
}

size_t decode_list_or_null(struct decode *decode, const struct tree_node *node,
                           const char *what)
{
    return is_empty(decode, node, what) ? 0 : decode_list(decode, node, what);
}

static int compare_properties(const void *left, const void *right)
{
    const struct property *a = left;
    const struct property *b = right;

    return strcmp(a->key, b->key);
}

/* A property, or all of them: there may be passwords in there. */
static void report_property(struct decode *decode, const struct tree_node *node,
                            const char *what, const char *expected)
{
    diags_add(decode->diags, DIAG_ERROR, "wrong-type", &node->span,
              "%s is %s: expected %s", what, describe_type(node), expected);
}

/* Whether a key and its value are both as find wants them. */
static bool check_pair(struct decode *decode, const struct tree_node *key,
                       const struct tree_node *value, find_fault *find)
{
    const char *key_fault = find(key);
    const char *value_fault = find(value);

    if (key_fault != NULL) {
        decode_wrong_type(decode, key, "a key", key_fault);
    }
    if (value_fault != NULL) {
        report_property(decode, value,
                        key->kind == TREE_SCALAR ? diag_quoted(key->text, decode->arena)
                                                 : "a value",
                        value_fault);
    }
    return key_fault == NULL && value_fault == NULL;
}

static struct properties read_map(struct decode *decode, const struct tree_node *node,
                                  const char *what, find_fault *find)
{
    struct property *items;
    size_t count = 0;

    if (node == NULL) {
        return (struct properties){0};
    }
    if (node->kind != TREE_MAPPING) {
        report_property(decode, node, what, "a mapping of strings");
        return (struct properties){0};
    }
    if (node->count / 2 > PROPERTIES_MAX) {
        diags_add(decode->diags, DIAG_ERROR, "limit", &node->span,
                  "%s has %u entries: expected at most %d", what, node->count / 2,
                  PROPERTIES_MAX);
        return (struct properties){0};
    }
    items = arena_array(decode->arena, node->count / 2, sizeof *items);
    for (size_t i = 0; i < node->count; i += 2) {
        const struct tree_node *key = node->items[i];
        const struct tree_node *value = node->items[i + 1];

        if (check_pair(decode, key, value, find)) {
            items[count++] = (struct property){.key = key->text, .value = value->text};
        }
    }
    if (count > 0) {
        qsort(items, count, sizeof *items, compare_properties);
    }
    return (struct properties){.items = items, .count = count};
}

struct properties decode_string_map(struct decode *decode, const struct tree_node *node,
                                    const char *what)
{
    return read_map(decode, node, what, string_fault);
}

struct properties decode_text_map(struct decode *decode, const struct tree_node *node,
                                  const char *what)
{
    if (is_empty(decode, node, what)) {
        return (struct properties){0};
    }
    return read_map(decode, node, what, text_fault);
}
