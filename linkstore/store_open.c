#include "linkstore/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linkstore/store_internal.h"
#include "linkstore/store_lock.h"
#include "linkstore/store_schema.h"

struct setting {
    const char *set;
    const char *ask;
    const char *answer; /* what was set, as SQLite says it when it has taken it */
};

/*
 * Debian's SQLite would overwrite what is deleted with zeros, a write more for each page;
 * and what a SAVEPOINT may have to undo would go to a file, which was five of six writes
 * of a busy daemon.  8 MB of cache hold most rows of 10,000 components.
 * Shared memory lets others read beside us; that they do not write is store_lock's.
 */
static const struct setting settings[] = {
    {"PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", "0"},
    {"PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1"},
    {"PRAGMA secure_delete=OFF", "PRAGMA secure_delete", "0"},
    {"PRAGMA synchronous=FULL", "PRAGMA synchronous", "2"},
    {"PRAGMA temp_store=MEMORY", "PRAGMA temp_store", "2"},
    {"PRAGMA cache_size=-8192", "PRAGMA cache_size", "-8192"},
};

static const struct setting journal = {"PRAGMA journal_mode=WAL", "PRAGMA journal_mode",
                                       "wal"};
static const struct setting journal_in_memory = {"PRAGMA journal_mode=MEMORY",
                                                 "PRAGMA journal_mode", "memory"};

static bool is_in_memory(const char *path)
{
    return strcmp(path, ":memory:") == 0;
}

static enum err_code set_errno(const char *path, int number, struct err *err)
{
    char reason[100] = "";

    (void)strerror_r(number, reason, sizeof reason);
    return err_set(err, ERR_IO, "store %s cannot be opened: %s: give another --store",
                   path, reason);
}

enum err_code store_make_folders(const char *path, struct err *err)
{
    enum err_code code = ERR_OK;
    struct arena arena = {0};
    char *folder = arena_copy(&arena, path);

    for (char *slash = strchr(folder + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
            code = set_errno(folder, errno, err);
            break;
        }
        *slash = '/';
    }
    arena_free(&arena);
    return code;
}

/*
 * Make an empty file that only we may read, whatever the umask; SQLite gives its other
 * files the same mode.  A file that is there is not even opened: closing it again would
 * take away the locks another store of this process has on it.
 */
static enum err_code make_file(const char *path, struct err *err)
{
    enum err_code code = ERR_OK;
    const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (file < 0) {
        return errno == EEXIST ? ERR_OK : set_errno(path, errno, err);
    }
    if (fchmod(file, 0600) != 0) {
        code = set_errno(path, errno, err);
    }
    (void)close(file);
    return code;
}

/* Some PRAGMAs that SQLite does not follow it passes over in silence: read them back. */
static enum err_code apply_setting(struct store *store, const struct setting *setting,
                                   struct err *err)
{
    enum err_code code = sql_run_script(&store->sql, setting->set, err);
    struct arena arena = {0};
    struct sql_query query;
    const char *answer = "";

    if (code != ERR_OK) {
        return code;
    }
    sql_start(&query, &store->sql, setting->ask);
    if (sql_step(&query)) {
        answer = sql_text(&query, 0, &arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && strcmp(answer, setting->answer) != 0) {
        code = err_set(err, ERR_IO,
                       "store %s: SQLite answers '%s' to %s: give a --store on a local "
                       "disk",
                       store->sql.path, answer, setting->set);
    }
    arena_free(&arena);
    return code;
}

/* lattice NULL is any. */
static enum err_code read_meta(struct store *store, const char *lattice, struct err *err)
{
    struct arena arena = {0};
    struct sql_query query;
    const char *identity = "";
    const char *owner = "";
    enum err_code code;

    sql_start(&query, &store->sql, "SELECT identity, lattice FROM meta");
    if (sql_step(&query)) {
        identity = sql_text(&query, 0, &arena);
        owner = sql_text(&query, 1, &arena);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK && strlen(identity) != sizeof store->identity - 1) {
        code = err_set(err, ERR_IO,
                       "store %s is damaged (no identity): put back a copy of it, or "
                       "give another --store",
                       store->sql.path);
    }
    if (code == ERR_OK && lattice != NULL && strcmp(owner, lattice) != 0) {
        code = err_set(err, ERR_CONFLICT,
                       "store %s belongs to lattice '%s', not '%s': give another --store",
                       store->sql.path, owner, lattice);
    }
    if (code == ERR_OK) {
        memcpy(store->identity, identity, sizeof store->identity);
        store->lattice = arena_copy(&store->arena, owner);
    }
    arena_free(&arena);
    return code;
}

/* From a connection to a store. */
static enum err_code set_up(struct store *store, const struct setting *mode,
                            const char *lattice, struct err *err)
{
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < sizeof settings / sizeof *settings && code == ERR_OK; i++) {
        code = apply_setting(store, &settings[i], err);
    }
    if (code == ERR_OK) {
        code = apply_setting(store, mode, err);
    }
    if (code == ERR_OK) {
        code = store_enter(store, err);
    }
    if (code == ERR_OK) {
        code = store_leave(store, store_schema_migrate(&store->sql, lattice, err), err);
    }
    return code == ERR_OK ? read_meta(store, lattice, err) : code;
}

static struct store *make_store(void)
{
    struct arena arena = {0};
    struct store *store = arena_alloc(&arena, sizeof *store);

    *store = (struct store){.arena = arena, .lock = -1, .lattice = ""};
    return store;
}

/* Of what is no file nothing is opened, and no lock is left beside it. */
static enum err_code check_kind(const char *path, struct err *err)
{
    struct stat status;

    if (stat(path, &status) != 0 || S_ISREG(status.st_mode)) {
        return ERR_OK;
    }
    return err_set(err, ERR_IO, "store %s is no file: give another --store", path);
}

static enum err_code open_file(struct store *store, const char *path, const char *lattice,
                               struct err *err)
{
    enum err_code code = store_make_folders(path, err);

    if (code == ERR_OK) {
        code = check_kind(path, err);
    }
    if (code == ERR_OK) {
        code = store_lock(path, &store->lock, err);
    }
    if (code == ERR_OK) {
        code = make_file(path, err);
    }
    if (code == ERR_OK) {
        code = sql_open(&store->sql, path, SQL_WRITE, &store->arena, err);
    }
    if (code == ERR_OK) { /* what is refused is left as it is */
        code = store_schema_check(&store->sql, err);
    }
    if (code == ERR_OK) {
        code = store_schema_quick_check(&store->sql, err);
    }
    if (code == ERR_OK) {
        sql_own(&store->sql);
        code = set_up(store, &journal, lattice, err);
    }
    return code;
}

static enum err_code open_memory(struct store *store, const char *lattice,
                                 struct err *err)
{
    enum err_code code = sql_open(&store->sql, ":memory:", SQL_WRITE, &store->arena, err);

    return code == ERR_OK ? set_up(store, &journal_in_memory, lattice, err) : code;
}

/* The store, or nothing and the error. */
static enum err_code finish(struct store *store, enum err_code code,
                            struct store **ret_store)
{
    if (code == ERR_OK) {
        *ret_store = store;
    } else {
        store_close(store);
    }
    return code;
}

enum err_code store_open(const char *path, const char *lattice, struct store **ret_store,
                         struct err *err)
{
    struct store *store = make_store();

    assert(path[0] != '\0');
    assert(lattice[0] != '\0');

    return finish(store,
                  is_in_memory(path) ? open_memory(store, lattice, err)
                                     : open_file(store, path, lattice, err),
                  ret_store);
}

static enum err_code copy(struct store *store, const char *path, struct err *err)
{
    struct sql from;
    enum err_code code = sql_open(&from, path, SQL_READ, &store->arena, err);

    if (code != ERR_OK) {
        return code;
    }
    code = store_schema_check(&from, err);
    if (code == ERR_OK) {
        code = sql_copy(&from, &store->sql, err);
    }
    store->sql.path = from.path;
    sql_close(&from);
    return code;
}

enum err_code store_open_copy(const char *path, const char *lattice,
                              struct store **ret_store, struct err *err)
{
    struct store *store = make_store();
    struct stat status;
    enum err_code code;

    if (stat(path, &status) != 0) {
        code = errno == ENOENT
                   ? err_set(err, ERR_NOTFOUND,
                             "there is no store %s: give another --store", path)
                   : set_errno(path, errno, err);
        return finish(store, code, ret_store);
    }
    code = sql_open(&store->sql, ":memory:", SQL_WRITE, &store->arena, err);
    if (code == ERR_OK) {
        code = copy(store, path, err);
    }
    if (code == ERR_OK) {
        code = set_up(store, &journal_in_memory, lattice, err);
    }
    return finish(store, code, ret_store);
}

void store_close(struct store *store)
{
    if (store != NULL) {
        struct arena arena = store->arena;

        sql_close(&store->sql);
        if (store->lock >= 0) {
            (void)close(store->lock);
        }
        arena_free(&arena);
    }
}
