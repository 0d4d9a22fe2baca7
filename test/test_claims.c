#include "reconciler/run/claims.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_linkstore.h"

/* A manifest of an application that runs one component, of its own name. */
#define MANIFEST(name)                                                                   \
    "apiVersion: core.oam.dev/v1beta1\n"                                                 \
    "kind: Application\n"                                                                \
    "metadata:\n"                                                                        \
    "  name: " name "\n"                                                                 \
    "  annotations: {}\n"                                                                \
    "spec:\n"                                                                            \
    "  components:\n"                                                                    \
    "  - name: " name "\n"                                                               \
    "    type: component\n"                                                              \
    "    properties: {image: 'reg/" name ":1'}\n"

/* The files that the folder has, up to NULL. */
static const char *const *files;

static bool has_file(void *context, const char *path)
{
    (void)context;
    for (size_t i = 0; files[i] != NULL; i++) {
        if (strcmp(files[i], path) == 0) {
            return true;
        }
    }
    return false;
}

/* What the last deployment found to be gone, with blanks between. */
static const char *gone = "";

static enum err_code put(struct linkstore_state *s, const char *way,
                         const struct api_manifest *items, size_t count)
{
    const struct claims claims = {.store = s->store, .root = "/m/", .has_file = has_file};
    struct api_manifest *all = arena_array(&s->arena, count, sizeof *all);
    const struct api_manifests manifests = {all, count};
    struct claims_outcome outcome;
    struct text text;
    enum err_code code;

    for (size_t i = 0; i < count; i++) {
        all[i] = items[i];
        all[i].length = strlen(items[i].text);
        all[i].way = way;
    }
    code = claims_deploy(&claims, &manifests, &s->arena, &outcome, &s->err);
    text_init(&text, &s->arena, 1024);
    for (size_t i = 0; i < outcome.gone.count; i++) {
        text_append(&text, "%s ", outcome.gone.items[i]);
    }
    gone = text.bytes;
    return code;
}

static enum err_code put_one(struct linkstore_state *s, const char *way,
                             const char *source, const char *text)
{
    const struct api_manifest one = {.source = source, .text = text};

    return put(s, way, &one, 1);
}

static void expect_source(struct linkstore_state *s, const char *name, const char *source)
{
    struct store_application found;

    assert_int_equal(store_find(s->store, name, &s->arena, &found, &s->err), ERR_OK);
    assert_string_equal(found.source, source);
}

static void two_files_that_declare_one_name_are_at_odds(void **state)
{
    static const char *const both[] = {"/m/a.yaml", "/m/b.yaml", NULL};
    static const char *const second[] = {"/m/b.yaml", NULL};
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    files = both;
    assert_int_equal(put_one(s, "folder", "/m/a.yaml", MANIFEST("shop")), ERR_OK);
    assert_int_equal(put_one(s, "folder", "/m/b.yaml", MANIFEST("shop")), ERR_CONFLICT);
    assert_string_equal(s->err.message, "application 'shop' is declared by /m/a.yaml and "
                                        "by /m/b.yaml: take it out of one");
    expect_source(s, "shop", "/m/a.yaml");
    files = second;
    assert_int_equal(put_one(s, "folder", "/m/b.yaml", MANIFEST("shop")), ERR_OK);
    expect_source(s, "shop", "/m/b.yaml");
    assert_string_equal(gone, "");
}

static void names_may_be_exchanged_in_one_go(void **state)
{
    static const char *const both[] = {"/m/a.yaml", "/m/b.yaml", NULL};
    const struct api_manifest before[] = {
        {.source = "/m/a.yaml", .text = MANIFEST("shop")},
        {.source = "/m/b.yaml", .text = MANIFEST("till")},
    };
    const struct api_manifest after[] = {
        {.source = "/m/a.yaml", .text = MANIFEST("till")},
        {.source = "/m/b.yaml", .text = MANIFEST("shop")},
    };
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    files = both;
    assert_int_equal(put(s, "folder", before, 2), ERR_OK);
    assert_int_equal(put(s, "folder", after, 2), ERR_OK);
    assert_string_equal(gone, "");
    expect_source(s, "shop", "/m/b.yaml");
    expect_source(s, "till", "/m/a.yaml");
}

static void what_a_file_declares_no_more_is_gone_with_the_same_commit(void **state)
{
    static const char *const one[] = {"/m/a.yaml", NULL};
    struct linkstore_state *s = *state;
    struct store_application found;

    linkstore_open_memory(s);
    files = one;
    assert_int_equal(
        put_one(s, "folder", "/m/a.yaml", MANIFEST("shop") "---\n" MANIFEST("till")),
        ERR_OK);
    assert_int_equal(put_one(s, "folder", "/m/a.yaml", MANIFEST("till")), ERR_OK);
    assert_string_equal(gone, "shop ");
    assert_int_equal(store_find(s->store, "shop", &s->arena, &found, &s->err),
                     ERR_NOTFOUND);
    expect_source(s, "till", "/m/a.yaml");
    /* what is refused takes nothing away */
    assert_int_equal(put_one(s, "folder", "/m/a.yaml", "metadata: {name: other}\n"),
                     ERR_INVALID);
    expect_source(s, "till", "/m/a.yaml");
}

static void the_api_and_the_folder_leave_each_other_alone(void **state)
{
    static const char *const one[] = {"/m/a.yaml", NULL};
    static const char *const none[] = {NULL};
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    files = one;
    assert_int_equal(put_one(s, "folder", "/m/a.yaml", MANIFEST("shop")), ERR_OK);
    assert_int_equal(put_one(s, "api", "/home/kim/a.yaml", MANIFEST("shop")),
                     ERR_CONFLICT);
    assert_string_equal(s->err.message,
                        "application 'shop' belongs to /m/a.yaml, a file of the daemon's "
                        "folder, and /home/kim/a.yaml would change it: change that file "
                        "instead");
    assert_int_equal(put_one(s, "api", "/home/kim/b.yaml", MANIFEST("till")), ERR_OK);
    assert_int_equal(put_one(s, "folder", "/m/b.yaml", MANIFEST("till")), ERR_CONFLICT);
    assert_string_equal(
        s->err.message,
        "application 'till' is declared by /m/b.yaml, and was put through "
        "the API (/home/kim/b.yaml): put it from that file (trellis apply "
        "/m/b.yaml), or take it out of the folder");
    files = none; /* its file is gone: nobody stands behind it */
    assert_int_equal(put_one(s, "api", "/home/kim/a.yaml", MANIFEST("shop")), ERR_OK);
}

static void a_file_put_by_hand_is_taken_over(void **state)
{
    static const char *const both[] = {"/m/a.yaml", "/m/b.yaml", NULL};
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    files = both;
    assert_int_equal(put_one(s, "direct", "/home/kim/a.yaml", MANIFEST("shop")), ERR_OK);
    assert_int_equal(put_one(s, "folder", "/m/a.yaml", MANIFEST("shop")), ERR_OK);
    expect_source(s, "shop", "/m/a.yaml");
    assert_int_equal(put_one(s, "api", "/m/b.yaml", MANIFEST("till")), ERR_OK);
    assert_int_equal(put_one(s, "folder", "/m/b.yaml", MANIFEST("till")), ERR_OK);
    expect_source(s, "till", "/m/b.yaml");
}

static void wadm_clients_do_not_take_what_a_file_declares(void **state)
{
    static const char *const one[] = {"/m/a.yaml", NULL};
    struct linkstore_state *s = *state;
    const struct claims claims = {.store = s->store, .root = "/m/", .has_file = has_file};
    const struct api_manifest manifest = {
        .source = "wadm.api.default.model.put",
        .text = MANIFEST("shop"),
        .length = strlen(MANIFEST("shop")),
        .way = "wadm",
    };
    struct claims with_store = claims;
    struct store_application found;
    struct deploy_kept kept;

    linkstore_open_memory(s);
    with_store.store = s->store;
    files = one;
    assert_int_equal(put_one(s, "folder", "/m/a.yaml", MANIFEST("shop")), ERR_OK);
    assert_int_equal(claims_keep(&with_store, &manifest, &s->arena, &kept, &s->err),
                     ERR_CONFLICT);
    assert_int_equal(store_find(s->store, "shop", &s->arena, &found, &s->err), ERR_OK);
    assert_int_equal(found.versions_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("two files that declare one name are at odds",
                       two_files_that_declare_one_name_are_at_odds),
        LINKSTORE_TEST("names may be exchanged in one go",
                       names_may_be_exchanged_in_one_go),
        LINKSTORE_TEST("what a file declares no more is gone with the same commit",
                       what_a_file_declares_no_more_is_gone_with_the_same_commit),
        LINKSTORE_TEST("the API and the folder leave each other alone",
                       the_api_and_the_folder_leave_each_other_alone),
        LINKSTORE_TEST("a file put by hand is taken over",
                       a_file_put_by_hand_is_taken_over),
        LINKSTORE_TEST("wadm's clients do not take what a file declares",
                       wadm_clients_do_not_take_what_a_file_declares),
    };

    return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
