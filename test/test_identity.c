#include "reconciler/run/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/run/nkey.h"
#include "reconciler/run/renaming.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define URL             "nats://h:1"
#define PUBLIC          "UC35GPOR3GLZMYYNOOIVAQDT3D73SW7YYSYPP3CUY372L7XSLHSSKXJB"

/* fixtures/nats/user.seed */
static void read_seed(char ret_seed[static NKEY_SEED_LETTERS + 1])
{
    FILE *file = fopen("fixtures/nats/user.seed", "re");

    assert_non_null(file);
    assert_int_equal(fread(ret_seed, 1, NKEY_SEED_LETTERS, file), NKEY_SEED_LETTERS);
    assert_int_equal(fclose(file), 0);
    ret_seed[NKEY_SEED_LETTERS] = '\0';
}

static void the_public_key_follows_from_the_seed(void **state)
{
    char seed[NKEY_SEED_LETTERS + 1];
    char public[NKEY_PUBLIC_LETTERS + 1];
    struct err err;

    (void)state;
    read_seed(seed);
    assert_true(nkey_is_seed(seed));
    assert_int_equal(nkey_public(seed, public, &err), ERR_OK);
    assert_string_equal(public, PUBLIC);
}

static void a_seed_with_one_wrong_letter_is_none(void **state)
{
    char seed[NKEY_SEED_LETTERS + 1];
    char public[NKEY_PUBLIC_LETTERS + 1];
    struct err err;

    (void)state;
    for (size_t i = 0; i < NKEY_SEED_LETTERS - 1; i++) { /* the last has two spare bits */
        read_seed(seed);
        seed[i] = seed[i] == 'A' ? 'B' : 'A';
        assert_false(nkey_is_seed(seed));
        seed[i] = '1'; /* no letter of base32 */
        assert_false(nkey_is_seed(seed));
        seed[i] = '\0';
        assert_false(nkey_is_seed(seed));
    }
    assert_int_equal(nkey_public("SU", public, &err), ERR_USAGE);
}

static void every_way_is_shown_without_its_secret(void **state)
{
    static const struct {
        struct connection connection;
        const char *shown;
    } cases[] = {
        {{.url = "nats://u:p@h"}, "the user of the URL"},
        {{.url = URL, .credentials = "fixtures/nats/user.creds"},
         "the user of credentials file 'fixtures/nats/user.creds'"},
        {{.url = URL,
          .jwt_file = "fixtures/nats/user.jwt",
          .seed_file = "fixtures/nats/user.seed"},
         "the user of the JWT in 'fixtures/nats/user.jwt'"},
        {{.url = URL, .jwt = "eyJ.a.b", .seed_file = "fixtures/nats/user.creds"},
         "the user of the JWT"},
        {{.url = URL, .seed_file = "fixtures/nats/user.seed"}, "nkey " PUBLIC},
        {{.url = URL, .user = "kim", .password = "secret"}, "user 'kim'"},
        {{.url = URL, .token = "secret", .who_from = "a place"},
         "the token, from a place"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};
        struct identity identity;
        struct err err;

        if (identity_read(&cases[i].connection, &arena, &identity, &err) != ERR_OK) {
            fail_msg("%s", err.message);
        }
        assert_memory_equal(identity.shown, cases[i].shown, strlen(cases[i].shown));
        arena_free(&arena);
    }
}

static void what_is_wrong_with_a_way_is_said_without_its_secret(void **state)
{
    static const struct {
        struct connection connection;
        const char *words;
    } cases[] = {
        {{.url = URL, .user = "kim"}, "a user and a password go together"},
        {{.url = URL, .password = "secret"}, "a user and a password go together"},
        {{.url = URL, .jwt = "eyJsecret"}, "the JWT wants its seed"},
        {{.url = "nats://u:secret@h", .token = "secret"},
         "a user in the URL and a token are two ways"},
        {{.url = URL, .credentials = "c", .seed = "secret"},
         "a credentials file and an nkey are two ways"},
        {{.url = URL, .credentials = "/nonexistent"}, "'/nonexistent' cannot be read"},
        {{.url = URL, .seed_file = "/nonexistent"}, "'/nonexistent' cannot be read"},
        {{.url = URL, .credentials = "fixtures/nats/user.jwt"}, "user.jwt' has no seed"},
        {{.url = URL, .credentials = "fixtures/nats/user.seed"}, "user.seed' has no JWT"},
        {{.url = URL, .seed_file = "fixtures/nats/ca.pem"}, "ca.pem' has no seed"},
        {{.url = URL, .seed = "secret"}, "has no seed of a user"},
        {{.url = URL, .jwt = "secret", .seed = "secret"}, "has no JWT"},
        {{.url = URL, .token_file = "/dev/null"}, "nothing in its first line"},
        {{.url = URL, .token = ""}, "nothing in its first line"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};
        struct identity identity;
        struct err err;

        assert_int_equal(identity_read(&cases[i].connection, &arena, &identity, &err),
                         ERR_USAGE);
        if (strstr(err.message, cases[i].words) == NULL) {
            fail_msg("no '%s' in '%s'", cases[i].words, err.message);
        }
        assert_null(strstr(err.message, "secret"));
        arena_free(&arena);
    }
}

static void subjects_are_renamed_out_and_in(void **state)
{
    static const struct {
        struct renaming renaming;
        const char *usual;
        const char *there;
    } cases[] = {
        {{NULL, NULL}, "wasmbus.ctl.v1.default.host.ping", NULL},
        {{"a.b", NULL}, "wasmbus.ctl.v1.default.host.ping", "a.b.v1.default.host.ping"},
        {{"a.b", NULL}, "wasmbus.evt.default.x", NULL},
        {{"a.b", NULL}, "wasmbus.ctlx.v1", NULL},
        {{NULL, "hub"}, "$JS.API.STREAM.INFO.KV_X", "$JS.hub.API.STREAM.INFO.KV_X"},
        {{NULL, "hub"}, "$KV.X.k", "$JS.hub.API.$KV.X.k"},
        {{NULL, "hub"}, "$JS.FC.KV_X.y", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *there = cases[i].there != NULL ? cases[i].there : cases[i].usual;
        struct arena arena = {0};

        assert_string_equal(renaming_out(&cases[i].renaming, cases[i].usual, &arena),
                            there);
        if (cases[i].renaming.domain == NULL) {
            assert_string_equal(renaming_in(&cases[i].renaming, there, &arena),
                                cases[i].usual);
        }
        arena_free(&arena);
    }
}

static void names_that_cannot_be_are_refused(void **state)
{
    static const struct renaming cases[] = {{"", NULL},    {"a..b", NULL}, {"a.>", NULL},
                                            {"a b", NULL}, {NULL, ""},     {NULL, "a.b"},
                                            {NULL, "*"}};
    struct err err;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(renaming_check(&cases[i], &err), ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_public_key_follows_from_the_seed),
        cmocka_unit_test(a_seed_with_one_wrong_letter_is_none),
        cmocka_unit_test(every_way_is_shown_without_its_secret),
        cmocka_unit_test(what_is_wrong_with_a_way_is_said_without_its_secret),
        cmocka_unit_test(subjects_are_renamed_out_and_in),
        cmocka_unit_test(names_that_cannot_be_are_refused),
    };

    return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
