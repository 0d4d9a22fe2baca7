#include "reconciler/run/replace.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERROR_BYTES_MAX 128
#define SUFFIX          ".XXXXXX"

static enum err_code set_errno(struct err *err, const char *path)
{
    char text[ERROR_BYTES_MAX];

    if (strerror_r(errno, text, sizeof text) != 0) {
        text[0] = '\0';
    }
    return err_set(err, ERR_IO, "%s: %s", path, text);
}

static bool write_whole(int fd, const char *text, size_t length)
{
    while (length > 0) {
        const ssize_t written = write(fd, text, length);

        if (written < 0 && errno != EINTR) {
            return false;
        }
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return fsync(fd) == 0;
}

/* Write the content to fd, a file of its own, and let that be path. */
static bool fill(int fd, const char *beside, const char *path, const char *text,
                 size_t length)
{
    struct stat status;
    const bool is_written = stat(path, &status) == 0 &&
                            fchmod(fd, status.st_mode & 07777) == 0 &&
                            write_whole(fd, text, length);

    return close(fd) == 0 && is_written && rename(beside, path) == 0;
}

enum err_code replace_file(const char *path, const char *text, size_t length,
                           struct err *err)
{
    char beside[PATH_MAX];
    enum err_code code;
    int fd;

    if (strlen(path) + sizeof SUFFIX > sizeof beside) {
        return err_set(err, ERR_IO, "%s: the name is too long", path);
    }
    (void)snprintf(beside, sizeof beside, "%s" SUFFIX, path);
    fd = mkstemp(beside);
    if (fd < 0) {
        return set_errno(err, path);
    }
    if (!fill(fd, beside, path, text, length)) {
        code = set_errno(err, path);
        (void)unlink(beside);
        return code;
    }
    return ERR_OK;
}
