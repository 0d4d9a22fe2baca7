#include "linkstore/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifest/arena.h"
#include "manifest/text.h"

#define LOCKS_BYTES_MAX ((size_t)1024 * 1024)

/* The kernel's list of locks, a line each; "" where it cannot be read. */
static const char *read_locks(struct arena *arena)
{
    const int file = open("/proc/locks", O_RDONLY | O_CLOEXEC);
    char piece[4096];
    struct text text;
    ssize_t length;

    text_init(&text, arena, LOCKS_BYTES_MAX);
    if (file < 0) {
        return text.bytes;
    }
    while ((length = read(file, piece, sizeof piece)) > 0) {
        text_append_bytes(&text, piece, (size_t)length);
    }
    (void)close(file);
    return text.bytes;
}

/* The number before end, which digits lead up to. */
static unsigned long number_before(const char *begin, const char *end)
{
    unsigned long number = 0;
    unsigned long place = 1;

    while (end > begin && end[-1] >= '0' && end[-1] <= '9') {
        number += place * (unsigned long)(*--end - '0');
        place *= 10;
    }
    return number;
}

/*
 * Of "1: POSIX  ADVISORY  WRITE 3568 fd:00:2531452 128 128" the process, when it is of
 * inode.  The device is left out: overlays show another one than stat does.
 */
static long holder_of_line(const char *line, size_t length, unsigned long inode)
{
    const char *end = line + length;
    const char *colon = end;
    const char *blank;

    while (colon > line && *colon != ':') {
        colon--;
    }
    blank = memchr(colon, ' ', (size_t)(end - colon));
    if (colon == line || blank == NULL || number_before(colon, blank) != inode) {
        return 0;
    }
    while (colon > line && *colon != ' ') {
        colon--;
    }
    return (long)number_before(line, colon);
}

/* Of locks the process that has one on file, this one last; 0: none. */
static long holder_of(const char *locks, const char *file)
{
    struct stat status;
    long found = 0;

    if (stat(file, &status) != 0) {
        return 0;
    }
    while (*locks != '\0') {
        const size_t length = strcspn(locks, "\n");
        const long holder = holder_of_line(locks, length, (unsigned long)status.st_ino);

        if (holder != 0 && (found == 0 || found == getpid())) {
            found = holder;
        }
        locks += length + (locks[length] == '\n');
    }
    return found;
}

long store_lock_holder(const char *path)
{
    static const char *const suffixes[] = {"-lock", "-shm", ""};
    struct arena arena = {0};
    const char *locks = read_locks(&arena);
    long found = 0;

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        const long holder =
            holder_of(locks, arena_print(&arena, "%s%s", path, suffixes[i]));

        if (holder != 0 && (found == 0 || found == getpid())) {
            found = holder;
        }
    }
    arena_free(&arena);
    return found;
}

long store_lock_writer(const char *path)
{
    struct arena arena = {0};
    const long found =
        holder_of(read_locks(&arena), arena_print(&arena, "%s-lock", path));

    arena_free(&arena);
    return found;
}

static enum err_code set_taken(const char *path, struct err *err)
{
    const long holder = store_lock_holder(path);

    if (holder == 0) {
        return err_set(err, ERR_CONFLICT,
                       "store %s is in use by another trellis: stop it, or give another "
                       "--store",
                       path);
    }
    return err_set(err, ERR_CONFLICT,
                   "store %s is in use by another trellis, process %ld: stop it, or give "
                   "another --store",
                   path, holder);
}

static enum err_code set_errno(const char *path, int number, struct err *err)
{
    char reason[100] = "";

    (void)strerror_r(number, reason, sizeof reason);
    return err_set(err, ERR_IO, "store %s cannot be locked: %s: give another --store",
                   path, reason);
}

enum err_code store_lock(const char *path, int *ret_lock, struct err *err)
{
    struct arena arena = {0};
    const int file = open(arena_print(&arena, "%s-lock", path),
                          O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    const int number = errno;

    arena_free(&arena);
    if (file < 0) {
        return set_errno(path, number, err);
    }
    (void)fchmod(file, 0600); /* whatever the umask */
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        const enum err_code code =
            errno == EWOULDBLOCK ? set_taken(path, err) : set_errno(path, errno, err);

        (void)close(file);
        return code;
    }
    *ret_lock = file;
    return ERR_OK;
}
