/*
 * Manifests that others wrote, and what they come to: with secrets, and with components
 * of other applications.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/expand.h"
#include "linkstore/expand_secret.h"
#include "manifest/manifest.h"
#include "test/support_linkstore.h"
#include "test/support_manifest.h"

#define TEXT_BYTES ((size_t)64 * 1024)

struct corpus_case {
    const char *path; /* in the corpus */
    const char *golden;
};

/* Rows, and of secrets what hosts are told, too. */
static void print_application(const struct oam_application *application,
                              struct arena *arena, struct text *text)
{
    struct desired desired;

    expand_application(application, "app.yaml", "v1", arena, &desired);
    desired_print(&desired, text);
    for (size_t i = 0; i < desired.configs_count; i++) {
        const struct config_row *row = &desired.configs[i];

        if (strncmp(row->name, EXPAND_SECRET_PREFIX, strlen(EXPAND_SECRET_PREFIX)) == 0) {
            text_append(text, "%s %s\n", row->name, row->content);
        }
    }
}

static void check(struct linkstore_state *s, const struct corpus_case *t)
{
    struct diags diags;
    struct manifest manifest;
    struct text printed;
    size_t length;
    const char *text = support_file_read(
        arena_print(&s->arena, SUPPORT_CORPUS "/%s", t->path), &s->arena, &length);

    diags_init(&diags, &s->arena, "");
    assert_int_equal(
        manifest_read(text, length, "app.yaml", &s->arena, &diags, &manifest, &s->err),
        ERR_OK);
    text_init(&printed, &s->arena, TEXT_BYTES);
    for (size_t i = 0; i < manifest.applications_count; i++) {
        print_application(&manifest.applications[i], &s->arena, &printed);
    }
    linkstore_assert_golden(printed.bytes, t->golden);
}

static void test_secrets(void **state)
{
    static const struct corpus_case cases[] = {
        {"wasmCloud__wasmCloud/examples__security__secrets__wadm.yaml",
         "fixtures/desired/secrets-example.txt"},
        {"wasmCloud__wadm/tests__fixtures__manifests__simple.wadm.yaml",
         "fixtures/desired/secrets-vault.txt"},
        {"couchbaselabs__wasmcloud-provider-couchbase/wadm.yaml",
         "fixtures/desired/secrets-couchbase.txt"},
        {"edge/12secret_ver_str.yaml", "fixtures/desired/secrets-version.txt"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        check(*state, &cases[i]);
    }
}

#define SHARED_FOLDER "wasmCloud__wadm/tests__fixtures__manifests__shared__"

/* Source: what wadm's own end-to-end tests expect of these. */
static void test_shared(void **state)
{
    static const struct corpus_case cases[] = {
        {SHARED_FOLDER "shared_http.yaml", "fixtures/desired/shared-http.txt"},
        {SHARED_FOLDER "shared_http_dev.yaml", "fixtures/desired/shared-http-dev.txt"},
        {SHARED_FOLDER "shared_component.yaml", "fixtures/desired/shared-component.txt"},
        {SHARED_FOLDER "shared_component_dev.yaml",
         "fixtures/desired/shared-component-dev.txt"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        check(*state, &cases[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("components of others become links to where they run",
                       test_shared),
        LINKSTORE_TEST("secrets become entries that hosts are told to read",
                       test_secrets),
    };

    return cmocka_run_group_tests_name("expand_corpus", tests, NULL, NULL);
}
