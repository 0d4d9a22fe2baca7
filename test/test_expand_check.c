#include "linkstore/expand_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "manifest/manifest.h"
#include "test/support_manifest.h"

#define UNSUPPORTED "fixtures/manifests/unsupported/unsupported"
#define TEXT_BYTES  ((size_t)64 * 1024)

static void test_unsupported(void **state)
{
    struct arena arena = {0};
    struct diags diags;
    struct manifest manifest;
    struct err err;
    struct text findings;
    size_t length;
    const char *text = support_file_read(UNSUPPORTED ".yaml", &arena, &length);

    (void)state;
    diags_init(&diags, &arena, "");
    assert_int_equal(
        manifest_read(text, length, "unsupported.yaml", &arena, &diags, &manifest, &err),
        ERR_OK);
    assert_int_equal(diags.count, 0);
    for (size_t i = 0; i < manifest.applications_count; i++) {
        expand_check(&manifest.applications[i], &diags);
    }
    text_init(&findings, &arena, TEXT_BYTES);
    diags_print(&diags, &findings);
    support_assert_text(UNSUPPORTED ".err",
                        support_file_read(UNSUPPORTED ".err", &arena, &length),
                        findings.bytes);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"what no row can stand for is refused, each with its place", test_unsupported,
         NULL, NULL, NULL},
    };

    return cmocka_run_group_tests_name("expand_check", tests, NULL, NULL);
}
