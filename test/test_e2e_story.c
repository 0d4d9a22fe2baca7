/*
 * At each moment wadm's API, our API, the verb and the metrics tell one story of every
 * application, each in its own words.
 *
 * A moment is what is read between two looks at our status that are alike, up to since
 * when everything is so.  Where nothing was alike nothing can be said.  What changes and
 * changes back in between, as a reason may, makes no second moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nats/nats.h>

#include "manifest/err.h"
#include "support_api.h"
#include "support_page.h"
#include "support_wash.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define TRIES_MAX       3

/* Our words, and wadm's; the listed ones are for clients that do not know waiting. */
static const struct {
    const char *ours;
    const char *detailed;
    const char *listed;
} words[] = {
    {"deployed", "deployed", "deployed"},
    {"reconciling", "reconciling", "reconciling"},
    {"degraded", "reconciling", "reconciling"},
    {"waiting", "waiting", "undeployed"},
    {"blind", NULL, NULL}, /* wadm's is the one before it */
    {"undeployed", "undeployed", "undeployed"},
    {"stuck", "failed", "failed"},
    {"failed", "failed", "failed"},
};

/* What was read at a moment. */
struct moment {
    json_t *status; /* our API's, without when it was asked for */
    json_t *verb;
    json_t *list;                        /* wadm's */
    json_t *models;                      /* wadm's status of each */
    const char *metrics;                 /* until they are read again */
    bool is_one;                         /* nothing changed meanwhile */
    size_t applications;                 /* how many of them there are */
    char problem[ERR_MESSAGE_BYTES_MAX]; /* "" all agree */
};

struct story {
    struct stage *stage;
    size_t told[COUNT_OF(words)]; /* of how many applications, when all agreed */
};

static size_t find_word(const char *ours)
{
    size_t i = 0;

    while (i < COUNT_OF(words) && strcmp(words[i].ours, ours) != 0) {
        i++;
    }
    if (i == COUNT_OF(words)) {
        fail_msg("no word for %s", ours);
    }
    return i;
}

/* The first one stays; expected NULL: it may be anything. */
static void expect_same(struct moment *moment, const char *what, const char *actual,
                        const char *expected)
{
    if (expected != NULL && moment->problem[0] == '\0' && strcmp(actual, expected) != 0) {
        (void)snprintf(moment->problem, sizeof moment->problem, "%s: %s, not %s", what,
                       actual, expected);
    }
}

static json_t *timeless(json_t *reply)
{
    (void)json_object_del(reply, "time");
    return reply;
}

static json_t *ask_verb(struct stage *stage)
{
    json_t *reply;

    (void)stage_run(stage, "status", "--output", "json", NULL);
    reply = json_loads(stage_output(stage), 0, NULL);
    if (reply == NULL) {
        fail_msg("no JSON: %s%s", stage_output(stage), stage_errors(stage));
    }
    return timeless(reply);
}

static const json_t *applications_of(const struct moment *moment)
{
    return json_object_get(moment->status, "applications");
}

static void read_moment(struct stage *stage, struct moment *ret_moment)
{
    const json_t *item;
    json_t *after;
    size_t index;

    *ret_moment = (struct moment){
        .status = timeless(api_expect(stage, "status", "", "status")),
        .models = json_array(),
    };
    ret_moment->applications = json_array_size(applications_of(ret_moment));
    ret_moment->list = wash_ask(stage, "list", "", "list");
    json_array_foreach(applications_of(ret_moment), index, item)
    {
        char tail[64];

        (void)snprintf(tail, sizeof tail, "status.%s", api_text(item, "name"));
        assert_int_equal(json_array_append_new(ret_moment->models,
                                               wash_ask(stage, tail, "", "status")),
                         0);
    }
    ret_moment->metrics = page_read(stage, "/metrics");
    ret_moment->verb = ask_verb(stage);
    after = timeless(api_expect(stage, "status", "", "status"));
    ret_moment->is_one = json_equal(after, ret_moment->status) == 1;
    json_decref(after);
}

static void forget(struct moment *moment)
{
    json_decref(moment->status);
    json_decref(moment->verb);
    json_decref(moment->list);
    json_decref(moment->models);
}

static void compare_verb(struct moment *moment)
{
    char *verb = json_dumps(moment->verb, JSON_COMPACT | JSON_SORT_KEYS);
    char *ours = json_dumps(moment->status, JSON_COMPACT | JSON_SORT_KEYS);

    expect_same(moment, "the verb", verb, ours);
    free(verb);
    free(ours);
}

/* The number of a line of the metrics. */
static void compare_metric(struct moment *moment, const char *name, size_t expected)
{
    char line[64];
    char number[32];
    const char *at;
    char actual[32] = "nothing";

    (void)snprintf(line, sizeof line, "\ntrellis_%s ", name);
    (void)snprintf(number, sizeof number, "%zu", expected);
    at = strstr(moment->metrics, line);
    if (at != NULL) {
        at += strlen(line);
        (void)snprintf(actual, sizeof actual, "%.*s", (int)strcspn(at, "\n"), at);
    }
    expect_same(moment, name, actual, number);
}

static void compare_metrics(struct moment *moment)
{
    size_t counts[COUNT_OF(words)] = {0};
    size_t paused = 0;
    const json_t *item;
    size_t index;
    char name[64];

    json_array_foreach(applications_of(moment), index, item)
    {
        counts[find_word(api_text(item, "status"))]++;
        paused += json_is_string(json_object_get(item, "paused"));
    }
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        (void)snprintf(name, sizeof name, "applications{state=\"%s\"}", words[i].ours);
        compare_metric(moment, name, counts[i]);
    }
    compare_metric(moment, "applications_paused", paused);
}

/* wadm's status, with a scaler for each resource, of what ours says. */
static void compare_detailed(struct moment *moment, const json_t *detailed,
                             const json_t *ours)
{
    const json_t *status = json_object_get(detailed, "status");
    const json_t *message = json_object_get(status, "message");
    const json_t *scalers = json_object_get(detailed, "scalers");
    const json_t *resource;
    size_t scaler = 0;
    size_t index;

    expect_same(moment, "wadm's word", api_text(status, "type"),
                words[find_word(api_text(ours, "status"))].detailed);
    expect_same(moment, "wadm's message",
                message != NULL ? json_string_value(message) : "",
                api_text(ours, "reason"));
    json_array_foreach(json_object_get(ours, "resources"), index, resource)
    {
        if (strcmp(api_text(resource, "kind"), "config") != 0) {
            status = json_object_get(json_array_get(scalers, scaler++), "status");
            expect_same(moment, "a scaler", api_text(status, "type"),
                        words[find_word(api_text(resource, "status"))].detailed);
        }
    }
    assert_int_equal(json_array_size(scalers), scaler);
}

static void compare_wadm(struct moment *moment)
{
    const json_t *item;
    size_t index;

    assert_int_equal(json_array_size(moment->models), moment->applications);
    json_array_foreach(applications_of(moment), index, item)
    {
        const size_t word = find_word(api_text(item, "status"));
        const json_t *listed = json_array_get(moment->list, index);

        expect_same(moment, "the list", api_text(listed, "name"), api_text(item, "name"));
        expect_same(moment, "the listed word", api_text(listed, "status"),
                    words[word].listed);
        expect_same(moment, "the listed message", api_text(listed, "status_message"),
                    api_text(item, "reason"));
        compare_detailed(moment, json_object_get(listed, "detailed_status"), item);
        compare_detailed(moment,
                         json_object_get(json_array_get(moment->models, index), "status"),
                         item);
    }
}

static void count_words(struct story *story, const struct moment *moment)
{
    const json_t *item;
    size_t index;

    json_array_foreach(applications_of(moment), index, item)
    {
        story->told[find_word(api_text(item, "status"))]++;
    }
}

/* Look once more where all were read at one moment and do not agree. */
static void compare(struct story *story)
{
    struct moment moment;
    bool is_again;

    for (int tries = 1;; tries++) {
        read_moment(story->stage, &moment);
        if (moment.is_one) {
            compare_verb(&moment);
            compare_metrics(&moment);
            compare_wadm(&moment);
        }
        is_again = moment.is_one && moment.problem[0] != '\0';
        if (is_again && tries == TRIES_MAX) {
            fail_msg("%s", moment.problem);
        }
        if (moment.is_one && !is_again) {
            count_words(story, &moment);
        }
        forget(&moment);
        if (!is_again) {
            return;
        }
    }
}
/* Compare until application is so. */
static void follow(struct story *story, const char *application, const char *word)
{
    const int64_t until = nats_Now() + STAGE_MS;
    char tail[64];
    bool is_so;

    (void)snprintf(tail, sizeof tail, "status.%s", application);
    do {
        json_t *reply;

        compare(story);
        reply = api_ask(story->stage, tail, "");
        is_so = strcmp(api_first(reply, "applications", "status"), word) == 0;
        if (!is_so && nats_Now() > until) {
            fail_msg("%s is %s: %s", application,
                     api_first(reply, "applications", "status"),
                     api_first(reply, "applications", "reason"));
        }
        json_decref(reply);
    } while (!is_so);
}

/* Compare until all have agreed on an application that was so. */
static void expect_told(struct story *story, const char *word)
{
    const int64_t until = nats_Now() + STAGE_MS;

    while (story->told[find_word(word)] == 0) {
        assert_true(nats_Now() < until);
        compare(story);
    }
}

/* Put and deploy an application of one component, which is to be spread so. */
static void deploy(struct stage *stage, const char *name, const char *image,
                   const char *spread)
{
    char manifest[1024];
    char tail[64];

    (void)snprintf(manifest, sizeof manifest,
                   "apiVersion: core.oam.dev/v1beta1\n"
                   "kind: Application\n"
                   "metadata: {name: %s, annotations: {}}\n"
                   "spec:\n"
                   "  components:\n"
                   "    - name: web\n"
                   "      type: component\n"
                   "      properties: {image: '%s'}\n"
                   "      traits:\n"
                   "        - type: spreadscaler\n"
                   "          properties: {instances: 4, spread: [%s]}\n",
                   name, image, spread);
    json_decref(wash_ask(stage, "put", manifest, "put"));
    (void)snprintf(tail, sizeof tail, "deploy.%s", name);
    json_decref(wash_ask(stage, tail, "", "dep"));
}

#define ANYWHERE "{name: a, requirements: {}}"
#define NOWHERE  "{name: b, requirements: {zone: nowhere}}"

static void all_tell_one_story(void **state)
{
    struct stage *stage = *state;
    struct story story = {.stage = stage};

    compare(&story);
    deploy(stage, "shop", "ghcr.io/acme/web:1.0.0", ANYWHERE);
    deploy(stage, "lost", "ghcr.io/acme/web:1.0.0", NOWHERE);
    deploy(stage, "partly", "ghcr.io/acme/web:1.0.0", ANYWHERE ", " NOWHERE);
    deploy(stage, "broken", "ghcr.io/acme/broken:1.0.0", ANYWHERE);
    follow(&story, "shop", "deployed");
    follow(&story, "lost", "waiting");
    follow(&story, "partly", "degraded");
    follow(&story, "broken", "failed");
    expect_told(&story, "deployed");
    expect_told(&story, "waiting");
    expect_told(&story, "degraded");
    expect_told(&story, "failed");

    deploy(stage, "shop", "ghcr.io/acme/web:2.0.0", ANYWHERE);
    follow(&story, "shop", "deployed");

    json_decref(api_expect(stage, "pause.shop", "", "pause"));
    (void)stage_order(stage, "kill host-1");
    for (int i = 0; i < 5; i++) {
        compare(&story);
    }
    json_decref(api_expect(stage, "resume.shop", "", "pause"));
    follow(&story, "shop", "deployed");

    json_decref(wash_ask(stage, "undeploy.shop", "", "dep"));
    follow(&story, "shop", "undeployed");
    expect_told(&story, "undeployed");
    json_decref(api_expect(stage, "delete.shop", "", "delete"));
    compare(&story);
}

static int set_up(void **state)
{
    struct stage *stage = stage_start();

    *state = stage;
    stage_simulate(stage,
                   (const char *[]){"--fetch-delay", "300ms", "--heartbeat", "1s",
                                    "--refuse", "ghcr.io/acme/broken:1.0.0", NULL});
    stage_daemon(stage);
    page_expect(stage, "/readyz", "200 OK");
    wash_expect(stage);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_tell_one_story, set_up, stage_teardown),
    };

    return cmocka_run_group_tests_name("e2e_story", tests, NULL, NULL);
}
