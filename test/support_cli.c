#include "support_cli.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "reconciler/run/cli.h"
#include "test/support_manifest.h"

#define WORDS_MAX 16

struct capture capture_begin(struct folder_state *folder, int stream, const char *name)
{
    const char *path = folder_path(folder, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const struct capture capture = {stream, dup(stream), path};

    (void)fflush(stdout);
    assert_true(fd >= 0 && capture.kept >= 0);
    assert_int_equal(dup2(fd, stream), stream);
    assert_int_equal(close(fd), 0);
    return capture;
}

const char *capture_end(struct folder_state *folder, const struct capture *capture)
{
    size_t length;

    (void)fflush(stdout);
    assert_int_equal(dup2(capture->kept, capture->stream), capture->stream);
    assert_int_equal(close(capture->kept), 0);
    return support_file_read(capture->path, &folder->arena, &length);
}

struct ending run_line(struct folder_state *folder, const char *line)
{
    char *words[WORDS_MAX] = {arena_copy(&folder->arena, "trellis")};
    struct capture output = capture_begin(folder, STDOUT_FILENO, "stdout");
    struct capture errors = capture_begin(folder, STDERR_FILENO, "stderr");
    struct ending ending;
    int count = 1;

    while (*line != '\0') {
        char *word = arena_text(&folder->arena, line, strcspn(line, " "));

        assert_true(count < WORDS_MAX);
        line += strlen(word) + (line[strlen(word)] == ' ');
        words[count++] = strchr(word, '.') != NULL
                             ? arena_copy(&folder->arena, folder_path(folder, word))
                             : word;
    }
    ending.status = cli_run(count, words);
    ending.errors = capture_end(folder, &errors);
    ending.output = capture_end(folder, &output);
    return ending;
}
