#include "reconciler/run/folder.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_folder.h"

#define FILES_COUNT 1000

static const struct instant soon = {1000};

static struct folder *open_folder(struct folder_state *state)
{
    struct folder *folder = NULL;

    assert_int_equal(folder_open(state->path, &folder, &state->err), ERR_OK);
    return folder;
}

/* What a look at the folder finds changed, as "NAME=CONTENT ". */
static const char *scan(struct folder_state *state, struct folder *folder)
{
    struct api_manifests changed;
    struct text text;

    assert_int_equal(folder_scan(folder, soon, &state->arena, &changed, &state->err),
                     ERR_OK);
    text_init(&text, &state->arena, 4096);
    for (size_t i = 0; i < changed.count; i++) {
        text_append(&text, "%s=%s ", strrchr(changed.items[i].source, '/') + 1,
                    changed.items[i].text);
    }
    return text.bytes;
}

/* Whether something has been told of the folder, which is then taken. */
static bool is_told(struct folder *folder, struct instant now)
{
    struct pollfd descriptor = {.fd = folder_fd(folder), .events = POLLIN};
    const bool is_ready = poll(&descriptor, 1, 0) == 1;

    if (is_ready) {
        folder_take(folder, now);
    }
    return is_ready;
}

static void what_is_there_at_first_is_new(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;

    folder_write(files, "b.yaml", "B");
    folder_write(files, "a.yaml", "A");
    folder = open_folder(files);
    assert_int_equal(folder_deadline(folder).ms, 0);
    assert_string_equal(scan(files, folder), "a.yaml=A b.yaml=B ");
    folder_close(folder);
}

static void what_has_not_changed_is_not_told_again(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan(files, folder), "a.yaml=A ");
    assert_string_equal(scan(files, folder), "");
    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan(files, folder), "");
    folder_close(folder);
}

static void an_empty_file_is_new_once(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    folder_write(files, "a.yaml", "");
    assert_string_equal(scan(files, folder), "a.yaml= ");
    assert_string_equal(scan(files, folder), "");
    folder_close(folder);
}

static void a_file_half_written_is_read_again_when_it_is_whole(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    folder_write(files, "a.yaml", "half");
    assert_string_equal(scan(files, folder), "a.yaml=half ");
    folder_write(files, "a.yaml", "half and half");
    assert_true(is_told(folder, soon));
    assert_string_equal(scan(files, folder), "a.yaml=half and half ");
    folder_close(folder);
}

static void a_file_that_is_written_to_is_left_until_it_is_closed(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);
    FILE *file = fopen(arena_print(&files->arena, "%s/a.yaml", files->path), "w");

    assert_non_null(file);
    assert_true(fputs("half", file) >= 0 && fflush(file) == 0);
    assert_string_equal(scan(files, folder), "");
    assert_true(folder_deadline(folder).ms <= soon.ms + 5000);
    assert_true(fputs(" and half", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_true(is_told(folder, soon));
    assert_string_equal(scan(files, folder), "a.yaml=half and half ");
    folder_close(folder);
}

static void who_never_closes_a_file_is_not_waited_for_longer(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);
    FILE *file = fopen(arena_print(&files->arena, "%s/a.yaml", files->path), "w");
    struct api_manifests changed;

    assert_non_null(file);
    assert_true(fputs("all", file) >= 0 && fflush(file) == 0);
    assert_string_equal(scan(files, folder), "");
    assert_int_equal(folder_scan(folder, folder_deadline(folder), &files->arena, &changed,
                                 &files->err),
                     ERR_OK);
    assert_int_equal(changed.count, 1);
    assert_int_equal(fclose(file), 0);
    folder_close(folder);
}

static void what_was_refused_may_be_told_again(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    folder_write(files, "a.yaml", "A");
    folder_write(files, "b.yaml", "B");
    assert_string_equal(scan(files, folder), "a.yaml=A b.yaml=B ");
    folder_tell_again(folder, arena_print(&files->arena, "%s/b.yaml", files->path));
    assert_string_equal(scan(files, folder), "b.yaml=B ");
    assert_string_equal(scan(files, folder), "");
    folder_close(folder);
}

static void a_file_that_an_editor_renames_into_place_is_noticed(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;

    folder_write(files, "a.yaml", "A");
    folder = open_folder(files);
    (void)scan(files, folder);
    assert_false(is_told(folder, soon));
    folder_replace(files, "a.yaml", "B");
    assert_true(is_told(folder, soon));
    assert_string_equal(scan(files, folder), "a.yaml=B ");
    folder_close(folder);
}

static void a_new_link_is_noticed(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    folder_write(files, "text", "A");
    (void)is_told(folder, soon);
    assert_int_equal(symlink("text", folder_path(files, "a.yaml")), 0);
    assert_true(is_told(folder, soon));
    assert_string_equal(scan(files, folder), "text=A ");
    folder_close(folder);
}

static void reading_a_file_is_no_change(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    folder_write(files, "a.yaml", "A");
    assert_true(is_told(folder, soon));
    (void)scan(files, folder);
    assert_false(is_told(folder, soon));
    folder_close(folder);
}

static void whoever_writes_has_time_to_finish(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);
    const struct instant later = {soon.ms + 50};

    (void)scan(files, folder);
    assert_int_equal(folder_deadline(folder).ms, soon.ms + 30000);
    folder_take(folder, soon);
    assert_int_equal(folder_deadline(folder).ms, soon.ms + 100);
    folder_take(folder, later); /* and does not put it off for ever */
    assert_int_equal(folder_deadline(folder).ms, soon.ms + 100);
    folder_look(folder);
    assert_true(instant_is_due(folder_deadline(folder), soon));
    folder_close(folder);
}

static void a_file_that_goes_and_returns_is_new_again(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    folder_write(files, "a.yaml", "A");
    (void)scan(files, folder);
    folder_remove(files, "a.yaml");
    assert_true(is_told(folder, soon));
    assert_string_equal(scan(files, folder), "");
    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan(files, folder), "a.yaml=A ");
    folder_close(folder);
}

static void what_cannot_be_read_does_not_hide_the_rest(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    assert_int_equal(symlink("nowhere", folder_path(files, "a.yaml")), 0);
    folder_write(files, "b.yaml", "");
    assert_int_equal(truncate(folder_path(files, "b.yaml"), MANIFEST_BYTES_MAX + 1), 0);
    folder_write(files, "c.yaml", "C");
    assert_string_equal(scan(files, folder), "c.yaml=C ");
    folder_replace(files, "a.yaml", "A");
    folder_replace(files, "b.yaml", "B");
    assert_string_equal(scan(files, folder), "a.yaml=A b.yaml=B ");
    folder_close(folder);
}

static void a_thousand_files_are_looked_at_each_for_itself(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;
    struct api_manifests changed;

    for (int i = 0; i < FILES_COUNT; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "%04d.yaml", i);
        folder_write(files, name, name);
    }
    folder = open_folder(files);
    assert_int_equal(folder_scan(folder, soon, &files->arena, &changed, &files->err),
                     ERR_OK);
    assert_int_equal(changed.count, FILES_COUNT);
    folder_write(files, "0500.yaml", "new");
    assert_string_equal(scan(files, folder), "0500.yaml=new ");
    folder_close(folder);
}

static void a_folder_that_is_not_there_is_not_opened(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = NULL;

    folder_vanish(files);
    assert_int_equal(folder_open(files->path, &folder, &files->err), ERR_NOTFOUND);
    assert_null(folder);
    assert_string_equal(
        files->err.message,
        arena_print(&files->arena, "%s: No such file or directory", files->path));
}

static void a_file_is_not_opened_as_a_folder(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = NULL;

    folder_write(files, "a.yaml", "A");
    assert_int_equal(folder_open(folder_path(files, "a.yaml"), &folder, &files->err),
                     ERR_NOTFOUND);
    assert_null(folder);
}

static void a_folder_that_vanishes_takes_nothing_with_it(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder;
    struct api_manifests changed = {NULL, 7};

    folder_write(files, "a.yaml", "A");
    folder = open_folder(files);
    (void)scan(files, folder);
    folder_remove(files, "a.yaml");
    folder_vanish(files);
    assert_int_equal(folder_scan(folder, soon, &files->arena, &changed, &files->err),
                     ERR_NOTFOUND);
    assert_int_equal(changed.count, 7);
    assert_int_equal(folder_deadline(folder).ms, soon.ms + 30000);
    folder_return(files);
    folder_write(files, "a.yaml", "A");
    assert_string_equal(scan(files, folder), ""); /* as if it had never been away */
    folder_close(folder);
}

static void a_folder_that_was_made_again_is_watched_again(void **state)
{
    struct folder_state *files = *state;
    struct folder *folder = open_folder(files);

    folder_vanish(files);
    folder_return(files);
    (void)is_told(folder, soon);
    assert_string_equal(scan(files, folder), "");
    folder_write(files, "a.yaml", "A");
    assert_true(is_told(folder, soon));
    assert_string_equal(scan(files, folder), "a.yaml=A ");
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
        FOLDER_TEST(a_thousand_files_are_looked_at_each_for_itself),
        FOLDER_TEST(a_folder_that_is_not_there_is_not_opened),
        FOLDER_TEST(a_file_is_not_opened_as_a_folder),
        FOLDER_TEST(a_folder_that_vanishes_takes_nothing_with_it),
        FOLDER_TEST(a_folder_that_was_made_again_is_watched_again),
    };

    return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
