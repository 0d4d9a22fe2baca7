#include "reconciler/wire/wadm_bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/manifest.h"
#include "test/support_samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static bool is_valid(const char *text, struct arena *arena)
{
    struct manifest manifest;
    struct diags diags;
    struct err err;

    diags_init(&diags, arena, "text");
    return manifest_read(text, strlen(text), "text", arena, &diags, &manifest, &err) ==
           ERR_OK;
}

static void what_a_wadm_wrote_is_read(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);
    size_t names_count = 0;
    size_t kept_count = 0;

    (void)state;
    for (size_t i = 0; i < samples.count; i++) {
        const struct sample *sample = &samples.items[i];
        const size_t length = strlen(sample->payload);
        struct wadm_kept kept;
        struct names names;
        struct err err;

        if (!sample_is(sample, "kv", "$KV.wadm_manifests.") || length == 0) {
            continue;
        }
        if (sample->payload[0] == '[') {
            assert_int_equal(
                wadm_decode_names(sample->payload, length, &arena, &names, &err), ERR_OK);
            names_count++;
        } else {
            assert_int_equal(
                wadm_decode_kept(sample->payload, length, &arena, &kept, &err), ERR_OK);
            assert_int_equal(kept.count, 1);
            assert_string_equal(kept.items[0].version, "v1");
            assert_null(kept.deployed);
            assert_true(is_valid(kept.items[0].text, &arena));
            kept_count++;
        }
    }
    assert_int_equal(names_count, 2);
    assert_int_equal(kept_count, 1);
    arena_free(&arena);
}

/* Version 2 is older than version 1, and wadm has dropped what it cannot do without. */
static void what_a_wadm_dropped_is_there_again(void **state)
{
    static const char value[] =
        "{\"manifests\":{\"2\":{\"apiVersion\":\"x\",\"kind\":\"y\",\"metadata\":{"
        "\"name\":\"a\"},\"spec\":{\"components\":[{\"name\":\"c\",\"type\":"
        "\"component\",\"properties\":{\"image\":\"i\"},\"traits\":[{\"type\":"
        "\"spreadscaler\",\"properties\":{\"instances\":1,\"spread\":[{\"name\":\"s\"},"
        "{\"name\":\"t\",\"requirements\":{\"k\":\"v\"}}]}}]}]}},"
        "\"1\":{\"apiVersion\":\"x\",\"kind\":\"y\",\"metadata\":{\"name\":\"a\","
        "\"annotations\":{\"version\":\"1\"}},\"spec\":{\"components\":[]}}},"
        "\"deployed_version\":\"1\"}";
    struct arena arena = {0};
    struct wadm_kept kept;
    struct err err;

    (void)state;
    assert_int_equal(wadm_decode_kept(value, strlen(value), &arena, &kept, &err), ERR_OK);
    assert_int_equal(kept.count, 2);
    assert_string_equal(kept.items[0].version, "2");
    assert_string_equal(kept.items[1].version, "1");
    assert_string_equal(kept.deployed, "1");
    assert_non_null(strstr(kept.items[0].text, "\"annotations\":{\"version\":\"2\"}"));
    assert_non_null(strstr(kept.items[0].text, "{\"name\":\"s\",\"requirements\":{}}"));
    assert_non_null(strstr(kept.items[0].text, "\"requirements\":{\"k\":\"v\"}"));
    assert_true(is_valid(kept.items[0].text, &arena));
    assert_true(is_valid(kept.items[1].text, &arena));
    arena_free(&arena);
}

static void what_is_written_is_read_again(void **state)
{
    static const char *const items[] = {"a", "b\"c"};
    static const struct wadm_kept_version versions[] = {
        {"2", "{\"metadata\":{\"name\":\"a\",\"annotations\":{\"version\":\"2\"}}}"},
        {"1", "{\"metadata\":{\"name\":\"a\",\"annotations\":{\"version\":\"1\"}}}"},
    };
    const struct names names = {items, COUNT_OF(items)};
    const char *const deployed[] = {"2", NULL};
    struct arena arena = {0};
    struct names names_back;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, 4096);
    wadm_encode_names(&names, &text);
    assert_string_equal(text.bytes, "[\"a\",\"b\\\"c\"]");
    assert_int_equal(wadm_decode_names(text.bytes, text.count, &arena, &names_back, &err),
                     ERR_OK);
    assert_int_equal(names_back.count, 2);
    assert_string_equal(names_back.items[1], "b\"c");
    for (size_t i = 0; i < COUNT_OF(deployed); i++) {
        const struct wadm_kept kept = {versions, COUNT_OF(versions), deployed[i], NULL};
        struct wadm_kept back;

        text_init(&text, &arena, 4096);
        wadm_encode_kept(&kept, &text);
        assert_int_equal(wadm_decode_kept(text.bytes, text.count, &arena, &back, &err),
                         ERR_OK);
        assert_int_equal(back.count, 2);
        assert_string_equal(back.items[0].version, "2");
        assert_string_equal(back.items[0].text, versions[0].text);
        assert_string_equal(back.items[1].text, versions[1].text);
        assert_string_equal(back.application, "a");
        assert_true(deployed[i] == NULL ? back.deployed == NULL
                                        : strcmp(back.deployed, deployed[i]) == 0);
    }
    arena_free(&arena);
}

static void whose_manifests_they_are_is_known_if_they_agree(void **state)
{
    static const char *const values[] = {"{\"manifests\":{\"1\":{\"metadata\":{\"name\":"
                                         "\"a\"}},\"2\":{\"metadata\":{\"name\":"
                                         "\"b\"}}}}",
                                         "{\"manifests\":{\"1\":{\"metadata\":{}}}}",
                                         "{\"manifests\":{}}"};
    struct arena arena = {0};
    struct wadm_kept kept;
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        assert_int_equal(
            wadm_decode_kept(values[i], strlen(values[i]), &arena, &kept, &err), ERR_OK);
        assert_null(kept.application);
    }
    arena_free(&arena);
}

static void what_is_no_value_of_wadms_is_refused(void **state)
{
    static const char *const names[] = {"", "{}", "[1]", "[\"a\",null]", "[\"a\""};
    static const char *const kept[] = {"", "[]", "{\"manifests\":[]}",
                                       "{\"manifests\":{},\"deployed_version\":1}"};
    struct arena arena = {0};
    struct wadm_kept untouched = {.count = 7};
    struct names none = {NULL, 7};
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        assert_int_not_equal(
            wadm_decode_names(names[i], strlen(names[i]), &arena, &none, &err), ERR_OK);
    }
    for (size_t i = 0; i < COUNT_OF(kept); i++) {
        assert_int_not_equal(
            wadm_decode_kept(kept[i], strlen(kept[i]), &arena, &untouched, &err), ERR_OK);
    }
    assert_int_equal(none.count, 7);
    assert_int_equal(untouched.count, 7);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_wadm_wrote_is_read),
        cmocka_unit_test(what_a_wadm_dropped_is_there_again),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(whose_manifests_they_are_is_known_if_they_agree),
        cmocka_unit_test(what_is_no_value_of_wadms_is_refused),
    };

    return cmocka_run_group_tests_name("wadm_bucket", tests, NULL, NULL);
}
