/*
 * trellis-manifest.5 against the code and the fixtures: a rule is in all three of them,
 * or in none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/lint_rule.h"
#include "manifest/manifest.h"
#include "test/support_manifest.h"

#define MANUAL     "man/trellis-manifest.5"
#define SCHEMA     "schemas/application.schema.json"
#define TEXT_BYTES ((size_t)64 * 1024)

/* Rules, as they are found: unsorted, and more than once. */
struct rules {
    const char **items;
    size_t count;
    size_t capacity;
    struct arena *arena;
};

/* Add what follows each marker in text, as far as it is a rule that ends in end. */
static void collect(struct rules *rules, const char *text, const char *marker,
                    const char *end)
{
    while ((text = strstr(text, marker)) != NULL) {
        size_t length;

        text += strlen(marker);
        length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_");
        if (length > 0 && strncmp(text + length, end, strlen(end)) == 0) {
            rules->items = arena_grow(rules->arena, rules->items, rules->count,
                                      &rules->capacity, sizeof(char *));
            rules->items[rules->count++] = arena_text(rules->arena, text, length);
        }
    }
}

static int compare_rules(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The rules, each once, a line each. */
static const char *print(struct rules *rules)
{
    struct text text;

    text_init(&text, rules->arena, TEXT_BYTES);
    if (rules->count > 0) {
        qsort(rules->items, rules->count, sizeof(char *), compare_rules);
    }
    for (size_t i = 0; i < rules->count; i++) {
        if (i == 0 || strcmp(rules->items[i - 1], rules->items[i]) != 0) {
            text_append(&text, "%s\n", rules->items[i]);
        }
    }
    return text.bytes;
}

static const char *rules_of_manual(struct arena *arena)
{
    struct rules rules = {.arena = arena};
    size_t length;

    collect(&rules, support_file_read(MANUAL, arena, &length), ".It Sy ", "\n");
    return print(&rules);
}

static void collect_files(struct rules *rules, const char *folder, const char *suffix,
                          const char *marker, const char *end)
{
    size_t count;
    size_t length;
    char **paths = support_folder_list(folder, suffix, rules->arena, &count);

    for (size_t i = 0; i < count; i++) {
        collect(rules, support_file_read(paths[i], rules->arena, &length), marker, end);
    }
}

static void test_code(void **state)
{
    struct arena arena = {0};
    struct rules rules = {.arena = &arena};

    (void)state;
    collect_files(&rules, "manifest", ".c", "DIAG_ERROR, \"", "\"");
    collect_files(&rules, "manifest", ".c", "DIAG_WARNING, \"", "\"");
    collect_files(&rules, "linkstore", ".c", "DIAG_ERROR, \"", "\"");
    collect_files(&rules, "linkstore", ".c", "DIAG_WARNING, \"", "\"");
    collect_files(&rules, "manifest", ".c", "->unknown, \"", "\"");
    collect_files(&rules, "manifest", ".c", "stop(reader, \"", "\"");
    support_assert_text("rules of the manual, and of the code", rules_of_manual(&arena),
                        print(&rules));
    arena_free(&arena);
}

/* Those that can be allowed are those that warn. */
static void test_warnings(void **state)
{
    struct arena arena = {0};
    struct rules warnings = {.arena = &arena};
    struct text listed;
    size_t count;
    const char *const *ids = lint_rule_list(&count);

    (void)state;
    collect_files(&warnings, "manifest", ".c", "DIAG_WARNING, \"", "\"");
    collect_files(&warnings, "manifest", ".c", "->unknown, \"", "\"");
    collect_files(&warnings, "linkstore", ".c", "DIAG_WARNING, \"", "\"");
    text_init(&listed, &arena, TEXT_BYTES);
    for (size_t i = 0; i < count; i++) {
        text_append(&listed, "%s\n", ids[i]);
    }
    support_assert_text("rules that can be allowed, and that warn", listed.bytes,
                        print(&warnings));
    arena_free(&arena);
}

static void test_fixtures(void **state)
{
    struct arena arena = {0};
    struct rules rules = {.arena = &arena};

    (void)state;
    collect_files(&rules, "fixtures/manifests/valid", ".err", "[", "]\n");
    collect_files(&rules, "fixtures/manifests/invalid", ".err", "[", "]\n");
    collect_files(&rules, "fixtures/manifests/across", ".err", "[", "]\n");
    support_assert_text("rules of the manual, and of the fixtures",
                        rules_of_manual(&arena), print(&rules));
    arena_free(&arena);
}

/* Of wasmCloud 0.82: known, and of no use. */
static bool is_old(const char *key)
{
    static const char *const old[] = {"contract", "link_name", "values"};
    size_t i = 0;

    while (i < sizeof old / sizeof *old && strcmp(old[i], key) != 0) {
        i++;
    }
    return i < sizeof old / sizeof *old;
}

/* The keys of the tables of shapes, in the manual and in the schema for editors. */
static void test_keys(void **state)
{
    struct arena arena = {0};
    struct rules keys = {.arena = &arena};
    size_t length;
    const char *manual = support_file_read(MANUAL, &arena, &length);
    const char *schema = support_file_read(SCHEMA, &arena, &length);

    (void)state;
    for (const char *last = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"; *last != '\0'; last++) {
        /* [SCALER_INSTANCES] = {"instances", */
        collect_files(&keys, "manifest", ".c", arena_print(&arena, "%c] = {\"", *last),
                      "\", ");
    }
    assert_true(keys.count > 30);
    for (size_t i = 0; i < keys.count; i++) {
        const char *key = keys.items[i];

        if (is_old(key)) {
            continue;
        }
        if (strstr(schema, arena_print(&arena, "\"%s\": ", key)) == NULL) {
            fail_msg("%s does not know the key %s", SCHEMA, key);
        }
        if (strstr(manual, arena_print(&arena, "Ic %s", key)) == NULL &&
            strstr(manual, arena_print(&arena, ", %s", key)) == NULL) {
            fail_msg("%s does not explain the key %s", MANUAL, key);
        }
    }
    arena_free(&arena);
}

static void test_example(void **state)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct diags diags;
    struct err err;
    size_t length;
    const char *manual = support_file_read(MANUAL, &arena, &length);
    const char *example = strstr(manual, "\napiVersion:");
    const char *end;

    (void)state;
    assert_non_null(example);
    end = strstr(example, "\n.Ed");
    assert_non_null(end);
    diags_init(&diags, &arena, MANUAL);
    assert_int_equal(manifest_read(example, (size_t)(end - example), MANUAL, &arena,
                                   &diags, &manifest, &err),
                     ERR_OK);
    assert_int_equal(diags.count, 0);
    assert_int_equal(manifest.applications[0].components_count, 2);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"every rule of the code is in the manual, and no other", test_code, NULL, NULL,
         NULL},
        {"every rule that warns can be allowed, and no other", test_warnings, NULL, NULL,
         NULL},
        {"every rule of the manual has a fixture, and no other", test_fixtures, NULL,
         NULL, NULL},
        {"every key is in the manual, and in the schema for editors", test_keys, NULL,
         NULL, NULL},
        {"the example of the manual is accepted", test_example, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("manifest_manual", tests, NULL, NULL);
}
