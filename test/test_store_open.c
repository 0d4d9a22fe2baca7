#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "linkstore/store.h"
#include "linkstore/store_schema.h"
#include "schemas/linkstore-1.sql.h"
#include "test/support_linkstore.h"

static enum err_code try_open(struct linkstore_state *s, const char *lattice)
{
    return store_open(s->path, lattice, &s->store, &s->err);
}

/* Run sql on the file as a person with the sqlite3 shell would. */
static void run_sql(const char *path, const char *sql)
{
    sqlite3 *database = NULL;

    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s", sqlite3_errmsg(database));
    }
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

/* The rows of sql, columns with blanks between them. */
static const char *ask_sql(struct linkstore_state *s, const char *sql)
{
    sqlite3 *database = NULL;
    sqlite3_stmt *statement = NULL;
    struct text text;

    text_init(&text, &s->arena, 4096);
    assert_int_equal(sqlite3_open(s->path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *column = sqlite3_column_text(statement, i);

            text_append(&text, i > 0 ? " %s" : "%s",
                        column != NULL ? (const char *)column : "-");
        }
        text_append(&text, "\n");
    }
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
    return text.bytes;
}

static void assert_message(struct linkstore_state *s, const char *before,
                           const char *after)
{
    const char *expected = arena_print(&s->arena, "%s%s%s", before, s->path, after);

    assert_string_equal(s->err.message, expected);
    assert_null(s->store);
}

static void test_identity(void **state)
{
    struct linkstore_state *s = *state;
    const char *identity;

    linkstore_open_file(s);
    identity = arena_copy(&s->arena, store_identity(s->store));
    assert_int_equal(strlen(identity), 32);
    assert_int_equal(strspn(identity, "0123456789abcdef"), 32);
    store_close(s->store);
    linkstore_open_file(s);
    assert_string_equal(store_identity(s->store), identity);
    store_close(s->store);
    linkstore_open_memory(s);
    assert_string_not_equal(store_identity(s->store), identity);
}

static void test_mode(void **state)
{
    struct linkstore_state *s = *state;
    const char *inner = arena_print(&s->arena, "%s/x/y/store.db", s->folder);
    const char *const folders[] = {arena_print(&s->arena, "%s/x/y", s->folder),
                                   arena_print(&s->arena, "%s/x", s->folder)};
    const char *const files[] = {inner, arena_print(&s->arena, "%s-wal", inner)};
    const mode_t before = umask(0277);
    struct stat status;

    assert_int_equal(store_open(s->path, "default", &s->store, &s->err), ERR_OK);
    assert_int_equal(stat(s->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    store_close(s->store);
    s->store = NULL;
    (void)umask(0);
    assert_int_equal(store_open(inner, "default", &s->store, &s->err), ERR_OK);
    (void)umask(before);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        assert_int_equal(stat(files[i], &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    store_close(s->store);
    s->store = NULL;
    linkstore_remove_store(inner);
    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        assert_int_equal(stat(folders[i], &status), 0);
        assert_int_equal(status.st_mode & 0777, 0700);
        assert_int_equal(rmdir(folders[i]), 0);
    }
}

static void test_relative_path(void **state)
{
    struct linkstore_state *s = *state;
    char before[4096];
    struct stat status;

    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(s->folder), 0);
    assert_int_equal(store_open("file:a?mode=memory", "default", &s->store, &s->err),
                     ERR_OK);
    assert_int_equal(stat("file:a?mode=memory", &status), 0);
    assert_true(status.st_size > 0);
    store_close(s->store);
    s->store = NULL;
    linkstore_remove_store("file:a?mode=memory");
    assert_int_equal(chdir(before), 0);
}

/* Does this process hold a lock on the file?  Only another one can tell. */
static bool is_locked(const char *path)
{
    const pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        const int file = open(path, O_RDWR | O_CLOEXEC);

        _exit(file >= 0 && fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status) != 0;
}

static void test_second_opener(void **state)
{
    struct linkstore_state *s = *state;
    struct store *second = NULL;

    linkstore_open_file(s);
    assert_true(is_locked(s->path));
    assert_int_equal(store_open(s->path, "default", &second, &s->err), ERR_CONFLICT);
    assert_null(second);
    assert_true(is_locked(s->path)); /* closing a file again gives its locks up */
    (void)linkstore_put(s, "shop", "v1", "config a {}");
    store_close(s->store);
    s->store = NULL;
    assert_string_equal(s->err.message,
                        arena_print(&s->arena,
                                    "store %s is in use by another trellis, process %ld: "
                                    "stop it, or give another --store",
                                    s->path, (long)getpid()));
    linkstore_open_file(s);
}

static void test_other_lattice(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_file(s);
    store_close(s->store);
    s->store = NULL;
    assert_int_equal(try_open(s, "prod"), ERR_CONFLICT);
    assert_message(s, "store ",
                   " belongs to lattice 'default', not 'prod': give another --store");
}

static void test_newer_schema(void **state)
{
    struct linkstore_state *s = *state;

    linkstore_open_file(s);
    store_close(s->store);
    s->store = NULL;
    run_sql(s->path, "PRAGMA user_version = 1000");
    assert_int_equal(try_open(s, "default"), ERR_CONFLICT);
    assert_message(s, "store ",
                   arena_print(&s->arena,
                               " was written by a newer trellis (schema 1000, known are "
                               "%lld): use that one, or give another --store",
                               (long long)store_schema_newest()));
}

/* What version 1 kept of a spread was its name, and nothing of what was delivered;
 * whether others may use an application is in its text. */
static void test_older_schema(void **state)
{
    struct linkstore_state *s = *state;
    struct desired desired;
    struct text text;

    run_sql(s->path, linkstore_1_sql);
    run_sql(s->path,
            "INSERT INTO meta VALUES (1, '0123456789abcdef0123456789abcdef', 'default');"
            "INSERT INTO application VALUES ('a', 1, NULL, 0);"
            "INSERT INTO version VALUES (1, 'a', 'v1', 1, '', 'a.yaml', NULL, 0,"
            " 'experimental.wasmcloud.dev/shared: true');"
            "UPDATE application SET deployed = 1;"
            "INSERT INTO workload VALUES (1, 'a-x', 'component', 'x', 'i', 2, 0, '[]',"
            " 's', 'default', 1, 1), (1, 'a-y', 'component', 'y', 'i', 3, 0, '[]', 's',"
            " 'east', 2, 1);"
            "INSERT INTO ledger_link VALUES"
            " ('s', 'w', 'p', 'n', 't', '[]', '[\"c\"]', '[]', 'a', 'sent', 0, 0);"
            "INSERT INTO ledger_workload VALUES"
            " ('provider', 's', 'h', 'i', '[\"c\"]', 'a', 'confirmed', 0, 0);");
    linkstore_open_file(s);
    assert_int_equal(store_desired(s->store, "a", &s->arena, &desired, &s->err), ERR_OK);
    text_init(&text, &s->arena, 4096);
    desired_print(&desired, &text);
    assert_string_equal(text.bytes,
                        "application a v1 shared\n"
                        "component a-x i, 2 in default scaler s  # a.yaml:1:1\n"
                        "component a-y i, 3 in east scaler s  # a.yaml:2:1\n");
    linkstore_assert_text(linkstore_dump_ledger(s, 0),
                          "sent a link s t n w:p [][\"c\"][], 0 ms\n"
                          "confirmed a provider s on h i [\"c\"] good i [\"c\"], 0 ms\n");
}

static void test_foreign_database(void **state)
{
    struct linkstore_state *s = *state;

    run_sql(s->path, "CREATE TABLE precious (x); INSERT INTO precious VALUES (7)");
    assert_int_equal(try_open(s, "default"), ERR_CONFLICT);
    assert_message(s, "", " is no trellis store: give another --store");
    assert_string_equal(ask_sql(s, "SELECT * FROM precious"), "7\n");
    assert_string_equal(ask_sql(s, "PRAGMA journal_mode"), "delete\n");
    run_sql(s->path, "DROP TABLE precious; PRAGMA application_id = 5");
    assert_int_equal(try_open(s, "default"), ERR_CONFLICT);
}

static void write_file(const char *path, const char *bytes)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, strlen(bytes), file), strlen(bytes));
    assert_int_equal(fclose(file), 0);
}

static void test_other_file(void **state)
{
    static const char *const contents[] = {
        "xy", /* one byte alone counts as empty with SQLite */
        "a text that somebody wrote and wants to keep, and that is longer than the "
        "header of a database, so that it is looked at as one: a hundred bytes and more",
    };
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        char kept[256] = "";
        FILE *file;

        write_file(s->path, contents[i]);
        assert_int_equal(try_open(s, "default"), ERR_CONFLICT);
        assert_message(s, "", " is no trellis store: give another --store");
        file = fopen(s->path, "r");
        assert_non_null(file);
        assert_int_equal(fread(kept, 1, sizeof kept - 1, file), strlen(contents[i]));
        assert_int_equal(fclose(file), 0);
        assert_string_equal(kept, contents[i]);
    }
}

static void test_empty_file(void **state)
{
    struct linkstore_state *s = *state;

    write_file(s->path, "");
    linkstore_open_file(s);
    (void)linkstore_put(s, "shop", "v1", "config a {}");
}

static void test_bad_paths(void **state)
{
    static const char *const names[] = {"store.db", "folder/store.db"};
    struct linkstore_state *s = *state;
    struct store *store = NULL;

    assert_int_equal(store_open(s->folder, "default", &store, &s->err), ERR_IO);
    assert_non_null(strstr(s->err.message, s->folder));
    write_file(s->path, "");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *below = arena_print(&s->arena, "%s/%s", s->path, names[i]);

        assert_int_equal(store_open(below, "default", &store, &s->err), ERR_IO);
        assert_non_null(strstr(s->err.message, "Not a directory: give another --store"));
        assert_null(store);
    }
}

static void test_damaged_rows(void **state)
{
    static const char *const damages[] = {
        "DELETE FROM meta",
        "UPDATE meta SET identity = 'short'",
    };
    struct linkstore_state *s = *state;

    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        linkstore_open_file(s);
        store_close(s->store);
        s->store = NULL;
        run_sql(s->path, damages[i]);
        assert_int_equal(try_open(s, "default"), ERR_IO);
        assert_message(s, "store ",
                       " is damaged (no identity): put back a copy of it, or give "
                       "another --store");
        linkstore_remove_store(s->path);
    }
}

static void test_damaged_lists(void **state)
{
    struct linkstore_state *s = *state;
    struct ledger_rows rows = {0};
    size_t count = 0;
    const struct ledger_change *changes =
        linkstore_changes("put sent a link s t n w p i,k x y", &s->arena, &count);

    linkstore_open_file(s);
    assert_int_equal(store_write_ledger(s->store, changes, count, 0, &s->err), ERR_OK);
    store_close(s->store);
    run_sql(s->path, "UPDATE ledger_link SET interfaces = '[\"k\",\"i\",\"k\"]'");
    linkstore_open_file(s);
    linkstore_assert_text(linkstore_dump_ledger(s, 0),
                          "sent a link s t n w:p [\"i\",\"k\"][\"x\"][\"y\"], 0 ms\n");
    store_close(s->store);
    run_sql(s->path, "UPDATE ledger_link SET source_config = '[null]'");
    linkstore_open_file(s);
    assert_int_equal(store_read_ledger(s->store, 0, &s->arena, &rows, &s->err), ERR_IO);
    store_close(s->store);
    run_sql(s->path, "UPDATE ledger_link SET source_config = 'x'");
    linkstore_open_file(s);
    assert_int_equal(store_read_ledger(s->store, 0, &s->arena, &rows, &s->err), ERR_IO);
    assert_int_equal(rows.count, 0);
}

static void test_views(void **state)
{
    struct linkstore_state *s = *state;
    size_t count = 0;
    const struct ledger_change *changes =
        linkstore_changes("put sent a config c {}\n"
                          "put sent b config old {}\n"
                          "put sent a link s t n w p i - -\n"
                          "put sent b link s u n w p k - -\n"
                          "put sent a component web h1 reg/web:1\n"
                          "put confirmed b provider web h1 reg/web:1",
                          &s->arena, &count);

    linkstore_open_file(s);
    linkstore_put_and_deploy(s, "a", "v1",
                             "config c {}\nlink s t n w p i - -\n"
                             "component web reg/web:1 3 -");
    (void)linkstore_put(s, "b", "v1", "config old {}");
    assert_int_equal(store_write_ledger(s->store, changes, count, 0, &s->err), ERR_OK);
    store_close(s->store);
    s->store = NULL;
    assert_string_equal(ask_sql(s, "SELECT * FROM desired_config"),
                        "a v1 c {} a.yaml 1\n");
    assert_string_equal(ask_sql(s, "SELECT * FROM desired_link"),
                        "a v1 s t n w p [\"i\"] [] [] a.yaml 2\n");
    assert_string_equal(ask_sql(s, "SELECT * FROM desired_workload"),
                        "a v1 component web reg/web:1 3 0 [] a.yaml 3\n");
    assert_string_equal(ask_sql(s, "SELECT * FROM doomed"),
                        "config old - b sent\n"
                        "link s -[n w:p]-> u - b sent\n"
                        "provider web h1 b confirmed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LINKSTORE_TEST("a store has an identity for life", test_identity),
        LINKSTORE_TEST("only its owner may read a store, whatever the umask", test_mode),
        LINKSTORE_TEST("a path is a path, even one that looks like a URI",
                       test_relative_path),
        LINKSTORE_TEST("a store is open once", test_second_opener),
        LINKSTORE_TEST("a store belongs to one lattice", test_other_lattice),
        LINKSTORE_TEST("a newer store is left alone", test_newer_schema),
        LINKSTORE_TEST("an older store is brought up to date", test_older_schema),
        LINKSTORE_TEST("somebody else's database is left alone", test_foreign_database),
        LINKSTORE_TEST("a file that is no database is left alone", test_other_file),
        LINKSTORE_TEST("an empty file becomes a store", test_empty_file),
        LINKSTORE_TEST("a path that cannot be is said", test_bad_paths),
        LINKSTORE_TEST("a store without its identity is damaged", test_damaged_rows),
        LINKSTORE_TEST("a list that was edited is a set, or damaged", test_damaged_lists),
        LINKSTORE_TEST("the views show what is wanted and what is doomed", test_views),
    };

    return cmocka_run_group_tests_name("store_open", tests, NULL, NULL);
}
