/*
 * The verbs that write manifests anew, canon and migrate: what goes where, and that no
 * file is lost.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "reconciler/run/cli.h"
#include "reconciler/run/replace.h"
#include "test/support_cli.h"
#include "test/support_manifest.h"

#define TOP                                                                              \
    "apiVersion: core.oam.dev/v1beta1\nkind: Application\n"                              \
    "metadata: {name: shop, annotations: {}}\nspec:\n  components:\n"
#define COMPONENT(type)                                                                  \
    "  - {name: web, type: " type ", properties: {image: 'web:1'}, traits: [" SCALER     \
    "]}\n"
#define SCALER  "{type: spreadscaler, properties: {instances: 1}}"
#define LINKDEF "{type: linkdef, properties: {target: db}}"
#define OLD     TOP COMPONENT("actor")
#define NEW     TOP COMPONENT("component")
#define BROKEN                                                                           \
    TOP "  - {name: web, type: actor, properties: {image: x}, traits: [" LINKDEF "]}\n"
#define CANON                                                                            \
    "apiVersion: core.oam.dev/v1beta1\nkind: Application\nmetadata:\n  name: shop\n"     \
    "  annotations: {}\nspec:\n  components:\n    - name: web\n      type: component\n"  \
    "      properties:\n        image: web:1\n      traits:\n"                           \
    "        - type: spreadscaler\n          properties:\n            instances: 1\n"

static const char *content(struct folder_state *folder, const char *name)
{
    size_t length;

    return support_file_read(folder_path(folder, name), &folder->arena, &length);
}

static void canon_prints_all_that_it_is_given(void **state)
{
    struct ending ending;

    folder_write(*state, "old.yaml", OLD);
    folder_write(*state, "broken.yaml", "kind: Application\n");
    ending = run_line(*state, "canon old.yaml");
    assert_int_equal(ending.status, EXIT_DONE);
    support_assert_text("one file", CANON, ending.output);
    assert_string_equal(ending.errors, "");
    ending = run_line(*state, "canon old.yaml old.yaml");
    support_assert_text("two files", CANON "---\n" CANON, ending.output);
    ending = run_line(*state, "canon old.yaml broken.yaml");
    assert_int_equal(ending.status, EXIT_INVALID);
    assert_string_equal(ending.output, "");
    assert_non_null(strstr(ending.errors, "broken.yaml:1:1: error: "));
    assert_int_equal(run_line(*state, "canon none.yaml").status, EXIT_NOTFOUND);
}

static void migrate_prints_what_it_makes_of_one_file(void **state)
{
    struct ending ending;

    folder_write(*state, "old.yaml", OLD);
    folder_write(*state, "broken.yaml", BROKEN);
    ending = run_line(*state, "migrate old.yaml");
    assert_int_equal(ending.status, EXIT_DONE);
    support_assert_text("old.yaml", NEW, ending.output);
    assert_string_equal(ending.errors, "");
    support_assert_text("the file itself", OLD, content(*state, "old.yaml"));
    ending = run_line(*state, "migrate broken.yaml");
    assert_int_equal(ending.status, EXIT_INVALID);
    assert_non_null(strstr(ending.output, "type: component"));
    assert_non_null(strstr(ending.errors, "broken.yaml:6:"));
    ending = run_line(*state, "migrate -o json broken.yaml");
    assert_int_equal(ending.status, EXIT_INVALID);
    assert_int_equal(ending.output[0], '{');
    assert_null(strstr(ending.output, "apiVersion"));
}

static void migrate_refuses_what_has_no_place(void **state)
{
    struct ending ending;

    folder_write(*state, "old.yaml", OLD);
    ending = run_line(*state, "migrate old.yaml old.yaml");
    assert_int_equal(ending.status, EXIT_USAGE);
    assert_string_equal(ending.output, "");
    ending = run_line(*state, "migrate --in-place old.yaml -");
    assert_int_equal(ending.status, EXIT_USAGE);
    support_assert_text("untouched", OLD, content(*state, "old.yaml"));
}

static void migrate_in_place_touches_only_what_it_can_do_whole(void **state)
{
    struct folder_state *folder = *state;
    struct ending ending;
    struct stat before;
    struct stat after;

    folder_write(folder, "old.yaml", OLD);
    folder_write(folder, "new.yaml", NEW);
    folder_write(folder, "broken.yaml", BROKEN);
    assert_int_equal(chmod(folder_path(folder, "old.yaml"), 0640), 0);
    assert_int_equal(stat(folder_path(folder, "new.yaml"), &before), 0);
    ending = run_line(folder, "migrate -i broken.yaml new.yaml old.yaml");
    assert_int_equal(ending.status, EXIT_INVALID);
    assert_non_null(strstr(ending.errors, "broken.yaml:6:"));
    assert_null(strstr(ending.output, "new.yaml"));
    assert_non_null(strstr(ending.output, "old.yaml\n"));
    support_assert_text("old.yaml", NEW, content(folder, "old.yaml"));
    support_assert_text("new.yaml", NEW, content(folder, "new.yaml"));
    support_assert_text("broken.yaml", BROKEN, content(folder, "broken.yaml"));
    assert_int_equal(stat(folder_path(folder, "new.yaml"), &after), 0);
    assert_true(before.st_ino == after.st_ino);
    assert_int_equal(stat(folder_path(folder, "old.yaml"), &after), 0);
    assert_int_equal(after.st_mode & 0777, 0640);
    ending = run_line(folder, "migrate -i -q old.yaml");
    assert_int_equal(ending.status, EXIT_DONE);
    assert_string_equal(ending.output, "");
}

static void what_cannot_be_replaced_stays(void **state)
{
    struct folder_state *folder = *state;
    struct err err;

    assert_int_equal(replace_file(folder_path(folder, "none/none.yaml"), "text", 4, &err),
                     ERR_IO);
    assert_non_null(strstr(err.message, "No such file"));
    assert_int_equal(replace_file(folder_path(folder, "none.yaml"), "text", 4, &err),
                     ERR_IO);
    assert_int_equal(access(folder_path(folder, "none.yaml"), F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(canon_prints_all_that_it_is_given),
        FOLDER_TEST(migrate_prints_what_it_makes_of_one_file),
        FOLDER_TEST(migrate_refuses_what_has_no_place),
        FOLDER_TEST(migrate_in_place_touches_only_what_it_can_do_whole),
        FOLDER_TEST(what_cannot_be_replaced_stays),
    };

    return cmocka_run_group_tests_name("rewriting", tests, NULL, NULL);
}
