#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "test/support_scan.h"

#define FILES_COUNT 10000

static void ten_thousand_files_are_looked_at_each_for_itself(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;
    size_t changed;

    for (int i = 0; i < FILES_COUNT; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "%05d.yaml", i);
        folder_write(files, name, name);
    }
    folder = scan_open(files);
    assert_int_equal(scan_count(files, folder, &changed), FILES_COUNT);
    assert_int_equal(changed, FILES_COUNT);
    folder_write(files, "05000.yaml", "new");
    assert_string_equal(scan_now(files, folder), "05000.yaml=new ");
    folder_close(folder);
}

/* The kernel keeps some 16,000 events, of which two alike in a row are one. */
static void a_flood_of_events_hides_no_change(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);
    int fds[2];

    (void)scan_now(files, folder);
    fds[0] = open(folder_path(files, "a.txt"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    fds[1] = open(folder_path(files, "b.txt"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    for (int i = 0; i < 2 * FILES_COUNT; i++) {
        assert_int_equal(pwrite(fds[i % 2], "x", 1, 0), 1);
    }
    folder_write(files, "a.yaml", "A");
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "a.yaml=A ");
    (void)close(fds[0]);
    (void)close(fds[1]);
    folder_close(folder);
}

static void folders_below_are_looked_at_too(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;

    assert_int_equal(mkdir(folder_path(files, "team"), 0700), 0);
    folder_write(files, "team/a.yaml", "A");
    folder = scan_open(files);
    assert_string_equal(scan_now(files, folder), "team/a.yaml=A ");
    folder_write(files, "team/a.yaml", "B");
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "team/a.yaml=B ");
    folder_remove(files, "team/a.yaml");
    folder_close(folder);
}

static void a_folder_made_later_is_followed(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    (void)scan_now(files, folder);
    assert_int_equal(mkdir(folder_path(files, "team"), 0700), 0);
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "");
    assert_true(folder_deadline(folder).ms <=
                scan_soon.ms + 100); /* what came before it was
                                    followed is not told */
    folder_write(files, "team/a.yaml", "A");
    assert_string_equal(scan_now(files, folder), "team/a.yaml=A ");
    folder_remove(files, "team/a.yaml");
    folder_close(folder);
}

static void a_file_that_moves_is_gone_here_and_new_there(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;
    size_t changed;

    assert_int_equal(mkdir(folder_path(files, "team"), 0700), 0);
    folder_write(files, "a.yaml", "A");
    folder = scan_open(files);
    (void)scan_now(files, folder);
    assert_int_equal(
        rename(folder_path(files, "a.yaml"), folder_path(files, "team/a.yaml")), 0);
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "team/a.yaml=A ");
    assert_int_equal(scan_count(files, folder, &changed), 1);
    assert_int_equal(
        rename(folder_path(files, "team/a.yaml"), folder_path(files, "a.txt")), 0);
    assert_true(scan_is_told(folder, scan_soon));
    assert_int_equal(scan_count(files, folder, &changed), 0);
    folder_close(folder);
}

/* Write manifest content into a folder of its own, and turn the link ..data to it, as
 * Kubernetes does for a ConfigMap. */
static void turn_data(struct folder_state *files, const char *name, const char *content)
{
    assert_int_equal(mkdir(folder_path(files, name), 0700), 0);
    folder_write(files, arena_print(&files->arena, "%s/a.yaml", name), content);
    assert_int_equal(symlink(name, folder_path(files, "..data_tmp")), 0);
    assert_int_equal(
        rename(folder_path(files, "..data_tmp"), folder_path(files, "..data")), 0);
}

static void a_mounted_config_map_is_read_under_one_name(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;

    turn_data(files, "..1", "A");
    assert_int_equal(symlink("..data/a.yaml", folder_path(files, "a.yaml")), 0);
    folder = scan_open(files);
    assert_string_equal(scan_now(files, folder), "a.yaml=A ");
    turn_data(files, "..2", "B");
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "a.yaml=B ");
    folder_remove(files, "..1/a.yaml");
    folder_remove(files, "..2/a.yaml");
    folder_close(folder);
}

/* As those do who keep each revision in a folder of its own. */
static void a_root_that_is_a_link_may_be_turned_elsewhere(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = NULL;

    assert_int_equal(mkdir(folder_path(files, "one"), 0700), 0);
    assert_int_equal(mkdir(folder_path(files, "two"), 0700), 0);
    folder_write(files, "one/a.yaml", "A");
    folder_write(files, "two/a.yaml", "B");
    assert_int_equal(symlink("one", folder_path(files, "now")), 0);
    assert_int_equal(folder_open(folder_path(files, "now"), 0, &folder, &files->err),
                     ERR_OK);
    assert_string_equal(scan_now(files, folder), "a.yaml=A ");
    assert_int_equal(symlink("two", folder_path(files, "next")), 0);
    assert_false(scan_is_told(folder, scan_soon)); /* other names above it mean nothing */
    assert_int_equal(rename(folder_path(files, "next"), folder_path(files, "now")), 0);
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "a.yaml=B ");
    folder_close(folder);
    folder_remove(files, "one/a.yaml");
    folder_remove(files, "two/a.yaml");
}

static void links_in_a_circle_have_an_end(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;

    assert_int_equal(mkdir(folder_path(files, "team"), 0700), 0);
    assert_int_equal(symlink("..", folder_path(files, "team/up")), 0);
    folder_write(files, "team/a.yaml", "A");
    folder = scan_open(files);
    assert_string_equal(scan_now(files, folder), "team/a.yaml=A ");
    folder_close(folder);
    folder_remove(files, "team/up");
    folder_remove(files, "team/a.yaml");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(ten_thousand_files_are_looked_at_each_for_itself),
        FOLDER_TEST(a_flood_of_events_hides_no_change),
        FOLDER_TEST(folders_below_are_looked_at_too),
        FOLDER_TEST(a_folder_made_later_is_followed),
        FOLDER_TEST(a_file_that_moves_is_gone_here_and_new_there),
        FOLDER_TEST(a_mounted_config_map_is_read_under_one_name),
        FOLDER_TEST(a_root_that_is_a_link_may_be_turned_elsewhere),
        FOLDER_TEST(links_in_a_circle_have_an_end),
    };

    return cmocka_run_group_tests_name("folder tree", tests, NULL, NULL);
}
