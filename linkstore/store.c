#include "linkstore/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linkstore/store_internal.h"
#include "schemas/linkstore-1.sql.h"
#include "schemas/linkstore-2.sql.h"
#include "schemas/linkstore-3.sql.h"

/* The application_id of linkstore-1.sql: a SQLite file with it is ours. */
#define APPLICATION_ID 0x74726c73

/* The schemas, in the order in which they are applied; user_version counts them. */
static const char *const migrations[] = {linkstore_1_sql, linkstore_2_sql,
                                         linkstore_3_sql};

#define SCHEMA_VERSION ((int64_t)(sizeof migrations / sizeof *migrations))

struct setting {
    const char *set;
    const char *ask;
    const char *answer; /* what was set, as SQLite says it when it has taken it */
};

/*
 * EXCLUSIVE stands before WAL: WAL needs no shared memory then.  Debian's SQLite would
 * overwrite what is deleted with zeros, a write more for each page.
 */
static const struct setting settings[] = {
    {"PRAGMA busy_timeout=200", "PRAGMA busy_timeout", "200"},
    {"PRAGMA trusted_schema=OFF", "PRAGMA trusted_schema", "0"},
    {"PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", "1"},
    {"PRAGMA locking_mode=EXCLUSIVE", "PRAGMA locking_mode", "exclusive"},
    {"PRAGMA secure_delete=OFF", "PRAGMA secure_delete", "0"},
    {"PRAGMA synchronous=FULL", "PRAGMA synchronous", "2"},
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
    return err_set(err, ERR_IO, "store %s cannot be made: %s: give another --store", path,
                   reason);
}

/* Make the folders on the way to path that are not there. */
static enum err_code make_folders(const char *path, struct err *err)
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
    enum err_code code = make_folders(path, err);
    int file;

    if (code != ERR_OK) {
        return code;
    }
    file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return errno == EEXIST ? ERR_OK : set_errno(path, errno, err);
    }
    if (fchmod(file, 0600) != 0) {
        code = set_errno(path, errno, err);
    }
    (void)close(file);
    return code;
}

/* The first column of the first row of text. */
static enum err_code ask_integer(struct store *store, const char *text,
                                 int64_t *ret_answer, struct err *err)
{
    struct sql_query query;
    int64_t answer = 0;
    enum err_code code;

    sql_start(&query, &store->sql, text);
    if (sql_step(&query)) {
        answer = sql_integer(&query, 0);
    }
    code = sql_end(&query, err);
    if (code == ERR_OK) {
        *ret_answer = answer;
    }
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

/* ERR_CONFLICT for a database of somebody else's; an empty one may become ours. */
static enum err_code check_owner(struct store *store, struct err *err)
{
    int64_t application_id = 0;
    int64_t tables = 0;
    enum err_code code =
        ask_integer(store, "PRAGMA application_id", &application_id, err);

    if (code != ERR_OK || application_id == APPLICATION_ID) {
        return code;
    }
    code = ask_integer(store, "SELECT count(*) FROM sqlite_schema", &tables, err);
    if (code == ERR_OK && (application_id != 0 || tables > 0)) {
        code = err_set(err, ERR_CONFLICT, "%s is no trellis store: give another --store",
                       store->sql.path);
    }
    return code;
}

/* Write who this store is, in one that was just made. */
static enum err_code write_meta(struct store *store, const char *lattice, struct err *err)
{
    struct sql_query query;

    sql_start(&query, &store->sql,
              "INSERT INTO meta (one, identity, lattice)"
              " VALUES (1, lower(hex(randomblob(16))), ?) ON CONFLICT DO NOTHING");
    sql_bind_text(&query, lattice);
    (void)sql_step(&query);
    return sql_end(&query, err);
}

static enum err_code migrate(struct store *store, const char *lattice, struct err *err)
{
    int64_t version = 0;
    enum err_code code = ask_integer(store, "PRAGMA user_version", &version, err);

    if (code == ERR_OK && version > SCHEMA_VERSION) {
        code = err_set(err, ERR_CONFLICT,
                       "store %s was written by a newer trellis (schema %lld, known are "
                       "%lld): use that one, or give another --store",
                       store->sql.path, (long long)version, (long long)SCHEMA_VERSION);
    }
    if (code != ERR_OK || version == SCHEMA_VERSION) {
        return code;
    }
    for (int64_t i = version; i < SCHEMA_VERSION && code == ERR_OK; i++) {
        code = sql_run_script(&store->sql, migrations[i], err);
    }
    return code == ERR_OK ? write_meta(store, lattice, err) : code;
}

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
    if (code == ERR_OK && strcmp(owner, lattice) != 0) {
        code = err_set(err, ERR_CONFLICT,
                       "store %s belongs to lattice '%s', not '%s': give another --store",
                       store->sql.path, owner, lattice);
    }
    if (code == ERR_OK) {
        memcpy(store->identity, identity, sizeof store->identity);
    }
    arena_free(&arena);
    return code;
}

/* From a connection to a store: whose it is is asked before anything is written. */
static enum err_code set_up(struct store *store, const char *path, const char *lattice,
                            struct err *err)
{
    enum err_code code = ERR_OK;

    for (size_t i = 0; i < sizeof settings / sizeof *settings && code == ERR_OK; i++) {
        code = apply_setting(store, &settings[i], err);
    }
    if (code == ERR_OK) {
        code = check_owner(store, err);
    }
    if (code == ERR_OK) {
        code =
            apply_setting(store, is_in_memory(path) ? &journal_in_memory : &journal, err);
    }
    if (code == ERR_OK) {
        code = store_enter(store, err);
    }
    if (code == ERR_OK) {
        code = store_leave(store, migrate(store, lattice, err), err);
    }
    return code == ERR_OK ? read_meta(store, lattice, err) : code;
}

enum err_code store_open(const char *path, const char *lattice, struct store **ret_store,
                         struct err *err)
{
    struct arena arena = {0};
    struct store *store = arena_alloc(&arena, sizeof *store);
    enum err_code code = ERR_OK;

    assert(path[0] != '\0');
    assert(lattice[0] != '\0');

    if (!is_in_memory(path)) {
        code = make_file(path, err);
    }
    if (code == ERR_OK) {
        code = sql_open(&store->sql, path, &arena, err);
    }
    store->arena = arena;
    if (code == ERR_OK) {
        code = set_up(store, path, lattice, err);
    }
    if (code == ERR_OK) {
        *ret_store = store;
    } else {
        store_close(store);
    }
    return code;
}

void store_close(struct store *store)
{
    if (store != NULL) {
        struct arena arena = store->arena;

        sql_close(&store->sql);
        arena_free(&arena);
    }
}

const char *store_identity(const struct store *store)
{
    return store->identity;
}

/* An error of the disk may have ended the transaction that the caller believes in. */
static enum err_code check_transaction(const struct store *store, struct err *err)
{
    if (store->depth == 0 || sql_is_in_transaction(&store->sql)) {
        return ERR_OK;
    }
    return err_set(err, ERR_IO,
                   "store %s: an error before this ended the transaction: try again",
                   store->sql.path);
}

enum err_code store_enter(struct store *store, struct err *err)
{
    enum err_code code = check_transaction(store, err);

    assert(store->depth < 2);

    if (code == ERR_OK) {
        code = sql_run(&store->sql,
                       store->depth == 0 ? "BEGIN IMMEDIATE" : "SAVEPOINT part", err);
    }
    if (code == ERR_OK) {
        store->depth++;
    }
    return code;
}

/* Back to store_enter; where even that is refused, to the beginning of it all. */
static void undo(struct store *store)
{
    if (store->depth == 0 || sql_run(&store->sql, "ROLLBACK TO part", NULL) != ERR_OK ||
        sql_run(&store->sql, "RELEASE part", NULL) != ERR_OK) {
        sql_roll_back(&store->sql);
    }
}

enum err_code store_leave(struct store *store, enum err_code code, struct err *err)
{
    assert(store->depth > 0);

    store->depth--;
    if (code == ERR_OK) {
        code = sql_run(&store->sql, store->depth == 0 ? "COMMIT" : "RELEASE part", err);
    }
    if (code != ERR_OK) {
        undo(store);
    }
    return code;
}

enum err_code store_begin(struct store *store, struct err *err)
{
    assert(store->depth == 0);

    return store_enter(store, err);
}

enum err_code store_commit(struct store *store, struct err *err)
{
    assert(store->depth == 1);

    return store_leave(store, check_transaction(store, err), err);
}

void store_rollback(struct store *store)
{
    store->depth = 0;
    sql_roll_back(&store->sql);
}
