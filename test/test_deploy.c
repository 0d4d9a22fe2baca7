#include "reconciler/run/deploy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "test/support_linkstore.h"
#include "test/support_vfs.h"

/* A manifest of one component. */
#define MANIFEST(name, annotations, id, image)                                           \
    "apiVersion: core.oam.dev/v1beta1\n"                                                 \
    "kind: Application\n"                                                                \
    "metadata:\n"                                                                        \
    "  name: " name "\n"                                                                 \
    "  annotations: {" annotations "}\n"                                                 \
    "spec:\n"                                                                            \
    "  components:\n"                                                                    \
    "  - name: web\n"                                                                    \
    "    type: component\n"                                                              \
    "    properties: {image: '" image "', id: " id "}\n"                                 \
    "    traits: [{type: spreadscaler, properties: {instances: 2}}]\n"

#define SHOP_1       MANIFEST("shop", "version: v1", "web", "reg/web:1")
#define SHOP_1_OTHER MANIFEST("shop", "version: v1", "web", "reg/web:2")
#define SHOP_2       MANIFEST("shop", "version: v2", "web", "reg/web:2")
#define SHOP_PLAIN   MANIFEST("shop", "", "web", "reg/web:1")
#define OTHER_1      MANIFEST("other", "version: v1", "else", "reg/else:1")
#define RIVAL_1      MANIFEST("rival", "version: v1", "web", "reg/rival:1")

/* texts as so many files a.yaml, b.yaml, ... */
static struct api_manifests as_files(struct linkstore_state *s, const char *const *texts)
{
    static const char *const names[] = {"a.yaml", "b.yaml", "c.yaml"};
    struct api_manifest *items = arena_array(&s->arena, COUNT_OF(names), sizeof *items);
    size_t count = 0;

    while (texts[count] != NULL) {
        assert_true(count < COUNT_OF(names));
        items[count] =
            (struct api_manifest){names[count], texts[count], strlen(texts[count])};
        count++;
    }
    return (struct api_manifests){items, count};
}

static enum err_code deploy(struct linkstore_state *s, const char *const *texts,
                            struct deployment *ret_deployment)
{
    const struct api_manifests manifests = as_files(s, texts);

    return deploy_manifests(s->store, &manifests, &s->arena, ret_deployment, &s->err);
}

/* Deploy one text, which must succeed; what became of it. */
static const struct api_applied *deploy_one(struct linkstore_state *s, const char *text)
{
    const char *const texts[] = {text, NULL};
    struct deployment deployment = {0};

    if (deploy(s, texts, &deployment) != ERR_OK) {
        fail_msg("%s\n%s", s->err.message, deployment.report.findings);
    }
    assert_int_equal(deployment.count, 1);
    assert_int_equal(deployment.report.count, 1);
    assert_string_equal(deployment.applications[0],
                        deployment.report.items[0].application);
    return deployment.report.items;
}

static void assert_applied(const struct api_applied *applied, const char *version,
                           const char *result, uint64_t revision)
{
    assert_string_equal(applied->version, version);
    assert_string_equal(applied->result, result);
    assert_true(applied->revision == revision);
}

static void test_first(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    assert_applied(deploy_one(s, SHOP_1), "v1", "created", 1);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v1 of 1, deployed v1 revision 1 from a.yaml\n");
}

static void test_same(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    (void)deploy_one(s, SHOP_1);
    assert_applied(deploy_one(s, SHOP_1), "v1", "unchanged", 1);
}

static void test_replaced(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    (void)deploy_one(s, SHOP_1);
    assert_applied(deploy_one(s, SHOP_1_OTHER), "v1", "replaced", 2);
}

static void test_new_version(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_memory(s);
    (void)deploy_one(s, SHOP_1);
    assert_applied(deploy_one(s, SHOP_2), "v2", "new version", 2);
    assert_applied(deploy_one(s, SHOP_1), "v1", "unchanged", 1);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v2 of 2, deployed v1 revision 1 from a.yaml\n");
}

static void test_made_version(void **state)
{
    struct linkstore_state *s = *state;
    const struct api_applied *first;
    const struct api_applied *second;

    linkstore_open_memory(s);
    first = deploy_one(s, SHOP_PLAIN);
    assert_int_equal(strlen(first->version), DEPLOY_VERSION_BYTES - 1);
    assert_string_equal(first->result, "created");
    assert_applied(deploy_one(s, SHOP_PLAIN), first->version, "unchanged", 1);
    second = deploy_one(s, SHOP_PLAIN "# later\n");
    assert_string_equal(second->result, "new version");
    assert_true(strcmp(first->version, second->version) != 0);
}

#define SHARING                                                                          \
    MANIFEST("common", "version: v1, experimental.wasmcloud.dev/shared: 'true'",         \
             "common-web", "reg/web:1")

#define USING                                                                            \
    "apiVersion: core.oam.dev/v1beta1\n"                                                 \
    "kind: Application\n"                                                                \
    "metadata: {name: guest, annotations: {version: v1}}\n"                              \
    "spec:\n"                                                                            \
    "  components:\n"                                                                    \
    "  - name: used\n"                                                                   \
    "    type: component\n"                                                              \
    "    properties: {application: {name: common, component: web}}\n"

static void test_waiting(void **state)
{
    static const char *const both[] = {SHARING, USING, NULL};
    struct linkstore_state *s = *state;
    struct deployment deployment = {0};
    const struct api_applied *applied;

    linkstore_open_memory(s);
    assert_int_equal(deploy(s, both, &deployment), ERR_OK);
    assert_int_equal(deployment.report.items[0].users.count, 0);
    assert_int_equal(deployment.report.items[1].users.count, 0);
    /* It goes on, but is not shared any more. */
    applied = deploy_one(s, MANIFEST("common", "version: v2", "common-web", "reg/web:1"));
    assert_int_equal(applied->users.count, 1);
    assert_string_equal(applied->users.items[0], "guest");
    assert_int_equal(deploy_one(s, SHARING)->users.count, 0);
}

static void test_ulid(void **state)
{
    static const int64_t times[] = {
        0, 1, 31, 32, 1732320000000, 1732320000001, INT64_C(281474976710655)};
    char before[DEPLOY_VERSION_BYTES] = "";
    char version[DEPLOY_VERSION_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        deploy_make_version(times[i], version);
        assert_int_equal(strlen(version), 26);
        assert_int_equal(strspn(version, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 26);
        assert_true(strcmp(before, version) < 0);
        memcpy(before, version, sizeof before);
    }
    /* Source: the ULID specification's largest time. */
    assert_memory_equal(version, "7ZZZZZZZZZ", 10);
}

static void test_several(void **state)
{
    static const char *const texts[] = {SHOP_1, OTHER_1 "---\n" RIVAL_1, NULL};
    static const char *const moved[] = {
        MANIFEST("shop", "version: v2", "shop", "reg/web:1"), OTHER_1 "---\n" RIVAL_1,
        NULL};
    struct linkstore_state *s = *state;
    struct deployment deployment = {0};

    linkstore_open_memory(s);
    assert_int_equal(deploy(s, texts, &deployment), ERR_CONFLICT);
    assert_int_equal(deploy(s, moved, &deployment), ERR_OK);
    assert_int_equal(deployment.count, 3);
    assert_string_equal(deployment.applications[0], "other");
    assert_string_equal(deployment.applications[1], "rival");
    assert_string_equal(deployment.applications[2], "shop");
}

static void test_refused(void **state)
{
    static const char *const texts[] = {SHOP_2, "kind: Application\n", "apiVersion: [\n",
                                        NULL};
    struct linkstore_state *s = *state;
    struct deployment deployment = {.count = 7};

    linkstore_open_memory(s);
    (void)deploy_one(s, SHOP_1);
    assert_int_equal(deploy(s, texts, &deployment), ERR_INVALID);
    assert_string_equal(s->err.source, "b.yaml");
    assert_non_null(strstr(deployment.report.findings, "b.yaml:1:1: error: "));
    assert_non_null(strstr(deployment.report.findings, "c.yaml:"));
    assert_int_equal(deployment.count, 0);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v1 of 1, deployed v1 revision 1 from a.yaml\n");
}

static void test_warned(void **state)
{
    static const char *const texts[] = {SHOP_1 "    extra: 1\n", NULL};
    struct linkstore_state *s = *state;
    struct deployment deployment = {0};

    linkstore_open_memory(s);
    assert_int_equal(deploy(s, texts, &deployment), ERR_OK);
    assert_non_null(strstr(deployment.report.findings, "a.yaml:12:5: warning: "));
}

static void test_declared_twice(void **state)
{
    static const char *const texts[] = {SHOP_1, OTHER_1 "---\n" SHOP_2, NULL};
    struct linkstore_state *s = *state;
    struct deployment deployment = {0};

    linkstore_open_memory(s);
    assert_int_equal(deploy(s, texts, &deployment), ERR_CONFLICT);
    assert_string_equal(s->err.message,
                        "an application is named 'shop' already: expected another name "
                        "(a.yaml:4: it has the name first)");
    assert_string_equal(s->err.source, "b.yaml");
    assert_int_equal(s->err.place.line, 16);
    linkstore_assert_text(linkstore_dump_applications(s), "");
}

static void test_claimed_twice(void **state)
{
    static const char *const texts[] = {RIVAL_1, OTHER_1, NULL};
    struct linkstore_state *s = *state;
    struct deployment deployment = {.count = 7};

    linkstore_open_memory(s);
    (void)deploy_one(s, SHOP_1);
    assert_int_equal(deploy(s, texts, &deployment), ERR_CONFLICT);
    assert_string_equal(s->err.message,
                        "applications 'rival' (a.yaml:8) and 'shop' (a.yaml:8) claim id "
                        "'web' with different content: rename it in one of them");
    assert_int_equal(deployment.count, 0);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v1 of 1, deployed v1 revision 1 from a.yaml\n");
}

static void test_moved(void **state)
{
    static const char *const texts[] = {
        MANIFEST("shop", "version: v2", "shop-web", "reg/web:2"), RIVAL_1, NULL};
    struct linkstore_state *s = *state;
    struct deployment deployment = {0};

    linkstore_open_memory(s);
    (void)deploy_one(s, SHOP_1);
    assert_int_equal(deploy(s, texts, &deployment), ERR_OK);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "rival v1 of 1, deployed v1 revision 1 from b.yaml\n"
                          "shop v2 of 2, deployed v2 revision 2 from a.yaml\n");
}

static void test_nothing(void **state)
{
    static const char *const texts[] = {NULL};
    struct linkstore_state *s = *state;
    struct deployment deployment = {.count = 7};

    linkstore_open_memory(s);
    assert_int_equal(deploy(s, texts, &deployment), ERR_OK);
    assert_int_equal(deployment.count, 0);
    assert_string_equal(deployment.report.findings, "");
}

static enum err_code keep(struct linkstore_state *s, const char *text,
                          struct deploy_kept *ret_kept)
{
    const struct api_manifest manifest = {"put", text, strlen(text)};

    return deploy_keep(s->store, &manifest, &s->arena, ret_kept, &s->err);
}

static void test_kept(void **state)
{
    struct linkstore_state *s = *state;
    struct deploy_kept kept = {0};

    linkstore_open_memory(s);
    assert_int_equal(keep(s, SHOP_1, &kept), ERR_OK);
    assert_string_equal(kept.application, "shop");
    assert_string_equal(kept.version, "v1");
    assert_int_equal(kept.versions_count, 1);
    assert_int_equal(keep(s, SHOP_2, &kept), ERR_OK);
    assert_int_equal(kept.versions_count, 2);
    linkstore_assert_text(linkstore_dump_applications(s),
                          "shop v2 of 2, deployed - revision 0 from put\n");
}

static void test_kept_twice(void **state)
{
    static const char *const texts[] = {SHOP_1, SHOP_1_OTHER};
    struct linkstore_state *s = *state;
    struct deploy_kept kept = {.versions_count = 7};

    linkstore_open_memory(s);
    assert_int_equal(keep(s, SHOP_1, &kept), ERR_OK);
    kept.versions_count = 7;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        assert_int_equal(keep(s, texts[i], &kept), ERR_CONFLICT);
        assert_string_equal(s->err.message, "Manifest version v1 already exists");
        assert_int_equal(kept.versions_count, 7);
    }
}

static void test_not_kept(void **state)
{
    struct linkstore_state *s = *state;
    struct deploy_kept kept = {.versions_count = 7};

    linkstore_open_memory(s);
    assert_int_equal(keep(s, SHOP_1 "---\n" OTHER_1, &kept), ERR_INVALID);
    assert_string_equal(s->err.message, "one application is wanted, not 2");
    assert_int_equal(keep(s, "kind: Application\n", &kept), ERR_INVALID);
    assert_string_equal(s->err.source, "put");
    assert_int_equal(s->err.place.line, 1);
    assert_int_equal(kept.versions_count, 7);
    linkstore_assert_text(linkstore_dump_applications(s), "");
}

static void test_check(void **state)
{
    static const char *const fine[] = {SHOP_1, OTHER_1, NULL};
    static const char *const odd[] = {SHOP_1 "    more: 1\n    extra: 2\n", NULL};
    static const char *const twice[] = {SHOP_1, SHOP_2, NULL};
    static const struct {
        const char *const *texts;
        enum err_code code;
        size_t warnings_count;
    } cases[] = {{fine, ERR_OK, 0}, {odd, ERR_OK, 2}, {twice, ERR_CONFLICT, 0}};
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct api_manifests manifests = as_files(s, cases[i].texts);
        struct diags diags;

        diags_init(&diags, &s->arena, "");
        assert_int_equal(deploy_check(&manifests, &s->arena, &diags, &s->err),
                         cases[i].code);
        assert_int_equal(diags.count - diags.errors_count, cases[i].warnings_count);
    }
}

/* What the store holds, read from the disk again. */
static const char *reopen(struct linkstore_state *s)
{
    store_close(s->store);
    s->store = NULL;
    linkstore_open_file(s);
    return arena_print(&s->arena, "%s%s", linkstore_dump_applications(s),
                       linkstore_dump_desired(s, "shop"));
}

static void test_full_disk(void **state)
{
    static const char *const texts[] = {SHOP_2, OTHER_1, NULL};
    struct linkstore_state *s = *state;
    const char *before;
    bool has_failed = true;

    vfs_install();
    linkstore_open_file(s);
    (void)deploy_one(s, SHOP_1);
    before = reopen(s);
    for (long n = 1; has_failed; n++) {
        struct deployment deployment = {.count = 7};
        enum err_code code;

        vfs_fail_at(n, true);
        code = deploy(s, texts, &deployment);
        has_failed = vfs_heal();
        assert_int_equal(code, has_failed ? ERR_IO : ERR_OK);
        assert_int_equal(deployment.count, has_failed ? 0 : 2);
        assert_true(has_failed == (strcmp(reopen(s), before) == 0));
        assert_true(n > 1 || has_failed);
    }
    vfs_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("a manifest is wanted from then on", test_first),
        LINKSTORE_TEST("the same text again changes nothing", test_same),
        LINKSTORE_TEST("another text under the same version replaces it", test_replaced),
        LINKSTORE_TEST("a version may come and go back", test_new_version),
        LINKSTORE_TEST("without a version one is made for each text", test_made_version),
        LINKSTORE_TEST("applications that are left waiting are named", test_waiting),
        LINKSTORE_TEST("made versions sort by their time", test_ulid),
        LINKSTORE_TEST("applications are told by name", test_several),
        LINKSTORE_TEST("one refused manifest holds all back, with all findings",
                       test_refused),
        LINKSTORE_TEST("warnings are told of what is accepted", test_warned),
        LINKSTORE_TEST("an application declared twice names both places",
                       test_declared_twice),
        LINKSTORE_TEST("two applications cannot want one id differently",
                       test_claimed_twice),
        LINKSTORE_TEST("an id may move between applications deployed together",
                       test_moved),
        LINKSTORE_TEST("no manifests want nothing", test_nothing),
        LINKSTORE_TEST("what is put is kept and not wanted", test_kept),
        LINKSTORE_TEST("a version that is there is not put again", test_kept_twice),
        LINKSTORE_TEST("what is refused is not put", test_not_kept),
        LINKSTORE_TEST("a check counts warnings and needs no store", test_check),
        LINKSTORE_TEST("a disk that fails leaves the store as it was", test_full_disk),
    };

    return cmocka_run_group_tests_name("deploy", tests, NULL, NULL);
}
