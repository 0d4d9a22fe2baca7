/*
 * An application as wadm shows it: the same application when it is read again, and what
 * clients take.
 */
#include "reconciler/wire/wadm_manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "manifest/canon.h"
#include "manifest/manifest.h"
#include "reconciler/wire/wadm.h"
#include "test/support_contract.h"
#include "test/support_manifest.h"
#include "test/support_samples.h"

#define TEXT_BYTES ((size_t)4 * 1024 * 1024)

static const char *const folders[] = {
    "fixtures/manifests/valid",
    "fixtures/manifests/migrate",
    "fixtures/corpus/manifest",
};

static bool read_text(const char *bytes, size_t length, struct arena *arena,
                      struct manifest *ret_manifest)
{
    struct diags diags;
    struct err err;

    diags_init(&diags, arena, "text");
    return manifest_read(bytes, length, "text", arena, &diags, ret_manifest, &err) ==
           ERR_OK;
}

static const char *canon_of(const struct oam_application *application,
                            struct arena *arena)
{
    struct text text;

    text_init(&text, arena, TEXT_BYTES);
    canon_print(application, &text);
    assert_false(text.is_cut);
    return text.bytes;
}

static const char *json_of(const struct oam_application *application, struct arena *arena)
{
    struct text text;

    text_init(&text, arena, TEXT_BYTES);
    wadm_encode_manifest(application, "v7", &text);
    assert_false(text.is_cut);
    return text.bytes;
}

static void assert_clients_take(const struct oam_application *application,
                                struct arena *arena)
{
    const struct wadm_get get = {WADM_SUCCESS, "m", application, "v7"};
    struct text text;

    text_init(&text, arena, TEXT_BYTES);
    wadm_encode_get(&get, &text);
    /* A weight that serde takes, and jansson does not. */
    assert_true(strstr(text.bytes, "18446744073709551615") != NULL ||
                contract_accepts("get", text.bytes));
}

/* An application without a version has one when it is read again. */
static void check_application(const char *path, const struct oam_application *application,
                              struct arena *arena)
{
    const char *json = json_of(application, arena);
    struct manifest again;

    assert_true(read_text(json, strlen(json), arena, &again));
    assert_int_equal(again.applications_count, 1);
    assert_string_equal(again.applications[0].version,
                        application->version != NULL ? application->version : "v7");
    if (application->version != NULL) {
        support_assert_text(path, canon_of(application, arena),
                            canon_of(&again.applications[0], arena));
    }
    support_assert_text(path, json, json_of(&again.applications[0], arena));
    assert_clients_take(application, arena);
}

static size_t check_file(const char *path)
{
    struct arena arena = {0};
    struct manifest manifest = {0};
    size_t count = 0;
    size_t length;
    const char *text = support_file_read(path, &arena, &length);

    if (read_text(text, length, &arena, &manifest)) {
        count = manifest.applications_count;
        for (size_t i = 0; i < count; i++) {
            check_application(path, &manifest.applications[i], &arena);
        }
    }
    arena_free(&arena);
    return count;
}

static void every_manifest_is_the_same_when_it_comes_back(void **state)
{
    struct arena arena = {0};
    size_t applications_count = 0;
    size_t corpus_count;
    char **corpus = support_corpus_list(&arena, &corpus_count);

    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t count;
        char **paths = support_folder_list(folders[i], "", &arena, &count);

        for (size_t k = 0; k < count; k++) {
            applications_count += check_file(paths[k]);
        }
    }
    for (size_t i = 0; i < corpus_count; i++) {
        applications_count += check_file(corpus[i]);
    }
    assert_true(applications_count > 200);
    arena_free(&arena);
}

/* The member of payload, an object in JSON, that begins after start, and ends with it. */
static const char *last_member(const char *payload, const char *start,
                               struct arena *arena)
{
    const char *at = strstr(payload, start);

    assert_non_null(at);
    at += strlen(start);
    return arena_text(arena, at, strlen(at) - 1);
}

/* The manifest of what was put, and of what wadm answered a get of it. */
static void a_manifest_is_shown_as_wadm_shows_it(void **state)
{
    struct arena arena = {0};
    const struct samples samples = samples_read(&arena);
    const char *put = "";
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < samples.count; i++) {
        const struct sample *sample = &samples.items[i];
        struct manifest manifest;

        if (sample_is(sample, "request", "wadm.api.default.model.put")) {
            put = sample->payload;
        }
        if (sample_is(sample, "reply", "wadm.api.default.model.get.") &&
            strstr(sample->payload, "\"manifest\":") != NULL) {
            assert_true(read_text(put, strlen(put), &arena, &manifest));
            assert_string_equal(json_of(&manifest.applications[0], &arena),
                                last_member(sample->payload, "\"manifest\":", &arena));
            count++;
        }
    }
    assert_int_equal(count, 1);
    arena_free(&arena);
}

/* What wadm keeps in its bucket of the manifest in YAML that it was sent. */
static void older_forms_are_shown_in_the_newer_one(void **state)
{
    static const char old[] =
        "apiVersion: core.oam.dev/v1beta1\n"
        "kind: Application\n"
        "metadata: {name: a, annotations: {zone: z, about: x}, labels: {l: m}}\n"
        "spec:\n"
        "  policies:\n"
        "  - {name: p, type: policy.secret.wasmcloud.dev/v1alpha1,\n"
        "     properties: {backend: b}}\n"
        "  components:\n"
        "  - name: one\n"
        "    type: actor\n"
        "    properties: {image: i, id: my-one, config: [{name: c}],\n"
        "      secrets: [{name: s, properties: {policy: p, key: k, version: '2'}}]}\n"
        "    traits:\n"
        "    - {type: link, properties: {target: two, namespace: n, package: q,\n"
        "       name: other, interfaces: [f], source_config: [{name: d, "
        "properties: {k: v}}]}}\n"
        "    - {type: daemonscaler, properties: {replicas: 2, spread:\n"
        "       [{name: e, requirements: {}, weight: 3}]}}\n"
        "  - {name: two, type: capability,\n"
        "     properties: {application: {name: b, component: t}}}\n";
    static const char expected[] =
        "{\"apiVersion\":\"core.oam.dev/v1beta1\",\"kind\":\"Application\","
        "\"metadata\":{\"name\":\"a\",\"annotations\":{\"about\":\"x\","
        "\"version\":\"v7\",\"zone\":\"z\"},\"labels\":{\"l\":\"m\"}},"
        "\"spec\":{\"components\":[{\"name\":\"one\",\"type\":\"component\","
        "\"properties\":{\"image\":\"i\",\"id\":\"my-one\",\"config\":[{\"name\":\"c\"}],"
        "\"secrets\":[{\"name\":\"s\",\"properties\":{\"policy\":\"p\",\"key\":\"k\","
        "\"version\":\"2\"}}]},\"traits\":[{\"type\":\"link\",\"properties\":{"
        "\"namespace\":\"n\",\"package\":\"q\",\"interfaces\":[\"f\"],\"source\":{"
        "\"config\":[{\"name\":\"d\",\"properties\":{\"k\":\"v\"}}]},"
        "\"target\":{\"name\":\"two\"},\"name\":\"other\"}},"
        "{\"type\":\"daemonscaler\",\"properties\":{\"instances\":2,\"spread\":[{"
        "\"name\":\"e\",\"requirements\":{},\"weight\":3}]}}]},"
        "{\"name\":\"two\",\"type\":\"capability\",\"properties\":{\"application\":{"
        "\"name\":\"b\",\"component\":\"t\"}}}],"
        "\"policies\":[{\"name\":\"p\",\"properties\":{\"backend\":\"b\"},"
        "\"type\":\"policy.secret.wasmcloud.dev/v1alpha1\"}]}}";
    struct arena arena = {0};
    struct manifest manifest;

    (void)state;
    assert_true(read_text(old, strlen(old), &arena, &manifest));
    assert_string_equal(json_of(&manifest.applications[0], &arena), expected);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_manifest_is_the_same_when_it_comes_back),
        cmocka_unit_test(a_manifest_is_shown_as_wadm_shows_it),
        cmocka_unit_test(older_forms_are_shown_in_the_newer_one),
    };

    return cmocka_run_group_tests_name("wadm_manifest", tests, NULL, NULL);
}
