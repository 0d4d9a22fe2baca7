#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/expand.h"
#include "test/support_linkstore.h"
#include "test/support_models.h"

static struct desired expand(struct linkstore_state *s,
                             const struct oam_application *application)
{
    struct desired desired;

    expand_application(application, "/home/me/./shop/app.yaml", "v1", &s->arena,
                       &desired);
    return desired;
}

static void check_golden(struct linkstore_state *s,
                         const struct oam_application *application, const char *path)
{
    const struct desired desired = expand(s, application);
    struct text text;

    text_init(&text, &s->arena, 65536);
    desired_print(&desired, &text);
    linkstore_assert_golden(text.bytes, path);
}

static void test_hello(void **state)
{
    check_golden(*state, &model_hello, "fixtures/desired/hello.txt");
}

static void test_hello_simple(void **state)
{
    check_golden(*state, &model_hello_simple, "fixtures/desired/hello-simple.txt");
}

static void test_mixed(void **state)
{
    check_golden(*state, &model_mixed, "fixtures/desired/mixed.txt");
}

/* Source: wadm 0.21.1 run with the manifest of hello_simple. */
static void test_scaler_ids_of_wadm(void **state)
{
    const struct desired desired = expand(*state, &model_hello_simple);

    assert_string_equal(
        desired.workloads[0].scaler_id,
        "51f5a7b765665fbd56fb630960d59b2b6b5f41507ccfd5fe1eaca6b154f3c6ac");
    assert_string_equal(
        desired.workloads[1].scaler_id,
        "71e4e16aae6b1fd1cac75ad82f407ccabbba4adfcfb631c6a84da5db2eb4759b");
    assert_string_equal(
        desired.links[0].scaler_id,
        "0fcff01255dc1d2cf54a276555e7cf894fae75a49d273d1a0264a609e9a62aa5");
}

/* Source: seen on the wire, wadm 0.21.1 with the manifest of hello. */
static void test_scaler_ids_on_the_wire(void **state)
{
    const struct desired desired = expand(*state, &model_hello);

    assert_string_equal(
        desired.links[0].scaler_id,
        "ddacad27df53e37aaafd608c272c4973000d89b1af7f34aa0dceedfbb3c4201a");
    assert_string_equal(
        desired.workloads[1].scaler_id,
        "916a25a13156fb2abb5bff1c580f2c9dbc9d92f5553057648f1ba8ac66a04aed");
}

/* The workload that one component alone comes to. */
static struct workload_row expand_one(struct linkstore_state *s,
                                      const struct oam_component *component)
{
    struct oam_application *application = arena_alloc(&s->arena, sizeof *application);
    struct desired desired;

    application->name = "app";
    application->components = component;
    application->components_count = 1;
    desired = expand(s, application);
    assert_int_equal(desired.workloads_count, 1);
    return desired.workloads[0];
}

static void test_scaler_id_parts(void **state)
{
    static const struct oam_spread east = {.name = "east"};
    static const struct oam_spread west = {.name = "west"};
    struct linkstore_state *s = *state;
    struct oam_component component = {
        .kind = OAM_COMPONENT,
        .name = "a",
        .image = "i",
        .configs = MODEL_CONFIGS({.name = "c"}),
        .scaler = {.kind = OAM_SCALER_SPREAD,
                   .instances = 1,
                   .spreads = &east,
                   .spreads_count = 1,
                   .span = MODEL_AT(0)},
    };
    const char *before = expand_one(s, &component).scaler_id;

    component.scaler.instances = 9;
    component.scaler.spreads = &west;
    assert_string_equal(expand_one(s, &component).scaler_id, before);
    component.scaler.kind = OAM_SCALER_DAEMON;
    assert_string_not_equal(expand_one(s, &component).scaler_id, before);
    component.scaler.kind = OAM_SCALER_SPREAD;
    component.image = "k";
    assert_string_not_equal(expand_one(s, &component).scaler_id, before);
}

/* The digest is over the list of the manifest, the row is a set. */
static void test_link_scaler_id_order(void **state)
{
    struct linkstore_state *s = *state;
    struct oam_link link = model_hello.components[1].links[0];
    struct oam_component components[2] = {model_hello.components[0],
                                          model_hello.components[1]};
    struct oam_application application = model_hello;
    struct link_row rows[2];

    components[1].links = &link;
    application.components = components;
    link.interfaces = (struct names)MODEL_NAMES("b", "a");
    rows[0] = expand(s, &application).links[0];
    // cppcheck-suppress [redundantAssignment,unreadVariable] ; expand reads link
    link.interfaces = (struct names)MODEL_NAMES("a", "b");
    rows[1] = expand(s, &application).links[0];
    assert_true(link_is_equal(&rows[0].link, &rows[1].link));
    assert_string_not_equal(rows[0].scaler_id, rows[1].scaler_id);
}

struct id_case {
    const char *name;
    const char *application;
    const char *component;
    const char *id; /* explicit */
    const char *expected;
};

static const struct id_case id_cases[] = {
    {"an id of its own is taken as it is", "app", "web", "My Id-1", "My Id-1"},
    {"both names make one", "hello-simple", "hello", NULL, "hello_simple-hello"},
    {"capitals, blanks and dots", "My ThInG", "thing.wasm", NULL, "my_thing-thing_wasm"},
    {"digits stay", "a1", "b2", NULL, "a1-b2"},
    {"a character of two bytes is one underscore", "caf\xc3\xa9", "x", NULL, "caf_-x"},
    {"so is one of four", "x",
     "a\xf0\x9f\x8c\xbf"
     "b",
     NULL, "x-a_b"},
    {"runs are not folded", "a--b", "__", NULL, "a__b-__"},
};

static void test_ids(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(id_cases); i++) {
        const struct id_case *t = &id_cases[i];
        const struct oam_application application = {.name = t->application};
        const struct oam_component component = {.name = t->component, .id = t->id};

        print_message("# %s\n", t->name);
        assert_string_equal(expand_id(&application, &component, &s->arena), t->expected);
    }
}

struct image_case {
    const char *name;
    const char *source;
    const char *image;
    const char *expected;
};

static const struct image_case image_cases[] = {
    {"beside the manifest", "/m/app.yaml", "file://a.wasm", "file:///m/a.wasm"},
    {"a dot vanishes", "/m/./x/app.yaml", "file://./a/./b.wasm", "file:///m/x/a/b.wasm"},
    {"two dots stay", "/m/app.yaml", "file://../a.wasm", "file:///m/../a.wasm"},
    {"doubled slashes vanish", "/m//x/app.yaml", "file://a//b.wasm",
     "file:///m/x/a/b.wasm"},
    {"dots within a name stay", "/m/app.yaml", "file://.a/b..c/...",
     "file:///m/.a/b..c/..."},
    {"a manifest in the root", "/app.yaml", "file://a.wasm", "file:///a.wasm"},
    {"what a URL cannot hold is encoded, in the folder too", "/m x/app.yaml",
     "file://100%#?\xc3\xa9.wasm", "file:///m%20x/100%25%23%3F%C3%A9.wasm"},
    {"an absolute image stays as it is", "/m/app.yaml", "file:///x y/./a.wasm",
     "file:///x y/./a.wasm"},
    {"a relative source resolves nothing", "app.yaml", "file://a.wasm", "file://a.wasm"},
    {"nor does a subject", "wadm.api.default.model.put", "file://a.wasm",
     "file://a.wasm"},
    {"no path at all", "/m/app.yaml", "file://", "file://"},
    {"another scheme", "/m/app.yaml", "oci://reg/a:1", "oci://reg/a:1"},
    {"no scheme", "/m/app.yaml", "reg/a:1", "reg/a:1"},
    {"nothing", "/m/app.yaml", "", ""},
};

static void test_images(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(image_cases); i++) {
        const struct image_case *t = &image_cases[i];
        const struct oam_component component = {
            .kind = OAM_CAPABILITY, .name = "a", .image = t->image};
        const struct oam_application application = {
            .name = "app", .components = &component, .components_count = 1};
        struct desired desired;

        print_message("# %s\n", t->name);
        expand_application(&application, t->source, "v1", &s->arena, &desired);
        assert_string_equal(desired.workloads[0].image, t->expected);
    }
}

static void test_unscaled_component(void **state)
{
    const struct desired desired = expand(*state, &model_mixed);

    for (size_t i = 0; i < desired.workloads_count; i++) {
        assert_string_not_equal(desired.workloads[i].component, "never-started");
    }
    assert_string_equal(desired.links[1].link.target, "my_shop-never_started");
    assert_string_equal(desired.configs[1].name, "my_shop-idle");
}

static void test_unscaled_provider(void **state)
{
    const struct oam_component component = {
        .kind = OAM_CAPABILITY, .name = "kv", .image = "reg/kv:1"};
    const struct workload_row row = expand_one(*state, &component);

    assert_int_equal(row.instances, 1);
    assert_false(row.is_daemon);
    assert_int_equal(row.spreads_count, 1);
    assert_string_equal(row.spreads[0].name, "default");
}

static void test_config_rows(void **state)
{
    const struct desired desired = expand(*state, &model_mixed);

    assert_int_equal(desired.configs_count, 3);
    assert_string_equal(desired.configs[0].name, "my_shop-bucket_1");
    assert_string_equal(desired.configs[0].content, "{\"bucket\":\"shop\"}");
    assert_int_equal(desired.configs[0].origin.place.line, 33);
    assert_string_equal(desired.configs[1].content, "{\"a\":\"1\"}");
    assert_string_equal(desired.configs[2].content, "{}");
}

static void test_repeated_link(void **state)
{
    struct linkstore_state *s = *state;
    const struct desired desired = expand(s, &model_mixed);
    const struct names expected = linkstore_names("atomics,batch,store", &s->arena);
    struct names configs = linkstore_names("my_shop-bucket_1,outside", &s->arena);

    assert_int_equal(desired.links_count, 2);
    assert_int_equal(names_compare(&desired.links[0].link.interfaces, &expected), 0);
    assert_int_equal(names_compare(&desired.links[0].link.target_config, &configs), 0);
    assert_int_equal(desired.links[0].origin.place.line, 30);
    assert_string_equal(desired.links[1].link.name, "spare");
}

static void test_one_key_twice(void **state)
{
    struct linkstore_state *s = *state;
    const struct oam_component components[] = {
        {.kind = OAM_CAPABILITY, .name = "b_1", .image = "first", .span = MODEL_AT(1)},
        {.kind = OAM_CAPABILITY, .name = "a", .image = "x", .span = MODEL_AT(2)},
        {.kind = OAM_CAPABILITY, .name = "b-1", .image = "second", .span = MODEL_AT(3)},
    };
    const struct oam_application application = {
        .name = "app", .components = components, .components_count = 3};
    const struct desired desired = expand(s, &application);

    assert_int_equal(desired.workloads_count, 2);
    assert_string_equal(desired.workloads[1].id, "app-b_1");
    assert_string_equal(desired.workloads[1].image, "first");
}

static void test_empty_application(void **state)
{
    const struct oam_application application = {.name = "app"};
    const struct desired desired = expand(*state, &application);

    assert_int_equal(desired.configs_count, 0);
    assert_int_equal(desired.links_count, 0);
    assert_int_equal(desired.workloads_count, 0);
    assert_string_equal(desired.application, "app");
    assert_string_equal(desired.version, "v1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("the application hello expands as recorded", test_hello),
        LINKSTORE_TEST("the application hello-simple expands as recorded",
                       test_hello_simple),
        LINKSTORE_TEST("an application with everything expands as recorded", test_mixed),
        LINKSTORE_TEST("scaler ids are those wadm makes", test_scaler_ids_of_wadm),
        LINKSTORE_TEST("scaler ids are those seen on the wire",
                       test_scaler_ids_on_the_wire),
        LINKSTORE_TEST("instances and spread are no part of a scaler id",
                       test_scaler_id_parts),
        LINKSTORE_TEST("a link's scaler id keeps the order of interfaces",
                       test_link_scaler_id_order),
        LINKSTORE_TEST("ids are made of both names", test_ids),
        LINKSTORE_TEST("a relative image is found beside the manifest", test_images),
        LINKSTORE_TEST("a component without a scaler is not run, its links and configs "
                       "stay",
                       test_unscaled_component),
        LINKSTORE_TEST("a provider without a scaler is run once", test_unscaled_provider),
        LINKSTORE_TEST("only a config with properties is a row, and one row",
                       test_config_rows),
        LINKSTORE_TEST("a link given twice is one, with the interfaces of both",
                       test_repeated_link),
        LINKSTORE_TEST("of two rows of one key the first in the manifest counts",
                       test_one_key_twice),
        LINKSTORE_TEST("an application of nothing wants nothing", test_empty_application),
    };

    return cmocka_run_group_tests_name("expand", tests, NULL, NULL);
}
