#include "test/support_vfs.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

/* What a write replaced, so that it can be taken back. */
struct write {
    struct write *before;
    char path[128];
    sqlite3_int64 offset;
    sqlite3_int64 size; /* of the file */
    int length;         /* of bytes: less than was written at the end of the file */
    char bytes[];
};

struct shim_file {
    sqlite3_file base;
    const char *path; /* SQLite's, as long as the file is open */
    sqlite3_file real[];
};

/* The one disk of the process. */
static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *under;
    long calls_left; /* until one fails; 0 when none is to fail */
    bool is_dead;
    bool has_failed;
    struct write *unsynced; /* newest first */
} disk;

static bool fails(void)
{
    if (disk.calls_left == 0 || --disk.calls_left > 0) {
        return false;
    }
    disk.has_failed = true;
    disk.calls_left = disk.is_dead ? 1 : 0;
    return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct shim_file *)file)->real;
}

static void forget_writes(const char *path)
{
    struct write **at = &disk.unsynced;

    while (*at != NULL) {
        struct write *write = *at;

        if (path == NULL || strcmp(write->path, path) == 0) {
            *at = write->before;
            free(write);
        } else {
            at = &write->before;
        }
    }
}

/* Note what the bytes from offset on are now. */
static void note(struct shim_file *file, sqlite3_int64 offset, sqlite3_int64 length)
{
    sqlite3_file *real = file->real;
    struct write *write;
    sqlite3_int64 size = 0;

    if (file->path == NULL || strlen(file->path) >= sizeof write->path) {
        return; /* a temporary file */
    }
    assert_int_equal(real->pMethods->xFileSize(real, &size), SQLITE_OK);
    length = offset >= size ? 0 : length < size - offset ? length : size - offset;
    write = calloc(1, sizeof *write + (size_t)length);
    assert_non_null(write);
    memcpy(write->path, file->path, strlen(file->path));
    write->offset = offset;
    write->size = size;
    write->length = (int)length;
    if (length > 0) {
        assert_int_equal(real->pMethods->xRead(real, write->bytes, write->length, offset),
                         SQLITE_OK);
    }
    write->before = disk.unsynced;
    disk.unsynced = write;
}

static int shim_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int shim_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), bytes, length, offset);
}

static int shim_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int shim_write(sqlite3_file *file, const void *bytes, int length,
                      sqlite3_int64 offset)
{
    sqlite3_int64 size = 0;

    assert_int_equal(shim_file_size(file, &size), SQLITE_OK);
    note((struct shim_file *)file, offset, length);
    if (fails()) {
        (void)real_of(file)->pMethods->xWrite(real_of(file), bytes, length / 2, offset);
        return offset + length > size ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    return real_of(file)->pMethods->xWrite(real_of(file), bytes, length, offset);
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (fails()) {
        return SQLITE_IOERR_TRUNCATE;
    }
    note((struct shim_file *)file, size, INT32_MAX);
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int shim_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    if (fails()) {
        return SQLITE_IOERR_FSYNC;
    }
    forget_writes(((struct shim_file *)file)->path); /* all that a cut would take back */
    return SQLITE_OK;
}

static int shim_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int shim_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int shim_check_reserved_lock(sqlite3_file *file, int *is_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), is_reserved);
}

static int shim_file_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int shim_sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int shim_device_characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shim_shm_map(sqlite3_file *file, int region, int size, int is_extending,
                        void volatile **ret_map)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, is_extending,
                                            ret_map);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void shim_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shim_shm_unmap(sqlite3_file *file, int is_deleting)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), is_deleting);
}

static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_file_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_check_reserved_lock,
    .xFileControl = shim_file_control,
    .xSectorSize = shim_sector_size,
    .xDeviceCharacteristics = shim_device_characteristics,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    struct shim_file *shim = (struct shim_file *)file;
    int answer;

    (void)vfs;
    shim->base.pMethods = NULL;
    if (fails()) {
        return SQLITE_CANTOPEN;
    }
    shim->path = path;
    answer = disk.under->xOpen(disk.under, path, shim->real, flags, ret_flags);
    if (answer == SQLITE_OK) {
        shim->base.pMethods = &shim_methods;
    }
    return answer;
}

static int shim_delete(sqlite3_vfs *vfs, const char *path, int is_synced)
{
    (void)vfs;
    (void)is_synced;
    if (fails()) {
        return SQLITE_IOERR_DELETE;
    }
    forget_writes(path);
    return disk.under->xDelete(disk.under, path, 0);
}

void vfs_install(void)
{
    disk.under = sqlite3_vfs_find(NULL);
    assert_non_null(disk.under);
    assert_ptr_not_equal(disk.under, &disk.vfs);
    disk.vfs = *disk.under;
    disk.vfs.zName = "failing";
    disk.vfs.szOsFile = (int)sizeof(struct shim_file) + disk.under->szOsFile;
    disk.vfs.xOpen = shim_open;
    disk.vfs.xDelete = shim_delete;
    assert_int_equal(sqlite3_vfs_register(&disk.vfs, 1), SQLITE_OK);
}

void vfs_remove(void)
{
    assert_int_equal(sqlite3_vfs_unregister(&disk.vfs), SQLITE_OK);
    forget_writes(NULL);
}

void vfs_fail_at(long n, bool is_dead)
{
    forget_writes(NULL);
    disk.calls_left = n;
    disk.is_dead = is_dead;
    disk.has_failed = false;
}

bool vfs_heal(void)
{
    disk.calls_left = 0;
    return disk.has_failed;
}

void vfs_lose_unsynced(void)
{
    for (const struct write *write = disk.unsynced; write != NULL;
         write = write->before) {
        const int file = open(write->path, O_RDWR | O_CLOEXEC);

        assert_true(file >= 0);
        assert_int_equal(pwrite(file, write->bytes, (size_t)write->length, write->offset),
                         write->length);
        assert_int_equal(ftruncate(file, write->size), 0);
        assert_int_equal(close(file), 0);
    }
    forget_writes(NULL);
}
