/*
 * Applications held against each other: each folder of fixtures/manifests/across is a set
 * of manifests, and its name with .err what is found.  With --rewrite these are written
 * anew.
 */
#include "linkstore/across.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "linkstore/across_names.h"
#include "linkstore/store.h"
#include "manifest/manifest.h"
#include "reconciler/run/deploy.h"
#include "test/support_linkstore.h"
#include "test/support_manifest.h"

#define FOLDER     "fixtures/manifests/across"
#define TEXT_BYTES ((size_t)64 * 1024)
#define COUNT_MAX  ((size_t)8)

/* The manifests of a folder, and what was found. */
struct reading {
    struct arena arena;
    struct diags diags;
    struct manifest manifests[COUNT_MAX];
    size_t count;
};

static bool is_rewriting;

static const char *base_name(const char *path)
{
    return strrchr(path, '/') + 1;
}

static void read_one(struct reading *reading, const char *path)
{
    struct manifest *manifest = &reading->manifests[reading->count++];
    size_t length;
    const char *text = support_file_read(path, &reading->arena, &length);
    struct err err;

    assert_true(reading->count <= COUNT_MAX);
    if (manifest_read(text, length, base_name(path), &reading->arena, &reading->diags,
                      manifest, &err) != ERR_OK) {
        fail_msg("%s:%u: %s", path, err.place.line, err.message);
    }
    for (size_t i = 0; i < manifest->applications_count; i++) {
        across_check_names(&manifest->applications[i], &reading->diags);
    }
}

static void read_folder(struct reading *reading, const char *folder)
{
    size_t count;
    char **paths;

    *reading = (struct reading){0};
    diags_init(&reading->diags, &reading->arena, "");
    paths = support_folder_list(folder, ".yaml", &reading->arena, &count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        read_one(reading, paths[i]);
    }
}

static const char *print(struct reading *reading)
{
    struct text text;

    text_init(&text, &reading->arena, TEXT_BYTES);
    diags_print(&reading->diags, &text);
    return text.bytes;
}

static void test_folder(void **state)
{
    const char *expected = *state; /* the path of what is expected */
    struct reading reading;
    size_t length;
    const char *found;

    struct arena arena = {0};
    read_folder(&reading,
                arena_text(&arena, expected, strlen(expected) - strlen(".err")));
    across_check(reading.manifests, reading.count, true, &reading.diags);
    found = print(&reading);
    if (is_rewriting) {
        support_file_write(expected, found, strlen(found));
    } else {
        support_assert_text(expected, support_file_read(expected, &arena, &length),
                            found);
    }
    arena_free(&reading.arena);
    arena_free(&arena);
}

/* Deploy the manifests of folder one after the other, and undeploy them. */
static enum err_code deploy_each(struct linkstore_state *s, const char *folder)
{
    enum err_code code = ERR_OK;
    struct deployment deployment = {0};
    size_t count;
    char **paths = support_folder_list(folder, ".yaml", &s->arena, &count);
    size_t done = 0;
    const char **names = arena_array(&s->arena, count, sizeof *names);

    for (size_t i = 0; i < count && code == ERR_OK; i++) {
        struct api_manifest manifest = {.source = base_name(paths[i])};
        const struct api_manifests manifests = {&manifest, 1};

        manifest.text = support_file_read(paths[i], &s->arena, &manifest.length);
        code = deploy_manifests(s->store, &manifests, &s->arena, &deployment, &s->err);
        if (code == ERR_OK) {
            names[done++] = deployment.applications[0];
        }
    }
    for (size_t i = 0; i < done; i++) {
        struct err err;

        assert_int_equal(store_undeploy(s->store, names[i], &err), ERR_OK);
    }
    return code;
}

/* What several files are found to be, and what the store makes of one after the other. */
static void test_store_agrees(void **state)
{
    static const struct {
        const char *name;
        enum err_code code;
    } cases[] = {
        {"same-id", ERR_CONFLICT},     {"same-id-generated", ERR_CONFLICT},
        {"same-config", ERR_CONFLICT}, {"same-id-same-content", ERR_OK},
        {"same-slot", ERR_CONFLICT},   {"same-link", ERR_CONFLICT},
        {"same-port", ERR_OK},
    };
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *folder = arena_print(&s->arena, FOLDER "/%s", cases[i].name);
        struct reading reading;
        enum err_code code;

        read_folder(&reading, folder);
        across_check(reading.manifests, reading.count, true, &reading.diags);
        assert_int_equal(reading.diags.errors_count > 0, cases[i].code != ERR_OK);
        code = deploy_each(s, folder);
        if (code != cases[i].code) {
            fail_msg("%s: the store says %d: %s", folder, (int)code, s->err.message);
        }
        arena_free(&reading.arena);
    }
}

static void test_incomplete(void **state)
{
    struct reading reading;

    (void)state;
    read_folder(&reading, FOLDER "/shared-missing");
    across_check(reading.manifests, reading.count, false, &reading.diags);
    assert_null(strstr(print(&reading), "unknown-shared"));
    assert_true(reading.diags.errors_count > 0);
    arena_free(&reading.arena);
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    size_t count;
    char **paths = support_folder_list(FOLDER, ".err", &arena, &count);
    struct CMUnitTest *tests = arena_array(&arena, count + 2, sizeof *tests);
    int failed;

    is_rewriting = argc > 1 && strcmp(argv[1], "--rewrite") == 0;
    for (size_t i = 0; i < count; i++) {
        tests[i] = (struct CMUnitTest){
            .name = arena_print(&arena, "%s are held against each other",
                                base_name(paths[i])),
            .test_func = test_folder,
            .initial_state = paths[i],
        };
    }
    tests[count] = (struct CMUnitTest)LINKSTORE_TEST(
        "the store finds a conflict where one was found before", test_store_agrees);
    tests[count + 1] = (struct CMUnitTest)cmocka_unit_test(test_incomplete);
    tests[count + 1].name = "what could not be read is not missed";
    failed = _cmocka_run_group_tests("across", tests, count + 2, NULL, NULL);
    arena_free(&arena);
    return failed;
}
