/*
 * From each valid manifest every key is deleted, renamed, replaced, given twice, and
 * given values of other kinds, one at a time.  Nothing crashes, every finding has a
 * place, and what is refused is refused for something in the mapping of that key, or for
 * a name that stands elsewhere and has lost what it means.
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
#include "manifest/tree_keys.h"
#include "manifest/validate.h"
#include "test/support_manifest.h"

#define TEXT_BYTES ((size_t)1024 * 1024)

/* What became of the mutants of one manifest. */
struct tally {
    size_t mutants_count;
    size_t refused_count;
};

/* A document, and the mapping in it that is being changed. */
struct mutant {
    const struct tree_node *root;
    struct tree_node *mapping;
    struct tally *tally;
};

static bool is_ordered(struct place first, struct place second)
{
    return first.line < second.line ||
           (first.line == second.line && first.column <= second.column);
}

static bool is_within(const struct span *outer, const struct span *inner)
{
    return is_ordered(outer->start, inner->start) && is_ordered(inner->end, outer->end);
}

/* Rules about a name, which stands elsewhere than what it stands for. */
static bool is_about_name(const char *rule)
{
    static const char *const rules[] = {"unknown-target", "unknown-policy",
                                        "policy-backend", "not-secret-policy"};

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strcmp(rules[i], rule) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether diag is in the mapping, or about what it is a part of, here or as related. */
static bool is_near(const struct diag *diag, const struct span *mapping)
{
    return is_within(mapping, &diag->span) || is_within(&diag->span, mapping) ||
           (diag->note != NULL && is_within(&diag->note_span, mapping));
}

/* What is refused is so in the mapping, in relation to it, or because of a name. */
static void check_places(const struct mutant *mutant, const struct diags *diags)
{
    const struct diag *elsewhere = NULL;
    bool is_placed = false;

    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];

        assert_true(diag->span.start.line > 0 && diag->span.start.column > 0);
        assert_true(is_ordered(diag->span.start, diag->span.end));
        assert_true(*diag->message != '\0');
        if (diag->severity != DIAG_ERROR) {
            continue;
        }
        if (mutant->mapping == NULL || is_near(diag, &mutant->mapping->span)) {
            is_placed = true;
        } else if (!is_about_name(diag->rule)) {
            elsewhere = diag;
        }
    }
    if (!is_placed && elsewhere != NULL) {
        fail_msg("a change in %u:%u to %u:%u is refused at %u:%u only: %s",
                 mutant->mapping->span.start.line, mutant->mapping->span.start.column,
                 mutant->mapping->span.end.line, mutant->mapping->span.end.column,
                 elsewhere->span.start.line, elsewhere->span.start.column,
                 elsewhere->message);
    }
}

static void check_mutant(const struct mutant *mutant)
{
    struct arena arena = {0};
    struct diags diags;
    struct decode decode = {.arena = &arena, .diags = &diags};
    struct oam_application application;
    struct text text;

    diags_init(&diags, &arena, "mutant");
    if (mutant->mapping != NULL) {
        tree_keys_check(mutant->mapping, &arena, &diags);
    }
    decode_application(&decode, mutant->root, &application);
    validate_application(&application, &diags);
    check_places(mutant, &diags);
    if (diags.errors_count == 0) {
        decode_merge_links(&application, &arena);
        text_init(&text, &arena, TEXT_BYTES);
        canon_print(&application, &text);
    }
    mutant->tally->mutants_count++;
    mutant->tally->refused_count += diags.errors_count > 0;
    arena_free(&arena);
}

/* Put a value of each kind where the node at slot stands, in its place. */
static void retype(const struct mutant *mutant, struct tree_node **slot)
{
    struct tree_node values[] = {
        {.kind = TREE_SCALAR, .text = "7", .length = 1, .is_plain = true},
        {.kind = TREE_SCALAR, .text = "", .is_plain = true},
        {.kind = TREE_SCALAR, .text = "other", .length = 5},
        {.kind = TREE_SEQUENCE},
        {.kind = TREE_MAPPING},
    };
    struct tree_node *original = *slot;

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        /* An alias stands elsewhere. */
        values[i].span = is_within(&mutant->mapping->span, &original->span)
                             ? original->span
                             : mutant->mapping->span;
        *slot = &values[i];
        check_mutant(mutant);
    }
    *slot = original;
}

/* The pair at index goes; its place is taken by the last one for a while. */
static void delete_pair(const struct mutant *mutant, size_t index)
{
    struct tree_node *mapping = mutant->mapping;
    struct tree_node **items = mapping->items;
    struct tree_node *pair[2] = {items[index], items[index + 1]};
    const size_t last = mapping->count - 2;

    items[index] = items[last];
    items[index + 1] = items[last + 1];
    mapping->count -= 2;
    check_mutant(mutant);
    mapping->count += 2;
    items[index] = pair[0];
    items[index + 1] = pair[1];
}

/* The pair at index comes twice, which is always refused. */
static void duplicate_pair(const struct mutant *mutant, size_t index)
{
    struct tree_node *mapping = mutant->mapping;
    struct arena arena = {0};
    struct tree_node **items = mapping->items;
    const size_t refused_before = mutant->tally->refused_count;

    mapping->items =
        arena_array(&arena, (size_t)mapping->count + 2, sizeof(struct tree_node *));
    memcpy(mapping->items, items, mapping->count * sizeof(struct tree_node *));
    mapping->items[mapping->count] = items[index];
    mapping->items[mapping->count + 1] = items[index + 1];
    mapping->count += 2;
    check_mutant(mutant);
    assert_int_equal(mutant->tally->refused_count, refused_before + 1);
    mapping->count -= 2;
    mapping->items = items;
    arena_free(&arena);
}

/* The key misses its first letter. */
static void rename_key(const struct mutant *mutant, struct tree_node *key)
{
    const char *text = key->text;

    if (key->kind == TREE_SCALAR && key->length > 0) {
        key->text++;
        key->length--;
        check_mutant(mutant);
        key->text = text;
        key->length++;
    }
}

static void mutate_pair(const struct mutant *mutant, size_t index)
{
    delete_pair(mutant, index);
    rename_key(mutant, mutant->mapping->items[index]);
    retype(mutant, &mutant->mapping->items[index]);
    retype(mutant, &mutant->mapping->items[index + 1]);
    duplicate_pair(mutant, index);
}

// NOLINTNEXTLINE(misc-no-recursion): the depth is capped by TREE_DEPTH_MAX
static void mutate(const struct tree_node *root, struct tree_node *node,
                   struct tally *tally)
{
    const struct mutant mutant = {.root = root, .mapping = node, .tally = tally};

    if (node->kind == TREE_SCALAR) {
        return;
    }
    for (size_t i = 0; node->kind == TREE_MAPPING && i < node->count; i += 2) {
        mutate_pair(&mutant, i);
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
        const struct mutant original = {.root = documents.roots[i], .tally = &tally};

        mutate(documents.roots[i], documents.roots[i], &tally);
        check_mutant(&original);
    }
    assert_true(tally.refused_count > tally.mutants_count / 4);
    assert_true(tally.refused_count < tally.mutants_count);
    arena_free(&arena);
}

/* The paths of all manifests that are meant to be valid. */
static char **list_valid(struct arena *arena, size_t *ret_count)
{
    static const char *const folders[][2] = {
        {"fixtures/manifests/valid", ".yaml"},
        {"fixtures/manifests/valid", ".json"},
        {"fixtures/manifests/pairs", ".good.yaml"},
    };
    char **paths = NULL;
    size_t capacity = 0;
    size_t count = 0;

    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t found;
        char **more = support_folder_list(folders[i][0], folders[i][1], arena, &found);

        for (size_t j = 0; j < found; j++) {
            paths = arena_grow(arena, paths, count, &capacity, sizeof(char *));
            paths[count++] = more[j];
        }
    }
    *ret_count = count;
    return paths;
}

int main(void)
{
    struct arena arena = {0};
    size_t count;
    char **paths = list_valid(&arena, &count);
    struct CMUnitTest *tests = arena_array(&arena, count, sizeof *tests);
    int failed;

    for (size_t i = 0; i < count; i++) {
        tests[i] = (struct CMUnitTest){
            .name = arena_print(&arena, "a mutant of %s is refused where it changed",
                                paths[i]),
            .test_func = test_mutants,
            .initial_state = paths[i],
        };
    }
    failed = _cmocka_run_group_tests("mutation", tests, count, NULL, NULL);
    arena_free(&arena);
    return failed;
}
