/*
 * From each valid manifest every key is deleted, renamed, replaced, and given values of
 * other kinds, one at a time.  Whatever that does to the meaning, nothing crashes, and
 * every finding has a place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/canon.h"
#include "manifest/decode.h"
#include "manifest/decode_merge.h"
#include "manifest/tree.h"
#include "manifest/validate.h"
#include "test/support_manifest.h"

#define VALUES_COUNT 4
#define TEXT_BYTES   ((size_t)1024 * 1024)

/* What became of the mutants of one manifest. */
struct tally {
    size_t mutants_count;
    size_t refused_count;
};

static void check_root(const struct tree_node *root, struct tally *tally)
{
    struct arena arena = {0};
    struct diags diags;
    struct decode decode = {.arena = &arena, .diags = &diags};
    struct oam_application application;
    struct text text;

    diags_init(&diags, &arena, "mutant");
    decode_application(&decode, root, &application);
    validate_application(&application, &diags);
    for (size_t i = 0; i < diags.count; i++) {
        assert_true(diags.items[i].span.start.line > 0);
        assert_true(diags.items[i].span.start.column > 0);
        assert_true(*diags.items[i].message != '\0');
    }
    if (diags.errors_count == 0) {
        decode_merge_links(&application, &arena);
        text_init(&text, &arena, TEXT_BYTES);
        canon_print(&application, &text);
    }
    tally->mutants_count++;
    tally->refused_count += diags.errors_count > 0;
    arena_free(&arena);
}

/* Check root with the pair at index of mapping changed in each way. */
static void mutate_pair(const struct tree_node *root, struct tree_node *mapping,
                        size_t index, struct tally *tally)
{
    static struct tree_node integer = {.kind = TREE_SCALAR,
                                       .text = "7",
                                       .length = 1,
                                       .is_plain = true,
                                       .span = {{1, 1}, {1, 2}}};
    static struct tree_node null = {
        .kind = TREE_SCALAR, .text = "", .is_plain = true, .span = {{1, 1}, {1, 1}}};
    static struct tree_node list = {.kind = TREE_SEQUENCE, .span = {{1, 1}, {1, 3}}};
    static struct tree_node map = {.kind = TREE_MAPPING, .span = {{1, 1}, {1, 3}}};
    struct tree_node *const values[VALUES_COUNT] = {&integer, &null, &list, &map};
    struct tree_node **items = mapping->items;
    struct tree_node *pair[2] = {items[index], items[index + 1]};
    const size_t last = mapping->count - 2;

    items[index] = items[last];
    items[index + 1] = items[last + 1];
    mapping->count -= 2;
    check_root(root, tally);
    mapping->count += 2;
    items[last] = items[index];
    items[last + 1] = items[index + 1];

    for (size_t i = 0; i < VALUES_COUNT; i++) {
        items[index] = pair[0];
        items[index + 1] = values[i];
        check_root(root, tally);
        items[index] = values[i];
        items[index + 1] = pair[1];
        check_root(root, tally);
    }
    items[index] = pair[0];
}

static void rename_key(const struct tree_node *root, struct tree_node *key,
                       struct tally *tally)
{
    const char *text = key->text;

    if (key->kind == TREE_SCALAR && key->length > 0) {
        key->text++;
        key->length--;
        check_root(root, tally);
        key->text = text;
        key->length++;
    }
}

// NOLINTNEXTLINE(misc-no-recursion): the depth is capped by TREE_DEPTH_MAX
static void mutate(const struct tree_node *root, struct tree_node *node,
                   struct tally *tally)
{
    if (node->kind == TREE_SCALAR) {
        return;
    }
    for (size_t i = 0; node->kind == TREE_MAPPING && i < node->count; i += 2) {
        mutate_pair(root, node, i, tally);
        rename_key(root, node->items[i], tally);
    }
    for (size_t i = 0; i < node->count; i++) {
        mutate(root, node->items[i], tally);
    }
}

static void test_mutants(void **state)
{
    struct arena arena = {0};
    struct tally tally = {0};
    struct tree_documents documents;
    struct diags diags;
    size_t length;
    const char *text = support_file_read(*state, &arena, &length);

    diags_init(&diags, &arena, *state);
    assert_true(tree_read(text, length, &arena, &diags, &documents));
    for (size_t i = 0; i < documents.count; i++) {
        mutate(documents.roots[i], documents.roots[i], &tally);
        check_root(documents.roots[i], &tally);
    }
    assert_true(tally.refused_count > tally.mutants_count / 4);
    assert_true(tally.refused_count < tally.mutants_count);
    arena_free(&arena);
}

int main(void)
{
    struct arena arena = {0};
    size_t count;
    char **paths =
        support_folder_list("fixtures/manifests/valid", ".yaml", &arena, &count);
    struct CMUnitTest *tests = arena_array(&arena, count, sizeof *tests);
    int failed;

    for (size_t i = 0; i < count; i++) {
        tests[i] = (struct CMUnitTest){
            .name = arena_print(&arena, "no mutant of %s crashes", paths[i]),
            .test_func = test_mutants,
            .initial_state = paths[i],
        };
    }
    failed = _cmocka_run_group_tests("mutation", tests, count, NULL, NULL);
    arena_free(&arena);
    return failed;
}
