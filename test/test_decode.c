#include "manifest/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/decode_name.h"
#include "manifest/manifest.h"

/* The beginning of every manifest here; its components follow. */
#define HEAD                                                                             \
    "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n"                   \
    "  name: app\n  annotations: {version: v1, description: words, a: b}\n"              \
    "spec:\n  components:\n"
#define HEAD_LINES 7

#define PROVIDER "  - {name: p, type: capability, properties: {image: p:1}}\n"

static enum err_code read_text(const char *text, struct arena *arena,
                               struct manifest *ret_manifest, struct err *err)
{
    struct diags diags;

    diags_init(&diags, arena, "t");
    return manifest_read(text, strlen(text), "t", arena, &diags, ret_manifest, err);
}

/* The first component of the application that text declares. */
static const struct oam_component *read_component(const char *text, struct arena *arena)
{
    struct manifest manifest;
    struct err err;

    if (read_text(text, arena, &manifest, &err) != ERR_OK) {
        fail_msg("line %u: %s", err.place.line, err.message);
    }
    assert_int_equal(manifest.applications_count, 1);
    assert_true(manifest.applications[0].components_count > 0);
    return &manifest.applications[0].components[0];
}

static void assert_place(struct place place, uint32_t line, uint32_t column)
{
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void test_application(void **state)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct err err;
    const struct oam_application *application;

    (void)state;
    assert_int_equal(read_text(HEAD PROVIDER, &arena, &manifest, &err), ERR_OK);
    application = &manifest.applications[0];
    assert_string_equal(manifest.source, "t");
    assert_string_equal(application->name, "app");
    assert_place(application->name_span.start, 4, 9);
    assert_place(application->name_span.end, 4, 12);
    assert_string_equal(application->version, "v1");
    assert_string_equal(application->description, "words");
    assert_int_equal(application->annotations.count, 3);
    assert_string_equal(application->annotations.items[0].key, "a");
    assert_string_equal(application->annotations.items[1].key, "description");
    assert_int_equal(application->labels.count, 0);
    assert_place(application->span.start, 1, 1);
    arena_free(&arena);
}

static void test_component(void **state)
{
    static const char text[] = HEAD "  - name: c\n"
                                    "    type: actor\n"
                                    "    properties:\n"
                                    "      image: c:1\n"
                                    "      id: own-id\n"
                                    "      config:\n"
                                    "      - {name: b, properties: {z: '1', y: '2'}}\n"
                                    "      - {name: a}\n"
                                    "      - {name: e, properties: {}}\n"
                                    "    traits:\n"
                                    "    - type: daemonscaler\n"
                                    "      properties: {replicas: 3}\n";
    struct arena arena = {0};
    const struct oam_component *component = read_component(text, &arena);
    const struct oam_config *configs = component->configs.items;

    (void)state;
    assert_int_equal(component->kind, OAM_COMPONENT);
    assert_string_equal(component->image, "c:1");
    assert_string_equal(component->id, "own-id");
    assert_place(component->span.start, HEAD_LINES + 1, 5);
    assert_place(component->span.end, HEAD_LINES + 12, 32);
    assert_place(component->name_span.start, HEAD_LINES + 1, 11);
    assert_place(component->id_span.start, HEAD_LINES + 5, 11);
    assert_int_equal(component->configs.count, 3);
    assert_string_equal(configs[0].name, "b");
    assert_true(configs[0].has_properties);
    assert_string_equal(configs[0].properties.items[0].key, "y");
    assert_string_equal(configs[0].properties.items[1].value, "1");
    assert_place(configs[0].span.start, HEAD_LINES + 7, 9);
    assert_false(configs[1].has_properties);
    assert_true(configs[2].has_properties);
    assert_int_equal(configs[2].properties.count, 0);
    assert_int_equal(component->scaler.kind, OAM_SCALER_DAEMON);
    assert_int_equal(component->scaler.instances, 3);
    assert_int_equal(component->scaler.spreads_count, 0);
    assert_place(component->scaler.span.start, HEAD_LINES + 11, 7);
    arena_free(&arena);
}

static void test_defaults(void **state)
{
    struct arena arena = {0};
    const struct oam_component *component = read_component(HEAD PROVIDER, &arena);

    (void)state;
    assert_int_equal(component->kind, OAM_CAPABILITY);
    assert_null(component->id);
    assert_int_equal(component->scaler.kind, OAM_SCALER_NONE);
    assert_int_equal(component->links_count, 0);
    assert_int_equal(component->configs.count, 0);
    arena_free(&arena);
}

static void check_link(const struct oam_link *link)
{
    assert_string_equal(link->name, "default");
    assert_string_equal(link->wit_namespace, "wasi");
    assert_string_equal(link->wit_package, "keyvalue");
    assert_int_equal(link->interfaces.count, 2);
    assert_string_equal(link->interfaces.items[0], "store");
    assert_string_equal(link->interfaces.items[1], "atomics");
    assert_string_equal(link->target, "p");
    assert_int_equal(link->source_config.count, 1);
    assert_string_equal(link->source_config.items[0].name, "s");
    assert_int_equal(link->target_config.count, 1);
    assert_string_equal(link->target_config.items[0].name, "t");
    assert_string_equal(link->target_config.items[0].properties.items[0].value, "v");
    assert_place(link->span.start, HEAD_LINES + 5, 7);
}

#define LINK_HEAD                                                                        \
    HEAD "  - name: c\n    type: component\n    properties: {image: c:1}\n"              \
         "    traits:\n    - type: link\n      properties:\n"                            \
         "        namespace: wasi\n        package: keyvalue\n"                          \
         "        interfaces: [store, atomics]\n"

static void test_links(void **state)
{
    static const char flat[] =
        LINK_HEAD "        target: p\n"
                  "        source_config: [{name: s}]\n"
                  "        target_config: [{name: t, properties: {k: v}}]\n" PROVIDER;
    static const char nested[] = LINK_HEAD
        "        source: {config: [{name: s}]}\n"
        "        target: {config: [{name: t, properties: {k: v}}], name: p}\n" PROVIDER;
    struct arena arena = {0};
    const struct oam_component *component = read_component(flat, &arena);

    (void)state;
    assert_int_equal(component->links_count, 1);
    check_link(&component->links[0]);
    assert_place(component->links[0].target_span.start, HEAD_LINES + 10, 17);

    component = read_component(nested, &arena);
    assert_int_equal(component->links_count, 1);
    check_link(&component->links[0]);
    assert_place(component->links[0].target_span.start, HEAD_LINES + 11, 65);
    arena_free(&arena);
}

static void test_flat_beside_nested(void **state)
{
    static const char text[] =
        LINK_HEAD "        source: {config: [{name: s}]}\n"
                  "        source_config: [{name: lost}]\n"
                  "        target: {config: [{name: t, properties: {k: v}}], name: p}\n"
                  "        target_config: [{name: lost}]\n" PROVIDER;
    struct arena arena = {0};

    (void)state;
    check_link(&read_component(text, &arena)->links[0]);
    arena_free(&arena);
}

static void test_merge(void **state)
{
#define LINK(interfaces, more)                                                           \
    "    - type: link\n"                                                                 \
    "      properties: {namespace: n, package: p, interfaces: [" interfaces              \
    "], target: " more "}\n"
    static const char text[] =
        HEAD "  - name: c\n    type: component\n    properties: {image: c:1}\n"
             "    traits:\n" LINK("z", "p") LINK("b", "c") LINK("y", "p, name: other")
                 LINK("a", "p") LINK("x, w", "p") PROVIDER;
    struct arena arena = {0};
    const struct oam_component *component = read_component(text, &arena);
    const struct oam_link *links = component->links;

    (void)state;
    assert_int_equal(component->links_count, 3);
    assert_int_equal(links[0].interfaces.count, 4);
    assert_string_equal(links[0].interfaces.items[0], "z");
    assert_string_equal(links[0].interfaces.items[1], "a");
    assert_string_equal(links[0].interfaces.items[3], "w");
    assert_string_equal(links[1].target, "c");
    assert_string_equal(links[2].name, "other");
    arena_free(&arena);
#undef LINK
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        enum err_code code;
        uint32_t line;
    } cases[] = {
        {"a: [", ERR_SYNTAX, 1},
        {"\xff", ERR_SYNTAX, 1},
        {"a: *x", ERR_INVALID, 1},
        {"", ERR_INVALID, 1},
        {HEAD "  - {}\n", ERR_INVALID, HEAD_LINES + 1},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
         ERR_LIMIT, 1},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct manifest manifest = {.applications_count = 77};
        struct err err = {0};

        assert_int_equal(read_text(cases[i].text, &arena, &manifest, &err),
                         cases[i].code);
        assert_int_equal(err.code, cases[i].code);
        assert_string_equal(err.source, "t");
        assert_int_equal(err.place.line, cases[i].line);
        assert_int_equal(manifest.applications_count, 77);
    }
    arena_free(&arena);
}

static void test_several_sources(void **state)
{
    static const char good[] = HEAD PROVIDER;
    static const char bad[] = HEAD "  - {name: x}\n";
    struct arena arena = {0};
    struct manifest manifest;
    struct diags diags;
    struct err err;

    (void)state;
    diags_init(&diags, &arena, "");
    assert_int_equal(
        manifest_read(bad, sizeof bad - 1, "z", &arena, &diags, &manifest, &err),
        ERR_INVALID);
    assert_int_equal(
        manifest_read(good, sizeof good - 1, "m", &arena, &diags, &manifest, &err),
        ERR_OK);
    assert_string_equal(manifest.source, "m");
    assert_int_equal(
        manifest_read(bad, sizeof bad - 1, "a", &arena, &diags, &manifest, &err),
        ERR_INVALID);
    assert_string_equal(err.source, "a");
    assert_string_equal(diags.items[0].source, "a");
    assert_string_equal(diags.items[diags.count - 1].source, "z");
    arena_free(&arena);
}

static void test_read_again(void **state)
{
    static const char bad[] = HEAD "  - {name: x}\n";
    struct arena arena = {0};
    struct manifest manifest;
    struct diags diags;
    struct err err = {0};
    size_t count;

    (void)state;
    diags_init(&diags, &arena, "");
    assert_int_equal(
        manifest_read(bad, sizeof bad - 1, "t", &arena, &diags, &manifest, &err),
        ERR_INVALID);
    count = diags.count;
    err = (struct err){0};
    assert_int_equal(
        manifest_read(bad, sizeof bad - 1, "t", &arena, &diags, &manifest, &err),
        ERR_INVALID);
    assert_int_equal(diags.count, count);
    assert_int_equal(err.place.line, HEAD_LINES + 1);
    arena_free(&arena);
}

static void test_more_errors_than_are_kept(void **state)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct diags diags;
    struct err err;

    (void)state;
    diags_init(&diags, &arena, "first");
    for (uint32_t i = 1; i < 200; i++) {
        const struct span span = {{i, 1}, {i, 1}};

        diags_add(&diags, DIAG_ERROR, "r", &span, "x");
    }
    assert_int_equal(manifest_read("a", 1, "t", &arena, &diags, &manifest, &err),
                     ERR_INVALID);
    assert_string_equal(err.source, "t");
    arena_free(&arena);
}

static void test_application_names(void **state)
{
    (void)state;
    assert_true(decode_name_is_application("a-B_9"));
    assert_true(decode_name_is_application("-"));
    assert_true(decode_name_is_application("caf\xc3\xa9"));
    assert_false(decode_name_is_application(""));
    assert_false(decode_name_is_application("a b"));
    assert_false(decode_name_is_application("a.b"));
    assert_false(decode_name_is_application("a\x7f"));
}

static void test_labels(void **state)
{
    static const struct {
        const char *key;
        bool is_label;
    } cases[] = {
        {"a", true},
        {"version", true},
        {"wasmcloud.dev/readme-md-url", true},
        {"a-b.c/9_x.y-z", true},
        {"9", true},
        {"", false},
        {"-a", false},
        {"a-", false},
        {"_", false},
        {"a b", false},
        {"/a", false},
        {"a/", false},
        {"a/b/c", false},
        {"a./b", false},
        {".a/b", false},
        {"9a/b", false},
        {"-a/b", false},
        {"a_b/c", false},
        {"a..b/c", false},
        {"caf\xc3\xa9", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        print_message("%s\n", cases[i].key);
        assert_int_equal(decode_name_is_label(cases[i].key), cases[i].is_label);
    }
}

static void test_long_labels(void **state)
{
    char key[400] = {0};

    (void)state;
    memset(key, 'a', 63);
    assert_true(decode_name_is_label(key));
    key[63] = 'a';
    assert_false(decode_name_is_label(key));

    for (size_t i = 0; i < 253; i++) {
        key[i] = i % 60 == 59 ? '.' : 'a';
    }
    memcpy(key + 253, "/b", 3);
    assert_true(decode_name_is_label(key));
    memcpy(key + 253, "a/b", 4);
    assert_false(decode_name_is_label(key));
}

static void test_bucket_keys(void **state)
{
    (void)state;
    assert_true(decode_name_is_bucket_key("a-b_c/d=e.f9"));
    assert_false(decode_name_is_bucket_key(""));
    assert_false(decode_name_is_bucket_key(".a"));
    assert_false(decode_name_is_bucket_key("a."));
    assert_false(decode_name_is_bucket_key("a b"));
    assert_false(decode_name_is_bucket_key("a*"));
    assert_false(decode_name_is_bucket_key("\xc3\xa9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"an application knows its name, version and words", test_application, NULL, NULL,
         NULL},
        {"a component has all its fields and their places", test_component, NULL, NULL,
         NULL},
        {"what is not said has its default", test_defaults, NULL, NULL, NULL},
        {"flat and nested links say the same", test_links, NULL, NULL, NULL},
        {"the nested form hides the flat one", test_flat_beside_nested, NULL, NULL, NULL},
        {"links that differ only in interfaces are one", test_merge, NULL, NULL, NULL},
        {"a refused text says why and where, and gives nothing", test_refused, NULL, NULL,
         NULL},
        {"findings of several sources are told apart", test_several_sources, NULL, NULL,
         NULL},
        {"a text that is read again is refused again", test_read_again, NULL, NULL, NULL},
        {"a text is refused even when nobody listens any more",
         test_more_errors_than_are_kept, NULL, NULL, NULL},
        {"names of applications", test_application_names, NULL, NULL, NULL},
        {"keys of labels", test_labels, NULL, NULL, NULL},
        {"keys of labels have a length", test_long_labels, NULL, NULL, NULL},
        {"names that hosts can keep", test_bucket_keys, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
