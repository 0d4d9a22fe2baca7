#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support_api.h"
#include "support_page.h"
#include "test/support_schema.h"

#define LINK "hello_world-httpserver hello_world-http_component"

/* A component of one instance, of that version of the application shop. */
static char *shop_body(const char *version, json_t *conditions)
{
    static const char form[] = "apiVersion: core.oam.dev/v1beta1\n"
                               "kind: Application\n"
                               "metadata:\n"
                               "  name: shop\n"
                               "  annotations: {version: %s}\n"
                               "spec:\n"
                               "  components:\n"
                               "    - name: web\n"
                               "      type: component\n"
                               "      properties: {image: 'ghcr.io/acme/web:%s'}\n"
                               "      traits:\n"
                               "        - type: spreadscaler\n"
                               "          properties: {instances: 1}\n";
    char text[sizeof form + 64];

    (void)snprintf(text, sizeof text, form, version, version);
    return api_manifest_body(text, conditions);
}

static void expect_change(struct stage *stage, const char *version, json_t *conditions,
                          const char *change)
{
    char *body = shop_body(version, conditions);
    json_t *reply = api_expect(stage, "apply", body, "apply");

    assert_string_equal(api_first(reply, "applications", "change"), change);
    json_decref(conditions);
    json_decref(reply);
    free(body);
}

static void expect_conflict(struct stage *stage, const char *version, json_t *conditions,
                            const char *words)
{
    char *body = shop_body(version, conditions);

    api_expect_error(stage, "apply", body, "conflict", words);
    json_decref(conditions);
    free(body);
}

static json_t *expected(const char *version, const char *digest)
{
    return json_pack("{s:[{s:s, s:s?, s:s?}]}", "expected", "name", "shop", "version",
                     version, "digest", digest);
}

static void start(struct stage *stage)
{
    stage_simulate(stage, NULL);
    stage_daemon(stage);
    stage_expect_daemon(stage);
    stage_expect_status(stage, "lattice default: 3 hosts");
}

static void expect_pong(struct stage *stage, bool is_converged)
{
    json_t *pong = reader_ask(stage->reader, "trellis.api.default.ping", "");

    assert_true(json_is_boolean(json_object_get(pong, "converged")));
    assert_int_equal(json_is_true(json_object_get(pong, "converged")), is_converged);
    json_decref(pong);
}

static void nothing_is_sent_while_an_application_is_paused(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    assert_int_equal(stage_run(stage, "pause", "hello-world", NULL), 0);
    stage_expect_output(stage, "hello-world: paused since 20");
    page_expect(stage, "/metrics", "\ntrellis_applications_paused 1\n");
    stage_expect_output(stage, "; deployed\n");
    reader_forget(stage->reader);
    (void)stage_order(stage, "drop-link " LINK);
    stage_expect_status(stage, "application hello-world is paused; differs from what is "
                               "wanted: missing");
    expect_pong(stage, false);
    assert_int_equal(stage_run(stage, "drift", "--check", NULL), 4);
    stage_expect_output(stage, "application hello-world is paused; differs");
    stage_expect_output(stage, "\n1 difference; ");
    assert_string_equal(reader_commands(stage->reader), "");
    assert_int_equal(stage_run(stage, "resume", "hello-world", NULL), 0);
    stage_expect_output(stage, "hello-world: resumed; ");
    stage_expect_converged(stage);
    expect_pong(stage, true);
    assert_int_equal(reader_count(stage->reader, "link."), 1);
    assert_int_equal(stage_run(stage, "drift", "--check", NULL), 0);
    assert_int_equal(stage_run(stage, "pause", "nothing", NULL), 8);
    assert_int_equal(stage_run(stage, "history", "hello-world", NULL), 0);
    stage_expect_output(stage, " hello-world paused\n");
    stage_expect_output(stage, " hello-world resumed\n");
}

static void a_pause_outlives_the_daemon_and_not_its_application(void **state)
{
    struct stage *stage = *state;

    start(stage);
    expect_change(stage, "v1", NULL, "created");
    stage_expect_converged(stage);
    assert_int_equal(stage_run(stage, "pause", "shop", NULL), 0);
    reader_forget(stage->reader);
    stage_crash_daemon(stage);
    stage_expect_daemon(stage);
    stage_expect_status(stage, "shop v1 (revision 1), paused since 20");
    expect_change(stage, "v2", NULL, "new version");
    stage_expect_status(stage, "application shop is paused; differs from what is wanted: "
                               "image ghcr.io/acme/web:v1 runs");
    assert_string_equal(reader_commands(stage->reader), "");
    assert_int_equal(stage_run(stage, "delete", "shop", "--wait", NULL), 0);
    reader_expect(stage->reader, "", STAGE_NOW_MS);
}

static void an_application_goes_back_to_the_version_before(void **state)
{
    struct stage *stage = *state;
    json_t *reply;

    start(stage);
    expect_change(stage, "v1", NULL, "created");
    assert_int_equal(stage_run(stage, "rollback", "shop", NULL), 8);
    stage_expect_errors(stage, "has no version before the one that is deployed");
    stage_expect_converged(stage);
    expect_change(stage, "v2", NULL, "new version");
    stage_expect_converged(stage);
    assert_int_equal(stage_run(stage, "rollback", "shop", "--wait", NULL), 0);
    stage_expect_output(stage, "shop: version v1 is wanted (revision 1), before v2\n");
    reader_expect(stage->reader,
                  "component shop-web on 1 hosts, 1 instances of ghcr.io/acme/web:v1\n",
                  STAGE_MS);
    reply = api_expect(stage, "rollback.shop", "{\"schema\":1,\"version\":\"v2\"}",
                       "rollback");
    assert_string_equal(api_first(reply, "applications", "version"), "v2");
    assert_string_equal(api_first(reply, "applications", "before"), "v1");
    json_decref(reply);
    reader_expect(stage->reader,
                  "component shop-web on 1 hosts, 1 instances of ghcr.io/acme/web:v2\n",
                  STAGE_MS);
    assert_int_equal(stage_run(stage, "rollback", "shop", "v3", NULL), 8);
    assert_int_equal(stage_run(stage, "rollback", "other", NULL), 8);
}

static void what_a_file_declares_goes_nowhere_else(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    assert_int_equal(stage_run(stage, "rollback", "hello-world", "v0.0.1", NULL), 6);
    stage_expect_errors(stage, "a file of the daemon's folder: change that file instead");
}

static void an_apply_holds_only_while_all_is_as_expected(void **state)
{
    struct stage *stage = *state;
    char digest[80];
    json_t *reply;

    start(stage);
    expect_change(stage, "v1", json_pack("{s:b}", "dry_run", 1), "created");
    api_expect_error(stage, "status.shop", "", "not-found", "no application 'shop'");
    expect_conflict(stage, "v1", expected("v1", NULL), "there is none; look at");
    expect_change(stage, "v1", expected("", NULL), "created");
    expect_conflict(stage, "v2", expected("", NULL), "its newest version is v1 with");
    reply = api_expect(stage, "status.shop", "", "status");
    (void)snprintf(digest, sizeof digest, "%s",
                   api_first(reply, "applications", "digest"));
    assert_int_equal(strlen(digest), 64);
    json_decref(reply);
    expect_change(stage, "v2", json_pack("{s:b}", "dry_run", 1), "new version");
    expect_change(stage, "v2", expected("v1", digest), "new version");
    expect_conflict(stage, "v3", expected("v2", digest), "its newest version is v2 with");
    expect_conflict(stage, "v3", expected(NULL, digest), "its newest version is v2 with");
    reply = api_expect(stage, "status", "{\"schema\":1,\"brief\":true}", "status");
    assert_string_equal(api_first(reply, "applications", "deployed"), "v2");
    json_decref(reply);
}

static void requests_are_filtered_and_checked(void **state)
{
    struct stage *stage = *state;
    json_t *reply;

    start(stage);
    expect_change(stage, "v1", NULL, "created");
    stage_expect_converged(stage);
    reply =
        api_expect(stage, "status", "{\"schema\":1,\"states\":[\"failed\"]}", "status");
    assert_int_equal(json_array_size(json_object_get(reply, "applications")), 0);
    json_decref(reply);
    reply = api_expect(stage, "status",
                       "{\"schema\":1,\"states\":[\"failed\",\"deployed\"]}", "status");
    assert_string_equal(api_first(reply, "applications", "name"), "shop");
    json_decref(reply);
    reply = api_expect(stage, "history.shop", "{\"schema\":1,\"limit\":2}", "history");
    assert_int_equal(json_array_size(json_object_get(reply, "history")), 2);
    json_decref(reply);
    json_decref(api_expect(stage, "history", "", "history"));
    json_decref(api_expect(stage, "drift", "", "drift"));
    json_decref(api_expect(stage, "pause.shop", "", "pause"));
    json_decref(api_expect(stage, "resume.shop", "", "pause"));

    api_expect_error(stage, "status", "{\"schema\":1,\"states\":[\"fine\"]}", "invalid",
                     "'fine' is no state");
    api_expect_error(stage, "history", "x", "syntax", "not JSON");
    api_expect_error(stage, "pause", "", "usage", "is of one application");
    api_expect_error(stage, "pause.shop.web", "", "usage", "there is no request");
    api_expect_error(stage, "delete.shop.web", "", "usage", "there is no request");
    api_expect_error(stage, "ping.shop", "", "usage", "there is no request");
    api_expect_error(stage, "nothing", "", "usage", "see trellis-api(7)");
    api_expect_error(stage, "history.nothing", "", "not-found", "nothing is known");
    api_expect_error(stage, "drift.nothing", "", "not-found", "no application");
}

static void the_lattice_is_looked_at_anew(void **state)
{
    struct stage *stage = *state;

    stage_converge_quickstart(stage);
    reader_forget(stage->reader);
    assert_int_equal(stage_run(stage, "resync", NULL), 0);
    stage_expect_output(stage, "the lattice is being asked for all there is\n");
    stage_expect_converged(stage);
    assert_string_equal(reader_commands(stage->reader), "");
}

static void a_doctor_says_what_is_well_and_what_to_do(void **state)
{
    struct stage *stage = *state;
    json_t *reply;

    assert_int_equal(stage_run(stage, "doctor", NULL), 1);
    stage_expect_output(stage,
                        "warning  daemon        none answers on lattice default\n");
    stage_expect_output(stage, "error    lattice       ");
    stage_expect_output(stage, "-> start hosts with this lattice's name");
    stage_expect_output(stage, "ok       file          there is no store at ");
    stage_converge_quickstart(stage);
    assert_int_equal(stage_run(stage, "doctor", NULL), 0);
    stage_expect_output(stage, "ok       hosts         3 told what they run\n");
    stage_expect_output(stage, "ok       applications  1, all as wanted\n");
    stage_write(stage, "broken.yaml", "a: [\n");
    process_expect_errors(stage->daemon, "broken.yaml", STAGE_MS);
    reply = api_expect(stage, "doctor", "", "doctor");
    assert_int_equal(json_integer_value(json_object_get(reply, "errors")), 0);
    assert_int_equal(json_integer_value(json_object_get(reply, "warnings")), 1);
    json_decref(reply);
}

static void the_daemon_is_discovered(void **state)
{
    struct stage *stage = *state;
    const json_t *endpoint;
    json_t *reply;

    start(stage);
    reply = reader_ask(stage->reader, "$SRV.PING.trellis", "");
    assert_string_equal(api_text(reply, "type"), "io.nats.micro.v1.ping_response");
    json_decref(reply);
    api_expect_error(stage, "nothing", "", "usage", "there is no request");
    reply = reader_ask(stage->reader, "$SRV.STATS", "");
    endpoint = json_array_get(json_object_get(reply, "endpoints"), 0);
    assert_string_equal(api_text(endpoint, "subject"), "trellis.api.default.>");
    assert_true(json_integer_value(json_object_get(endpoint, "num_requests")) > 1);
    assert_int_equal(json_integer_value(json_object_get(endpoint, "num_errors")), 1);
    json_decref(reply);
}

static void expect_events(struct process *events, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        process_expect_output(events, 0, words[i], STAGE_MS);
    }
}

/* Each line is as the schema says, and the numbers rise by one; returns the first. */
static json_int_t check_events(const char *lines)
{
    json_int_t first = 0;
    json_int_t last = 0;

    for (const char *at = lines; *at != '\0'; at = strchr(at, '\n') + 1) {
        struct arena arena = {0};
        const char *line = arena_text(&arena, at, strcspn(at, "\n"));
        json_t *event = json_loads(line, 0, NULL);
        const json_int_t number = json_integer_value(json_object_get(event, "sequence"));

        assert_null(schema_check("schemas/api-event.schema.json", line, &arena));
        first = first == 0 ? number : first;
        assert_true(last == 0 || number == last + 1);
        last = number;
        json_decref(event);
        arena_free(&arena);
    }
    return first;
}

static void what_is_decided_and_what_changes_can_be_followed(void **state)
{
    static const char *const happened[] = {
        "\"resource\":\"version\",\"key\":\"v1\",\"event\":\"put\"",
        "\"resource\":\"version\",\"key\":\"v1\",\"event\":\"deployed\"",
        "\"key\":\"shop-web\",\"event\":\"scale-component\"",
        "\"resource\":\"application\",\"key\":\"shop\",\"event\":\"deployed\"",
        "\"kind\":\"host\"",
        "\"event\":\"deleted\",\"before\":null",
        NULL,
    };
    struct stage *stage = *state;
    struct process *events;
    struct process *human;

    start(stage);
    process_expect_errors(stage->daemon,
                          "msg=\"the lattice was looked at\" hosts=", STAGE_MS);
    events = stage_start_verb(stage, "events", "--output", "json", NULL);
    human = stage_start_verb(stage, "events", "shop", NULL);
    process_expect_errors(events, "following", STAGE_MS);
    process_expect_errors(human, "following", STAGE_MS);
    expect_change(stage, "v1", NULL, "created");
    process_expect_output(events, 0, happened[3], STAGE_MS);
    (void)stage_order(stage, "stop host-3");
    process_expect_errors(stage->daemon, "it said that it stops", STAGE_MS);
    assert_int_equal(stage_run(stage, "delete", "shop", "--wait", NULL), 0);
    expect_events(events, happened);
    process_expect_output(human, 0, " shop application is deployed\n", STAGE_MS);
    process_expect_output(human, 0, "  # 0 of 1 running\n", STAGE_MS);
    process_signal(human, SIGINT);
    assert_int_equal(process_wait(human, STAGE_MS), 0);
    assert_null(strstr(process_output(human), "it said that it stops"));
    assert_true(check_events(process_output(events)) > 3); /* the hosts came before */
    stage_crash_daemon(stage);
    stage_expect_daemon(stage);
    expect_change(stage, "v1", NULL, "created");
    process_expect_errors(events, "the daemon was started again", STAGE_MS);
    process_signal(events, SIGTERM);
    assert_int_equal(process_wait(events, STAGE_MS), 0);
}

/* A verb that shows what is kept since that; its lines, once they hold words. */
static struct process *events_since(struct stage *stage, const char *since,
                                    const char *words)
{
    struct process *events =
        stage_start_verb(stage, "events", "--since", since, "-o", "json", NULL);

    process_expect_output(events, 0, words, STAGE_MS);
    process_signal(events, SIGINT);
    assert_int_equal(process_wait(events, STAGE_MS), 0);
    return events;
}

static void who_comes_late_gets_what_is_kept(void **state)
{
    static const char deployed[] = "\"key\":\"shop\",\"event\":\"deployed\"";
    struct stage *stage = *state;
    struct process *events;
    const char *run;
    char since[128];
    json_t *reply;
    json_t *all;

    start(stage);
    process_expect_errors(stage->daemon,
                          "msg=\"the lattice was looked at\" hosts=", STAGE_MS);
    expect_change(stage, "v1", NULL, "created");
    stage_expect_converged(stage);
    events = events_since(stage, "0", deployed);
    assert_int_equal(check_events(process_output(events)), 1);
    all = api_expect(stage, "events", "", "events");
    run = api_text(all, "run");

    reply =
        api_expect(stage, "events", "{\"schema\":1,\"since\":1,\"limit\":2}", "events");
    assert_int_equal(json_array_size(json_object_get(reply, "events")), 2);
    assert_true(json_equal(json_array_get(json_object_get(reply, "events"), 0),
                           json_array_get(json_object_get(all, "events"), 1)));
    json_decref(reply);
    (void)snprintf(since, sizeof since, "{\"schema\":1,\"since\":999,\"run\":\"%s\"}",
                   run);
    reply = api_expect(stage, "events", since, "events");
    assert_int_equal(json_array_size(json_object_get(reply, "events")), 0);
    json_decref(reply);

    (void)snprintf(since, sizeof since, "%s:2", run);
    events = events_since(stage, since, deployed);
    assert_int_equal(check_events(process_output(events)), 3);
    assert_null(strstr(process_errors(events), "level=warning"));
    events = events_since(stage, "another:2", deployed);
    assert_int_equal(check_events(process_output(events)), 1);
    process_expect_errors(events, "the daemon was started again", 1);
    api_expect_error(stage, "events", "{\"schema\":1,\"since\":-1}", "invalid", "since");
    json_decref(all);
}

/* The events of another run are told from its first on. */
static void who_follows_misses_nothing_of_another_run(void **state)
{
    struct stage *stage = *state;
    struct process *events;
    size_t before;

    start(stage);
    events = stage_start_verb(stage, "events", "--output", "json", NULL);
    process_expect_errors(events, "following", STAGE_MS);
    expect_change(stage, "v1", NULL, "created");
    process_expect_output(events, 0, "\"event\":\"deployed\"", STAGE_MS);
    stage_expect_converged(stage);
    process_signal(events, SIGSTOP);
    stage_crash_daemon(stage);
    stage_expect_converged(stage); /* what is so when it first looks is no event */
    before = strlen(process_output(events));
    expect_change(stage, "v2", NULL, "new version");
    process_signal(events, SIGCONT);
    process_expect_output(events, before, "\"key\":\"v2\",\"event\":\"put\"", STAGE_MS);
    process_signal(events, SIGTERM);
    assert_int_equal(process_wait(events, STAGE_MS), 0);
    assert_int_equal(check_events(process_output(events) + before), 1);
}

static void without_a_daemon_there_is_nobody_to_ask(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "pause", "shop", NULL), 7);
    stage_expect_errors(stage, "no daemon answers on lattice 'default'");
    assert_int_equal(stage_run(stage, "drift", NULL), 0);
    stage_expect_output(stage, "lattice default: 3 hosts\n0 differences; 0 found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(nothing_is_sent_while_an_application_is_paused),
        STAGE_TEST(a_pause_outlives_the_daemon_and_not_its_application),
        STAGE_TEST(an_application_goes_back_to_the_version_before),
        STAGE_TEST(what_a_file_declares_goes_nowhere_else),
        STAGE_TEST(an_apply_holds_only_while_all_is_as_expected),
        STAGE_TEST(requests_are_filtered_and_checked),
        STAGE_TEST(the_lattice_is_looked_at_anew),
        STAGE_TEST(a_doctor_says_what_is_well_and_what_to_do),
        STAGE_TEST(the_daemon_is_discovered),
        STAGE_TEST(what_is_decided_and_what_changes_can_be_followed),
        STAGE_TEST(who_comes_late_gets_what_is_kept),
        STAGE_TEST(who_follows_misses_nothing_of_another_run),
        STAGE_TEST(without_a_daemon_there_is_nobody_to_ask),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
