#include "reconciler/run/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_manifest.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define TEXT_BYTES      ((size_t)16 * 1024)

/* The names in the help of verb, each with a blank before and after. */
static const char *help_names(enum verb verb, struct arena *arena)
{
    struct text help;
    struct text names;

    text_init(&help, arena, TEXT_BYTES);
    text_init(&names, arena, TEXT_BYTES);
    options_print(verb, &help);
    text_append(&names, " ");
    for (const char *at = strstr(help.bytes, "--"); at != NULL; at = strstr(at, "--")) {
        const size_t length = strcspn(at, " ");

        text_append(&names, "%.*s ", (int)length, at);
        at += length;
    }
    return names.bytes;
}

/* Whether verb takes the option name, with or without a value. */
static bool is_taken(enum verb verb, const char *name)
{
    static const char *const values[] = {NULL,           "1",    "2",      "json",
                                         "floating-tag", "auto", "always", "prod",
                                         "failed",       "a=b"};
    bool is_one = false;

    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct arena arena = {0};
        char *words[] = {arena_copy(&arena, "verb"), arena_copy(&arena, name),
                         values[i] != NULL ? arena_copy(&arena, values[i]) : NULL, NULL};
        struct options options;
        struct err err;

        is_one = is_one || options_read(verb, values[i] != NULL ? 3 : 2, words, &arena,
                                        &options, &err) == ERR_OK;
        arena_free(&arena);
    }
    return is_one;
}

/* Each verb that takes name says so, and no other one does. */
static void assert_help_names(const char *name, struct arena *arena)
{
    const char *word = arena_print(arena, " %s ", name);

    for (unsigned int verb = 1; verb < VERB_ALL; verb *= 2) {
        const char *names = help_names((enum verb)verb, arena);

        assert_int_equal(strstr(names, word) != NULL, is_taken((enum verb)verb, name));
    }
}

static void the_help_of_a_verb_names_just_the_options_it_takes(void **state)
{
    struct arena arena = {0};
    const char *all = help_names(VERB_ALL, &arena);
    size_t count = 0;

    (void)state;
    for (const char *at = all + 1; *at != '\0'; at += strcspn(at, " ") + 1) {
        assert_help_names(arena_text(&arena, at, strcspn(at, " ")), &arena);
        count++;
    }
    assert_true(count > 30); /* it is the help of a program with many */
    arena_free(&arena);
}

static void the_help_is_a_table(void **state)
{
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, TEXT_BYTES);
    options_print(VERB_VALIDATE, &text);
    support_assert_text("validate",
                        "  -s, --server       URL   NATS server, nats://127.0.0.1:4222\n"
                        "      --creds        FILE  NATS credentials\n"
                        "  -x, --lattice      NAME  lattice, default\n"
                        "      --store        FILE  where the desired state is kept\n"
                        "  -o, --output       FORM  human, json, sarif or github\n"
                        "      --timeout      TIME  give up after, 60s\n"
                        "      --strict             take warnings for errors\n"
                        "      --allow        RULE  no warnings of this rule\n"
                        "      --color        WHEN  auto, always or never\n"
                        "  -v, --verbose            say more\n"
                        "  -q, --quiet              say only what is wrong\n"
                        "  -h, --help               show this\n",
                        text.bytes);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_help_of_a_verb_names_just_the_options_it_takes),
        cmocka_unit_test(the_help_is_a_table),
    };

    // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
    (void)setenv("WASH_CONTEXT_DIR", "fixtures/contexts", 1);
    return cmocka_run_group_tests_name("options help", tests, NULL, NULL);
}
