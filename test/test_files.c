#include "reconciler/run/files.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest/limits.h"
#include "test/support_folder.h"

/* Read names in the folder, "" for itself, and "-". */
static enum err_code read_paths(struct folder_state *folder, const char *const *names,
                                size_t count, struct api_manifests *ret_manifests)
{
    const char **paths = arena_array(&folder->arena, count, sizeof *paths);
    const struct options options = {.operands = {paths, count}};

    for (size_t i = 0; i < count; i++) {
        paths[i] = names[i][0] == '-' ? names[i] : folder_path(folder, names[i]);
    }
    return files_read(&options, &folder->arena, ret_manifests, &folder->err);
}

/* What was read, as "NAME=CONTENT " each; NAME is the path in the folder. */
static const char *describe(struct folder_state *folder,
                            const struct api_manifests *manifests)
{
    struct text text;

    text_init(&text, &folder->arena, 4096);
    for (size_t i = 0; i < manifests->count; i++) {
        const struct api_manifest *manifest = &manifests->items[i];
        const size_t length = strlen(folder->path);

        assert_int_equal(manifest->length, strlen(manifest->text));
        assert_int_equal(strncmp(manifest->source, folder->path, length), 0);
        text_append(&text, "%s=%s ", manifest->source + length + 1, manifest->text);
    }
    return text.bytes;
}

static void a_file_is_read_with_its_absolute_path(void **state)
{
    static const char *const names[] = {"a.yaml", "sub/../sub/../a.yaml"};
    struct folder_state *folder = *state;
    struct api_manifests manifests;

    folder_write(folder, "a.yaml", "A");
    assert_int_equal(mkdir(folder_path(folder, "sub"), 0700), 0);
    assert_int_equal(read_paths(folder, names, 2, &manifests), ERR_OK);
    assert_string_equal(describe(folder, &manifests), "a.yaml=A a.yaml=A ");
}

static void any_name_will_do_for_a_file_that_is_named(void **state)
{
    static const char *const names[] = {"notes.txt", ".hidden"};
    struct folder_state *folder = *state;
    struct api_manifests manifests;

    folder_write(folder, "notes.txt", "N");
    folder_write(folder, ".hidden", "");
    assert_int_equal(read_paths(folder, names, 2, &manifests), ERR_OK);
    assert_string_equal(describe(folder, &manifests), "notes.txt=N .hidden= ");
}

static void a_folder_is_read_in_the_order_of_its_names(void **state)
{
    static const char *const names[] = {""};
    struct folder_state *folder = *state;
    struct api_manifests manifests;

    folder_write(folder, "b.yml", "B");
    folder_write(folder, "c.json", "C");
    folder_write(folder, "B.yaml", "2");
    folder_write(folder, "a.yaml", "A");
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_OK);
    assert_string_equal(describe(folder, &manifests),
                        "B.yaml=2 a.yaml=A b.yml=B c.json=C ");
}

static void what_editors_leave_behind_is_not_read(void **state)
{
    static const char *const leftovers[] = {".a.yaml.swp", "a.yaml~", "#a.yaml#",
                                            ".#a.yaml",    ".yaml",   "a.yaml.bak",
                                            "README",      "yaml",    "a.YAML"};
    static const char *const names[] = {""};
    struct folder_state *folder = *state;
    struct api_manifests manifests;

    for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++) {
        folder_write(folder, leftovers[i], "x");
    }
    folder_write(folder, "a.yaml", "A");
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_OK);
    assert_string_equal(describe(folder, &manifests), "a.yaml=A ");
}

static void only_files_of_a_folder_are_read(void **state)
{
    static const char *const names[] = {""};
    struct folder_state *folder = *state;
    struct api_manifests manifests;

    assert_int_equal(mkdir(folder_path(folder, "folder.yaml"), 0700), 0);
    assert_int_equal(mkfifo(folder_path(folder, "pipe.yaml"), 0600), 0);
    folder_write(folder, "a", "A");
    assert_int_equal(symlink("a", folder_path(folder, "link.yaml")), 0);
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_OK);
    assert_int_equal(manifests.count, 1);
    assert_string_equal(manifests.items[0].source, folder_path(folder, "a"));
    assert_string_equal(manifests.items[0].text, "A");
}

static void an_empty_folder_has_no_manifests(void **state)
{
    static const char *const names[] = {""};
    struct folder_state *folder = *state;
    struct api_manifests manifests = {NULL, 7};

    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_OK);
    assert_int_equal(manifests.count, 0);
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char *const names[] = {"a.yaml", "b.yaml"};
    struct folder_state *folder = *state;
    struct api_manifests manifests = {NULL, 7};

    folder_write(folder, "a.yaml", "A");
    assert_int_equal(read_paths(folder, names, 2, &manifests), ERR_NOTFOUND);
    assert_string_equal(folder->err.message,
                        arena_print(&folder->arena,
                                    "%s/b.yaml: No such file or directory",
                                    folder->path));
    assert_int_equal(manifests.count, 7);
}

static void a_file_taken_for_a_folder_is_not_found(void **state)
{
    static const char *const names[] = {"a.yaml/b.yaml"};
    struct folder_state *folder = *state;
    struct api_manifests manifests;

    folder_write(folder, "a.yaml", "A");
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_NOTFOUND);
    assert_string_equal(
        folder->err.message,
        arena_print(&folder->arena, "%s/a.yaml/b.yaml: Not a directory", folder->path));
}

static void a_link_to_nothing_is_not_passed_over(void **state)
{
    static const char *const names[] = {""};
    struct folder_state *folder = *state;
    struct api_manifests manifests;

    assert_int_equal(symlink("nowhere", folder_path(folder, "a.yaml")), 0);
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_NOTFOUND);
}

static void a_file_over_the_limit_is_refused(void **state)
{
    static const char *const names[] = {"large.yaml"};
    struct folder_state *folder = *state;
    struct api_manifests manifests;
    const char *path = folder_path(folder, "large.yaml");

    folder_write(folder, "large.yaml", "");
    assert_int_equal(truncate(path, (off_t)MANIFEST_BYTES_MAX + 1), 0);
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_LIMIT);
    assert_string_equal(folder->err.message,
                        arena_print(&folder->arena, "%s: larger than 64 MB", path));
}

static void a_file_of_just_the_limit_is_read(void **state)
{
    static const char *const names[] = {"large.yaml"};
    struct folder_state *folder = *state;
    struct api_manifests manifests;

    folder_write(folder, "large.yaml", "");
    assert_int_equal(truncate(folder_path(folder, "large.yaml"), MANIFEST_BYTES_MAX), 0);
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_OK);
    assert_int_equal(manifests.items[0].length, MANIFEST_BYTES_MAX);
}

/* Let name be standard input until the descriptor that is returned is put back. */
static int redirect_input(struct folder_state *folder, const char *name)
{
    const int kept = dup(STDIN_FILENO);
    const int fd = open(folder_path(folder, name), O_RDONLY | O_CLOEXEC);

    assert_true(kept >= 0 && fd >= 0);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(fd), 0);
    return kept;
}

static void a_hyphen_is_standard_input(void **state)
{
    static const char *const names[] = {"-"};
    struct folder_state *folder = *state;
    struct api_manifests manifests;
    int kept;

    folder_write(folder, "input", "I");
    kept = redirect_input(folder, "input");
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_OK);
    assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(kept), 0);
    assert_string_equal(manifests.items[0].source, "standard input");
    assert_string_equal(manifests.items[0].text, "I");
}

static void a_pipe_is_read_to_its_end(void **state)
{
    static const char *const names[] = {"-"};
    struct folder_state *folder = *state;
    struct api_manifests manifests;
    const size_t length = 200000; /* more than is read at once */
    char *content = arena_alloc(&folder->arena, length + 1);
    const int kept = dup(STDIN_FILENO);
    int ends[2];
    pid_t writer;

    memset(content, 'x', length);
    assert_int_equal(pipe(ends), 0);
    writer = fork();
    if (writer == 0) {
        for (size_t i = 0; i < length; i += 1000) {
            (void)!write(ends[1], content + i, 1000);
        }
        _exit(0);
    }
    assert_true(kept >= 0 && writer > 0);
    assert_int_equal(close(ends[1]), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(ends[0]), 0);
    assert_int_equal(read_paths(folder, names, 1, &manifests), ERR_OK);
    assert_int_equal(dup2(kept, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(close(kept), 0);
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    assert_int_equal(manifests.items[0].length, length);
    assert_string_equal(manifests.items[0].text, content);
}

static void a_folder_is_read_under_the_name_it_was_given(void **state)
{
    struct folder_state *folder = *state;
    const char *const words[] = {arena_print(&folder->arena, "%s/../%s", folder->path,
                                             strrchr(folder->path, '/') + 1),
                                 arena_print(&folder->arena, "%s/", folder->path)};
    const struct options options = {.operands = {words, 2}};
    struct api_manifests manifests = {0};

    folder_write(folder, "a.yaml", "A");
    assert_int_equal(
        files_read_as_given(&options, &folder->arena, &manifests, &folder->err), ERR_OK);
    assert_int_equal(manifests.count, 2);
    assert_string_equal(manifests.items[0].source,
                        arena_print(&folder->arena, "%s/a.yaml", words[0]));
    assert_string_equal(manifests.items[1].source, folder_path(folder, "a.yaml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_file_is_read_with_its_absolute_path),
        FOLDER_TEST(any_name_will_do_for_a_file_that_is_named),
        FOLDER_TEST(a_folder_is_read_in_the_order_of_its_names),
        FOLDER_TEST(what_editors_leave_behind_is_not_read),
        FOLDER_TEST(only_files_of_a_folder_are_read),
        FOLDER_TEST(an_empty_folder_has_no_manifests),
        FOLDER_TEST(what_is_not_there_is_not_found),
        FOLDER_TEST(a_file_taken_for_a_folder_is_not_found),
        FOLDER_TEST(a_link_to_nothing_is_not_passed_over),
        FOLDER_TEST(a_file_over_the_limit_is_refused),
        FOLDER_TEST(a_file_of_just_the_limit_is_read),
        FOLDER_TEST(a_hyphen_is_standard_input),
        FOLDER_TEST(a_pipe_is_read_to_its_end),
        FOLDER_TEST(a_folder_is_read_under_the_name_it_was_given),
    };

    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
