#include "reconciler/run/folder.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_scan.h"

static void what_is_there_at_first_is_new(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;

    folder_write(files, "b.yaml", "B");
    folder_write(files, "a.yaml", "A");
    folder = scan_open(files);
    assert_int_equal(folder_deadline(folder).ms, 0);
    assert_string_equal(scan_now(files, folder), "a.yaml=A b.yaml=B ");
    folder_close(folder);
}

static void what_has_not_changed_is_not_told_again(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan_now(files, folder), "a.yaml=A ");
    assert_string_equal(scan_now(files, folder), "");
    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan_now(files, folder), "");
    folder_close(folder);
}

static void an_empty_file_is_new_once(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    folder_write(files, "a.yaml", "");
    assert_string_equal(scan_now(files, folder), "a.yaml= ");
    assert_string_equal(scan_now(files, folder), "");
    folder_close(folder);
}

static void a_file_half_written_is_read_again_when_it_is_whole(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    folder_write(files, "a.yaml", "half");
    assert_string_equal(scan_now(files, folder), "a.yaml=half ");
    folder_write(files, "a.yaml", "half and half");
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "a.yaml=half and half ");
    folder_close(folder);
}

static void a_file_that_is_written_to_is_left_until_it_is_closed(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);
    FILE *file = fopen(arena_print(&files->arena, "%s/a.yaml", files->path), "w");

    assert_non_null(file);
    assert_true(fputs("half", file) >= 0 && fflush(file) == 0);
    assert_string_equal(scan_now(files, folder), "a.yaml... ");
    assert_true(folder_deadline(folder).ms <= scan_soon.ms + 5000);
    assert_true(fputs(" and half", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "a.yaml=half and half ");
    folder_close(folder);
}

static void who_never_closes_a_file_is_not_waited_for_longer(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);
    FILE *file = fopen(arena_print(&files->arena, "%s/a.yaml", files->path), "w");

    assert_non_null(file);
    assert_true(fputs("all", file) >= 0 && fflush(file) == 0);
    assert_string_equal(scan_now(files, folder), "a.yaml... ");
    assert_string_equal(scan_at(files, folder, folder_deadline(folder)), "a.yaml=all ");
    assert_int_equal(fclose(file), 0);
    folder_close(folder);
}

static void what_was_refused_may_be_told_again(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    folder_write(files, "a.yaml", "A");
    folder_write(files, "b.yaml", "B");
    assert_string_equal(scan_now(files, folder), "a.yaml=A b.yaml=B ");
    folder_tell_again(folder, arena_print(&files->arena, "%s/b.yaml", files->path));
    assert_string_equal(scan_now(files, folder), "b.yaml=B ");
    assert_string_equal(scan_now(files, folder), "");
    folder_close(folder);
}

static void a_file_that_an_editor_renames_into_place_is_noticed(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;

    folder_write(files, "a.yaml", "A");
    folder = scan_open(files);
    (void)scan_now(files, folder);
    assert_false(scan_is_told(folder, scan_soon));
    folder_replace(files, "a.yaml", "B");
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "a.yaml=B ");
    folder_close(folder);
}

static void a_new_link_is_noticed(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    folder_write(files, "text", "A");
    (void)scan_now(files, folder);
    assert_int_equal(symlink("text", folder_path(files, "a.yaml")), 0);
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "a.yaml=A ");
    folder_close(folder);
}

static void reading_a_file_is_no_change(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    folder_write(files, "a.yaml", "A");
    (void)scan_now(files, folder);
    assert_false(scan_is_told(folder, scan_soon));
    folder_close(folder);
}

static void whoever_writes_has_time_to_finish(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);
    const struct instant later = {scan_soon.ms + 50};

    (void)scan_now(files, folder);
    assert_int_equal(folder_deadline(folder).ms, scan_soon.ms + 30000);
    folder_write(files, "a.yaml", "A");
    folder_take(folder, scan_soon);
    assert_int_equal(folder_deadline(folder).ms, scan_soon.ms + 100);
    folder_write(files, "a.yaml", "B");
    folder_take(folder, later); /* and does not put it off for ever */
    assert_int_equal(folder_deadline(folder).ms, scan_soon.ms + 100);
    folder_look(folder);
    assert_true(instant_is_due(folder_deadline(folder), scan_soon));
    folder_close(folder);
}

static void a_file_that_goes_and_returns_is_new_again(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    folder_write(files, "a.yaml", "A");
    (void)scan_now(files, folder);
    folder_remove(files, "a.yaml");
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "");
    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan_now(files, folder), "a.yaml=A ");
    folder_close(folder);
}

static void what_cannot_be_read_does_not_hide_the_rest(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    assert_int_equal(symlink("nowhere", folder_path(files, "a.yaml")), 0);
    folder_write(files, "b.yaml", "");
    assert_int_equal(truncate(folder_path(files, "b.yaml"), MANIFEST_BYTES_MAX + 1), 0);
    folder_write(files, "c.yaml", "C");
    assert_string_equal(scan_now(files, folder), "a.yaml! b.yaml... c.yaml=C ");
    assert_string_equal(scan_at(files, folder, folder_deadline(folder)),
                        "a.yaml! b.yaml! ");
    folder_replace(files, "a.yaml", "A");
    folder_replace(files, "b.yaml", "B");
    assert_string_equal(scan_now(files, folder), "a.yaml=A b.yaml=B ");
    folder_close(folder);
}

static void without_inotify_a_file_is_read_when_it_is_left_alone(void **state)
{
    struct folder_state *files = *state;
    const struct timespec long_ago[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    struct folder *folder = NULL;

    assert_int_equal(folder_open(files->path, 10000, &folder, &files->err), ERR_OK);
    assert_int_equal(folder_fd(folder), -1);
    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan_now(files, folder), "a.yaml... ");
    assert_true(folder_deadline(folder).ms <= scan_soon.ms + 200);
    assert_int_equal(utimensat(AT_FDCWD, folder_path(files, "a.yaml"), long_ago, 0), 0);
    assert_string_equal(scan_now(files, folder), "a.yaml=A ");
    assert_int_equal(folder_deadline(folder).ms, scan_soon.ms + 10000);
    folder_close(folder);
}

static void a_folder_that_is_not_there_is_not_opened(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = NULL;

    folder_vanish(files);
    assert_int_equal(folder_open(files->path, 0, &folder, &files->err), ERR_NOTFOUND);
    assert_null(folder);
    assert_string_equal(
        files->err.message,
        arena_print(&files->arena, "%s/: No such file or directory", files->path));
}

static void a_file_is_not_opened_as_a_folder(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = NULL;

    folder_write(files, "a.yaml", "A");
    assert_int_equal(folder_open(folder_path(files, "a.yaml"), 0, &folder, &files->err),
                     ERR_NOTFOUND);
    assert_null(folder);
}

static void a_folder_that_vanishes_takes_nothing_with_it(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;
    struct folder_view view = {NULL, 7, NULL};

    folder_write(files, "a.yaml", "A");
    folder = scan_open(files);
    (void)scan_now(files, folder);
    folder_remove(files, "a.yaml");
    folder_vanish(files);
    assert_int_equal(folder_scan(folder, scan_soon, &files->arena, &view, &files->err),
                     ERR_NOTFOUND);
    assert_int_equal(view.count, 7);
    assert_int_equal(folder_deadline(folder).ms, scan_soon.ms + 30000);
    folder_return(files);
    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan_now(files, folder), ""); /* as if it had never been away */
    folder_close(folder);
}

static void a_folder_that_was_made_again_is_watched_again(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = scan_open(files);

    folder_vanish(files);
    folder_return(files);
    (void)scan_is_told(folder, scan_soon);
    assert_string_equal(scan_now(files, folder), "");
    folder_write(files, "a.yaml", "A");
    assert_true(scan_is_told(folder, scan_soon));
    assert_string_equal(scan_now(files, folder), "a.yaml=A ");
    folder_close(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(what_is_there_at_first_is_new),
        FOLDER_TEST(what_has_not_changed_is_not_told_again),
        FOLDER_TEST(an_empty_file_is_new_once),
        FOLDER_TEST(a_file_half_written_is_read_again_when_it_is_whole),
        FOLDER_TEST(a_file_that_is_written_to_is_left_until_it_is_closed),
        FOLDER_TEST(who_never_closes_a_file_is_not_waited_for_longer),
        FOLDER_TEST(what_was_refused_may_be_told_again),
        FOLDER_TEST(a_file_that_an_editor_renames_into_place_is_noticed),
        FOLDER_TEST(a_new_link_is_noticed),
        FOLDER_TEST(reading_a_file_is_no_change),
        FOLDER_TEST(whoever_writes_has_time_to_finish),
        FOLDER_TEST(a_file_that_goes_and_returns_is_new_again),
        FOLDER_TEST(what_cannot_be_read_does_not_hide_the_rest),
        FOLDER_TEST(without_inotify_a_file_is_read_when_it_is_left_alone),
        FOLDER_TEST(a_folder_that_is_not_there_is_not_opened),
        FOLDER_TEST(a_file_is_not_opened_as_a_folder),
        FOLDER_TEST(a_folder_that_vanishes_takes_nothing_with_it),
        FOLDER_TEST(a_folder_that_was_made_again_is_watched_again),
    };

    return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
