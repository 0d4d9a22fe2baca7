#include "reconciler/wire/api.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_samples.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* One of each message, with what JSON has to escape in it. */
static const struct api_manifest manifest_items[] = {
    {"/srv/shop.yaml", "a: \"b\\c\"\n\t# caf\xc3\xa9\n", 18},
    {"standard input", "", 0},
};
static const struct api_expected expected_items[] = {{"shop", "v1", NULL},
                                                     {"b", "", "0f"}};
static const struct api_manifests manifests = {manifest_items, 2, expected_items, 2,
                                               true};
static const struct api_manifests plain_manifests = {manifest_items, 1, NULL, 0, false};

static const struct err located = {
    .code = ERR_CONFLICT,
    .source = "/srv/shop.yaml",
    .place = {7, 11},
    .message = "link 'a' is claimed twice",
};

static const char *const applied_users[] = {"front \"end\"", "guest"};
static const struct api_applied applied[] = {
    {"hello", "v1", "created", 1, {NULL, 0}},
    {"shop", "01J", "unchanged", UINT64_C(9223372036854775807), {applied_users, 2}},
};
static const struct api_apply_report apply_report = {
    applied, 2, "/srv/shop.yaml:1:1: warning: odd [unknown-key]\n", "direct", 12, true};
static const struct api_apply_report empty_apply_report = {applied, 0, "", "daemon", 0};

#define EPOCH_MS INT64_C(1795386000000)

static const struct resource_status resources[] = {
    {.kind = LEDGER_COMPONENT,
     .name = "web",
     .id = "hello-web",
     .wanted = "2 instances",
     .where = "NAAA 1, NBBB 1",
     .origin = {"/srv/hello.yaml", {9, 7}},
     .scaler_id = "",
     .word = STATUS_RECONCILING,
     .since = {61000},
     .reason = "1 of 2 run",
     .waits_for = {"config", "hello-port"}},
    {.kind = LEDGER_LINK,
     .name = "a -(wasi:http)-> b",
     .id = "a",
     .wanted = "",
     .where = "COMPONENT_a",
     .origin = {"", {0, 0}},
     .scaler_id = "",
     .word = STATUS_FAILED,
     .since = {62345},
     .is_conflict = true,
     .reason = "somebody else's"},
};
static const struct api_application applications[] = {
    {"v2",
     "v1",
     3,
     {.application = "hello",
      .word = STATUS_FAILED,
      .since = {62345},
      .is_conflict = true,
      .reason = "a -(wasi:http)-> b: somebody else's",
      .resources = resources,
      .resources_count = 2},
     "0f3a",
     EPOCH_MS + 5},
    {"",
     "",
     0,
     {.application = "gone",
      .word = STATUS_UNDEPLOYED,
      .since = {INT64_MAX},
      .reason = "",
      .resources = resources}},
};
static const struct api_status_report status_report = {
    "daemon", "default", "3 hosts", applications, 2, {70000}, EPOCH_MS};

static const struct api_planned planned[] = {
    {"put-link", "hello", "put-link a -> b  # missing"},
    {"scale-component", "hello", "scale-component hello-web on NAAA to 2"},
};
static const struct api_obstacle obstacles[] = {{"hello", "web", "no host"}};
static const struct api_plan_report plan_report = {planned, 2, obstacles, 1, "w\n"};

static const char *const users[] = {"front \"end\"", "guest"};
static const struct api_removal removal = {"hello", "no host answers", {users, 2}};

static void encode_all(struct text *text)
{
    text_append(text, "manifests: ");
    api_encode_manifests(&plain_manifests, text);
    text_append(text, "\nmanifests on conditions: ");
    api_encode_manifests(&manifests, text);
    text_append(text, "\nupload: ");
    api_encode_upload("NUID", text);
    text_append(text, "\npieces: ");
    api_encode_pieces("NUID", 3, text);
    text_append(text, "\nerror: ");
    api_encode_error(&located, "one\ntwo\n", text);
    text_append(text, "\napply: ");
    api_encode_apply(&apply_report, text);
    text_append(text, "\napply of nothing: ");
    api_encode_apply(&empty_apply_report, text);
    text_append(text, "\nstatus: ");
    api_encode_status(&status_report, text);
    text_append(text, "\nplan: ");
    api_encode_plan(&plan_report, text);
    text_append(text, "\ndelete: ");
    api_encode_delete(&removal, text);
    text_append(text, "\ndone: ");
    api_encode_done(text);
    text_append(text, "\n");
}

static void every_message_has_its_bytes(void **state)
{
    struct arena arena = {0};
    struct text text;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    encode_all(&text);
    samples_assert_golden("fixtures/wire/api.txt", &text);
    arena_free(&arena);
}

static void manifests_come_back_as_they_were(void **state)
{
    struct arena arena = {0};
    struct api_manifests back;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_manifests(&manifests, &text);
    assert_int_equal(api_decode_manifests(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_int_equal(back.count, manifests.count);
    for (size_t i = 0; i < back.count; i++) {
        assert_string_equal(back.items[i].source, manifest_items[i].source);
        assert_string_equal(back.items[i].text, manifest_items[i].text);
        assert_int_equal(back.items[i].length, manifest_items[i].length);
    }
    assert_true(back.is_dry_run);
    assert_int_equal(back.expected_count, 2);
    assert_string_equal(back.expected[0].application, "shop");
    assert_string_equal(back.expected[0].version, "v1");
    assert_null(back.expected[0].digest);
    assert_string_equal(back.expected[1].version, "");
    assert_string_equal(back.expected[1].digest, "0f");
    arena_free(&arena);
}

static void the_id_of_an_upload_comes_back(void **state)
{
    struct arena arena = {0};
    const char *id = NULL;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_upload("NUID", &text);
    assert_int_equal(api_decode_upload(text.bytes, text.count, &arena, &id, &err),
                     ERR_OK);
    assert_string_equal(id, "NUID");
    arena_free(&arena);
}

static void manifests_themselves_are_no_upload(void **state)
{
    struct arena arena = {0};
    const char *id = NULL;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_manifests(&manifests, &text);
    assert_int_equal(api_decode_upload(text.bytes, text.count, &arena, &id, &err),
                     ERR_OK);
    assert_string_equal(id, "");
    arena_free(&arena);
}

static void the_pieces_of_a_reply_come_back(void **state)
{
    static const char ok[] = "{\"schema\":1,\"result\":\"ok\"}";
    struct arena arena = {0};
    const char *id = NULL;
    uint32_t count = 0;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_pieces("NUID", UINT32_MAX, &text);
    assert_int_equal(api_decode_pieces(text.bytes, text.count, &arena, &id, &count, &err),
                     ERR_OK);
    assert_string_equal(id, "NUID");
    assert_int_equal(count, UINT32_MAX);
    assert_int_equal(api_decode_pieces(ok, strlen(ok), &arena, &id, &count, &err),
                     ERR_OK);
    assert_string_equal(id, "");
    arena_free(&arena);
}

static void the_report_of_an_apply_comes_back(void **state)
{
    struct arena arena = {0};
    struct api_apply_report back;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_apply(&apply_report, &text);
    assert_int_equal(api_decode_apply(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_string_equal(back.findings, apply_report.findings);
    assert_string_equal(back.by, "direct");
    assert_int_equal(back.commands_count, 12);
    assert_int_equal(back.count, 2);
    for (size_t i = 0; i < back.count; i++) {
        assert_string_equal(back.items[i].application, applied[i].application);
        assert_string_equal(back.items[i].version, applied[i].version);
        assert_string_equal(back.items[i].result, applied[i].result);
        assert_true(back.items[i].revision == applied[i].revision);
        assert_int_equal(back.items[i].users.count, applied[i].users.count);
        for (size_t j = 0; j < applied[i].users.count; j++) {
            assert_string_equal(back.items[i].users.items[j], applied[i].users.items[j]);
        }
    }
    arena_free(&arena);
}

static void assert_resource(const struct resource_status *back,
                            const struct resource_status *resource)
{
    assert_int_equal(back->kind, resource->kind);
    assert_string_equal(back->name, resource->name);
    assert_string_equal(back->id, resource->id);
    assert_string_equal(back->wanted, resource->wanted);
    assert_string_equal(back->where, resource->where);
    assert_string_equal(back->origin.source, resource->origin.source);
    assert_int_equal(back->origin.place.line, resource->origin.place.line);
    assert_int_equal(back->origin.place.column, resource->origin.place.column);
    assert_string_equal(back->scaler_id, "");
    assert_int_equal(back->word, resource->word);
    assert_int_equal(back->is_conflict, resource->is_conflict);
    assert_string_equal(back->reason, resource->reason);
    assert_int_equal(back->since.ms, EPOCH_MS + resource->since.ms);
    if (resource->waits_for.kind == NULL) {
        assert_null(back->waits_for.kind);
    } else {
        assert_string_equal(back->waits_for.kind, resource->waits_for.kind);
        assert_string_equal(back->waits_for.name, resource->waits_for.name);
    }
}

static void a_status_comes_back_with_every_resource(void **state)
{
    struct arena arena = {0};
    struct api_status_report back;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_status(&status_report, &text);
    assert_int_equal(api_decode_status(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_string_equal(back.server, "daemon");
    assert_string_equal(back.lattice, "default");
    assert_string_equal(back.sight, "3 hosts");
    assert_int_equal(back.count, 2);
    assert_string_equal(back.items[0].version, "v2");
    assert_string_equal(back.items[0].deployed, "v1");
    assert_int_equal(back.items[0].revision, 3);
    assert_string_equal(back.items[0].digest, "0f3a");
    assert_int_equal(back.items[0].paused_unix_ms, EPOCH_MS + 5);
    assert_null(back.items[1].digest);
    assert_int_equal(back.items[1].paused_unix_ms, 0);
    assert_string_equal(back.items[0].status.application, "hello");
    assert_int_equal(back.items[0].status.word, STATUS_FAILED);
    assert_true(back.items[0].status.is_conflict);
    assert_string_equal(back.items[0].status.reason, applications[0].status.reason);
    assert_int_equal(back.items[0].status.resources_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_resource(&back.items[0].status.resources[i], &resources[i]);
    }
    assert_int_equal(back.now.ms, EPOCH_MS + status_report.now.ms);
    assert_int_equal(back.items[0].status.since.ms, EPOCH_MS + 62345);
    assert_int_equal(back.items[1].status.since.ms, INT64_MAX);
    assert_int_equal(back.items[1].status.word, STATUS_UNDEPLOYED);
    assert_int_equal(back.items[1].status.resources_count, 0);
    arena_free(&arena);
}

static void a_brief_status_has_no_resources(void **state)
{
    struct api_status_report brief = status_report;
    struct arena arena = {0};
    struct api_status_report back;
    struct text text;
    struct err err;

    (void)state;
    brief.is_brief = true;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_status(&brief, &text);
    assert_int_equal(api_decode_status(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_int_equal(back.items[0].status.word, STATUS_FAILED);
    assert_string_equal(back.items[0].status.reason, applications[0].status.reason);
    assert_int_equal(back.items[0].status.resources_count, 0);
    arena_free(&arena);
}

static void every_status_word_comes_back(void **state)
{
    (void)state;
    for (int word = STATUS_DEPLOYED; word <= STATUS_FAILED; word++) {
        const struct api_application application = {
            "",
            "",
            0,
            {.application = "a", .word = (enum status_word)word, .reason = ""}};
        const struct api_status_report report = {"store", "x", "", &application, 1};
        struct arena arena = {0};
        struct api_status_report back;
        struct text text;
        struct err err;

        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        api_encode_status(&report, &text);
        assert_int_equal(api_decode_status(text.bytes, text.count, &arena, &back, &err),
                         ERR_OK);
        assert_int_equal(back.items[0].status.word, word);
        arena_free(&arena);
    }
}

static void every_kind_of_resource_comes_back(void **state)
{
    (void)state;
    for (int kind = LEDGER_CONFIG; kind <= LEDGER_PROVIDER; kind++) {
        struct resource_status resource = resources[0];
        const struct api_application application = {"",
                                                    "",
                                                    0,
                                                    {.application = "a",
                                                     .reason = "",
                                                     .resources = &resource,
                                                     .resources_count = 1}};
        const struct api_status_report report = {"store", "x", "", &application, 1};
        struct arena arena = {0};
        struct api_status_report back;
        struct text text;
        struct err err;

        resource.kind = (enum ledger_kind)kind;
        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        api_encode_status(&report, &text);
        assert_int_equal(api_decode_status(text.bytes, text.count, &arena, &back, &err),
                         ERR_OK);
        assert_int_equal(back.items[0].status.resources[0].kind, kind);
        arena_free(&arena);
    }
}

static void a_plan_comes_back_with_its_obstacles(void **state)
{
    struct arena arena = {0};
    struct api_plan_report back;
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_plan(&plan_report, &text);
    assert_int_equal(api_decode_plan(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_string_equal(back.findings, "w\n");
    assert_int_equal(back.count, 2);
    for (size_t i = 0; i < back.count; i++) {
        assert_string_equal(back.items[i].kind, planned[i].kind);
        assert_string_equal(back.items[i].application, planned[i].application);
        assert_string_equal(back.items[i].text, planned[i].text);
    }
    assert_int_equal(back.obstacles_count, 1);
    assert_string_equal(back.obstacles[0].application, "hello");
    assert_string_equal(back.obstacles[0].resource, "web");
    assert_string_equal(back.obstacles[0].reason, "no host");
    arena_free(&arena);
}

static void what_a_removal_waits_for_comes_back(void **state)
{
    struct arena arena = {0};
    struct api_removal back = {0};
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_delete(&removal, &text);
    assert_int_equal(api_decode_delete(text.bytes, text.count, &arena, &back, &err),
                     ERR_OK);
    assert_string_equal(back.application, "hello");
    assert_string_equal(back.waits, "no host answers");
    assert_int_equal(names_compare(&back.users, &removal.users), 0);
    arena_free(&arena);
}

static void every_code_of_an_error_comes_back(void **state)
{
    (void)state;
    for (enum err_code code = ERR_SYNTAX; code <= ERR_IO; code++) {
        const struct err sent = {.code = code, .message = "why"};
        struct arena arena = {0};
        struct text text;
        struct err err;

        text_init(&text, &arena, MESSAGE_BYTES_MAX);
        api_encode_error(&sent, "", &text);
        assert_int_equal(api_decode_done(text.bytes, text.count, &arena, &err), code);
        arena_free(&arena);
    }
}

static void a_message_cut_inside_a_character_is_sent_as_json(void **state)
{
    const struct err cut = {.code = ERR_IO, .message = "caf\xc3"};
    struct arena arena = {0};
    struct text text;
    struct err err;

    (void)state;
    text_init(&text, &arena, MESSAGE_BYTES_MAX);
    api_encode_error(&cut, "", &text);
    assert_int_equal(api_decode_done(text.bytes, text.count, &arena, &err), ERR_IO);
    assert_string_equal(err.message, "caf\xef\xbf\xbd");
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_has_its_bytes),
        cmocka_unit_test(manifests_come_back_as_they_were),
        cmocka_unit_test(the_id_of_an_upload_comes_back),
        cmocka_unit_test(manifests_themselves_are_no_upload),
        cmocka_unit_test(the_pieces_of_a_reply_come_back),
        cmocka_unit_test(the_report_of_an_apply_comes_back),
        cmocka_unit_test(a_status_comes_back_with_every_resource),
        cmocka_unit_test(a_brief_status_has_no_resources),
        cmocka_unit_test(every_status_word_comes_back),
        cmocka_unit_test(every_kind_of_resource_comes_back),
        cmocka_unit_test(a_plan_comes_back_with_its_obstacles),
        cmocka_unit_test(what_a_removal_waits_for_comes_back),
        cmocka_unit_test(every_code_of_an_error_comes_back),
        cmocka_unit_test(a_message_cut_inside_a_character_is_sent_as_json),
    };

    return cmocka_run_group_tests_name("api", tests, NULL, NULL);
}
