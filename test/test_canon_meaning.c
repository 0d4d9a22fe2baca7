/*
 * What canon keeps and what it makes the same: every manifest there is wants the same
 * rows as its canon, and texts that mean the same have one canon.
 */
#include "manifest/canon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/expand.h"
#include "manifest/manifest.h"
#include "test/support_manifest.h"

#define TEXT_BYTES ((size_t)4 * 1024 * 1024)

static const char *const folders[] = {
    "fixtures/manifests/valid",
    "fixtures/manifests/migrate",
    "fixtures/corpus/manifest",
};

static bool read_text(const char *text, size_t length, struct arena *arena,
                      struct manifest *ret_manifest)
{
    struct diags diags;
    struct err err;

    diags_init(&diags, arena, "text");
    return manifest_read(text, length, "text", arena, &diags, ret_manifest, &err) ==
           ERR_OK;
}

static const char *canon_of(const struct manifest *manifest, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, TEXT_BYTES);
    canon_print_manifest(manifest, &text);
    assert_false(text.is_cut);
    return text.bytes;
}

/* Append rows but for places, and for scaler ids of links, which tell interfaces apart
 * by their order. */
static void append_rows(const struct desired *desired, struct arena *arena,
                        struct text *text)
{
    struct text rows;
    const char *line;

    text_init(&rows, arena, TEXT_BYTES);
    desired_print(desired, &rows);
    for (line = rows.bytes; *line != '\0'; line += strcspn(line, "\n") + 1) {
        const char *mark = strncmp(line, "link ", 5) == 0 ? " scaler " : "  # ";
        const char *end = strstr(line, mark);
        const size_t length = strcspn(line, "\n");

        text_append(text, "%.*s\n",
                    (int)(end != NULL && (size_t)(end - line) < length
                              ? (size_t)(end - line)
                              : length),
                    line);
    }
    for (size_t i = 0; i < desired->configs_count; i++) {
        text_append(text, "%s\n", desired->configs[i].content);
    }
}

/* The rows that all applications of manifest want. */
static const char *rows_of(const struct manifest *manifest, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, TEXT_BYTES);
    for (size_t i = 0; i < manifest->applications_count; i++) {
        struct desired desired;

        expand_application(&manifest->applications[i], "text", "v1", arena, &desired);
        append_rows(&desired, arena, &text);
    }
    return text.bytes;
}

/* Whether the file at path was accepted: then its canon wants what it wants. */
static bool check_file(const char *path)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct manifest again;
    const char *canon;
    size_t length;
    const char *text = support_file_read(path, &arena, &length);
    const bool is_accepted = read_text(text, length, &arena, &manifest);

    if (is_accepted) {
        canon = canon_of(&manifest, &arena);
        assert_true(read_text(canon, strlen(canon), &arena, &again));
        support_assert_text(path, canon, canon_of(&again, &arena));
        support_assert_text(path, rows_of(&manifest, &arena), rows_of(&again, &arena));
    }
    arena_free(&arena);
    return is_accepted;
}

static void test_files(void **state)
{
    struct arena arena = {0};
    size_t accepted_count = 0;
    size_t corpus_count;
    char **corpus = support_corpus_list(&arena, &corpus_count);

    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t count;
        char **paths = support_folder_list(folders[i], "", &arena, &count);

        for (size_t k = 0; k < count; k++) {
            accepted_count += check_file(paths[k]);
        }
    }
    for (size_t i = 0; i < corpus_count; i++) {
        accepted_count += check_file(corpus[i]);
    }
    assert_true(accepted_count > 200);
    arena_free(&arena);
}

#define TOP                                                                              \
    "apiVersion: core.oam.dev/v1beta1\n"                                                 \
    "kind: Application\n"                                                                \
    "metadata: {name: app, annotations: {}}\n"                                           \
    "spec:\n"

#define COMPONENT(traits)                                                                \
    TOP "  components:\n"                                                                \
        "  - {name: a, type: component, properties: {image: x}, traits: [" traits "]}\n" \
        "  - {name: b, type: component, properties: {image: x}}\n"                       \
        "  - {name: c, type: component, properties: {image: x}}\n"

#define PROVIDER(traits)                                                                 \
    TOP "  components:\n"                                                                \
        "  - {name: a, type: capability, properties: {image: x}, traits: [" traits       \
        "]}\n"

#define SPREAD(properties) "{type: spreadscaler, properties: {" properties "}}"
#define DAEMON(properties) "{type: daemonscaler, properties: {" properties "}}"
#define LINK(properties)                                                                 \
    "{type: link, properties: {namespace: n, package: p, " properties "}}"
#define SECRET_POLICY(backend)                                                           \
    "  - {name: p, type: policy.secret.wasmcloud.dev/v1alpha1, properties: {backend: "   \
    "" backend "}}\n"

struct pair {
    const char *name;
    const char *one;
    const char *other;
    bool is_same;
};

static const struct pair pairs[] = {
    {"the order of components", COMPONENT(""),
     TOP "  components:\n"
         "  - {name: c, type: component, properties: {image: x}}\n"
         "  - {name: b, type: component, properties: {image: x}, traits: []}\n"
         "  - {name: a, type: actor, properties: {image: x}, traits: null}\n",
     true},
    {"the order of links",
     COMPONENT(
         LINK("interfaces: [i], target: b") ", " LINK("interfaces: [j], target: c")),
     COMPONENT(LINK("interfaces: [j], target: {name: c}") ", " LINK(
         "name: default, interfaces: [i], target: b")),
     true},
    {"links that are one",
     COMPONENT(
         LINK("interfaces: [i], target: b") ", " LINK("interfaces: [j], target: b")),
     COMPONENT(LINK("interfaces: [j, i], target: b")), true},
    {"configs in flat and in nested form",
     COMPONENT(LINK("interfaces: [i], target: b, target_config: [{name: t}], "
                    "source_config: [{name: s}]")),
     COMPONENT(LINK("interfaces: [i], source: {config: [{name: s}]}, "
                    "target: {name: b, config: [{name: t}]}")),
     true},
    {"the order of configs",
     COMPONENT(LINK("interfaces: [i], target: b, target_config: [{name: t}, {name: s}]")),
     COMPONENT(LINK("interfaces: [i], target: b, target_config: [{name: s}, {name: t}]")),
     false},
    {"the order of properties",
     COMPONENT(LINK("interfaces: [i], target: b, target_config: [{name: t, properties: "
                    "{x: y, v: w}}]")),
     COMPONENT(LINK("interfaces: [i], target: b, target_config: [{properties: "
                    "{v: w, x: y}, name: t}]")),
     true},
    {"empty properties, and none",
     COMPONENT(
         LINK("interfaces: [i], target: b, target_config: [{name: t, properties: {}}]")),
     COMPONENT(LINK("interfaces: [i], target: b, target_config: [{name: t}]")), false},
    {"the spread that there is anyway", COMPONENT(SPREAD("instances: 2")),
     COMPONENT(SPREAD("replicas: 2, spread: [{name: default, requirements: {}, weight: "
                      "5}]")),
     true},
    {"a spread of another name", COMPONENT(SPREAD("instances: 2")),
     COMPONENT(SPREAD("instances: 2, spread: [{name: other, requirements: {}}]")), false},
    {"a spread with requirements", COMPONENT(SPREAD("instances: 2")),
     COMPONENT(SPREAD("instances: 2, spread: [{name: default, requirements: {a: b}}]")),
     false},
    {"the weight of the only spread",
     COMPONENT(SPREAD("instances: 2, spread: [{name: s, requirements: {}, weight: 3}]")),
     COMPONENT(SPREAD("instances: 2, spread: [{name: s, requirements: {}}]")), true},
    {"the weight of one of two spreads",
     COMPONENT(SPREAD("instances: 2, spread: [{name: s, requirements: {}, weight: 3}, "
                      "{name: t, requirements: {}}]")),
     COMPONENT(SPREAD("instances: 2, spread: [{name: s, requirements: {}}, {name: t, "
                      "requirements: {}}]")),
     false},
    {"the weights of a daemonscaler",
     COMPONENT(DAEMON("instances: 2, spread: [{name: s, requirements: {}, weight: 3}, "
                      "{name: t, requirements: {}}]")),
     COMPONENT(DAEMON("instances: 2, spread: [{name: s, requirements: {}}, {name: t, "
                      "requirements: {}}]")),
     true},
    {"the order of spreads",
     COMPONENT(SPREAD("instances: 3, spread: [{name: s, requirements: {}}, {name: t, "
                      "requirements: {}}]")),
     COMPONENT(SPREAD("instances: 3, spread: [{name: t, requirements: {}}, {name: s, "
                      "requirements: {}}]")),
     false},
    {"one instance of a provider", PROVIDER(""), PROVIDER(SPREAD("instances: 1")), true},
    {"two instances of a provider", PROVIDER(""), PROVIDER(SPREAD("instances: 2")),
     false},
    {"a provider on each host", PROVIDER(""), PROVIDER(DAEMON("instances: 1")), false},
    {"one instance of a component", COMPONENT(""), COMPONENT(SPREAD("instances: 1")),
     false},
    {"a second scaler", COMPONENT(SPREAD("instances: 1")),
     COMPONENT(SPREAD("instances: 1") ", " DAEMON("instances: 3")), true},
    {"a policy that a later one hides",
     TOP "  policies:\n" SECRET_POLICY("x") SECRET_POLICY("y") "  components: []\n",
     TOP "  components: []\n  policies:\n" SECRET_POLICY("y"), true},
    {"the policy that hides it",
     TOP "  policies:\n" SECRET_POLICY("x") SECRET_POLICY("y") "  components: []\n",
     TOP "  components: []\n  policies:\n" SECRET_POLICY("x"), false},
};

static const char *canon_of_text(const char *name, const char *text, struct arena *arena)
{
    struct manifest manifest;

    if (!read_text(text, strlen(text), arena, &manifest)) {
        fail_msg("%s: refused\n%s", name, text);
    }
    return canon_of(&manifest, arena);
}

static void test_pairs(void **state)
{
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        const char *one = canon_of_text(pairs[i].name, pairs[i].one, &arena);
        const char *other = canon_of_text(pairs[i].name, pairs[i].other, &arena);

        if (pairs[i].is_same) {
            support_assert_text(pairs[i].name, one, other);
        } else if (strcmp(one, other) == 0) {
            fail_msg("%s: both have one canon\n%s", pairs[i].name, one);
        }
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"every manifest wants what its canon wants", test_files, NULL, NULL, NULL},
        {"the canon is the same for what means the same, and only for that", test_pairs,
         NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("canon_meaning", tests, NULL, NULL);
}
