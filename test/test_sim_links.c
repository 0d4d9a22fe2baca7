/* Links and entries as hosts keep them, and the JSON they are in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/sim/links.h"

#define LINK(target, name)                                                               \
    "{\"source_id\":\"s\",\"target\":\"" target "\",\"name\":\"" name                    \
    "\",\"wit_namespace\":\"wasi\",\"wit_package\":\"kv\",\"interfaces\":[\"a\",\"b\"]," \
    "\"source_config\":[],\"target_config\":[\"c\"]}"

static struct link make(const char *target, const char *const *interfaces, size_t count)
{
    return (struct link){.source_id = "s",
                         .target = target,
                         .name = "n",
                         .wit_namespace = "wasi",
                         .wit_package = "kv",
                         .interfaces = {.items = interfaces, .count = count}};
}

static int setup(void **state)
{
    static struct arena arena;

    *state = &arena;
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void test_conflict(void **state)
{
    static const char *const ab[] = {"a", "b"};
    static const char *const ba[] = {"b", "a"};
    static const char *const c[] = {"c"};
    const struct link x = make("x", ab, 2);
    struct link other = make("y", ba, 2);

    (void)state;
    assert_true(sim_link_is_conflict(&x, &other));
    other.interfaces = (struct names){.items = c, .count = 1};
    assert_false(sim_link_is_conflict(&x, &other));
    other = make("x", ab, 2);
    assert_false(sim_link_is_conflict(&x, &other));
    other = make("y", ab, 2);
    other.name = "m";
    assert_false(sim_link_is_conflict(&x, &other));
}

static void test_equal(void **state)
{
    static const char *const ab[] = {"a", "b"};
    static const char *const ba[] = {"b", "a"};
    const struct link link = make("x", ab, 2);
    struct link other = make("x", ab, 2);

    (void)state;
    assert_true(sim_link_is_equal(&link, &other));
    other.interfaces.items = ba;
    assert_false(sim_link_is_equal(&link, &other));
    other = make("x", ab, 2);
    other.source_config = (struct names){.items = ab, .count = 1};
    assert_false(sim_link_is_equal(&link, &other));
}

static void test_spec(void **state)
{
    static const char entry[] = "{\"url\":\"u\",\"links\":[" LINK("x", "n") "," LINK(
        "y", "n") "," LINK("z", "n") "]}";
    struct sim_spec spec;
    struct link link;
    struct text text;

    assert_true(sim_spec_read(entry, strlen(entry), *state, &spec));
    assert_string_equal(sim_spec_print(&spec, *state), entry);
    assert_true(sim_spec_has(&spec, &spec.links[1], 1));
    assert_true(sim_spec_has(&spec, &spec.links[1], 99));
    text_init(&text, *state, 10000);
    sim_links_print(&spec.links[2], 1, &text);
    assert_string_equal(text.bytes, "{\"url\":\"\",\"links\":[" LINK("z", "n") "]}");
    link = spec.links[0];
    sim_spec_remove(&spec, 0);
    assert_false(sim_spec_has(&spec, &link, 0));
    assert_string_equal(
        sim_spec_print(&spec, *state),
        "{\"url\":\"u\",\"links\":[" LINK("z", "n") "," LINK("y", "n") "]}");
    sim_spec_put(&spec, &link, *state);
    link.source_config = link.interfaces;
    sim_spec_put(&spec, &link, *state);
    assert_int_equal(spec.links_count, 3);
    assert_int_equal(spec.links[2].source_config.count, 2);
}

static void test_bad_entries(void **state)
{
    static const char *const entries[] = {"",
                                          "[]",
                                          "{}",
                                          "{\"url\":1}",
                                          "{\"url\":\"\",\"links\":{}}",
                                          "{\"url\":\"\",\"links\":[1]}",
                                          "{\"url\":\"\",\"links\":[{}]}",
                                          "{\"url\":\"\",\"links\":null}"};
    struct sim_spec spec;

    for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
        assert_false(sim_spec_read(entries[i], strlen(entries[i]), *state, &spec));
    }
    assert_true(sim_spec_read("{\"url\":\"\"}", 10, *state, &spec));
    assert_int_equal(spec.links_count, 0);
}

static void test_renew(void **state)
{
    assert_string_equal(sim_spec_renew(NULL, 0, "u", *state),
                        "{\"url\":\"u\",\"links\":[]}");
    assert_string_equal(sim_spec_renew("{\"url\":\"\"}", 10, "u", *state),
                        "{\"url\":\"\",\"links\":[]}");
    assert_null(sim_spec_renew("x", 1, "u", *state));
}

static void test_without(void **state)
{
    static const char entry[] = "{\"url\":\"\",\"links\":[" LINK("x", "n") "," LINK(
        "y", "n") "," LINK("x", "m") "]}";

    assert_string_equal(sim_links_without(entry, strlen(entry), "x", NULL, *state),
                        "{\"url\":\"\",\"links\":[" LINK("y", "n") "]}");
    assert_string_equal(
        sim_links_without(entry, strlen(entry), "x", "n", *state),
        "{\"url\":\"\",\"links\":[" LINK("y", "n") "," LINK("x", "m") "]}");
    assert_null(sim_links_without(entry, strlen(entry), "z", NULL, *state));
    assert_null(sim_links_without("x", 1, "x", NULL, *state));
}

static void test_maps(void **state)
{
    static const char text[] = "{\"b\":\"2 \\\"q\\\"\",\"a\":\"\\u00e9\\n\"}";
    struct properties map;
    struct text printed;

    assert_true(sim_json_read_map(text, strlen(text), *state, &map));
    assert_string_equal(sim_json_find(&map, "b"), "2 \"q\"");
    assert_null(sim_json_find(&map, "c"));
    text_init(&printed, *state, 1000);
    sim_json_print_map(&map, &printed);
    assert_string_equal(printed.bytes, "{\"a\":\"\xc3\xa9\\n\",\"b\":\"2 \\\"q\\\"\"}");
    assert_false(sim_json_read_map("{\"a\":1}", 7, *state, &map));
    assert_null(sim_json_copy_map(&(struct properties){0}, *state).items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"links of one slot and interface with two targets conflict", test_conflict,
         setup, teardown, NULL},
        {"links are equal field for field, lists in order", test_equal, setup, teardown,
         NULL},
        {"an entry is read, changed and written", test_spec, setup, teardown, NULL},
        {"what is no entry is not read", test_bad_entries, setup, teardown, NULL},
        {"a start writes an entry back, or a new one", test_renew, setup, teardown, NULL},
        {"an entry without some of its links keeps the others", test_without, setup,
         teardown, NULL},
        {"maps are read and written sorted", test_maps, setup, teardown, NULL},
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
