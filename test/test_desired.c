#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/desired.h"
#include "test/support_linkstore.h"

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

struct pair_case {
    const char *name;
    const char *a;
    const char *b;
    int expected;
};

static const struct pair_case names_cases[] = {
    {"no names equal no names", "-", "-", 0},
    {"no names come before any", "-", "a", -1},
    {"a list comes before its continuation", "a,b", "a,b,c", -1},
    {"the first difference decides, not the length", "a,z", "b", -1},
    {"order in the list matters", "a,b", "b,a", -1},
    {"equal lists are equal", "a,b", "a,b", 0},
    {"bytes are compared unsigned", "z", "\xc3\xa9", -1},
};

static void test_names_order(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(names_cases); i++) {
        const struct pair_case *t = &names_cases[i];
        const struct names a = linkstore_names(t->a, &s->arena);
        const struct names b = linkstore_names(t->b, &s->arena);

        print_message("# %s\n", t->name);
        assert_int_equal(sign(names_compare(&a, &b)), t->expected);
        assert_int_equal(sign(names_compare(&b, &a)), -t->expected);
    }
}

static const struct pair_case link_cases[] = {
    {"interfaces and configs are no part of the key", "s t n wasi http a x y",
     "s t n wasi http b,c - -", 0},
    {"source decides first", "a z z z z", "b a a a a", -1},
    {"then the namespace", "s z z a z", "s a a b a", -1},
    {"then the package", "s z z w a", "s a a w b", -1},
    {"then the name", "s z a w p", "s a b w p", -1},
    {"then the target", "s a n w p", "s b n w p", -1},
};

static void test_link_order(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(link_cases); i++) {
        const struct pair_case *t = &link_cases[i];
        const struct link a = linkstore_link(t->a, &s->arena);
        const struct link b = linkstore_link(t->b, &s->arena);

        print_message("# %s\n", t->name);
        assert_int_equal(sign(link_compare(&a, &b)), t->expected);
        assert_int_equal(sign(link_compare(&b, &a)), -t->expected);
    }
}

static const struct pair_case equal_cases[] = {
    {"the same in all", "s t n w p i,k x,y z", "s t n w p i,k x,y z", true},
    {"another source", "s t n w p i x z", "S t n w p i x z", false},
    {"another target", "s t n w p i x z", "s T n w p i x z", false},
    {"another name", "s t n w p i x z", "s t N w p i x z", false},
    {"another namespace", "s t n w p i x z", "s t n W p i x z", false},
    {"another package", "s t n w p i x z", "s t n w P i x z", false},
    {"another interface", "s t n w p i x z", "s t n w p I x z", false},
    {"one interface more", "s t n w p i x z", "s t n w p i,k x z", false},
    {"another source config", "s t n w p i x z", "s t n w p i X z", false},
    {"configs in another order", "s t n w p i x,y z", "s t n w p i y,x z", false},
    {"another target config", "s t n w p i x z", "s t n w p i x -", false},
};

static void test_link_equality(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(equal_cases); i++) {
        const struct pair_case *t = &equal_cases[i];
        const struct link a = linkstore_link(t->a, &s->arena);
        const struct link b = linkstore_link(t->b, &s->arena);

        print_message("# %s\n", t->name);
        assert_int_equal(link_is_equal(&a, &b), t->expected);
        assert_int_equal(link_is_equal(&b, &a), t->expected);
    }
}

static const struct pair_case slot_cases[] = {
    {"targets share a slot", "s t n w p", "s u n w p", true},
    {"another source has another", "s t n w p", "S t n w p", false},
    {"another name has another", "s t n w p", "s t N w p", false},
    {"another namespace has another", "s t n w p", "s t n W p", false},
    {"another package has another", "s t n w p", "s t n w P", false},
};

static void test_link_slots(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(slot_cases); i++) {
        const struct pair_case *t = &slot_cases[i];
        const struct link a = linkstore_link(t->a, &s->arena);
        const struct link b = linkstore_link(t->b, &s->arena);

        print_message("# %s\n", t->name);
        assert_int_equal(link_is_same_slot(&a, &b), t->expected);
    }
}

static const struct pair_case conflict_cases[] = {
    {"two targets for one interface", "s t n w p i", "s u n w p i", true},
    {"an overlap is enough", "s t n w p a,c,e", "s u n w p b,d,e,f", true},
    {"no interface in common", "s t n w p a,c", "s u n w p b,d", false},
    {"no interfaces at all", "s t n w p -", "s u n w p -", false},
    {"the same target is an update", "s t n w p i x", "s t n w p i y", false},
    {"another slot", "s t n w p i", "s u N w p i", false},
};

static void test_link_conflicts(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(conflict_cases); i++) {
        const struct pair_case *t = &conflict_cases[i];
        const struct link a = linkstore_link(t->a, &s->arena);
        const struct link b = linkstore_link(t->b, &s->arena);

        print_message("# %s\n", t->name);
        assert_int_equal(link_is_conflict(&a, &b), t->expected);
        assert_int_equal(link_is_conflict(&b, &a), t->expected);
    }
}

static void test_link_copy(void **state)
{
    struct linkstore_state *s = *state;
    struct arena arena = {0};
    struct link original = linkstore_link("s t n w p i,k x y,z", &arena);
    const struct link copy = link_copy(&original, &s->arena);
    const struct link expected = linkstore_link("s t n w p i,k x y,z", &s->arena);

    arena_free(&arena);
    assert_true(link_is_equal(&copy, &expected));
}

struct properties_case {
    const char *name;
    struct properties properties;
    const char *expected;
};

#define PROPERTIES(...)                                                                  \
    {                                                                                    \
        (const struct property[]){__VA_ARGS__},                                          \
            COUNT_OF(((const struct property[]){__VA_ARGS__}))                           \
    }

static const struct properties_case content_cases[] = {
    {.name = "an empty map", .expected = "{}"},
    {"one entry", PROPERTIES({"address", "0.0.0.0:8080"}),
     "{\"address\":\"0.0.0.0:8080\"}"},
    {"entries stay sorted", PROPERTIES({"B", "1"}, {"a", ""}, {"a.b", "2"}),
     "{\"B\":\"1\",\"a\":\"\",\"a.b\":\"2\"}"},
    {"quotes and control characters are escaped", PROPERTIES({"a\"b", "c\\d\n\t\x01/"}),
     "{\"a\\\"b\":\"c\\\\d\\n\\t\\u0001/\"}"},
    {"other characters go as they are",
     PROPERTIES({"stra\xc3\x9f"
                 "e",
                 "\xf0\x9f\x8c\xbf"}),
     "{\"stra\xc3\x9f"
     "e\":\"\xf0\x9f\x8c\xbf\"}"},
};

static void test_content(void **state)
{
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(content_cases); i++) {
        const struct properties_case *t = &content_cases[i];

        print_message("# %s\n", t->name);
        assert_string_equal(desired_content(&t->properties, &s->arena), t->expected);
    }
}

static void test_names_print(void **state)
{
    struct linkstore_state *s = *state;
    const struct names names = linkstore_names("a,b\"c", &s->arena);
    const struct names none = {0};
    struct text text;

    text_init(&text, &s->arena, 100);
    names_print(&none, &text);
    names_print(&names, &text);
    assert_string_equal(text.bytes, "[][\"a\",\"b\\\"c\"]");
}

static void test_print(void **state)
{
    struct linkstore_state *s = *state;
    const struct desired desired =
        linkstore_desired("shop", "v1",
                          "config shop-port {\"port\":\"secret\"}\n"
                          "link shop-web shop-api default wasi http in,out shop-port -\n"
                          "link shop-api kv default wasi keyvalue store - a,b\n"
                          "component shop-api reg/api:1 3 x,y\n"
                          "daemon kv reg/kv:1 1 -\n",
                          &s->arena);
    struct text text;

    text_init(&text, &s->arena, 4096);
    desired_print(&desired, &text);
    linkstore_assert_text(
        text.bytes,
        "application shop v1\n"
        "config shop-port  # shop.yaml:1:1\n"
        "link shop-api -[default wasi:keyvalue/store]-> kv target-config [\"a\",\"b\"]"
        " scaler s-shop-api  # shop.yaml:3:1\n"
        "link shop-web -[default wasi:http/in,out]-> shop-api"
        " source-config [\"shop-port\"] scaler s-shop-web  # shop.yaml:2:1\n"
        "provider kv reg/kv:1, 1 a host in default scaler s-kv  # shop.yaml:5:1\n"
        "component shop-api reg/api:1, 3 in default config [\"x\",\"y\"]"
        " scaler s-shop-api  # shop.yaml:4:1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("lists of names are ordered item by item", test_names_order),
        LINKSTORE_TEST("links are ordered by their store key", test_link_order),
        LINKSTORE_TEST("links are equal when all eight fields are", test_link_equality),
        LINKSTORE_TEST("a slot is the key without the target", test_link_slots),
        LINKSTORE_TEST("a host refuses two targets of one interface",
                       test_link_conflicts),
        LINKSTORE_TEST("a copied link outlives the original", test_link_copy),
        LINKSTORE_TEST("a map has one canonical text", test_content),
        LINKSTORE_TEST("names are printed as JSON", test_names_print),
        LINKSTORE_TEST("rows are printed a line each, values never", test_print),
    };

    return cmocka_run_group_tests_name("desired", tests, NULL, NULL);
}
