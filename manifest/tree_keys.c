#include "manifest/tree_keys.h"

#include <stdlib.h>
#include <string.h>

/* Up to here, comparing every key with every other is quicker than sorting. */
#define FEW_KEYS ((size_t)8)

static bool is_same_key(const struct tree_node *a, const struct tree_node *b)
{
    return a->kind == TREE_SCALAR && b->kind == TREE_SCALAR && a->length == b->length &&
           memcmp(a->text, b->text, a->length) == 0;
}

/* Scalars by text, then by place; before everything else. */
static int compare_keys(const void *left, const void *right)
{
    const struct tree_node *a = *(struct tree_node *const *)left;
    const struct tree_node *b = *(struct tree_node *const *)right;
    int order;

    if (a->kind != TREE_SCALAR || b->kind != TREE_SCALAR) {
        return (a->kind != TREE_SCALAR) - (b->kind != TREE_SCALAR);
    }
    order = strcmp(a->text, b->text);
    if (order != 0) {
        return order;
    }
    if (a->span.start.line != b->span.start.line) {
        return a->span.start.line < b->span.start.line ? -1 : 1;
    }
    return (a->span.start.column > b->span.start.column) -
           (a->span.start.column < b->span.start.column);
}

static void report(const struct tree_node *first, const struct tree_node *key,
                   struct arena *scratch, struct diags *diags)
{
    if (diags_drop(diags, DIAG_ERROR)) {
        return;
    }
    diags_add(diags, DIAG_ERROR, "duplicate-key", &key->span,
              "key %s is given twice: expected it once", diag_quoted(key->text, scratch));
    diags_relate(diags, NULL, &first->span, "it is given first here");
}

static void check_few(const struct tree_node *mapping, struct arena *scratch,
                      struct diags *diags)
{
    for (size_t i = 2; i < mapping->count; i += 2) {
        size_t first = 0;

        while (first < i && !is_same_key(mapping->items[first], mapping->items[i])) {
            first += 2;
        }
        if (first < i) {
            report(mapping->items[first], mapping->items[i], scratch, diags);
        }
    }
}

static void check_many(const struct tree_node *mapping, struct arena *scratch,
                       struct diags *diags)
{
    const size_t count = mapping->count / 2;
    struct tree_node **keys = arena_array(scratch, count, sizeof(struct tree_node *));
    size_t first = 0;

    for (size_t i = 0; i < count; i++) {
        keys[i] = mapping->items[2 * i];
    }
    qsort(keys, count, sizeof(struct tree_node *), compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (is_same_key(keys[first], keys[i])) {
            report(keys[first], keys[i], scratch, diags);
        } else {
            first = i;
        }
    }
}

void tree_keys_check(const struct tree_node *mapping, struct arena *scratch,
                     struct diags *diags)
{
    if (mapping->count / 2 <= FEW_KEYS) {
        check_few(mapping, scratch, diags);
    } else {
        check_many(mapping, scratch, diags);
    }
}
