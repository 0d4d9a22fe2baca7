#include "manifest/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_manifest.h"

static const char *const type_names[] = {
    [TREE_STRING] = "string", [TREE_INTEGER] = "integer", [TREE_FLOAT] = "float",
    [TREE_BOOL] = "bool",     [TREE_NULL] = "null",
};

static const struct {
    const char *text;
    enum tree_scalar_type type;
} type_cases[] = {
    {"~", TREE_NULL},
    {"null", TREE_NULL},
    {"Null", TREE_NULL},
    {"nUll", TREE_STRING},
    {"true", TREE_BOOL},
    {"FALSE", TREE_BOOL},
    {"yes", TREE_STRING},
    {"on", TREE_STRING},
    {"y", TREE_STRING},
    {"0", TREE_INTEGER},
    {"-0", TREE_INTEGER},
    {"8080", TREE_INTEGER},
    {"+1", TREE_INTEGER},
    {"-1", TREE_INTEGER},
    {"+-1", TREE_STRING},
    {"012", TREE_STRING},
    {"-012", TREE_STRING},
    {"0x1F", TREE_INTEGER},
    {"-0x1f", TREE_INTEGER},
    {"0x", TREE_STRING},
    {"0x1G", TREE_STRING},
    {"0X1F", TREE_STRING},
    {"0o10", TREE_INTEGER},
    {"0o8", TREE_STRING},
    {"0b11", TREE_INTEGER},
    {"0b2", TREE_STRING},
    {"1_000", TREE_STRING},
    {"18446744073709551616", TREE_INTEGER},
    {"1.5", TREE_FLOAT},
    {"1.", TREE_FLOAT},
    {".5", TREE_FLOAT},
    {".", TREE_STRING},
    {"1e3", TREE_FLOAT},
    {"1E+3", TREE_FLOAT},
    {"1e", TREE_STRING},
    {"1e999", TREE_STRING},
    {"-1.5", TREE_FLOAT},
    {"1.2.3", TREE_STRING},
    {"01.5", TREE_FLOAT},
    {".inf", TREE_FLOAT},
    {"-.INF", TREE_FLOAT},
    {"+.inf", TREE_FLOAT},
    {".nan", TREE_FLOAT},
    {"-.nan", TREE_STRING},
    {"inf", TREE_STRING},
    {"nan", TREE_STRING},
    {"v0.0.1", TREE_STRING},
    {"2024-01-02", TREE_STRING},
    {"'8080'", TREE_STRING},
    {"\"true\"", TREE_STRING},
    {"|-\n 1", TREE_STRING},
    {"!!str 8080", TREE_STRING},
    {"!!int 5", TREE_INTEGER},
    {"!!int '5'", TREE_INTEGER},
    {"!!int x", TREE_STRING},
    {"!!float 5", TREE_FLOAT},
    {"!!bool true", TREE_BOOL},
    {"!!null ~", TREE_NULL},
    {"!own 5", TREE_STRING},
    {"!!float 1.5", TREE_FLOAT},
    {"!!float x", TREE_STRING},
    {"!!bool x", TREE_STRING},
    {"!!null x", TREE_STRING},
    {"0b", TREE_STRING},
    {"0xG", TREE_STRING},
    {"0xABCDEFabcdef", TREE_INTEGER},
    {"+.", TREE_STRING},
    {"1e-3", TREE_FLOAT},
    {"+", TREE_STRING},
    {"100000000000000000000000000000000000000000", TREE_FLOAT},
};

static void test_scalar_types(void **state)
{
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof type_cases / sizeof *type_cases; i++) {
        struct tree_documents documents;
        struct diags diags;

        diags_init(&diags, &arena, "t");
        assert_true(tree_read(type_cases[i].text, strlen(type_cases[i].text), &arena,
                              &diags, &documents));
        assert_int_equal(documents.count, 1);
        support_assert_text(type_cases[i].text, type_names[type_cases[i].type],
                            type_names[tree_scalar_type(documents.roots[0])]);
    }
    arena_free(&arena);
}

static void test_scalar_u64(void **state)
{
    static const struct {
        const char *text;
        bool is_u64;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"0o10", true, 8},
        {"0xff", true, 255},
        {"+0b101", true, 5},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"-1", false, 0},
        {"1.0", false, 0},
        {"x", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tree_node node = {
            .kind = TREE_SCALAR,
            .is_plain = true,
            .text = cases[i].text,
            .length = (uint32_t)strlen(cases[i].text),
        };
        uint64_t value = 7;

        assert_int_equal(tree_scalar_u64(&node, &value), cases[i].is_u64);
        assert_int_equal(value, cases[i].is_u64 ? cases[i].value : 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"plain scalars mean what serde_yaml says", test_scalar_types, NULL, NULL, NULL},
        {"integers are read in every notation", test_scalar_u64, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("tree_scalar", tests, NULL, NULL);
}
