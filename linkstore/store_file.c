#include "linkstore/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linkstore/store_internal.h"
#include "linkstore/store_lock.h"
#include "linkstore/store_schema.h"

static enum err_code set_errno(const char *path, int number, struct err *err)
{
    char reason[100] = "";

    (void)strerror_r(number, reason, sizeof reason);
    return err_set(err, number == ENOENT ? ERR_NOTFOUND : ERR_IO, "%s: %s", path, reason);
}

/* Open what must be there, and be a store. */
static enum err_code open_to_read(const char *path, struct arena *arena,
                                  struct sql *ret_sql, struct err *err)
{
    int64_t version = 0;
    struct stat status;
    enum err_code code = stat(path, &status) == 0 ? ERR_OK : set_errno(path, errno, err);

    if (code == ERR_OK) {
        code = sql_open(ret_sql, path, SQL_READ, arena, err);
    }
    if (code != ERR_OK) {
        return code;
    }
    code = store_schema_check(ret_sql, err);
    if (code == ERR_OK) {
        code = store_schema_ask(ret_sql, "PRAGMA user_version", &version, err);
    }
    if (code == ERR_OK && version == 0) {
        code = err_set(err, ERR_CONFLICT, "%s is no trellis store: it is empty", path);
    }
    if (code != ERR_OK) {
        sql_close(ret_sql);
    }
    return code;
}

struct findings {
    struct arena *arena;
    const char **items;
    size_t count;
    size_t capacity;
};

static void add_finding(struct findings *findings, const char *text)
{
    findings->items = arena_grow(findings->arena, findings->items, findings->count,
                                 &findings->capacity, sizeof *findings->items);
    findings->items[findings->count++] = text;
}

static enum err_code examine(struct sql *sql, struct findings *findings, struct err *err)
{
    struct sql_query query;
    enum err_code code;

    sql_start(&query, sql, "PRAGMA integrity_check");
    while (sql_step(&query)) {
        const char *text = sql_text(&query, 0, findings->arena);

        if (strcmp(text, "ok") != 0) {
            add_finding(findings, text);
        }
    }
    code = sql_end(&query, err);
    if (findings->count > 0) {
        return ERR_OK; /* what is damaged cannot be gone through for more */
    }
    if (code != ERR_OK) {
        return code;
    }
    sql_start(&query, sql, "PRAGMA foreign_key_check");
    while (sql_step(&query)) {
        add_finding(findings, arena_print(findings->arena,
                                          "a row of %s belongs to one of %s that is "
                                          "not there",
                                          sql_text(&query, 0, findings->arena),
                                          sql_text(&query, 2, findings->arena)));
    }
    return sql_end(&query, err);
}

enum err_code store_examine(const char *path, struct arena *arena,
                            struct names *ret_findings, struct err *err)
{
    struct findings findings = {.arena = arena};
    struct sql sql;
    enum err_code code = open_to_read(path, arena, &sql, err);

    if (code != ERR_OK) {
        return code;
    }
    code = examine(&sql, &findings, err);
    sql_close(&sql);
    if (code == ERR_OK) {
        *ret_findings = (struct names){findings.items, findings.count};
    }
    return code;
}

/* A file that was not there, for us alone. */
static enum err_code make_new(const char *path, struct err *err)
{
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (file < 0) {
        return errno == EEXIST ? err_set(err, ERR_CONFLICT,
                                         "%s is there already: give another name", path)
                               : set_errno(path, errno, err);
    }
    (void)close(file);
    return ERR_OK;
}

/* From the file at from to the new file to; both are closed again. */
static enum err_code copy_file(struct sql *from, const char *to, struct arena *arena,
                               struct err *err)
{
    struct sql sql;
    enum err_code code = make_new(to, err);

    if (code != ERR_OK) {
        return code;
    }
    code = sql_open(&sql, to, SQL_WRITE, arena, err);
    if (code == ERR_OK) {
        code = sql_copy(from, &sql, err);
        if (code == ERR_OK) { /* one file, with no log beside it */
            code = sql_run_script(&sql, "PRAGMA journal_mode = DELETE", err);
        }
        if (code == ERR_OK) {
            code = store_schema_quick_check(&sql, err);
        }
        sql_close(&sql);
    }
    if (code != ERR_OK) {
        (void)unlink(to);
    }
    return code;
}

enum err_code store_back_up(const char *path, const char *to, struct err *err)
{
    struct arena arena = {0};
    struct sql from;
    enum err_code code = open_to_read(path, &arena, &from, err);

    if (code == ERR_OK) {
        code = copy_file(&from, to, &arena, err);
        sql_close(&from);
    }
    arena_free(&arena);
    return code;
}

/* Where a store is to be made there must be nothing of another one. */
static enum err_code check_vacant(const char *path, struct arena *arena, struct err *err)
{
    static const char *const suffixes[] = {"", "-wal", "-journal"};

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        const char *file = arena_print(arena, "%s%s", path, suffixes[i]);
        struct stat status;

        if (stat(file, &status) == 0 && status.st_size > 0) {
            return err_set(err, ERR_CONFLICT,
                           "%s is there already: move it away first, or give another "
                           "--store",
                           file);
        }
    }
    return ERR_OK;
}

static enum err_code check_lattice(struct sql *sql, const char *lattice,
                                   struct arena *arena, struct err *err)
{
    const char *owner = "";
    struct sql_query query;
    enum err_code code;

    sql_start(&query, sql, "SELECT lattice FROM meta");
    if (sql_step(&query)) {
        owner = sql_text(&query, 0, arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && strcmp(owner, lattice) != 0) {
        code = err_set(err, ERR_CONFLICT,
                       "%s is a copy of a store of lattice '%s', not '%s'", sql->path,
                       owner, lattice);
    }
    return code;
}

/* The new name is on the disk, too. */
static enum err_code rename_durably(const char *from, const char *to, struct arena *arena,
                                    struct err *err)
{
    char *folder = arena_copy(arena, to);
    char *slash = strrchr(folder, '/');
    enum err_code code = ERR_OK;
    int file;

    if (rename(from, to) != 0) {
        return set_errno(to, errno, err);
    }
    if (slash != NULL) {
        slash[slash == folder ? 1 : 0] = '\0';
    }
    file = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0 || fsync(file) != 0) {
        code = set_errno(to, errno, err);
    }
    if (file >= 0) {
        (void)close(file);
    }
    return code;
}

static enum err_code restore(const char *path, struct sql *from, const char *lattice,
                             struct arena *arena, struct err *err)
{
    const char *beside = arena_print(arena, "%s.restoring", path);
    struct findings findings = {.arena = arena};
    enum err_code code = check_lattice(from, lattice, arena, err);

    if (code == ERR_OK) {
        code = examine(from, &findings, err);
    }
    if (code == ERR_OK && findings.count > 0) {
        code = err_set(err, ERR_IO, "%s is damaged (%.200s): take another copy",
                       from->path, findings.items[0]);
    }
    if (code == ERR_OK) {
        code = check_vacant(path, arena, err);
    }
    if (code == ERR_OK) {
        (void)unlink(beside); /* of a restore that was killed; we have the lock */
        code = copy_file(from, beside, arena, err);
    }
    return code == ERR_OK ? rename_durably(beside, path, arena, err) : code;
}

enum err_code store_restore(const char *path, const char *from, const char *lattice,
                            struct err *err)
{
    struct arena arena = {0};
    struct sql sql;
    int lock = -1;
    enum err_code code = open_to_read(from, &arena, &sql, err);

    if (code == ERR_OK) {
        code = store_make_folders(path, err);
        if (code == ERR_OK) {
            code = store_lock(path, &lock, err);
        }
        if (code == ERR_OK) {
            code = restore(path, &sql, lattice, &arena, err);
            (void)close(lock);
        }
        sql_close(&sql);
    }
    arena_free(&arena);
    return code;
}

enum err_code store_compact(struct store *store, struct err *err)
{
    enum err_code code = sql_run_script(&store->sql, "VACUUM", err);

    return code == ERR_OK
               ? sql_run_script(&store->sql, "PRAGMA wal_checkpoint(TRUNCATE)", err)
               : code;
}
