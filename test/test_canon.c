#include "manifest/canon.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/manifest.h"
#include "test/support_manifest.h"

#define TEXT_BYTES ((size_t)64 * 1024)

/* An application with one annotation. */
static const char *canon_of(const char *key, const char *value, struct arena *arena)
{
    const struct property property = {.key = key, .value = value};
    const struct oam_application application = {
        .name = "app",
        .annotations = {.items = &property, .count = 1},
    };
    struct text text;

    text_init(&text, arena, TEXT_BYTES);
    canon_print(&application, &text);
    return text.bytes;
}

static void test_quoting(void **state)
{
    static const struct support_case cases[] = {
        {"a word", "word", "word"},
        {"a URL", "redis://127.0.0.1:6379", "redis://127.0.0.1:6379"},
        {"a path", "/a/b", "/a/b"},
        {"an image", "ghcr.io/a/b@sha256:00", "ghcr.io/a/b@sha256:00"},
        {"nothing", "", "\"\""},
        {"white space", " a ", "\" a \""},
        {"an integer", "12", "\"12\""},
        {"a float", "1.5", "\"1.5\""},
        {"a version", "v1.5", "v1.5"},
        {"a bool", "true", "\"true\""},
        {"an old bool", "on", "\"on\""},
        {"null", "null", "\"null\""},
        {"tilde", "~", "\"~\""},
        {"a key", "a:", "\"a:\""},
        {"an alias", "*a", "\"*a\""},
        {"a dash", "-", "\"-\""},
        {"merge", "<<", "\"<<\""},
        {"quotes", "\"\\'", "\"\\\"\\\\'\""},
        {"lines", "a\nb\tc\r", "\"a\\nb\\tc\\u000d\""},
        {"controls", "\x01\x7f\xc2\x85", "\"\\u0001\\u007f\\u0085\""},
        {"breaks and marks", "\xe2\x80\xa8\xef\xbb\xbf\xef\xbf\xbf",
         "\"\\u2028\\ufeff\\uffff\""},
        {"not ASCII", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
         "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *canon = canon_of("key", cases[i].input, &arena);
        const char *expected = arena_print(&arena,
                                           "apiVersion: core.oam.dev/v1beta1\n"
                                           "kind: Application\n"
                                           "metadata:\n"
                                           "  name: app\n"
                                           "  annotations:\n"
                                           "    key: %s\n"
                                           "spec:\n"
                                           "  components: []\n",
                                           cases[i].expected);

        support_assert_text(cases[i].name, expected, canon);
    }
    arena_free(&arena);
}

/* What canon prints for a map of strings is read as the same map. */
static void check_round_trip(const char *key, const char *value)
{
    struct arena arena = {0};
    const struct property property = {.key = key, .value = value};
    const struct oam_config config = {
        .name = "c",
        .has_properties = true,
        .properties = {.items = &property, .count = 1},
    };
    const struct oam_component component = {
        .kind = OAM_CAPABILITY,
        .name = value,
        .image = "x",
        .configs = {.items = &config, .count = 1},
    };
    const struct oam_application application = {
        .name = "app", .components = &component, .components_count = 1};
    const struct property *read;
    struct manifest manifest;
    struct diags diags;
    struct text text;
    struct err err;

    text_init(&text, &arena, TEXT_BYTES);
    canon_print(&application, &text);
    diags_init(&diags, &arena, "canon");
    if (manifest_read(text.bytes, text.count, "canon", &arena, &diags, &manifest, &err) !=
        ERR_OK) {
        fail_msg("%s\n%s", err.message, text.bytes);
    }
    read = manifest.applications[0].components[0].configs.items[0].properties.items;
    assert_string_equal(manifest.applications[0].components[0].name, value);
    assert_string_equal(read->key, key);
    assert_string_equal(read->value, value);
    arena_free(&arena);
}

static void test_every_character(void **state)
{
    (void)state;
    for (unsigned int byte = 1; byte < 0x80; byte++) {
        const char alone[] = {(char)byte, '\0'};
        const char inside[] = {'a', (char)byte, 'b', '\0'};
        const char twice[] = {(char)byte, (char)byte, '\0'};

        check_round_trip(alone, inside);
        check_round_trip(inside, alone);
        check_round_trip(twice, twice);
    }
}

static void test_other_characters(void **state)
{
    static const char *const strings[] = {
        "",
        "\xc2\x80",
        "\xc2\x85",
        "\xc2\x9f",
        "\xc2\xa0",
        "\xc3\xa9",
        "\xe2\x80\xa8",
        "\xe2\x80\xa9",
        "\xed\x9f\xbf",
        "\xee\x80\x80",
        "\xef\xbb\xbf",
        "\xef\xbf\xbd",
        "\xef\xbf\xbe",
        "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf",
        "a: b",
        "a #b",
        "- a",
        "? a",
        "{a}",
        "---",
        "...",
        "!!str a",
        "%TAG",
        "0x10",
        "yes",
        ".inf",
        "2024-01-02",
    };

    (void)state;
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        check_round_trip(strings[i], strings[i]);
    }
}

static void test_long_keys(void **state)
{
    static char key[2000];

    (void)state;
    for (size_t length = 120; length < sizeof key - 1; length += 47) {
        memset(key, 'k', length);
        key[length] = '\0';
        check_round_trip(key, "plain");
        memset(key, '\x01', length);
        check_round_trip(key, "escaped");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"strings are quoted where they must be", test_quoting, NULL, NULL, NULL},
        {"every ASCII character reads back", test_every_character, NULL, NULL, NULL},
        {"characters beyond ASCII read back", test_other_characters, NULL, NULL, NULL},
        {"keys of any length read back", test_long_keys, NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("canon", tests, NULL, NULL);
}
