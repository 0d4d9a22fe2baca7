/*
 * The words of the status in a real lattice, and what clients of wadm read for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <string.h>

#include <jansson.h>
#include <nats/nats.h>

#include "support_stage.h"
#include "support_wash.h"

#define QUICKSTART "fixtures/manifests/valid/quickstart.yaml"
#define IMAGE      "ghcr.io/wasmcloud/components/http-hello-world-rust:0.1.0"

/* The same application, for two hosts. */
#define PAIR                                                                             \
    "apiVersion: core.oam.dev/v1beta1\n"                                                 \
    "kind: Application\n"                                                                \
    "metadata: {name: hello-world, annotations: {version: v2}}\n"                        \
    "spec:\n"                                                                            \
    "  components:\n"                                                                    \
    "    - name: httpserver\n"                                                           \
    "      type: capability\n"                                                           \
    "      properties: {image: 'ghcr.io/wasmcloud/http-server:0.22.0'}\n"                \
    "      traits: [{type: spreadscaler, properties: {instances: 2}}]\n"

/* One that no registry ever lets have its image. */
#define BUSY "ghcr.io/acme/busy:1.0.0"
#define SLOW                                                                             \
    "apiVersion: core.oam.dev/v1beta1\n"                                                 \
    "kind: Application\n"                                                                \
    "metadata: {name: slow, annotations: {version: v1}}\n"                               \
    "spec:\n"                                                                            \
    "  components:\n"                                                                    \
    "    - name: busy\n"                                                                 \
    "      type: component\n"                                                            \
    "      properties: {image: '" BUSY "'}\n"                                            \
    "      traits: [{type: spreadscaler, properties: {instances: 1}}]\n"

/* How the application is to be. */
struct word {
    const char *word;
    const char *reason; /* words of it; "" without any */
    const char *type;   /* for clients of wadm */
};

/* The application as the API has it; the reply, which is the caller's, holds it. */
static const json_t *ask(struct stage *stage, json_t **ret_reply)
{
    *ret_reply =
        reader_ask(stage->reader, "trellis.api.default.status.hello-world", "brief");
    return json_array_get(json_object_get(*ret_reply, "applications"), 0);
}

static const char *get(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static bool has_reason(const char *reason, const char *words)
{
    return words[0] != '\0' ? strstr(reason, words) != NULL : reason[0] == '\0';
}

/* Since when it is so, in UTC; of what is not wanted that is not kept. */
static bool has_since(const json_t *application)
{
    const bool is_wanted = strcmp(get(application, "status"), "undeployed") != 0;

    return strlen(get(application, "since")) == (is_wanted ? 24 : 0);
}

/* Do both APIs say so? */
static bool is_so(struct stage *stage, const struct word *expected)
{
    json_t *reply;
    const json_t *application = ask(stage, &reply);
    json_t *wadm = wash_ask(stage, "status.hello-world", "", "status");
    const json_t *status = json_object_get(json_object_get(wadm, "status"), "status");
    const bool result = strcmp(get(application, "status"), expected->word) == 0 &&
                        has_since(application) &&
                        has_reason(get(application, "reason"), expected->reason) &&
                        strcmp(get(status, "type"), expected->type) == 0 &&
                        has_reason(get(status, "message"), expected->reason);

    json_decref(wadm);
    json_decref(reply);
    return result;
}

static void expect(struct stage *stage, const char *word, const char *reason,
                   const char *type)
{
    const struct word expected = {word, reason, type};
    const int64_t until = nats_Now() + STAGE_MS;

    while (!is_so(stage, &expected)) {
        if (nats_Now() > until) {
            (void)stage_run(stage, "status", NULL);
            fail_msg("not %s, %s:\n%s", word, reason, stage_output(stage));
        }
        (void)poll(NULL, 0, 20);
    }
}

static void apply(struct stage *stage, const char *name, const char *text)
{
    char path[256];

    stage_write(stage, name, text);
    assert_int_equal(
        stage_run(stage, "apply", stage_path(stage, name, path, sizeof path), NULL), 0);
}

/* The fifth failure comes some 15 s after the first. */
static void expect_stuck(struct stage *stage)
{
    json_t *wadm;

    stage_expect_status(stage, "slow v1 (revision 1): stuck: busy: ");
    stage_expect_output(stage, "the registry is busy");
    wadm = wash_ask(stage, "status.slow", "", "status");
    assert_string_equal(
        get(json_object_get(json_object_get(wadm, "status"), "status"), "type"),
        "failed");
    json_decref(wadm);
}

static void each_word_has_one_of_wadms(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, (const char *[]){"--hosts", "0", NULL});
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "apply", QUICKSTART, NULL), 0);
    expect(stage, "waiting", "the lattice has no hosts", "waiting");

    (void)stage_order(stage, "refuse " IMAGE " the registry is busy");
    (void)stage_order(stage, "refuse " BUSY " the registry is busy");
    (void)stage_order(stage, "start host-1");
    apply(stage, "../slow.yaml", SLOW);
    expect(stage, "reconciling", "the registry is busy (", "reconciling");
    (void)stage_order(stage, "refuse " IMAGE " manifest unknown");
    expect(stage, "failed", "manifest unknown (", "failed");
    (void)stage_order(stage, "accept " IMAGE);
    expect(stage, "deployed", "", "deployed");

    apply(stage, "../pair.yaml", PAIR);
    expect(stage, "degraded", "1 of 2 has no host: of 1 host 1 fits", "reconciling");
    (void)stage_order(stage, "start host-2");
    expect(stage, "deployed", "", "deployed");

    process_signal(stage->simulator, SIGSTOP);
    server_kill(stage->server);
    server_restart(stage->server);
    stage_expect_daemon(stage);
    /* The last word, and why it is only that. */
    expect(stage, "blind", "hosts are being asked what they run", "deployed");
    process_signal(stage->simulator, SIGCONT);
    expect(stage, "deployed", "", "deployed");
    expect_stuck(stage);

    json_decref(wash_ask(stage, "undeploy.hello-world", "", "dep"));
    expect(stage, "undeployed", "", "undeployed");
}

static void nothing_is_said_to_be_as_wanted_before_the_daemon_answers(void **state)
{
    struct stage *stage = *state;

    stage_simulate(stage, NULL);
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 4);
    stage_expect_output(stage, "no daemon answers, and there is no store");
    stage_daemon(stage);
    stage_expect_daemon(stage);
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 0);
    process_signal(stage->daemon, SIGSTOP); /* as if it started */
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 4);
    stage_expect_output(stage, "writes to the store and does not answer");
    process_signal(stage->daemon, SIGCONT);
    assert_int_equal(stage_run(stage, "status", "--check", NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STAGE_TEST(each_word_has_one_of_wadms),
        STAGE_TEST(nothing_is_said_to_be_as_wanted_before_the_daemon_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
