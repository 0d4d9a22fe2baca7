#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "reconciler/wire/wadm.h"
#include "test/support_contract.h"
#include "test/support_samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const struct resource_status no_resources[1];

static const struct application_status undeployed = {
    .application = "shop",
    .word = STATUS_UNDEPLOYED,
    .reason = "",
    .resources = no_resources,
};

static const struct resource_status hello_resources[] = {
    {.kind = LEDGER_COMPONENT,
     .name = "http-component",
     .id = "hello-http_component",
     .scaler_id = "6c7b988b969c6df9f0bb7eb5494ab1279ca19ebab50c694d3808f7607adee4f1",
     .word = STATUS_DEPLOYED,
     .reason = ""},
    {.kind = LEDGER_LINK,
     .name = "hello-httpserver -(wasi:http)-> hello-http_component",
     .id = "hello-httpserver",
     .scaler_id = "ddacad27df53e37aaafd608c272c4973000d89b1af7f34aa0dceedfbb3c4201a",
     .word = STATUS_DEPLOYED,
     .reason = ""},
    {.kind = LEDGER_CONFIG,
     .name = "hello-default_http",
     .id = "hello-default_http",
     .scaler_id = "",
     .word = STATUS_DEPLOYED,
     .reason = ""},
    {.kind = LEDGER_PROVIDER,
     .name = "httpserver",
     .id = "hello-httpserver",
     .scaler_id = "7c9c7667c3b11760ec59eaac354828c1927e9640e2b79648b4a74ae947f052d0",
     .word = STATUS_RECONCILING,
     .reason = "Scaling provider on 1 host(s)"},
};

static const struct application_status hello = {
    .application = "hello",
    .word = STATUS_RECONCILING,
    .reason = "Scaling provider on 1 host(s)",
    .resources = hello_resources,
    .resources_count = COUNT_OF(hello_resources),
};

static const struct application_status waiting = {
    .application = "shop",
    .word = STATUS_WAITING,
    .reason = "Waiting for status: Lattice contains no hosts, deployment not started.",
    .resources = no_resources,
};

static const struct application_status removed = {
    .application = "hello",
    .word = STATUS_UNDEPLOYED,
    .reason = "Manifest has been undeployed",
    .resources = no_resources,
};

static const struct resource_status daemon_resource = {
    .kind = LEDGER_PROVIDER,
    .name = "web",
    .id = "shop-web",
    .scaler_id = "1f",
    .is_daemon = true,
    .word = STATUS_FAILED,
    .reason = "no",
};

static const struct application_status on_each_host = {
    .application = "shop",
    .word = STATUS_FAILED,
    .reason = "no",
    .resources = &daemon_resource,
    .resources_count = 1,
};

static const struct oam_application tiny = {.name = "tiny"};

static const struct wadm_version known_versions[] = {{"v1", true}, {"v2", false}};

enum encoder {
    ENCODE_PUT,
    ENCODE_DELETE,
    ENCODE_DEPLOY,
    ENCODE_GET,
    ENCODE_VERSIONS,
    ENCODE_LIST,
    ENCODE_MODELS,
    ENCODE_STATUS,
    ENCODE_STATUS_REPLY,
    ENCODE_ERROR,
};

struct reply_case {
    const char *name;     /* of the line in the golden file */
    const char *kind;     /* of support_contract.h; NULL: nobody parses it */
    const char *captured; /* what wadm said the same to; NULL: it did not */
    enum encoder encoder;
    enum wadm_op op; /* ENCODE_ERROR */
    struct wadm_put put;
    struct wadm_delete delete;
    struct wadm_deploy deploy;
    struct wadm_get get;
    struct wadm_versions versions;
    struct wadm_model models[2];
    size_t models_count;
    const char *message;
};

static const struct reply_case reply_cases[] = {
    {.name = "created",
     .kind = "put",
     .captured = "wadm.api.default.model.put",
     .encoder = ENCODE_PUT,
     .put = {WADM_CREATED, 1, "v1", "Successfully put manifest hello ", "hello"}},
    {.name = "new version",
     .kind = "put",
     .captured = "wadm.api.default.model.put",
     .encoder = ENCODE_PUT,
     .put = {WADM_NEWVERSION, 2, "v2", "Successfully put manifest hello v1", "hello"}},
    {.name = "not put",
     .kind = "put",
     .captured = "wadm.api.default.model.put",
     .encoder = ENCODE_ERROR,
     .op = WADM_PUT,
     .message = "Manifest version v1 already exists"},
    {.name = "deleted",
     .kind = "del",
     .captured = "wadm.api.default.model.del.",
     .encoder = ENCODE_DELETE,
     .delete = {WADM_DELETED, "Successfully deleted application hello", true}},
    {.name = "nothing to delete",
     .kind = "del",
     .encoder = ENCODE_DELETE,
     .delete = {WADM_NOOP, "Application x doesn't exist or was already deleted", false}},
    {.name = "not deleted",
     .kind = "del",
     .encoder = ENCODE_DELETE,
     .delete = {WADM_ERROR, "Internal storage error", false}},
    {.name = "deployed",
     .kind = "dep",
     .captured = "wadm.api.default.model.deploy.",
     .encoder = ENCODE_DEPLOY,
     .deploy = {WADM_ACKNOWLEDGED, "Successfully deployed application hello v1", "hello",
                "v1"}},
    {.name = "undeployed",
     .kind = "dep",
     .captured = "wadm.api.default.model.undeploy.",
     .encoder = ENCODE_DEPLOY,
     .deploy = {WADM_ACKNOWLEDGED, "Successfully undeployed application shop", "shop",
                NULL}},
    {.name = "nothing to deploy",
     .kind = "dep",
     .encoder = ENCODE_DEPLOY,
     .deploy = {WADM_NOTFOUND, "Application with the name a not found", "a", NULL}},
    {.name = "not deployed",
     .kind = "dep",
     .encoder = ENCODE_DEPLOY,
     .deploy = {WADM_ERROR, "no \"v2\"", "a", "v2"}},
    {.name = "a manifest",
     .kind = "get",
     .encoder = ENCODE_GET,
     .get = {WADM_SUCCESS, "Successfully fetched application tiny", &tiny, "v1"}},
    {.name = "no manifest",
     .kind = "get",
     .captured = "wadm.api.default.model.get.",
     .encoder = ENCODE_GET,
     .get = {WADM_NOTFOUND, "Application with the name nobody not found", NULL, NULL}},
    {.name = "versions",
     .kind = "ver",
     .captured = "wadm.api.default.model.versions.",
     .encoder = ENCODE_VERSIONS,
     .versions = {WADM_SUCCESS, "Successfully fetched versions for application shop",
                  known_versions, 1}},
    {.name = "two versions",
     .kind = "ver",
     .encoder = ENCODE_VERSIONS,
     .versions = {WADM_SUCCESS, "Successfully fetched versions for application shop",
                  known_versions, 2}},
    {.name = "no versions",
     .kind = "ver",
     .encoder = ENCODE_VERSIONS,
     .versions = {WADM_NOTFOUND, "Application with the name a not found", NULL, 0}},
    {.name = "empty list",
     .kind = "list",
     .captured = "wadm.api.default.model.list",
     .encoder = ENCODE_LIST},
    {.name = "list of one that waits",
     .kind = "list",
     .captured = "wadm.api.default.model.list",
     .encoder = ENCODE_LIST,
     .models = {{"shop", "v1", NULL, NULL, &waiting}},
     .models_count = 1},
    {.name = "list of two",
     .kind = "list",
     .encoder = ENCODE_LIST,
     .models = {{"hello", "v2", "v1", "says \"hello\"", &hello},
                {"shop", "v1", NULL, NULL, &undeployed}},
     .models_count = 2},
    {.name = "list in an envelope",
     .kind = "envlist",
     .encoder = ENCODE_MODELS,
     .message = "Successfully fetched list of applications",
     .models = {{"shop", "v1", NULL, "d", &undeployed}},
     .models_count = 1},
    {.name = "status of nobody",
     .kind = "status",
     .captured = "wadm.api.default.model.status.",
     .encoder = ENCODE_STATUS_REPLY,
     .message = "Successfully fetched status for application nobody",
     .models = {{"nobody", "", NULL, NULL, &undeployed}}},
    {.name = "status on the way",
     .kind = "status",
     .captured = "wadm.api.default.model.status.",
     .encoder = ENCODE_STATUS_REPLY,
     .message = "Successfully fetched status for application hello",
     .models = {{"hello", "v1", NULL, NULL, &hello}}},
    {.name = "status event",
     .kind = "rawstatus",
     .captured = "wadm.status.default.hello",
     .encoder = ENCODE_STATUS,
     .models = {{"hello", "v1", NULL, NULL, &removed}}},
    {.name = "status event of a deployed version",
     .kind = "rawstatus",
     .encoder = ENCODE_STATUS,
     .models = {{"shop", "v2", "v1", NULL, &on_each_host}}},
    {.name = "error instead of versions",
     .kind = "ver",
     .encoder = ENCODE_ERROR,
     .op = WADM_VERSIONS,
     .message = "Internal storage error"},
    {.name = "error instead of models",
     .kind = "envlist",
     .encoder = ENCODE_ERROR,
     .op = WADM_MODELS,
     .message = "Internal storage error"},
    {.name = "error instead of a manifest",
     .kind = "get",
     .encoder = ENCODE_ERROR,
     .op = WADM_GET,
     .message = "Internal storage error"},
    {.name = "error instead of a status",
     .kind = "status",
     .encoder = ENCODE_ERROR,
     .op = WADM_STATUS,
     .message = "Internal storage error"},
    {.name = "no history",
     .encoder = ENCODE_ERROR,
     .op = WADM_HISTORY,
     .message = WADM_NO_HISTORY},
};

static void encode(const struct reply_case *t, struct text *text)
{
    switch (t->encoder) {
    case ENCODE_PUT:
        wadm_encode_put(&t->put, text);
        return;
    case ENCODE_DELETE:
        wadm_encode_delete(&t->delete, text);
        return;
    case ENCODE_DEPLOY:
        wadm_encode_deploy(&t->deploy, text);
        return;
    case ENCODE_GET:
        wadm_encode_get(&t->get, text);
        return;
    case ENCODE_VERSIONS:
        wadm_encode_versions(&t->versions, text);
        return;
    case ENCODE_LIST:
        wadm_encode_list(t->models, t->models_count, text);
        return;
    case ENCODE_MODELS:
        wadm_encode_models(t->models, t->models_count, t->message, text);
        return;
    case ENCODE_STATUS:
        wadm_encode_status(&t->models[0], text);
        return;
    case ENCODE_STATUS_REPLY:
        wadm_encode_status_reply(&t->models[0], t->message, text);
        return;
    case ENCODE_ERROR:
        wadm_encode_error(t->op, t->message, text);
        return;
    }
    abort();
}

static void every_reply_has_its_bytes(void **state)
{
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    for (size_t i = 0; i < COUNT_OF(reply_cases); i++) {
        text_append(&text, "%s: ", reply_cases[i].name);
        encode(&reply_cases[i], &text);
        text_append(&text, "\n");
    }
    samples_assert_golden("fixtures/wire/wadm-replies.txt", &text);
    arena_free(&arena);
}

static void clients_take_every_reply(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(reply_cases); i++) {
        const struct reply_case *t = &reply_cases[i];
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        encode(t, &text);
        assert_true(t->kind == NULL || contract_accepts(t->kind, text.bytes));
        arena_free(&arena);
    }
}

/* Did wadm say just these bytes, in answer to subject or on it? */
static bool is_captured(const struct samples *samples, const char *subject,
                        const char *bytes)
{
    for (size_t i = 0; i < samples->count; i++) {
        const struct sample *sample = &samples->items[i];

        if ((sample_is(sample, "reply", subject) ||
             sample_is(sample, "request", subject)) &&
            strcmp(sample->payload, bytes) == 0) {
            return true;
        }
    }
    return false;
}

static void wadm_said_the_same_bytes(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(reply_cases); i++) {
        const struct reply_case *t = &reply_cases[i];
        struct text text;

        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        encode(t, &text);
        assert_true(t->captured == NULL ||
                    is_captured(&samples, t->captured, text.bytes));
    }
    arena_free(&arena);
}

static void every_word_of_ours_is_one_that_clients_know(void **state)
{
    static const struct {
        enum status_word word;
        const char *detailed;
        const char *legacy;
    } cases[] = {
        {STATUS_DEPLOYED, "deployed", "deployed"},
        {STATUS_RECONCILING, "reconciling", "reconciling"},
        {STATUS_DEGRADED, "reconciling", "reconciling"},
        {STATUS_WAITING, "waiting", "undeployed"},
        {STATUS_BLIND, "waiting", "undeployed"}, /* as it was before */
        {STATUS_UNDEPLOYED, "undeployed", "undeployed"},
        {STATUS_STUCK, "failed", "failed"},
        {STATUS_FAILED, "failed", "failed"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct application_status status = {.word = cases[i].word,
                                                  .word_before = STATUS_WAITING,
                                                  .reason = "why",
                                                  .resources = no_resources};
        const struct wadm_model model = {"a", "1", "1", NULL, &status};
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, 4096);
        wadm_encode_list(&model, 1, &text);
        assert_true(contract_accepts("list", text.bytes));
        assert_string_equal(
            text.bytes,
            arena_print(&arena,
                        "[{\"name\":\"a\",\"version\":\"1\",\"description\":null,"
                        "\"deployed_version\":\"1\",\"detailed_status\":{\"status\":{"
                        "\"type\":\"%s\",\"message\":\"why\"},\"version\":\"1\","
                        "\"components\":[]},\"status\":\"%s\","
                        "\"status_message\":\"why\"}]",
                        cases[i].detailed, cases[i].legacy));
        arena_free(&arena);
    }
}

static void a_message_cut_inside_a_character_is_still_json(void **state)
{
    static const struct {
        const char *message;
        const char *expected;
    } cases[] = {
        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xed\x9f\xbf \xf4\x8f\xbf\xbf",
         "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \xed\x9f\xbf \xf4\x8f\xbf\xbf"},
        {"caf\xc3", "caf\xef\xbf\xbd"},
        {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\x80x\xffy", "\xef\xbf\xbdx\xef\xbf\xbdy"},
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf0\x8f\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena arena = {0};
        struct text text;

        text_init(&text, &arena, 4096);
        wadm_encode_error(WADM_PUT, cases[i].message, &text);
        assert_string_equal(
            text.bytes, arena_print(&arena, "{\"message\":\"%s\",\"result\":\"error\"}",
                                    cases[i].expected));
        assert_true(contract_accepts("put", text.bytes));
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reply_has_its_bytes),
        cmocka_unit_test(clients_take_every_reply),
        cmocka_unit_test(wadm_said_the_same_bytes),
        cmocka_unit_test(every_word_of_ours_is_one_that_clients_know),
        cmocka_unit_test(a_message_cut_inside_a_character_is_still_json),
    };

    return cmocka_run_group_tests_name("wadm_reply", tests, NULL, NULL);
}
