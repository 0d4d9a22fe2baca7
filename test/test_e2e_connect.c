#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support_nats.h"
#include "support_process.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define RUN_MS          60000
#define WORDS_MAX       24
#define TEXT_BYTES      8192

/* Who gets in sees an empty lattice, and ends with 0; who does not ends with 7. */
#define LOOK "status --timeout 9s --store /nonexistent/store.db -s "

static char trellis[256];

/* The text of a file of fixtures/nats. */
static const char *fixture(const char *name, char *ret_text, size_t size)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof path, "fixtures/nats/%s", name);
    file = fopen(path, "re");
    assert_non_null(file);
    ret_text[fread(ret_text, 1, size - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    return ret_text;
}

static void set(const char *variable, const char *value)
{
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread of ours reads it
    assert_int_equal(value != NULL ? setenv(variable, value, 1) : unsetenv(variable), 0);
}

/* Run trellis with the words of line, $S being the host and port of server. */
static struct process *run(const struct server *server, const char *line)
{
    const char *words[WORDS_MAX] = {trellis};
    char text[TEXT_BYTES] = "";
    char *save = NULL;
    size_t count = 1;

    for (const char *at = line; *at != '\0'; at++) {
        const size_t length = strlen(text);

        if (strncmp(at, "$S", 2) == 0) {
            (void)snprintf(text + length, sizeof text - length, "%s",
                           server_host_port(server));
            at++;
        } else {
            (void)snprintf(text + length, sizeof text - length, "%c", *at);
        }
    }
    for (char *word = strtok_r(text, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        assert_true(count < WORDS_MAX - 1);
        words[count++] = word;
    }
    return process_start(words);
}

/* Expect the end of a command line, and words in what it says is wrong. */
static void expect(const struct server *server, const char *line, int status,
                   const char *words)
{
    struct process *process = run(server, line);
    const int ended = process_wait(process, RUN_MS);
    const char *errors = process_errors(process);

    if (ended != status || strstr(errors, words) == NULL) {
        fail_msg("%s\nended with %d, not %d, or without '%s':\n%s", line, ended, status,
                 words, errors);
    }
    assert_null(strstr(errors, "hidden"));
    assert_null(strstr(errors, "Sanitizer"));
    process_free(process);
}

static struct server *start(const char *config)
{
    return server_start(&(struct server_options){.config = config});
}

static void a_user_and_its_password(void **state)
{
    struct server *server = start("authorization { users: [ {user: kim, password: "
                                  "hidden-1}, {user: ann, password: hidden-2} ] }");

    *state = server;
    expect(server, LOOK "nats://kim:hidden-1@$S", 0, "connected");
    expect(server, LOOK "nats://kim:hidden-3@$S", 7, "it refuses the user of the URL");
    expect(server, LOOK "$S", 7, "lets nobody in without credentials");
    set("TRELLIS_PASSWORD", "hidden-2");
    expect(server, LOOK "$S --user ann", 0, "connected");
    expect(server, LOOK "$S --user kim", 7, "it refuses user 'kim'");
    set("TRELLIS_PASSWORD", NULL);
    expect(server, LOOK "$S --user kim", 2, "a user and a password go together");
    set("TRELLIS_USER", "ann");
    set("TRELLIS_PASSWORD", "hidden-3");
    expect(server, LOOK "$S", 7, "user 'ann', from the environment");
    set("TRELLIS_USER", NULL);
    set("TRELLIS_PASSWORD", NULL);
}

static void a_token(void **state)
{
    struct server *server = start("authorization { token: hidden-token }");

    *state = server;
    set("TRELLIS_TOKEN", "hidden-token");
    expect(server, LOOK "$S", 0, "connected");
    set("TRELLIS_TOKEN", "hidden");
    expect(server, LOOK "$S", 7, "it refuses the token");
    set("TRELLIS_TOKEN", NULL);
    expect(server, LOOK "$S --token-file /nonexistent", 2,
           "'/nonexistent' cannot be read");
}

static void an_nkey(void **state)
{
    char config[TEXT_BYTES];
    struct server *server = start(fixture("nkey.conf", config, sizeof config));

    *state = server;
    expect(server, LOOK "$S --nkey fixtures/nats/user.seed", 0, "connected");
    expect(server, LOOK "$S --nkey fixtures/nats/other.seed", 7, "it refuses nkey U");
    expect(server, LOOK "$S --nkey fixtures/nats/user.jwt", 2, "has no seed");
}

static void a_jwt_with_its_seed_and_a_credentials_file(void **state)
{
    char config[TEXT_BYTES];
    char jwt[TEXT_BYTES];
    char seed[128];
    struct server *server = start(fixture("operator.conf", config, sizeof config));

    *state = server;
    expect(server, LOOK "$S --creds fixtures/nats/user.creds", 0, "connected");
    expect(server, LOOK "$S --jwt fixtures/nats/user.jwt --nkey fixtures/nats/user.seed",
           0, "connected");
    expect(server, LOOK "$S --jwt fixtures/nats/user.jwt --nkey fixtures/nats/other.seed",
           7, "it refuses the user of the JWT in 'fixtures/nats/user.jwt'");
    expect(server, LOOK "$S --creds fixtures/nats/nothing.creds", 2,
           "'fixtures/nats/nothing.creds' cannot be read");
    expect(server, LOOK "$S --creds fixtures/nats/user.jwt", 2, "has no seed");
    set("WASMCLOUD_CTL_JWT", fixture("user.jwt", jwt, sizeof jwt));
    set("WASMCLOUD_CTL_SEED", fixture("user.seed", seed, sizeof seed));
    expect(server, LOOK "$S", 0, "connected");
    set("WASMCLOUD_CTL_SEED", NULL);
    expect(server, LOOK "$S", 2, "the JWT wants its seed");
    set("WASMCLOUD_CTL_JWT", NULL);
}

static void a_context_of_wash(void **state)
{
    char config[TEXT_BYTES];
    char folder[128];
    char path[160];
    char context[256];
    struct server *server = start(fixture("operator.conf", config, sizeof config));
    FILE *file;

    *state = server;
    (void)snprintf(folder, sizeof folder, "%s/trellis-contexts-XXXXXX",
                   process_temporary());
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/here.json", folder);
    file = fopen(path, "we");
    assert_non_null(file);
    (void)snprintf(context, sizeof context,
                   "{\"name\":\"here\",\"ctl_host\":\"127.0.0.1\",\"ctl_port\":%s,"
                   "\"ctl_credsfile\":\"fixtures/nats/user.creds\",\"lattice\":\"east\"}",
                   strchr(server_host_port(server), ':') + 1);
    assert_int_equal(fwrite(context, strlen(context), 1, file), 1);
    assert_int_equal(fclose(file), 0);

    set("WASH_CONTEXT_DIR", folder);
    expect(server, "status --store /nonexistent/a.db --context here", 0, "connected");
    set("TRELLIS_TOKEN", "hidden"); /* is nearer */
    expect(server, "status --store /nonexistent/a.db --context here", 7,
           "it refuses the token, from the environment");
    set("TRELLIS_TOKEN", NULL);
    set("WASH_CONTEXT_DIR", "/nonexistent");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

/* A server of TLS that shows the certificate of this name, with more settings. */
static struct server *start_tls(const char *name, const char *more)
{
    char folder[512];
    char config[2048];

    assert_non_null(getcwd(folder, sizeof folder));
    (void)snprintf(
        config, sizeof config,
        "tls { cert_file: \"%s/fixtures/nats/%s.pem\", key_file: "
        "\"%s/fixtures/nats/%s.key\", ca_file: \"%s/fixtures/nats/ca.pem\" %s }",
        folder, name, folder, name, folder, more);
    return start(config);
}

#define CA " --tls-ca fixtures/nats/ca.pem"

static void tls_with_an_authority_of_ones_own(void **state)
{
    struct server *server = start_tls("server", "");

    *state = server;
    expect(server, LOOK "tls://$S" CA, 0, "connected");
    expect(server, LOOK "$S" CA, 0, "connected");
    expect(server, LOOK "tls://$S", 7, "--tls-ca FILE");
    expect(server, LOOK "$S --tls-ca fixtures/nats/user.seed", 2,
           "no certificate in PEM");
    expect(server, LOOK "$S --tls-ca /nonexistent", 2,
           "--tls-ca: the file '/nonexistent'");
    set("WASH_CTL_TLS_FIRST", "true");
    expect(server, LOOK "$S" CA, 2, "TLS before the server's greeting");
    set("WASH_CTL_TLS_FIRST", NULL);
}

static void tls_of_another_server_is_refused(void **state)
{
    struct server *server = start_tls("elsewhere", "");

    *state = server;
    expect(server, LOOK "tls://$S" CA, 7, "check its certificate");
}

static void tls_with_a_certificate_of_the_client(void **state)
{
    struct server *server = start_tls("server", ", verify: true");

    *state = server;
    expect(server,
           LOOK "$S" CA " --tls-cert fixtures/nats/client.pem --tls-key "
                "fixtures/nats/client.key",
           0, "connected");
    expect(server, LOOK "$S" CA, 7, "--tls-cert");
    expect(server, LOOK "$S" CA " --tls-cert fixtures/nats/client.pem", 2, "go together");
    expect(server,
           LOOK "$S" CA " --tls-cert fixtures/nats/client.pem --tls-key "
                "fixtures/nats/server.key",
           2, "are not a certificate and its key");
}

static void the_first_of_several_servers_that_answers(void **state)
{
    struct server *server = start("");

    *state = server;
    expect(server, LOOK "nats://127.0.0.1:1,$S", 0, "connected");
    expect(server, LOOK "nats://127.0.0.1:1,nats://127.0.0.1:2", 7,
           "nats://127.0.0.1:1,nats://127.0.0.1:2: no NATS server answers");
}

static void an_inbox_of_ones_own(void **state)
{
    struct server *server =
        start("authorization { users: [ {user: kim, password: x, permissions: {publish: "
              "[\"wasmbus.ctl.>\", \"$JS.API.>\", \"trellis.api.>\"], subscribe: "
              "[\"_INBOX_kim.>\", \"wasmbus.evt.>\"]}} ] }");

    *state = server;
    expect(server, LOOK "nats://kim:x@$S --inbox-prefix _INBOX_kim", 0, "connected");
    expect(server, LOOK "nats://kim:x@$S", 7,
           "Permissions Violation for Subscription to "
           "\"_INBOX.");
    expect(server, LOOK "nats://kim:x@$S --inbox-prefix a..b", 2, "--inbox-prefix");
}

/* The text of a file of fixtures/nats at path, in one go. */
static void install(const char *name, const char *path)
{
    char text[TEXT_BYTES];
    char draft[192];
    FILE *file;

    (void)fixture(name, text, sizeof text);
    (void)snprintf(draft, sizeof draft, "%s.draft", path);
    file = fopen(draft, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text, strlen(text), 1, file), 1);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(draft, path), 0);
}

struct rotation {
    const char *option;
    const char *config; /* files of fixtures/nats, before and after */
    const char *config_after;
    const char *secret;
    const char *secret_after;
};

/* The server lets in another one from now on, and cuts off who was let in before. */
static void rotate(void **state, const struct rotation *rotation)
{
    char config[TEXT_BYTES];
    char folder[128];
    char path[160];
    char line[512];
    struct server *server = start(fixture(rotation->config, config, sizeof config));
    struct process *daemon;

    *state = server;
    (void)snprintf(folder, sizeof folder, "%s/trellis-rotate-XXXXXX",
                   process_temporary());
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/secret", folder);
    install(rotation->secret, path);
    (void)snprintf(line, sizeof line,
                   "daemon -s $S %s %s --http off --log plain --store %s/store.db",
                   rotation->option, path, folder);
    daemon = run(server, line);
    process_expect_errors(daemon, "connected server=", RUN_MS);

    install(rotation->secret_after, path);
    server_configure(server, fixture(rotation->config_after, config, sizeof config));
    process_expect_errors_count(daemon, "connected server=", 2, RUN_MS);
    assert_int_equal(process_end(daemon, RUN_MS), 0);
    process_free(daemon);
    (void)snprintf(line, sizeof line, LOOK "$S %s fixtures/nats/%s", rotation->option,
                   rotation->secret);
    expect(server, line, 7, "it refuses");
}

static void credentials_may_be_replaced_while_a_daemon_runs(void **state)
{
    rotate(state, &(struct rotation){"--creds", "operator.conf", "operator-revoked.conf",
                                     "user.creds", "other.creds"});
}

static void an_nkey_may_be_replaced_while_a_daemon_runs(void **state)
{
    rotate(state, &(struct rotation){"--nkey", "nkey.conf", "nkey-other.conf",
                                     "user.seed", "other.seed"});
}

static void a_password_may_be_replaced_while_a_daemon_runs(void **state)
{
    rotate(state, &(struct rotation){"--user kim --password-file", "kim.conf",
                                     "kim-other.conf", "user.seed", "other.seed"});
}

static int teardown(void **state)
{
    server_stop(*state);
    *state = NULL;
    return 0;
}

static int find_trellis(void **state)
{
    (void)state;
    process_find_trellis(trellis, sizeof trellis);
    set("WASH_CONTEXT_DIR", "/nonexistent");
    return 0;
}

#define CONNECT_TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONNECT_TEST(a_user_and_its_password),
        CONNECT_TEST(a_token),
        CONNECT_TEST(an_nkey),
        CONNECT_TEST(a_jwt_with_its_seed_and_a_credentials_file),
        CONNECT_TEST(a_context_of_wash),
        CONNECT_TEST(tls_with_an_authority_of_ones_own),
        CONNECT_TEST(tls_of_another_server_is_refused),
        CONNECT_TEST(tls_with_a_certificate_of_the_client),
        CONNECT_TEST(the_first_of_several_servers_that_answers),
        CONNECT_TEST(an_inbox_of_ones_own),
        CONNECT_TEST(credentials_may_be_replaced_while_a_daemon_runs),
        CONNECT_TEST(an_nkey_may_be_replaced_while_a_daemon_runs),
        CONNECT_TEST(a_password_may_be_replaced_while_a_daemon_runs),
    };

    return cmocka_run_group_tests_name("e2e connect", tests, find_trellis, NULL);
}
