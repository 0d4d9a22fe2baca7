#include "reconciler/run/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_manifest.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define WORDS_MAX       16

extern char **environ;

/* Nothing of the machine's own counts, but how cmocka is to report: only what stands in
 * environment, "A=b C=d". */
static void set_environment(const char *environment)
{
    static char words[1024];
    char *save = NULL;
    size_t kept = 0;

    while (environ != NULL && environ[kept] != NULL) {
        char name[256];

        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(environ[kept], "="),
                       environ[kept]);
        if (strncmp(name, "CMOCKA_", strlen("CMOCKA_")) == 0) {
            kept++;
            continue;
        }
        // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
        assert_int_equal(unsetenv(name), 0);
    }
    (void)snprintf(words, sizeof words, "%s", environment);
    for (char *word = strtok_r(words, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        const size_t length = strcspn(word, "=");

        assert_int_equal(word[length], '=');
        word[length] = '\0';
        // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread
        assert_int_equal(setenv(word, word + length + 1, 1), 0);
    }
}

static enum err_code read_line(const char *line, enum verb verb, struct arena *arena,
                               struct options *ret_options, struct err *err)
{
    char *words[WORDS_MAX] = {arena_copy(arena, "verb")};
    char *save = NULL;
    int count = 1;

    for (char *word = strtok_r(arena_copy(arena, line), " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        assert_true(count < WORDS_MAX - 1);
        words[count++] = word;
    }
    return options_read(verb, count, words, arena, ret_options, err);
}

/* What there is of the connection, and the lattice. */
static const char *describe(const struct options *options, struct arena *arena)
{
    const struct connection *c = &options->connection;
    const struct {
        const char *name;
        const char *value;
    } texts[] = {
        {"creds", c->credentials},   {"jwt", c->jwt},
        {"jwt_file", c->jwt_file},   {"seed", c->seed},
        {"seed_file", c->seed_file}, {"user", c->user},
        {"password", c->password},   {"password_file", c->password_file},
        {"token", c->token},         {"token_file", c->token_file},
        {"from", c->who_from},       {"ca", c->authority},
        {"cert", c->certificate},    {"key", c->key},
        {"domain", c->domain},       {"control", c->control},
        {"inbox", c->inbox},         {"first", c->is_tls_first ? "yes" : NULL},
    };
    struct text text;

    text_init(&text, arena, 4096);
    text_append(&text, "%s %s", c->url, options->lattice);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (texts[i].value != NULL) {
            text_append(&text, " %s=%s", texts[i].name, texts[i].value);
        }
    }
    return text.bytes;
}

#define USUAL "nats://127.0.0.1:4222 default"

struct reading_case {
    const char *environment;
    const char *line;
    const char *expected;
};

static void check_all(const struct reading_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct arena arena = {0};
        struct options options;
        struct err err;

        set_environment(cases[i].environment);
        if (read_line(cases[i].line, VERB_STATUS, &arena, &options, &err) != ERR_OK) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(describe(&options, &arena), cases[i].expected);
        arena_free(&arena);
    }
}

static void what_is_nearer_counts(void **state)
{
    static const struct reading_case cases[] = {
        {"", "", USUAL},
        {"",
         "--creds c --tls-ca a --tls-cert b --tls-key k --js-domain d --ctl-prefix p "
         "--inbox-prefix i",
         USUAL " creds=c ca=a cert=b key=k domain=d control=p inbox=i"},
        {"", "--nkey s", USUAL " seed_file=s"},
        {"", "--jwt j --nkey s", USUAL " jwt_file=j seed_file=s"},
        {"", "--user u --password-file p", USUAL " user=u password_file=p"},
        {"", "--token-file t", USUAL " token_file=t"},

        /* ours */
        {"TRELLIS_NKEY=s", "", USUAL " seed=s from=the environment (TRELLIS_*)"},
        {"TRELLIS_NKEY_FILE=s", "",
         USUAL " seed_file=s from=the environment (TRELLIS_*)"},
        {"TRELLIS_JWT=j TRELLIS_NKEY=s", "",
         USUAL " jwt=j seed=s from=the environment (TRELLIS_*)"},
        {"TRELLIS_JWT_FILE=j", "", USUAL " jwt_file=j from=the environment (TRELLIS_*)"},
        {"TRELLIS_USER=u TRELLIS_PASSWORD=p", "",
         USUAL " user=u password=p from=the environment (TRELLIS_*)"},
        {"TRELLIS_TOKEN=t", "", USUAL " token=t from=the environment (TRELLIS_*)"},
        {"TRELLIS_TOKEN_FILE=t", "",
         USUAL " token_file=t from=the environment (TRELLIS_*)"},
        {"TRELLIS_TLS_CA=a TRELLIS_TLS_CERT=b TRELLIS_TLS_KEY=k", "",
         USUAL " ca=a cert=b key=k"},
        {"TRELLIS_JS_DOMAIN=d TRELLIS_CTL_PREFIX=p TRELLIS_INBOX_PREFIX=i", "",
         USUAL " domain=d control=p inbox=i"},

        /* an option names the way; the environment may say the secret */
        {"TRELLIS_PASSWORD=p", "--user u", USUAL " user=u password=p"},
        {"TRELLIS_PASSWORD_FILE=p", "--user u", USUAL " user=u password_file=p"},
        {"TRELLIS_NKEY=s", "--jwt j", USUAL " jwt_file=j seed=s"},
        {"TRELLIS_CREDS=e TRELLIS_TOKEN=t", "--creds c", USUAL " creds=c"},
        {"TRELLIS_TOKEN=t", "-s nats://u:p@h", "nats://u:p@h default"},

        /* wash's */
        {"WASMCLOUD_CTL_JWT=j WASMCLOUD_CTL_SEED=s", "",
         USUAL " jwt=j seed=s from=the environment of wash"},
        {"WASMCLOUD_CTL_CREDSFILE=c", "", USUAL " creds=c from=the environment of wash"},
        {"WASH_CTL_CREDS=d WASMCLOUD_CTL_CREDSFILE=c", "",
         USUAL " creds=d from=the environment of wash"},
        {"WASH_CTL_CREDS=d TRELLIS_NKEY=s", "",
         USUAL " seed=s from=the environment (TRELLIS_*)"},
        {"WASH_CTL_TLS_CA_FILE=a WASMCLOUD_JS_DOMAIN=d WASMCLOUD_CTL_TOPIC_PREFIX=p", "",
         USUAL " ca=a domain=d control=p"},
        {"WASMCLOUD_CTL_TLS_CA_FILE=a TRELLIS_TLS_CA=b", "", USUAL " ca=b"},
        {"WASH_CTL_TLS_FIRST=true", "", USUAL " first=yes"},
        {"WASH_CTL_TLS_FIRST=false", "", USUAL},
        {"WASMCLOUD_CTL_HOST=::1", "", "nats://[::1]:4222 default"},
    };

    (void)state;
    check_all(cases, COUNT_OF(cases));
}

#define CONTEXTS "WASH_CONTEXT_DIR=fixtures/contexts "
#define PROD     "nats://nats.example.org:4333 east"

static void a_context_of_wash_says_what_nothing_else_does(void **state)
{
    static const struct reading_case cases[] = {
        {CONTEXTS, "", USUAL},
        {CONTEXTS, "--context prod",
         PROD
         " jwt=eyJ.a.b seed=SU from=wash context 'prod' ca=/etc/prod.pem domain=hub"},
        {CONTEXTS "TRELLIS_CONTEXT=prod", "--creds c",
         PROD " creds=c ca=/etc/prod.pem domain=hub"},
        {CONTEXTS "TRELLIS_CONTEXT=prod WASMCLOUD_LATTICE=west", "--token-file t",
         "nats://nats.example.org:4333 west token_file=t ca=/etc/prod.pem domain=hub"},
        {CONTEXTS "TRELLIS_CONTEXT=prod WASMCLOUD_JS_DOMAIN=w", "--context old -x x",
         "nats://[::1]:4222 x creds=/home/kim/old.creds from=wash context 'old' "
         "domain=w"},
        {CONTEXTS, "--context old",
         "nats://[::1]:4222 old creds=/home/kim/old.creds from=wash context 'old'"},
        {CONTEXTS, "--context first", USUAL " first=yes"},
        {"WASH_CONTEXT_DIR=/nonexistent", "", USUAL},
        {"WASH_CONFIG_DIR=fixtures HOME=/nonexistent", "--context old -x x",
         "nats://[::1]:4222 x creds=/home/kim/old.creds from=wash context 'old'"},
        {"HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent", "", USUAL},
    };

    (void)state;
    check_all(cases, COUNT_OF(cases));
}

static void expect_refusal(const char *environment, const char *line, const char *message)
{
    struct arena arena = {0};
    struct options options;
    struct err err = {0};

    set_environment(environment);
    assert_int_equal(read_line(line, VERB_STATUS, &arena, &options, &err), ERR_USAGE);
    if (strstr(err.message, message) == NULL) {
        fail_msg("no '%s' in '%s'", message, err.message);
    }
    arena_free(&arena);
}

static void a_context_that_cannot_be_used_is_named(void **state)
{
    (void)state;
    expect_refusal(CONTEXTS, "--context none",
                   "there is no wash context 'none' in fixtures/contexts");
    expect_refusal(CONTEXTS, "--context broken", "contexts/broken.json' cannot be used");
    expect_refusal(CONTEXTS, "--context ../nats/x", "is no name of a context");
    expect_refusal("", "--context prod", "there is no wash context 'prod'");
}

static void who_does_not_connect_reads_no_context(void **state)
{
    struct arena arena = {0};
    struct options options;
    struct err err;

    (void)state;
    set_environment(CONTEXTS "TRELLIS_CONTEXT=broken");
    assert_int_equal(read_line("", VERB_VALIDATE, &arena, &options, &err), ERR_OK);
    assert_int_equal(read_line("--help", VERB_APPLY, &arena, &options, &err), ERR_OK);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_nearer_counts),
        cmocka_unit_test(a_context_of_wash_says_what_nothing_else_does),
        cmocka_unit_test(a_context_that_cannot_be_used_is_named),
        cmocka_unit_test(who_does_not_connect_reads_no_context),
    };

    return cmocka_run_group_tests_name("options connection", tests, NULL, NULL);
}
