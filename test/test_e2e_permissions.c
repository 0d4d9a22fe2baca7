#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "support_bus.h"
#include "support_permissions.h"
#include "support_stage.h"

#define QUICKSTART "fixtures/manifests/valid/quickstart.yaml"
#define DENIED     "Permissions Violation"

static struct arena arena;
static struct permissions permissions;

static int setup(void **state)
{
    permissions_read(&arena, &permissions);
    *state = stage_start_with(&(struct server_options){
        .has_jetstream = true, .config = permissions_config(&permissions, &arena)});
    return 0;
}

static int teardown(void **state)
{
    const int code = stage_teardown(state);

    arena_free(&arena);
    arena = (struct arena){0};
    return code;
}

/* The server's address with a user of the page. */
static const char *as(const struct stage *stage, const char *user)
{
    return arena_print(&arena, "nats://%s:x@%s", user, server_host_port(stage->server));
}

static void start_daemon(struct stage *stage, const char *user)
{
    stage_simulate(stage, NULL);
    stage_daemon_with(stage, (const char *[]){"--server", as(stage, user), NULL});
    stage_expect_daemon(stage);
}

static void a_daemon_is_denied_nothing(void **state)
{
    struct stage *stage = *state;

    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    start_daemon(stage, "daemon");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    stage_expect_converged(stage);
    (void)stage_order(stage, "lose-buckets");
    process_expect_errors(stage->daemon, "make-bucket LATTICEDATA", STAGE_MS);
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    assert_null(strstr(process_errors(stage->daemon), DENIED));
}

static void a_daemon_without_jetstream_is_told_what_it_lacks(void **state)
{
    struct stage *stage = *state;

    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    start_daemon(stage, "daemon-asking");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    process_expect_errors(stage->daemon, "$JS.API.STREAM.INFO.KV_LATTICEDATA_default",
                          STAGE_MS);
    process_expect_errors(stage->daemon, "no lease", STAGE_MS);
    process_expect_errors(stage->daemon, "$KV.TRELLIS_default.writer", STAGE_MS);
}

static void what_is_done_without_a_daemon_is_denied_nothing(void **state)
{
    struct stage *stage = *state;
    const char *direct = as(stage, "direct");
    const char *looking = as(stage, "looking");

    stage_simulate(stage, NULL);
    assert_int_equal(
        stage_run(stage, "plan", "--check", "--server", looking, QUICKSTART, NULL), 4);
    assert_null(strstr(stage_errors(stage), DENIED));
    assert_string_equal(reader_commands(stage->reader), "");
    assert_int_equal(
        stage_run(stage, "apply", "--wait", "--server", direct, QUICKSTART, NULL), 0);
    assert_null(strstr(stage_errors(stage), DENIED));
    assert_int_equal(stage_run(stage, "status", "--check", "--server", looking, NULL), 0);
    assert_null(strstr(stage_errors(stage), DENIED));
    assert_int_equal(stage_run(stage, "explain", "--server", looking, "httpserver", NULL),
                     0);
    assert_null(strstr(stage_errors(stage), DENIED));
    assert_int_equal(
        stage_run(stage, "delete", "--wait", "--server", direct, "hello-world", NULL), 0);
    assert_null(strstr(stage_errors(stage), DENIED));
}

static void who_may_only_look_changes_nothing(void **state)
{
    struct stage *stage = *state;
    struct process *apply;

    stage_simulate(stage, NULL);
    apply = stage_start_verb(stage, "apply", "--wait", "--server", as(stage, "looking"),
                             QUICKSTART, NULL);
    process_expect_errors(apply, DENIED " for Publish to \\\"wasmbus.ctl.v1.default.",
                          STAGE_MS);
    assert_int_not_equal(process_end(apply, STAGE_MS), 0);
    reader_expect(stage->reader, "", STAGE_NOW_MS);
}

static void expect_kept_events(struct stage *stage, const char *server)
{
    struct process *events =
        stage_start_verb(stage, "events", "--since", "0", "--server", server, NULL);

    process_expect_output(events, 0, "application is deployed", STAGE_MS);
    process_signal(events, SIGINT);
    assert_int_equal(process_wait(events, STAGE_MS), 0);
}

static void clients_of_a_daemon_may_do_what_is_theirs(void **state)
{
    struct stage *stage = *state;
    const char *client = as(stage, "client");
    const char *reader = as(stage, "reader");

    start_daemon(stage, "daemon");
    assert_int_equal(
        stage_run(stage, "apply", "--wait", "--server", client, QUICKSTART, NULL), 0);
    assert_int_equal(stage_run(stage, "status", "--check", "--server", reader, NULL), 0);
    assert_int_equal(stage_run(stage, "status", "--server", reader, "hello-world", NULL),
                     0);
    assert_int_equal(stage_run(stage, "explain", "--server", reader, "httpserver", NULL),
                     0);
    assert_int_equal(
        stage_run(stage, "delete", "--wait", "--server", reader, "hello-world", NULL), 7);
    stage_expect_errors(stage, "trellis.api.default.delete");
    expect_kept_events(stage, reader);
    assert_int_equal(stage_run(stage, "events", "--server", as(stage, "wash"), NULL), 7);
    stage_expect_errors(stage, "trellis.event.default");
    assert_int_equal(stage_run(stage, "apply", "--server", reader, QUICKSTART, NULL), 7);
    stage_expect_errors(stage, "trellis.api.default.apply");
    assert_int_equal(
        stage_run(stage, "delete", "--wait", "--server", client, "hello-world", NULL), 0);
}

static void what_is_exchanged_with_wadm_is_denied_nothing(void **state)
{
    struct stage *stage = *state;
    const char *exporting = as(stage, "exporting");
    const char *importing = as(stage, "importing");
    const char *other = arena_print(&arena, "%s/other.db", stage->directory);

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "apply", "--wait", QUICKSTART, NULL), 0);
    assert_int_equal(stage_run(stage, "export", "--to-wadm", "--server", exporting, NULL),
                     0);
    assert_null(strstr(stage_errors(stage), DENIED));
    assert_int_equal(
        stage_run(stage, "export", "--to-wadm", "--dry-run", "--server", exporting, NULL),
        0);
    assert_int_equal(stage_run(stage, "import", "--from-wadm", "--server", importing,
                               "--store", other, NULL),
                     0);
    assert_null(strstr(stage_errors(stage), DENIED));
    stage_expect_output(stage, "hello-world");
    assert_int_equal(stage_run(stage, "export", "--to-wadm", "--server", importing, NULL),
                     7);
    stage_expect_errors(stage, "wadm.api.default.model.list");
}

/* Neither may have the lease. */
static void a_second_trellis_is_known_for_one(void **state)
{
    struct stage *stage = *state;
    const char *store = arena_print(&arena, "%s/second.db", stage->directory);
    const char *asking = as(stage, "daemon-asking");
    struct process *second;

    start_daemon(stage, "daemon-asking");
    stage_copy(stage, "quickstart.yaml", "manifests/valid/quickstart.yaml");
    reader_expect(stage->reader, stage_quickstart, STAGE_MS);
    second = process_start((const char *[]){stage->trellis, "daemon", "--server", asking,
                                            "--store", store, "--http", "off", NULL});
    process_expect_errors(second, "another trellis keeps the lattice", STAGE_MS);
    assert_null(strstr(process_errors(second), "a wadm keeps"));
    stage_end_daemon(stage);
    process_expect_errors(second, "it is gone: this daemon keeps the lattice", STAGE_MS);
    assert_int_equal(process_end(second, STAGE_MS), 0);
    process_free(second);
}

/* pattern with a word for each wildcard. */
static const char *one_of(const char *pattern)
{
    char *subject = arena_copy(&arena, pattern);

    for (char *at = subject; *at != '\0'; at++) {
        if (*at == '*' || *at == '>') {
            *at = 'x';
        }
    }
    return subject;
}

/* Publish to what others may, and no more is let through than the page says. */
static void probe(struct bus *bus, const struct permissions_user *user,
                  const struct permissions_user *other)
{
    struct err err;

    for (size_t i = 0; other->publish[i] != NULL; i++) {
        const struct bus_message message = {.subject = one_of(other->publish[i])};
        struct mail *mail;

        if (permissions_match(user->publish, message.subject)) {
            continue;
        }
        assert_int_equal(bus_publish(bus, &message, &err), ERR_OK);
        mail = bus_await(bus, MAIL_DENIED, 0, STAGE_MS);
        assert_string_equal(mail->subject, message.subject);
        mail_free(mail);
    }
    for (size_t i = 0; other->subscribe[i] != NULL; i++) {
        const char *subject = one_of(other->subscribe[i]);
        struct mail *mail;

        if (permissions_match(user->subscribe, subject)) {
            continue;
        }
        assert_int_equal(bus_subscribe(bus, subject, NULL, 7, &err), ERR_OK);
        mail = bus_await(bus, MAIL_DENIED, 7, STAGE_MS);
        assert_string_equal(mail->subject, subject);
        mail_free(mail);
        bus_unsubscribe(bus, 7);
    }
}

static void everything_else_is_denied_by_its_name(void **state)
{
    struct stage *stage = *state;

    assert_int_equal(permissions.count, 9);
    for (int i = 0; i < permissions.count; i++) {
        struct bus *bus = bus_start(as(stage, permissions.users[i].name));

        for (int j = 0; j < permissions.count; j++) {
            probe(bus, &permissions.users[i], &permissions.users[j]);
        }
        bus_close(bus);
    }
}

#define PERMISSIONS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PERMISSIONS_TEST(a_daemon_is_denied_nothing),
        PERMISSIONS_TEST(a_daemon_without_jetstream_is_told_what_it_lacks),
        PERMISSIONS_TEST(what_is_done_without_a_daemon_is_denied_nothing),
        PERMISSIONS_TEST(who_may_only_look_changes_nothing),
        PERMISSIONS_TEST(clients_of_a_daemon_may_do_what_is_theirs),
        PERMISSIONS_TEST(what_is_exchanged_with_wadm_is_denied_nothing),
        PERMISSIONS_TEST(a_second_trellis_is_known_for_one),
        PERMISSIONS_TEST(everything_else_is_denied_by_its_name),
    };

    return cmocka_run_group_tests_name("e2e permissions", tests, NULL, NULL);
}
