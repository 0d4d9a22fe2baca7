#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reconciler/wire/subject.h"
#include "reconciler/wire/wadm.h"
#include "test/support_contract.h"
#include "test/support_samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define NO_NAME                                                                          \
    "Invalid subject: Found extra components of subject, ensure your manifest name "     \
    "consists of only alphanumeric characters, dashes, and underscores."

struct subject_case {
    const char *subject;
    enum wadm_op op;      /* WADM_UNSUPPORTED: an error */
    const char *expected; /* lattice and application, or the message */
    const char *prefix;   /* NULL: the usual one */
};

static const struct subject_case subject_cases[] = {
    {"wadm.api.default.model.put", WADM_PUT, "default/"},
    {"wadm.api.default.model.get.shop", WADM_GET, "default/shop"},
    {"wadm.api.default.model.get", WADM_MODELS, "default/"},
    {"wadm.api.default.model.list", WADM_LIST, "default/"},
    {"wadm.api.default.model.versions.shop", WADM_VERSIONS, "default/shop"},
    {"wadm.api.default.model.del.shop", WADM_DELETE, "default/shop"},
    {"wadm.api.default.model.deploy.shop", WADM_DEPLOY, "default/shop"},
    {"wadm.api.default.model.undeploy.shop", WADM_UNDEPLOY, "default/shop"},
    {"wadm.api.east-1.model.status.my_shop-2", WADM_STATUS, "east-1/my_shop-2"},
    {"wadm.api.default.model.history.shop", WADM_HISTORY, "default/shop"},
    {"wadm.api.default", 0, "Invalid subject: Expected to find API category"},
    {"wadm.api.default.model", 0, "Invalid subject: Expected to find operation"},
    {"wadm.api.default.x", 0, "Invalid subject: Expected to find operation"},
    {"wadm.api.default.model.del.a.b", 0, NO_NAME},
    {"wadm.api.default.x.y.z.a", 0, NO_NAME},
    {"wadm.api.default.model.put.foo", 0,
     "Unsupported subject: wadm.api.default.model.put.foo"},
    {"wadm.api.default.model.list.foo", 0,
     "Unsupported subject: wadm.api.default.model.list.foo"},
    {"wadm.api.default.model.del", 0, "Unsupported subject: wadm.api.default.model.del"},
    {"wadm.api.default.model.dance", 0,
     "Unsupported subject: wadm.api.default.model.dance"},
    {"wadm.api.default.host.list", 0, "Unsupported subject: wadm.api.default.host.list"},
    {"wadm.api.default.model.del.", 0,
     "Unsupported subject: wadm.api.default.model.del."},
    {"wadm.apis.default.model.list", 0,
     "Unsupported subject: wadm.apis.default.model.list"},
    {"wadm.api", 0, "Unsupported subject: wadm.api"},
    {"shop.manager.default.model.get.a", WADM_GET, "default/a", "shop.manager"},
    {"wadm.api.default.model.get.a", 0,
     "Unsupported subject: wadm.api.default.model.get.a", "shop.manager"},
    {"AB.wadm.api.default.model.get.a", WADM_GET, "default/a", "*.wadm.api"},
    {"wadm.api.default.model.get.a", 0,
     "Unsupported subject: wadm.api.default.model.get.a", "*.wadm.api"},
    {"AB.wadm.api.default", 0, "Invalid subject: Expected to find API category",
     "*.wadm.api"},
    {"", 0, "Unsupported subject: "},
};

static void a_subject_names_operation_lattice_and_application(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(subject_cases); i++) {
        const struct subject_case *t = &subject_cases[i];
        struct wadm_request request = {0};
        struct arena arena = {0};
        struct err err = {0};
        const char *seen = err.message;

        if (wadm_read_subject(t->prefix != NULL ? t->prefix : SUBJECT_WADM, t->subject,
                              &arena, &request, &err) == ERR_OK) {
            seen = arena_print(&arena, "%s/%s", request.lattice, request.application);
        } else {
            assert_int_equal(err.code, ERR_INVALID);
        }
        assert_int_equal(request.op, t->op);
        assert_string_equal(seen, t->expected);
        arena_free(&arena);
    }
}

static void every_captured_request_of_a_client_is_understood(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < samples.count; i++) {
        const struct sample *sample = &samples.items[i];
        struct wadm_request request = {0};
        struct err err;

        if (sample_is(sample, "request", "wadm.api.")) {
            assert_int_equal(
                wadm_read_subject(SUBJECT_WADM, sample->subject, &arena, &request, &err),
                ERR_OK);
            assert_int_not_equal(request.op, WADM_UNSUPPORTED);
            assert_int_equal(wadm_decode_body(sample->payload, strlen(sample->payload),
                                              &arena, &request, &err),
                             ERR_OK);
            count++;
        }
    }
    assert_int_equal(count, 16);
    arena_free(&arena);
}

struct body_case {
    enum wadm_op op;
    enum err_code code;
    const char *bytes;
    const char *expected; /* the version, NULL none; or the message */
};

static const struct body_case body_cases[] = {
    {WADM_GET, ERR_OK, "", NULL},
    {WADM_GET, ERR_OK, "{}", NULL},
    {WADM_DELETE, ERR_OK, "{\"version\":null,\"x\":1}", NULL},
    {WADM_DELETE, ERR_OK, "{\"version\":\"v1\",\"delete_all\":true}", "v1"},
    {WADM_DEPLOY, ERR_OK, " {\"version\":\"\"}", ""},
    {WADM_DEPLOY, ERR_OK, "[\"v1\"]", "v1"},
    {WADM_DEPLOY, ERR_OK, "[null]", NULL},
    {WADM_DEPLOY, ERR_OK, "[]", NULL},
    {WADM_UNDEPLOY, ERR_OK, "", NULL},
    {WADM_UNDEPLOY, ERR_OK, "{\"version\":7,\"non_destructive\":false}", NULL},
    {WADM_UNDEPLOY, ERR_OK, "[]", NULL},
    {WADM_STATUS, ERR_OK, "not JSON", NULL},
    {WADM_LIST, ERR_OK, "{\"version\":7}", NULL},
    {WADM_PUT, ERR_OK, "{\"version\":7}", NULL},
    {WADM_DEPLOY, ERR_INVALID, "{\"version\":1}",
     "Unable to parse deploy application request: field 'version' is an integer, "
     "expected a string"},
    {WADM_GET, ERR_INVALID, "[1]",
     "Unable to parse get application request: the version is not a string"},
    {WADM_DELETE, ERR_INVALID, "[\"v1\",2]",
     "Unable to parse delete application request: a list of 2, expected at most 1"},
    {WADM_UNDEPLOY, ERR_INVALID, "[\"v1\"]",
     "Unable to parse undeploy application request: a list of 1, expected at most 0"},
    {WADM_UNDEPLOY, ERR_SYNTAX, "null",
     "Unable to parse undeploy application request: not JSON at byte 4 of 4"},
    {WADM_DEPLOY, ERR_SYNTAX, "v1",
     "Unable to parse deploy application request: not JSON at byte 1 of 2"},
};

static void a_body_asks_for_a_version_or_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(body_cases); i++) {
        const struct body_case *t = &body_cases[i];
        struct wadm_request request = {.op = t->op};
        struct arena arena = {0};
        struct err err = {0};
        const char *seen;

        assert_int_equal(
            wadm_decode_body(t->bytes, strlen(t->bytes), &arena, &request, &err),
            t->code);
        seen = t->code == ERR_OK ? request.version : err.message;
        if (t->expected == NULL) {
            assert_null(seen);
        } else {
            assert_string_equal(seen, t->expected);
        }
        arena_free(&arena);
    }
}

/* Would our server take json as the body of a request of kind? */
static bool server_accepts(const char *kind, const char *json)
{
    static const struct {
        const char *kind;
        enum wadm_op op;
    } ops[] = {
        {"getreq", WADM_GET},
        {"delreq", WADM_DELETE},
        {"depreq", WADM_DEPLOY},
        {"undreq", WADM_UNDEPLOY},
    };
    struct arena arena = {0};
    bool is_accepted = false;
    struct err err;

    for (size_t i = 0; i < COUNT_OF(ops); i++) {
        if (strcmp(ops[i].kind, kind) == 0) {
            struct wadm_request request = {.op = ops[i].op};

            is_accepted =
                wadm_decode_body(json, strlen(json), &arena, &request, &err) == ERR_OK;
        }
    }
    arena_free(&arena);
    return is_accepted;
}

/* Fail unless the line at line, kind, JSON and verdict, is judged alike here. */
static void assert_verdict(const char *line, struct arena *arena)
{
    const size_t kind_length = strcspn(line, "\t");
    const char *json_at = line + kind_length + 1;
    const size_t json_length = strcspn(json_at, "\t");
    const char *verdict = json_at + json_length + 1;
    const char *kind = arena_text(arena, line, kind_length);
    const char *json = arena_text(arena, json_at, json_length);
    const bool is_accepted =
        contract_has(kind) ? contract_accepts(kind, json) : server_accepts(kind, json);

    if (is_accepted != (strncmp(verdict, "ok", 2) == 0)) {
        fail_msg("%s %s", kind, json);
    }
}

static void the_table_of_clients_agrees_with_their_verdicts(void **state)
{
    struct arena arena = {0};
    const char *at = samples_file("fixtures/wire/client-reply-cases.tsv", &arena);
    size_t count = 0;

    (void)state;
    while (*at != '\0') {
        assert_verdict(at, &arena);
        count++;
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    assert_int_equal(count, 49);
    arena_free(&arena);
}

/* What kind of answer of wadm's sample is, as support_contract.h calls it; NULL: no
 * answer. */
static const char *reply_kind(const struct sample *sample)
{
    static const struct {
        const char *subject;
        const char *kind;
    } kinds[] = {
        {"wadm.api.default.model.put", "put"},
        {"wadm.api.default.model.list", "list"},
        {"wadm.api.default.model.get.", "get"},
        {"wadm.api.default.model.versions.", "ver"},
        {"wadm.api.default.model.del.", "del"},
        {"wadm.api.default.model.deploy.", "dep"},
        {"wadm.api.default.model.undeploy.", "dep"},
        {"wadm.api.default.model.status.", "status"},
    };

    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (sample_is(sample, "reply", kinds[i].subject)) {
            return kinds[i].kind;
        }
    }
    return NULL;
}

static void the_table_of_clients_accepts_what_wadm_answered(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < samples.count; i++) {
        const char *kind = reply_kind(&samples.items[i]);

        if (kind != NULL) {
            assert_true(contract_accepts(kind, samples.items[i].payload));
            count++;
        }
    }
    assert_int_equal(count, 22);
    arena_free(&arena);
}

struct type_case {
    const char *content_type;
    const char *bytes;
    const char *expected; /* NULL: it may be read; or the message */
};

static const struct type_case type_cases[] = {
    {"", "a: 1", NULL},
    {"", "{", NULL}, /* whoever reads it will say so */
    {"application/yaml", "a: 1", NULL},
    {"application/yaml", "{}", NULL},
    {"application/json", "{\"a\": 1}", NULL},
    {"application/json; charset=utf-8", "{}", NULL},
    {"Application/JSON", "{}", NULL},
    {"application/json", "a: 1", "Unable to parse manifest: not JSON at byte 1 of 4"},
    {"application/json", "", "Unable to parse manifest: not JSON at byte 0 of 0"},
    {"text/plain", "{}",
     "Unable to parse manifest: Unsupported content type text/plain given. Wadm supports "
     "YAML and JSON"},
    {"application/jsonl", "{}",
     "Unable to parse manifest: Unsupported content type application/jsonl given. Wadm "
     "supports YAML and JSON"},
};

static void a_body_is_what_its_header_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(type_cases); i++) {
        const struct type_case *t = &type_cases[i];
        struct err err = {0};
        const enum err_code code =
            wadm_check_type(t->content_type, t->bytes, strlen(t->bytes), &err);

        assert_int_equal(code == ERR_OK, t->expected == NULL);
        if (t->expected != NULL) {
            assert_string_equal(err.message, t->expected);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_subject_names_operation_lattice_and_application),
        cmocka_unit_test(every_captured_request_of_a_client_is_understood),
        cmocka_unit_test(a_body_asks_for_a_version_or_none),
        cmocka_unit_test(a_body_is_what_its_header_says),
        cmocka_unit_test(the_table_of_clients_agrees_with_their_verdicts),
        cmocka_unit_test(the_table_of_clients_accepts_what_wadm_answered),
    };

    return cmocka_run_group_tests_name("wadm", tests, NULL, NULL);
}
