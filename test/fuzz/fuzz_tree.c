/*
 * Any bytes are refused with a place, or become a tree: its nodes stand in the text, in
 * their order, inside of their parents, and every scalar is of one type.
 */
#include <stdlib.h>
#include <string.h>

#include "manifest/limits.h"
#include "manifest/tree.h"
#include "test/fuzz/fuzz.h"

/* Of a text full of aliases, only so many nodes are looked at. */
#define VISITS_MAX ((size_t)20000)

static void require(bool is_so)
{
    if (!is_so) {
        abort();
    }
}

static bool is_ordered(const struct place *first, const struct place *second)
{
    return first->line < second->line ||
           (first->line == second->line && first->column <= second->column);
}

static void check_span(const struct span *span)
{
    require(span->start.line > 0 && span->start.column > 0);
    require(is_ordered(&span->start, &span->end));
}

static void check_scalar(const struct tree_node *scalar)
{
    uint64_t value;

    require(strlen(scalar->text) == scalar->length);
    if (tree_scalar_u64(scalar, &value)) {
        require(tree_scalar_type(scalar) == TREE_INTEGER);
    }
    if (!scalar->is_plain && scalar->tag == TREE_TAG_NONE) {
        require(tree_scalar_type(scalar) == TREE_STRING);
    }
}

// NOLINTNEXTLINE(misc-no-recursion): the depth is capped by TREE_DEPTH_MAX
static void check_node(const struct tree_node *node, size_t depth, size_t *visits)
{
    require(depth <= TREE_DEPTH_MAX);
    check_span(&node->span);
    if (node->kind == TREE_SCALAR) {
        check_scalar(node);
        return;
    }
    require(node->kind == TREE_SEQUENCE || node->count % 2 == 0);
    for (size_t i = 0; i < node->count && *visits < VISITS_MAX; i++) {
        const struct tree_node *item = node->items[i];

        /* An alias stands for what is before it. */
        require(!is_ordered(&node->span.start, &item->span.start) ||
                is_ordered(&item->span.end, &node->span.end));
        (*visits)++;
        check_node(item, depth + 1, visits);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct tree_documents documents;
    struct diags diags;
    size_t visits = 0;

    diags_init(&diags, &arena, "fuzz");
    if (tree_read((const char *)data, size, &arena, &diags, &documents)) {
        require(diags.count == 0);
    } else {
        require(diags.errors_count > 0 && diags.count > 0);
    }
    for (size_t i = 0; i < diags.count; i++) {
        check_span(&diags.items[i].span);
        require(*diags.items[i].message != '\0');
    }
    for (size_t i = 0; i < documents.count; i++) {
        check_node(documents.roots[i], 0, &visits);
    }
    arena_free(&arena);
    return 0;
}
