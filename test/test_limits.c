/*
 * What is as large as limits.h lets it be is accepted; one more is refused, where it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "manifest/manifest.h"
#include "test/support_manifest.h"

#define MANUAL     "man/trellis-manifest.5"
#define TEXT_BYTES ((size_t)32 * 1024 * 1024)

#define HEAD                                                                             \
    "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"                              \
    "metadata: {name: a, annotations: {}}\nspec:\n"

#define COMPONENT "name: a, type: component, properties: {image: x}"
#define SCALER    "{type: spreadscaler, properties: {instances: 1}}"

static void make_components(struct text *text, size_t count)
{
    text_append(text, HEAD "  components:\n");
    for (size_t i = 0; i < count; i++) {
        text_append(text, "  - {name: c%zu, type: capability, properties: {image: x}}\n",
                    i);
    }
}

/* Half of them in each of two components. */
static void make_traits(struct text *text, size_t count)
{
    text_append(text, HEAD "  components:\n");
    for (size_t i = 0; i < 2; i++) {
        const size_t half = i == 0 ? count / 2 : count - count / 2;

        text_append(text,
                    "  - name: c%zu\n    type: capability\n    properties: {image: x}\n"
                    "    traits:\n",
                    i);
        for (size_t j = 0; j < half; j++) {
            text_append(text, "    - {type: x, properties: {}}\n");
        }
    }
}

static void make_policies(struct text *text, size_t count)
{
    text_append(text, HEAD "  components: []\n  policies:\n");
    for (size_t i = 0; i < count; i++) {
        text_append(text, "  - {name: p, type: t, properties: {}}\n");
    }
}

static void make_interfaces(struct text *text, size_t count)
{
    text_append(text, HEAD "  components:\n  - {" COMPONENT ", traits: [" SCALER
                           ", {type: link, properties: {target: a, namespace: n, "
                           "package: p, interfaces:\n    [");
    for (size_t i = 0; i < count; i++) {
        text_append(text, "i%zu, ", i);
    }
    text_append(text, "]}}]}\n");
}

static void make_configs(struct text *text, size_t count)
{
    text_append(text, HEAD "  components:\n  - name: a\n    type: capability\n"
                           "    properties:\n      image: x\n      config:\n");
    for (size_t i = 0; i < count; i++) {
        text_append(text, "      - {name: c}\n");
    }
}

static void make_properties(struct text *text, size_t count)
{
    text_append(text, "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"
                      "spec: {components: []}\nmetadata:\n  name: a\n  annotations:\n");
    for (size_t i = 0; i < count; i++) {
        text_append(text, "    k%zu: v\n", i);
    }
}

static void make_documents(struct text *text, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        text_append(text,
                    "---\napiVersion: core.oam.dev/v1beta1\nkind: Application\n"
                    "metadata: {name: a%zu, annotations: {}}\nspec: {components: []}\n",
                    i);
    }
}

/* An annotation of so many bytes; what is around it is read with it. */
static void make_word(struct text *text, size_t count)
{
    char *word = arena_alloc(text->arena, count + 1);

    memset(word, 'b', count);
    text_append(text, "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"
                      "spec: {components: []}\nmetadata:\n  name: a\n  annotations:\n"
                      "    k: ");
    text_append_bytes(text, word, count);
    text_append(text, "\n");
}

struct limit {
    const char *name;
    void (*make)(struct text *text, size_t count);
    size_t most;    /* that is accepted */
    size_t refused; /* a number that is not */
    struct place place;
};

static enum err_code read_text(const struct text *text, struct arena *arena,
                               struct err *err)
{
    struct manifest manifest;
    struct diags diags;

    diags_init(&diags, arena, "limit");
    return manifest_read(text->bytes, text->count, "limit", arena, &diags, &manifest,
                         err);
}

static void test_limit(void **state)
{
    const struct limit *limit = *state;
    struct arena arena = {0};
    struct text text;
    struct err err = {0};

    text_init(&text, &arena, TEXT_BYTES);
    limit->make(&text, limit->most);
    if (read_text(&text, &arena, &err) != ERR_OK) {
        fail_msg("%u:%u: %s", err.place.line, err.place.column, err.message);
    }
    text_init(&text, &arena, TEXT_BYTES);
    limit->make(&text, limit->refused);
    assert_false(text.is_cut);
    assert_int_equal(read_text(&text, &arena, &err), ERR_LIMIT);
    assert_int_equal(err.place.line, limit->place.line);
    assert_int_equal(err.place.column, limit->place.column);
    arena_free(&arena);
}

/* The manual gives every limit in figures. */
static void test_manual(void **state)
{
    static const size_t limits[] = {
        MANIFEST_BYTES_MAX / 1024 / 1024,
        TREE_EVENT_BYTES_MAX / 1024 / 1024,
        TREE_DEPTH_MAX,
        TREE_NODES_MAX,
        TREE_ANCHORS_MAX,
        TREE_DOCUMENTS_MAX,
        COMPONENTS_MAX,
        TRAITS_MAX,
        POLICIES_MAX,
        INTERFACES_MAX,
        PROPERTIES_MAX,
        ITEMS_MAX,
        NAME_BYTES_MAX,
    };
    struct arena arena = {0};
    size_t length;
    const char *manual =
        strstr(support_file_read(MANUAL, &arena, &length), ".Sh LIMITS\n");

    (void)state;
    assert_non_null(manual);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        const char *figure = arena_print(&arena, " %zu ", limits[i]);

        if (strstr(manual, figure) == NULL) {
            fail_msg("the manual has no limit of%s", figure);
        }
    }
    arena_free(&arena);
}

static const struct limit table[] = {
    {"components", make_components, COMPONENTS_MAX, COMPONENTS_MAX + 1, {6, 3}},
    {"traits", make_traits, TRAITS_MAX, TRAITS_MAX + 1, {30014, 5}},
    {"policies", make_policies, POLICIES_MAX, POLICIES_MAX + 1, {7, 3}},
    {"interfaces", make_interfaces, INTERFACES_MAX, INTERFACES_MAX + 1, {7, 5}},
    /* One item is the component. */
    {"items of lists", make_configs, ITEMS_MAX - 1, ITEMS_MAX, {11, 7}},
    {"properties", make_properties, PROPERTIES_MAX, PROPERTIES_MAX + 1, {7, 5}},
    {"documents", make_documents, TREE_DOCUMENTS_MAX, TREE_DOCUMENTS_MAX + 1, {5002, 1}},
    {"bytes of a value",
     make_word,
     TREE_EVENT_BYTES_MAX - 4096,
     TREE_EVENT_BYTES_MAX + 65536,
     {7, 5}},
};

int main(void)
{
    struct CMUnitTest tests[sizeof table / sizeof *table + 1];
    struct limit items[sizeof table / sizeof *table];
    const size_t count = sizeof table / sizeof *table;
    struct arena arena = {0};
    int failed;

    memcpy(items, table, sizeof items);
    for (size_t i = 0; i < count; i++) {
        tests[i] = (struct CMUnitTest){
            .name = arena_print(&arena, "%s end at a limit", table[i].name),
            .test_func = test_limit,
            .initial_state = &items[i],
        };
    }
    tests[count] = (struct CMUnitTest){.name = "the manual has all limits in figures",
                                       .test_func = test_manual};
    failed = _cmocka_run_group_tests("limits", tests, count + 1, NULL, NULL);
    arena_free(&arena);
    return failed;
}
